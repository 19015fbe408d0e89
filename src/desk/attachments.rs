//! Files that people send: bounded and judged by their bytes while they come in, kept, given out, forgotten when nobody sent them.

use super::take_turn::hash;
use super::{Desk, DeskError};
use crate::domain::attachment::{FileType, MAX_ATTACHMENTS, TEXT, clean_name, file_type};
use crate::domain::{AgentId, Attachment, AttachmentId, Conversation, Phase, Refusal};
use crate::store::{AgentRecord, NewAttachment, OpenFile, StoreError, Upload};
use std::io::{BufReader, ErrorKind};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What may be sent, and how much of it.
#[derive(Clone, Debug)]
pub struct FileRules {
    pub is_on: bool,
    pub types: Vec<&'static FileType>,
    /// Of one file.
    pub max_bytes: u64,
    /// Of all files of one conversation, and of all that are kept.
    pub max_bytes_of_conversation: u64,
    pub max_bytes_of_all: u64,
}

const MIB: u64 = 1024 * 1024;
/// With what a voice message and a phone's video are, or people in Telegram would be told off for talking.
pub const DEFAULT_FILE_TYPES: [&str; 9] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "application/pdf",
    TEXT,
    "audio/ogg",
    "audio/mpeg",
    "video/mp4",
];

impl Default for FileRules {
    fn default() -> Self {
        Self {
            is_on: true,
            types: DEFAULT_FILE_TYPES.iter().filter_map(|name| file_type(name)).collect(),
            max_bytes: 10 * MIB,
            max_bytes_of_conversation: 200 * MIB,
            max_bytes_of_all: 20 * 1024 * MIB,
        }
    }
}

/// Files that come in at the same time; together with the bound of one file this is how far the bound of all may be overrun.
const MAX_UPLOADS: usize = 64;
const MAX_FILES_OF_CONVERSATION: u64 = 500;
/// As much as any mark of a type needs; text is looked at as far as here.
const HEAD_BYTES: usize = 8 * 1024;
/// A picture of few bytes may unfold into gigabytes in whoever looks at it.
const MAX_PIXELS: u64 = 100_000_000;
const MAX_SIDE: usize = 30_000;
/// What was uploaded and not sent is forgotten after so long.
const UNSAID_KEPT_SECS: i64 = 24 * 3600;
const FORGOTTEN_AT_ONCE: u32 = 200;
pub const MAX_AVATAR_BYTES: usize = 512 * 1024;
const AVATAR_TYPES: [&str; 3] = ["image/png", "image/jpeg", "image/webp"];
const MAX_AVATAR_SIDE: usize = 4_096;

/// A place for one more file while it comes in.
#[derive(Clone)]
pub(super) struct UploadPlaces(Arc<Semaphore>);

impl Default for UploadPlaces {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_UPLOADS)))
    }
}

/// Who uploads to which conversation, under which id of their own.
#[derive(Clone, Debug)]
pub struct Sender {
    /// `None`: the customer.
    pub agent: Option<AgentId>,
    pub client_id: String,
    /// As the sender calls the file.
    pub name: String,
}

/// A file that is coming in; given up, nothing of it stays.
pub struct Incoming {
    sender: Sender,
    conversation: Conversation,
    types: Vec<&'static FileType>,
    max_bytes: u64,
    upload: Upload,
    head: Vec<u8>,
    /// Known as soon as the first bytes are.
    judged: Option<(&'static FileType, String)>,
    _place: OwnedSemaphorePermit,
}

impl Desk {
    pub fn file_rules(&self) -> &FileRules {
        &self.parts.settings.files
    }

    /// The file that came in under this id before.
    pub async fn uploaded_before(
        &self,
        conversation: &Conversation,
        sender: &Sender,
    ) -> Result<Option<Attachment>, DeskError> {
        super::take_turn::check_client_id(&sender.client_id)?;
        let store = &self.parts.store;
        Ok(store.attachment_by_client_id(&conversation.id, sender.agent.as_ref(), &hash(&sender.client_id)).await?)
    }

    /// An agent may send files where the agent may speak.
    pub async fn conversation_of(
        &self,
        id: &crate::domain::ConversationId,
        agent: &AgentRecord,
    ) -> Result<Conversation, DeskError> {
        let conversation = self.read(id).await?;
        if !matches!(&conversation.phase, Phase::WithAgent { agent: owner, .. } if owner == &agent.id) {
            return Err(Refusal::NotYours.into());
        }
        Ok(conversation)
    }

