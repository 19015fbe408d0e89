//! When each customer was last there: whatever a browser asks or answers is a sign of life. Kept in memory: after a restart nothing is
//! known, and who was there comes back within seconds.

use crate::desk::Lookout;
use crate::domain::{ConversationId, Timestamp};
use dashmap::DashMap;
use std::sync::atomic::{AtomicU64, Ordering};

pub struct Presence {
    seen: DashMap<ConversationId, Timestamp>,
    since: Timestamp,
    n_signs: AtomicU64,
}

/// Longer than any letter waits for its customer; older signs are forgotten.
const KEPT_SECS: i64 = 24 * 3_600;
/// Conversations that are remembered. Of more, the oldest are forgotten first.
const MAX_KEPT: usize = 100_000;
const SWEEP_EVERY: u64 = 4_096;

impl Presence {
    pub fn new(since: Timestamp) -> Self {
        Self { seen: DashMap::new(), since, n_signs: AtomicU64::new(0) }
    }

    pub fn is_here(&self, conversation: &ConversationId, now: Timestamp) {
        match self.seen.get_mut(conversation) {
            Some(mut at) => *at = now,
            None => {
                self.seen.insert(conversation.clone(), now);
            }
        }
        if self.n_signs.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.sweep(now);
        }
    }

    /// A full house remembers half as long, as often as needed.
    fn sweep(&self, now: Timestamp) {
        let mut kept_secs = KEPT_SECS;
        loop {
            self.seen.retain(|_, at| now.duration_since(*at).as_secs() <= kept_secs);
            if self.seen.len() <= MAX_KEPT || kept_secs == 0 {
                return;
            }
            kept_secs /= 2;
        }
    }
}

impl Lookout for Presence {
    fn last_seen(&self, conversation: &ConversationId) -> Option<Timestamp> {
        self.seen.get(conversation).map(|at| *at)
    }

    fn since(&self) -> Timestamp {
        self.since
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::at;

    #[test]
    fn the_last_sign_of_life_counts() {
        let (presence, id) = (Presence::new(at(0)), ConversationId::new("c"));
        assert_eq!(presence.last_seen(&id), None);
        presence.is_here(&id, at(5));
        presence.is_here(&id, at(9));
        assert_eq!((presence.last_seen(&id), presence.since()), (Some(at(9)), at(0)));
    }

    #[test]
    fn memory_is_bounded() {
        let presence = Presence::new(at(0));
        for n in 0..MAX_KEPT as i64 + 20_000 {
            presence.is_here(&ConversationId::new(n.to_string()), at(n));
        }
        presence.sweep(at(MAX_KEPT as i64 + 20_000));
        assert!(presence.seen.len() <= MAX_KEPT, "{}", presence.seen.len());
        assert!(presence.last_seen(&ConversationId::new((MAX_KEPT + 19_999).to_string())).is_some());
        presence.sweep(at(10 * KEPT_SECS));
        assert_eq!(presence.seen.len(), 0);
    }
}
