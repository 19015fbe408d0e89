//! Letters out: leases what is due, lets the desk say what becomes of each, sends, and settles.
//!
//! The rows are the truth. One letter after the other: their number is bounded by the hour, not by this loop.

use super::Carrier;
use super::letter::pack;
use super::smtp::SendError;
use crate::bus::Hint;
use crate::channel::backoff::{backoff, dice};
use crate::desk::{LETTER_LEASE_SECS, NextStep, Written};
use crate::domain::Timestamp;
use crate::store::{Letter, Posted, StoreError};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// With nothing due, the outbox is looked at this often: hints may be lost, and a driven clock wakes nobody.
const IDLE: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_secs(30);
/// Below the hour that the store takes for a clock that was wrong.
const LONGEST_PAUSE: Duration = Duration::from_secs(1_800);
/// What a server did not take for so long nobody waits for any more.
const GIVE_UP_AFTER_SECS: i64 = 2 * 24 * 3_600;

/// Until `shutdown`; then what is being sent is finished.
pub async fn run(carrier: &Carrier, shutdown: &CancellationToken) {
    let mut hints = carrier.desk.bus().listen();
    let mut failures = 0;
    while !shutdown.is_cancelled() {
        let idle = match carrier.look(shutdown).await {
            Ok(idle) => {
                failures = 0;
                idle
            }
            Err(failure) => {
                tracing::error!(error = %failure, "the letters of the outbox cannot be read");
                failures += 1;
                backoff(failures, IDLE / 2, FIRST_PAUSE, dice(carrier.desk.clock()))
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = outbox_hint(&mut hints), if failures == 0 => {}
            () = tokio::time::sleep(idle) => {}
        }
    }
}

async fn outbox_hint(hints: &mut broadcast::Receiver<Hint>) {
    loop {
        match hints.recv().await {
            Ok(Hint::Outbox) | Err(RecvError::Lagged(_)) => return,
            Ok(
                Hint::Conversation(_)
                | Hint::Typing { .. }
                | Hint::Lookers(_)
                | Hint::Queue
                | Hint::Knowledge
                | Hint::Judged,
            ) => {}
            // The desk holds the bus, so this comes only with the end of everything.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

impl Carrier {
    /// Sends what is due, and says how long there is nothing to do.
    async fn look(&self, shutdown: &CancellationToken) -> Result<Duration, StoreError> {
        let letters = self.desk.lease_letters(self.options.per_hour).await?;
        let n_letters = letters.len();
        // No sending is begun under a lease that may end before it.
        let begin_until = Instant::now() + Duration::from_secs(LETTER_LEASE_SECS as u64) - 2 * self.options.send_within;
        for letter in letters {
            if shutdown.is_cancelled() || Instant::now() > begin_until {
                let posted = Posted::Later { due: self.desk.clock().now(), why: "its turn did not come".into() };
                self.settle(&letter, posted, shutdown).await;
                continue;
            }
            let posted = AssertUnwindSafe(self.carry(&letter)).catch_unwind().await;
            let posted = posted.unwrap_or_else(|_| self.try_later(&letter, "carrying it panicked".into()));
            self.settle(&letter, posted, shutdown).await;
        }
        if n_letters > 0 {
            return Ok(Duration::ZERO);
        }
        let next = self.desk.next_letter_at(self.options.per_hour).await?;
        let now = self.desk.clock().now();
        let until = |due: Timestamp| Duration::try_from(due.duration_since(now)).unwrap_or(Duration::ZERO);
        Ok(next.map_or(IDLE, until).clamp(Duration::from_millis(100), IDLE))
    }

    async fn carry(&self, letter: &Letter) -> Posted {
        match self.desk.write_letter(letter, &*self.lookout).await {
            Ok(NextStep::Send(written)) => self.send(letter, &written).await,
            Ok(NextStep::Later { due, why }) => Posted::Later { due, why: why.into() },
            Ok(NextStep::Moot { why }) => Posted::Moot { why: why.into() },
            Err(failure) => self.try_later(letter, failure.to_string()),
        }
    }

    async fn send(&self, letter: &Letter, written: &Written) -> Posted {
        let packed = match pack(written, &self.options.from, self.options.reply_to.as_ref()) {
            Ok(packed) => packed,
            Err(failure) => return Posted::Dead { why: format!("mail: {failure}") },
        };
        let now = self.desk.clock().now();
        let server = &self.options.host;
        match self.smtp.send(&packed).await {
            Ok(()) => {
                self.health.flows();
                tracing::info!(conversation = %letter.conversation, letter = letter.id, "a letter was handed to the mail server");
                Posted::Sent { message: packed.message_id }
            }
            Err(SendError::Refused(why)) => {
                self.health.flows();
                tracing::warn!(conversation = %letter.conversation, letter = letter.id, "the mail server refused a letter");
                Posted::Dead { why: format!("mail: {why}") }
            }
            Err(SendError::Away(why)) => {
                self.health.is_away(format!("Mail: letters wait, because {server} does not take them ({why})"), now);
                self.try_later(letter, why)
            }
            Err(SendError::Misfit(why)) => {
                self.health.is_misconfigured(
                    format!("Mail: letters wait until [mail] in firstline.toml fits {server} ({why})"),
                    now,
                );
                self.try_later(letter, why)
            }
            Err(SendError::Unclear(why)) => {
                self.health.is_away(format!("Mail: {server} did not say whether it took a letter ({why})"), now);
                self.try_later(letter, format!("it may have been taken: {why}"))
            }
        }
    }

    fn try_later(&self, letter: &Letter, why: String) -> Posted {
        let clock = self.desk.clock();
        let now = clock.now();
        if now.duration_since(letter.created_at).as_secs() > GIVE_UP_AFTER_SECS {
            return Posted::Dead { why: format!("mail: given up after two days ({why})") };
        }
        let pause = backoff(letter.attempts, FIRST_PAUSE, LONGEST_PAUSE, dice(clock));
        let pause = jiff::SignedDuration::try_from(pause).unwrap_or_default();
        Posted::Later { due: now + pause, why: format!("mail: {why}") }
    }

    /// What was sent must not be sent again, so this tries until the store has it; only a shutdown ends it.
    async fn settle(&self, letter: &Letter, posted: Posted, shutdown: &CancellationToken) {
        let mut failures = 0;
        while let Err(failure) = self.desk.settle_letter(letter.id, posted.clone()).await {
            tracing::error!(letter = letter.id, error = %failure, "a letter cannot be settled yet");
            if shutdown.is_cancelled() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(backoff(failures, IDLE / 4, FIRST_PAUSE, dice(self.desk.clock()))) => {}
                () = shutdown.cancelled() => {}
            }
            failures += 1;
        }
    }
}

// A lease outlasts the sending of at least one letter, with its settling.
const _: () = assert!(3 * super::SEND_WITHIN.as_secs() < LETTER_LEASE_SECS as u64);
