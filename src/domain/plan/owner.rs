//! What agents do. Only the owner speaks; a lead may also move what others have.

use super::bot::decided_without_evidence;
use super::{Ending, Planned, Refusal, Target, Who, language_of, note, notice, waiting_notice};
use crate::domain::event::{ClaimCause, Event, NewTurn, ReleaseCause, WakeCause};
use crate::domain::outlook::{Outlook, moment_for};
use crate::domain::rules::Rules;
use crate::domain::{
    AgentId, AttachmentId, Conversation, ConversationId, DecisionKind, Outcome, Phase, Reason, Speaker, Tag, Timestamp,
    TurnKind, texts,
};

pub fn claim(conversation: &Conversation, agent: &Who, cause: ClaimCause) -> Planned {
    match &conversation.phase {
        Phase::Waiting { for_lead: true, .. } if !agent.is_lead => Err(Refusal::ForLeads),
        Phase::Waiting { .. } => Ok(vec![
            Event::Claimed { agent: agent.id.clone(), cause },
            Event::Said(notice(texts::agent_joined(language_of(conversation), &agent.name))),
        ]),
        Phase::WithAgent { agent: owner, .. } if owner == &agent.id => Ok(vec![]),
        // Two agents press "claim" together every day, so losing is a refusal.
        Phase::WithAgent { agent: owner, .. } => Err(Refusal::AlreadyClaimed { by: owner.clone() }),
        Phase::WithBot { .. } | Phase::Resolved { .. } => Err(Refusal::NotWaiting),
    }
}

/// A handoff and a claim at once: the conversation never waits.
pub fn take_over(conversation: &Conversation, agent: &Who) -> Planned {
    let language = language_of(conversation);
    match &conversation.phase {
        Phase::WithBot { .. } => {
            let reason = Reason::AgentRequested;
            let decided = decided_without_evidence(conversation, DecisionKind::HandOff, Some(reason));
            let queue = conversation.line(conversation.topic_queue());
            let taken = [
                Event::HandedOff { reason, queue },
                Event::Claimed { agent: agent.id.clone(), cause: ClaimCause::TookOver },
                Event::Said(notice(texts::person_looking(language, &agent.name))),
            ];
            Ok(decided.into_iter().chain(taken).collect())
        }
        Phase::WithAgent { agent: owner, .. } if owner == &agent.id => Ok(vec![]),
        Phase::WithAgent { agent: owner, .. } => Err(Refusal::AlreadyClaimed { by: owner.clone() }),
        Phase::Waiting { .. } | Phase::Resolved { .. } => Err(Refusal::NotWithBot),
    }
}

fn owned_by(conversation: &Conversation, agent: &AgentId) -> Result<(), Refusal> {
    if conversation.phase.agent() == Some(agent) { Ok(()) } else { Err(Refusal::NotYours) }
}

/// The owner, or a lead for whatever is with people.
fn moved_by(conversation: &Conversation, agent: &Who) -> Result<(), Refusal> {
    match &conversation.phase {
        Phase::WithAgent { .. } if agent.is_lead => Ok(()),
        Phase::WithAgent { .. } => owned_by(conversation, &agent.id),
        Phase::Waiting { for_lead: false, .. } => Ok(()),
        Phase::Waiting { for_lead: true, .. } if agent.is_lead => Ok(()),
        Phase::Waiting { for_lead: true, .. } => Err(Refusal::ForLeads),
        Phase::WithBot { .. } | Phase::Resolved { .. } => Err(Refusal::NotYours),
    }
}

pub fn reply(
    conversation: &Conversation,
    agent: &AgentId,
    client_id: &str,
    text: &str,
    attachments: &[AttachmentId],
) -> Planned {
    owned_by(conversation, agent)?;
    let mut turn = NewTurn::new(Speaker::Agent(agent.clone()), TurnKind::Text, text);
    turn.client_id = Some(client_id.to_owned());
    turn.attachments = attachments.to_vec();
    // Whoever writes is back at it.
    let woken = conversation.phase.snoozed().map(|_| Event::Woken { cause: WakeCause::Agent });
    Ok(woken.into_iter().chain([Event::Said(turn)]).collect())
}

