//! Every text that Firstline says by itself, by key, in the four languages; an operator's own words over the built-in.
//!
//! Texts are Fluent (<https://projectfluent.org/fluent/guide/>), so a translator can follow the plurals of a language.
//! What an operator writes is checked when it is read, so that nothing can fail when a customer is spoken to.

use super::Language;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use fluent_bundle::FluentValue as Value;

pub struct Catalogue {
    /// In the order of `Language::ALL`.
    bundles: [FluentBundle<FluentResource>; 4],
}

/// What is wrong in an operator's file, or only worth a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// From 1.
    pub line: usize,
    pub detail: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.detail)
    }
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Catalogue")
    }
}

fn source(language: Language) -> &'static str {
    match language {
        Language::En => include_str!("../../locales/en.ftl"),
        Language::ZhHans => include_str!("../../locales/zh-Hans.ftl"),
        Language::ZhHant => include_str!("../../locales/zh-Hant.ftl"),
        Language::Ru => include_str!("../../locales/ru.ftl"),
    }
}

impl Catalogue {
    pub fn built_in() -> Self {
        let bundle = |language: Language| {
            let tag = language.tag().parse().expect("the tags of our languages are BCP 47");
            let mut bundle = FluentBundle::new_concurrent(vec![tag]);
            // The marks around inserted words are for mixed directions of writing; ours all run left to right, and
            // plain text in Telegram would show them.
            bundle.set_use_isolating(false);
            bundle.add_resource(resource(source(language))).expect("a test holds the built-in keys apart");
            bundle
        };
        Self { bundles: Language::ALL.map(bundle) }
    }

    /// Takes an operator's words for some keys of a language, all or none of them; returns what is only worth a look.
    pub fn replace(&mut self, language: Language, words: &str) -> Result<Vec<Mistake>, Vec<Mistake>> {
        let words = words.trim_start_matches('\u{feff}');
        let warnings = judge(words)?;
        self.bundles[language as usize].add_resource_overriding(resource(words));
        Ok(warnings)
    }

    pub fn say<'a>(
        &self,
        language: Language,
        key: &str,
        values: impl IntoIterator<Item = (&'a str, Value<'a>)>,
    ) -> String {
        let bundle = &self.bundles[language as usize];
        let message = bundle.get_message(key).and_then(|message| message.value());
        let pattern = message.expect("a test says every key, and what is read later may only replace words");
        let values: FluentArgs<'_> = values.into_iter().collect();
        let mut errors = vec![];
        let text = bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned();
        debug_assert!(errors.is_empty(), "{key}: {errors:?}");
        text
    }
}

fn resource(words: &str) -> FluentResource {
    FluentResource::try_new(words.to_owned()).unwrap_or_else(|(resource, _)| resource)
}

struct TextEntry<'a> {
    /// Of a term without its dash.
    key: &'a str,
    is_term: bool,
    uses: Uses<'a>,
    /// A value, and nothing beside it.
    is_one_text: bool,
    is_blank: bool,
}

/// What a text refers to.
#[derive(Default)]
struct Uses<'a> {
    variables: BTreeSet<&'a str>,
    terms: BTreeSet<&'a str>,
    /// References to messages and attributes, and functions: more than these texts need, and they can go in circles.
    others: BTreeSet<&'a str>,
}

fn entries_of<'a>(words: &'a str) -> Vec<TextEntry<'a>> {
    let parsed = parser::parse(words).unwrap_or_else(|(parsed, _)| parsed);
    let entry = |entry: Entry<&'a str>| match entry {
        Entry::Message(message) => Some((message.id.name, false, message.value, message.attributes)),
        Entry::Term(term) => Some((term.id.name, true, Some(term.value), term.attributes)),
        Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) | Entry::Junk { .. } => None,
    };
    let found = parsed.body.into_iter().filter_map(entry).map(|(key, is_term, value, attributes)| {
        let mut uses = Uses::default();
        if let Some(value) = &value {
            uses.read(value);
        }
        let is_one_text = value.is_some() && attributes.is_empty();
        let is_blank = value.is_some_and(|value| !says_something(&value));
        TextEntry { key, is_term, uses, is_one_text, is_blank }
    });
    found.collect()
}

