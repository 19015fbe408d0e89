//! What a command does to a conversation: events, or a refusal. Pure; called again on the fresh state after a conflict.

mod bot;
mod customer;
pub mod edit;
mod owner;
mod tick;

use super::conversation::Channel;
use super::event::{ClaimCause, ContactKind, Event, NewTurn, ReleaseCause, WakeCause};
use super::outlook::Outlook;
use super::rules::Rules;
use super::{
    AgentId, AttachmentId, Choice, Conversation, ConversationId, Decision, Language, Policy, QueueName, Seq, Speaker,
    Tag, Timestamp, TurnKind, texts,
};

#[derive(Clone, Debug)]
pub enum Command {
    /// A customer says or taps something. Never refused.
    Hear(Heard),
    /// The bot reacts to all customer turns up to `through`.
    React(Reaction),
    /// The customer presses "talk to a person".
    AskForPerson {
        outlook: Outlook,
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
        outlook: Outlook,
    },
    /// An e-mail address or a phone number, as the customer wrote it.
    LeaveContact {
        kind: ContactKind,
        contact: String,
    },
    /// The customer chooses the language to be spoken to in.
    Speak {
        language: Language,
    },
    /// The conversation goes on at another reply address.
    Move {
        to: Channel,
    },
    Claim {
        agent: Who,
        cause: ClaimCause,
    },
    /// The agent takes it from the bot.
    TakeOver {
        agent: Who,
    },
    Reply {
        agent: AgentId,
        client_id: String,
        text: String,
        attachments: Vec<AttachmentId>,
    },
    /// For agents only. Anyone of them may write one.
    Note {
        agent: AgentId,
        client_id: String,
        text: String,
        /// Agents whom it calls.
        mentions: Vec<AgentId>,
    },
    Release {
        agent: Who,
        cause: ReleaseCause,
        outlook: Outlook,
    },
    Transfer {
        agent: Who,
        to: Target,
        note: Option<String>,
        outlook: Outlook,
    },
    Escalate {
        agent: Who,
        note: Option<String>,
        outlook: Outlook,
    },
    Snooze {
        agent: AgentId,
        until: Option<Timestamp>,
    },
    Wake {
        agent: AgentId,
        cause: WakeCause,
    },
    HandBack {
        agent: AgentId,
    },
    Resolve {
        agent: AgentId,
        ending: Ending,
    },
    /// This conversation goes on in `into`.
    Merge {
        agent: Option<Who>,
        into: ConversationId,
    },
    /// `from` goes on here.
    Absorb {
        agent: Option<Who>,
        from: ConversationId,
    },
    /// The agent comes back to it then, whatever its standing. In the place of what was promised before.
    FollowUp {
        agent: AgentId,
        due_at: Timestamp,
        note: Option<String>,
    },
    FollowUpDone {
        agent: AgentId,
    },
    /// Ends it, for good if the customer is blocked as well.
    Block {
        agent: Who,
    },
    /// Puts tags on it and takes others off. Any agent may.
    Tag {
        agent: AgentId,
        add: Vec<Tag>,
        remove: Vec<Tag>,
    },
    /// Whatever is due by now.
    Tick {
        outlook: Outlook,
    },
}

/// An agent, as others see one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    pub id: AgentId,
    pub name: String,
    /// A lead or an admin.
    pub is_lead: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Queue { name: QueueName, title: String },
    Agent(Who),
}

/// How an agent ends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    Solved {
        reason: Option<String>,
    },
    /// The customer is told the plan, and somebody comes back to it.
    Unsolved {
        reason: Option<String>,
        plan: String,
        due_at: Timestamp,
    },
}

#[derive(Clone, Debug)]
pub struct Heard {
    pub client_id: String,
    /// The words, or the title of what was tapped.
    pub text: String,
    /// What was tapped: an article id or a reserved choice.
    pub option: Option<super::ArticleId>,
    /// Uploaded before; with them the words may be missing.
    pub attachments: Vec<AttachmentId>,
}

#[derive(Clone, Debug)]
pub struct Reaction {
    pub through: Seq,
    pub decision: Decision,
    pub confidence: f64,
    pub language: Language,
    pub policy: Policy,
    pub outlook: Outlook,
    /// Titles of what the answered article suggests, in the customer's language.
    pub suggests: Vec<Choice>,
}

