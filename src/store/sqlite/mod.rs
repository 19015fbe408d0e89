//! SQLite behind the store trait: one file in the data folder, one writer, a few readers.
//!
//! Reading order: `writer` (how writes become durable), `changes` (what one write does), `record`, `handoffs` and `batch` (the
//! rows of one change), then
//! what is read: `turns`, `lists`, `outbox`, `letters`, `judged`, `phrases`, `agents`; then `privacy`, `customer_data`, `log` and `backup`. The tables stand in
//! `migrations/sqlite`.

mod agents;
mod attachments;
mod audit;
mod backup;
mod backup_files;
mod batch;
mod canned;
mod changes;
mod coming;
mod customer_data;
mod customers;
mod handoffs;
mod judged;
mod letters;
mod lines;
mod lists;
mod lock;
mod log;
mod mentions;
mod open;
mod outbox;
mod phrases;
mod privacy;
mod record;
mod rows;
mod saved_views;
mod search;
mod shared;
mod signs;
#[cfg(test)]
mod speed;
mod staff;
mod tags;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod trials;
mod turns;
mod writer;

pub use backup::{BackedUp, BackupError, Copied, Copying};
pub use lock::{DataLock, LockError};

use super::files::Files;
use super::*;
use crate::domain::plan::Heard;
use futures::FutureExt;
use rows::Step;
use shared::{ListPage, Pages, Shared};
use sqlx::SqlitePool;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use writer::Writer;

