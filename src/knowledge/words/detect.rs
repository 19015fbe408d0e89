//! Which language a customer writes. Script decides first, because four languages with three scripts need no model and
//! support questions are too short for one.

use super::fold::{Script, script_of};
use super::{is_han, stop};
use crate::domain::Language;

/// The language of `text` as the customer typed it. `hint` is what else is known (the page, the conversation so far): it
/// decides where the words do not, which is when there are no letters, only codes such as `AB-1234` or `OK`, or a
/// script that has no analyser here. Without a hint that is English. Chinese whose characters both scripts share follows a
/// Chinese hint, else counts as Simplified.
pub fn detect(text: &str, hint: Option<Language>) -> Language {
    let weights = Weights::of(text);
    let fallback = hint.unwrap_or(Language::En);
    match weights.heaviest(hint) {
        None | Some(Writing::Other) => fallback,
        Some(Writing::Han) => chinese(text, hint),
        Some(Writing::Cyrillic) => Language::Ru,
        Some(Writing::Latin) => Language::En,
    }
}

fn chinese(text: &str, hint: Option<Language>) -> Language {
    let n_of = |script| text.chars().filter(|&c| script_of(c) == Some(script)).count();
    match n_of(Script::Simplified).cmp(&n_of(Script::Traditional)) {
        std::cmp::Ordering::Greater => Language::ZhHans,
        std::cmp::Ordering::Less => Language::ZhHant,
        std::cmp::Ordering::Equal => hint.filter(|h| h.is_chinese()).unwrap_or(Language::ZhHans),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Writing {
    Han,
    Cyrillic,
    Latin,
    Other,
}

/// How much each script says, in words. A word in Latin letters weighs little because product names stand in every
/// language ("iPhone 15 Pro Max 充电"), unless it is a function word, which only an English sentence has.
#[derive(Default)]
struct Weights {
    han: usize,
    kana: usize,
    cyrillic: usize,
    latin: usize,
    other: usize,
}

const HAN_CHARACTER: usize = 2;
const CYRILLIC_WORD: usize = 3;
const LATIN_WORD: usize = 1;
const LATIN_FUNCTION_WORD: usize = 3;
const OTHER_CHARACTER: usize = 1;

impl Weights {
    fn of(text: &str) -> Self {
        let mut weights = Self::default();
        let chunks = text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’' | ':' | '/' | '.' | '@'));
        for chunk in chunks.filter(|chunk| !chunk.contains('@')) {
            let readable = chunk.find("http").map_or(chunk, |link| &chunk[..link]);
            for part in readable.split([':', '/', '.']) {
                weights.add(part);
            }
        }
        weights
    }

    fn add(&mut self, mut chunk: &str) {
        while let Some(first) = chunk.chars().next() {
            let kind = kind(first);
            let end = chunk.find(|c| self::kind(c) != kind).unwrap_or(chunk.len());
            let (run, rest) = chunk.split_at(end);
            match kind {
                Kind::Han => self.han += HAN_CHARACTER * run.chars().count(),
                Kind::Kana => self.kana += HAN_CHARACTER * run.chars().count(),
                Kind::Cyrillic => self.cyrillic += CYRILLIC_WORD,
                Kind::Latin => self.latin += latin_weight(run),
                Kind::Other => self.other += OTHER_CHARACTER * run.chars().count(),
                Kind::Silent => {}
            }
            chunk = rest;
        }
    }

    /// `None` when nothing was said in letters.
    fn heaviest(&self, hint: Option<Language>) -> Option<Writing> {
        // A の in a shop's name does not make Chinese Japanese; a quarter of kana does.
        let japanese = self.kana * 3 >= self.han && self.kana > 0;
        let (han, other) = if japanese { (0, self.other + self.han + self.kana) } else { (self.han, self.other) };
        let hinted = |writing| usize::from(hint.is_some_and(|h| writing_of(h) == writing));
        // The hint is worth less than a word: it only breaks ties.
        let weigh = |weight: usize, writing| (weight > 0).then_some((weight * 2 + hinted(writing), writing));
        [
            weigh(other, Writing::Other),
            weigh(self.latin, Writing::Latin),
            weigh(self.cyrillic, Writing::Cyrillic),
            weigh(han, Writing::Han),
        ]
        .into_iter()
        .flatten()
        .max_by_key(|(weight, _)| *weight)
        .map(|(_, writing)| writing)
    }
}

fn writing_of(language: Language) -> Writing {
    match language {
        Language::En => Writing::Latin,
        Language::ZhHans | Language::ZhHant => Writing::Han,
        Language::Ru => Writing::Cyrillic,
    }
}

#[derive(PartialEq, Eq)]
enum Kind {
    Han,
    Kana,
    Cyrillic,
    /// Latin letters, with the digits and apostrophes inside of a word.
    Latin,
    Other,
    /// What stands between words.
    Silent,
}

fn kind(c: char) -> Kind {
    match c {
        c if is_han(c) => Kind::Han,
        '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9d}' => Kind::Kana,
        '\u{400}'..='\u{52f}' => Kind::Cyrillic,
        '\'' | '’' | '0'..='9' => Kind::Latin,
        '\u{ff21}'..='\u{ff5a}' => Kind::Latin,
        c if c.is_alphabetic() && c < '\u{250}' => Kind::Latin,
        c if c.is_alphabetic() => Kind::Other,
        _ => Kind::Silent,
    }
}

/// Codes weigh nothing: order numbers, abbreviations, "OK".
fn latin_weight(word: &str) -> usize {
    let n_letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let plain: String = word.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    let has_digit = word.contains(|c: char| c.is_ascii_digit());
    let shouted = n_letters <= 4 && !word.contains(char::is_lowercase);
    if n_letters == 0 || has_digit || plain == "ok" || plain == "okay" {
        0
    } else if stop::is_english(&plain) || stop::asks_in_english(&plain) {
        LATIN_FUNCTION_WORD
    } else if shouted {
        0
    } else {
        LATIN_WORD
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Ru, ZhHans, ZhHant};

    #[test]
    fn languages_that_customers_write() {
        let check = |text: &str, hint: Option<Language>, expected: Language| {
            assert_eq!(detect(text, hint), expected, "{text:?} with {hint:?}");
        };
        check("Where is my order?", None, En);
        check("Where is my order?", Some(Ru), En);
        check("refund status", Some(ZhHans), En);
        check("WHERE IS MY ORDER", Some(Ru), En);
        check("hi", Some(Ru), En);
        check("how do i pay with 支付宝", None, En);
        check("what does 已签收 mean", None, En);
        check("Где мой заказ?", None, Ru);
        check("где посылка DPD", Some(En), Ru);
        check("iPhone 15 Pro Max не включается", None, Ru);
        check("не работает, вот ссылка https://shop.example.com/very/long/path/of/words", None, Ru);
        check("возврат", Some(ZhHant), Ru);
        check("我的订单在哪里", None, ZhHans);
        check("我的訂單在哪裡", None, ZhHant);
        check("退貨", Some(ZhHans), ZhHant);
        check("退货", Some(ZhHant), ZhHans);
        check("退款", None, ZhHans);
        check("退款", Some(ZhHant), ZhHant);
        check("退款", Some(Ru), ZhHans);
        check("幾天到", None, ZhHant);
        check("可以取消嗎", None, ZhHant);
        check("可以取消吗", None, ZhHans);
        check("運費多少", None, ZhHant);
        check("怎麼付款", None, ZhHant);
        check("台北門市", None, ZhHant);
        check("在台湾的后台里面", None, ZhHans);
        check("我的iPhone充不上电", None, ZhHans);
        check("iPhone 15 Pro Max 充电", Some(En), ZhHans);
        check("LINE Pay 退款要幾個工作天", None, ZhHant);
        check("用ATM轉帳", None, ZhHant);
        check("MIR卡能付款吗", Some(En), ZhHans);
        check("好の味道还有货吗", None, ZhHans);
        check("注文をキャンセルしたい", Some(ZhHant), ZhHant);
        check("注文をキャンセルしたい", None, En);
        check("주문 취소", Some(Ru), Ru);
        check("مرحبا", None, En);
        check("👍👍", Some(Ru), Ru);
        check("👍", None, En);
        check("12345", Some(ZhHant), ZhHant);
        check("AB-12345", Some(Ru), Ru);
        check("ok", Some(ZhHans), ZhHans);
        check("OK", None, En);
        check("", Some(Ru), Ru);
        check("me@example.com", Some(Ru), Ru);
        check("Bonjour, je voudrais un remboursement", None, En);
    }
}
