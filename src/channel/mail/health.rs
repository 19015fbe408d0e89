//! What an operator is told about mail: what is wrong, and what to do about it.

use crate::domain::Timestamp;
use jiff::SignedDuration;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A server may be away for so long before anybody is told: letters wait, and servers restart.
const PATIENCE: SignedDuration = SignedDuration::from_secs(300);

/// Shared between the carrier, which writes it, and `/readyz`, which reads it.
#[derive(Default)]
pub struct MailHealth {
    trouble: Mutex<Option<Trouble>>,
}

struct Trouble {
    sentence: String,
    since: Timestamp,
    /// Waiting helps nobody: an operator must do something.
    is_for_people: bool,
}

impl MailHealth {
    /// Sentences for `/readyz`; empty when all is well, or has been ill for a moment only.
    pub fn degraded(&self, now: Timestamp) -> Vec<String> {
        let trouble = self.trouble();
        let told = trouble.as_ref().filter(|trouble| trouble.is_for_people || now >= trouble.since + PATIENCE);
        told.map(|trouble| trouble.sentence.clone()).into_iter().collect()
    }

    pub(super) fn flows(&self) {
        if self.trouble().take().is_some() {
            tracing::info!("letters go to the mail server again");
        }
    }

    pub(super) fn is_away(&self, sentence: String, now: Timestamp) {
        self.change(sentence, now, false);
    }

    pub(super) fn is_misconfigured(&self, sentence: String, now: Timestamp) {
        self.change(sentence, now, true);
    }

    /// One log line for each new trouble, not for each attempt.
    fn change(&self, sentence: String, now: Timestamp, is_for_people: bool) {
        let mut trouble = self.trouble();
        if trouble.as_ref().is_none_or(|known| known.sentence != sentence) {
            tracing::warn!(trouble = %sentence, "mail gives trouble");
        }
        let since = trouble.as_ref().map_or(now, |known| known.since.min(now));
        *trouble = Some(Trouble { sentence, since, is_for_people });
    }

    fn trouble(&self) -> MutexGuard<'_, Option<Trouble>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::at;

    #[test]
    fn trouble_is_told_when_it_lasts() {
        let health = MailHealth::default();
        health.is_away("away".into(), at(0));
        assert!(health.degraded(at(299)).is_empty());
        health.is_away("still away".into(), at(200));
        assert_eq!(health.degraded(at(300)), ["still away"]);
        health.flows();
        assert!(health.degraded(at(900)).is_empty());
        health.is_misconfigured("the password is wrong".into(), at(901));
        assert_eq!(health.degraded(at(901)), ["the password is wrong"]);
    }
}
