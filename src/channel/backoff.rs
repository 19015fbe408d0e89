//! How long to wait before trying again. Pure.

use crate::clock::Clock;
use std::time::Duration;

/// `first` doubled with each failure before, at most `most`, and of that a random share between half and all ("equal
/// jitter": AWS Architecture Blog, "Exponential Backoff And Jitter", 2015). `dice` is 0 to 1.
pub fn backoff(failures: u32, first: Duration, most: Duration, dice: f64) -> Duration {
    let doubled = first.saturating_mul(2_u32.saturating_pow(failures)).min(most);
    doubled.mul_f64(0.5 + dice.clamp(0.0, 1.0) / 2.0)
}

/// A number from 0 to 1; the clock alone makes randomness.
pub fn dice(clock: &Clock) -> f64 {
    let digits = clock.new_secret();
    let n = u32::from_str_radix(&digits[..8], 16).expect("a secret is 64 hexadecimal digits");
    f64::from(n) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits() {
        let check = |failures: u32, dice: f64, expected_ms: u64| {
            let waited = backoff(failures, Duration::from_secs(1), Duration::from_secs(300), dice);
            assert_eq!(waited.as_millis() as u64, expected_ms, "{failures} failures, dice {dice}");
        };
        check(0, 1.0, 1_000);
        check(0, 0.0, 500);
        check(1, 1.0, 2_000);
        check(3, 0.5, 6_000);
        check(8, 1.0, 256_000);
        check(9, 1.0, 300_000);
        check(9, 0.0, 150_000);
        check(4_000_000_000, 1.0, 300_000);
        check(0, 7.0, 1_000);
    }

    #[test]
    fn dice_stay_in_range() {
        let clock = Clock::system();
        let thrown: Vec<f64> = (0..100).map(|_| dice(&clock)).collect();
        assert!(thrown.iter().all(|n| (0.0..=1.0).contains(n)));
        assert!(thrown.iter().any(|n| *n > 0.5) && thrown.iter().any(|n| *n < 0.5));
    }
}
