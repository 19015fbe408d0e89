//! Several short messages in a row are one question: where people write so, the bot waits until they pause.

use super::Desk;
use crate::domain::ConversationId;
use dashmap::mapref::entry::Entry;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Somebody who never pauses is answered all the same.
const LONGEST_BURST: Duration = Duration::from_secs(5);
/// Conversations waited for at once; in one on top of them the bot thinks at once.
const MAX_BURSTS: usize = 10_000;

/// A conversation in which somebody may go on writing.
pub(super) struct Burst {
    began: Instant,
    quiet_at: Instant,
}

impl Burst {
    fn ends(&self) -> Instant {
        self.quiet_at.min(self.began + LONGEST_BURST)
    }
}

impl Desk {
    /// Thinks when nothing more has come for `pause`. Lost with the process: then the sweep at the start thinks.
    pub(super) fn begin_to_think_after(&self, id: ConversationId, pause: Duration) {
        let bursts = &self.parts.bursts;
        if pause.is_zero() || bursts.len() >= MAX_BURSTS {
            return self.begin_to_think(id);
        }
        let now = Instant::now();
        match bursts.entry(id.clone()) {
            Entry::Occupied(mut going_on) => going_on.get_mut().quiet_at = now + pause,
            Entry::Vacant(free) => {
                free.insert(Burst { began: now, quiet_at: now + pause });
                tokio::spawn(self.clone().wait_for_pause(id));
            }
        }
    }

    async fn wait_for_pause(self, id: ConversationId) {
        while let Some(ends) = self.parts.bursts.get(&id).map(|burst| burst.ends()) {
            sleep_until(ends).await;
            // Asked under the map's own lock: words that come now begin a burst of their own.
            if self.parts.bursts.remove_if(&id, |_, burst| burst.ends() <= Instant::now()).is_some() {
                return self.begin_to_think(id);
            }
        }
    }
}
