//! How much one address and one conversation may ask. Memory is bounded: keys are hashes, stale ones are swept, and a flood of
//! new keys shares a fixed number of places.

use super::address::Caller;
use super::problem::Problem;
use crate::domain::ConversationId;
use axum::http::StatusCode;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use serde::{Deserialize, Serialize};
use std::hash::{BuildHasher, Hash, RandomState};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The door's bounds. A rate of 0 means no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Whatever customers say, tap or judge, and `/ask`; per address and per conversation.
    pub questions_per_min: u32,
    /// Per address.
    pub conversations_per_min: u32,
    /// Per address and per conversation.
    pub handoffs_per_hour: u32,
    /// Letters with a transcript: per conversation and per e-mail address; per address of a caller three times as many.
    pub transcripts_per_hour: u32,
    /// Files, per address and per conversation.
    pub uploads_per_hour: u32,
    /// Attempts, per address and per e-mail address.
    pub sign_ins_per_min: u32,
    /// Callers on this machine are limited too; for tests.
    pub include_loopback: bool,
    /// Live sockets at once.
    pub sockets: usize,
    /// Live sockets of one address at once.
    pub sockets_per_address: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            questions_per_min: 60,
            conversations_per_min: 10,
            handoffs_per_hour: 5,
            transcripts_per_hour: 3,
            uploads_per_hour: 20,
            sign_ins_per_min: 10,
            include_loopback: false,
            sockets: 10_000,
            sockets_per_address: 200,
        }
    }
}

/// One gate for each kind of thing that is counted.
pub struct Gates {
    include_loopback: bool,
    questions: [Gate; 2],
    conversations: Gate,
    handoffs: [Gate; 2],
    transcripts: [Gate; 2],
    transcripts_to: Gate,
    uploads: [Gate; 2],
    sign_ins: [Gate; 2],
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

impl Gates {
    pub fn new(limits: &Limits) -> Self {
        let pair = |n, period| [Gate::new(n, period), Gate::new(n, period)];
        Self {
            include_loopback: limits.include_loopback,
            questions: pair(limits.questions_per_min, MINUTE),
            conversations: Gate::new(limits.conversations_per_min, MINUTE),
            handoffs: pair(limits.handoffs_per_hour, HOUR),
            transcripts: [
                Gate::new(limits.transcripts_per_hour.saturating_mul(3), HOUR),
                Gate::new(limits.transcripts_per_hour, HOUR),
            ],
            transcripts_to: Gate::new(limits.transcripts_per_hour, HOUR),
            uploads: pair(limits.uploads_per_hour, HOUR),
            sign_ins: pair(limits.sign_ins_per_min, MINUTE),
        }
    }

    /// `None` for a question outside any conversation.
    pub fn question(&self, caller: Caller, conversation: Option<&ConversationId>) -> Result<(), Problem> {
        self.both(&self.questions, caller, conversation, "questions")
    }

    pub fn conversation(&self, caller: Caller) -> Result<(), Problem> {
        self.both(&[&self.conversations], caller, None::<&()>, "new conversations")
    }

    pub fn handoff(&self, caller: Caller, conversation: &ConversationId) -> Result<(), Problem> {
        self.both(&self.handoffs, caller, Some(conversation), "calls for a person")
    }

    /// Nobody's mailbox is filled by strangers, from however many conversations.
    pub fn transcript(&self, caller: Caller, conversation: &ConversationId, email: &str) -> Result<(), Problem> {
        self.both(&self.transcripts, caller, Some(conversation), "transcripts")?;
        let to = self.transcripts_to.pass(&email.trim().to_lowercase());
        to.map_err(|wait| too_many("transcripts to this address", wait))
    }

    pub fn upload(&self, caller: Caller, conversation: &ConversationId) -> Result<(), Problem> {
        self.both(&self.uploads, caller, Some(conversation), "files")
    }

    pub fn sign_in(&self, caller: Caller, email: &str) -> Result<(), Problem> {
        self.both(&self.sign_ins, caller, Some(&email.trim().to_lowercase()), "sign-ins")
    }

    /// At the operator's provider, which is asked for each.
    pub fn sign_in_begun(&self, caller: Caller) -> Result<(), Problem> {
        self.both(&self.sign_ins[..1], caller, None::<&()>, "sign-ins")
    }

