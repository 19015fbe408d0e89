//! A conversation, what can happen to it, and how it changes. `apply` is total: whatever was stored can be applied again.

use super::policy::queue_or_default;
use super::{
    AgentId, ArticleId, Choice, ConversationId, CustomerId, DecisionKind, Language, QueueName, Seq, Speaker, Timestamp,
    TurnKind,
};
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
    },
    WithAgent {
        agent: AgentId,
        reason: Reason,
        queue: QueueName,
        since: Timestamp,
        waiting_since: Timestamp,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Solved,
    Unsolved,
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

/// One change, numbered when it is applied. Stored without the words in it.
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
    /// The waiting customer was told again what happens next.
    Reminded,
    Claimed {
        agent: AgentId,
    },
    Released {
        agent: AgentId,
    },
    /// To the bot, by the agent or by the customer who would not wait.
    HandedBack {
        agent: Option<AgentId>,
    },
    Resolved {
        agent: AgentId,
        outcome: Outcome,
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
        }
    }

    pub fn offering(mut self, options: Vec<Choice>) -> Self {
        self.options = options;
        self
    }
}

impl Conversation {
    /// A conversation in which nothing was said yet.
    pub fn begin(
        id: ConversationId,
        customer: CustomerId,
        site: String,
        channel: Channel,
        language: Option<Language>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            customer,
            site,
            channel,
            language,
            phase: Phase::WithBot { since: now },
            version: 0,
            owner_epoch: 0,
            unanswered: vec![],
            clarifications: 0,
            last_answer: None,
            last_notice: None,
            rating: None,
        }
    }

    /// The queue of the article that answered last: whom a handoff without a topic of its own goes to.
    pub fn topic_queue(&self) -> Option<QueueName> {
        self.last_answer.as_ref().and_then(|answer| answer.queue.clone())
    }

    /// Makes `event` the next change and returns its number.
    pub fn apply(&mut self, event: &Event, now: Timestamp) -> Seq {
        self.version += 1;
        let seq = self.version;
        match event {
            Event::Said(turn) => self.said(turn, seq, now),
            Event::Decided { through, decision, language, .. } => {
                self.unanswered.retain(|waiting| waiting > through);
                self.language = Some(*language);
                match decision {
                    DecisionKind::Clarify => self.clarifications = self.clarifications.saturating_add(1),
                    DecisionKind::Answer | DecisionKind::HandOff => self.clarifications = 0,
                    DecisionKind::SmallTalk | DecisionKind::StaySilent => {}
                }
            }
            Event::HandedOff { reason, queue } => {
                self.last_notice = Some(now);
                self.own(Phase::Waiting { reason: *reason, queue: queue.clone(), since: now });
            }
            Event::Reminded => self.last_notice = Some(now),
            Event::Claimed { agent } => {
                let (reason, queue, waiting_since) = match &self.phase {
                    Phase::Waiting { reason, queue, since } => (*reason, queue.clone(), *since),
                    Phase::WithAgent { reason, queue, waiting_since, .. } => (*reason, queue.clone(), *waiting_since),
                    Phase::WithBot { .. } | Phase::Resolved { .. } => {
                        (Reason::AgentRequested, queue_or_default(self.topic_queue()), now)
                    }
                };
                self.unanswered.clear();
                self.own(Phase::WithAgent { agent: agent.clone(), reason, queue, since: now, waiting_since });
            }
            Event::Released { .. } => {
                if let Phase::WithAgent { reason, queue, waiting_since, .. } = &self.phase {
                    let (reason, queue, since) = (*reason, queue.clone(), *waiting_since);
                    self.last_notice = Some(now);
                    self.own(Phase::Waiting { reason, queue, since });
                }
            }
            Event::HandedBack { .. } | Event::Reopened => {
                self.unanswered.clear();
                self.clarifications = 0;
                self.own(Phase::WithBot { since: now });
            }
            Event::Resolved { outcome, .. } => {
                self.unanswered.clear();
                self.rating = None;
                self.last_answer = None;
                self.own(Phase::Resolved { outcome: *outcome, since: now });
            }
            Event::Rated { score } => self.rating = Some(*score),
            Event::Helped { seq: answer, helped } => {
                if let Some(last) = self.last_answer.as_mut().filter(|last| last.seq == *answer) {
                    last.helped = Some(*helped);
                }
            }
        }
        seq
    }

    fn said(&mut self, turn: &NewTurn, seq: Seq, now: Timestamp) {
        match &turn.by {
            Speaker::Customer => match self.phase {
                Phase::WithBot { .. } | Phase::Waiting { .. } => self.unanswered.push(seq),
                Phase::WithAgent { .. } | Phase::Resolved { .. } => {}
            },
            Speaker::Bot => {
                if let (TurnKind::Answer, Some(article)) = (turn.kind, &turn.article) {
                    self.last_answer =
                        Some(LastAnswer { seq, article: article.clone(), queue: turn.queue.clone(), helped: None });
                }
            }
            Speaker::System => self.last_notice = Some(now),
            Speaker::Agent(_) => {}
        }
    }

    fn own(&mut self, phase: Phase) {
        self.owner_epoch += 1;
        self.phase = phase;
    }
}
