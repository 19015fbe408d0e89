//! What happens by itself when a clock runs out. One look does all that is due; nothing due is no event.

use super::bot::hand_off_unanswered;
use super::{language_of, notice, owner, waiting_notice};
use crate::domain::clocks::{self, Clock, Deadline};
use crate::domain::event::{Event, HandBackCause, ReleaseCause, WakeCause};
use crate::domain::outlook::Outlook;
use crate::domain::plan::Who;
use crate::domain::rules::Rules;
use crate::domain::{Conversation, Phase, Reason, Timestamp, texts};

pub fn tick(conversation: &Conversation, rules: &Rules, outlook: &Outlook, now: Timestamp) -> Vec<Event> {
    let mut events = vec![];
    let mut has_moved = false;
    for Deadline { clock, warn_at, due_at } in clocks::deadlines(conversation, rules) {
        if due_at <= now {
            if clock.is_service_level() && !clocks::is_told(conversation, clock, true) {
                events.push(Event::Breached { clock });
            }
            // The first that moves it is enough: the others belong to a state that is gone then.
            if !has_moved {
                let moved = ran_out(conversation, clock, outlook);
                has_moved = !moved.is_empty();
                events.extend(moved);
            }
        } else if warn_at.is_some_and(|warn_at| warn_at <= now) && !clocks::is_told(conversation, clock, false) {
            events.push(Event::Warned { clock });
        }
    }
    events
}

fn ran_out(conversation: &Conversation, clock: Clock, outlook: &Outlook) -> Vec<Event> {
    let language = language_of(conversation);
    match clock {
        Clock::Reaction => hand_off_unanswered(conversation, Reason::BotUnavailable, outlook),
        Clock::AgentSilence if conversation.reply_wanted_since.is_some() => {
            back_in_line(conversation, ReleaseCause::Silence, outlook)
        }
        Clock::AgentSilence => vec![
            Event::HandedBack { agent: conversation.phase.agent().cloned(), cause: HandBackCause::Silence },
            Event::Said(notice(texts::back_with_bot(language))),
        ],
        Clock::NextReply => match &conversation.phase {
            Phase::WithAgent { .. } => back_in_line(conversation, ReleaseCause::Breach, outlook),
            Phase::Waiting { .. } if !clocks::is_told(conversation, clock, true) => {
                vec![Event::Reminded, Event::Said(waiting_notice(texts::no_reply_yet(language), language))]
            }
            Phase::Waiting { .. } | Phase::WithBot { .. } | Phase::Resolved { .. } => vec![],
        },
        Clock::Snooze => vec![Event::Woken { cause: WakeCause::Time }],
        Clock::Idle => match &conversation.phase {
            // Whoever waited is told; whoever only left a chat with the bot is not woken up for that.
            Phase::Waiting { .. } => vec![Event::Abandoned, Event::Said(notice(texts::closed_for_silence(language)))],
            Phase::WithBot { .. } | Phase::WithAgent { .. } | Phase::Resolved { .. } => vec![Event::Abandoned],
        },
        Clock::FollowUp => vec![Event::FollowUpDue],
        Clock::Claim | Clock::FirstReply | Clock::Resolution => vec![],
    }
}

fn back_in_line(conversation: &Conversation, cause: ReleaseCause, outlook: &Outlook) -> Vec<Event> {
    let Some(id) = conversation.phase.agent().cloned() else { return vec![] };
    let owner = Who { id, name: String::new(), is_lead: false };
    owner::release(conversation, &owner, cause, outlook).unwrap_or_default()
}
