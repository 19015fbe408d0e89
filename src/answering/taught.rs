//! What leads taught, for the next load of the articles.

use super::Answering;
use crate::domain::TaughtPhrase;
use futures::FutureExt;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{MutexGuard, Notify};

/// A load takes seconds of a core, so it takes up what else is taught meanwhile.
pub(super) const PAUSE_TO_TEACH: Duration = Duration::from_secs(2);

#[derive(Default)]
pub(super) struct Taught {
    phrases: Mutex<Arc<[TaughtPhrase]>>,
    changed: Notify,
    /// Held from reading to `taught`, so that an older reading never replaces a newer one.
    turn: tokio::sync::Mutex<()>,
}

impl Taught {
    /// For a load that begins now: `changed` tells only of what comes later.
    pub fn take_up(&self) -> Arc<[TaughtPhrase]> {
        let _ = self.changed().now_or_never();
        self.phrases.lock().expect("nothing panics under this lock").clone()
    }

    /// At once where something changed since this was last waited for.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }
}

impl Answering {
    /// Hold it while reading what [`Answering::taught`] is given.
    pub async fn turn_to_teach(&self) -> MutexGuard<'_, ()> {
        self.taught.turn.lock().await
    }

    /// These are all the taught phrases by now. Loads the articles again in the background where they are others than before. May be
    /// called at any moment, before the first load too.
    pub fn taught(&self, phrases: Vec<TaughtPhrase>) {
        let mut now = self.taught.phrases.lock().expect("nothing panics under this lock");
        if now[..] == phrases[..] {
            return;
        }
        *now = phrases.into();
        drop(now);
        self.taught.changed.notify_one();
    }
}
