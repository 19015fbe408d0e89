//! What a waiting customer may expect of a line right now.

use super::Desk;
use crate::domain::outlook::{Outlook, Staffed, expected_wait};
use crate::domain::rules::Queue;
use crate::domain::{ConversationId, QueueName, Timestamp};
use crate::store::{Presence, Staff, StoreError};

/// Pick-ups that an expectation is made of: the last of the last day.
const PICKUPS: u32 = 50;
const PICKUPS_WITHIN_SECS: i64 = 24 * 3600;

impl Desk {
    /// Of a conversation that stands in this line, or would.
    pub(super) async fn outlook(&self, id: &ConversationId, queue: &QueueName) -> Result<Outlook, StoreError> {
        let now = self.parts.clock.now();
        let place = self.parts.store.place(id, queue).await?;
        let wait = self.expected_wait(queue, place, now).await?;
        let staffed = self.staffed(&self.rules().queue(queue), now).await?;
        Ok(Outlook { place, wait_mins: wait.map(Outlook::wait_in_mins), staffed, now })
    }

    /// Seconds from and to; `None` while too few were taken lately.
    pub(super) async fn expected_wait(
        &self,
        queue: &QueueName,
        place: u32,
        now: Timestamp,
    ) -> Result<Option<(u64, u64)>, StoreError> {
        let since = now - jiff::SignedDuration::from_secs(PICKUPS_WITHIN_SECS);
        let pickups = self.parts.store.pickups(queue, since, PICKUPS).await?;
        Ok(expected_wait(&pickups, place))
    }

    async fn staffed(&self, queue: &Queue, now: Timestamp) -> Result<Staffed, StoreError> {
        if let Some(hours) = queue.hours.as_ref().filter(|hours| !hours.is_open(now)) {
            return Ok(Staffed::Closed { opens: hours.next_opening(now), zone: hours.zone.clone() });
        }
        let staff = self.parts.store.staff().await?;
        let works_here = |agent: &&Staff| queue.members.is_empty() || queue.member(&agent.email).is_some();
        // Where no console ever said that it is there, agents work by other means, and nobody can tell.
        let can_tell = staff.iter().any(|agent| agent.seen_at.is_some());
        let is_here = staff.iter().filter(works_here).any(|agent| agent.presence != Presence::Offline);
        Ok(if is_here || !can_tell { Staffed::Here } else { Staffed::NobodyOnline })
    }
}
