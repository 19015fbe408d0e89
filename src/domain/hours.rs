//! When a queue has people: weekly spans in a zone's own time, holidays, special days. Pure: `now` is asked for.
//!
//! A span belongs to the day on which it begins and may run past midnight (`22:00-06:00`). On a holiday and on a
//! special day only that day's own spans count: what runs over from the evening before ends at midnight. Where the
//! clock jumps forward over a time, that time is the jump itself; where it goes back, a span opens at the first and
//! closes at the second passing of a time, so a span is never open twice.

pub use super::hours_text::{HoursError, zone_named};
pub use super::moment::{Whose, in_zone};

use super::Timestamp;
use super::hours_text::HoursText;
use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, ToSpan};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// No question about hours looks further ahead than this.
pub const LOOK_AHEAD_DAYS: u32 = 400;

/// Where no hours are set, the queue is always open: `open_at` and `due_after` take the option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "HoursText", into = "HoursText")]
pub struct Hours {
    pub zone: TimeZone,
    /// Indexed by days after Monday.
    pub(super) weekly: [Vec<Span>; 7],
    /// Closed all day.
    pub(super) holidays: BTreeSet<Date>,
    /// Other spans than the weekday's; none means closed.
    pub(super) special: BTreeMap<Date, Vec<Span>>,
}

/// Minutes after the midnight with which the day begins; `until` is above `from`, and above 1440 on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) until: i64,
}

pub(super) const DAY_MINUTES: i64 = 24 * 60;

pub fn open_at(hours: Option<&Hours>, now: Timestamp) -> bool {
    hours.is_none_or(|hours| hours.is_open(now))
}

/// The moment at which `secs` of open time have passed since `start`.
pub fn due_after(hours: Option<&Hours>, start: Timestamp, secs: u64) -> Timestamp {
    hours.map_or_else(|| plus(start, secs), |hours| hours.after_open_secs(start, secs))
}

impl Hours {
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.spans_from(now).next().is_some_and(|(from, _)| from <= now)
    }

    /// `now` while it is open; `None` when it does not open within `LOOK_AHEAD_DAYS`.
    pub fn next_opening(&self, now: Timestamp) -> Option<Timestamp> {
        self.spans_from(now).next().map(|(from, _)| from.max(now))
    }

    /// `None` while it is closed, and when it does not close within `LOOK_AHEAD_DAYS`.
    pub fn closes_at(&self, now: Timestamp) -> Option<Timestamp> {
        let mut spans = self.spans_from(now);
        let (from, mut closes) = spans.next()?;
        if from > now {
            return None;
        }
        for (next_from, next_until) in spans {
            if next_from > closes {
                return Some(closes);
            }
            closes = closes.max(next_until);
        }
        // Either the last span of all, or one that goes on when the look-ahead ends.
        (closes < self.horizon(now)).then_some(closes)
    }

    /// The moment at which `secs` of open time have passed since `start`; out of hours the clock stands. Where it never
    /// opens, time counts as it passes. Where `LOOK_AHEAD_DAYS` hold fewer open seconds, the rest counts as it passes
    /// from the last closing on.
    pub fn after_open_secs(&self, start: Timestamp, secs: u64) -> Timestamp {
        if secs == 0 {
            return start;
        }
        let mut left = secs;
        let mut at = start;
        for (from, until) in self.spans_from(start) {
            let from = from.max(at);
            let open = until.duration_since(from).as_secs().max(0) as u64;
            if open > 0 && left <= open {
                return plus(from, left);
            }
            left -= open;
            at = at.max(until);
        }
        plus(at, left)
    }

    /// Open spans that end after `now`, by their beginning; they may touch or overlap.
    fn spans_from(&self, now: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        let today = self.zone.to_datetime(now).date();
        // Yesterday too: where a zone's clock goes back at midnight, yesterday's last hour comes twice.
        let first = today.yesterday().unwrap_or(today);
        first
            .series(1.day())
            .take(LOOK_AHEAD_DAYS as usize + 1)
            .flat_map(|date| self.spans_on(date))
            .filter(move |(from, until)| until > from && *until > now)
    }

    /// What is open between the two midnights of a date, by beginning.
    fn spans_on(&self, date: Date) -> Vec<(Timestamp, Timestamp)> {
        let own = self.begun_on(date).iter().map(|span| (span.from, span.until.min(DAY_MINUTES)));
        let before = date.yesterday().ok().filter(|_| !self.is_exception(date));
        let over = before.map_or(&[][..], |before| self.begun_on(before));
        let over = over.iter().filter(|span| span.until > DAY_MINUTES).map(|span| (0, span.until - DAY_MINUTES));
        let mut minutes: Vec<(i64, i64)> = over.chain(own).collect();
        minutes.sort_unstable();
        minutes
            .into_iter()
            .filter_map(|(from, until)| Some((self.opens(date, from)?, self.closes(date, until)?)))
            .collect()
    }

    fn begun_on(&self, date: Date) -> &[Span] {
        match self.special.get(&date) {
            Some(spans) => spans,
            None if self.holidays.contains(&date) => &[],
            None => &self.weekly[date.weekday().to_monday_zero_offset() as usize],
        }
    }

    fn is_exception(&self, date: Date) -> bool {
        self.holidays.contains(&date) || self.special.contains_key(&date)
    }

    fn opens(&self, date: Date, minutes: i64) -> Option<Timestamp> {
        self.moment(date, minutes, |first, _second| first)
    }

    fn closes(&self, date: Date, minutes: i64) -> Option<Timestamp> {
        self.moment(date, minutes, |_first, second| second)
    }

    /// `None` only at the ends of the calendar.
    fn moment(
        &self,
        date: Date,
        minutes: i64,
        of_two: impl Fn(Timestamp, Timestamp) -> Timestamp,
    ) -> Option<Timestamp> {
        let local = date.at(0, 0, 0, 0).checked_add(SignedDuration::from_mins(minutes)).ok()?;
        match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(local).ok(),
            AmbiguousOffset::Fold { before, after } => {
                Some(of_two(before.to_timestamp(local).ok()?, after.to_timestamp(local).ok()?))
            }
            AmbiguousOffset::Gap { before, .. } => {
                let after_the_jump = before.to_timestamp(local).ok()?.checked_add(1.second()).ok()?;
                Some(self.zone.preceding(after_the_jump).next()?.timestamp())
            }
        }
    }

    fn horizon(&self, now: Timestamp) -> Timestamp {
        // Two days of slack: the days that are looked at are local ones and begin yesterday.
        plus(now, u64::from(LOOK_AHEAD_DAYS - 2) * 86_400)
    }
}