impl<'a> Uses<'a> {
    fn read(&mut self, pattern: &Pattern<&'a str>) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { .. } => {}
                PatternElement::Placeable { expression } => self.read_expression(expression),
            }
        }
    }

    fn read_expression(&mut self, expression: &Expression<&'a str>) {
        match expression {
            Expression::Inline(inline) => self.read_inline(inline),
            Expression::Select { selector, variants } => {
                self.read_inline(selector);
                variants.iter().for_each(|variant| self.read(&variant.value));
            }
        }
    }

    fn read_inline(&mut self, inline: &InlineExpression<&'a str>) {
        match inline {
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
            InlineExpression::VariableReference { id } => {
                self.variables.insert(id.name);
            }
            InlineExpression::TermReference { id, attribute: None, arguments: None } => {
                self.terms.insert(id.name);
            }
            InlineExpression::TermReference { id, .. }
            | InlineExpression::MessageReference { id, .. }
            | InlineExpression::FunctionReference { id, .. } => {
                self.others.insert(id.name);
            }
            InlineExpression::Placeable { expression } => self.read_expression(expression),
        }
    }
}

/// Whichever way its plurals turn out.
fn says_something(pattern: &Pattern<&str>) -> bool {
    let says = |element: &PatternElement<&str>| match element {
        PatternElement::TextElement { value } => !value.trim().is_empty(),
        PatternElement::Placeable { expression: Expression::Select { variants, .. } } => {
            variants.iter().all(|variant| says_something(&variant.value))
        }
        PatternElement::Placeable { expression: Expression::Inline(InlineExpression::StringLiteral { value }) } => {
            !value.trim().is_empty()
        }
        PatternElement::Placeable { expression: Expression::Inline(_) } => true,
    };
    pattern.elements.iter().any(says)
}

/// The built-in keys and the variables of each; the languages agree, as a test knows.
fn known() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    entries_of(source(Language::En)).into_iter().map(|entry| (entry.key, entry.uses.variables)).collect()
}

/// Every mistake at once, so that one start shows all; or what is only worth a look.
fn judge(words: &str) -> Result<Vec<Mistake>, Vec<Mistake>> {
    if let Err((_, errors)) = parser::parse(words) {
        return Err(errors.iter().map(|error| broken(words, error)).collect());
    }
    let known = known();
    let entries = entries_of(words);
    let terms: BTreeSet<&str> = entries.iter().filter(|entry| entry.is_term).map(|entry| entry.key).collect();
    let (mut mistakes, mut warnings, mut seen) = (vec![], vec![], BTreeSet::new());
    for entry in &entries {
        let key = entry.key;
        let mut wrong = |detail: String| mistakes.push(mistake(words, key, detail));
        if !seen.insert((entry.is_term, key)) {
            wrong(format!("{key} stands here twice; keep one"));
        }
        for other in &entry.uses.others {
            wrong(format!("{key} uses {other}, but only variables ($name) and terms (-name) may stand in braces"));
        }
        if entry.is_blank {
            wrong(format!("{key} says nothing; write at least a word"));
        }
        if entry.is_term {
            if !entry.uses.terms.is_empty() || !entry.uses.variables.is_empty() {
                wrong(format!("-{key} must be plain words, without braces"));
            }
            continue;
        }
        for term in entry.uses.terms.difference(&terms) {
            wrong(format!("{key} uses -{term}, which is not defined in this file"));
        }
        if !entry.is_one_text {
            wrong(format!("{key} must be one text: {key} = …"));
        }
        let Some(variables) = known.get(key) else {
            wrong(format!("{key} is no key; every key stands in locales/en.ftl"));
            continue;
        };
        for variable in entry.uses.variables.difference(variables) {
            let there = variables.iter().map(|name| format!("${name}")).collect::<Vec<_>>().join(", ");
            let there = if there.is_empty() { "it has none".to_owned() } else { format!("there is {there}") };
            wrong(format!("{key} has no variable ${variable}; {there}"));
        }
        for variable in variables.difference(&entry.uses.variables) {
            warnings.push(mistake(words, key, format!("{key} leaves out ${variable}")));
        }
    }
    if mistakes.is_empty() { Ok(warnings) } else { Err(mistakes) }
}

/// The parser notices a missing end only on the next line, so the line is that of the last word before.
fn broken(words: &str, error: &parser::ParserError) -> Mistake {
    let line = line_at(words, words[..error.pos.start].trim_end().len());
    let entry = error.slice.clone().map_or("", |slice| words[slice].trim_start());
    let key = entry.split(|c: char| c == '=' || c.is_whitespace()).next().unwrap_or_default();
    Mistake { line, detail: format!("{key} cannot be read: {error}") }
}

/// `key` must be a slice of `words`: its place is its address.
fn mistake(words: &str, key: &str, detail: String) -> Mistake {
    Mistake { line: line_at(words, key.as_ptr() as usize - words.as_ptr() as usize), detail }
}