/// Keeps everything in `firstline.db` of one data folder.
///
/// The folder belongs to one process at a time: hold its [`DataLock`] while this is open.
pub struct SqliteStore {
    writer: Writer,
    pages: Pages,
    counts_of_all: Shared<Vec<QueueName>, lists::OfAll>,
    readers: SqlitePool,
    folder: PathBuf,
    files: Files,
    index: search::Index,
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
        let files = Files::of(folder);
        let index = search::Index::open(folder, search::newest_words(&readers).await?).await?;
        let writer = Writer::start(writer)?;
        let store = Self {
            index,
            pages: Shared::new(&writer.age),
            counts_of_all: Shared::new(&writer.age),
            writer,
            readers,
            folder: folder.to_owned(),
            files,
            log_holds_erased: AtomicBool::new(!is_clear),
        };
        store.tidy_files().await;
        Ok(store)
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

/// The phrases that leads taught in a data folder; beside a running server too.
pub async fn taught_phrases_in(folder: &Path) -> Result<Vec<KeptPhrase>, StoreError> {
    let Some(readers) = open::open_to_read(folder).await? else { return Ok(vec![]) };
    let taught = if phrases::is_there(&readers).await? { phrases::taught(&readers).await } else { Ok(vec![]) };
    readers.close().await;
    taught
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

    async fn conversation_by_client(&self, site: &str, client_id: &str) -> Result<Option<Conversation>, StoreError> {
        turns::conversation_by_client(&self.readers, site, client_id).await
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

    async fn turn(&self, id: &ConversationId, first: Seq) -> Result<Option<Turn>, StoreError> {
        turns::turn(&self.readers, id, first).await
    }

    async fn channel_messages(&self, id: &ConversationId, first: Seq) -> Result<Vec<i64>, StoreError> {
        turns::channel_messages(&self.readers, id, first).await
    }

    async fn note_channel_message(&self, delivery: i64, part: u32, message: i64) -> Result<(), StoreError> {
        self.writer.write(move |db| outbox::note_message(db, delivery, Some(part), message).boxed()).await
    }

    async fn forget_channel_message(&self, bot: &str, chat: i64, message: i64) -> Result<(), StoreError> {
        let bot = bot.to_owned();
        self.writer.write(move |db| outbox::forget_message(db, bot, chat, message).boxed()).await
    }

    async fn turn_heard_as(&self, id: &ConversationId, bot: &str, message: i64) -> Result<Option<Seq>, StoreError> {
        turns::heard_as(&self.readers, id, bot, message).await
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

    async fn list(
        &self,
        view: View,
        narrow: &Narrow,
        limit: u32,
        after: Option<Cursor>,
    ) -> Result<Vec<Row>, StoreError> {
        let Some(page) = ListPage::of(&view, narrow, limit, after.as_ref()) else {
            return lists::list(&self.readers, &view, narrow, limit, after).await;
        };
        let read = async || Ok(lists::list(&self.readers, &view, narrow, limit, after.clone()).await?.into());
        Ok(self.pages.get(&page, read).await?.to_vec())
    }

    async fn search(
        &self,
        terms: Vec<Term>,
        narrow: Narrow,
        limit: u32,
        after: Option<Cursor>,
    ) -> Result<Vec<Row>, StoreError> {
        let after = after.unwrap_or_else(lists::after_all);
        search::find(&self.index, &self.readers, &terms, &narrow, lists::bounded(limit), after).await
    }

    async fn unindexed(&self, limit: u32) -> Result<ToIndex, StoreError> {
        search::unindexed(&self.readers, self.index.through().await?, limit.max(1)).await
    }

    async fn index(&self, turns: Vec<Indexed>, through: i64) -> Result<(), StoreError> {
        self.index.add(turns, through).await
    }

    async fn counts(&self, agent: &AgentId, hidden: &[QueueName]) -> Result<Counts, StoreError> {
        let read = async || lists::counts_of_all(&self.readers, hidden).await;
        let of_all = self.counts_of_all.get(&hidden.to_vec(), read).await?;
        lists::counts(&self.readers, agent, of_all).await
    }

    async fn tags(&self, limit: u32) -> Result<Vec<(Tag, u32)>, StoreError> {
        tags::in_use(&self.readers, limit).await
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

    async fn profile(&self, customer: &CustomerId) -> Result<Option<KnownCustomer>, StoreError> {
        customers::profile(&self.readers, customer).await
    }

    async fn vouch(&self, profile: KnownCustomer, fresh: CustomerId, now: Timestamp) -> Result<CustomerId, StoreError> {
        self.writer.write(move |db| customers::vouch(db, profile, fresh, now).boxed()).await
    }

    async fn identify(
        &self,
        conversation: &ConversationId,
        profile: KnownCustomer,
        priority: i32,
        now: Timestamp,
    ) -> Result<Identified, StoreError> {
        let id = conversation.clone();
        self.writer.write(move |db| signs::identify(db, id, profile, priority, now).boxed()).await
    }

    async fn keep_details(
        &self,
        conversation: &ConversationId,
        details: Vec<Detail>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let id = conversation.clone();
        self.writer.write(move |db| signs::keep_details(db, id, details, now).boxed()).await
    }

    async fn details(&self, conversation: &ConversationId) -> Result<Vec<Detail>, StoreError> {
        signs::details(&self.readers, conversation).await
    }

    async fn mark_read(&self, conversation: &ConversationId, by: Reader, through: Seq) -> Result<bool, StoreError> {
        // Looked for first: most marks are no news, and a write waits for its turn.
        if !signs::is_news(&self.readers, conversation, by, through).await? {
            return Ok(false);
        }
        let id = conversation.clone();
        self.writer.write(move |db| signs::mark_read(db, id, by, through).boxed()).await
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

    async fn canned(&self, agent: &AgentId) -> Result<Vec<CannedReply>, StoreError> {
        canned::canned(&self.readers, agent).await
    }

    async fn keep_canned(&self, reply: CannedReply, is_new: bool) -> Result<Keeping, StoreError> {
        self.writer.write(move |db| canned::keep(db, reply, is_new).boxed()).await
    }

    async fn remove_canned(&self, owner: Option<&AgentId>, id: &str) -> Result<bool, StoreError> {
        let (owner, id) = (owner.cloned(), id.to_owned());
        self.writer.write(move |db| canned::remove(db, owner, id).boxed()).await
    }

    async fn proposed_phrases(&self, limit: u32) -> Result<Vec<ProposedPhrase>, StoreError> {
        phrases::proposed(&self.readers, limit).await
    }

    async fn taught_phrases(&self) -> Result<Vec<KeptPhrase>, StoreError> {
        phrases::taught(&self.readers).await
    }

    async fn decide_phrase(&self, decision: PhraseDecision) -> Result<bool, StoreError> {
        self.writer.write(move |db| phrases::decide(db, decision).boxed()).await
    }

    async fn phrases_exported(&self, exported: Vec<PhraseVersion>) -> Result<(), StoreError> {
        self.writer.write(move |db| phrases::exported(db, exported).boxed()).await
    }

    async fn article_use(&self, since: Timestamp) -> Result<Vec<(ArticleId, ArticleUse)>, StoreError> {
        judged::article_use(&self.readers, since).await
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

    async fn waiting_deliveries(&self, bot: &str, since: Timestamp) -> Result<WaitingDeliveries, StoreError> {
        outbox::waiting(&self.readers, bot, since).await
    }

    async fn next_delivery_at(&self, channel: &str) -> Result<Option<Timestamp>, StoreError> {
        outbox::next_at(&self.readers, channel).await
    }

    async fn keep_transcript_wish(&self, wish: NewTranscript) -> Result<WishKept, StoreError> {
        self.writer.write(move |db| letters::keep_wish(db, wish).boxed()).await
    }

    async fn lease_letters(
        &self,
        bounds: LetterBounds,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Letter>, StoreError> {
        self.writer.write(move |db| letters::lease(db, bounds, now, until).boxed()).await
    }

    async fn seal_letter(&self, id: i64, from: Seq, address: String) -> Result<Option<Sealed>, StoreError> {
        self.writer.write(move |db| letters::seal(db, id, from, address).boxed()).await
    }

    async fn settle_letter(&self, id: i64, posted: Posted, now: Timestamp) -> Result<(), StoreError> {
        self.writer.write(move |db| letters::settle(db, id, posted, now).boxed()).await
    }

    async fn next_letter_at(&self, per_hour: u32, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        letters::next_at(&self.readers, per_hour, now).await
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

    async fn saved_views(&self, agent: &AgentId) -> Result<Vec<SavedView>, StoreError> {
        saved_views::of(&self.readers, agent).await
    }

    async fn keep_view(&self, view: SavedView, is_new: bool) -> Result<Keeping, StoreError> {
        self.writer.write(move |db| saved_views::keep(db, view, is_new).boxed()).await
    }

    async fn remove_view(&self, owner: Option<&AgentId>, id: &str) -> Result<bool, StoreError> {
        let (owner, id) = (owner.cloned(), id.to_owned());
        self.writer.write(move |db| saved_views::remove(db, owner, id).boxed()).await
    }

    async fn is_mentioned(&self, agent: &AgentId, conversation: &ConversationId) -> Result<bool, StoreError> {
        mentions::is_called(&self.readers, agent, conversation).await
    }

    async fn mention_seen(&self, agent: &AgentId, conversation: &ConversationId) -> Result<(), StoreError> {
        let (agent, conversation) = (agent.clone(), conversation.clone());
        self.writer.write(move |db| mentions::looked(db, agent, conversation).boxed()).await
    }

    async fn blocked_at(&self, customer: &CustomerId) -> Result<Option<Timestamp>, StoreError> {
        customers::blocked_at(&self.readers, customer).await
    }

    async fn set_blocked(&self, customer: &CustomerId, since: Option<Timestamp>) -> Result<bool, StoreError> {
        let customer = customer.clone();
        self.writer.write(move |db| customers::set_blocked(db, customer, since).boxed()).await
    }

    async fn set_second_factor(&self, email: &str, secret: Option<String>) -> Result<bool, StoreError> {
        let email = email.to_owned();
        self.writer.write(move |db| agents::set_second_factor(db, email, secret).boxed()).await
    }

    async fn use_code(&self, agent: &AgentId, step: u64) -> Result<bool, StoreError> {
        let agent = agent.clone();
        self.writer.write(move |db| agents::use_code(db, agent, step).boxed()).await
    }

    async fn failed_sign_ins(&self, email_hash: &str) -> Result<Option<FailedSignIns>, StoreError> {
        audit::failed(&self.readers, email_hash).await
    }

    async fn fail_sign_in(&self, email_hash: &str, since: Timestamp, now: Timestamp) -> Result<u32, StoreError> {
        let email_hash = email_hash.to_owned();
        self.writer.write(move |db| audit::fail(db, email_hash, since, now).boxed()).await
    }

    async fn forgive_sign_ins(&self, email_hash: &str) -> Result<(), StoreError> {
        let email_hash = email_hash.to_owned();
        self.writer.write(move |db| audit::forgive(db, email_hash).boxed()).await
    }

    async fn note_audit(
        &self,
        agent: Option<AgentId>,
        what: Audited,
        about: String,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.writer.write(move |db| audit::note(db, agent, what, about, now).boxed()).await
    }

    async fn audit(&self, before: Option<i64>, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        audit::entries(&self.readers, before, limit).await
    }

    async fn sign_in(&self, sign_in: SignIn) -> Result<(), StoreError> {
        self.writer.write(move |db| agents::sign_in(db, sign_in).boxed()).await
    }

    async fn signed_in(&self, token_hash: &str, now: Timestamp) -> Result<Option<AgentRecord>, StoreError> {
        agents::signed_in(&self.readers, token_hash, now).await
    }

    async fn sign_ins(&self, agent: &AgentId, now: Timestamp) -> Result<Vec<SignIn>, StoreError> {
        agents::sign_ins(&self.readers, agent, now).await
    }

    async fn end_sign_in(&self, agent: &AgentId, id: &str) -> Result<bool, StoreError> {
        let (agent, id) = (agent.clone(), id.to_owned());
        self.writer.write(move |db| agents::end_sign_in(db, agent, id).boxed()).await
    }

    async fn sign_out(&self, token_hash: &str) -> Result<(), StoreError> {
        let token_hash = token_hash.to_owned();
        self.writer.write(move |db| agents::sign_out(db, token_hash).boxed()).await
    }

    async fn probe(&self) -> Result<(), StoreError> {
        self.writer.write(|db| probe(db).boxed()).await
    }

    // Files.

    async fn begin_upload(&self, key: &str) -> Result<Upload, StoreError> {
        self.files.begin(key).await.map_err(unwritable("begin a file"))
    }

    async fn keep_attachment(&self, new: NewAttachment, upload: Upload) -> Result<Option<KeptAttachment>, StoreError> {
        let (key, bytes) = (upload.key().to_owned(), upload.bytes());
        let mut placed = self.files.place(upload).await.map_err(unwritable("keep a file"))?;
        self.writer
            .write(move |db| {
                async move {
                    let kept = attachments::keep(db, new, key, bytes).await?;
                    if kept.as_ref().is_some_and(|kept| !kept.repeated) {
                        placed.keep();
                    }
                    Ok(kept)
                }
                .boxed()
            })
            .await
    }

    async fn attachment_by_client_id(
        &self,
        conversation: &ConversationId,
        agent: Option<&AgentId>,
        client_id: &str,
    ) -> Result<Option<Attachment>, StoreError> {
        attachments::by_client_id(&self.readers, conversation, agent, client_id).await
    }

    async fn held(&self, conversation: &ConversationId) -> Result<Held, StoreError> {
        attachments::held(&self.readers, conversation).await
    }

    async fn open_file(&self, key: &str) -> Result<Option<OpenFile>, StoreError> {
        let Some((name, kind)) = attachments::by_key(&self.readers, key).await? else { return Ok(None) };
        let open = async {
            let file = self.files.open(key).await?;
            let bytes = file.metadata().await?.len();
            Ok(OpenFile { name, kind, bytes, file })
        };
        match open.await {
            Ok(open) => Ok(Some(open)),
            // Erased between the two looks.
            Err(error) if std::io::Error::kind(&error) == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unwritable("read a file")(error)),
        }
    }

    async fn forget_unsaid(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let n = self.writer.write(move |db| attachments::forget_unsaid(db, before, limit).boxed()).await?;
        if n > 0 {
            self.remove_unwanted_files().await?;
        }
        Ok(n)
    }

    async fn remove_unwanted_files(&self) -> Result<u64, StoreError> {
        const AT_ONCE: u32 = 500;
        loop {
            let keys = attachments::unwanted(&self.readers, AT_ONCE).await?;
            if keys.is_empty() {
                return Ok(0);
            }
            let (files, wanted) = (self.files.clone(), keys.clone());
            let removing = tokio::task::spawn_blocking(move || files.remove(&wanted)).await;
            let left =
                removing.map_err(|error| StoreError::Unavailable { step: "remove files", source: error.into() })?;
            let gone: Vec<String> = keys.into_iter().filter(|key| !left.contains(key)).collect();
            self.writer.write(move |db| attachments::removed(db, gone).boxed()).await?;
            if !left.is_empty() {
                return Ok(left.len() as u64);
            }
        }
    }

    async fn set_avatar(&self, agent: &AgentId, picture: Option<(Upload, &'static str)>) -> Result<bool, StoreError> {
        let agent = agent.clone();
        let (picture, mut placed) = match picture {
            Some((upload, kind)) => {
                let key = upload.key().to_owned();
                (Some((key, kind)), Some(self.files.place(upload).await.map_err(unwritable("keep a file"))?))
            }
            None => (None, None),
        };
        let is_set = self
            .writer
            .write(move |db| {
                async move {
                    let is_set = attachments::set_avatar(db, agent, picture).await?;
                    if let (true, Some(placed)) = (is_set, &mut placed) {
                        placed.keep();
                    }
                    Ok(is_set)
                }
                .boxed()
            })
            .await?;
        self.remove_unwanted_files().await?;
        Ok(is_set)
    }

    // A customer's data.

    async fn keep_coming_file(&self, new: NewComingFile) -> Result<(), StoreError> {
        self.writer.write(move |db| coming::keep(db, new).boxed()).await
    }

    async fn coming_files(&self, bot: &str) -> Result<Vec<ComingFile>, StoreError> {
        coming::coming(&self.readers, bot).await
    }

    async fn settle_coming_file(&self, bot: &str, chat: i64, message: i64, fetched: Fetched) -> Result<(), StoreError> {
        let bot = bot.to_owned();
        self.writer.write(move |db| coming::settle(db, bot, chat, message, fetched).boxed()).await
    }

    async fn coming_files_said(&self, bot: &str, chat: i64, messages: Vec<i64>) -> Result<(), StoreError> {
        let bot = bot.to_owned();
        self.writer.write(move |db| coming::said(db, bot, chat, messages).boxed()).await
    }

    async fn set_unreachable(&self, id: &ConversationId, since: Option<Timestamp>) -> Result<bool, StoreError> {
        let id = id.clone();
        self.writer.write(move |db| coming::set_reachable(db, id, since).boxed()).await
    }

    async fn unreachable_since(&self, id: &ConversationId) -> Result<Option<Timestamp>, StoreError> {
        coming::unreachable_since(&self.readers, id).await
    }

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
    /// What died between a file and its row, or between a row and its file, left a file that belongs to nobody. Only for a start.
    async fn tidy_files(&self) {
        let tidied = async {
            self.files.clear_new().map_err(unwritable("clear what was coming in"))?;
            for beginning in self.files.beginnings().map_err(unwritable("read the folder of files"))? {
                let there = self.files.keys(&beginning).map_err(unwritable("read the folder of files"))?;
                let known = attachments::keys_beginning(&self.readers, &beginning).await?;
                let known: std::collections::HashSet<String> = known.into_iter().collect();
                let nobodys: Vec<String> = there.into_iter().filter(|key| !known.contains(key)).collect();
                self.files.remove(&nobodys);
            }
            self.remove_unwanted_files().await
        };
        if let Err(failure) = tidied.await {
            tracing::warn!(%failure, "files that belong to nobody could not be removed; the next start tries again");
        }
    }

    /// The words are gone from the tables by now, so that the log cannot be cleared is told and is no failure.
    async fn cleared_of(&self, erased: Erased) -> Erased {
        self.pages.forget();
        self.log_holds_erased.store(true, Ordering::SeqCst);
        let is_log_clear = self.clear_log().await.unwrap_or_else(|failure| {
            tracing::warn!(%failure, "the log cannot be cleared of what was erased; it is tried again");
            false
        });
        if let Err(failure) = self.index.forget(&erased.conversations).await {
            tracing::warn!(%failure, "the search index cannot be cleared of what was erased; the next start tries again");
        }
        let n_files_left = self.remove_unwanted_files().await.unwrap_or_else(|failure| {
            tracing::warn!(%failure, "files that were erased could not be removed; it is tried again");
            erased.n_files
        });
        Erased { is_log_clear, n_files_left, ..erased }
    }
}

fn unwritable(step: &'static str) -> impl Fn(std::io::Error) -> StoreError {
    move |source| StoreError::Unavailable { step, source: source.into() }
}

async fn probe(db: &mut sqlx::SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("insert into probes default values").execute(&mut *db).await.step("write a probe")?;
    sqlx::query("delete from probes").execute(&mut *db).await.step("delete a probe")?;
    Ok(())
}
