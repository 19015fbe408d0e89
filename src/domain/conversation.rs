//! A conversation: who has it, what it waits for, and what was promised in it. How it changes stands in `apply`.

use super::clocks::Clock;
use super::{AgentId, ArticleId, ConversationId, CustomerId, Language, QueueName, Seq, Tag, Timestamp};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    pub id: ConversationId,
    pub customer: CustomerId,
    /// The site whose widget it came from, or the name of the Telegram bot.
    pub site: String,
    pub channel: Channel,
    pub language: Option<Language>,
    pub phase: Phase,
    /// The number of the last change. A bot's reply expects the one it read.
    pub version: Seq,
    /// Rises when phase or owner changes. An agent's command expects the one it read, so typing never refuses a reply.
    pub owner_epoch: u64,
    /// Customer turns that nothing reacted to yet, in order.
    pub unanswered: Vec<Seq>,
    /// Clarifications in a row.
    pub clarifications: u8,
    pub last_answer: Option<LastAnswer>,
    /// When the waiting customer was last told what happens next.
    pub last_notice: Option<Timestamp>,
    pub rating: Option<u8>,
    /// IANA name, as the customer's browser tells it.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Where it waits when nothing that was said leads elsewhere; `None`: the default queue.
    #[serde(default)]
    pub home_queue: Option<QueueName>,
    /// Higher stands further in front. Only signed attributes raise it.
    #[serde(default)]
    pub priority: i32,
    /// The first of `unanswered` was said then.
    #[serde(default)]
    pub unanswered_since: Option<Timestamp>,
    /// A person owes the customer a reply since then; while it waits for people or is with one.
    #[serde(default)]
    pub reply_wanted_since: Option<Timestamp>,
    /// Of the move to people that is open now.
    #[serde(default)]
    pub handed_off_at: Option<Timestamp>,
    #[serde(default)]
    pub first_reply_at: Option<Timestamp>,
    /// The agent who has it claimed, wrote or set it aside then.
    #[serde(default)]
    pub agent_acted_at: Option<Timestamp>,
    /// Anyone but the system.
    #[serde(default)]
    pub last_said_at: Option<Timestamp>,
    /// Service levels of this handoff that were warned of or missed.
    #[serde(default)]
    pub told: Vec<Told>,
    /// The same answer given again, in a row.
    #[serde(default)]
    pub repeats: u8,
    /// "That did not help", in a row.
    #[serde(default)]
    pub did_not_help: u8,
    #[serde(default)]
    pub follow_up: Option<FollowUp>,
    #[serde(default)]
    pub merged_into: Option<ConversationId>,
    /// The queue that it went to last; `None`: it never went to people.
    #[serde(default)]
    pub last_queue: Option<QueueName>,
    /// Who claimed it last.
    #[serde(default)]
    pub last_agent: Option<AgentId>,
    /// Sorted.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// A clock that was spoken of already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub clock: Clock,
    pub is_breach: bool,
}

/// A promise to come back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FollowUp {
    pub agent: AgentId,
    pub due_at: Timestamp,
    pub is_due: bool,
}

/// The reply address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Channel {
    Web,
    Telegram { bot: String, chat: i64 },
}

impl Channel {
    pub fn kind(&self) -> super::ChannelKind {
        match self {
            Self::Web => super::ChannelKind::Web,
            Self::Telegram { .. } => super::ChannelKind::Telegram,
        }
    }

    /// Whether what is said must be carried there; the widget fetches by sequence number instead.
    pub fn is_pushed_to(&self) -> bool {
        match self {
            Self::Web => false,
            Self::Telegram { .. } => true,
        }
    }
}

/// Who has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Phase {
    WithBot {
        since: Timestamp,
    },
    /// In `queue` since `since`; the clock does not restart when an agent releases it.
    Waiting {
        reason: Reason,
        queue: QueueName,
        since: Timestamp,
        /// Before everyone of the same priority: an agent let this customer down.
        #[serde(default)]
        in_front: bool,
        /// Only a lead may take it.
        #[serde(default)]
        for_lead: bool,
    },
    WithAgent {
        agent: AgentId,
        reason: Reason,
        queue: QueueName,
        since: Timestamp,
        waiting_since: Timestamp,
        #[serde(default)]
        snoozed: Option<Snooze>,
    },
    Resolved {
        outcome: Outcome,
        since: Timestamp,
    },
}

impl Phase {
    pub fn name(&self) -> &'static str {
        match self {
            Self::WithBot { .. } => "with_bot",
            Self::Waiting { .. } => "waiting",
            Self::WithAgent { .. } => "with_agent",
            Self::Resolved { .. } => "resolved",
        }
    }

    pub fn since(&self) -> Timestamp {
        match self {
            Self::WithBot { since }
            | Self::Waiting { since, .. }
            | Self::WithAgent { since, .. }
            | Self::Resolved { since, .. } => *since,
        }
    }

    pub fn queue(&self) -> Option<&QueueName> {
        match self {
            Self::Waiting { queue, .. } | Self::WithAgent { queue, .. } => Some(queue),
            Self::WithBot { .. } | Self::Resolved { .. } => None,
        }
    }

    pub fn snoozed(&self) -> Option<Snooze> {
        match self {
            Self::WithAgent { snoozed, .. } => *snoozed,
            Self::WithBot { .. } | Self::Waiting { .. } | Self::Resolved { .. } => None,
        }
    }

    pub fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::WithAgent { agent, .. } => Some(agent),
            Self::WithBot { .. } | Self::Waiting { .. } | Self::Resolved { .. } => None,
        }
    }
}

/// Why it went to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    CustomerAsked,
    NotUnderstood,
    DidNotHelp,
    TopicNeedsHuman,
    OutOfPatience,
    BotUnavailable,
    AgentRequested,
}

impl Reason {
    /// What a customer may be told: losing patience is never said to their face.
    pub fn for_customer(self) -> Option<Self> {
        (self != Self::OutOfPatience).then_some(self)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::CustomerAsked => "customer_asked",
            Self::NotUnderstood => "not_understood",
            Self::DidNotHelp => "did_not_help",
            Self::TopicNeedsHuman => "topic_needs_human",
            Self::OutOfPatience => "out_of_patience",
            Self::BotUnavailable => "bot_unavailable",
            Self::AgentRequested => "agent_requested",
        }
    }
}

/// Set aside by its agent: until a moment, or until the customer writes, whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snooze {
    pub until: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Solved,
    Unsolved,
    /// Nobody said anything for a long time.
    Abandoned,
    /// It goes on in another conversation.
    Merged,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastAnswer {
    pub seq: Seq,
    pub article: ArticleId,
    pub queue: Option<QueueName>,
    /// What the customer said of it, so that saying it twice changes nothing.
    #[serde(default)]
    pub helped: Option<bool>,
}
