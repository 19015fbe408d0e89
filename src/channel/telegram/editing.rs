//! A turn that stands in the chat already is edited or taken back there. Pure of what the words are: `render` says them.

use super::TelegramBot;
use super::api::{ApiError, Text};
use super::render::Rendered;
use super::rich::Rich;
use crate::store::Delivery;

impl TelegramBot {
    /// Each part gets its new words, what has become too many goes, what has come to be is sent. May be repeated.
    pub(super) async fn edit_parts(
        &self,
        delivery: &Delivery,
        chat: i64,
        messages: &[i64],
        rendered: &Rendered,
    ) -> Result<(), ApiError> {
        if let Some(caption) = &rendered.caption {
            let first = messages.first().copied().unwrap_or_default();
            return passed_over(self.edit_part(chat, first, caption, true).await);
        }
        let n_files = rendered.files.len();
        let of_words = &messages[..messages.len().saturating_sub(n_files)];
        for (at, part) in rendered.parts.iter().enumerate() {
            match of_words.get(at) {
                Some(message) => passed_over(self.edit_part(chat, *message, part, false).await)?,
                None => {
                    let id = self.send(chat, part, vec![]).await?;
                    if let Err(failure) = self.desk.note_message(delivery.id, messages.len() + at, id).await {
                        tracing::error!(chat, error = %failure, "a part of an edited turn is sent and not noted");
                    }
                }
            }
        }
        self.delete_parts(chat, of_words.get(rendered.parts.len()..).unwrap_or_default()).await
    }

    pub(super) async fn delete_parts(&self, chat: i64, messages: &[i64]) -> Result<(), ApiError> {
        for message in messages {
            passed_over(self.api.delete(chat, *message).await)?;
            if let Err(failure) = self.desk.forget_message(&self.name, chat, *message).await {
                tracing::error!(chat, error = %failure, "a deleted message is still noted");
            }
        }
        Ok(())
    }

    async fn edit_part(&self, chat: i64, message: i64, part: &Rich, is_caption: bool) -> Result<(), ApiError> {
        let text = if part.has_marks() { Text::Html(part.html()) } else { Text::Plain(part.plain()) };
        self.api.edit(chat, message, &text, is_caption).await
    }
}

/// It stands there as it should, or not at all any more: nothing is left to be done.
fn passed_over(done: Result<(), ApiError>) -> Result<(), ApiError> {
    const SETTLED: [&str; 3] = ["message is not modified", "message to edit not found", "message to delete not found"];
    match done {
        Err(ApiError::Refused { code: 400, description, .. })
            if SETTLED.iter().any(|one| description.contains(one)) =>
        {
            tracing::debug!(%description, "an edit had nothing to do");
            Ok(())
        }
        other => other,
    }
}
