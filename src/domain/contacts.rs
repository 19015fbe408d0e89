//! Finds e-mail addresses, phone numbers, order and tracking numbers in a customer's words, for the agent's brief.
//!
//! What is not sure is left out: plain digits without a word before them are no order number. Links, prices and days are
//! passed over, and a payment card's number is never shown.

use regex::Regex;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::LazyLock;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub kind: FoundKind,
    /// As written, with full-width characters made narrow.
    pub text: String,
    /// The same for every way of writing it: lower case for addresses, `+` and digits for phones where the country is
    /// known, upper case without spaces for numbers of orders.
    pub normalised: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundKind {
    Email,
    Phone,
    Order,
    Tracking,
}

/// Where a customer can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contact {
    Email(String),
    Phone(String),
}

/// More than this in one text is a list that was pasted.
pub const MAX_FOUND: usize = 20;
/// RFC 5321, 4.5.3.1: a path has at most 256 octets with its brackets.
const MAX_EMAIL_BYTES: usize = 254;
/// The same, 4.5.3.1.1.
const MAX_LOCAL_BYTES: usize = 64;

/// In the order of the text, each once, at most `MAX_FOUND`.
pub fn found_in(text: &str) -> Vec<Found> {
    let text = narrow(text);
    let mut seen = Reading::new(&text);
    seen.pass_over_links();
    seen.find(&EMAIL, |found| (found.len() <= MAX_EMAIL_BYTES).then(|| (FoundKind::Email, found.to_lowercase())));
    seen.pass_over_cards();
    seen.pass_over(&PRICE);
    seen.pass_over(&DAY);
    seen.find_named(&NAMED_TRACKING, FoundKind::Tracking);
    seen.find_named(&NAMED_ORDER, FoundKind::Order);
    seen.find(&PHONE, |found| Some((FoundKind::Phone, phone(found))));
    seen.find(&TRACKING, |found| Some((FoundKind::Tracking, code(found))));
    seen.find(&ORDER, |found| is_order(found).then(|| (FoundKind::Order, code(found))));
    seen.in_order()
}

/// What a customer left when asked for a way to be reached. Looser with phones than `found_in`: a number is expected
/// here, so a local one counts too.
pub fn contact(text: &str) -> Option<Contact> {
    let found = found_in(text);
    let first = |kind| found.iter().find(|one| one.kind == kind).map(|one| one.normalised.clone());
    if let Some(address) = first(FoundKind::Email) {
        return Some(Contact::Email(address));
    }
    first(FoundKind::Phone).or_else(|| local_phone(&narrow(text))).map(Contact::Phone)
}

/// An e-mail address and nothing else, as written. `None` for whatever a mail server could read in two ways.
pub fn email(text: &str) -> Option<String> {
    let text = text.trim();
    let is_whole = EMAIL.find(text).is_some_and(|found| found.range() == (0..text.len()));
    let local = text.split('@').next().unwrap_or_default();
    let is_plain = !local.contains("..") && local.len() <= MAX_LOCAL_BYTES;
    (is_whole && is_plain && text.len() <= MAX_EMAIL_BYTES).then(|| text.to_owned())
}

/// ITU-T E.164: at most 15 digits; local numbers have at least six.
fn local_phone(text: &str) -> Option<String> {
    let text = without_trunk_zero(text.trim());
    let mut reading = Reading::new(&text);
    reading.pass_over_cards();
    reading.pass_over(&DAY);
    let written = text
        .chars()
        .enumerate()
        .all(|(i, c)| matches!(c, '0'..='9' | ' ' | '-' | '.' | '(' | ')' | '/') || (i == 0 && c == '+'));
    let digits = digits(&text);
    let plus = if text.starts_with('+') { "+" } else { "" };
    (written && reading.passed.is_empty() && (6..=15).contains(&digits.len())).then(|| format!("{plus}{digits}"))
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the patterns stand in this file and a test runs each")
}

// In each pattern group 1 is what is found; what stands around it may be shared with the neighbour.

static LINK: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)((?:https?|ftp)://[!-~а-яё]+|www\.[!-~]+|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,12}/[!-~]*)")
});

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)([a-z0-9](?:[a-z0-9._%+-]*[a-z0-9_+-])?@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24})")
});

