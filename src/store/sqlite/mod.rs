//! SQLite behind the store trait: one file in the data folder, one writer, a few readers.
//!
//! Reading order: `writer` (how writes become durable), `changes` (what one write does), `record`, `handoffs` and `batch` (the
//! rows of one change), then
//! what is read: `turns`, `lists`, `outbox`, `judged`, `agents`; then `privacy`, `customer_data`, `log` and `backup`. The tables stand in
//! `migrations/sqlite`.

mod agents;
mod backup;
mod batch;
mod changes;
mod customer_data;
mod customers;
mod handoffs;
mod judged;
mod lines;
mod lists;
mod lock;
mod log;
mod open;
mod outbox;
mod privacy;
mod record;
mod rows;
#[cfg(test)]
mod speed;
mod staff;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod trials;
mod turns;
mod writer;

pub use backup::{BackedUp, BackupError, Copied, Copying};
pub use lock::{DataLock, LockError};

use super::*;
use crate::domain::plan::Heard;
use futures::FutureExt;
use rows::Step;
use sqlx::SqlitePool;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use writer::Writer;

/// Keeps everything in `firstline.db` of one data folder.
///
/// The folder belongs to one process at a time: hold its [`DataLock`] while this is open.
pub struct SqliteStore {
    writer: Writer,
    readers: SqlitePool,
    folder: PathBuf,
    /// Something was erased, and the log may still hold it.
    log_holds_erased: AtomicBool,
}

impl SqliteStore {
    /// Opens the store in `folder`, makes both where they are missing, and brings the tables up to date.
    ///
    /// Errors: `Unavailable` when the folder cannot be written; `Corrupt` when the file is no database or was made by a newer
    /// Firstline. Each says what to do.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        let (mut writer, readers) = open::open(folder).await?;
        // Whoever had the folder before may have died between erasing and clearing.
        let is_clear = log::clear(&mut writer.0).await?;
        Ok(Self {
            writer: Writer::start(writer)?,
            readers,
            folder: folder.to_owned(),
            log_holds_erased: AtomicBool::new(!is_clear),
        })
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

/// All about one customer in a data folder, for a command that only reads: it may run beside a server. `None`: no such customer.
pub async fn customer_data_in(folder: &Path, one: &OneCustomer) -> Result<Option<CustomerData>, StoreError> {
    let Some(readers) = open::open_to_read(folder).await? else { return Ok(None) };
    let data = match open::is_up_to_date(&readers).await {
        Ok(()) => customer_data::customer_data(&readers, one).await,
        Err(old) => Err(old),
    };
    readers.close().await;
    data
}

/// A copy of the database in a data folder, of the moment of its beginning; beside a running server too.
pub async fn back_up(folder: &Path, out: &Path, copying: Copying<'_>) -> Result<BackedUp, BackupError> {
    backup::back_up(folder, out, copying).await
}

/// Reads a copy whole and says what is in it, or what is wrong with it.
pub async fn verify_backup(file: &Path) -> Result<BackedUp, BackupError> {
    backup::verify(file).await
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
        rules: &Arc<Rules>,
        now: Timestamp,
    ) -> Result<Option<Kept>, StoreError> {
        let (id, rules) = (conversation.clone(), rules.clone());
        self.writer.write_batch(move |db| async move { changes::keep(db, id, heard, &rules, now).await }.boxed()).await
    }

    async fn commit(&self, change: Change) -> Result<Conversation, StoreError> {
        self.writer.write_batch(move |db| changes::commit(db, change).boxed()).await
    }

    async fn commit_together(&self, changes: Vec<Change>) -> Result<Vec<Conversation>, StoreError> {
        self.writer.write(move |db| changes::commit_together(db, changes).boxed()).await
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

    async fn agent_said(&self, conversation: &ConversationId, client_id: &str) -> Result<bool, StoreError> {
        turns::agent_said(&self.readers, conversation, client_id).await
    }

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<ConversationId>, StoreError> {
        lines::due(&self.readers, now, limit).await
    }

    async fn follow_rules(&self, rules: &Arc<Rules>) -> Result<usize, StoreError> {
        let (mut n_moved, mut after) = (0, Some(String::new()));
        while let Some(last) = after {
            let rules = rules.clone();
            let (moved, next) = self
                .writer
                .write(move |db| async move { lines::follow_rules(db, &rules, &last).await }.boxed())
                .await?;
            n_moved += moved;
            after = next;
        }
        Ok(n_moved)
    }

    async fn in_line(&self, queues: &[QueueName], limit: u32) -> Result<Vec<InLine>, StoreError> {
        lines::in_line(&self.readers, queues, limit).await
    }

    async fn pickups(&self, queue: &QueueName, since: Timestamp, limit: u32) -> Result<Vec<Pickup>, StoreError> {
        lines::pickups(&self.readers, queue, since, limit).await
    }

    async fn owned_by(&self, agent: &AgentId, limit: u32) -> Result<Vec<ConversationId>, StoreError> {
        lines::owned_by(&self.readers, agent, limit).await
    }

    async fn merged_into(&self, id: &ConversationId) -> Result<Vec<ConversationId>, StoreError> {
        lines::merged_into(&self.readers, id).await
    }

    async fn past_of(&self, id: &ConversationId, limit: u32) -> Result<Vec<Past>, StoreError> {
        lines::past_of(&self.readers, id, limit).await
    }

    async fn mend(&self, rules: &Arc<Rules>) -> Result<(), StoreError> {
        self.writer.write(move |db| lines::mend(db).boxed()).await?;
        self.follow_rules(rules).await.map(|_| ())
    }

    async fn unite_customers(&self, from: &CustomerId, into: &CustomerId) -> Result<(), StoreError> {
        let (from, into) = (from.clone(), into.clone());
        self.writer.write(move |db| customers::unite(db, from, into).boxed()).await
    }

    async fn broken(&self) -> Result<Vec<(&'static str, u64)>, StoreError> {
        lines::broken(&self.readers).await
    }

    async fn staff(&self) -> Result<Vec<Staff>, StoreError> {
        staff::staff(&self.readers).await
    }

    async fn set_presence(&self, agent: &AgentId, presence: Presence, now: Timestamp) -> Result<bool, StoreError> {
        let agent = agent.clone();
        self.writer.write(move |db| staff::set_presence(db, agent, presence, now).boxed()).await
    }

    async fn seen(&self, agent: &AgentId, now: Timestamp) -> Result<bool, StoreError> {
        let agent = agent.clone();
        self.writer.write(move |db| staff::seen(db, agent, now).boxed()).await
    }

    async fn vanish(&self, before: Timestamp) -> Result<Vec<AgentId>, StoreError> {
        self.writer.write(move |db| staff::vanish(db, before).boxed()).await
    }

    async fn set_agent_work(&self, email: &str, work: AgentWork) -> Result<bool, StoreError> {
        let email = email.to_owned();
        self.writer.write(move |db| staff::set_work(db, email, work).boxed()).await
    }

    async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        staff::setting(&self.readers, key).await
    }

