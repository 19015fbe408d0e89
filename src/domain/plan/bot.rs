//! The bot's reactions. It speaks only while it has the conversation; to who waits it repeats what happens next.

use super::{Planned, Reaction, Refusal, language_of, waiting_notice};
use crate::domain::event::{Event, NewTurn};
use crate::domain::outlook::Outlook;
use crate::domain::{
    Article, Choice, Conversation, Decision, DecisionKind, HandoffRule, Language, Phase, QueueName, Reason, Speaker,
    Timestamp, TurnKind, texts,
};
use std::sync::Arc;

pub fn react(conversation: &Conversation, reaction: &Reaction, now: Timestamp) -> Planned {
    if !conversation.unanswered.iter().any(|seq| *seq <= reaction.through) {
        return Err(Refusal::Superseded);
    }
    match conversation.phase {
        Phase::WithBot { .. } => Ok(react_as_bot(conversation, reaction)),
        Phase::Waiting { .. } => Ok(remind(conversation, reaction, now)),
        Phase::WithAgent { .. } | Phase::Resolved { .. } => Err(Refusal::Superseded),
    }
}

fn react_as_bot(conversation: &Conversation, reaction: &Reaction) -> Vec<Event> {
    let language = reaction.language;
    let mut events = vec![decided(reaction)];
    let say = |kind, text: String, options: Vec<Choice>| {
        let mut turn = NewTurn::new(Speaker::Bot, kind, text).offering(options);
        turn.decision = Some(reaction.decision.kind());
        turn
    };
    let handing_off = |reason, queue| hand_off(conversation, reason, queue, language, &reaction.outlook);
    match &reaction.decision {
        Decision::Answer { article, .. } => {
            let mut suggests = reaction.suggests.clone();
            let is_again = conversation.last_answer.as_ref().is_some_and(|last| last.article == article.id);
            if is_again {
                // Reading the same again seldom helps; a person is one tap away.
                suggests.push(Choice::new(Choice::HUMAN, texts::person_button(language)));
            }
            let mut turn = say(TurnKind::Answer, article.text.clone(), suggests);
            turn.html = Some(article.html.clone());
            turn.article = Some(article.id.clone());
            turn.queue = article.queue.clone();
            events.push(Event::Said(turn));
            if article.handoff == HandoffRule::Always {
                events.extend(handing_off(Reason::TopicNeedsHuman, conversation.line(article.queue.clone())));
            }
        }
        Decision::Clarify { options } => {
            events.push(Event::Said(say(
                TurnKind::Clarification,
                texts::did_you_mean(language),
                choices(options, language),
            )));
        }
        Decision::SmallTalk { builtin } => {
            events.push(Event::Said(say(TurnKind::SmallTalk, texts::small_talk(*builtin, language), vec![])));
        }
        Decision::OfferPerson => {
            let person = Choice::new(Choice::HUMAN, texts::person_button(language));
            events.extend(last_did_not_help(conversation));
            events.push(Event::Said(say(TurnKind::Clarification, texts::sorry_offer_person(language), vec![person])));
        }
        Decision::AskAboutFile => {
            let person = Choice::new(Choice::HUMAN, texts::person_button(language));
            events.push(Event::Said(say(TurnKind::Clarification, texts::file_received(language), vec![person])));
        }
        Decision::HandOff { reason, queue } => {
            if *reason == Reason::DidNotHelp {
                events.extend(last_did_not_help(conversation));
            }
            events.extend(handing_off(*reason, conversation.line(queue.clone())));
        }
        // Deciding to be silent on the bot's own turn would leave the customer hanging.
        Decision::StaySilent => {
            events.extend(handing_off(Reason::BotUnavailable, conversation.line(conversation.topic_queue())));
        }
    }
    events
}

/// Said in words what the button says.
fn last_did_not_help(conversation: &Conversation) -> Option<Event> {
    let last = conversation.last_answer.as_ref().filter(|last| last.helped != Some(false))?;
    Some(Event::Helped { seq: last.seq, helped: false })
}

fn remind(conversation: &Conversation, reaction: &Reaction, now: Timestamp) -> Vec<Event> {
    let mut silent = reaction.clone();
    silent.decision = Decision::StaySilent;
    let mut events = vec![decided(&silent)];
    let due = conversation
        .last_notice
        .is_none_or(|last| now.duration_since(last).as_secs() >= reaction.policy.notice_every_secs);
    if due {
        events.push(Event::Reminded);
        let text = reaction.outlook.still_waiting(conversation, reaction.language);
        events.push(Event::Said(waiting_notice(text, reaction.language)));
    }
    events
}

fn decided(reaction: &Reaction) -> Event {
    let article = match &reaction.decision {
        Decision::Answer { article, .. } => Some(article.id.clone()),
        Decision::Clarify { .. }
        | Decision::HandOff { .. }
        | Decision::SmallTalk { .. }
        | Decision::OfferPerson
        | Decision::AskAboutFile
        | Decision::StaySilent => None,
    };
    Event::Decided {
        through: reaction.through,
        decision: reaction.decision.kind(),
        reason: reaction.decision.reason(),
        article,
        confidence: reaction.confidence,
        language: reaction.language,
    }
}

/// Takes what nothing reacted to for answered, by something that looked at no evidence; `None`: nothing is unanswered.
pub fn decided_without_evidence(
    conversation: &Conversation,
    decision: DecisionKind,
    reason: Option<Reason>,
) -> Option<Event> {
    conversation.unanswered.last().map(|through| Event::Decided {
        through: *through,
        decision,
        reason,
        article: None,
        confidence: 0.0,
        language: language_of(conversation),
    })
}

/// What nothing reacted to is answered by this handoff.
pub fn hand_off_unanswered(conversation: &Conversation, reason: Reason, outlook: &Outlook) -> Vec<Event> {
    let language = language_of(conversation);
    let decided = decided_without_evidence(conversation, DecisionKind::HandOff, Some(reason));
    let queue = conversation.line(conversation.topic_queue());
    decided.into_iter().chain(hand_off(conversation, reason, queue, language, outlook)).collect()
}

pub fn hand_off(
    conversation: &Conversation,
    reason: Reason,
    queue: QueueName,
    language: Language,
    outlook: &Outlook,
) -> [Event; 2] {
    let mut notice = waiting_notice(outlook.handed_off(conversation, reason, language), language);
    notice.decision = Some(DecisionKind::HandOff);
    [Event::HandedOff { reason, queue }, Event::Said(notice)]
}

fn choices(options: &[Arc<Article>], language: Language) -> Vec<Choice> {
    let mut choices: Vec<_> = options.iter().map(|a| Choice::new(a.id.as_str(), &a.title)).collect();
    choices.push(Choice::new(Choice::SOMETHING_ELSE, texts::something_else_button(language)));
    choices.push(Choice::new(Choice::HUMAN, texts::person_button(language)));
    choices
}
