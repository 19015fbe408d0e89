//! The desk room: the use cases. Runs each from reading to committing to announcing.
//!
//! May: use the store, the bus and answering through their faces.
//! May not: name a database, a model or a protocol.

mod agents;
mod articles;
pub mod asked;
mod attachments;
mod audit;
mod brief;
mod bursts;
mod canned;
mod carry_out;
mod coming;
mod deliver;
mod edits;
mod judge;
mod letters;
mod lines;
mod links;
mod lookers;
mod looks;
mod outlook;
mod phrases;
mod privacy;
mod rules;
mod saved_views;
mod search;
mod second_factor;
mod sight;
mod signs;
mod take_turn;
mod think;
mod typing;
mod views;

pub use agents::{NewAgent, SignedIn};
pub use articles::ArticleOverview;
pub use attachments::{DEFAULT_FILE_TYPES, FileRules, Incoming, MAX_AVATAR_BYTES, Sender};
pub use canned::CannedWish;
pub use carry_out::{EndingWish, Reply, TransferTo};
pub use judge::MAX_JUDGED_CASES;
pub use letters::{LETTER_LEASE_SECS, Lookout, NextStep, Transcript, Written};
pub use lookers::Looker;
pub use looks::{KeptLook, has_look};
pub use phrases::{Phrases, ReviewedPhrase};
pub use privacy::Export;
pub use rules::Source;
pub use saved_views::ViewWish;
pub use second_factor::Offered;
pub use signs::MAX_DETAIL_CHARS;
pub use take_turn::{MAX_TEXT_CHARS, Opening, Started, Taken, Vouched};
pub use views::{FullView, Standing, Update};

use crate::answering::Answering;
use crate::bus::Bus;
use crate::clock::Clock;
use crate::domain::rules::{Queue, Silence};
use crate::domain::site::Site;
use crate::domain::{AgentId, AttachmentId, ConversationId, Language, Refusal, Rules, Timestamp};
use crate::store::{Store, StoreError};
use arc_swap::ArcSwap;
use dashmap::DashMap;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// One desk for the whole process; cheap to clone.
#[derive(Clone)]
pub struct Desk {
    parts: Arc<Parts>,
}

struct Parts {
    store: Arc<dyn Store>,
    bus: Bus,
    answering: Arc<Answering>,
    clock: Clock,
    settings: Settings,
    rules: ArcSwap<Rules>,
    looks: ArcSwap<BTreeMap<String, KeptLook>>,
    opened_at: Timestamp,
    typing: typing::Typing,
    lookers: lookers::Lookers,
    /// Work is given out by one at a time.
    assigning: tokio::sync::Mutex<()>,
    /// One thought at a time per conversation.
    thinking: DashMap<ConversationId, Arc<tokio::sync::Mutex<()>>>,
    bursts: DashMap<ConversationId, bursts::Burst>,
    thoughts: Arc<Semaphore>,
    uploads: attachments::UploadPlaces,
    /// Checking a password costs tens of milliseconds and 19 MiB: only so many at once.
    password_checks: Arc<Semaphore>,
}

#[derive(Clone, Debug)]
pub struct Settings {
    /// Used when neither the words nor the caller name a language.
    pub default_language: Language,
    /// How long an agent stays signed in.
    pub sign_in_secs: i64,
    /// Evidence that takes longer than this becomes a handoff.
    pub gather_timeout: Duration,
    /// A customer turn without a reaction for this long is thought about again.
    pub sweep_after_secs: i64,
    /// What the config file says of queues; the console cannot change these.
    pub queues: Vec<Queue>,
    pub silence: Silence,
    /// How long after an agent's reply an absent customer is mailed; `None`: no letters are sent.
    pub mail_after_secs: Option<u32>,
    pub files: FileRules,
    /// The operator's sites; empty: the widget may stand anywhere.
    pub sites: Vec<Site>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            default_language: Language::En,
            sign_in_secs: 30 * 24 * 3600,
            gather_timeout: Duration::from_secs(5),
            sweep_after_secs: 15,
            queues: vec![],
            silence: Silence::default(),
            mail_after_secs: None,
            files: FileRules::default(),
            sites: vec![],
        }
    }
}

/// Thoughts at once; the sweep takes up what found no room.
const MAX_THOUGHTS: usize = 512;
const MAX_PASSWORD_CHECKS: usize = 4;
/// Plans again this often after a conflict; by then something else is wrong.
const MAX_PLANS: usize = 8;

