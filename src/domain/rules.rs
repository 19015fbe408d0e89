//! What governs the lines: queues with their hours, people and service levels, and how long anyone may be silent.

use super::hours::{self, Hours};
use super::policy::DEFAULT_QUEUE;
use super::{Language, QueueName, Timestamp};
use serde::{Deserialize, Serialize};

/// In force for one command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    pub queues: Vec<Queue>,
    pub silence: Silence,
    /// How long after a reply an absent customer of the widget is mailed, in seconds; `None`: no mail is sent.
    #[serde(default)]
    pub mail_after_secs: Option<u32>,
}

/// A named line of waiting handoffs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    pub name: QueueName,
    /// What customers and agents read; the name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Spoken here; empty: all. Only auto-assignment and the choice of people look at it, never who may wait.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// `None`: always open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// Empty: everyone works here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    /// Added to the priority of who waits here, −100 to 100: of two queues an agent is given the one with the higher first.
    #[serde(default)]
    pub priority: i32,
    #[serde(default)]
    pub assign: Assign,
    #[serde(default)]
    pub levels: ServiceLevels,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// E-mail address of the agent.
    pub agent: String,
    /// 1 to 5; the more skilled are preferred.
    #[serde(default = "middling_skill")]
    pub skill: u8,
    /// Conversations of this queue at once; `None`: as many as the agent may have in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
}

fn middling_skill() -> u8 {
    3
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assign {
    /// Agents take what they want.
    #[default]
    Manual,
    /// Given to the agent with the fewest open conversations, then the one idle longest, within capacity, language and skill.
    Balanced,
}

/// Seconds of open time; `None`: no such level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceLevels {
    /// From the handoff to the claim.
    pub claim_secs: Option<u64>,
    /// From the handoff to the first words of a person.
    pub first_reply_secs: Option<u64>,
    /// From a customer's turn to the next words of a person.
    pub next_reply_secs: Option<u64>,
    /// From the handoff to the end.
    pub resolution_secs: Option<u64>,
    /// A warning comes when this share of the time has passed, in percent, 1 to 100.
    pub warn_at_percent: u8,
}

impl Default for ServiceLevels {
    /// 20 seconds to the claim is the usual aim of live chat; replies within 15 minutes.
    fn default() -> Self {
        Self {
            claim_secs: Some(20),
            first_reply_secs: Some(15 * 60),
            next_reply_secs: Some(15 * 60),
            resolution_secs: None,
            warn_at_percent: 75,
        }
    }
}

/// How long anyone may be silent before something happens by itself, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Silence {
    /// The bot has not reacted to a customer's turn: a person is called. 10 to 600.
    pub bot_secs: u32,
    /// A customer waits for a reply of the agent who has the conversation: back in the line, in front.
    pub agent_while_waited_for_secs: u32,
    /// Nobody waits for the agent who has the conversation: back to the bot.
    pub agent_secs: u32,
    /// The console of an agent is gone: what the agent has goes back in the line, in front.
    pub vanished_secs: u32,
    /// Nobody has spoken with the bot: the conversation ends.
    pub abandon_secs: u32,
    /// The customer who waits for a person has not spoken: the conversation ends.
    pub abandon_waiting_secs: u32,
}

impl Default for Silence {
    fn default() -> Self {
        Self {
            bot_secs: 60,
            agent_while_waited_for_secs: 5 * 60,
            agent_secs: 30 * 60,
            vanished_secs: 120,
            abandon_secs: 24 * 3600,
            abandon_waiting_secs: 72 * 3600,
        }
    }
}

/// The lines of the shipped articles, and the one for everything else.
const SHIPPED: [&str; 5] = [DEFAULT_QUEUE, "returns", "technical", "payments", "complaints"];

/// What signed attributes make of a customer: `priority` (0 to 100), or `vip: true`. Nobody can sign oneself to the back of the line.
pub fn priority_of(attributes: &serde_json::Map<String, serde_json::Value>) -> i32 {
    let named = attributes.get("priority").and_then(serde_json::Value::as_i64).map(|n| n.clamp(0, 100) as i32);
    let is_vip = attributes.get("vip").and_then(serde_json::Value::as_bool).unwrap_or(false);
    named.unwrap_or(if is_vip { VIP_PRIORITY } else { 0 })
}