    /// The first gate counts by address, the second by what is named.
    fn both<G: std::borrow::Borrow<Gate>>(
        &self,
        gates: &[G],
        caller: Caller,
        named: Option<&impl Hash>,
        what: &str,
    ) -> Result<(), Problem> {
        if caller.is_local && !self.include_loopback {
            return Ok(());
        }
        let by_address = gates[0].borrow().pass(&caller.bucket());
        by_address.map_err(|wait| too_many(what, wait))?;
        match (gates.get(1), named) {
            (Some(gate), Some(named)) => gate.borrow().pass(named).map_err(|wait| too_many(what, wait)),
            (None, _) | (_, None) => Ok(()),
        }
    }
}

fn too_many(what: &str, wait: Duration) -> Problem {
    let secs = whole_secs(wait);
    let sentence = format!("Too many {what}. Try again in {secs} s.");
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", sentence).retry_after(secs)
}

/// `Retry-After` has whole seconds (RFC 9110, section 10.2.3); coming back too early would only be refused again.
fn whole_secs(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// One rate for many keys.
pub struct Gate {
    /// `None`: no limit.
    limiter: Option<DefaultKeyedRateLimiter<u64>>,
    clock: DefaultClock,
    hasher: RandomState,
    n_passed: AtomicU64,
}

/// Keys that are remembered one by one.
const MAX_KEYS: usize = 50_000;
/// Beyond them, newcomers share this many places: unfair to some during a flood, but bounded.
const SHARED_PLACES: u64 = 1_024;
const SWEEP_EVERY: u64 = 4_096;

impl Gate {
    pub fn new(n: u32, period: Duration) -> Self {
        let quota = NonZeroU32::new(n).map(|burst| {
            let each = (period / burst.get()).max(Duration::from_nanos(1));
            Quota::with_period(each).expect("the period is above zero").allow_burst(burst)
        });
        Self {
            limiter: quota.map(RateLimiter::keyed),
            clock: DefaultClock::default(),
            hasher: RandomState::new(),
            n_passed: AtomicU64::new(0),
        }
    }

    /// `Err` says how long to wait.
    pub fn pass(&self, key: &impl Hash) -> Result<(), Duration> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        if self.n_passed.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            limiter.retain_recent();
        }
        let key = self.hasher.hash_one(key);
        let key = if limiter.len() < MAX_KEYS { key } else { key % SHARED_PLACES };
        limiter.check_key(&key).map_err(|until| until.wait_time_from(self.clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(address: &str, is_local: bool) -> Caller {
        Caller { address: address.parse().unwrap(), is_local }
    }

    #[test]
    fn the_burst_passes_and_the_next_one_waits() {
        let gate = Gate::new(5, HOUR);
        for _ in 0..5 {
            assert!(gate.pass(&"a").is_ok());
        }
        let wait = gate.pass(&"a").unwrap_err();
        assert!(wait > Duration::from_secs(700) && wait <= Duration::from_secs(720), "{wait:?}");
        assert!(gate.pass(&"b").is_ok(), "others are not held up");
        let open = Gate::new(0, HOUR);
        assert!((0..1000).all(|_| open.pass(&"a").is_ok()));
    }

    #[test]
    fn addresses_and_conversations_are_counted_apart() {
        let gates = Gates::new(&Limits { handoffs_per_hour: 1, ..Limits::default() });
        let (here, there) = (caller("203.0.113.1", false), caller("203.0.113.2", false));
        let (one, two) = (ConversationId::new("one"), ConversationId::new("two"));
        assert!(gates.handoff(here, &one).is_ok());
        assert_eq!(gates.handoff(here, &two).unwrap_err().code, "too_many_requests");
        assert!(gates.handoff(there, &one).unwrap_err().retry_after_secs.is_some());
    }

    #[test]
    fn this_machine_is_exempt_unless_a_test_says_otherwise() {
        let local = caller("127.0.0.1", true);
        let check = |include_loopback: bool, n_passing: usize| {
            let gates = Gates::new(&Limits { conversations_per_min: 2, include_loopback, ..Limits::default() });
            assert_eq!((0..10).filter(|_| gates.conversation(local).is_ok()).count(), n_passing);
        };
        check(false, 10);
        check(true, 2);
    }

    #[test]
    fn a_flood_of_keys_stays_bounded() {
        let gate = Gate::new(5, HOUR);
        for key in 0..MAX_KEYS as u64 + 20_000 {
            let _ = gate.pass(&key);
        }
        let n_keys = gate.limiter.as_ref().unwrap().len();
        assert!(n_keys <= MAX_KEYS + SHARED_PLACES as usize, "{n_keys}");
    }

    #[test]
    fn waiting_times_are_whole_seconds() {
        let check = |ms: u64, secs: u64| assert_eq!(whole_secs(Duration::from_millis(ms)), secs);
        check(0, 1);
        check(1, 1);
        check(1000, 1);
        check(1001, 2);
        check(719_500, 720);
    }
}
