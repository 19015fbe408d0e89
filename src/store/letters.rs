//! Letters of the outbox, as the store hands them out and takes them back.

use crate::domain::{ConversationId, Seq, Timestamp};

/// A letter on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub id: i64,
    pub conversation: ConversationId,
    pub kind: LetterKind,
    pub created_at: Timestamp,
    /// Times that it was begun to be sent.
    pub attempts: u32,
    /// Of a letter about replies the first of them.
    pub turn: Seq,
    /// `None`: it was never begun, so what it says is not settled yet.
    pub sealed: Option<Sealed>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterKind {
    /// What agents said while the customer was away.
    Replies,
    /// The whole conversation, as the customer wished.
    Transcript,
}

/// What no repeat changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The first and the last turn that it tells.
    pub from: Seq,
    pub through: Seq,
    pub address: String,
}

/// A transcript that somebody wishes.
#[derive(Clone, Debug)]
pub struct NewTranscript {
    pub conversation: ConversationId,
    pub address: String,
    pub now: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WishKept {
    Kept,
    NothingSaid,
    NoSuchConversation,
}

/// How far a look at letters may go.
#[derive(Clone, Copy, Debug)]
pub struct LetterBounds {
    pub at_once: u32,
    /// Letters sent in any hour.
    pub per_hour: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Posted {
    /// The server has it; `message` is its Message-ID.
    Sent { message: String },
    /// Not now: due again at `due`.
    Later { due: Timestamp, why: String },
    /// Never: the server or the other end refuses it.
    Dead { why: String },
    /// Nobody needs it any more.
    Moot { why: String },
}