pub fn release(conversation: &Conversation, agent: &Who, cause: ReleaseCause, outlook: &Outlook) -> Planned {
    let Some(owner) = conversation.phase.agent() else { return Err(Refusal::NotYours) };
    if owner != &agent.id && !agent.is_lead {
        return Err(Refusal::NotYours);
    }
    let language = language_of(conversation);
    let text = match cause {
        ReleaseCause::Released => outlook.still_waiting(conversation, language),
        ReleaseCause::Silence | ReleaseCause::Breach => texts::no_reply_yet(language),
        ReleaseCause::Vanished => texts::agent_left(language, &agent.name),
    };
    Ok(vec![Event::Released { agent: owner.clone(), cause }, Event::Said(waiting_notice(text, language))])
}

pub fn transfer(
    conversation: &Conversation,
    agent: &Who,
    to: &Target,
    words: Option<&str>,
    outlook: &Outlook,
) -> Planned {
    moved_by(conversation, agent)?;
    let language = language_of(conversation);
    let noted = words.map(|words| note(&agent.id, None, words, vec![]));
    let moved = match to {
        Target::Queue { name, .. }
            if conversation.phase.queue() == Some(name) && conversation.phase.agent().is_none() =>
        {
            return Ok(vec![]);
        }
        Target::Queue { name, title } => {
            let text = texts::transferred(language, Some(title));
            let text = texts::join(language, &text, &outlook.what_next(conversation, language));
            let notice = waiting_notice(text, language);
            [Event::Transferred { agent: agent.id.clone(), queue: name.clone() }, Event::Said(notice)]
        }
        Target::Agent(next) if conversation.phase.agent() == Some(&next.id) => return Ok(vec![]),
        Target::Agent(next) => [
            Event::Claimed { agent: next.id.clone(), cause: ClaimCause::Transferred },
            Event::Said(notice(texts::agent_joined(language, &next.name))),
        ],
    };
    Ok(noted.into_iter().chain(moved).collect())
}

pub fn escalate(conversation: &Conversation, agent: &Who, words: Option<&str>, outlook: &Outlook) -> Planned {
    owned_by(conversation, &agent.id)?;
    let language = language_of(conversation);
    let noted = words.map(|words| note(&agent.id, None, words, vec![]));
    let text = texts::join(language, &texts::transferred(language, None), &outlook.what_next(conversation, language));
    let moved = [Event::Escalated { agent: agent.id.clone() }, Event::Said(waiting_notice(text, language))];
    Ok(noted.into_iter().chain(moved).collect())
}

pub fn snooze(conversation: &Conversation, agent: &AgentId, until: Option<Timestamp>, now: Timestamp) -> Planned {
    owned_by(conversation, agent)?;
    if until.is_some_and(|until| until <= now) {
        return Err(Refusal::MomentPassed);
    }
    Ok(vec![Event::Snoozed { agent: agent.clone(), until }])
}

pub fn wake(conversation: &Conversation, agent: &AgentId, cause: WakeCause) -> Planned {
    owned_by(conversation, agent)?;
    Ok(conversation.phase.snoozed().map(|_| Event::Woken { cause }).into_iter().collect())
}

pub fn hand_back(conversation: &Conversation, agent: &AgentId) -> Planned {
    owned_by(conversation, agent)?;
    Ok(vec![
        Event::HandedBack { agent: Some(agent.clone()), cause: Default::default() },
        Event::Said(notice(texts::back_with_bot(language_of(conversation)))),
    ])
}