fn line_at(words: &str, byte: usize) -> usize {
    words.bytes().take(byte).filter(|b| *b == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_files_hold_the_same_keys_and_variables() {
        let english = known();
        for language in Language::ALL {
            assert!(parser::parse(source(language)).is_ok(), "{language}");
            let entries = entries_of(source(language));
            assert_eq!(entries.len(), english.len(), "{language} has a key too many, too few or twice");
            for entry in &entries {
                assert_eq!(english.get(entry.key), Some(&entry.uses.variables), "{language} {}", entry.key);
                assert!(entry.is_one_text && !entry.is_blank && entry.uses.others.is_empty(), "{}", entry.key);
            }
            let order = |entries: &[TextEntry<'_>]| entries.iter().map(|e| e.key.to_owned()).collect::<Vec<_>>();
            assert_eq!(order(&entries), order(&entries_of(source(Language::En))), "{language}: the order differs");
        }
    }

    #[test]
    fn every_key_has_its_comment_is_said_and_is_used() {
        let used =
            [include_str!("texts.rs"), include_str!("letter_texts.rs"), include_str!("../channel/telegram/texts.rs")];
        let used = used.concat();
        let catalogue = Catalogue::built_in();
        for (key, variables) in known() {
            assert!(used.contains(&format!("\"{key}\"")), "nobody says {key}");
            for language in Language::ALL {
                assert!(source(language).contains(&format!(".\n{key} =")), "{language} {key} has no comment");
                for n in [1u32, 2, 5, 21] {
                    let text = catalogue.say(language, key, variables.iter().map(|name| (*name, n.into())));
                    assert!(!text.trim().is_empty() && !text.contains(['{', '}', '$', '\u{2068}']), "{text}");
                    for name in variables.iter().filter(|_| n > 1) {
                        assert!(text.contains(&n.to_string()), "{language} {key} does not show ${name}: {text}");
                    }
                }
            }
        }
    }

    #[test]
    fn an_operators_words_win() {
        let words =
            "-shop = Teahouse\nsmall-talk-greeting = Welcome to the { -shop }!\nposition = Number { $place }.\n";
        let mut catalogue = Catalogue::built_in();
        assert_eq!(catalogue.replace(Language::En, words), Ok(vec![]));
        assert_eq!(catalogue.say(Language::En, "small-talk-greeting", []), "Welcome to the Teahouse!");
        assert_eq!(catalogue.say(Language::En, "position", [("place", 3u32.into())]), "Number 3.");
        assert_eq!(catalogue.say(Language::En, "something-else-button", []), "Something else");
        assert_eq!(catalogue.say(Language::Ru, "something-else-button", []), "Другое");
    }

    #[test]
    fn a_variable_left_out_is_only_worth_a_look() {
        let warnings = Catalogue::built_in().replace(Language::Ru, "\u{feff}\nposition = Ждём.\n");
        assert_eq!(warnings, Ok(vec![Mistake { line: 2, detail: "position leaves out $place".into() }]));
    }

    #[test]
    fn every_mistake_has_its_line() {
        let check = |words: &str, line: usize, expected: &str| {
            let mistakes = Catalogue::built_in().replace(Language::En, words).expect_err(words);
            let found = mistakes.iter().any(|m| m.line == line && m.detail.contains(expected));
            assert!(found, "{words:?} gave {mistakes:?} without line {line}, {expected:?}");
        };
        check("# ours\n\ngreeting = Hi\n", 3, "greeting is no key");
        check("position = Number { $n }\n", 1, "position has no variable $n; there is $place");
        check("resolved = Bye { $name }\n", 1, "it has none");
        check("resolved = Bye\nmerged = { $x\n", 2, "merged cannot be read: Expected");
        check("resolved = Bye\nthis is no text\n", 2, "Expected");
        check("resolved = Bye\nresolved = Bye bye\n", 2, "twice");
        check("resolved = Bye { -shop }\n", 1, "-shop, which is not defined");
        check("-shop = { -other }\n", 1, "plain words");
        check("resolved = { merged }\n", 1, "resolved uses merged");
        check("position = { NUMBER($place) }\n", 1, "position uses NUMBER");
        check("resolved = { \"\" }\n", 1, "says nothing");
        check("position = { $place ->\n    [1] { \"\" }\n   *[other] N { $place }\n}\n", 1, "says nothing");
        check("resolved =\n    .title = Bye\n", 1, "one text");
    }
}
