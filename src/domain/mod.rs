//! The domain room: what a conversation is, what may happen to it, and what the bot decides.
//!
//! May: decide from plain values.
//! May not: read a clock, make randomness, await, log, or use another room.

mod apply;
pub mod article;
pub mod assignment;
pub mod attachment;
pub mod away;
pub mod brief;
pub mod catalogue;
pub mod clocks;
pub mod colour;
pub mod contacts;
pub mod conversation;
pub mod decision;
pub mod emphasis;
pub mod event;
pub mod evidence;
#[cfg(test)]
mod histories;
pub mod hours;
mod hours_text;
pub mod ids;
pub mod judged;
pub mod language;
pub mod letter_texts;
mod mailbox;
pub mod moment;
pub mod outlook;
pub mod plan;
pub mod policy;
pub mod rules;
mod sight;
pub mod site;
mod tag;
pub mod texts;
pub mod turn;

pub use article::{Article, Builtin, ChannelKind, HandoffRule, TaughtPhrase};
pub use attachment::Attachment;
pub use brief::{Brief, Page};
pub use clocks::Clock;
pub use conversation::{Channel, Conversation, Outcome, Phase, Reason};
pub use decision::{Decision, DecisionKind, Why, decide};
pub use event::{Event, NewTurn};
pub use evidence::{Candidate, Evidence, Scores, Trace};
pub use ids::{
    AgentId, ArticleId, AttachmentId, ConversationId, CustomerId, HandoffId, QueueName, Seq, Timestamp, TurnId,
};
pub use judged::{JudgedCase, Picked};
pub use language::Language;
pub use mailbox::Mailbox;
pub use outlook::Outlook;
pub use plan::{Command, Refusal, plan};
pub use policy::{Policy, PolicyWish};
pub use rules::Rules;
pub use sight::Sight;
pub use site::{Detail, DetailField, IdentityRule, Site};
pub use tag::Tag;
pub use turn::{Choice, Speaker, Turn, TurnKind};

#[cfg(test)]
pub mod testing {
    //! Plain values that tables of several files start from.
    use super::*;

    pub fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + secs).expect("a moment in range")
    }

    pub fn article(id: &str) -> Article {
        Article {
            id: ArticleId::new(id),
            language: Language::En,
            title: format!("About {id}"),
            phrases: vec![],
            tags: vec![],
            queue: None,
            handoff: HandoffRule::Offer,
            plan: None,
            suggests: vec![],
            channels: vec![],
            valid_from: None,
            valid_until: None,
            markdown: format!("The answer about {id}."),
            text: format!("The answer about {id}."),
            html: format!("<p>The answer about {id}.</p>"),
            passages: vec![],
            file: format!("en/{id}.md"),
        }
    }

    pub fn conversation_with_bot() -> Conversation {
        Conversation::begin(
            ConversationId::new("c"),
            CustomerId::new("u"),
            "site".into(),
            Channel::Web,
            Some(Language::En),
            at(0),
        )
    }
}
