//! The only place that makes time, ids and secrets. Tests drive the clock; nobody else reads the machine's.

use crate::domain::Timestamp;
use rand::RngExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

#[derive(Clone, Debug)]
pub struct Clock {
    /// Microseconds added to the machine's time; 0 outside tests.
    ahead_us: Arc<AtomicI64>,
}

impl Clock {
    pub fn system() -> Self {
        Self { ahead_us: Arc::new(AtomicI64::new(0)) }
    }

    pub fn now(&self) -> Timestamp {
        let us = Timestamp::now().as_microsecond() + self.ahead_us.load(Ordering::Relaxed);
        Timestamp::from_microsecond(us).expect("now is within the range of timestamps")
    }

    /// Today in UTC: what `valid_from` and `valid_until` are compared with.
    pub fn today(&self) -> jiff::civil::Date {
        self.now().to_zoned(jiff::tz::TimeZone::UTC).date()
    }

    /// Moves time forward for everyone who shares this clock.
    #[cfg(any(test, feature = "testkit"))]
    pub fn advance_secs(&self, secs: i64) {
        self.ahead_us.fetch_add(secs * 1_000_000, Ordering::Relaxed);
    }

    /// How far it is ahead of the machine's time from now on; negative is behind.
    #[cfg(feature = "testkit")]
    pub fn set_ahead_secs(&self, secs: i64) {
        self.ahead_us.store(secs * 1_000_000, Ordering::Relaxed);
    }

    /// An opaque id, 26 characters of `[0-9a-z]`, sortable by time (48 bits of milliseconds, then 80 random bits).
    pub fn new_id(&self) -> String {
        let ms = self.now().as_millisecond() as u64;
        let random: u128 = rand::rng().random();
        base32((u128::from(ms) << 80) | (random >> 48))
    }

    /// Uniform from 0 to below 1: for drawing what people look at.
    pub fn new_lot(&self) -> f64 {
        rand::rng().random()
    }

    /// 256 random bits in hexadecimal: for tokens and passwords.
    pub fn new_secret(&self) -> String {
        hex::encode(rand::rng().random::<[u8; 32]>())
    }
}

/// Crockford's alphabet in lower case (ULID specification), 26 digits.
fn base32(mut n: u128) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut out = [0u8; 26];
    for digit in out.iter_mut().rev() {
        *digit = DIGITS[(n & 31) as usize];
        n >>= 5;
    }
    String::from_utf8(out.to_vec()).expect("the alphabet is ASCII")
}
