//! What a command does to a conversation: events, or a refusal. Pure; called again on the fresh state after a conflict.

use super::conversation::{Event, NewTurn};
use super::policy::queue_or_default;
use super::{
    AgentId, Article, Choice, Conversation, Decision, DecisionKind, HandoffRule, Language, Outcome, Phase, Policy,
    QueueName, Reason, Seq, Speaker, Timestamp, TurnKind, texts,
};
use std::sync::Arc;

#[derive(Clone, Debug)]
pub enum Command {
    /// A customer says or taps something. Never refused.
    Hear(Heard),
    /// The bot reacts to all customer turns up to `through`.
    React(Reaction),
    /// The customer presses "talk to a person".
    AskForPerson {
        place: Place,
    },
    /// The waiting customer goes back to the bot.
    BackToBot,
    /// A comment may follow a score that was given before.
    Rate {
        score: u8,
        has_comment: bool,
    },
    Feedback {
        seq: Seq,
        helped: bool,
    },
    Claim {
        agent: AgentId,
        agent_name: String,
    },
    Reply {
        agent: AgentId,
        client_id: String,
        text: String,
    },
    Release {
        agent: AgentId,
        place: Place,
    },
    HandBack {
        agent: AgentId,
    },
    Resolve {
        agent: AgentId,
        outcome: Outcome,
    },
}

#[derive(Clone, Debug)]
pub struct Heard {
    pub client_id: String,
    /// The words, or the title of what was tapped.
    pub text: String,
    /// What was tapped: an article id or a reserved choice.
    pub option: Option<super::ArticleId>,
}

#[derive(Clone, Debug)]
pub struct Reaction {
    pub through: Seq,
    pub decision: Decision,
    pub confidence: f64,
    pub language: Language,
    pub policy: Policy,
    pub place: Place,
    /// Titles of what the answered article suggests, in the customer's language.
    pub suggests: Vec<Choice>,
}

/// Where the customer stands or would stand: 1 is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(pub u32);

/// A rule said no. Shown to the caller, no alarm.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("another agent has already claimed this conversation")]
    AlreadyClaimed { by: AgentId },
    #[error("this conversation is not yours")]
    NotYours,
    #[error("nobody waits in this conversation")]
    NotWaiting,
    #[error("this conversation is already with a person or waiting for one")]
    AlreadyHandedOff,
    #[error("a rating belongs to a resolved conversation")]
    NotResolved,
    #[error("a rating is a number from 1 to 5")]
    BadRating,
    #[error("there is no such answer to judge")]
    NoSuchAnswer,
    /// What the bot was about to say is no longer wanted: somebody else has the conversation, or it was answered.
    #[error("the conversation has moved on")]
    Superseded,
}

impl Refusal {
    /// Stable; other programs match on it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AlreadyClaimed { .. } => "already_claimed",
            Self::NotYours => "not_yours",
            Self::NotWaiting => "not_waiting",
            Self::AlreadyHandedOff => "already_handed_off",
            Self::NotResolved => "not_resolved",
            Self::BadRating => "bad_rating",
            Self::NoSuchAnswer => "no_such_answer",
            Self::Superseded => "superseded",
        }
    }
}

type Planned = Result<Vec<Event>, Refusal>;

/// No events means that there was nothing left to do: a command repeated is not an error.
pub fn plan(conversation: &Conversation, command: &Command, now: Timestamp) -> Planned {
    match command {
        Command::Hear(heard) => Ok(hear(conversation, heard)),
        Command::React(reaction) => react(conversation, reaction, now),
        Command::AskForPerson { place } => ask_for_person(conversation, *place),
        Command::BackToBot => back_to_bot(conversation),
        Command::Rate { score, has_comment } => rate(conversation, *score, *has_comment),
        Command::Feedback { seq, helped } => feedback(conversation, *seq, *helped),
        Command::Claim { agent, agent_name } => claim(conversation, agent, agent_name),
        Command::Reply { agent, client_id, text } => reply(conversation, agent, client_id, text),
        Command::Release { agent, place } => release(conversation, agent, *place),
        Command::HandBack { agent } => hand_back(conversation, agent),
        Command::Resolve { agent, outcome } => resolve(conversation, agent, *outcome),
    }
}

