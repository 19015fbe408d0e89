//! Opening hours as people write them: read with errors that name the key, and written back.

use super::hours::{DAY_MINUTES, Hours, Span};
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Hours as people write them, in TOML or JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct HoursText {
    zone: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    holidays: Vec<Value>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    special: BTreeMap<String, Value>,
    /// `mon` to `sun`, or several days at once: `mon-fri`.
    #[serde(flatten)]
    days: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("hours.{key}: {detail}")]
pub struct HoursError {
    pub key: String,
    pub detail: String,
}

fn bad(key: impl Into<String>, detail: impl Into<String>) -> HoursError {
    HoursError { key: key.into(), detail: detail.into() }
}

impl TryFrom<HoursText> for Hours {
    type Error = HoursError;

    fn try_from(text: HoursText) -> Result<Self, HoursError> {
        let mut hours = Self {
            zone: zone_named(&text.zone)?,
            weekly: Default::default(),
            holidays: text
                .holidays
                .iter()
                .map(|date| date_of("holidays", &words_of("holidays", date)?))
                .collect::<Result<_, _>>()?,
            special: BTreeMap::new(),
        };
        for (date, spans) in &text.special {
            let key = format!("special.{date}");
            let date = date_of("special", date)?;
            if hours.holidays.contains(&date) {
                return Err(bad(key, "this day stands in hours.holidays too; keep it in one of the two"));
            }
            hours.special.insert(date, spans_of(&key, &words_of(&key, spans)?)?);
        }
        // A day written alone wins over a group of days, so those come later.
        let mut written: Vec<(&String, Vec<usize>, &Value)> = vec![];
        for (key, spans) in &text.days {
            written.push((key, days_of(key)?, spans));
        }
        written.sort_by_key(|(_, days, _)| std::cmp::Reverse(days.len()));
        let mut by_group = [None; 7];
        for (key, days, spans) in written {
            let spans = spans_of(key, &words_of(key, spans)?)?;
            for &day in &days {
                if let Some(other) = by_group[day].filter(|_| days.len() > 1) {
                    return Err(bad(key, format!("has a day in common with hours.{other}; name each day once")));
                }
                by_group[day] = Some(key);
                hours.weekly[day] = spans.clone();
            }
        }
        Ok(hours)
    }
}

impl From<Hours> for HoursText {
    fn from(hours: Hours) -> Self {
        let weekly = DAYS.iter().zip(&hours.weekly).filter(|(_, spans)| !spans.is_empty());
        Self {
            zone: hours.zone.iana_name().expect("hours are made from a zone's name only").to_owned(),
            holidays: hours.holidays.iter().map(|date| date.to_string().into()).collect(),
            special: hours.special.iter().map(|(date, spans)| (date.to_string(), written(spans).into())).collect(),
            days: weekly.map(|(day, spans)| ((*day).to_owned(), written(spans).into())).collect(),
        }
    }
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// More in one day is a mistake in writing.
const MAX_SPANS: usize = 12;
const CLOSED: &str = "closed";

/// The machine's zone data are used where they are, since they follow new laws; the ones built in where not.
pub fn zone_named(name: &str) -> Result<TimeZone, HoursError> {
    let found = TimeZone::get(name).or_else(|_| TimeZoneDatabase::bundled().get(name));
    found
        .ok()
        .filter(|zone| zone.iana_name().is_some())
        .ok_or_else(|| bad("zone", format!("{name:?} is no time zone such as \"Europe/Berlin\"")))
}

/// TOML knows days without quotes, `2026-12-25`, and hands them over as a table with one text in it.
fn words_of(key: &str, value: &Value) -> Result<String, HoursError> {
    let inner = value.as_object().filter(|table| table.len() == 1).and_then(|table| table.values().next());
    let words = inner.unwrap_or(value).as_str();
    words.map(str::to_owned).ok_or_else(|| bad(key, format!("{value} must be a text in quotes")))
}

fn date_of(key: &str, text: &str) -> Result<Date, HoursError> {
    let shaped = text.len() == 10 && text.as_bytes()[4] == b'-';
    shaped
        .then(|| text.parse().ok())
        .flatten()
        .ok_or_else(|| bad(key, format!("{text:?} is not a day as YYYY-MM-DD, such as \"2026-12-25\"")))
}

fn days_of(key: &str) -> Result<Vec<usize>, HoursError> {
    let day = |name: &str| DAYS.iter().position(|day| *day == name);
    let (first, last) = key.split_once('-').unwrap_or((key, key));
    match (day(first), day(last)) {
        (Some(first), Some(last)) if first <= last => Ok((first..=last).collect()),
        // Over the weekend, as in `sat-mon`.
        (Some(first), Some(last)) => Ok((first..7).chain(0..=last).collect()),
        _ => Err(bad(key, "is no key here; there are zone, mon to sun, groups such as mon-fri, holidays and special")),
    }
}

fn spans_of(key: &str, text: &str) -> Result<Vec<Span>, HoursError> {
    if text.trim().is_empty() || text.trim() == CLOSED {
        return Ok(vec![]);
    }
    let parts: Vec<&str> = text.split(',').collect();
    if parts.len() > MAX_SPANS {
        return Err(bad(key, format!("has {} spans; at most {MAX_SPANS} fit in a day", parts.len())));
    }
    let mut spans = parts.into_iter().map(|part| span_of(key, part.trim())).collect::<Result<Vec<_>, _>>()?;
    spans.sort_by_key(|span| span.from);
    if spans.windows(2).any(|pair| pair[1].from < pair[0].until) {
        return Err(bad(key, format!("{text:?} has spans that overlap")));
    }
    Ok(spans)
}

fn span_of(key: &str, text: &str) -> Result<Span, HoursError> {
    let times = text.split_once(['-', '–']).and_then(|(a, b)| Some((minutes(a.trim())?, minutes(b.trim())?)));
    let (from, until) = times
        .filter(|(from, _)| *from < DAY_MINUTES)
        .ok_or_else(|| bad(key, format!("{text:?} is not HH:MM-HH:MM")))?;
    match until.cmp(&from) {
        std::cmp::Ordering::Greater => Ok(Span { from, until }),
        std::cmp::Ordering::Less if until > 0 => Ok(Span { from, until: until + DAY_MINUTES }),
        std::cmp::Ordering::Less => Ok(Span { from, until: DAY_MINUTES }),
        std::cmp::Ordering::Equal => {
            Err(bad(key, format!("{text:?} ends where it begins; the whole day is \"00:00-24:00\"")))
        }
    }
}

/// `24:00` is allowed; minutes after midnight.
fn minutes(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<i64>().ok()).flatten()
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    (minute < 60 && hour * 60 + minute <= DAY_MINUTES).then_some(hour * 60 + minute)
}

