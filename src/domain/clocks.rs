//! Every clock of a conversation: what runs in a state, and when it is due. Nothing is wound up: a deadline follows from the state
//! and the rules, so a restart loses none and a change of the rules moves all.

use super::rules::Rules;
use super::{Conversation, Phase, Timestamp};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// A customer's turn without any reaction of the bot.
    Reaction,
    /// Service levels.
    Claim,
    FirstReply,
    NextReply,
    Resolution,
    /// An agent has it and says nothing.
    AgentSilence,
    Snooze,
    /// Nobody says anything.
    Idle,
    FollowUp,
}

impl Clock {
    pub fn is_service_level(self) -> bool {
        match self {
            Self::Claim | Self::FirstReply | Self::NextReply | Self::Resolution => true,
            Self::Reaction | Self::AgentSilence | Self::Snooze | Self::Idle | Self::FollowUp => false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    pub clock: Clock,
    /// Only service levels warn. Never after `due_at`.
    pub warn_at: Option<Timestamp>,
    pub due_at: Timestamp,
}

/// What runs in this state, whether told of or not.
pub fn deadlines(conversation: &Conversation, rules: &Rules) -> Vec<Deadline> {
    let mut running = vec![];
    let mut after = |clock, start: Timestamp, secs: u32| {
        running.push(Deadline { clock, warn_at: None, due_at: later(start, u64::from(secs)) });
    };
    let silence = &rules.silence;
    match &conversation.phase {
        Phase::WithBot { since } => {
            if let Some(start) = conversation.unanswered_since {
                after(Clock::Reaction, start, silence.bot_secs);
            } else if let Some(said) = conversation.last_said_at {
                after(Clock::Idle, said.max(*since), silence.abandon_secs);
            }
        }
        Phase::Waiting { since, .. } => {
            let start = conversation.last_said_at.unwrap_or(*since).max(*since);
            after(Clock::Idle, start, silence.abandon_waiting_secs);
        }
        Phase::WithAgent { since, snoozed: None, .. } => {
            let acted = conversation.agent_acted_at.unwrap_or(*since).max(*since);
            match conversation.reply_wanted_since {
                Some(wanted) => after(Clock::AgentSilence, acted.max(wanted), silence.agent_while_waited_for_secs),
                None => {
                    let said = conversation.last_said_at.unwrap_or(acted);
                    after(Clock::AgentSilence, acted.max(said), silence.agent_secs);
                }
            }
        }
        Phase::WithAgent { snoozed: Some(snooze), .. } => {
            running.extend(snooze.until.map(|due_at| Deadline { clock: Clock::Snooze, warn_at: None, due_at }));
        }
        Phase::Resolved { .. } => {}
    }
    if let Some(follow_up) = conversation.follow_up.as_ref().filter(|follow_up| !follow_up.is_due) {
        running.push(Deadline { clock: Clock::FollowUp, warn_at: None, due_at: follow_up.due_at });
    }
    running.extend(service_levels(conversation, rules));
    running
}

/// They run in the open hours of the queue only. Set aside, the customer waits for nothing, so the reply's clock stands.
fn service_levels(conversation: &Conversation, rules: &Rules) -> Vec<Deadline> {
    let Some(name) = conversation.phase.queue() else { return vec![] };
    let queue = rules.queue(name);
    let levels = &queue.levels;
    let is_snoozed = conversation.phase.snoozed().is_some();
    let is_waiting = matches!(conversation.phase, Phase::Waiting { .. });
    let was_claimed = conversation.first_reply_at.is_some() || !is_waiting;
    let handed_off = conversation.handed_off_at;
    let replied = conversation.first_reply_at;
    let level = |clock, start: Option<Timestamp>, secs: Option<u64>| {
        let (start, secs) = (start?, secs?);
        let warn_after = secs * u64::from(levels.warn_at_percent) / 100;
        Some(Deadline {
            clock,
            warn_at: Some(queue.after_open_secs(start, warn_after)),
            due_at: queue.after_open_secs(start, secs),
        })
    };
    let claim = level(Clock::Claim, handed_off.filter(|_| !was_claimed), levels.claim_secs);
    let first = level(Clock::FirstReply, handed_off.filter(|_| replied.is_none()), levels.first_reply_secs);
    let wanted = conversation.reply_wanted_since.filter(|_| replied.is_some() && !is_snoozed);
    let next = level(Clock::NextReply, wanted, levels.next_reply_secs);
    let resolution = level(Clock::Resolution, handed_off, levels.resolution_secs);
    [claim, first, next, resolution].into_iter().flatten().collect()
}

fn later(start: Timestamp, secs: u64) -> Timestamp {
    start.saturating_add(SignedDuration::from_secs(secs as i64)).expect("a duration of seconds has no calendar units")
}

/// When something must be done or told next; `None` while nothing runs. What was told of already is not told again.
pub fn next_due(conversation: &Conversation, rules: &Rules) -> Option<Timestamp> {
    deadlines(conversation, rules).iter().filter_map(|deadline| next_of(conversation, deadline)).min()
}

fn next_of(conversation: &Conversation, deadline: &Deadline) -> Option<Timestamp> {
    if is_told(conversation, deadline.clock, true) {
        return None;
    }
    match deadline.warn_at {
        Some(warn_at) if !is_told(conversation, deadline.clock, false) => Some(warn_at.min(deadline.due_at)),
        Some(_) | None => Some(deadline.due_at),
    }
}

pub fn is_told(conversation: &Conversation, clock: Clock, is_breach: bool) -> bool {
    conversation.told.iter().any(|told| told.clock == clock && (told.is_breach || !is_breach))
}
