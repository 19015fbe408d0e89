//! All that is held about one customer, as it is handed out, and what an erasure did. Fields are added, never renamed.

use crate::domain::{ArticleId, AttachmentId, ConversationId, CustomerId, Seq, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whom a person means: by the customer's own id, or by that of one of the customer's conversations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OneCustomer {
    Customer(CustomerId),
    OfConversation(ConversationId),
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CustomerData {
    pub customer: CustomerId,
    pub created_at: Timestamp,
    /// When the words went, if they did.
    pub erased_at: Option<Timestamp>,
    /// Oldest first.
    pub conversations: Vec<ConversationData>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConversationData {
    pub id: ConversationId,
    pub site: String,
    /// What the customer's browser or channel calls it.
    pub client_id: String,
    pub channel: String,
    /// Where replies are carried to, `BOT/CHAT`; null for the widget, which fetches.
    pub address: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub erased_at: Option<Timestamp>,
    /// Phase, language, rating and the rest of what decisions look at.
    pub state: Value,
    /// Where the customer was when it began.
    pub page: Option<Value>,
    /// What was filled in before the first words.
    pub details: Vec<DetailData>,
    /// As they read now, in the order in which they were said.
    pub turns: Vec<TurnData>,
    pub handoffs: Vec<HandoffData>,
    /// Files that were sent or only uploaded.
    pub attachments: Vec<AttachmentData>,
    /// What the bot weighed for each decision.
    pub traces: Vec<TraceData>,
    pub ratings: Vec<RatingData>,
    /// Questions whose right article a person told.
    pub judged: Vec<JudgedData>,
    pub deliveries: Vec<DeliveryData>,
    /// Sent by mail, or to be sent.
    pub letters: Vec<LetterData>,
    /// Every change, numbered from 1.
    pub events: Vec<EventData>,
    /// Browsers that may open it. The tokens themselves are not kept.
    pub n_tokens: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DetailData {
    /// `name`, `email`, `phone`, `order` or `topic`.
    pub field: String,
    pub text: String,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TurnData {
    pub seq: Seq,
    pub rev: u32,
    /// `customer`, `bot`, `agent` or `system`.
    pub by: String,
    /// The name that the customer saw.
    pub agent: Option<String>,
    pub kind: String,
    pub at: Timestamp,
    pub text: String,
    pub html: Option<String>,
    pub options: Value,
    pub decision: Option<String>,
    pub article: Option<ArticleId>,
    pub client_id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AttachmentData {
    pub id: AttachmentId,
    /// The turn that it stands in; null: it was uploaded and never sent.
    pub turn: Option<Seq>,
    /// The agent who sent it; null: the customer.
    pub agent: Option<String>,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub bytes: u64,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub at: Timestamp,
    /// What the file is called in the folder beside this.
    pub file: String,
    /// What opens it is handed to nobody.
    #[serde(skip)]
    pub key: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HandoffData {
    pub seq: Seq,
    pub reason: String,
    pub queue: String,
    pub at: Timestamp,
    pub claimed_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub outcome: Option<String>,
    pub brief: Option<Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TraceData {
    pub seq: Seq,
    pub trace: Value,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RatingData {
    pub seq: Seq,
    pub score: u8,
    pub comment: Option<String>,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JudgedData {
    /// The number of the customer's turn.
    pub question: Seq,
    /// Null: no article answers it.
    pub article: Option<ArticleId>,
    pub picked: String,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeliveryData {
    pub turn: Seq,
    pub channel: String,
    pub bot: String,
    pub chat: i64,
    pub created_at: Timestamp,
    /// `due`, `done` or `dead`.
    pub state: String,
    pub attempts: u32,
    /// The channel's own id of what arrived.
    pub message: Option<String>,
    pub why: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LetterData {
    /// `replies` or `transcript`.
    pub letter: String,
    /// Of replies the first that it tells, of a transcript the last turn.
    pub turn: Seq,
    /// The last turn that it tells; null until it is first sent.
    pub through: Option<Seq>,
    pub address: Option<String>,
    pub created_at: Timestamp,
    pub settled_at: Option<Timestamp>,
    /// `due`, `done`, `dead`, or `moot`: nobody needed it any more.
    pub state: String,
    pub attempts: u32,
    /// Its Message-ID.
    pub message: Option<String>,
    pub why: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventData {
    pub seq: Seq,
    pub at: Timestamp,
    pub event: Value,
}

/// What an erasure did. Doing it again finds nothing more to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// Those whose words went now.
    pub conversations: Vec<ConversationId>,
    pub n_words: u64,
    /// Judged cases that lost their words, and with them their say.
    pub n_judged: u64,
    /// Files whose rows went.
    #[serde(default)]
    pub n_files: u64,
    /// Those of all that could not be removed yet; the running server goes on trying.
    #[serde(default)]
    pub n_files_left: u64,
    /// `false`: the tables are clean, but a reader holds back the log beside them; `clear_log` empties it later.
    pub is_log_clear: bool,
}