static PRICE: LazyLock<Regex> = LazyLock::new(|| {
    let number = r"(?:\d{1,3}(?:[ ,.]\d{3})+|\d+)(?:[.,]\d{1,2})?";
    let before = r"(?:nt\$|us\$|hk\$|usd|eur|gbp|rmb|cny|twd|ntd|rub|[$€£¥₽])";
    let words = r"(?:usd|eur|gbp|rmb|cny|twd|ntd|rub|dollars?|euros?)\b|руб|р\.|доллар|евро";
    let after = format!("(?:[$€£¥₽]|元|块|塊|美元|圆|圓|{words})");
    regex(&format!(r"(?i)(?:^|[^0-9.,a-z])({before}\s?{number}|{number}\s?{after})"))
});

static DAY: LazyLock<Regex> = LazyLock::new(|| {
    let days = [
        r"(?:19|20)\d{2}[-./年]\s?\d{1,2}[-./月]\s?\d{1,2}日?",
        r"\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d{2}",
        r"\d{1,2}[./]\d{1,2}[./]\d{2}",
    ];
    regex(&format!(r"(?:^|[^0-9])({})(?:$|[^0-9])", days.join("|")))
});

/// A word for an order, then its number.
static NAMED_ORDER: LazyLock<Regex> = LazyLock::new(|| {
    named(&[
        r"\b(?:order|purchase|invoice|booking)s?",
        "订单|訂單|单号|單號|订购|訂購",
        "заказ(?:а|у|ом|е)?|покупк[аиу]|сч[её]т(?:а|у)?",
    ])
});

static NAMED_TRACKING: LazyLock<Regex> = LazyLock::new(|| {
    named(&[
        r"\b(?:tracking|track|parcel|shipment|waybill)",
        "运单|快递|物流|包裹|運單|快遞|貨運|货运",
        "трек|посылк[аиу]|накладн(?:ая|ой|ую)",
    ])
});

fn named(words: &[&str]) -> Regex {
    let words = words.join("|");
    let kinds =
        [r"number|code|no\.|no\b|nr\.?|id\b|ref(?:erence)?", "编号|編號|号码|號碼|单号|單號|编码|号|號", "номера?|код"];
    let kind = format!(r"(?:[\s-]*(?:{}))?(?:\s*(?:is\b|was\b|是|为|為))?", kinds.join("|"));
    regex(&format!(r"(?i)(?:{words}){kind}\s*[:#№—-]?\s*#?([A-Z0-9](?:-?[A-Z0-9]){{2,30}})(?:$|[^A-Z0-9])"))
}

static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    let countries = [
        // Mainland China: mobiles, and land lines with the area's code.
        r"(?:(?:\+|00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}",
        r"0\d{2,3}-\d{7,8}",
        // Taiwan: mobiles, and land lines with the area's code.
        r"(?:\+?886[ -]?\(?0?\)?|0)9\d{2}[ -]?\d{3}[ -]?\d{3}",
        r"(?:\(0\d{1,2}\) ?|0\d-)\d{3,4}-?\d{4}",
        // Russia and Kazakhstan.
        r"(?:\+7|8|7)[ -]?\(?[34789]\d{2}\)?[ -]?\d{3}[ -]?\d{2}[ -]?\d{2}",
        // North America; without a plus only in groups.
        r"(?:\+?1[ .-]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}",
        r"\+1[2-9]\d{9}",
        r"\+[1-9]\d{0,2}[ .-]?(?:\(\d{1,5}\)[ .-]?)?\d{1,5}(?:[ .-]?\d{2,5}){1,4}",
    ];
    regex(&format!(r"(?:^|[^0-9A-Za-z+])({})(?:$|[^0-9A-Za-z])", countries.join("|")))
});

/// Universal Postal Union S10, UPS, and carriers whose numbers begin with their letters.
static TRACKING: LazyLock<Regex> = LazyLock::new(|| {
    let numbers = r"[A-Z]{2}\d{9}[A-Z]{2}|1Z[0-9A-Z]{16}|(?:SF|YT|JD|ZTO|STO|JT)[A-Z]{0,2}\d{10,15}";
    regex(&format!(r"(?:^|[^0-9A-Za-z-])({numbers})(?:$|[^0-9A-Za-z-])"))
});

static ORDER: LazyLock<Regex> = LazyLock::new(|| {
    let numbers = r"#\d{4,20}|#?[A-Z]{1,6}(?:-?\d{1,12}){0,2}-?\d{4,20}|[a-z]{1,6}-\d{5,20}|№ ?\d{4,20}";
    regex(&format!(r"(?:^|[^0-9A-Za-z#&/._-])({numbers})(?:$|[^0-9A-Za-z_-])"))
});

