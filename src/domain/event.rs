//! What can happen to a conversation: one change each, numbered when it is applied, stored without the words in it.

use super::clocks::Clock;
use super::{
    AgentId, ArticleId, AttachmentId, Channel, Choice, ConversationId, DecisionKind, Language, Outcome, QueueName,
    Reason, Seq, Speaker, Tag, Timestamp, TurnKind,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    Said(NewTurn),
    /// The bot's reaction to all customer turns up to `through`.
    Decided {
        through: Seq,
        decision: DecisionKind,
        reason: Option<Reason>,
        article: Option<ArticleId>,
        confidence: f64,
        language: Language,
    },
    HandedOff {
        reason: Reason,
        queue: QueueName,
    },
    /// The turn that was first said at `turn`, and last changed at `before`, has other words, or none any more.
    Rewritten {
        turn: Seq,
        before: Seq,
        by: Speaker,
        kind: TurnKind,
        is_withdrawn: bool,
        #[serde(skip)]
        text: String,
    },
    /// The customer chose it, whatever language their words are in.
    LanguageChosen {
        language: Language,
    },
    /// The waiting customer was told again what happens next.
    Reminded,
    Claimed {
        agent: AgentId,
        #[serde(default)]
        cause: ClaimCause,
    },
    /// Back in line. `agent` had it.
    Released {
        agent: AgentId,
        #[serde(default)]
        cause: ReleaseCause,
    },
    /// Into another line.
    Transferred {
        agent: AgentId,
        queue: QueueName,
    },
    /// In line for a lead, in front.
    Escalated {
        agent: AgentId,
    },
    /// Set aside until a moment, or until the customer writes.
    Snoozed {
        agent: AgentId,
        until: Option<Timestamp>,
    },
    Woken {
        cause: WakeCause,
    },
    /// To the bot: by the agent, by the customer who would not wait, or because nobody spoke.
    HandedBack {
        agent: Option<AgentId>,
        #[serde(default)]
        cause: HandBackCause,
    },
    Resolved {
        agent: AgentId,
        outcome: Outcome,
    },
    /// Nobody said anything for a long time.
    Abandoned,
    /// This one goes on in another, which its token opens from now on.
    /// Without an agent: by the customer, who carried it to another channel.
    Merged {
        agent: Option<AgentId>,
        into: ConversationId,
    },
    /// Another one of the same customer goes on here.
    Absorbed {
        agent: Option<AgentId>,
        from: ConversationId,
    },
    /// A new reply address.
    Moved {
        from: Channel,
        to: Channel,
    },
    /// A new question after the end.
    Reopened,
    Rated {
        score: u8,
    },
    /// "This helped" or not, about the answer at `seq`.
    Helped {
        seq: Seq,
        helped: bool,
    },
    /// The customer left an e-mail address or a phone number.
    ContactLeft {
        kind: ContactKind,
    },
    /// A service level is about to be missed, or was missed.
    Warned {
        clock: Clock,
    },
    Breached {
        clock: Clock,
    },
    /// Somebody promised to come back to the customer.
    FollowUpSet {
        agent: AgentId,
        due_at: Timestamp,
    },
    FollowUpDue,
    FollowUpDone {
        agent: AgentId,
    },
    /// These are its tags now, sorted.
    Tagged {
        agent: AgentId,
        tags: Vec<Tag>,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimCause {
    /// The agent took it from the line.
    #[default]
    Claimed,
    /// Given to the agent by the rules of the queue.
    Assigned,
    /// The agent took it from the bot.
    TookOver,
    /// Another agent or a lead passed it on.
    Transferred,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseCause {
    #[default]
    Released,
    /// The customer waited for a reply, and the agent did nothing.
    Silence,
    /// The agent's console is gone.
    Vanished,
    /// The service level of the next reply was missed.
    Breach,
}

impl ReleaseCause {
    /// Whoever was let down stands in front; a release keeps the old place.
    pub fn goes_in_front(self) -> bool {
        match self {
            Self::Released => false,
            Self::Silence | Self::Vanished | Self::Breach => true,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandBackCause {
    #[default]
    Asked,
    /// Agent and customer were silent.
    Silence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WakeCause {
    Time,
    Reply,
    Agent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactKind {
    Email,
    Phone,
}

/// A turn before it has a number. Its words go to the words table; what is skipped here never enters an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewTurn {
    pub by: Speaker,
    pub kind: TurnKind,
    #[serde(default)]
    pub client_id: Option<String>,
    #[serde(skip)]
    pub text: String,
    #[serde(skip)]
    pub html: Option<String>,
    #[serde(default)]
    pub options: Vec<Choice>,
    #[serde(default)]
    pub decision: Option<DecisionKind>,
    #[serde(default)]
    pub article: Option<ArticleId>,
    /// The article's queue, so that asking for a person after an answer leads to the right line.
    #[serde(default)]
    pub queue: Option<QueueName>,
    /// Which stand beside the words; the store knows the rest of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentId>,
    /// Agents whom a note calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<AgentId>,
}

impl NewTurn {
    pub fn new(by: Speaker, kind: TurnKind, text: impl Into<String>) -> Self {
        Self {
            by,
            kind,
            client_id: None,
            text: text.into(),
            html: None,
            options: vec![],
            decision: None,
            article: None,
            queue: None,
            attachments: vec![],
            mentions: vec![],
        }
    }

    pub fn offering(mut self, options: Vec<Choice>) -> Self {
        self.options = options;
        self
    }
}
