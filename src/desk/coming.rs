//! Files of a channel's customers that are still to be fetched, and customers whom a channel no longer reaches.

use super::{Desk, DeskError};
use crate::bus::Hint;
use crate::domain::{Channel, ConversationId, Timestamp};
use crate::store::{ComingFile, Fetched, NewComingFile, StoreError};

impl Desk {
    /// When this returns, the file is not forgotten. May be repeated.
    pub async fn expect_file(&self, new: NewComingFile) -> Result<(), DeskError> {
        Ok(self.parts.store.keep_coming_file(new).await?)
    }

    pub async fn coming_files(&self, bot: &str) -> Result<Vec<ComingFile>, StoreError> {
        self.parts.store.coming_files(bot).await
    }

    pub async fn settle_coming_file(
        &self,
        bot: &str,
        chat: i64,
        message: i64,
        fetched: Fetched,
    ) -> Result<(), StoreError> {
        self.parts.store.settle_coming_file(bot, chat, message, fetched).await
    }

    /// They stand in a turn now.
    pub async fn coming_files_said(&self, bot: &str, chat: i64, messages: Vec<i64>) -> Result<(), StoreError> {
        self.parts.store.coming_files_said(bot, chat, messages).await
    }

    /// What is sent to this address does not arrive from now on, or does again. Nothing where nobody ever wrote from there.
    pub async fn set_reachable(&self, address: &Channel, is_reachable: bool) -> Result<(), DeskError> {
        let Some(conversation) = self.conversation_by_channel(address).await? else { return Ok(()) };
        let since = (!is_reachable).then(|| self.parts.clock.now());
        if self.parts.store.set_unreachable(&conversation.id, since).await? {
            self.parts.bus.hint(Hint::Conversation(conversation.id));
        }
        Ok(())
    }

    /// Since when the customer has blocked the bot.
    pub async fn unreachable_since(&self, id: &ConversationId) -> Result<Option<Timestamp>, StoreError> {
        self.parts.store.unreachable_since(id).await
    }
}