fn hear(conversation: &Conversation, heard: &Heard) -> Vec<Event> {
    let kind = if heard.option.is_some() { TurnKind::Option } else { TurnKind::Text };
    let mut turn = NewTurn::new(Speaker::Customer, kind, &heard.text);
    turn.client_id = Some(heard.client_id.clone());
    turn.article = heard.option.clone();
    match conversation.phase {
        Phase::Resolved { .. } => vec![Event::Reopened, Event::Said(turn)],
        Phase::WithBot { .. } | Phase::Waiting { .. } | Phase::WithAgent { .. } => vec![Event::Said(turn)],
    }
}

fn react(conversation: &Conversation, reaction: &Reaction, now: Timestamp) -> Planned {
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
    match &reaction.decision {
        Decision::Answer { article, .. } => {
            let mut turn = say(TurnKind::Answer, article.text.clone(), reaction.suggests.clone());
            turn.html = Some(article.html.clone());
            turn.article = Some(article.id.clone());
            turn.queue = article.queue.clone();
            events.push(Event::Said(turn));
            if article.handoff == HandoffRule::Always {
                let queue = queue_or_default(article.queue.clone());
                events.extend(hand_off(Reason::TopicNeedsHuman, queue, language, reaction.place));
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
        Decision::HandOff { reason, queue } => {
            events.extend(hand_off(*reason, queue_or_default(queue.clone()), language, reaction.place));
        }
        // Deciding to be silent on the bot's own turn would leave the customer hanging.
        Decision::StaySilent => {
            let queue = queue_or_default(conversation.topic_queue());
            events.extend(hand_off(Reason::BotUnavailable, queue, language, reaction.place));
        }
    }
    events
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
        events.push(Event::Said(waiting_notice(
            texts::still_waiting(reaction.language, reaction.place),
            reaction.language,
        )));
    }
    events
}

fn decided(reaction: &Reaction) -> Event {
    let article = match &reaction.decision {
        Decision::Answer { article, .. } => Some(article.id.clone()),
        Decision::Clarify { .. } | Decision::HandOff { .. } | Decision::SmallTalk { .. } | Decision::StaySilent => None,
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

fn hand_off(reason: Reason, queue: QueueName, language: Language, place: Place) -> [Event; 2] {
    let mut notice = waiting_notice(texts::handed_off(reason, language, place), language);
    notice.decision = Some(DecisionKind::HandOff);
    [Event::HandedOff { reason, queue }, Event::Said(notice)]
}

fn waiting_notice(text: String, language: Language) -> NewTurn {
    let back = Choice::new(Choice::BACK_TO_BOT, texts::back_to_bot_button(language));
    notice(text).offering(vec![back])
}

fn notice(text: String) -> NewTurn {
    NewTurn::new(Speaker::System, TurnKind::Notice, text)
}

fn choices(options: &[Arc<Article>], language: Language) -> Vec<Choice> {
    let mut choices: Vec<_> = options.iter().map(|a| Choice::new(a.id.as_str(), &a.title)).collect();
    choices.push(Choice::new(Choice::SOMETHING_ELSE, texts::something_else_button(language)));
    choices.push(Choice::new(Choice::HUMAN, texts::person_button(language)));
    choices
}

fn language_of(conversation: &Conversation) -> Language {
    conversation.language.unwrap_or(Language::En)
}

fn ask_for_person(conversation: &Conversation, place: Place) -> Planned {
    match conversation.phase {
        Phase::Waiting { .. } | Phase::WithAgent { .. } => Ok(vec![]),
        Phase::WithBot { .. } | Phase::Resolved { .. } => {
            let queue = queue_or_default(conversation.topic_queue());
            let mut events = vec![];
            if let Phase::Resolved { .. } = conversation.phase {
                events.push(Event::Reopened);
            }
            if let Some(through) = conversation.unanswered.last() {
                // Turns that the bot was still thinking about are answered by this handoff.
                events.push(Event::Decided {
                    through: *through,
                    decision: DecisionKind::HandOff,
                    reason: Some(Reason::CustomerAsked),
                    article: None,
                    confidence: 0.0,
                    language: language_of(conversation),
                });
            }
            events.extend(hand_off(Reason::CustomerAsked, queue, language_of(conversation), place));
            Ok(events)
        }
    }
}

fn back_to_bot(conversation: &Conversation) -> Planned {
    match conversation.phase {
        Phase::WithBot { .. } => Ok(vec![]),
        Phase::Waiting { .. } => Ok(vec![
            Event::HandedBack { agent: None },
            Event::Said(notice(texts::back_with_bot(language_of(conversation)))),
        ]),
        Phase::WithAgent { .. } | Phase::Resolved { .. } => Err(Refusal::NotWaiting),
    }
}

fn rate(conversation: &Conversation, score: u8, has_comment: bool) -> Planned {
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

fn feedback(conversation: &Conversation, seq: Seq, helped: bool) -> Planned {
    let Some(answer) = &conversation.last_answer else { return Err(Refusal::NoSuchAnswer) };
    if answer.seq != seq {
        return Err(Refusal::NoSuchAnswer);
    }
    if answer.helped == Some(helped) {
        return Ok(vec![]);
    }
    let mut events = vec![Event::Helped { seq, helped }];
    if let (false, Phase::WithBot { .. }) = (helped, &conversation.phase) {
        let language = language_of(conversation);
        let person = Choice::new(Choice::HUMAN, texts::person_button(language));
        events.push(Event::Said(notice(texts::sorry_offer_person(language)).offering(vec![person])));
    }
    Ok(events)
}

fn claim(conversation: &Conversation, agent: &AgentId, agent_name: &str) -> Planned {
    match &conversation.phase {
        Phase::Waiting { .. } => Ok(vec![
            Event::Claimed { agent: agent.clone() },
            Event::Said(notice(texts::agent_joined(language_of(conversation), agent_name))),
        ]),
        Phase::WithAgent { agent: owner, .. } if owner == agent => Ok(vec![]),
        // Two agents press "claim" together every day, so losing is a refusal.
        Phase::WithAgent { agent: owner, .. } => Err(Refusal::AlreadyClaimed { by: owner.clone() }),
        Phase::WithBot { .. } | Phase::Resolved { .. } => Err(Refusal::NotWaiting),
    }
}

fn owned_by(conversation: &Conversation, agent: &AgentId) -> Result<(), Refusal> {
    if conversation.phase.agent() == Some(agent) { Ok(()) } else { Err(Refusal::NotYours) }
}

fn reply(conversation: &Conversation, agent: &AgentId, client_id: &str, text: &str) -> Planned {
    owned_by(conversation, agent)?;
    let mut turn = NewTurn::new(Speaker::Agent(agent.clone()), TurnKind::Text, text);
    turn.client_id = Some(client_id.to_owned());
    Ok(vec![Event::Said(turn)])
}

fn release(conversation: &Conversation, agent: &AgentId, place: Place) -> Planned {
    owned_by(conversation, agent)?;
    let language = language_of(conversation);
    let text = texts::still_waiting(language, place);
    Ok(vec![Event::Released { agent: agent.clone() }, Event::Said(waiting_notice(text, language))])
}

fn hand_back(conversation: &Conversation, agent: &AgentId) -> Planned {
    owned_by(conversation, agent)?;
    Ok(vec![
        Event::HandedBack { agent: Some(agent.clone()) },
        Event::Said(notice(texts::back_with_bot(language_of(conversation)))),
    ])
}

fn resolve(conversation: &Conversation, agent: &AgentId, outcome: Outcome) -> Planned {
    match conversation.phase {
        Phase::Resolved { .. } => Ok(vec![]),
        Phase::WithBot { .. } | Phase::Waiting { .. } | Phase::WithAgent { .. } => {
            owned_by(conversation, agent)?;
            Ok(vec![
                Event::Resolved { agent: agent.clone(), outcome },
                Event::Said(notice(texts::resolved(language_of(conversation)))),
            ])
        }
    }
}
