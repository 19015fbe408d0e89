//! What customers do: speak, call a person, leave the line, rate, leave a contact, go on elsewhere.

use super::bot::{decided_without_evidence, hand_off_unanswered};
use super::{Heard, Planned, Refusal, language_of, notice};
use crate::domain::event::{ContactKind, Event, NewTurn, WakeCause};
use crate::domain::outlook::Outlook;
use crate::domain::{Channel, Choice, Conversation, DecisionKind, Phase, Reason, Seq, Speaker, TurnKind, texts};

pub fn hear(conversation: &Conversation, heard: &Heard) -> Vec<Event> {
    let kind = if heard.option.is_some() { TurnKind::Option } else { TurnKind::Text };
    let mut turn = NewTurn::new(Speaker::Customer, kind, &heard.text);
    turn.client_id = Some(heard.client_id.clone());
    turn.article = heard.option.clone();
    turn.attachments = heard.attachments.clone();
    let before = match conversation.phase {
        Phase::Resolved { .. } => Some(Event::Reopened),
        Phase::WithAgent { snoozed: Some(_), .. } => Some(Event::Woken { cause: WakeCause::Reply }),
        Phase::WithBot { .. } | Phase::Waiting { .. } | Phase::WithAgent { snoozed: None, .. } => None,
    };
    before.into_iter().chain([Event::Said(turn)]).collect()
}

pub fn ask_for_person(conversation: &Conversation, outlook: &Outlook) -> Planned {
    match conversation.phase {
        Phase::Waiting { .. } | Phase::WithAgent { .. } => Ok(vec![]),
        Phase::WithBot { .. } => Ok(hand_off_unanswered(conversation, Reason::CustomerAsked, outlook)),
        Phase::Resolved { .. } => {
            let handed_off = hand_off_unanswered(conversation, Reason::CustomerAsked, outlook);
            Ok([Event::Reopened].into_iter().chain(handed_off).collect())
        }
    }
}

pub fn back_to_bot(conversation: &Conversation) -> Planned {
    match conversation.phase {
        Phase::WithBot { .. } => Ok(vec![]),
        Phase::Waiting { .. } => Ok(vec![
            Event::HandedBack { agent: None, cause: Default::default() },
            Event::Said(notice(texts::back_with_bot(language_of(conversation)))),
        ]),
        Phase::WithAgent { .. } | Phase::Resolved { .. } => Err(Refusal::NotWaiting),
    }
}

pub fn rate(conversation: &Conversation, score: u8, has_comment: bool) -> Planned {
    if !(1..=5).contains(&score) {
        return Err(Refusal::BadRating);
    }
    match conversation.phase {
        Phase::Resolved { .. } if conversation.rating == Some(score) && !has_comment => Ok(vec![]),
        Phase::Resolved { .. } => {
            let first = conversation.rating.is_none();
            let thanks = first.then(|| Event::Said(notice(texts::thanks_for_rating(language_of(conversation)))));
            Ok([Event::Rated { score }].into_iter().chain(thanks).collect())
        }
        Phase::WithBot { .. } | Phase::Waiting { .. } | Phase::WithAgent { .. } => Err(Refusal::NotResolved),
    }
}

/// The first "that did not help" is offered a person; the second in a row gets one.
pub fn feedback(conversation: &Conversation, seq: Seq, helped: bool, outlook: &Outlook) -> Planned {
    let Some(answer) = &conversation.last_answer else { return Err(Refusal::NoSuchAnswer) };
    if answer.seq != seq {
        return Err(Refusal::NoSuchAnswer);
    }
    if answer.helped == Some(helped) {
        return Ok(vec![]);
    }
    let mut events = vec![Event::Helped { seq, helped }];
    if let (false, Phase::WithBot { .. }) = (helped, &conversation.phase) {
        if conversation.did_not_help >= 1 {
            events.extend(hand_off_unanswered(conversation, Reason::DidNotHelp, outlook));
        } else {
            let language = language_of(conversation);
            let person = Choice::new(Choice::HUMAN, texts::person_button(language));
            events.push(Event::Said(notice(texts::sorry_offer_person(language)).offering(vec![person])));
        }
    }
    Ok(events)
}

/// The thanks answer what the waiting customer said before, which may be the contact itself.
pub fn leave_contact(conversation: &Conversation, kind: ContactKind, contact: &str) -> Vec<Event> {
    let language = language_of(conversation);
    let decided = match conversation.phase {
        Phase::Waiting { .. } => decided_without_evidence(conversation, DecisionKind::StaySilent, None),
        Phase::WithBot { .. } | Phase::WithAgent { .. } | Phase::Resolved { .. } => None,
    };
    let kept = [Event::ContactLeft { kind }, Event::Said(notice(texts::contact_kept(language, contact)))];
    decided.into_iter().chain(kept).collect()
}

pub fn move_to(conversation: &Conversation, to: &Channel) -> Planned {
    if &conversation.channel == to {
        return Ok(vec![]);
    }
    if conversation.merged_into.is_some() {
        return Err(Refusal::Ended);
    }
    let language = language_of(conversation);
    let here = notice(texts::moved_here(language, &texts::channel_name(language, conversation.channel.kind())));
    Ok(vec![Event::Moved { from: conversation.channel.clone(), to: to.clone() }, Event::Said(here)])
}
