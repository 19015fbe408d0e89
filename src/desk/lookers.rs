//! Which agents look at a conversation right now, and who of them writes. Kept in memory alone and for seconds: losing all of it
//! costs nothing.

use crate::bus::{Bus, Hint};
use crate::domain::{AgentId, ConversationId};
use dashmap::DashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Whoever does not say so again has gone.
pub const LOOKS_FOR: Duration = Duration::from_secs(45);
/// Whoever does not say so again writes no more.
const WRITES_FOR: Duration = Duration::from_secs(8);
/// Conversations that are looked at at once; of more nobody is told.
const MAX_CONVERSATIONS: usize = 10_000;
/// Agents of one conversation that are remembered.
const MAX_LOOKERS: usize = 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looker {
    pub agent: AgentId,
    pub name: String,
    pub is_writing: bool,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Lookers {
    at: Arc<DashMap<ConversationId, Vec<Seen>>>,
    bus: Bus,
}

struct Seen {
    looker: Looker,
    until: Instant,
    writes_until: Instant,
}

impl Lookers {
    pub fn new(bus: Bus) -> Self {
        Self { at: Arc::default(), bus }
    }

    /// The agent looks, and perhaps writes; with `is_gone` no longer.
    pub fn tell(&self, id: &ConversationId, looker: Looker, is_gone: bool, now: Instant) {
        let is_full = self.at.len() >= MAX_CONVERSATIONS;
        if is_full {
            // Those that everybody left without a word.
            self.at.retain(|_, seen| seen.iter().any(|one| one.until > now));
        }
        if self.at.len() >= MAX_CONVERSATIONS && !self.at.contains_key(id) {
            return;
        }
        let before = self.of(id, now);
        {
            let mut seen = self.at.entry(id.clone()).or_default();
            seen.retain(|one| one.looker.agent != looker.agent && one.until > now);
            if !is_gone && seen.len() < MAX_LOOKERS {
                let writes_until = if looker.is_writing { now + WRITES_FOR } else { now };
                seen.push(Seen { looker, until: now + LOOKS_FOR, writes_until });
                seen.sort_by(|a, b| a.looker.agent.cmp(&b.looker.agent));
            }
        }
        self.at.remove_if(id, |_, seen| seen.is_empty());
        if self.of(id, now) != before {
            self.bus.hint(Hint::Lookers(id.clone()));
        }
    }

    /// By the agents' ids.
    pub fn of(&self, id: &ConversationId, now: Instant) -> Vec<Looker> {
        let Some(seen) = self.at.get(id) else { return vec![] };
        let there = seen.iter().filter(|one| one.until > now);
        there.map(|one| Looker { is_writing: one.writes_until > now, ..one.looker.clone() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looker(name: &str, is_writing: bool) -> Looker {
        Looker { agent: AgentId::new(name), name: name.to_uppercase(), is_writing }
    }

    #[tokio::test]
    async fn agents_come_write_and_go() {
        let bus = Bus::in_process();
        let mut hints = bus.listen();
        let (lookers, id, now) = (Lookers::new(bus), ConversationId::new("c"), Instant::now());
        let mut told = || std::iter::from_fn(|| hints.try_recv().ok()).count();
        lookers.tell(&id, looker("anna", false), false, now);
        assert_eq!((lookers.of(&id, now), told()), (vec![looker("anna", false)], 1));
        lookers.tell(&id, looker("anna", false), false, now + Duration::from_secs(20));
        assert_eq!(told(), 0, "nothing new");
        lookers.tell(&id, looker("boris", true), false, now + Duration::from_secs(20));
        assert_eq!(told(), 1);
        let both = lookers.of(&id, now + Duration::from_secs(21));
        assert_eq!(both, [looker("anna", false), looker("boris", true)]);
        let rested = lookers.of(&id, now + Duration::from_secs(29));
        assert_eq!(rested, [looker("anna", false), looker("boris", false)]);
        lookers.tell(&id, looker("anna", false), true, now + Duration::from_secs(30));
        assert_eq!((lookers.of(&id, now + Duration::from_secs(30)), told()), (vec![looker("boris", false)], 1));
        assert_eq!(lookers.of(&id, now + Duration::from_secs(66)), [], "boris left without a word");
        lookers.tell(&id, looker("boris", false), true, now + Duration::from_secs(67));
        assert!(lookers.at.is_empty(), "nothing is remembered");
    }
}