fn written(spans: &[Span]) -> String {
    let clock = |minutes: i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let one = |span: &Span| {
        let until = if span.until > DAY_MINUTES { span.until - DAY_MINUTES } else { span.until };
        format!("{}-{}", clock(span.from), clock(until))
    };
    if spans.is_empty() { CLOSED.to_owned() } else { spans.iter().map(one).collect::<Vec<_>>().join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct File {
        hours: Hours,
    }

    fn read(toml: &str) -> Result<Hours, String> {
        toml::from_str::<File>(toml).map(|file| file.hours).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_read_is_written_back() {
        let check = |toml: &str, json: &str| {
            let hours = read(toml).unwrap_or_else(|error| panic!("{toml}: {error}"));
            assert_eq!(serde_json::to_string(&hours).unwrap(), json, "{toml}");
            assert_eq!(serde_json::from_str::<Hours>(json).unwrap(), hours, "{json}");
        };
        check(
            r#"hours = { zone = "Europe/Berlin", mon = "09:00-18:00", sat = "15:00-16:00,10:00 - 14:00", holidays = ["2026-12-25"], special = { "2026-12-24" = "09:00-12:00", 2026-12-31 = "closed" } }"#,
            r#"{"zone":"Europe/Berlin","holidays":["2026-12-25"],"special":{"2026-12-24":"09:00-12:00","2026-12-31":"closed"},"mon":"09:00-18:00","sat":"10:00-14:00, 15:00-16:00"}"#,
        );
        check(
            "[hours]\nzone = \"asia/taipei\"\nfri-sun = \"22:00-06:00\"\nsun = \"18:00-00:00\"\nholidays = [2026-01-01]\n",
            r#"{"zone":"Asia/Taipei","holidays":["2026-01-01"],"fri":"22:00-06:00","sat":"22:00-06:00","sun":"18:00-24:00"}"#,
        );
        check(
            "hours = { zone = \"UTC\", sun-mon = \"00:00-24:00\" }",
            r#"{"zone":"UTC","mon":"00:00-24:00","sun":"00:00-24:00"}"#,
        );
    }

    #[test]
    fn every_mistake_names_its_key() {
        let check = |inside: &str, words: &str| {
            let error = read(&format!("hours = {{ {inside} }}")).expect_err(inside);
            assert!(error.contains(words), "{inside:?} gave {error:?} without {words:?}");
        };
        check(r#"zone = "UTC", mon = "9-18""#, r#"hours.mon: "9-18" is not HH:MM-HH:MM"#);
        check(r#"zone = "UTC", mon = "09:00-25:00""#, r#"hours.mon: "09:00-25:00" is not HH:MM-HH:MM"#);
        check(r#"zone = "UTC", mon = "24:00-02:00""#, "hours.mon");
        check(r#"zone = "UTC", mon = "09:00-09:00""#, "00:00-24:00");
        check(r#"zone = "UTC", mon = "09:00-12:00, 11:00-14:00""#, "overlap");
        check(r#"zone = "UTC", mon = 9"#, "hours.mon: 9 must be a text in quotes");
        check(r#"zone = "UTC", monday = "09:00-18:00""#, "hours.monday");
        check(r#"zone = "UTC", mon-wed = "09:00-18:00", tue-fri = "10:00-11:00""#, "in common");
        check(r#"zone = "Berlin""#, r#"hours.zone: "Berlin" is no time zone"#);
        check(r#"zone = "UTC", holidays = ["25.12.2026"]"#, r#"hours.holidays: "25.12.2026""#);
        check(r#"zone = "UTC", holidays = ["2026-02-30"]"#, "2026-02-30");
        check(r#"zone = "UTC", special = { "2026-12-24" = "nine" }"#, r#"hours.special.2026-12-24: "nine""#);
        check(
            r#"zone = "UTC", holidays = ["2026-12-24"], special = { "2026-12-24" = "closed" }"#,
            "hours.special.2026-12-24: this day stands in hours.holidays too",
        );
        check(r#"mon = "09:00-18:00""#, "zone");
    }

    /// Containers without `/usr/share/zoneinfo` have the built-in data.
    #[test]
    fn zones_are_built_in() {
        for name in ["Europe/Berlin", "Asia/Shanghai", "Asia/Taipei", "Europe/Moscow", "America/New_York", "UTC"] {
            assert_eq!(TimeZoneDatabase::bundled().get(name).unwrap().iana_name(), Some(name));
        }
    }
}
