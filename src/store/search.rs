//! What full-text search asks and learns, as plain values.

use crate::domain::{ConversationId, Language, QueueName, Seq, Tag, Timestamp};

/// A turn whose words are not in the index yet, or not as they read now.
#[derive(Clone, Debug, PartialEq)]
pub struct Unindexed {
    pub conversation: ConversationId,
    pub turn: Seq,
    pub at: Timestamp,
    /// Of the conversation.
    pub language: Option<Language>,
    /// Empty: there is nothing to find any more.
    pub text: String,
}

/// Turns to index, oldest words first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToIndex {
    pub turns: Vec<Unindexed>,
    /// When these are in the index, everything up to here is.
    pub through: i64,
    /// Nothing was left for another step.
    pub is_all: bool,
}

/// A turn with what it is found by.
#[derive(Clone, Debug, PartialEq)]
pub struct Indexed {
    pub turn: Unindexed,
    pub tokens: Vec<String>,
}

/// One thing that must stand in a turn: any of these tokens, or one that begins so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Term {
    pub whole: Vec<String>,
    pub beginning: Option<String>,
}

/// What a list leaves out; the default leaves nothing out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Narrow {
    pub queue: Option<String>,
    /// `web` or `telegram`.
    pub channel: Option<String>,
    pub language: Option<Language>,
    pub tag: Option<Tag>,
    /// Queues whose conversations are left out, except in views that are one agent's own.
    pub hidden: Vec<QueueName>,
}