fn plus(at: Timestamp, secs: u64) -> Timestamp {
    let secs = SignedDuration::from_secs(i64::try_from(secs).unwrap_or(i64::MAX));
    at.saturating_add(secs).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(json: &str) -> Hours {
        serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
    }

    fn t(at: &str) -> Timestamp {
        at.parse().unwrap_or_else(|error| panic!("{at}: {error}"))
    }

    /// `now`, then when it opens (`now` when it is open) and when it closes.
    fn check(hours: &Hours, now: &str, opens: Option<&str>, closes: Option<&str>) {
        let now = t(now);
        assert_eq!(hours.next_opening(now), opens.map(t), "opening after {now}");
        assert_eq!(hours.closes_at(now), closes.map(t), "closing after {now}");
        assert_eq!(hours.is_open(now), opens.map(t) == Some(now), "open at {now}");
    }

    const SHOP: &str = r#"{ "zone": "Europe/Berlin", "mon-fri": "09:00-18:00", "sat": "10:00-14:00, 15:00-16:00",
        "holidays": ["2026-12-25"], "special": { "2026-12-24": "09:00-12:00" } }"#;

    #[test]
    fn a_week() {
        let shop = hours(SHOP);
        // Berlin is an hour ahead in winter. 2026-11-23 is a Monday.
        check(&shop, "2026-11-23T07:59:59Z", Some("2026-11-23T08:00:00Z"), None);
        check(&shop, "2026-11-23T08:00:00Z", Some("2026-11-23T08:00:00Z"), Some("2026-11-23T17:00:00Z"));
        check(&shop, "2026-11-23T17:00:00Z", Some("2026-11-24T08:00:00Z"), None);
        check(&shop, "2026-11-28T13:30:00Z", Some("2026-11-28T14:00:00Z"), None);
        check(&shop, "2026-11-28T15:00:00Z", Some("2026-11-30T08:00:00Z"), None);
    }

    #[test]
    fn holidays_and_special_days() {
        let shop = hours(SHOP);
        check(&shop, "2026-12-24T10:00:00Z", Some("2026-12-24T10:00:00Z"), Some("2026-12-24T11:00:00Z"));
        // From Christmas Eve over the holiday to Saturday.
        check(&shop, "2026-12-24T11:00:00Z", Some("2026-12-26T09:00:00Z"), None);
    }

    #[test]
    fn across_midnight() {
        let night = hours(r#"{ "zone": "Asia/Shanghai", "mon-sun": "22:00-06:00", "holidays": ["2026-10-01"] }"#);
        // Shanghai is eight hours ahead all year.
        check(&night, "2026-09-28T16:30:00Z", Some("2026-09-28T16:30:00Z"), Some("2026-09-28T22:00:00Z"));
        check(&night, "2026-09-28T22:00:00Z", Some("2026-09-29T14:00:00Z"), None);
        // The night before the holiday ends at its midnight, and the holiday's own night does not begin.
        check(&night, "2026-09-30T15:00:00Z", Some("2026-09-30T15:00:00Z"), Some("2026-09-30T16:00:00Z"));
        check(&night, "2026-09-30T16:00:00Z", Some("2026-10-02T14:00:00Z"), None);
        let until_midnight = hours(r#"{ "zone": "UTC", "mon": "18:00-24:00", "tue": "00:00-02:00" }"#);
        check(&until_midnight, "2026-11-23T19:00:00Z", Some("2026-11-23T19:00:00Z"), Some("2026-11-24T02:00:00Z"));
    }

    #[test]
    fn the_clock_jumps_and_falls_back() {
        let berlin = hours(r#"{ "zone": "Europe/Berlin", "sun": "01:00-02:30, 04:00-05:00" }"#);
        // 2026-03-29: 02:00 becomes 03:00 at 01:00 UTC, so 02:30 is that moment.
        check(&berlin, "2026-03-29T00:30:00Z", Some("2026-03-29T00:30:00Z"), Some("2026-03-29T01:00:00Z"));
        check(&berlin, "2026-03-29T01:00:00Z", Some("2026-03-29T02:00:00Z"), None);
        // 2026-10-25: 03:00 becomes 02:00 at 01:00 UTC, so 02:30 passes at 00:30 and at 01:30 UTC.
        check(&berlin, "2026-10-25T00:45:00Z", Some("2026-10-25T00:45:00Z"), Some("2026-10-25T01:30:00Z"));
        check(&berlin, "2026-10-25T01:30:00Z", Some("2026-10-25T03:00:00Z"), None);
        let york = hours(r#"{ "zone": "America/New_York", "mon-sun": "09:00-17:00" }"#);
        check(&york, "2026-03-07T22:30:00Z", Some("2026-03-08T13:00:00Z"), None);
        check(&york, "2026-10-31T22:30:00Z", Some("2026-11-01T14:00:00Z"), None);
    }

    #[test]
    fn always_and_never() {
        let always = hours(r#"{ "zone": "Europe/Moscow", "mon-sun": "00:00-24:00" }"#);
        check(&always, "2026-11-23T20:59:59Z", Some("2026-11-23T20:59:59Z"), None);
        let never = hours(r#"{ "zone": "UTC" }"#);
        check(&never, "2026-11-23T12:00:00Z", None, None);
        assert!(open_at(None, t("2026-11-23T12:00:00Z")) && !open_at(Some(&never), t("2026-11-23T12:00:00Z")));
    }

    #[test]
    fn open_seconds() {
        let shop = hours(SHOP);
        let check = |hours: Option<&Hours>, start: &str, secs: u64, due: &str| {
            assert_eq!(due_after(hours, t(start), secs), t(due), "{secs} s after {start}");
        };
        // Friday 17:50 in Berlin: ten minutes on Friday, five on Saturday.
        check(Some(&shop), "2026-11-27T16:50:00Z", 900, "2026-11-28T09:05:00Z");
        check(Some(&shop), "2026-11-27T16:50:00Z", 600, "2026-11-27T17:00:00Z");
        check(Some(&shop), "2026-11-27T20:00:00Z", 0, "2026-11-27T20:00:00Z");
        check(Some(&shop), "2026-11-27T20:00:00Z", 20, "2026-11-28T09:00:20Z");
        // Thursday 11:00 on the short day: an hour left, then Saturday four and one, then Monday.
        check(Some(&shop), "2026-12-24T10:00:00Z", 6 * 3600 + 60, "2026-12-28T08:01:00Z");
        // The night when the clock goes back has an hour more.
        let night = hours(r#"{ "zone": "Europe/Berlin", "mon-sun": "22:00-06:00" }"#);
        check(Some(&night), "2026-10-24T20:00:00Z", 9 * 3600, "2026-10-25T05:00:00Z");
        check(Some(&night), "2026-03-28T21:00:00Z", 8 * 3600, "2026-03-29T21:00:00Z");
        check(None, "2026-11-27T20:00:00Z", 20, "2026-11-27T20:00:20Z");
        check(Some(&hours(r#"{ "zone": "UTC" }"#)), "2026-11-27T20:00:00Z", 60, "2026-11-27T20:01:00Z");
        assert_eq!(shop.after_open_secs(t("2026-11-27T20:00:00Z"), u64::MAX), Timestamp::MAX);
    }
}
