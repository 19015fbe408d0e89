//! What an agent sees first about a handoff.

use super::evidence::TracedCandidate;
use super::{Conversation, Language, QueueName, Reason, Speaker, Timestamp, Trace, Turn, TurnKind};
use serde::{Deserialize, Serialize};

/// Where the customer was when they wrote. All fields are the customer's own claim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub referrer: Option<String>,
}

/// Composed once, at the handoff; the transcript is read beside it and keeps growing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Brief {
    pub reason: Reason,
    /// The customer's last real question in their own words, at most `NEED_CHARS`.
    pub need: String,
    pub queue: QueueName,
    pub language: Option<Language>,
    pub at: Timestamp,
    /// What the bot would have chosen from, best first.
    pub candidates: Vec<TracedCandidate>,
    /// The case plan of the likeliest article.
    pub plan: Option<String>,
    pub page: Option<Page>,
    /// How the last question was decided.
    pub trace: Option<Trace>,
}

const NEED_CHARS: usize = 200;

/// What the brief is made of, beside the conversation itself.
pub struct BriefParts<'a> {
    pub reason: Reason,
    pub queue: QueueName,
    pub turns: &'a [Turn],
    pub trace: Option<Trace>,
    pub plan: Option<String>,
    pub page: Option<Page>,
    pub now: Timestamp,
}

pub fn compose(conversation: &Conversation, parts: BriefParts<'_>) -> Brief {
    Brief {
        reason: parts.reason,
        need: need(parts.turns),
        queue: parts.queue,
        language: conversation.language,
        at: parts.now,
        candidates: parts.trace.as_ref().map(|t| t.candidates.clone()).unwrap_or_default(),
        plan: parts.plan,
        page: parts.page,
        trace: parts.trace,
    }
}

/// The last question; "get me a person" only when nothing else was ever said.
fn need(turns: &[Turn]) -> String {
    let said = |turn: &&Turn| turn.by == Speaker::Customer && !turn.text.trim().is_empty();
    let question = |turn: &&Turn| said(turn) && turn.text.chars().count() > 12 || turn.kind == TurnKind::Option;
    let chosen = turns.iter().rev().filter(said).find(question).or_else(|| turns.iter().rev().find(said));
    let text = chosen.map_or("", |turn| turn.text.trim());
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= NEED_CHARS {
        return line;
    }
    let cut: String = line.chars().take(NEED_CHARS - 1).collect();
    cut + "…"
}