/// Letters and five digits, so that neither `ISO-9001` nor `MAY2026` is one.
fn is_order(found: &str) -> bool {
    found.starts_with(['#', '№']) || digits(found).len() >= 5
}

fn code(found: &str) -> String {
    found.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>().to_uppercase()
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// With the country's code where the shape tells the country.
fn phone(found: &str) -> String {
    let found = &without_trunk_zero(found);
    let all = digits(found);
    let grouped = all.len() != found.len();
    match all.as_bytes() {
        _ if found.starts_with('+') => {
            format!("+{}", all.replacen("8860", "886", usize::from(all.starts_with("8860"))))
        }
        [b'0', b'0', b'8', b'6', ..] => format!("+{}", &all[2..]),
        [b'8', b'6', b'1', ..] if all.len() == 13 => format!("+{all}"),
        [b'8', b'8', b'6', ..] if all.len() > 11 => format!("+886{}", all[3..].trim_start_matches('0')),
        [b'0', b'9', ..] if all.len() == 10 => format!("+886{}", &all[1..]),
        [b'1', b'3'..=b'9', ..] if all.len() == 11 && !is_north_american(found) => format!("+86{all}"),
        [b'7' | b'8', ..] if all.len() == 11 => format!("+7{}", &all[1..]),
        [b'1', ..] if all.len() == 11 => format!("+{all}"),
        [b'2'..=b'9', ..] if all.len() == 10 && grouped => format!("+1{all}"),
        _ => all,
    }
}

/// `+49 (0)30`: the zero is dialled only without the country's code.
fn without_trunk_zero(number: &str) -> String {
    if number.starts_with('+') { number.replace("(0)", "") } else { number.to_owned() }
}

/// `1-345-678-9012`: grouped as three, three and four after the 1.
fn is_north_american(found: &str) -> bool {
    let groups: Vec<usize> = found.split(|c: char| !c.is_ascii_digit()).map(str::len).filter(|n| *n > 0).collect();
    groups == [1, 3, 3, 4]
}

/// A text that is read, and what of it is spoken for.
struct Reading<'a> {
    text: &'a str,
    /// Neither a find nor part of one.
    passed: Vec<Range<usize>>,
    found: Vec<(Range<usize>, Found)>,
}

impl<'a> Reading<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, passed: vec![], found: vec![] }
    }

    /// An address may follow `mailto:` or stand before a slash, and is no link.
    fn pass_over_links(&mut self) {
        self.pass_over(&LINK);
        let text = self.text;
        self.passed.retain(|range| text[range.clone()].contains("://") || !text[..range.start].ends_with('@'));
    }

    fn pass_over(&mut self, pattern: &Regex) {
        let ranges = self.ranges(pattern);
        self.passed.extend(ranges);
    }

    /// ISO/IEC 7812: 13 to 19 digits with Luhn's check digit, written at once or in the groups that stand on cards.
    fn pass_over_cards(&mut self) {
        static RUN: LazyLock<Regex> = LazyLock::new(|| regex(r"(\d+(?:[ .-]{1,2}\d+)*)"));
        static GROUP: LazyLock<Regex> = LazyLock::new(|| regex(r"\d+"));
        for run in self.ranges(&RUN) {
            let groups: Vec<Range<usize>> = GROUP
                .find_iter(&self.text[run.clone()])
                .map(|group| run.start + group.start()..run.start + group.end())
                .collect();
            for first in 0..groups.len() {
                for last in first..groups.len().min(first + 5) {
                    let range = groups[first].start..groups[last].end;
                    let sizes: Vec<usize> = groups[first..=last].iter().map(ExactSizeIterator::len).collect();
                    if is_cards_shape(&sizes) && has_check_digit(&digits(&self.text[range.clone()])) {
                        self.passed.push(range);
                    }
                }
            }
        }
    }

    fn find(&mut self, pattern: &Regex, judge: impl Fn(&str) -> Option<(FoundKind, String)>) {
        for range in self.ranges(pattern) {
            let text = &self.text[range.clone()];
            if let Some((kind, normalised)) = judge(text) {
                self.found.push((range, Found { kind, text: text.to_owned(), normalised }));
            }
        }
    }

    /// With a sign between word and number three digits are enough; without, `order 2026` may be a year.
    fn find_named(&mut self, pattern: &Regex, kind: FoundKind) {
        for range in self.ranges(pattern) {
            let text = &self.text[range.clone()];
            let signed = self.text[..range.start].trim_end().ends_with([':', '#', '№']);
            if digits(text).len() >= if signed { 3 } else { 5 } {
                self.found.push((range, Found { kind, text: text.to_owned(), normalised: code(text) }));
            }
        }
    }

    /// Where group 1 of the pattern matches what is not yet spoken for. Each search begins where the last find ended, so
    /// that two finds may share the character between them.
    fn ranges(&self, pattern: &Regex) -> Vec<Range<usize>> {
        let (mut ranges, mut from) = (vec![], 0);
        while let Some(captures) = pattern.captures_at(self.text, from) {
            let range = captures.get(1).expect("group 1 stands in every branch of every pattern").range();
            from = range.end;
            let spoken_for = self.passed.iter().chain(self.found.iter().map(|(range, _)| range));
            if !spoken_for.clone().any(|other| other.start < range.end && range.start < other.end) {
                ranges.push(range);
            }
        }
        ranges
    }

    fn in_order(mut self) -> Vec<Found> {
        self.found.sort_by_key(|(range, _)| range.start);
        let mut once: Vec<Found> = vec![];
        for (_, found) in self.found {
            if once.len() < MAX_FOUND && !once.iter().any(|o| o.kind == found.kind && o.normalised == found.normalised)
            {
                once.push(found);
            }
        }
        once
    }
}

