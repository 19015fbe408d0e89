//! A customer's data: read out whole, and erased at a wish or by age.

use super::{Desk, DeskError};
use crate::bus::Hint;
use crate::domain::Timestamp;
use crate::store::{CustomerData, Erased, OneCustomer, StoreError};
use serde::Serialize;

/// Conversations that one step by age erases: others' writes come between two steps.
const BY_AGE_AT_ONCE: u32 = 50;
/// Asks for the log to be cleared this often before it is left for later; each may wait a second.
const CLEARINGS: usize = 3;
const DAY_SECS: i64 = 24 * 3600;

/// Everything that is held about one customer, as it is handed out. Fields are added, never renamed.
#[derive(Clone, Debug, Serialize)]
pub struct Export {
    /// Always `firstline.customer`.
    pub format: &'static str,
    /// Rises when a reader of the one before could misread it.
    pub version: u32,
    pub exported_at: Timestamp,
    #[serde(flatten)]
    pub data: CustomerData,
}

impl Export {
    pub fn of(data: CustomerData, now: Timestamp) -> Self {
        Self { format: "firstline.customer", version: 1, exported_at: now, data }
    }
}

impl Desk {
    pub async fn export_customer(&self, one: &OneCustomer) -> Result<Export, DeskError> {
        let data = self.parts.store.customer_data(one).await?.ok_or(DeskError::NoSuchCustomer)?;
        Ok(Export::of(data, self.parts.clock.now()))
    }

    /// Erases every word of one customer, and ends what is open. Doing it again is no error.
    pub async fn erase_customer(&self, one: &OneCustomer) -> Result<Erased, DeskError> {
        let now = self.parts.clock.now();
        let mut erased = self.parts.store.erase_customer(one, now).await?.ok_or(DeskError::NoSuchCustomer)?;
        for _ in 1..CLEARINGS {
            if erased.is_log_clear {
                break;
            }
            erased.is_log_clear = self.clear_log().await?;
        }
        tracing::info!(
            ?one,
            n_conversations = erased.conversations.len(),
            n_words = erased.n_words,
            n_judged = erased.n_judged,
            n_files = erased.n_files,
            is_log_clear = erased.is_log_clear,
            "a customer's words were erased"
        );
        self.tell_of(&erased);
        Ok(erased)
    }

    /// One step of erasing what was resolved more than `days` ago, oldest first. Returns how many conversations lost their words;
    /// none when all is done.
    pub async fn erase_older_than(&self, days: u32) -> Result<usize, DeskError> {
        let now = self.parts.clock.now();
        let before = now - jiff::SignedDuration::from_secs(i64::from(days) * DAY_SECS);
        let erased = self.parts.store.erase_resolved(before, BY_AGE_AT_ONCE, now).await?;
        self.tell_of(&erased);
        Ok(erased.conversations.len())
    }

    /// What a reader held back when something was erased. `false`: it still does.
    pub async fn clear_log(&self) -> Result<bool, StoreError> {
        self.parts.store.clear_log().await
    }

    /// Consoles look again, carriers drop what they were about to send, and calibration forgets.
    fn tell_of(&self, erased: &Erased) {
        for conversation in &erased.conversations {
            self.parts.bus.hint(Hint::Conversation(conversation.clone()));
        }
        if !erased.conversations.is_empty() {
            self.parts.bus.hint(Hint::Queue);
            self.parts.bus.hint(Hint::Outbox);
        }
        if erased.n_judged > 0 {
            self.parts.bus.hint(Hint::Judged);
        }
    }
}
