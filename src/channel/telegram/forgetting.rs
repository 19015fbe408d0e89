//! `/forget`: asks back, erases, says so. What is said about it goes past the store, or there would be words again.

use super::buttons::{self, Tap};
use super::notes::Note;
use super::reading::Update;
use super::{TelegramBot, texts};
use crate::desk::DeskError;
use crate::domain::Conversation;
use crate::store::OneCustomer;

impl TelegramBot {
    /// Whoever was never here is not made known by asking.
    pub(super) async fn ask_to_forget(&self, update: &Update) -> Result<(), DeskError> {
        let conversation = self.desk.conversation_by_channel(&self.address(update.chat)).await?;
        let language = self.language_of(conversation.as_ref(), update);
        match conversation {
            Some(conversation) => {
                let keyboard = vec![buttons::forget(&conversation.id, language)];
                self.notes.say(update.chat, Note::AskToForget, texts::ask_to_forget(language), keyboard);
            }
            None => self.notes.say(update.chat, Note::NothingToForget, texts::nothing_to_forget(language), vec![]),
        }
        Ok(())
    }

    pub(super) async fn take_forget(
        &self,
        update: &Update,
        query: &str,
        message: i64,
        conversation: Option<Conversation>,
        tap: Option<Tap>,
    ) -> Result<(), DeskError> {
        let language = self.language_of(conversation.as_ref(), update);
        let meant = conversation.filter(|conversation| Some(Tap::forget(&conversation.id)) == tap);
        let Some(conversation) = meant else {
            let line = Some(texts::already_forgotten(language));
            self.notes.answer_tap(query.to_owned(), line, update.chat, message);
            return Ok(());
        };
        self.desk.erase_customer(&OneCustomer::OfConversation(conversation.id)).await?;
        self.notes.answer_tap(query.to_owned(), None, update.chat, message);
        self.notes.say(update.chat, Note::Forgotten, texts::forgotten(language), vec![]);
        Ok(())
    }
}
