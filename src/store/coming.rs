//! Files that customers of a channel have sent and that are still to be fetched from there.

use crate::domain::{AttachmentId, ConversationId, Timestamp};

/// A message with one file in it, as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct NewComingFile {
    pub bot: String,
    pub chat: i64,
    pub message: i64,
    pub conversation: ConversationId,
    /// The same for all messages of one album.
    pub album: Option<String>,
    /// `photo`, `voice`, `video`, `audio`, `document`.
    pub kind: String,
    /// The channel's own id of the file.
    pub file: String,
    pub name: Option<String>,
    pub caption: Option<String>,
    pub now: Timestamp,
}

/// What there is of it by now.
#[derive(Clone, Debug, PartialEq)]
pub struct ComingFile {
    pub chat: i64,
    pub message: i64,
    pub conversation: ConversationId,
    pub album: Option<String>,
    pub kind: String,
    pub file: String,
    pub name: Option<String>,
    pub caption: Option<String>,
    pub progress: Progress,
    /// Attempts to fetch it so far.
    pub attempts: u32,
    pub due_at: Timestamp,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    Coming,
    Fetched(AttachmentId),
    /// Why it will never come: a stable name.
    Lost(String),
}

/// What became of one attempt.
#[derive(Clone, Debug)]
pub enum Fetched {
    Whole(AttachmentId),
    Later {
        due: Timestamp,
    },
    /// Why: a stable name.
    Never {
        why: String,
    },
}
