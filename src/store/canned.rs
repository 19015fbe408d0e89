//! Replies that agents keep to send again.

use crate::domain::{AgentId, Tag, Timestamp};

/// A text with a short name, one agent's or everybody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannedReply {
    pub id: String,
    /// `None`: everybody's.
    pub owner: Option<AgentId>,
    /// Unique among the owner's.
    pub name: String,
    pub text: String,
    /// Sending it ends the conversation as solved.
    pub ends: bool,
    /// Sending it puts these on the conversation.
    pub tags: Vec<Tag>,
    pub updated_at: Timestamp,
}

/// What came of keeping one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    Kept,
    /// The owner has another of this name.
    NameTaken,
    /// The owner has as many as anybody may have.
    Full,
    /// There is none of this id that the owner may change.
    Unknown,
}
