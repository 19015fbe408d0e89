//! SQLite behind the store trait: one file in the data folder, one writer, a few readers.
//!
//! Reading order: `writer` (how writes become durable), `changes` (what one write does), `record`, `handoffs` and `batch` (the
//! rows of one change), then
//! what is read: `turns`, `lists`, `outbox`, `judged`, `agents`. The tables stand in `migrations/sqlite`.

mod agents;
mod batch;
mod changes;
mod handoffs;
mod judged;
mod lists;
mod lock;
mod open;
mod outbox;
mod record;
mod rows;
#[cfg(test)]
mod speed;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod trials;
mod turns;
mod writer;

pub use lock::{DataLock, LockError};

use super::*;
use crate::domain::plan::Heard;
use futures::FutureExt;
use rows::Step;
use sqlx::SqlitePool;
use std::path::Path;
use writer::Writer;

/// Keeps everything in `firstline.db` of one data folder.
///
/// The folder belongs to one process at a time: hold its [`DataLock`] while this is open.
pub struct SqliteStore {
    writer: Writer,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Opens the store in `folder`, makes both where they are missing, and brings the tables up to date.
    ///
    /// Errors: `Unavailable` when the folder cannot be written; `Corrupt` when the file is no database or was made by a newer
    /// Firstline. Each says what to do.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        let (writer, readers) = open::open(folder).await?;
        Ok(Self { writer: Writer::start(writer)?, readers })
    }

    /// A test's wish: from now on SQLite refuses every write, or no longer.
    #[cfg(feature = "testkit")]
    pub fn pretend_read_only(&self, is_read_only: bool) {
        self.writer.read_only.store(is_read_only, std::sync::atomic::Ordering::Relaxed);
    }

    /// Finishes what was handed in and closes the file. Later calls get `Unavailable`. Dropping the store is as safe; this
    /// only waits, and leaves one tidy file instead of three.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.stop().await;
    }
}

/// The judged cases in a data folder, as `Store::judged_cases` gives them, for a command that only reads: it may run beside a
/// server. None where there is no store yet, or one of before there were judged cases.
pub async fn judged_cases_in(folder: &Path, limit: u32) -> Result<Vec<JudgedCase>, StoreError> {
    let Some(readers) = open::open_to_read(folder).await? else { return Ok(vec![]) };
    let cases = if judged::is_there(&readers).await? { judged::cases(&readers, limit).await } else { Ok(vec![]) };
    readers.close().await;
    cases
}

#[async_trait]
impl Store for SqliteStore {
    async fn open_conversation(&self, new: NewConversation) -> Result<Opened, StoreError> {
        self.writer.write(move |db| changes::open_conversation(db, new).boxed()).await
    }

    async fn keep(
        &self,
        conversation: &ConversationId,
        heard: Heard,
        now: Timestamp,
    ) -> Result<Option<Kept>, StoreError> {
        let id = conversation.clone();
        self.writer.write_batch(move |db| changes::keep(db, id, heard, now).boxed()).await
    }

    async fn commit(&self, change: Change) -> Result<Conversation, StoreError> {
        self.writer.write_batch(move |db| changes::commit(db, change).boxed()).await
    }

    async fn conversation(&self, id: &ConversationId) -> Result<Option<Conversation>, StoreError> {
        turns::conversation(&self.readers, id).await
    }

    async fn conversation_by_token(&self, token_hash: &str) -> Result<Option<Conversation>, StoreError> {
        turns::conversation_by_token(&self.readers, token_hash).await
    }

    async fn conversation_by_channel(&self, channel: &Channel) -> Result<Option<Conversation>, StoreError> {
        match rows::address(channel) {
            Some(address) => turns::conversation_by_address(&self.readers, &address).await,
            None => Ok(None),
        }
    }

    async fn turns(&self, id: &ConversationId, after: Seq, limit: u32) -> Result<TurnPage, StoreError> {
        turns::turns(&self.readers, id, after, limit).await
    }

    async fn page(&self, id: &ConversationId) -> Result<Option<Page>, StoreError> {
        turns::page(&self.readers, id).await
    }

    async fn traces(&self, id: &ConversationId) -> Result<Vec<(Seq, Trace)>, StoreError> {
        turns::traces(&self.readers, id).await
    }

