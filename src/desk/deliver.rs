//! Carrying what was said to channels that must be pushed to. The rows are the truth; a hint only wakes the carrier.

use super::Desk;
use crate::domain::Timestamp;
use crate::store::{Delivered, Delivery, StoreError, WaitingDeliveries};

/// A carrier that died keeps others from a delivery for this long.
const LEASE_SECS: i64 = 60;
/// Deliveries leased at once.
const LEASE_LIMIT: u32 = 50;

impl Desk {
    /// The oldest undelivered turn of each conversation of one bot, leased for a minute.
    pub async fn lease_deliveries(&self, bot: &str) -> Result<Vec<Delivery>, StoreError> {
        let now = self.parts.clock.now();
        let until = now + jiff::SignedDuration::from_secs(LEASE_SECS);
        self.parts.store.lease_deliveries(bot, now, until, LEASE_LIMIT).await
    }

    /// Only at the start of the process: nobody else is carrying.
    pub async fn release_leases(&self) -> Result<(), StoreError> {
        self.parts.store.release_leases().await
    }

    pub async fn settle_delivery(&self, id: i64, result: Delivered) -> Result<(), StoreError> {
        self.parts.store.settle_delivery(id, result).await
    }

    /// What waits for this bot, and what could not be delivered in the last seven days.
    pub async fn waiting_deliveries(&self, bot: &str) -> Result<WaitingDeliveries, StoreError> {
        let since = self.parts.clock.now() - jiff::SignedDuration::from_hours(7 * 24);
        self.parts.store.waiting_deliveries(bot, since).await
    }

    /// When the carrier of this bot should look again, if nobody hints before.
    pub async fn next_delivery_at(&self, bot: &str) -> Result<Option<Timestamp>, StoreError> {
        self.parts.store.next_delivery_at(bot).await
    }
}