#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("there is no such conversation")]
    NoSuchConversation,
    #[error("there is no such customer")]
    NoSuchCustomer,
    #[error("there is no turn of the bot here that reacted to a question, or it was not drawn")]
    NothingToJudge,
    #[error("the articles are still being loaded")]
    StillLoading,
    #[error("there is no such agent")]
    NoSuchAgent,
    #[error("there is no such queue")]
    NoSuchQueue,
    #[error("there is no such canned reply of yours")]
    NoSuchCanned,
    #[error("there is no such saved view of yours")]
    NoSuchView,
    #[error("there is no such site")]
    NoSuchSite,
    #[error("you have no such sign-in")]
    NoSuchSignIn,
    #[error("there is no such phrase to decide about")]
    NoSuchPhrase,
    #[error("this is for leads and admins")]
    LeadsOnly,
    #[error("our team has closed this; nothing more can be written here")]
    Blocked,
    #[error("this conversation is in a queue that you do not work in")]
    NotYourQueue,
    #[error("{0} is set in the config file and cannot be changed here")]
    FixedInFile(String),
    #[error("contact: this is neither an e-mail address nor a phone number")]
    BadContact,
    #[error("this conversation belongs to another customer; begin a new one with a client id of its own")]
    OtherCustomer,
    #[error("email: this is no e-mail address")]
    BadEmail,
    #[error("nothing has been said in this conversation yet")]
    NothingSaid,
    #[error("an agent with this e-mail address exists already")]
    EmailTaken,
    /// The sentence says what is wrong with the input and what would be right.
    #[error("{0}")]
    BadInput(String),
    #[error("text: must have at most 4000 characters")]
    TextTooLong,
    #[error("text: must not be empty")]
    TextEmpty,
    #[error("no files can be sent here")]
    FilesOff,
    #[error("this file is too large; it may have at most {max_bytes} bytes")]
    FileTooLarge { max_bytes: u64 },
    #[error("this picture is too large; it may have at most {max_pixels} pixels and {max_side} along one side")]
    TooManyPixels { max_pixels: u64, max_side: u64 },
    #[error("this file cannot be sent, or its name does not say what it is; send one of {}", types.join(", "))]
    BadFileType { types: Vec<&'static str> },
    #[error("the files of this conversation are too many or too large already")]
    ConversationFull { max_bytes: u64 },
    #[error("there is no room for more files on the server")]
    StorageFull,
    #[error("too many files are coming in")]
    TooManyUploads,
    #[error("attachments: there is no file {0} of yours in this conversation")]
    UnknownAttachment(AttachmentId),
    #[error("attachments: the file {0} was sent already")]
    AttachmentUsed(AttachmentId),
    #[error("e-mail address or password is wrong")]
    BadCredentials,
    #[error("the password is right; the code of the second factor is wanted too")]
    CodeWanted,
    #[error("the code is wrong, or was used before")]
    BadCode,
    #[error("password: is wrong")]
    WrongPassword,
    #[error("too many wrong attempts; sign-ins with this address rest for a while")]
    LockedOut { secs: u64 },
    #[error("too many sign-ins are being checked")]
    Busy,
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for DeskError {
    /// A full agent is no failure of the store.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::AtCapacity => Self::Refused(Refusal::AtCapacity),
            StoreError::UnknownAttachment(id) => Self::UnknownAttachment(id),
            StoreError::AttachmentUsed(id) => Self::AttachmentUsed(id),
            full if attachments::is_full(&full) => Self::StorageFull,
            other @ (StoreError::Conflict | StoreError::Unavailable { .. } | StoreError::Corrupt { .. }) => {
                Self::Store(other)
            }
        }
    }
}

impl Desk {
    pub fn new(store: Arc<dyn Store>, bus: Bus, answering: Arc<Answering>, clock: Clock, settings: Settings) -> Self {
        let opened_at = clock.now();
        let (silence, mail_after_secs) = (settings.silence, settings.mail_after_secs);
        let rules = Rules { silence, mail_after_secs, ..Rules::default() };
        Self {
            parts: Arc::new(Parts {
                store,
                typing: typing::Typing::new(bus.clone()),
                lookers: lookers::Lookers::new(bus.clone()),
                bus,
                answering,
                clock,
                settings,
                rules: ArcSwap::from_pointee(rules),
                looks: ArcSwap::default(),
                opened_at,
                assigning: tokio::sync::Mutex::new(()),
                thinking: DashMap::new(),
                bursts: DashMap::new(),
                uploads: attachments::UploadPlaces::default(),
                thoughts: Arc::new(Semaphore::new(MAX_THOUGHTS)),
                password_checks: Arc::new(Semaphore::new(MAX_PASSWORD_CHECKS)),
            }),
        }
    }

    pub fn answering(&self) -> &Answering {
        &self.parts.answering
    }

    pub fn bus(&self) -> &Bus {
        &self.parts.bus
    }

    pub fn clock(&self) -> &Clock {
        &self.parts.clock
    }

    /// Whether a turn could be kept right now.
    pub async fn can_keep(&self) -> Result<(), StoreError> {
        self.parts.store.probe().await
    }

    /// The public name of an agent, for telling others who has a conversation.
    pub async fn agent_name(&self, id: &AgentId) -> Result<Option<String>, StoreError> {
        Ok(self.parts.store.agent(id).await?.map(|agent| agent.name))
    }
}
