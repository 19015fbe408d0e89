//! What is kept about files, and the files themselves as they go in and out.

use crate::domain::{AgentId, Attachment, AttachmentId, ConversationId, Timestamp};
use tokio::fs::File;

/// A file that has come in whole and was judged.
#[derive(Clone, Debug)]
pub struct NewAttachment {
    pub id: AttachmentId,
    pub conversation: ConversationId,
    /// `None`: the customer.
    pub agent: Option<AgentId>,
    /// Stands for the caller's own id of this upload: sent again, it is the same file.
    pub client_id: String,
    /// The name as it is shown.
    pub name: String,
    /// Its media type.
    pub kind: &'static str,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub now: Timestamp,
}

#[derive(Clone, Debug)]
pub struct KeptAttachment {
    pub attachment: Attachment,
    /// The client id was there before; the new bytes were thrown away.
    pub repeated: bool,
}

/// How much lies there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    pub n_of_conversation: u64,
    pub bytes_of_conversation: u64,
    /// Of all conversations; pictures of agents are not counted.
    pub bytes_of_all: u64,
}

/// A file to be read.
#[derive(Debug)]
pub struct OpenFile {
    /// `None`: an agent's picture.
    pub name: Option<String>,
    pub kind: String,
    pub bytes: u64,
    pub file: File,
}
