//! The analyser: the same tokens for questions, titles, phrases and passages, or nothing would meet.

use super::{is_han, stop};
use crate::domain::Language;
use jieba_rs::Jieba;
use rust_stemmers::{Algorithm, Stemmer};
use std::sync::LazyLock;
use unicode_segmentation::UnicodeSegmentation;

/// The tokens of a text that went through `normalise`, in order, repeated as they repeat. Each run of a script has its own rules whatever
/// the text's language is: Chinese becomes jieba's words in search mode, Latin and Cyrillic words (UAX #29) become their
/// English and Russian Snowball stems, words with digits stay. Function words fall out unless nothing else is left.
/// `language` decides only whether English function words count as such: in other languages they are parts of names.
pub fn tokens(normalised: &str, language: Language) -> Vec<String> {
    let mut found = Found { language, tokens: vec![], stop_words: vec![] };
    for run in runs(normalised) {
        if run.starts_with(is_han) {
            found.chinese(run);
        } else {
            found.alphabetic(run);
        }
    }
    if found.tokens.is_empty() { found.stop_words } else { found.tokens }
}

/// What the index holds and searches: the tokens, then every Chinese character and every pair of neighbours. jieba cuts the same
/// words differently in different company, and support questions are too short to bear that: on held-out phrases of the shipped
/// articles its words alone reach an MRR of 0.63, with characters and pairs 0.67; from one script to the other 0.71 and 0.78.
pub fn search_tokens(normalised: &str, language: Language) -> Vec<String> {
    let mut found = tokens(normalised, language);
    for run in runs(normalised).filter(|run| run.starts_with(is_han)) {
        let ends: Vec<usize> = run.char_indices().map(|(at, _)| at).chain([run.len()]).collect();
        let characters = ends.windows(2).map(|w| &run[w[0]..w[1]]).filter(|one| !stop::is_chinese(one));
        let pairs = ends.windows(3).map(|w| &run[w[0]..w[2]]);
        found.extend(characters.chain(pairs).map(str::to_owned));
    }
    found
}

/// Three characters at a time of a token that is no Chinese, its edges marked: what a misspelt word still shares with itself.
pub fn pieces(token: &str) -> Vec<String> {
    const LENGTH: usize = 3;
    if token.starts_with(is_han) {
        return vec![];
    }
    let chars: Vec<char> = ['<'].into_iter().chain(token.chars()).chain(['>']).collect();
    chars.windows(LENGTH).map(|window| window.iter().collect()).collect()
}

/// Stretches of Chinese characters and of anything else, in order.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let han = is_han(rest.chars().next()?);
        let (run, after) = rest.split_at(rest.find(|c| is_han(c) != han).unwrap_or(rest.len()));
        rest = after;
        Some(run)
    })
}

/// Longer words are codes or noise; their beginning is enough to tell them apart.
const MAX_TOKEN_CHARS: usize = 64;

/// What a hyphen joins when the part before it is no longer: wi-fi, e-mail, t-shirt.
const MAX_JOINED_PREFIX: usize = 2;

static JIEBA: LazyLock<Jieba> = LazyLock::new(Jieba::new);

struct Found {
    language: Language,
    tokens: Vec<String>,
    stop_words: Vec<String>,
}

impl Found {
    fn chinese(&mut self, run: &str) {
        for token in JIEBA.cut_for_search(run, false) {
            self.keep(token.word.to_owned(), stop::is_chinese(token.word));
        }
    }

    fn alphabetic(&mut self, run: &str) {
        // People write wifi, wi-fi and Wi-Fi, email and e-mail: a short first part joins what follows its hyphen.
        let mut joined = String::new();
        let mut joins_at = None;
        for (at, word) in run.unicode_word_indices() {
            let end = at + word.len();
            if joins_at != Some(at) {
                joined.clear();
            }
            joined.extend(word.chars().filter(|&c| c != '\'').take(MAX_TOKEN_CHARS));
            let short = joined.len() <= MAX_JOINED_PREFIX && joined.chars().all(|c| c.is_ascii_alphabetic());
            let hyphen = run[end..].strip_prefix('-').and_then(|next| next.chars().next());
            if short && hyphen.is_some_and(char::is_alphanumeric) {
                joins_at = Some(end + 1);
            } else {
                joins_at = None;
                self.word(&joined);
            }
        }
    }

    fn word(&mut self, word: &str) {
        let cyrillic = word.chars().any(|c| matches!(c, '\u{400}'..='\u{4ff}'));
        let (algorithm, stop) = if cyrillic {
            (Algorithm::Russian, stop::is_russian(word))
        } else {
            (Algorithm::English, self.language == Language::En && stop::is_english(word))
        };
        let has_digit = word.chars().any(char::is_numeric);
        let token = if has_digit { word.to_owned() } else { Stemmer::create(algorithm).stem(word).into_owned() };
        self.keep(token, stop);
    }

    fn keep(&mut self, token: String, stop: bool) {
        if stop { self.stop_words.push(token) } else { self.tokens.push(token) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::words::normalise;

    #[test]
    fn pieces_of_a_word() {
        assert_eq!(pieces("wifi"), ["<wi", "wif", "ifi", "fi>"]);
        assert_eq!(pieces("a"), ["<a>"]);
        assert_eq!(pieces("возврат").len(), 7);
        assert_eq!(pieces("退款"), [""; 0]);
    }

    #[test]
    fn what_the_index_holds() {
        let check = |text: &str, language: Language, expected: &str| {
            assert_eq!(tokens(&normalise(text), language).join(" "), expected, "{text}");
        };
        check("Where is my order?", Language::En, "where order");
        check("returns, returned, returning", Language::En, "return return return");
        check("I won't pay / i wont pay", Language::En, "wont pay wont pay");
        check("Wi-Fi wifi WI-FI", Language::En, "wifi wifi wifi");
        check("e-mail address", Language::En, "email address");
        check("pick-up point", Language::En, "pick up point");
        check("2.4GHz band", Language::En, "2.4ghz band");
        check("to be", Language::En, "to be");
        check("Где мой заказ?", Language::Ru, "где заказ");
        check("заказы, заказов, заказу", Language::Ru, "заказ заказ заказ");
        check("ещё раз оплатил", Language::Ru, "раз оплат");
        check("верните деньги на PayPal", Language::Ru, "верн деньг paypal");
        check("退款什么时候到账", Language::ZhHans, "退款 什么 时候 到 账");
        check("退款什麼時候到帳", Language::ZhHant, "退款 什么 时候 到 账");
        check("我的iPhone充不上电", Language::ZhHans, "iphon 充 不 上 电");
        check("Wi-Fi连不上", Language::ZhHans, "wifi 连不上");
        check("???", Language::En, "");
        check("", Language::Ru, "");
    }

    #[test]
    fn the_index_holds_characters_and_pairs_too() {
        let check = |text: &str, expected: &str| {
            assert_eq!(search_tokens(&normalise(text), Language::ZhHans).join(" "), expected, "{text}");
        };
        check("退款", "退款 退 款 退款");
        check("我的wifi断了", "wifi 断 我的 断 断了");
        check("wifi", "wifi");
    }
}