    /// Refuses before a byte has come in what can be refused by then. `declared`: bytes, where the sender says how many.
    pub async fn begin_upload(
        &self,
        conversation: Conversation,
        sender: Sender,
        declared: Option<u64>,
    ) -> Result<Incoming, DeskError> {
        let rules = self.file_rules();
        if !rules.is_on {
            return Err(DeskError::FilesOff);
        }
        let bytes = declared.unwrap_or(1);
        if bytes > rules.max_bytes {
            return Err(DeskError::FileTooLarge { max_bytes: rules.max_bytes });
        }
        let held = self.parts.store.held(&conversation.id).await?;
        if held.n_of_conversation >= MAX_FILES_OF_CONVERSATION
            || held.bytes_of_conversation + bytes > rules.max_bytes_of_conversation
        {
            return Err(DeskError::ConversationFull { max_bytes: rules.max_bytes_of_conversation });
        }
        if held.bytes_of_all + bytes > rules.max_bytes_of_all {
            tracing::error!(
                max_bytes = rules.max_bytes_of_all,
                "no more files are taken: attachments.total_mb is reached"
            );
            return Err(DeskError::StorageFull);
        }
        let place = self.parts.uploads.0.clone().try_acquire_owned().map_err(|_| DeskError::TooManyUploads)?;
        let upload = self.parts.store.begin_upload(&self.parts.clock.new_secret()).await?;
        Ok(Incoming {
            sender,
            conversation,
            types: rules.types.clone(),
            max_bytes: rules.max_bytes,
            upload,
            head: vec![],
            judged: None,
            _place: place,
        })
    }

    /// Keeps what has come in whole. When this returns, the file is safe. The second value tells whether it came before.
    pub async fn keep_upload(&self, mut incoming: Incoming) -> Result<(Attachment, bool), DeskError> {
        let (kind, name) = match incoming.judged.take() {
            Some(judged) => judged,
            None => incoming.judge()?,
        };
        let size = match kind.name.starts_with("image/") {
            true => Some(image_size(&mut incoming.upload, MAX_SIDE, &incoming.types).await?),
            false => None,
        };
        let new = NewAttachment {
            id: AttachmentId::new(self.parts.clock.new_id()),
            conversation: incoming.conversation.id,
            agent: incoming.sender.agent,
            // Hashed: whatever the sender puts into it, erasing a row need not look for it.
            client_id: hash(&incoming.sender.client_id),
            name,
            kind: kind.name,
            width: size.map(|(width, _)| width),
            height: size.map(|(_, height)| height),
            now: self.parts.clock.now(),
        };
        let kept = self.parts.store.keep_attachment(new, incoming.upload).await?;
        let kept = kept.ok_or(DeskError::NoSuchConversation)?;
        Ok((kept.attachment, kept.repeated))
    }

    /// By its unguessable key. `None`: there is none, or it was erased.
    pub async fn open_file(&self, key: &str) -> Result<Option<OpenFile>, StoreError> {
        self.parts.store.open_file(key).await
    }

    /// Uploads that no turn named within a day go. Returns how many.
    pub async fn forget_unsaid_files(&self) -> Result<u64, StoreError> {
        let before = self.parts.clock.now() - jiff::SignedDuration::from_secs(UNSAID_KEPT_SECS);
        let mut n_forgotten = 0;
        loop {
            match self.parts.store.forget_unsaid(before, FORGOTTEN_AT_ONCE).await? {
                0 => return Ok(n_forgotten),
                n => n_forgotten += n,
            }
        }
    }

    /// What could not be removed when its row went is tried again. Returns how many are still there.
    pub async fn remove_unwanted_files(&self) -> Result<u64, StoreError> {
        self.parts.store.remove_unwanted_files().await
    }

    /// The picture that customers see beside the agent's name. Returns its key.
    pub async fn set_avatar(&self, agent: &AgentRecord, bytes: &[u8]) -> Result<String, DeskError> {
        let types: Vec<&'static FileType> = AVATAR_TYPES.iter().filter_map(|name| file_type(name)).collect();
        if bytes.len() > MAX_AVATAR_BYTES {
            return Err(DeskError::FileTooLarge { max_bytes: MAX_AVATAR_BYTES as u64 });
        }
        let kind = kind_of(bytes, &types).ok_or_else(|| bad_type(&types))?;
        let mut upload = self.parts.store.begin_upload(&self.parts.clock.new_secret()).await?;
        upload.write(bytes).await.map_err(unwritten)?;
        image_size(&mut upload, MAX_AVATAR_SIDE, &types).await?;
        let key = upload.key().to_owned();
        let is_set = self.parts.store.set_avatar(&agent.id, Some((upload, kind.name))).await?;
        if is_set { Ok(key) } else { Err(DeskError::NoSuchAgent) }
    }

    pub async fn take_avatar_away(&self, agent: &AgentRecord) -> Result<(), DeskError> {
        let found = self.parts.store.set_avatar(&agent.id, None).await?;
        if found { Ok(()) } else { Err(DeskError::NoSuchAgent) }
    }
}

impl Incoming {
    /// One more piece. Refuses as soon as it is too much, or of a kind that nobody may send.
    pub async fn take(&mut self, piece: &[u8]) -> Result<(), DeskError> {
        if self.upload.bytes() + piece.len() as u64 > self.max_bytes {
            return Err(DeskError::FileTooLarge { max_bytes: self.max_bytes });
        }
        let missing = HEAD_BYTES - self.head.len();
        self.head.extend_from_slice(&piece[..piece.len().min(missing)]);
        if self.judged.is_none() && self.head.len() == HEAD_BYTES {
            self.judged = Some(self.judge()?);
        }
        self.upload.write(piece).await.map_err(unwritten)
    }

