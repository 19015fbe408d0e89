//! What an operator is told about one bot: what is wrong, and what to do about it.

use crate::domain::{Language, QueueName, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Shared between the bot's loops, which write it, and `/readyz` and the console, which read it.
pub struct TelegramHealth {
    state: Mutex<State>,
}

/// One bot, as an operator is told about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BotStanding {
    /// As the config file names it.
    pub name: String,
    /// Without `@`, once Telegram has told it.
    pub username: Option<String>,
    /// `https://t.me/…`
    pub link: Option<String>,
    pub site: String,
    pub transport: Transport,
    pub queue: Option<QueueName>,
    pub language: Language,
    /// Sentences; empty: all is well.
    pub troubles: Vec<String>,
    /// `None`: none since the start.
    pub last_update_at: Option<Timestamp>,
    pub last_sent_at: Option<Timestamp>,
}

/// How updates come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    Polling,
    Webhook,
}

struct State {
    username: Option<String>,
    last_update_at: Option<Timestamp>,
    last_sent_at: Option<Timestamp>,
    updates: Option<String>,
    outbox: Option<String>,
}

impl Default for TelegramHealth {
    fn default() -> Self {
        let updates = Some("Telegram: the bot has not reached the Bot API yet".to_owned());
        Self {
            state: Mutex::new(State {
                username: None,
                last_update_at: None,
                last_sent_at: None,
                updates,
                outbox: None,
            }),
        }
    }
}

impl TelegramHealth {
    /// Sentences for `/readyz` and the console; empty when all is well.
    pub fn degraded(&self) -> Vec<String> {
        let state = self.state();
        [&state.updates, &state.outbox].into_iter().flatten().cloned().collect()
    }

    /// The public name without `@`, once Telegram has told it.
    pub fn username(&self) -> Option<String> {
        self.state().username.clone()
    }

    /// Leads to the bot, once its name is known.
    pub fn link(&self) -> Option<String> {
        self.username().map(|name| format!("https://t.me/{name}"))
    }

    pub(super) fn is_called(&self, username: String) {
        self.state().username = Some(username);
    }

    /// When the last update came and the last message went, since the start.
    pub fn last(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        let state = self.state();
        (state.last_update_at, state.last_sent_at)
    }

    pub(super) fn heard(&self, at: Timestamp) {
        self.state().last_update_at = Some(at);
    }

    pub(super) fn sent(&self, at: Timestamp) {
        self.state().last_sent_at = Some(at);
    }

    pub(super) fn updates_come(&self) {
        if self.state().updates.take().is_some() {
            tracing::info!("updates come from Telegram");
        }
    }

    pub(super) fn updates_fail(&self, sentence: String) {
        change(&mut self.state().updates, sentence);
    }

    pub(super) fn outbox_flows(&self) {
        if self.state().outbox.take().is_some() {
            tracing::info!("messages go to Telegram again");
        }
    }

    pub(super) fn outbox_fails(&self, sentence: String) {
        change(&mut self.state().outbox, sentence);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One log line for each new trouble, not for each attempt.
fn change(told: &mut Option<String>, sentence: String) {
    if told.as_ref() != Some(&sentence) {
        tracing::warn!(trouble = %sentence, "Telegram gives trouble");
        *told = Some(sentence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_told_until_it_ends() {
        let health = TelegramHealth::default();
        assert_eq!(health.degraded().len(), 1, "a bot that never connected is not well");
        health.updates_come();
        assert!(health.degraded().is_empty());
        health.updates_fail("no updates".into());
        health.outbox_fails("no messages".into());
        assert_eq!(health.degraded(), ["no updates", "no messages"]);
        health.updates_come();
        health.outbox_flows();
        assert!(health.degraded().is_empty());
    }
}
