//! One thing said in a conversation.

use super::{AgentId, ArticleId, Attachment, DecisionKind, Seq, Timestamp, TurnId};
use serde::{Deserialize, Serialize};

/// A turn as it is read back. An edit is the whole turn again with a higher `rev` under a new `seq`.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    pub seq: Seq,
    pub id: TurnId,
    pub rev: u32,
    /// The caller's own id for a customer's or an agent's turn; unique in the conversation.
    pub client_id: Option<String>,
    pub by: Speaker,
    /// The agent's public name, when an agent spoke.
    pub agent_name: Option<String>,
    /// The key of the agent's picture.
    pub agent_avatar: Option<String>,
    pub kind: TurnKind,
    pub text: String,
    /// Sanitised; only articles have it.
    pub html: Option<String>,
    pub at: Timestamp,
    pub options: Vec<Choice>,
    pub decision: Option<DecisionKind>,
    pub article: Option<ArticleId>,
    /// In the order in which they were sent.
    pub attachments: Vec<Attachment>,
    /// Taken back: its words and files are gone.
    pub is_withdrawn: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    Customer,
    Bot,
    Agent(AgentId),
    System,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnKind {
    /// Words, by whoever typed them.
    Text,
    /// A customer tapped an option; `article` names it.
    Option,
    Answer,
    Clarification,
    SmallTalk,
    /// What happens next: handed off, joined, resolved.
    Notice,
    /// For agents only; customers never see one.
    Note,
}

/// A button under a turn: an article to read, or one of the reserved choices below.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// An article id, or `Choice::HUMAN`, `Choice::SOMETHING_ELSE`, `Choice::BACK_TO_BOT`.
    pub article: ArticleId,
    pub title: String,
}

impl Choice {
    pub const HUMAN: &'static str = "human";
    // Underscores cannot stand in an article id, so these two never collide with one.
    pub const SOMETHING_ELSE: &'static str = "something_else";
    pub const BACK_TO_BOT: &'static str = "back_to_bot";

    /// Whether this is one of the choices above and no article.
    pub fn is_reserved(choice: &str) -> bool {
        [Self::HUMAN, Self::SOMETHING_ELSE, Self::BACK_TO_BOT].contains(&choice)
    }

    pub fn new(article: &str, title: impl Into<String>) -> Self {
        Self { article: ArticleId::new(article), title: title.into() }
    }
}