    /// What it is by its bytes, and its name, whose ending must agree.
    fn judge(&self) -> Result<(&'static FileType, String), DeskError> {
        let kind = kind_of(&self.head, &self.types).ok_or_else(|| bad_type(&self.types))?;
        let name = clean_name(&self.sender.name, kind).ok_or_else(|| bad_type(&self.types))?;
        Ok((kind, name))
    }
}

/// An id stands once, and there are not too many.
pub(super) fn check_attachments(ids: &[AttachmentId]) -> Result<(), DeskError> {
    if ids.len() > MAX_ATTACHMENTS {
        return Err(DeskError::BadInput(format!("attachments: must have at most {MAX_ATTACHMENTS} files")));
    }
    let is_twice = ids.iter().enumerate().any(|(at, id)| ids[..at].contains(id));
    if is_twice { Err(DeskError::BadInput("attachments: a file stands there twice".into())) } else { Ok(()) }
}

fn bad_type(types: &[&'static FileType]) -> DeskError {
    DeskError::BadFileType { types: types.iter().map(|known| known.name).collect() }
}

fn kind_of(head: &[u8], types: &[&'static FileType]) -> Option<&'static FileType> {
    let name = match infer::get(head) {
        // Opus stands in an Ogg file: what Telegram's voice messages are.
        Some(found) if found.mime_type() == "audio/opus" => "audio/ogg",
        Some(found) => found.mime_type(),
        None if is_text(head) => TEXT,
        None => return None,
    };
    types.iter().find(|known| known.name == name).copied()
}

/// In whatever encoding: old ones are no UTF-8. What browsers would run is marked as such and never gets here; whatever it says, it
/// is only ever downloaded, as plain text.
fn is_text(head: &[u8]) -> bool {
    let is_control = |b: &u8| matches!(b, 0..=8 | 14..=26 | 28..=31 | 127);
    !head.is_empty() && !head.iter().any(is_control)
}

/// Width and height as the file declares them. A picture that does not say is none.
async fn image_size(
    upload: &mut Upload,
    max_side: usize,
    types: &[&'static FileType],
) -> Result<(u32, u32), DeskError> {
    let file = upload.read_again().await.map_err(unwritten)?;
    let reading = tokio::task::spawn_blocking(move || imagesize::reader_size(BufReader::new(file)));
    let size = reading.await.ok().and_then(Result::ok).ok_or_else(|| bad_type(types))?;
    let is_too_large = size.width.max(size.height) > max_side || size.width as u64 * size.height as u64 > MAX_PIXELS;
    if is_too_large {
        return Err(DeskError::TooManyPixels { max_pixels: MAX_PIXELS, max_side: max_side as u64 });
    }
    Ok((size.width as u32, size.height as u32))
}

/// A full disk is told as such.
fn unwritten(error: std::io::Error) -> DeskError {
    StoreError::Unavailable { step: "write a file", source: error.into() }.into()
}

/// Whether a failure of the store is a full disk.
pub(super) fn is_full(failure: &StoreError) -> bool {
    let StoreError::Unavailable { source, .. } = failure else { return false };
    let kind = source.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    matches!(kind, Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_tell_what_a_file_is() {
        let rules = FileRules::default();
        let check = |bytes: &[u8], expected: Option<&str>| {
            assert_eq!(
                kind_of(bytes, &rules.types).map(|kind| kind.name),
                expected,
                "{:?}",
                String::from_utf8_lossy(bytes)
            );
        };
        check(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Some("image/png"));
        check(b"\xff\xd8\xff\xe0\0\x10JFIF", Some("image/jpeg"));
        check(b"GIF89a\x01\0\x01\0", Some("image/gif"));
        check(b"RIFF\x24\0\0\0WEBPVP8 ", Some("image/webp"));
        check(b"%PDF-1.7\n", Some("application/pdf"));
        check("Где мой заказ?\n".as_bytes(), Some(TEXT));
        check(b"\xcf\xf0\xe8\xe2\xe5\xf2\r\n", Some(TEXT)); // windows-1251
        check(b"", None);
        check(b"\x7fELF\x02\x01\x01\0", None);
        check(b"MZ\x90\0\x03", None);
        check(b"PK\x03\x04\x14\0", None);
        check(b"<!DOCTYPE html><script>alert(1)</script>", None);
        check(b"  <html><body>", None);
        check(b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>", None);
        check(b"#!/bin/sh\nrm -rf /\n", None);
        check(b"text\0with a hole", None);
    }

    #[test]
    fn attachments_of_one_turn() {
        let ids = |n: usize| (0..n).map(|n| AttachmentId::new(n.to_string())).collect::<Vec<_>>();
        assert!(check_attachments(&ids(MAX_ATTACHMENTS)).is_ok());
        assert!(check_attachments(&ids(MAX_ATTACHMENTS + 1)).is_err());
        assert!(check_attachments(&[AttachmentId::new("a"), AttachmentId::new("a")]).is_err());
    }
}
