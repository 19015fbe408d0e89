//! The desk room: the use cases. Runs each from reading to committing to announcing.
//!
//! May: use the store, the bus and answering through their faces.
//! May not: name a database, a model or a protocol.

mod agents;
pub mod asked;
mod brief;
mod carry_out;
mod deliver;
mod judge;
mod lines;
mod links;
mod outlook;
mod privacy;
mod rules;
mod take_turn;
mod think;
mod views;

pub use agents::{NewAgent, SignedIn};
pub use carry_out::{EndingWish, TransferTo};
pub use judge::MAX_JUDGED_CASES;
pub use privacy::Export;
pub use rules::Source;
pub use take_turn::{MAX_TEXT_CHARS, Opening, Started, Taken, Vouched};
pub use views::{FullView, Standing, Update};

use crate::answering::Answering;
use crate::bus::Bus;
use crate::clock::Clock;
use crate::domain::rules::{Queue, Silence};
use crate::domain::{AgentId, ConversationId, Language, Refusal, Rules, Timestamp};
use crate::store::{Store, StoreError};
use arc_swap::ArcSwap;
use dashmap::DashMap;
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
    opened_at: Timestamp,
    /// Work is given out by one at a time.
    assigning: tokio::sync::Mutex<()>,
    /// One thought at a time per conversation.
    thinking: DashMap<ConversationId, Arc<tokio::sync::Mutex<()>>>,
    thoughts: Arc<Semaphore>,
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
    #[error("this is for leads and admins")]
    LeadsOnly,
    #[error("{0} is set in the config file and cannot be changed here")]
    FixedInFile(String),
    #[error("contact: this is neither an e-mail address nor a phone number")]
    BadContact,
    #[error("an agent with this e-mail address exists already")]
    EmailTaken,
    /// The sentence says what is wrong with the input and what would be right.
    #[error("{0}")]
    BadInput(String),
    #[error("text: must have at most 4000 characters")]
    TextTooLong,
    #[error("text: must not be empty")]
    TextEmpty,
    #[error("e-mail address or password is wrong")]
    BadCredentials,
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
            other @ (StoreError::Conflict | StoreError::Unavailable { .. } | StoreError::Corrupt { .. }) => {
                Self::Store(other)
            }
        }
    }
}

impl Desk {
    pub fn new(store: Arc<dyn Store>, bus: Bus, answering: Arc<Answering>, clock: Clock, settings: Settings) -> Self {
        let opened_at = clock.now();
        let rules = Rules { silence: settings.silence, ..Rules::default() };
        Self {
            parts: Arc::new(Parts {
                store,
                bus,
                answering,
                clock,
                settings,
                rules: ArcSwap::from_pointee(rules),
                opened_at,
                assigning: tokio::sync::Mutex::new(()),
                thinking: DashMap::new(),
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
