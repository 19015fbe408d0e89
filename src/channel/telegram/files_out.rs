//! Files of a turn, on their way to a chat: how each is sent, and from what.

use super::TelegramBot;
use super::api::{ApiError, OutgoingFile, Text, Way};
use super::buttons::Keyboard;
use super::rich::Rich;
use crate::domain::Attachment;

/// Bot API, sendPhoto: in bytes, and of width and height together, and how many times one is the other.
const PHOTO_BYTES: u64 = 10 * 1024 * 1024;
const PHOTO_SIDES: u64 = 10_000;
const PHOTO_RATIO: u32 = 20;

/// What is neither seen nor heard in the chat, or not within Telegram's bounds, goes as a document, unchanged.
pub fn way(file: &Attachment) -> Way {
    match file.kind.as_str() {
        "image/jpeg" | "image/png" | "image/webp" if is_photo(file) => Way::Photo,
        "image/gif" => Way::Animation,
        "audio/ogg" => Way::Voice,
        "audio/mpeg" | "audio/mp4" => Way::Audio,
        "video/mp4" => Way::Video,
        _ => Way::Document,
    }
}

fn is_photo(file: &Attachment) -> bool {
    let (Some(width), Some(height)) = (file.width, file.height) else { return false };
    let (short, long) = (width.min(height).max(1), width.max(height));
    file.bytes <= PHOTO_BYTES && u64::from(width) + u64::from(height) <= PHOTO_SIDES && long / short < PHOTO_RATIO
}

impl TelegramBot {
    /// Once more as a plain document when Telegram does not want it as what it is. `Ok(None)`: it was erased meanwhile.
    pub(super) async fn send_file(
        &self,
        chat: i64,
        file: &Attachment,
        caption: Option<&Rich>,
        keyboard: &Keyboard,
    ) -> Result<Option<i64>, ApiError> {
        let marked =
            caption.map(|rich| if rich.has_marks() { Text::Html(rich.html()) } else { Text::Plain(rich.plain()) });
        match self.send_file_as(way(file), chat, file, marked, keyboard).await {
            Err(ApiError::Refused { code: 400, description, .. }) if !description.contains("chat not found") => {
                tracing::warn!(chat, %description, "Telegram does not want a file as what it is; it goes as a document");
                let plain = caption.map(|rich| Text::Plain(rich.plain()));
                self.send_file_as(Way::Document, chat, file, plain, keyboard).await
            }
            sent => sent,
        }
    }

    async fn send_file_as(
        &self,
        way: Way,
        chat: i64,
        file: &Attachment,
        caption: Option<Text>,
        keyboard: &Keyboard,
    ) -> Result<Option<i64>, ApiError> {
        let opened = self.desk.open_file(&file.key).await;
        let opened = opened.map_err(|failure| ApiError::Unanswered(format!("the file cannot be read: {failure}")))?;
        let Some(opened) = opened else { return Ok(None) };
        let outgoing = OutgoingFile {
            way,
            name: file.name.clone(),
            media_type: file.kind.clone(),
            bytes: opened.bytes,
            content: opened.file,
            caption,
        };
        self.api.send_file(chat, outgoing, keyboard).await.map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AttachmentId;

    #[test]
    fn ways() {
        let check = |kind: &str, size: Option<(u32, u32)>, bytes: u64, expected: Way| {
            let file = Attachment {
                id: AttachmentId::new("f"),
                key: String::new(),
                name: "f".into(),
                kind: kind.into(),
                bytes,
                width: size.map(|(width, _)| width),
                height: size.map(|(_, height)| height),
            };
            assert_eq!(way(&file), expected, "{kind} {size:?} {bytes}");
        };
        check("image/png", Some((800, 600)), 1_000, Way::Photo);
        check("image/png", Some((800, 600)), PHOTO_BYTES + 1, Way::Document);
        check("image/png", Some((9_000, 2_000)), 1_000, Way::Document);
        check("image/jpeg", Some((2_000, 100)), 1_000, Way::Document);
        check("image/jpeg", None, 1_000, Way::Document);
        check("image/gif", Some((8, 8)), 1_000, Way::Animation);
        check("audio/ogg", None, 1_000, Way::Voice);
        check("audio/mpeg", None, 1_000, Way::Audio);
        check("video/mp4", None, 1_000, Way::Video);
        check("application/pdf", None, 1_000, Way::Document);
    }
}