const VIP_PRIORITY: i32 = 10;

impl Default for Rules {
    fn default() -> Self {
        Self {
            queues: SHIPPED.iter().map(|name| Queue::named(QueueName::new(*name))).collect(),
            silence: Silence::default(),
            mail_after_secs: None,
        }
    }
}

impl Rules {
    /// A queue that nobody defined, because an article names it, is open always, to everyone, with the usual levels.
    pub fn queue(&self, name: &QueueName) -> std::borrow::Cow<'_, Queue> {
        match self.queues.iter().find(|queue| &queue.name == name) {
            Some(queue) => std::borrow::Cow::Borrowed(queue),
            None => std::borrow::Cow::Owned(Queue::named(name.clone())),
        }
    }
}

impl Queue {
    pub fn named(name: QueueName) -> Self {
        Self {
            name,
            title: None,
            languages: vec![],
            hours: None,
            members: vec![],
            priority: 0,
            assign: Assign::Manual,
            levels: ServiceLevels::default(),
        }
    }

    pub fn title(&self) -> &str {
        self.title.as_deref().unwrap_or(self.name.as_str())
    }

    pub fn is_open(&self, now: Timestamp) -> bool {
        hours::open_at(self.hours.as_ref(), now)
    }

    /// When so much open time has passed.
    pub fn after_open_secs(&self, start: Timestamp, secs: u64) -> Timestamp {
        hours::due_after(self.hours.as_ref(), start, secs)
    }

    pub fn member(&self, email: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.agent.eq_ignore_ascii_case(email))
    }

    /// What is wrong with it, naming the key.
    pub fn check(&self) -> Result<(), String> {
        let name = self.name.as_str();
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 60 || !name.chars().all(is_plain) {
            return Err(format!("name: {name:?} must have 1 to 60 characters of a-z, 0-9, - and _"));
        }
        if self.title.as_ref().is_some_and(|title| title.trim().is_empty() || title.chars().count() > 100) {
            return Err("title: must have 1 to 100 characters".into());
        }
        if !(-100..=100).contains(&self.priority) {
            return Err(format!("priority: {} is not between -100 and 100", self.priority));
        }
        for member in &self.members {
            if !member.agent.contains('@') {
                return Err(format!("members.agent: {:?} is not an e-mail address", member.agent));
            }
            if !(1..=5).contains(&member.skill) {
                return Err(format!("members.skill: {} of {} is not between 1 and 5", member.skill, member.agent));
            }
            if member.capacity == Some(0) {
                return Err(format!("members.capacity: 0 of {} lets nobody work; leave the member out", member.agent));
            }
        }
        let levels = &self.levels;
        let named = [
            ("claim_secs", levels.claim_secs),
            ("first_reply_secs", levels.first_reply_secs),
            ("next_reply_secs", levels.next_reply_secs),
            ("resolution_secs", levels.resolution_secs),
        ];
        for (key, secs) in named {
            if secs.is_some_and(|secs| !(1..=MAX_LEVEL_SECS).contains(&secs)) {
                return Err(format!("levels.{key}: must be between 1 and {MAX_LEVEL_SECS}"));
            }
        }
        if !(1..=100).contains(&levels.warn_at_percent) {
            return Err(format!("levels.warn_at_percent: {} is not between 1 and 100", levels.warn_at_percent));
        }
        Ok(())
    }
}

/// Thirty days.
const MAX_LEVEL_SECS: u64 = 30 * 24 * 3600;

impl Silence {
    pub fn check(&self) -> Result<(), String> {
        let check = |key: &str, secs: u32, from: u32, to: u32| match (from..=to).contains(&secs) {
            true => Ok(()),
            false => Err(format!("{key}: {secs} is not between {from} and {to}")),
        };
        check("bot_secs", self.bot_secs, 20, 600)?;
        check("agent_while_waited_for_secs", self.agent_while_waited_for_secs, 30, 86_400)?;
        check("agent_secs", self.agent_secs, 60, 604_800)?;
        check("vanished_secs", self.vanished_secs, 60, 86_400)?;
        check("abandon_secs", self.abandon_secs, 600, 31_536_000)?;
        check("abandon_waiting_secs", self.abandon_waiting_secs, 600, 31_536_000)
    }
}