    async fn brief(&self, id: &ConversationId) -> Result<Option<Brief>, StoreError> {
        turns::brief(&self.readers, id).await
    }

    async fn place(&self, id: &ConversationId, queue: &QueueName) -> Result<u32, StoreError> {
        lists::place(&self.readers, id, queue).await
    }

    async fn list(&self, view: View, limit: u32, after: Option<Cursor>) -> Result<Vec<Row>, StoreError> {
        lists::list(&self.readers, &view, limit, after).await
    }

    async fn counts(&self, agent: &AgentId) -> Result<Counts, StoreError> {
        lists::counts(&self.readers, agent).await
    }

    async fn unanswered(&self, since: Timestamp, limit: u32) -> Result<Vec<ConversationId>, StoreError> {
        lists::unanswered(&self.readers, since, limit).await
    }

    async fn has_had(&self, conversation: &ConversationId, agent: &AgentId) -> Result<bool, StoreError> {
        judged::has_had(&self.readers, conversation, agent).await
    }

    async fn judge(&self, judgement: Judgement) -> Result<Option<Seq>, StoreError> {
        self.writer.write(move |db| judged::judge(db, judgement).boxed()).await
    }

    async fn to_judge(&self, now: Timestamp, limit: u32) -> Result<Vec<ToJudge>, StoreError> {
        judged::to_judge(&self.readers, now, limit).await
    }

    async fn judged_cases(&self, limit: u32) -> Result<Vec<JudgedCase>, StoreError> {
        judged::cases(&self.readers, limit).await
    }

    async fn lease_deliveries(
        &self,
        channel: &str,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let lease = outbox::Lease { bot: channel.to_owned(), now, until, limit };
        self.writer.write(move |db| outbox::lease(db, lease).boxed()).await
    }

    async fn settle_delivery(&self, id: i64, result: Delivered) -> Result<(), StoreError> {
        self.writer.write(move |db| outbox::settle(db, id, result).boxed()).await
    }

    async fn release_leases(&self) -> Result<(), StoreError> {
        self.writer.write(move |db| outbox::release_all(db).boxed()).await
    }

    async fn next_delivery_at(&self, channel: &str) -> Result<Option<Timestamp>, StoreError> {
        outbox::next_at(&self.readers, channel).await
    }

    async fn add_agent(&self, agent: AgentRecord) -> Result<(), StoreError> {
        self.writer.write(move |db| agents::add(db, agent).boxed()).await
    }

    async fn agents(&self) -> Result<Vec<AgentRecord>, StoreError> {
        agents::all(&self.readers).await
    }

    async fn agent_by_email(&self, email: &str) -> Result<Option<AgentRecord>, StoreError> {
        agents::by_email(&self.readers, email).await
    }

    async fn agent(&self, id: &AgentId) -> Result<Option<AgentRecord>, StoreError> {
        agents::by_id(&self.readers, id).await
    }

    async fn disable_agent(&self, email: &str) -> Result<bool, StoreError> {
        let email = email.to_owned();
        self.writer.write(move |db| agents::disable(db, email).boxed()).await
    }

    async fn set_agent_password(&self, email: &str, password_hash: &str) -> Result<bool, StoreError> {
        let (email, password_hash) = (email.to_owned(), password_hash.to_owned());
        self.writer.write(move |db| agents::set_password(db, email, password_hash).boxed()).await
    }

    async fn sign_in(&self, sign_in: SignIn) -> Result<(), StoreError> {
        self.writer.write(move |db| agents::sign_in(db, sign_in).boxed()).await
    }

    async fn signed_in(&self, token_hash: &str, now: Timestamp) -> Result<Option<AgentRecord>, StoreError> {
        agents::signed_in(&self.readers, token_hash, now).await
    }

    async fn sign_out(&self, token_hash: &str) -> Result<(), StoreError> {
        let token_hash = token_hash.to_owned();
        self.writer.write(move |db| agents::sign_out(db, token_hash).boxed()).await
    }

    async fn probe(&self) -> Result<(), StoreError> {
        self.writer.write(|db| probe(db).boxed()).await
    }
}

async fn probe(db: &mut sqlx::SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("insert into probes default values").execute(&mut *db).await.step("write a probe")?;
    sqlx::query("delete from probes").execute(&mut *db).await.step("delete a probe")?;
    Ok(())
}
