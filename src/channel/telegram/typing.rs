//! While an agent types, the chat shows it: said again every few seconds, since Telegram forgets it after five.

use super::TelegramBot;
use crate::bus::{Hint, Typist};
use crate::domain::{Channel, ConversationId};
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

/// Below the five seconds of Bot API, sendChatAction.
const AGAIN_AFTER: Duration = Duration::from_secs(4);
/// Chats that agents write to at once; whoever comes on top writes unseen.
const CHATS_AT_MOST: usize = 256;

/// Until `shutdown`.
pub async fn run(bot: &TelegramBot, shutdown: &CancellationToken) {
    let mut hints = bot.desk.bus().listen();
    let mut typing: HashMap<ConversationId, i64> = HashMap::new();
    let mut again = tokio::time::interval(AGAIN_AFTER);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            hint = hints.recv() => match hint {
                Ok(Hint::Typing { conversation, by: Typist::Agent(_), is_typing: true }) => {
                    if typing.len() < CHATS_AT_MOST
                        && let Some(chat) = bot.chat_of(&conversation).await
                    {
                        bot.notes.show_typing(chat);
                        typing.insert(conversation, chat);
                    }
                }
                Ok(Hint::Typing { conversation, by: Typist::Agent(_), is_typing: false }) => {
                    typing.remove(&conversation);
                }
                Ok(_) => {}
                // Who still types says so again.
                Err(RecvError::Lagged(_)) => typing.clear(),
                Err(RecvError::Closed) => return,
            },
            _ = again.tick() => typing.values().for_each(|chat| bot.notes.show_typing(*chat)),
        }
    }
}

impl TelegramBot {
    /// Where the conversation goes on, if that is a chat of this bot.
    async fn chat_of(&self, id: &ConversationId) -> Option<i64> {
        let conversation = self.desk.read(id).await.ok()?;
        match conversation.channel {
            Channel::Telegram { bot, chat } if bot == self.name => Some(chat),
            Channel::Telegram { .. } | Channel::Web => None,
        }
    }
}
