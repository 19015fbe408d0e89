//! A calibration in the background that failed is tried again, ever later; after the last time `Health` says so.
//!
//! What fails it passes mostly: an encoder that is being restarted, a machine short of memory.

use super::snapshot::Snapshot;
use super::{Answering, AnsweringError, Current};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Before each further try: some ten minutes in all. Later only other articles, more judged cases or a restart calibrate.
pub(super) const PAUSES: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(20),
    Duration::from_secs(60),
    Duration::from_secs(180),
    Duration::from_secs(300),
];

/// A calibration that failed; what was in force stays.
pub(super) struct Uncalibrated {
    pub error: AnsweringError,
    /// `Shelf::begin` gave it.
    pub attempt: u64,
    pub snapshot: Arc<Snapshot>,
}

impl Answering {
    /// For commands that ask and end.
    pub(super) async fn calibrate_once(&self, threads: usize) {
        if let Err(failed) = self.calibrate(threads).await {
            self.give_up(&failed);
        }
    }

    /// On one core, as customers ask meanwhile; again after each pause, unless somebody else began a later calibration by then.
    pub(super) async fn calibrate_patiently(&self, pauses: &[Duration]) {
        let mut pauses = pauses.iter();
        while let Err(failed) = self.calibrate(1).await {
            let Some(pause) = pauses.next() else { return self.give_up(&failed) };
            let error = &failed.error;
            tracing::warn!(%error, again_in_secs = pause.as_secs(), "calibration failed; the confidence stays as it was");
            let (attempt, snapshot) = (failed.attempt, Arc::downgrade(&failed.snapshot));
            // What was loaded before may be large, and is not kept for this.
            drop(failed);
            tokio::time::sleep(*pause).await;
            let is_in_use = snapshot.upgrade().is_some_and(|old| !old.is_outdated.load(Ordering::Relaxed));
            if !is_in_use || self.judged.n_begun() != attempt {
                return;
            }
        }
    }

    fn give_up(&self, failed: &Uncalibrated) {
        let error = &failed.error;
        tracing::error!(%error, "calibration failed and is not tried again; the confidence stays as it was");
        let sentence = format!(
            "the confidence could not be calibrated for these articles: {error}; the one before stays until they change or the program is started again"
        );
        self.current.send_if_modified(|now| {
            let Some(newest) = now.as_ref().filter(|newest| Arc::ptr_eq(&newest.snapshot, &failed.snapshot)) else {
                return false;
            };
            *now = Some(Arc::new(Current { uncalibrated: Some(sentence), ..newest.as_ref().clone() }));
            true
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Basis, Options};
    use super::*;
    use crate::clock::Clock;
    use crate::domain::{ArticleId, JudgedCase, Language, Picked, PolicyWish};
    use crate::intent::encoder::testing::{self, Gate};

    const SOON: [Duration; 5] = [Duration::ZERO; 5];

    /// Behind an encoder that answered until now, with judged cases that it must look at.
    async fn shop(gate: &Arc<Gate>) -> (Arc<Answering>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        for thing in ["refund", "parcel"] {
            let article = format!(
                "---\nid: {thing}\nlanguage: en\ntitle: Your {thing}\nphrases: [where is my {thing}]\n---\nYes.\n"
            );
            std::fs::write(folder.path().join(format!("{thing}.md")), article).unwrap();
        }
        let options = Options {
            knowledge: folder.path().to_owned(),
            model: None,
            cache: None,
            threads: 1,
            encoder_wait: Duration::from_secs(60),
            policy: PolicyWish::default(),
        };
        let answering = Arc::new(Answering::empty(options, Clock::system()));
        let case = |i: usize| JudgedCase {
            text: format!("order {i}: what about the refund"),
            language: Language::En,
            right: Some(ArticleId::new("refund")),
            picked: Picked::AgentChose,
            chance: 1.0,
        };
        answering.judged((0..240).map(case).collect());
        answering.load(Some(testing::behind(gate)), None).await.unwrap();
        (answering, folder)
    }

    fn is_calibrated(answering: &Answering) -> bool {
        answering.calibration().unwrap().basis == Basis::Blended { n_questions: 0, n_judged: 240 }
    }

    #[tokio::test]
    async fn what_fails_for_a_while_is_tried_again() {
        let gate: Arc<Gate> = Arc::default();
        let (answering, _folder) = shop(&gate).await;
        *gate.n_to_fail.lock().unwrap() = usize::MAX;
        let trying = tokio::spawn({
            let answering = answering.clone();
            async move { answering.calibrate_patiently(&vec![Duration::from_millis(1); 10_000]).await }
        });
        // The second begins when the first has failed.
        while answering.judged.n_begun() < 2 {
            tokio::task::yield_now().await;
        }
        *gate.n_to_fail.lock().unwrap() = 0;
        trying.await.unwrap();
        assert!(is_calibrated(&answering));
        assert_eq!(answering.health().degraded, [""; 0]);
    }

    #[tokio::test]
    async fn after_the_last_try_health_says_so_until_one_succeeds() {
        let gate: Arc<Gate> = Arc::default();
        let (answering, _folder) = shop(&gate).await;
        *gate.n_to_fail.lock().unwrap() = usize::MAX;
        answering.calibrate_patiently(&SOON).await;
        assert_eq!(answering.judged.n_begun(), 1 + SOON.len() as u64);
        let degraded = answering.health().degraded;
        assert!(degraded.len() == 1 && degraded[0].contains("could not be calibrated"), "{degraded:?}");
        assert!(!is_calibrated(&answering));

        *gate.n_to_fail.lock().unwrap() = 0;
        answering.calibrate_once(1).await;
        assert!(is_calibrated(&answering) && answering.health().degraded.is_empty());
    }

    #[tokio::test]
    async fn who_waits_leaves_it_to_a_later_one() {
        let gate: Arc<Gate> = Arc::default();
        let (answering, _folder) = shop(&gate).await;
        *gate.n_to_fail.lock().unwrap() = usize::MAX;
        let waiting = tokio::spawn({
            let answering = answering.clone();
            async move { answering.calibrate_patiently(&[Duration::from_millis(1)]).await }
        });
        while answering.judged.n_begun() < 1 {
            tokio::task::yield_now().await;
        }
        // It is free again when the first has failed.
        let failed = answering.judged.one_at_a_time.lock().await;
        answering.judged.begin();
        drop(failed);
        waiting.await.unwrap();
        assert_eq!((answering.judged.n_begun(), answering.health().degraded.len()), (2, 0));
    }

    #[test]
    fn pauses_grow_to_some_minutes() {
        assert!(PAUSES.is_sorted() && PAUSES[4] <= Duration::from_secs(600));
    }
}
