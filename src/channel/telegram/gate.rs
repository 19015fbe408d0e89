//! Telegram's pace: when a message may go. Pure: moments are passed in, nothing waits here.
//!
//! Limits from the Bot API FAQ ("My bot is hitting limits"): about one message a second to one chat, where short bursts
//! pass, and about 30 a second in all.

use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// 25 a second with bursts of 5: never more than 30 within any second.
const ALL: Pace = Pace { every: Duration::from_millis(40), burst: 5 };
/// An answer and the notice that follows it may go together.
const CHAT: Pace = Pace { every: Duration::from_secs(1), burst: 3 };
/// Chats remembered before those that rest are forgotten.
const CHATS_AT_MOST: usize = 10_000;

pub struct Gate {
    all: Instant,
    /// For each chat the moment at which its allowance is whole again.
    chats: HashMap<i64, Instant>,
    /// The chat that Telegram refused last, and until when.
    refused: Option<(i64, Instant)>,
    all_pace: Pace,
    chat_pace: Pace,
}

/// The generic cell rate algorithm (ITU-T I.371): one message every `every`, `burst` at once.
#[derive(Clone, Copy)]
struct Pace {
    every: Duration,
    burst: u32,
}

impl Gate {
    pub fn new(now: Instant) -> Self {
        Self { all: now, chats: HashMap::new(), refused: None, all_pace: ALL, chat_pace: CHAT }
    }

    /// To find out how fast the rest is.
    #[cfg(all(test, feature = "testkit"))]
    pub fn wide_open(now: Instant) -> Self {
        let any = Pace { every: Duration::ZERO, burst: 1 };
        Self { all_pace: any, chat_pace: any, ..Self::new(now) }
    }

    /// Counts a message to `chat` and lets it go, or says when to ask again.
    pub fn admit(&mut self, chat: i64, now: Instant) -> Result<(), Instant> {
        let whole = self.chats.get(&chat).copied().unwrap_or(now);
        let free = self.chat_pace.free_at(whole).max(self.all_pace.free_at(self.all));
        if free > now {
            return Err(free);
        }
        if self.chats.len() >= CHATS_AT_MOST {
            self.chats.retain(|_, whole| *whole > now);
        }
        self.chats.insert(chat, self.chat_pace.after(whole, now));
        self.all = self.all_pace.after(self.all, now);
        Ok(())
    }

    /// Telegram said 429: the chat rests. When a second chat is refused while the first still rests, it is the bot as a
    /// whole that is too fast, and everyone rests.
    pub fn refused(&mut self, chat: i64, retry_after: Duration, now: Instant) {
        let until = now + retry_after;
        self.chats.insert(chat, CHAT.closed_until(until));
        if self.refused.is_some_and(|(other, other_until)| other != chat && other_until > now) {
            self.all = self.all.max(ALL.closed_until(until));
        }
        self.refused = Some((chat, until));
    }
}

impl Pace {
    fn slack(self) -> Duration {
        self.every * (self.burst - 1)
    }

    fn free_at(self, whole: Instant) -> Instant {
        whole.checked_sub(self.slack()).unwrap_or(whole)
    }

    fn after(self, whole: Instant, now: Instant) -> Instant {
        whole.max(now) + self.every
    }

    fn closed_until(self, until: Instant) -> Instant {
        until + self.slack()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Instant {
        // Far enough from the machine's own zero that moments before it exist.
        Instant::now() + Duration::from_secs(3600)
    }

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    /// Sends as fast as the gate allows for `secs`; the moments at which messages went.
    fn sent(chats: impl Fn(usize) -> i64, secs: u64) -> Vec<Duration> {
        let begin = start();
        let mut gate = Gate::new(begin);
        let mut now = begin;
        let mut moments = vec![];
        while now < begin + Duration::from_secs(secs) {
            match gate.admit(chats(moments.len()), now) {
                Ok(()) => moments.push(now - begin),
                Err(free) => now = free,
            }
        }
        moments
    }

    fn most_within_a_second(moments: &[Duration]) -> usize {
        moments
            .iter()
            .map(|from| moments.iter().filter(|at| *at >= from && **at < *from + Duration::from_secs(1)).count())
            .max()
            .unwrap_or(0)
    }

    #[test]
    fn all_chats_together_stay_below_thirty_a_second() {
        let moments = sent(|n| n as i64, 5);
        assert!(most_within_a_second(&moments) <= 30, "{}", most_within_a_second(&moments));
        assert!(moments.len() >= 125, "the pace is used: {}", moments.len());
    }

    #[test]
    fn one_chat_gets_a_short_burst_and_then_one_a_second() {
        let moments = sent(|_| 7, 10);
        assert_eq!(moments[..3], [ms(0), ms(0), ms(0)]);
        assert_eq!(moments[3], ms(1000));
        assert_eq!(moments.len(), 3 + 9);
    }

    #[test]
    fn a_refused_chat_rests_alone() {
        let now = start();
        let mut gate = Gate::new(now);
        gate.refused(7, ms(5000), now);
        assert_eq!(gate.admit(7, now), Err(now + ms(5000)));
        assert_eq!(gate.admit(8, now), Ok(()));
        assert_eq!(gate.admit(7, now + ms(5000)), Ok(()));
    }

    #[test]
    fn two_refused_chats_mean_the_whole_bot() {
        let now = start();
        let mut gate = Gate::new(now);
        gate.refused(7, ms(5000), now);
        gate.refused(8, ms(3000), now + ms(100));
        assert_eq!(gate.admit(9, now + ms(200)), Err(now + ms(3100)));
        assert_eq!(gate.admit(9, now + ms(3100)), Ok(()));
    }

    #[test]
    fn a_second_refusal_long_after_the_first_is_not_the_whole_bot() {
        let now = start();
        let mut gate = Gate::new(now);
        gate.refused(7, ms(1000), now);
        gate.refused(8, ms(3000), now + ms(2000));
        assert_eq!(gate.admit(9, now + ms(2100)), Ok(()));
    }

    #[test]
    fn chats_at_rest_are_forgotten() {
        let now = start();
        let mut gate = Gate::new(now);
        for chat in 0..CHATS_AT_MOST as i64 {
            gate.chats.insert(chat, now);
        }
        assert_eq!(gate.admit(-1, now), Ok(()));
        assert_eq!(gate.chats.len(), 1);
    }
}