/// A rule said no. Shown to the caller, no alarm.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("another agent has already claimed this conversation")]
    AlreadyClaimed { by: AgentId },
    #[error("this conversation is not yours")]
    NotYours,
    #[error("nobody waits in this conversation")]
    NotWaiting,
    #[error("this conversation is not with the bot")]
    NotWithBot,
    #[error("this conversation waits for a lead")]
    ForLeads,
    #[error("this agent has as many conversations as the agent's capacity allows")]
    AtCapacity,
    #[error("this conversation is already with a person or waiting for one")]
    AlreadyHandedOff,
    #[error("a rating belongs to a resolved conversation")]
    NotResolved,
    #[error("this conversation has ended")]
    Ended,
    #[error("a rating is a number from 1 to 5")]
    BadRating,
    #[error("there is no such answer to judge")]
    NoSuchAnswer,
    #[error("the moment has passed already")]
    MomentPassed,
    #[error("the two conversations cannot be merged")]
    CannotMerge,
    #[error("a conversation has at most {} tags", Tag::MAX_OF_ONE)]
    TooManyTags,
    #[error("nothing was promised in this conversation")]
    NothingPromised,
    #[error("there is no such turn here")]
    NoSuchTurn,
    #[error("this was said by somebody else")]
    NotYourTurn,
    #[error("this was said too long ago to be changed")]
    TooLate,
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
            Self::NotWithBot => "not_with_bot",
            Self::ForLeads => "for_leads",
            Self::AtCapacity => "at_capacity",
            Self::AlreadyHandedOff => "already_handed_off",
            Self::NotResolved => "not_resolved",
            Self::Ended => "ended",
            Self::BadRating => "bad_rating",
            Self::NoSuchAnswer => "no_such_answer",
            Self::MomentPassed => "moment_passed",
            Self::CannotMerge => "cannot_merge",
            Self::NoSuchTurn => "no_such_turn",
            Self::NotYourTurn => "not_yours",
            Self::TooLate => "too_late",
            Self::TooManyTags => "too_many_tags",
            Self::NothingPromised => "nothing_promised",
            Self::Superseded => "superseded",
        }
    }
}

type Planned = Result<Vec<Event>, Refusal>;

/// No events means that there was nothing left to do: a command repeated is not an error.
pub fn plan(conversation: &Conversation, command: &Command, rules: &Rules, now: Timestamp) -> Planned {
    match command {
        Command::Hear(heard) => Ok(customer::hear(conversation, heard)),
        Command::React(reaction) => bot::react(conversation, reaction, now),
        Command::AskForPerson { outlook } => customer::ask_for_person(conversation, outlook),
        Command::BackToBot => customer::back_to_bot(conversation),
        Command::Speak { language } if conversation.language == Some(*language) => Ok(vec![]),
        Command::Speak { language } => Ok(vec![Event::LanguageChosen { language: *language }]),
        Command::Rate { score, has_comment } => customer::rate(conversation, *score, *has_comment),
        Command::Feedback { seq, helped, outlook } => customer::feedback(conversation, *seq, *helped, outlook),
        Command::LeaveContact { kind, contact } => Ok(customer::leave_contact(conversation, *kind, contact)),
        Command::Move { to } => customer::move_to(conversation, to),
        Command::Claim { agent, cause } => owner::claim(conversation, agent, *cause),
        Command::TakeOver { agent } => owner::take_over(conversation, agent),
        Command::Reply { agent, client_id, text, attachments } => {
            owner::reply(conversation, agent, client_id, text, attachments)
        }
        Command::Note { agent, client_id, text, mentions } => {
            Ok(vec![note(agent, Some(client_id), text, mentions.clone())])
        }
        Command::Release { agent, cause, outlook } => owner::release(conversation, agent, *cause, outlook),
        Command::Transfer { agent, to, note, outlook } => {
            owner::transfer(conversation, agent, to, note.as_deref(), outlook)
        }
        Command::Escalate { agent, note, outlook } => owner::escalate(conversation, agent, note.as_deref(), outlook),
        Command::Snooze { agent, until } => owner::snooze(conversation, agent, *until, now),
        Command::Wake { agent, cause } => owner::wake(conversation, agent, *cause),
        Command::HandBack { agent } => owner::hand_back(conversation, agent),
        Command::Resolve { agent, ending } => owner::resolve(conversation, agent, ending, rules, now),
        Command::Merge { agent, into } => owner::merge(conversation, agent.as_ref(), into),
        Command::Absorb { agent, from } => owner::absorb(conversation, agent.as_ref(), from),
        Command::FollowUp { due_at, .. } if *due_at <= now => Err(Refusal::MomentPassed),
        Command::FollowUp { agent, due_at, note: words } => {
            let noted = words.as_deref().map(|words| note(agent, None, words, vec![]));
            let set = Event::FollowUpSet { agent: agent.clone(), due_at: *due_at };
            Ok(noted.into_iter().chain([set]).collect())
        }
        Command::FollowUpDone { agent } => match conversation.follow_up {
            Some(_) => Ok(vec![Event::FollowUpDone { agent: agent.clone() }]),
            None => Err(Refusal::NothingPromised),
        },
        Command::Block { agent } => owner::block(conversation, agent),
        Command::Tag { agent, add, remove } => owner::tag(conversation, agent, add, remove),
        Command::Tick { outlook } => Ok(tick::tick(conversation, rules, outlook, now)),
    }
}

/// The system tells the customer what happens next.
fn notice(text: String) -> NewTurn {
    NewTurn::new(Speaker::System, TurnKind::Notice, text)
}

fn waiting_notice(text: String, language: Language) -> NewTurn {
    let back = Choice::new(Choice::BACK_TO_BOT, texts::back_to_bot_button(language));
    notice(text).offering(vec![back])
}

fn note(agent: &AgentId, client_id: Option<&str>, text: &str, mentions: Vec<AgentId>) -> Event {
    let mut turn = NewTurn::new(Speaker::Agent(agent.clone()), TurnKind::Note, text);
    turn.client_id = client_id.map(str::to_owned);
    turn.mentions = mentions;
    Event::Said(turn)
}

fn language_of(conversation: &Conversation) -> Language {
    conversation.language.unwrap_or(Language::En)
}