fn is_cards_shape(sizes: &[usize]) -> bool {
    let fours = sizes.split_last().is_some_and(|(last, rest)| *last <= 4 && rest.iter().all(|size| *size == 4));
    let grouped = fours || matches!(sizes, [_] | [4, 6, 5] | [4, 6, 4] | [6, 13] | [8, 8]);
    grouped && (13..=19).contains(&sizes.iter().sum::<usize>())
}

/// Luhn, ISO/IEC 7812-1, annex B.
fn has_check_digit(digits: &str) -> bool {
    let doubled = |n: u32| if n > 4 { 2 * n - 9 } else { 2 * n };
    let values = digits.bytes().rev().map(|b| u32::from(b - b'0'));
    values.enumerate().map(|(i, n)| if i % 2 == 1 { doubled(n) } else { n }).sum::<u32>() % 10 == 0
}

/// Full-width characters as Chinese keyboards write them, and the many dashes and spaces, one for one.
fn narrow(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).expect("the block mirrors ASCII"),
        '\u{3000}' | '\u{a0}' | '\u{2009}' | '\u{202f}' => ' ',
        '\u{2010}'..='\u{2013}' | '\u{2212}' => '-',
        other => other,
    };
    text.chars().map(narrow).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(FoundKind, &str)]) {
        let found = found_in(text);
        let found: Vec<_> = found.iter().map(|one| (one.kind, one.normalised.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    }

    use FoundKind::{Email, Order, Phone, Tracking};

    #[test]
    fn addresses() {
        check("Write to Anna.B+shop@Example.co.uk.", &[(Email, "anna.b+shop@example.co.uk")]);
        check("我的邮箱是li_lei@qq.com谢谢，或者li_lei@QQ.com", &[(Email, "li_lei@qq.com")]);
        check("信箱：ｗａｎｇ＠ｇｍａｉｌ．ｃｏｍ", &[(Email, "wang@gmail.com")]);
        check("Почта ivan@mail.ru, запасная <petr@ya.ru>", &[(Email, "ivan@mail.ru"), (Email, "petr@ya.ru")]);
        check("mailto:a@b.org", &[(Email, "a@b.org")]);
        check("me@home and @nick and a@b", &[]);
        check("see https://shop.example/u?mail=a@b.org&order=12345 and www.a.com/#12345", &[]);
    }

    #[test]
    fn one_address_and_nothing_else() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(email(text).as_deref(), expected, "{text:?}");
        check(" Anna.B+shop@Example.co.uk ", Some("Anna.B+shop@Example.co.uk"));
        check("a@b.example, c@d.example", None);
        check("a@b.example\r\nBcc: c@d.example", None);
        check("a@b.example\nX: y", None);
        check("Anna <a@b.example>", None);
        check("a..b@c.example", None);
        check("anna", None);
        check("", None);
        check(&format!("{}@b.example", "a".repeat(65)), None);
        check(&format!("a@{}example.com", "b.".repeat(200)), None);
    }

    #[test]
    fn phones() {
        check("Call +44 20 7946 0958, please", &[(Phone, "+442079460958")]);
        check("call (212) 555-0123 or 1-212-555-0124", &[(Phone, "+12125550123"), (Phone, "+12125550124")]);
        check("手机13800138000，备用 +86 139-0013-9000", &[(Phone, "+8613800138000"), (Phone, "+8613900139000")]);
        check("13800138000 13900139000", &[(Phone, "+8613800138000"), (Phone, "+8613900139000")]);
        check("座机 010-12345678", &[(Phone, "01012345678")]);
        check("電話號碼 0912-345-678 或 ０９８７６５４３２１", &[(Phone, "+886912345678"), (Phone, "+886987654321")]);
        check("+886 912 345 678，市話 (02) 2345-6789", &[(Phone, "+886912345678"), (Phone, "0223456789")]);
        check("Телефон 8 (912) 345-67-89 или +79123456789", &[(Phone, "+79123456789")]);
        check("8 886 555 35 35", &[(Phone, "+78865553535")]);
        check("8‑800‑555‑35‑35", &[(Phone, "+78005553535")]);
    }

    #[test]
    fn orders_and_parcels() {
        check("Where is AB-123456? And #10234, ab-123456", &[(Order, "AB-123456"), (Order, "10234")]);
        check("my order 12345 and order no. 678, Order number: 987", &[(Order, "12345"), (Order, "987")]);
        check("order #4711 has not come", &[(Order, "4711")]);
        check("订单号 123456789012 还没到，订单编号：20261122001", &[(Order, "123456789012"), (Order, "20261122001")]);
        check("訂單編號是TW20261122", &[(Order, "TW20261122")]);
        check("заказ № 12345, номер заказа 67890, заказ №321", &[(Order, "12345"), (Order, "67890"), (Order, "321")]);
        check("快递单号SF1234567890123", &[(Tracking, "SF1234567890123")]);
        check(
            "tracking number 1Z999AA10123456784 or RR123456785CN",
            &[(Tracking, "1Z999AA10123456784"), (Tracking, "RR123456785CN")],
        );
        check("Трек-номер: 80081234567891", &[(Tracking, "80081234567891")]);
    }

    #[test]
    fn what_is_none_of_these() {
        for text in [
            "It came on 2026-11-22, not on 22.11.2026 or 11/22/2026",
            "order 2026-11-22 arrived",
            "2026年11月22日的订单，11月22日",
            "I paid $12,345.67 and 12345 руб, 1 299 000 ₽, NT$12345, 45678元",
            "order 15000 rub",
            "заказ на 15000 рублей от 22.11.26",
            "order in 2026, order 20 pieces",
            "ISO-9001, COVID-19, MAY2026, iPhone 15, WH-1000XM5",
            "my card 4111 1111 1111 1111 12/27",
            "order 4111111111111111, 订单号：6222021234567890128",
            "карта 5500-0000-0000-0004",
            "身份证 11010519491231002X",
            "192.168.100.100 at 10:30",
            "call me maybe",
            "",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn a_pasted_list_is_bounded() {
        let list: String = (0..50).map(|n| format!("a{n}@example.com ")).collect();
        assert_eq!(found_in(&list).len(), MAX_FOUND);
    }

    proptest::proptest! {
        #[test]
        fn anything_can_be_read(text in "[0-9 .+()#№@a-zA-Z订单号заказ年：１-]{0,80}|.{0,80}") {
            for one in found_in(&text) {
                proptest::prop_assert!(narrow(&text).contains(&one.text) && !one.normalised.is_empty());
            }
            contact(&text);
        }
    }

    #[test]
    fn what_a_customer_leaves() {
        let check = |text: &str, expected: Option<Contact>| assert_eq!(contact(text), expected, "{text}");
        let email = |address: &str| Some(Contact::Email(address.into()));
        let phone = |number: &str| Some(Contact::Phone(number.into()));
        check(" Anna@Example.com ", email("anna@example.com"));
        check("it’s anna@example.com or 13800138000", email("anna@example.com"));
        check("手机号：138 0013 8000", phone("+8613800138000"));
        check("0912345678", phone("+886912345678"));
        check("8 912 345 67 89", phone("+79123456789"));
        check("030 / 123456-7", phone("0301234567"));
        check("+49 (0)30 1234567", phone("+49301234567"));
        check("2125550123", phone("2125550123"));
        check("2026-11-22", None);
        check("4111111111111111", None);
        check("4222222222222", None);
        check("12345", None);
        check("no thanks", None);
        check("", None);
    }
}
