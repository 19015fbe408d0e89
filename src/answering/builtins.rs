//! The built-in intent of a question, unless an article has taken its place. Pure.

use crate::domain::{Article, Builtin};
use crate::intent::builtin;
use crate::knowledge::words;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Characters that are read: whoever asks for a person at the end of a long story is heard too.
const MAX_CHARS: usize = 10_000;

/// The built-in that the whole of a text is, or that stands in it. `text` is as it was typed.
pub(super) fn spot(text: &str, replaced: &Replaced) -> Option<Builtin> {
    let text = text.char_indices().nth(MAX_CHARS).map_or(text, |(end, _)| &text[..end]);
    let words = words_of(text);
    if words.contains(char::is_alphanumeric) {
        builtin::in_words(&words).filter(|builtin| !replaced.0.contains(builtin))
    } else {
        // No article can be found by marks alone, so none replaces what they say.
        Some(builtin::without_words(text))
    }
}

/// Each line is a thought of its own: what was said in one burst comes as lines, and the last may be "operator".
fn words_of(text: &str) -> String {
    let lines = text.lines().map(words::normalise).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// Built-ins that articles stand in for. Made once for each snapshot.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Replaced(BTreeSet<Builtin>);

impl Replaced {
    /// An article replaces a built-in with its id. With a phrase it replaces small talk alone: articles about how to
    /// reach people or complain have phrases that ask for a person or are angry, and must not take the way to people
    /// away from everybody.
    pub(super) fn by(articles: &[Arc<Article>]) -> Self {
        let is_named = |builtin: &Builtin| articles.iter().any(|article| article.id.as_str() == builtin.name());
        let phrases = articles.iter().flat_map(|article| &article.phrases);
        let said = phrases.filter_map(|phrase| builtin::in_words(&words_of(phrase)));
        Self(Builtin::ALL.into_iter().filter(is_named).chain(said.filter(|said| is_small_talk(*said))).collect())
    }
}

fn is_small_talk(builtin: Builtin) -> bool {
    match builtin {
        Builtin::Greeting | Builtin::Thanks | Builtin::Goodbye | Builtin::WhoAreYou => true,
        Builtin::Human | Builtin::DidNotHelp | Builtin::Anger | Builtin::Wordless => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::article;

    /// What customers type, a line each: the name of the built-in or `-`, a tab, the words; `\n` stands between turns.
    const TABLES: [(&str, &str); 4] = [
        ("en", include_str!("../../tests/builtins/en.tsv")),
        ("zh-Hans", include_str!("../../tests/builtins/zh-Hans.tsv")),
        ("zh-Hant", include_str!("../../tests/builtins/zh-Hant.tsv")),
        ("ru", include_str!("../../tests/builtins/ru.tsv")),
    ];

    fn lines(table: &str) -> Vec<(&str, String)> {
        let split = |line| str::split_once(line, '\t').unwrap_or_else(|| panic!("no tab: {line:?}"));
        table.lines().map(split).map(|(expected, text)| (expected, text.replace("\\n", "\n"))).collect()
    }

    #[test]
    fn every_line_of_the_tables() {
        let nothing = Replaced::default();
        for (language, table) in TABLES {
            let said = |text: &str| spot(text, &nothing).map_or("-", Builtin::name);
            let wrong: Vec<_> = lines(table)
                .into_iter()
                .filter(|(expected, text)| said(text) != *expected)
                .map(|(expected, text)| format!("{text:?} is {}, not {expected}", said(&text)))
                .collect();
            assert!(wrong.is_empty(), "{language}: {wrong:#?}");
        }
    }

    #[test]
    fn the_tables_are_long_enough() {
        const LEAST: usize = 120;
        for (language, table) in TABLES {
            let lines = lines(table);
            assert!(lines.len() >= LEAST, "{language}: {} lines", lines.len());
            for expected in Builtin::ALL.map(Builtin::name).iter().chain(&["-"]) {
                assert!(lines.iter().any(|(name, _)| name == expected), "{language} has no line for {expected}");
            }
        }
    }

    #[test]
    fn the_end_of_a_long_story_is_read() {
        let story = "I bought a lamp and it came in two pieces. ".repeat(90);
        assert_eq!(spot(&story, &Replaced::default()), None);
        assert_eq!(spot(&format!("{story}\nCan I talk to a person?"), &Replaced::default()), Some(Builtin::Human));
        assert_eq!(spot(&"😡".repeat(100_000), &Replaced::default()), Some(Builtin::Anger));
        assert_eq!(spot(&"word ".repeat(100_000), &Replaced::default()), None);
    }

    #[test]
    fn articles_replace_built_ins() {
        let check = |id: &str, phrases: &[&str], expected: &[Builtin]| {
            let mut one = article(id);
            one.phrases = phrases.iter().map(|&phrase| phrase.to_owned()).collect();
            let replaced = Replaced::by(&[Arc::new(article("refund-time")), Arc::new(one)]);
            assert_eq!(replaced, Replaced(expected.iter().copied().collect()), "{id} {phrases:?}");
        };
        check("about-us", &["where are you based"], &[]);
        check("greeting", &[], &[Builtin::Greeting]);
        check("human", &[], &[Builtin::Human]);
        check("anger", &[], &[Builtin::Anger]);
        check("about-us", &["Who are you?", "what is this shop"], &[Builtin::WhoAreYou]);
        check("about-us", &["妳是誰"], &[Builtin::WhoAreYou]);
        check("welcome", &["Здравствуйте!", "спасибо"], &[Builtin::Greeting, Builtin::Thanks]);
        // They tell how to reach people; whoever wants a person gets one all the same.
        check("contact-hours", &["转人工", "соедините с живым человеком", "phone support"], &[]);
        check("complaint-make", &["your service is terrible", "👎"], &[]);
    }

    #[test]
    fn what_is_replaced_is_not_spotted() {
        let replaced = Replaced::by(&[Arc::new(article("thanks"))]);
        let check = |text: &str, expected| assert_eq!(spot(text, &replaced), expected, "{text}");
        check("thank you so much", None);
        check("hello", Some(Builtin::Greeting));
        // An article cannot be found by a thumb.
        check("👍", Some(Builtin::Thanks));
    }
}