pub fn resolve(
    conversation: &Conversation,
    agent: &AgentId,
    ending: &Ending,
    rules: &Rules,
    now: Timestamp,
) -> Planned {
    if let Phase::Resolved { .. } = conversation.phase {
        return Ok(vec![]);
    }
    owned_by(conversation, agent)?;
    let language = language_of(conversation);
    let closed = |outcome| Event::Resolved { agent: agent.clone(), outcome };
    let ended = match ending {
        Ending::Solved { .. } => vec![closed(Outcome::Solved), Event::Said(notice(texts::resolved(language)))],
        Ending::Unsolved { plan, due_at, .. } => {
            let hours = conversation.phase.queue().and_then(|name| rules.queue(name).hours.clone());
            let ours = hours.map_or(jiff::tz::TimeZone::UTC, |hours| hours.zone);
            let due = moment_for(conversation, *due_at, &ours, now, language);
            let told = texts::unsolved_plan(language, plan, Some(&due));
            let told = texts::join(language, &told, &texts::resolved(language));
            let follow_up = Event::FollowUpSet { agent: agent.clone(), due_at: *due_at };
            vec![closed(Outcome::Unsolved), follow_up, Event::Said(notice(told))]
        }
    };
    let (Ending::Solved { reason } | Ending::Unsolved { reason, .. }) = ending;
    let reason = reason.as_deref().map(|reason| note(agent, None, reason, vec![]));
    Ok(reason.into_iter().chain(ended).collect())
}

/// Who merges has one of the two, or is a lead; the customer may always. That both belong to one customer is looked at by the caller.
pub fn merge(conversation: &Conversation, agent: Option<&Who>, into: &ConversationId) -> Planned {
    if conversation.merged_into.as_ref() == Some(into) {
        return Ok(vec![]);
    }
    if conversation.merged_into.is_some() || &conversation.id == into {
        return Err(Refusal::CannotMerge);
    }
    may_merge(conversation, agent)?;
    Ok(vec![
        Event::Merged { agent: agent.map(|agent| agent.id.clone()), into: into.clone() },
        Event::Said(notice(texts::merged(language_of(conversation)))),
    ])
}

pub fn absorb(conversation: &Conversation, agent: Option<&Who>, from: &ConversationId) -> Planned {
    if &conversation.id == from || conversation.merged_into.is_some() {
        return Err(Refusal::CannotMerge);
    }
    if let Phase::Resolved { .. } = conversation.phase {
        return Err(Refusal::Ended);
    }
    may_merge(conversation, agent)?;
    Ok(vec![Event::Absorbed { agent: agent.map(|agent| agent.id.clone()), from: from.clone() }])
}

fn may_merge(conversation: &Conversation, agent: Option<&Who>) -> Result<(), Refusal> {
    match (conversation.phase.agent(), agent) {
        (Some(owner), Some(agent)) if owner != &agent.id && !agent.is_lead => Err(Refusal::NotYours),
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}

/// What stands already, or is missing already, changes nothing.
pub fn tag(conversation: &Conversation, agent: &AgentId, add: &[Tag], remove: &[Tag]) -> Planned {
    let kept = conversation.tags.iter().filter(|tag| !remove.contains(tag)).chain(add);
    let tags: std::collections::BTreeSet<Tag> = kept.cloned().collect();
    if tags.len() > Tag::MAX_OF_ONE {
        return Err(Refusal::TooManyTags);
    }
    let tags: Vec<Tag> = tags.into_iter().collect();
    let is_same = tags == conversation.tags;
    Ok(if is_same { vec![] } else { vec![Event::Tagged { agent: agent.clone(), tags }] })
}

/// The customer is told once, and what is over already stays so.
pub fn block(conversation: &Conversation, agent: &Who) -> Planned {
    match &conversation.phase {
        Phase::Resolved { .. } => return Ok(vec![]),
        Phase::WithBot { .. } => {}
        Phase::Waiting { .. } | Phase::WithAgent { .. } => moved_by(conversation, agent)?,
    }
    let told = notice(texts::closed_by_team(language_of(conversation)));
    Ok(vec![Event::Said(told), Event::Resolved { agent: agent.id.clone(), outcome: Outcome::Unsolved }])
}
