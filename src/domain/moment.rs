//! A moment as a customer reads it: near days by name, in the zone of the customer or, named, in ours.

use super::{Language, Timestamp};
use jiff::Zoned;
use jiff::tz::TimeZone;

use Language::{En, Ru, ZhHans, ZhHant};

/// Whose clock a moment is told by.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// The customer's own, so it needs no name.
    Customers(&'a TimeZone),
    /// The customer's is unknown, so the zone is named with its city or its offset.
    Ours(&'a TimeZone),
}

/// Days that are named by their weekday alone; further ones get a date.
const NEAR_DAYS: i32 = 6;

/// `today at 09:00`, `Monday 09:00`, `Monday 28 December 09:00`; in Russian with its preposition, `в понедельник в 09:00`.
pub fn in_zone(at: Timestamp, now: Timestamp, whose: Whose<'_>, language: Language) -> String {
    let (Whose::Customers(zone) | Whose::Ours(zone)) = whose;
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let clock = format!("{:02}:{:02}", at.hour(), at.minute());
    let text = match at.date().since(now.date()).map_or(i32::MAX, |span| span.get_days()) {
        0 => match language {
            En => format!("today at {clock}"),
            ZhHans | ZhHant => format!("今天 {clock}"),
            Ru => format!("сегодня в {clock}"),
        },
        1 => match language {
            En => format!("tomorrow at {clock}"),
            ZhHans | ZhHant => format!("明天 {clock}"),
            Ru => format!("завтра в {clock}"),
        },
        2..=NEAR_DAYS => match language {
            En | ZhHans | ZhHant => format!("{} {clock}", weekday(&at, language)),
            Ru => format!("{} в {clock}", weekday(&at, language)),
        },
        _ => match language {
            En => format!("{} {} {} {clock}", weekday(&at, language), at.day(), month(&at, language)),
            ZhHans | ZhHant => format!("{}{}日{} {clock}", month(&at, language), at.day(), weekday(&at, language)),
            Ru => format!("{} {} {} в {clock}", weekday(&at, language), at.day(), month(&at, language)),
        },
    };
    match whose {
        Whose::Customers(_) => text,
        Whose::Ours(_) => match language {
            En | Ru => format!("{text} ({})", place(&at, language)),
            ZhHans | ZhHant => format!("{text}（{}）", place(&at, language)),
        },
    }
}

fn weekday(at: &Zoned, language: Language) -> &'static str {
    let names = match language {
        En => ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        ZhHans | ZhHant => ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"],
        // In the accusative: the day on which something happens. Tuesday's preposition differs.
        Ru => ["в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье"],
    };
    names[at.weekday().to_monday_zero_offset() as usize]
}

fn month(at: &Zoned, language: Language) -> &'static str {
    let names = match language {
        En => [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
        ZhHans | ZhHant => ["1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月"],
        Ru => [
            "января",
            "февраля",
            "марта",
            "апреля",
            "мая",
            "июня",
            "июля",
            "августа",
            "сентября",
            "октября",
            "ноября",
            "декабря",
        ],
    };
    names[at.month() as usize - 1]
}

/// English has the city in the zone's own name; the others have a name for the zones that most of their readers know.
fn place(at: &Zoned, language: Language) -> String {
    let name = at.time_zone().iana_name().unwrap_or_default();
    match (language, name) {
        (ZhHans, "Asia/Shanghai") => return "北京时间".into(),
        (ZhHant, "Asia/Shanghai") => return "北京時間".into(),
        (ZhHans, "Asia/Taipei") => return "台北时间".into(),
        (ZhHant, "Asia/Taipei") => return "台北時間".into(),
        (ZhHans, "Asia/Hong_Kong") => return "香港时间".into(),
        (ZhHant, "Asia/Hong_Kong") => return "香港時間".into(),
        (Ru, "Europe/Moscow") => return "по московскому времени".into(),
        _ => {}
    }
    let city = name.rsplit_once('/').filter(|(area, _)| language == En && !area.starts_with("Etc"));
    city.map_or_else(|| offset(at), |(_, city)| format!("{} time", city.replace('_', " ")))
}

fn offset(at: &Zoned) -> String {
    let minutes = at.offset().seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    match (minutes.abs() / 60, minutes.abs() % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_days_have_names() {
        let zone = TimeZone::get("Europe/Moscow").unwrap();
        let check = |at: &str, expected: [&str; 4]| {
            // 01:30 on Friday 27 November in Moscow.
            let (at, now) = (at.parse().unwrap(), "2026-11-26T22:30:00Z".parse().unwrap());
            for (language, expected) in Language::ALL.into_iter().zip(expected) {
                assert_eq!(in_zone(at, now, Whose::Customers(&zone), language), expected);
            }
        };
        check("2026-11-27T06:00:00Z", ["today at 09:00", "今天 09:00", "今天 09:00", "сегодня в 09:00"]);
        check("2026-11-28T06:00:00Z", ["tomorrow at 09:00", "明天 09:00", "明天 09:00", "завтра в 09:00"]);
        check("2026-11-30T06:00:00Z", ["Monday 09:00", "星期一 09:00", "星期一 09:00", "в понедельник в 09:00"]);
        check("2026-12-01T06:00:00Z", ["Tuesday 09:00", "星期二 09:00", "星期二 09:00", "во вторник в 09:00"]);
        check(
            "2026-12-28T06:05:00Z",
            [
                "Monday 28 December 09:05",
                "12月28日星期一 09:05",
                "12月28日星期一 09:05",
                "в понедельник 28 декабря в 09:05",
            ],
        );
    }

    #[test]
    fn our_zone_is_named() {
        let check = |zone: &str, language: Language, expected: &str| {
            let (at, now) = ("2026-11-30T08:00:00Z".parse().unwrap(), "2026-11-30T07:00:00Z".parse().unwrap());
            let zone = TimeZone::get(zone).unwrap();
            assert_eq!(in_zone(at, now, Whose::Ours(&zone), language), expected);
        };
        check("Europe/Berlin", En, "today at 09:00 (Berlin time)");
        check("Europe/Berlin", ZhHans, "今天 09:00（UTC+1）");
        check("America/New_York", En, "today at 03:00 (New York time)");
        check("America/New_York", Ru, "сегодня в 03:00 (UTC-5)");
        check("Asia/Kolkata", ZhHant, "今天 13:30（UTC+5:30）");
        check("Asia/Shanghai", ZhHans, "今天 16:00（北京时间）");
        check("Asia/Taipei", ZhHant, "今天 16:00（台北時間）");
        check("Europe/Moscow", Ru, "сегодня в 11:00 (по московскому времени)");
        check("UTC", En, "today at 08:00 (UTC)");
    }
}
