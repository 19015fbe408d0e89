//! Words that are changed or taken back after they were said.

use super::{Planned, Refusal};
use crate::domain::{AgentId, Conversation, Event, Phase, Speaker, Timestamp, Turn, TurnKind};
use jiff::SignedDuration;

/// An agent's own turns; later, too much may rest on what was read.
pub const EDIT_WITHIN_SECS: i64 = 15 * 60;

/// `text`: the new words; `None` takes the turn back. Nothing when nothing changes.
pub fn by_agent(
    conversation: &Conversation,
    turn: &Turn,
    agent: &AgentId,
    text: Option<&str>,
    now: Timestamp,
) -> Planned {
    if turn.by != Speaker::Agent(agent.clone()) {
        return Err(Refusal::NotYourTurn);
    }
    if now.duration_since(turn.at) > SignedDuration::from_secs(EDIT_WITHIN_SECS) {
        return Err(Refusal::TooLate);
    }
    if turn.kind == TurnKind::Text && matches!(conversation.phase, Phase::Resolved { .. }) {
        return Err(Refusal::Ended);
    }
    rewritten(turn, text)
}

/// A customer edits in a channel of their own, whenever that channel lets them.
pub fn by_customer(turn: &Turn, text: &str) -> Planned {
    if turn.by != Speaker::Customer || turn.kind != TurnKind::Text {
        return Err(Refusal::NotYourTurn);
    }
    rewritten(turn, Some(text))
}

fn rewritten(turn: &Turn, text: Option<&str>) -> Planned {
    let Some((_, first)) = turn.id.parts() else { return Err(Refusal::NotYourTurn) };
    if turn.is_withdrawn || text == Some(turn.text.as_str()) {
        return Ok(vec![]);
    }
    Ok(vec![Event::Rewritten {
        turn: first,
        before: turn.seq,
        by: turn.by.clone(),
        kind: turn.kind,
        is_withdrawn: text.is_none(),
        text: text.unwrap_or_default().to_owned(),
    }])
}