    async fn set_setting(
        &self,
        key: &str,
        value: Option<String>,
        agent: &AgentId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (key, agent) = (key.to_owned(), agent.clone());
        self.writer.write(move |db| staff::set_setting(db, key, value, agent, now).boxed()).await
    }

    async fn keep_draft(
        &self,
        conversation: &ConversationId,
        agent: &AgentId,
        text: String,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (conversation, agent) = (conversation.clone(), agent.clone());
        self.writer.write(move |db| staff::keep_draft(db, conversation, agent, text, now).boxed()).await
    }

    async fn draft(&self, conversation: &ConversationId, agent: &AgentId) -> Result<Option<String>, StoreError> {
        staff::draft(&self.readers, conversation, agent).await
    }

    async fn contacts(&self, conversation: &ConversationId) -> Result<Vec<(ContactKind, String)>, StoreError> {
        customers::contacts(&self.readers, conversation).await
    }

    async fn profile(&self, customer: &CustomerId) -> Result<Option<Profile>, StoreError> {
        customers::profile(&self.readers, customer).await
    }

    async fn vouch(&self, profile: Profile, fresh: CustomerId, now: Timestamp) -> Result<CustomerId, StoreError> {
        self.writer.write(move |db| customers::vouch(db, profile, fresh, now).boxed()).await
    }

    async fn keep_link(
        &self,
        conversation: &ConversationId,
        code_hash: String,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let id = conversation.clone();
        self.writer.write(move |db| customers::keep_link(db, id, code_hash, expires_at).boxed()).await
    }

    async fn take_link(&self, code_hash: &str, now: Timestamp) -> Result<Option<ConversationId>, StoreError> {
        let code_hash = code_hash.to_owned();
        self.writer.write(move |db| customers::take_link(db, code_hash, now).boxed()).await
    }

    async fn undelivered(&self, conversation: &ConversationId) -> Result<Vec<(Seq, String)>, StoreError> {
        lines::undelivered(&self.readers, conversation).await
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

    // A customer's data.

    async fn customer_data(&self, one: &OneCustomer) -> Result<Option<CustomerData>, StoreError> {
        customer_data::customer_data(&self.readers, one).await
    }

    async fn erase_customer(&self, one: &OneCustomer, now: Timestamp) -> Result<Option<Erased>, StoreError> {
        let one = one.clone();
        let erased = self.writer.write(move |db| privacy::erase_customer(db, one, now).boxed()).await?;
        match erased {
            Some(erased) => Ok(Some(self.cleared_of(erased).await)),
            None => Ok(None),
        }
    }

    async fn erase_resolved(&self, before: Timestamp, limit: u32, now: Timestamp) -> Result<Erased, StoreError> {
        let erased = self.writer.write(move |db| privacy::erase_resolved(db, before, limit, now).boxed()).await?;
        Ok(self.cleared_of(erased).await)
    }

    async fn clear_log(&self) -> Result<bool, StoreError> {
        if !self.log_holds_erased.load(Ordering::SeqCst) {
            return Ok(true);
        }
        // Before the clearing: what is erased during it may still be in the log afterwards.
        self.log_holds_erased.store(false, Ordering::SeqCst);
        let is_clear = log::clear_beside(&self.folder).await;
        if !matches!(is_clear, Ok(true)) {
            self.log_holds_erased.store(true, Ordering::SeqCst);
        }
        is_clear
    }
}

impl SqliteStore {
    /// The words are gone from the tables by now, so that the log cannot be cleared is told and is no failure.
    async fn cleared_of(&self, erased: Erased) -> Erased {
        self.log_holds_erased.store(true, Ordering::SeqCst);
        let is_log_clear = self.clear_log().await.unwrap_or_else(|failure| {
            tracing::warn!(%failure, "the log cannot be cleared of what was erased; it is tried again");
            false
        });
        Erased { is_log_clear, ..erased }
    }
}

async fn probe(db: &mut sqlx::SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("insert into probes default values").execute(&mut *db).await.step("write a probe")?;
    sqlx::query("delete from probes").execute(&mut *db).await.step("delete a probe")?;
    Ok(())
}
