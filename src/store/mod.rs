//! The store room: keeps and returns, atomically.
//!
//! May: hold every row, number changes, refuse what expects a state that is gone.
//! May not: decide, read a clock, make ids, or speak to anyone.

mod attachments;
mod audit;
mod canned;
mod coming;
mod customer_data;
pub mod files;
mod letters;
mod phrases;
mod saved_views;
pub mod search;
mod signs;
pub mod sqlite;

pub use attachments::*;
pub use audit::*;
pub use canned::*;
pub use coming::*;
pub use customer_data::*;
pub use files::Upload;
pub use letters::*;
pub use phrases::*;
pub use saved_views::*;
pub use search::*;
pub use signs::*;

use crate::domain::assignment::InLine;
use crate::domain::brief::KnownCustomer;
use crate::domain::event::ContactKind;
use crate::domain::outlook::Pickup;
use crate::domain::plan::Heard;
use crate::domain::{
    AgentId, ArticleId, Attachment, AttachmentId, Brief, Channel, Conversation, ConversationId, CustomerId, Detail,
    Event, JudgedCase, Language, Page, QueueName, Rules, Seq, Tag, Timestamp, Trace, Turn,
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The conversation is no longer what the change expected. Read it again and plan again.
    #[error("the conversation has changed since it was read")]
    Conflict,
    /// The agent has as many conversations as capacity allows. Nothing was written.
    #[error("the agent is at capacity")]
    AtCapacity,
    /// A turn names a file that its speaker did not upload to this conversation. Nothing was written.
    #[error("there is no such file here: {0}")]
    UnknownAttachment(AttachmentId),
    /// A turn names a file that another turn has already. Nothing was written.
    #[error("this file was sent already: {0}")]
    AttachmentUsed(AttachmentId),
    /// Nothing was written. The same call may succeed later.
    #[error("the store cannot {step} right now")]
    Unavailable {
        step: &'static str,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What was read makes no sense; repeating will not help.
    #[error("the store holds something unreadable in {what}: {detail}")]
    Corrupt { what: &'static str, detail: String },
}

/// Laws: what returned `Ok` from a writing call survives `kill -9` and a power cut. A writing call that returned an error
/// wrote nothing. Writing calls run one after the other; reading calls see only whole transactions.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Makes a conversation, or returns the one that this `(site, client_id)` made before. May be repeated.
    async fn open_conversation(&self, new: NewConversation) -> Result<Opened, StoreError>;

    /// Keeps what a customer said: this is what is acknowledged. Plans `Command::Hear` on the state inside the transaction,
    /// so it never conflicts. The same client id again returns the first turn and writes nothing.
    /// `Ok(None)`: there is no such conversation.
    async fn keep(
        &self,
        conversation: &ConversationId,
        heard: Heard,
        rules: &Arc<Rules>,
        now: Timestamp,
    ) -> Result<Option<Kept>, StoreError>;

    /// Applies the events of one planned command in one transaction: rows, turns, words, queue entry, brief, trace, and a
    /// row in the outbox for each turn not said by the customer when the channel is pushed to. `Conflict` when `expect` no longer holds.
    /// An agent's turn whose client id is already there is not written again (the whole change is skipped).
    ///
    /// With a `lot` the same transaction keeps the question and decides whether its answer is drawn for a lead to judge
    /// (`domain::judged`): so an answer is drawn once or not at all, whatever dies or conflicts. A `Helped` event keeps or takes back
    /// the customer's own judgement of the question, and never changes a person's.
    async fn commit(&self, change: Change) -> Result<Conversation, StoreError>;
    /// Like `commit` for several conversations: all or none, in order.
    async fn commit_together(&self, changes: Vec<Change>) -> Result<Vec<Conversation>, StoreError>;

    async fn conversation(&self, id: &ConversationId) -> Result<Option<Conversation>, StoreError>;
    /// Finds by the SHA-256 (hexadecimal) of the conversation's token.
    async fn conversation_by_token(&self, token_hash: &str) -> Result<Option<Conversation>, StoreError>;
    /// Finds what this `(site, client_id)` made before.
    async fn conversation_by_client(&self, site: &str, client_id: &str) -> Result<Option<Conversation>, StoreError>;
    /// Finds the conversation of a pushed-to channel's address.
    async fn conversation_by_channel(&self, channel: &Channel) -> Result<Option<Conversation>, StoreError>;
    /// Turns whose last change has a number above `after`, in order, at most `limit` (1 to 500). `through` is what to resume from.
    async fn turns(&self, id: &ConversationId, after: Seq, limit: u32) -> Result<TurnPage, StoreError>;
    /// The turn that was first said with this number.
    async fn turn(&self, id: &ConversationId, first: Seq) -> Result<Option<Turn>, StoreError>;
    /// The messages as which a turn stands in its channel, in the order of its parts.
    async fn channel_messages(&self, id: &ConversationId, first: Seq) -> Result<Vec<i64>, StoreError>;
    /// One more message for the turn of a delivery.
    async fn note_channel_message(&self, delivery: i64, part: u32, message: i64) -> Result<(), StoreError>;
    /// The message stands there no longer.
    async fn forget_channel_message(&self, bot: &str, chat: i64, message: i64) -> Result<(), StoreError>;
    /// The number with which the customer's turn that came as this message of a bot was first said.
    async fn turn_heard_as(&self, id: &ConversationId, bot: &str, message: i64) -> Result<Option<Seq>, StoreError>;
    /// The page on which the conversation began.
    async fn page(&self, id: &ConversationId) -> Result<Option<Page>, StoreError>;
    /// Traces of the bot's decisions in one conversation, oldest first, with the number of the `Decided` change.
    async fn traces(&self, id: &ConversationId) -> Result<Vec<(Seq, Trace)>, StoreError>;
    /// The brief of the last handoff.
    async fn brief(&self, id: &ConversationId) -> Result<Option<Brief>, StoreError>;

    /// The place of a waiting conversation in its queue, from 1; for one that does not wait in `queue`, the place it would get.
    async fn place(&self, id: &ConversationId, queue: &QueueName) -> Result<u32, StoreError>;
    async fn list(
        &self,
        view: View,
        narrow: &Narrow,
        limit: u32,
        after: Option<Cursor>,
    ) -> Result<Vec<Row>, StoreError>;
    /// Conversations in which all terms stand in one turn, the newest such turn first. Sees what was indexed.
    async fn search(
        &self,
        terms: Vec<Term>,
        narrow: Narrow,
        limit: u32,
        after: Option<Cursor>,
    ) -> Result<Vec<Row>, StoreError>;
    /// Turns that search does not know yet, or not as they read now: those of the next `limit` texts.
    async fn unindexed(&self, limit: u32) -> Result<ToIndex, StoreError>;
    /// Makes turns findable; those without tokens are found no more. What was indexed may be lost and asked for again.
    async fn index(&self, turns: Vec<Indexed>, through: i64) -> Result<(), StoreError>;
    /// How many conversations stand in each view for `agent`.
    /// Of views that are everybody's, what stands in `hidden` queues is left out.
    async fn counts(&self, agent: &AgentId, hidden: &[QueueName]) -> Result<Counts, StoreError>;
    /// Tags by how many conversations have them, the most used first, at most `limit` (1 to 1000).
    async fn tags(&self, limit: u32) -> Result<Vec<(Tag, u32)>, StoreError>;
    /// Conversations with the bot or waiting, with a customer turn unanswered since before `since`; oldest first.
    async fn unanswered(&self, since: Timestamp, limit: u32) -> Result<Vec<ConversationId>, StoreError>;

    /// Whether this agent has, or had last, one of the conversation's handoffs.
    /// Whether an agent said something under this client id.
    async fn agent_said(&self, conversation: &ConversationId, client_id: &str) -> Result<bool, StoreError>;
    /// Conversations with a clock that has run out, the longest ago first.
    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<ConversationId>, StoreError>;
    /// Works out all deadlines and places in line again, page by page, after the rules have changed. Returns how many moved.
    async fn follow_rules(&self, rules: &Arc<Rules>) -> Result<usize, StoreError>;
    /// Who stands in these lines, first who is to be served first.
    async fn in_line(&self, queues: &[QueueName], limit: u32) -> Result<Vec<InLine>, StoreError>;
    /// The last claims in a queue since `since`, newest first, at most `limit`.
    async fn pickups(&self, queue: &QueueName, since: Timestamp, limit: u32) -> Result<Vec<Pickup>, StoreError>;
    /// Conversations that this agent has, the longest first.
    async fn owned_by(&self, agent: &AgentId, limit: u32) -> Result<Vec<ConversationId>, StoreError>;
    /// Conversations that were merged into this one, oldest first.
    async fn merged_into(&self, id: &ConversationId) -> Result<Vec<ConversationId>, StoreError>;
    /// Other conversations of the same customer, the latest first.
    async fn past_of(&self, id: &ConversationId, limit: u32) -> Result<Vec<Past>, StoreError>;
    /// What breaks an invariant, by name, with how many: what the watchdog looks at. Empty when all is well.
    async fn broken(&self) -> Result<Vec<(&'static str, u64)>, StoreError>;

    /// Mends what counts and clocks say wrongly; what the invariants are about stays for people to look at.
    async fn mend(&self, rules: &Arc<Rules>) -> Result<(), StoreError>;

    /// The agents who are not disabled, with presence and load.
    async fn staff(&self) -> Result<Vec<Staff>, StoreError>;
    /// `false`: no such agent. `Online` and `Away` count as seen now.
    async fn set_presence(&self, agent: &AgentId, presence: Presence, now: Timestamp) -> Result<bool, StoreError>;
    /// The console of an agent is there. An agent who was offline is online from now on; returns whether that is so.
    async fn seen(&self, agent: &AgentId, now: Timestamp) -> Result<bool, StoreError>;
    /// Agents who are online or away and were not seen since `before`; each is offline after this.
    async fn vanish(&self, before: Timestamp) -> Result<Vec<AgentId>, StoreError>;
    /// `None` leaves as it is; `false`: no such agent.
    async fn set_agent_work(&self, email: &str, work: AgentWork) -> Result<bool, StoreError>;

    /// Everybody's canned replies and the agent's own, by name.
    async fn canned(&self, agent: &AgentId) -> Result<Vec<CannedReply>, StoreError>;
    /// Keeps a new one, or what the owner of one of this id changed.
    async fn keep_canned(&self, reply: CannedReply, is_new: bool) -> Result<Keeping, StoreError>;
    /// `false`: the owner (`None`: everybody) has none of this id.
    async fn remove_canned(&self, owner: Option<&AgentId>, id: &str) -> Result<bool, StoreError>;

    /// Judged questions that no lead decided about, the newest first; `limit` is 1 to 500.
    async fn proposed_phrases(&self, limit: u32) -> Result<Vec<ProposedPhrase>, StoreError>;
    /// The newest 10,000 taught phrases, the newest first.
    async fn taught_phrases(&self) -> Result<Vec<KeptPhrase>, StoreError>;
    /// `false`: nobody judged such a question, or its words are gone. Deciding again replaces.
    async fn decide_phrase(&self, decision: PhraseDecision) -> Result<bool, StoreError>;
    /// Notes that the articles' files have these now. What was changed meanwhile stays taught.
    async fn phrases_exported(&self, phrases: Vec<PhraseVersion>) -> Result<(), StoreError>;

    /// What was set in the console under this key, as JSON.
    async fn setting(&self, key: &str) -> Result<Option<String>, StoreError>;
    /// `None` takes it away.
    async fn set_setting(
        &self,
        key: &str,
        value: Option<String>,
        agent: &AgentId,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Empty text takes it away. `false`: there is no such conversation.
    async fn keep_draft(
        &self,
        conversation: &ConversationId,
        agent: &AgentId,
        text: String,
        now: Timestamp,
    ) -> Result<bool, StoreError>;
    async fn draft(&self, conversation: &ConversationId, agent: &AgentId) -> Result<Option<String>, StoreError>;
    /// What the customer left in this conversation, newest first.
    async fn contacts(&self, conversation: &ConversationId) -> Result<Vec<(ContactKind, String)>, StoreError>;
    /// The signed attributes of a conversation's customer.
    async fn profile(&self, customer: &CustomerId) -> Result<Option<KnownCustomer>, StoreError>;
    /// Keeps what a site vouches for; makes the customer where this subject is new. Returns the customer.
    async fn vouch(&self, profile: KnownCustomer, fresh: CustomerId, now: Timestamp) -> Result<CustomerId, StoreError>;
    /// Whom a site vouches for has had this conversation all along: it is that customer's from now on, with this priority. Attributes
    /// are kept as `vouch` keeps them. Nothing is written when it is another customer's. May be repeated.
    async fn identify(
        &self,
        conversation: &ConversationId,
        profile: KnownCustomer,
        priority: i32,
        now: Timestamp,
    ) -> Result<Identified, StoreError>;
    /// What the customer filled in before the first words; a field that is given again is replaced. `false`: there is no such
    /// conversation.
    async fn keep_details(
        &self,
        conversation: &ConversationId,
        details: Vec<Detail>,
        now: Timestamp,
    ) -> Result<bool, StoreError>;
    /// In the order of the fields.
    async fn details(&self, conversation: &ConversationId) -> Result<Vec<Detail>, StoreError>;
    /// One side has seen everything up to this number; never goes back, and never beyond the last change. Returns whether that was
    /// news.
    async fn mark_read(&self, conversation: &ConversationId, by: Reader, through: Seq) -> Result<bool, StoreError>;
    /// Two customers turn out to be one: all of `from` is `into`'s from now on.
    async fn unite_customers(&self, from: &CustomerId, into: &CustomerId) -> Result<(), StoreError>;
    /// A one-time code for going on elsewhere; older ones of the conversation end.
    async fn keep_link(
        &self,
        conversation: &ConversationId,
        code_hash: String,
        expires_at: Timestamp,
    ) -> Result<(), StoreError>;
    /// Uses the code up.
    async fn take_link(&self, code_hash: &str, now: Timestamp) -> Result<Option<ConversationId>, StoreError>;
    /// Deliveries of a conversation that will never arrive: the turn, and why.
    async fn undelivered(&self, conversation: &ConversationId) -> Result<Vec<(Seq, String)>, StoreError>;

    async fn has_had(&self, conversation: &ConversationId, agent: &AgentId) -> Result<bool, StoreError>;
    /// How the articles did that answered since then: of the newest 5,000 answers.
    async fn article_use(&self, since: Timestamp) -> Result<Vec<(ArticleId, ArticleUse)>, StoreError>;
    /// Keeps which article is right for the question that the bot's turn `seq`, or its handing off, reacted to; a judgement before it
    /// is replaced. What was drawn stays a random case with the chance of its draw, whoever judges it, and waits no longer.
    /// Returns the number of the question; `None`: there is no such turn, or it reacted to no question in words, or, when only
    /// what was drawn is meant, it was not drawn or waited longer than `DRAW_WAITS_SECS`. May be repeated.
    async fn judge(&self, judgement: Judgement) -> Result<Option<Seq>, StoreError>;
    /// Drawn answers that wait to be judged, who waits longest first, at most `limit` (1 to 100).
    async fn to_judge(&self, now: Timestamp, limit: u32) -> Result<Vec<ToJudge>, StoreError>;
    /// The newest judged cases, at most `limit` (1 to 20,000), oldest first, with the chance that each was picked: that of a draw was
    /// stored, the others' are estimated from what is stored now. Cases whose words were erased are gone.
    async fn judged_cases(&self, limit: u32) -> Result<Vec<JudgedCase>, StoreError>;

    /// Leases due deliveries for one bot until `until`: only the oldest undelivered row of each conversation, so order holds.
    async fn lease_deliveries(
        &self,
        channel: &str,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError>;
    async fn settle_delivery(&self, id: i64, result: Delivered) -> Result<(), StoreError>;
    /// Ends every lease. Only for a start: whoever leased before is dead, because the data folder's lock is ours.
    async fn release_leases(&self) -> Result<(), StoreError>;
    /// What waits for this bot, and what could not be delivered since.
    async fn waiting_deliveries(&self, bot: &str, since: Timestamp) -> Result<WaitingDeliveries, StoreError>;
    /// When the earliest undelivered row of this bot is due; `None` when all is delivered.
    async fn next_delivery_at(&self, channel: &str) -> Result<Option<Timestamp>, StoreError>;

    // Letters: rows of the outbox too. A reply of an agent to a customer of the widget calls for one where `Rules::mail_after_secs` is set.

    /// Keeps that somebody wishes the conversation, as it is now, at an address.
    async fn keep_transcript_wish(&self, wish: NewTranscript) -> Result<WishKept, StoreError>;
    /// Leases due letters until `until`, the first due first.
    async fn lease_letters(
        &self,
        bounds: LetterBounds,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Letter>, StoreError>;
    /// To be called before each sending: settles for ever which replies a letter tells and where it goes, and counts the attempt. Later
    /// replies call for a letter of their own. `None`: it is gone, with its customer's words.
    async fn seal_letter(&self, id: i64, from: Seq, address: String) -> Result<Option<Sealed>, StoreError>;
    /// A letter that is settled, or gone, stays so.
    async fn settle_letter(&self, id: i64, posted: Posted, now: Timestamp) -> Result<(), StoreError>;
    /// When the first letter that waits may go; `None`: none waits.
    async fn next_letter_at(&self, per_hour: u32, now: Timestamp) -> Result<Option<Timestamp>, StoreError>;

    /// `Conflict` when the e-mail is taken.
    async fn add_agent(&self, agent: AgentRecord) -> Result<(), StoreError>;
    async fn agents(&self) -> Result<Vec<AgentRecord>, StoreError>;
    async fn agent_by_email(&self, email: &str) -> Result<Option<AgentRecord>, StoreError>;
    async fn agent(&self, id: &AgentId) -> Result<Option<AgentRecord>, StoreError>;
    /// Ends all sign-ins too. `false`: no such agent.
    async fn disable_agent(&self, email: &str) -> Result<bool, StoreError>;
    /// Ends all sign-ins too. `false`: no such agent.
    async fn set_agent_password(&self, email: &str, password_hash: &str) -> Result<bool, StoreError>;
    /// `None`: the password is enough again. `false`: no such agent.
    async fn set_second_factor(&self, email: &str, secret: Option<String>) -> Result<bool, StoreError>;
    /// `false`: a code of this step or a later one was used before.
    async fn use_code(&self, agent: &AgentId, step: u64) -> Result<bool, StoreError>;
    /// `email_hash`: SHA-256 in hexadecimal, here and below.
    async fn failed_sign_ins(&self, email_hash: &str) -> Result<Option<FailedSignIns>, StoreError>;
    /// Counts one more, from 1 again where the last lies before `since`. Returns how many there are in a row.
    async fn fail_sign_in(&self, email_hash: &str, since: Timestamp, now: Timestamp) -> Result<u32, StoreError>;
    async fn forgive_sign_ins(&self, email_hash: &str) -> Result<(), StoreError>;
    async fn note_audit(
        &self,
        agent: Option<AgentId>,
        what: Audited,
        about: String,
        now: Timestamp,
    ) -> Result<(), StoreError>;
    /// The newest first, at most `limit` (1 to 200); `before`: older than this entry.
    async fn audit(&self, before: Option<i64>, limit: u32) -> Result<Vec<AuditEntry>, StoreError>;
    async fn sign_in(&self, sign_in: SignIn) -> Result<(), StoreError>;
    /// The agent of a sign-in that has not expired, if the agent is not disabled.
    async fn signed_in(&self, token_hash: &str, now: Timestamp) -> Result<Option<AgentRecord>, StoreError>;
    async fn sign_out(&self, token_hash: &str) -> Result<(), StoreError>;
    /// Those of an agent that have not expired, the newest first.
    async fn sign_ins(&self, agent: &AgentId, now: Timestamp) -> Result<Vec<SignIn>, StoreError>;
    /// `false`: the agent has none with this [`SignIn::id`].
    async fn end_sign_in(&self, agent: &AgentId, id: &str) -> Result<bool, StoreError>;

    /// Writes and deletes a row: whether a turn could be kept right now.
    async fn probe(&self) -> Result<(), StoreError>;

    // Files.

    /// A place for a file that comes in. Dropped, nothing of it stays. `key`: 64 hexadecimal digits that nobody can guess.
    async fn begin_upload(&self, key: &str) -> Result<Upload, StoreError>;
    /// Keeps a file that has come in whole: first the file, synced, then its row. The same client id again returns the first file and
    /// keeps nothing. `None`: there is no such conversation.
    async fn keep_attachment(&self, new: NewAttachment, upload: Upload) -> Result<Option<KeptAttachment>, StoreError>;
    /// The file that was uploaded under this client id.
    async fn attachment_by_client_id(
        &self,
        conversation: &ConversationId,
        agent: Option<&AgentId>,
        client_id: &str,
    ) -> Result<Option<Attachment>, StoreError>;
    async fn held(&self, conversation: &ConversationId) -> Result<Held, StoreError>;
    /// A file to be read. `None`: there is none of this key, or its row is gone.
    async fn open_file(&self, key: &str) -> Result<Option<OpenFile>, StoreError>;
    /// Uploads of before `before` that no turn names go, the oldest first. Returns how many; none when all is done.
    async fn forget_unsaid(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
    /// Removes files whose rows are gone. Returns how many could not be removed; they are tried again by the next call.
    async fn remove_unwanted_files(&self) -> Result<u64, StoreError>;
    /// The picture of an agent and its media type; `None` takes it away. `false`: no such agent.
    async fn set_avatar(&self, agent: &AgentId, picture: Option<(Upload, &'static str)>) -> Result<bool, StoreError>;

    // Files that are still to be fetched from a channel.

    /// Nothing when the message is known already, or the conversation is gone.
    async fn keep_coming_file(&self, new: NewComingFile) -> Result<(), StoreError>;
    /// What one bot's customers sent and nobody has said yet, the oldest first.
    async fn coming_files(&self, bot: &str) -> Result<Vec<ComingFile>, StoreError>;
    async fn settle_coming_file(&self, bot: &str, chat: i64, message: i64, fetched: Fetched) -> Result<(), StoreError>;
    /// They stand in a turn now.
    async fn coming_files_said(&self, bot: &str, chat: i64, messages: Vec<i64>) -> Result<(), StoreError>;

    /// Since when what is sent does not reach the customer; `None`: it does again. Returns whether that was news.
    async fn set_unreachable(&self, id: &ConversationId, since: Option<Timestamp>) -> Result<bool, StoreError>;
    async fn unreachable_since(&self, id: &ConversationId) -> Result<Option<Timestamp>, StoreError>;

    // Lists that agents come back to, and where notes called them.

    /// Everybody's and the agent's own, by name.
    async fn saved_views(&self, agent: &AgentId) -> Result<Vec<SavedView>, StoreError>;
    async fn keep_view(&self, view: SavedView, is_new: bool) -> Result<Keeping, StoreError>;
    /// `owner` `None`: everybody's. `false`: there is none of this id that the owner may remove.
    async fn remove_view(&self, owner: Option<&AgentId>, id: &str) -> Result<bool, StoreError>;
    /// A note called the agent here, who has not looked since.
    async fn is_mentioned(&self, agent: &AgentId, conversation: &ConversationId) -> Result<bool, StoreError>;
    async fn mention_seen(&self, agent: &AgentId, conversation: &ConversationId) -> Result<(), StoreError>;

    /// Since when the customer is blocked; `None`: may write.
    async fn blocked_at(&self, customer: &CustomerId) -> Result<Option<Timestamp>, StoreError>;
    /// `false`: there is no such customer.
    async fn set_blocked(&self, customer: &CustomerId, since: Option<Timestamp>) -> Result<bool, StoreError>;

    // A customer's data.

    /// Everything that is held about one customer, of one moment. `None`: there is no such customer.
    async fn customer_data(&self, one: &OneCustomer) -> Result<Option<CustomerData>, StoreError>;
    /// Erases the words of one customer and whatever leads to the person: addresses, tokens, callers' own ids. Events, numbers and
    /// judgements stay, open conversations end, and nothing is ever written to them again. May be repeated. `None`: there is no
    /// such customer. What readers still hold back in the log is told by `is_log_clear`.
    async fn erase_customer(&self, one: &OneCustomer, now: Timestamp) -> Result<Option<Erased>, StoreError>;
    /// The same for conversations resolved before `before`, oldest first, at most `limit` (1 to 200).
    async fn erase_resolved(&self, before: Timestamp, limit: u32, now: Timestamp) -> Result<Erased, StoreError>;
    /// Empties the log of what was erased. `Ok(false)`: a reader or writer was in the way; ask again. Costs nothing when there is
    /// nothing to clear.
    async fn clear_log(&self) -> Result<bool, StoreError>;
}

#[derive(Clone, Debug)]
pub struct NewConversation {
    /// As begun by the desk, nothing said yet.
    pub conversation: Conversation,
    pub client_id: String,
    /// SHA-256 in hexadecimal; empty for channels that need no token.
    pub token_hash: String,
    pub page: Option<Page>,
    pub now: Timestamp,
}

#[derive(Clone, Debug)]
pub struct Opened {
    pub conversation: Conversation,
    /// `false`: the client id made it before, and its old token stays valid beside `token_hash`, which was added.
    pub is_new: bool,
}

#[derive(Clone, Debug)]
pub struct Kept {
    pub turn: Turn,
    /// After the turn.
    pub conversation: Conversation,
    /// The client id was there before.
    pub repeated: bool,
}

#[derive(Clone, Debug)]
pub struct Change {
    pub conversation: ConversationId,
    pub expect: Expect,
    pub events: Vec<Event>,
    /// Stored with the `Decided` event of this change.
    pub trace: Option<Trace>,
    /// Stored with the `HandedOff` event of this change.
    pub brief: Option<Brief>,
    /// The comment of a `Rated` event.
    pub comment: Option<String>,
    /// The words of a `ContactLeft` event.
    pub contact: Option<String>,
    /// Set when the bot judged what a customer put into words: uniform from 0 to below 1, it decides whether the answer is drawn.
    pub lot: Option<f64>,
    /// What deadlines and places in line follow from.
    pub rules: Arc<Rules>,
    pub now: Timestamp,
}

/// What a change was planned on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Nothing at all has changed: the bot's replies.
    Version(Seq),
    /// Phase and owner have not changed: agents' and customers' commands.
    Epoch(u64),
}

#[derive(Clone, Debug)]
pub struct TurnPage {
    pub turns: Vec<Turn>,
    /// The number of the last change that this page accounts for: the conversation's version when nothing was cut off by `limit`.
    pub through: Seq,
    pub read: ReadMarks,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// Claimed by this agent, oldest claim first.
    Mine(AgentId),
    /// In line, who is served first first; one queue or all.
    Waiting(Option<QueueName>),
    /// With the bot, latest change first.
    Bot,
    /// Where a note called this agent, who has not looked since, oldest first.
    Mentioned(AgentId),
    /// Set aside by this agent, oldest claim first.
    Snoozed(AgentId),
    /// Promised to customers by this agent, the first that is due first.
    FollowUps(AgentId),
    /// Latest first.
    Resolved,
}

/// An agent at work, or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Staff {
    pub id: AgentId,
    pub email: String,
    pub name: String,
    pub role: Role,
    /// Empty: all.
    pub languages: Vec<Language>,
    pub presence: Presence,
    pub seen_at: Option<Timestamp>,
    pub n_open: u32,
    pub capacity: u32,
    /// Conversations that the agent has of each queue.
    pub n_open_of: Vec<(QueueName, u32)>,
    /// When the last conversation came.
    pub given_at: Option<Timestamp>,
    pub has_second_factor: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Takes what is given.
    Online,
    /// Here, but takes nothing new.
    Away,
    Offline,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentWork {
    pub capacity: Option<u32>,
    pub languages: Option<Vec<Language>>,
}

/// How often an article answered, and what customers said of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArticleUse {
    pub n_used: u32,
    pub n_helped: u32,
    pub n_did_not_help: u32,
}

/// An earlier conversation of a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    pub id: ConversationId,
    pub phase: String,
    pub at: Timestamp,
    pub need: Option<String>,
    pub rating: Option<u8>,
}

/// Where a page of a list ended: the order key and the id of its last row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cursor {
    pub key: i64,
    pub id: ConversationId,
}

/// One line of a list.
#[derive(Clone, Debug)]
pub struct Row {
    pub conversation: Conversation,
    /// The last thing anyone said.
    pub last_turn: Option<Turn>,
    /// From the brief: what the customer needs.
    pub need: Option<String>,
    pub cursor: Cursor,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub mine: u32,
    pub mentioned: u32,
    pub snoozed: u32,
    pub follow_ups: u32,
    pub waiting: u32,
    pub bot: u32,
    pub resolved: u32,
}

/// A person says which article is right.
#[derive(Clone, Debug)]
pub struct Judgement {
    pub conversation: ConversationId,
    /// The turn with which the bot reacted to the question.
    pub seq: Seq,
    /// `None`: no article answers it.
    pub right: Option<ArticleId>,
    pub judge: AgentId,
    /// Only an answer that was drawn is meant.
    pub only_drawn: bool,
    pub now: Timestamp,
}

/// A drawn answer that waits to be judged.
#[derive(Clone, Debug)]
pub struct ToJudge {
    pub conversation: ConversationId,
    /// What the customer asked; the turns of one burst stand a line each.
    pub text: String,
    pub language: Language,
    pub answer: Turn,
    pub trace: Option<Trace>,
    pub drawn_at: Timestamp,
}

/// What a bot has still to deliver, and what it could not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingDeliveries {
    pub n_due: u64,
    /// Since when the oldest of them waits.
    pub oldest_at: Option<Timestamp>,
    pub n_dead: u64,
}

/// A turn on its way to a pushed-to channel.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub id: i64,
    pub conversation: ConversationId,
    pub address: Channel,
    pub language: Option<Language>,
    pub turn: Turn,
    /// Parts of a long text that arrived before.
    pub parts_sent: u32,
    /// Attempts before this one.
    pub attempts: u32,
}

#[derive(Clone, Debug)]
pub enum Delivered {
    /// All of it; `message` is the channel's own id of the last part.
    Whole { message: Option<i64> },
    /// One more part; the lease goes on.
    Part { message: Option<i64> },
    /// Not now: due again at `due`.
    Later { due: Timestamp, why: String },
    /// Never: the customer cannot be reached there, or the channel refuses the text.
    Dead { why: String },
}

#[derive(Clone, Debug, PartialEq)]
pub struct AgentRecord {
    pub id: AgentId,
    /// Lower case, unique.
    pub email: String,
    pub name: String,
    pub role: Role,
    /// PHC string (argon2id).
    pub password_hash: String,
    pub is_disabled: bool,
    pub created_at: Timestamp,
    /// The key of the picture.
    pub avatar: Option<String>,
    /// Of the second factor, in base 32; `None`: the password is enough.
    pub totp_secret: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Agent,
    Lead,
    Admin,
}

impl Role {
    /// An admin may do whatever a lead may.
    pub fn is_lead(self) -> bool {
        match self {
            Self::Lead | Self::Admin => true,
            Self::Agent => false,
        }
    }
}

#[derive(Clone, Debug)]
pub struct SignIn {
    /// SHA-256 of the cookie, hexadecimal.
    pub token_hash: String,
    pub agent: AgentId,
    pub at: Timestamp,
    pub expires_at: Timestamp,
}

impl SignIn {
    /// The first 16 digits of the hash: enough to tell an agent's sign-ins apart, and no way in.
    pub fn id(&self) -> &str {
        self.token_hash.get(..16).unwrap_or(&self.token_hash)
    }
}
