//! What a waiting customer may expect, and how it is put: the place in line, an honest wait, who is there, when the line opens.

use super::moment::{self, Whose};
use super::{Conversation, Language, Reason, Timestamp, texts};
use jiff::tz::TimeZone;

#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// Where the customer stands or would stand: 1 is next.
    pub place: u32,
    /// From to, in minutes, of people who waited here lately; `None`: too few to say.
    pub wait_mins: Option<(u32, u32)>,
    pub staffed: Staffed,
    pub now: Timestamp,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Staffed {
    /// Somebody who works here is signed in, or nobody can tell.
    Here,
    NobodyOnline,
    /// Out of hours; `None`: no opening is known.
    Closed {
        opens: Option<Timestamp>,
        zone: TimeZone,
    },
}

/// Somebody of the same line was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pickup {
    pub at: Timestamp,
    pub waited_secs: u64,
}

/// Fewer pick-ups than this say nothing.
const MIN_PICKUPS: usize = 5;

/// Seconds from and to, of a customer at `place` (1 is next), from the last pick-ups of the line, newest first.
///
/// Two estimates bound it: what people waited (first quartile to ninth decile), and how fast the line moves (the mean time from
/// one pick-up to the next, times the place). The lower of both lows and the higher of both highs, because a promise of a
/// wait that is then broken is worse than a wide one.
pub fn expected_wait(pickups: &[Pickup], place: u32) -> Option<(u64, u64)> {
    if pickups.len() < MIN_PICKUPS {
        return None;
    }
    let mut waited: Vec<u64> = pickups.iter().map(|pickup| pickup.waited_secs).collect();
    waited.sort_unstable();
    let quantile = |q: f64| waited[((waited.len() - 1) as f64 * q).round() as usize];
    let (newest, oldest) = (pickups.first()?.at, pickups.last()?.at);
    let span_secs = newest.duration_since(oldest).as_secs().max(0) as f64;
    let by_pace = span_secs / (pickups.len() - 1) as f64 * f64::from(place);
    let low = (quantile(0.25) as f64).min(by_pace);
    let high = (quantile(0.9) as f64).max(by_pace);
    Some((low as u64, high.ceil() as u64))
}

impl Outlook {
    /// `wait_secs` as `expected_wait` gives it.
    pub fn wait_in_mins(wait_secs: (u64, u64)) -> (u32, u32) {
        let mins = |secs: u64| u32::try_from(secs / 60).unwrap_or(u32::MAX);
        (mins(wait_secs.0), mins(wait_secs.1.saturating_add(59)))
    }

    /// Next in line, and nothing else is known.
    pub fn next_in_line(now: Timestamp) -> Self {
        Self { place: 1, wait_mins: None, staffed: Staffed::Here, now }
    }

    /// The notice of a handoff: why, and what happens next.
    pub fn handed_off(&self, conversation: &Conversation, reason: Reason, language: Language) -> String {
        texts::join(language, &texts::why_handed_off(reason, language), &self.what_next(conversation, language))
    }

    pub fn still_waiting(&self, conversation: &Conversation, language: Language) -> String {
        texts::join(language, &texts::noted(language), &self.what_next(conversation, language))
    }

    pub fn what_next(&self, conversation: &Conversation, language: Language) -> String {
        let place = texts::place_and_wait(language, self.place, self.wait_mins);
        match &self.staffed {
            Staffed::Here => place,
            Staffed::NobodyOnline => {
                let place = texts::position(language, self.place);
                texts::join(language, &place, &texts::nobody_online(language))
            }
            Staffed::Closed { opens, zone } => {
                let opening = opens.map(|opens| moment_for(conversation, opens, zone, self.now, language));
                texts::nobody_here(language, opening)
            }
        }
    }
}

/// In the customer's own time where it is known, else in ours, which is named.
pub fn moment_for(
    conversation: &Conversation,
    at: Timestamp,
    ours: &TimeZone,
    now: Timestamp,
    language: Language,
) -> String {
    let customers = conversation.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
    let whose = customers.as_ref().map_or(Whose::Ours(ours), Whose::Customers);
    moment::in_zone(at, now, whose, language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::at;

    #[test]
    fn an_honest_wait() {
        let check = |every_secs: i64, waited: &[u64], place: u32, expected: Option<(u64, u64)>| {
            let pickup = |(i, waited_secs): (usize, &u64)| Pickup {
                at: at(-(i as i64) * every_secs),
                waited_secs: *waited_secs,
            };
            let pickups: Vec<Pickup> = waited.iter().enumerate().map(pickup).collect();
            assert_eq!(expected_wait(&pickups, place), expected, "{waited:?} at {place}");
        };
        check(60, &[30, 30, 30, 30], 1, None); // too few
        check(60, &[30; 10], 1, Some((30, 60)));
        check(60, &[30; 10], 10, Some((30, 600))); // the line is slower than it was
        check(10, &[100, 200, 300, 400, 500], 2, Some((20, 500)));
        assert_eq!(Outlook::wait_in_mins((30, 61)), (0, 2));
    }
}
