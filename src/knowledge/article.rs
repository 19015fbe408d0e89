//! Reads one file into an article, or into findings that say where it is broken.

use super::finding::{Finding, Mark, Severity};
use super::front_matter::{self, Missing, Node, Value};
use super::render;
use crate::domain::{Article, ArticleId, ChannelKind, HandoffRule, Language, QueueName};
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// One file as it was read: its article unless it is broken, and what is wrong with it taken alone.
#[derive(Debug)]
pub(super) struct Source {
    /// Relative to the folder, with `/` between its parts.
    pub file: String,
    /// SHA-256 of the bytes.
    pub digest: [u8; 32],
    /// `None` when a finding is an error, or when the file is no article (a README).
    pub article: Option<Arc<Article>>,
    pub marks: Marks,
    pub findings: Vec<Finding>,
}

/// Where an article's values stand in its file, for what only a look at all articles finds.
#[derive(Debug)]
pub(super) struct Marks {
    pub id: Mark,
    /// As many as the article has phrases; likewise below.
    pub phrases: Vec<Mark>,
    pub suggests: Vec<Mark>,
    pub valid_until: Mark,
}

impl Default for Marks {
    fn default() -> Self {
        Self { id: Mark::START, phrases: vec![], suggests: vec![], valid_until: Mark::START }
    }
}

pub(super) const MAX_PHRASE_CHARS: usize = 500;
const MAX_ID_CHARS: usize = 100;
const MAX_TITLE_CHARS: usize = 300;

pub(super) fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// `file` is relative to the folder; `bytes` are at most what the loader allows.
pub(super) fn read(file: &str, bytes: &[u8]) -> Source {
    let mut reader = Reader { file, entries: vec![], findings: vec![], marks: Marks::default() };
    let article = reader.article(bytes).filter(|_| !reader.findings.iter().any(|f| f.severity == Severity::Error));
    Source {
        file: file.to_owned(),
        digest: digest(bytes),
        article: article.map(Arc::new),
        marks: reader.marks,
        findings: reader.findings,
    }
}

const KEYS: [&str; 12] = [
    "id",
    "title",
    "language",
    "phrases",
    "tags",
    "queue",
    "handoff",
    "plan",
    "suggests",
    "channels",
    "valid_from",
    "valid_until",
];

struct Entry {
    key: String,
    key_at: Mark,
    value: Node,
}

struct Reader<'a> {
    file: &'a str,
    entries: Vec<Entry>,
    findings: Vec<Finding>,
    marks: Marks,
}

impl Reader<'_> {
    fn article(&mut self, bytes: &[u8]) -> Option<Article> {
        let text = self.utf8(bytes)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
        let parts = match front_matter::split(&text) {
            Ok(parts) => parts,
            Err(Missing::Opening) if is_readme(self.file) => return None,
            Err(Missing::Opening) => {
                return self.error(
                    "no_front_matter",
                    Mark::START,
                    "the file does not begin with a `---` line: begin it with `---`, an id, a title and `---`, or move it out of the folder",
                );
            }
            Err(Missing::Closing) => {
                return self.error(
                    "unclosed_front_matter",
                    Mark::START,
                    "no second `---` line closes the front matter: add one before the text",
                );
            }
        };
        self.keys(parts.yaml)?;
        let article = self.values(parts.body.trim());
        if article.text.is_empty() {
            self.error("empty_body", parts.closed_at, "nothing to answer with: write the answer below this line")
        } else {
            Some(article)
        }
    }

    fn utf8<'b>(&mut self, bytes: &'b [u8]) -> Option<&'b str> {
        let error = match std::str::from_utf8(bytes) {
            Ok(text) => return Some(text),
            Err(error) => error,
        };
        let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let line = good.matches('\n').count() + 1;
        let column = good.rsplit('\n').next().unwrap_or_default().trim_start_matches('\u{feff}').chars().count() + 1;
        let at = Mark { line: bounded(line), column: bounded(column) };
        self.error("not_utf8", at, "the file is not UTF-8 from here on: save it as UTF-8")
    }

    /// Fills `entries` with the known keys.
    fn keys(&mut self, yaml: &str) -> Option<()> {
        let tree = match front_matter::parse(yaml) {
            Ok(tree) => tree,
            Err(broken) => return self.error("broken_yaml", broken.at, broken.message),
        };
        let Value::Map(pairs) = tree.value else {
            return self.error("broken_yaml", tree.at, "the front matter must be lines of `key: value`");
        };
        for (key, value) in pairs {
            let Value::Text(name) = key.value else {
                self.fail("broken_yaml", key.at, "a key must be a word");
                continue;
            };
            if !KEYS.contains(&name.as_str()) {
                let advice = nearest_key(&name).map_or_else(
                    || format!("the keys are {}", KEYS.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                self.fail("unknown_key", key.at, format!("unknown key `{name}`: {advice}"));
            } else if self.entries.iter().any(|entry| entry.key == name) {
                self.fail("duplicate_key", key.at, format!("`{name}` stands here a second time: keep one"));
            } else {
                self.entries.push(Entry { key: name, key_at: key.at, value });
            }
        }
        Some(())
    }

    /// Reads every key, so that one look reports every mistake.
    fn values(&mut self, markdown: &str) -> Article {
        let id = self.id();
        let title = self.required("title", "missing_title", "what the article answers, as a customer would ask it");
        let language = self.language();
        let (phrases, phrase_marks) = self.phrases();
        let (tags, _) = self.texts("tags");
        let queue = self.text("queue").map(|(queue, _)| QueueName::new(queue));
        let handoff = self.handoff();
        let plan = self.text("plan").map(|(plan, _)| plan);
        let (suggests, suggest_marks) = self.texts("suggests");
        let channels = self.channels();
        let (valid_from, _) = self.date("valid_from").unzip();
        let (valid_until, until_at) = self.date("valid_until").unzip();
        if let (Some(from), Some(until), Some(at)) = (valid_from, valid_until, until_at)
            && until < from
        {
            self.fail(
                "dates_reversed",
                at,
                format!("`valid_until` {until} is before `valid_from` {from}: exchange or correct them"),
            );
        }
        if title.chars().count() > MAX_TITLE_CHARS {
            let at = self.place("title");
            self.fail(
                "long_title",
                at,
                format!("the title is longer than {MAX_TITLE_CHARS} characters: it must fit on a button"),
            );
        }
        self.marks.phrases = phrase_marks;
        self.marks.suggests = suggest_marks;
        self.marks.valid_until = until_at.unwrap_or(Mark::START);
        let rendered = render::render(markdown);
        Article {
            id,
            language,
            title,
            phrases,
            tags,
            queue,
            handoff,
            plan,
            suggests: suggests.into_iter().map(ArticleId).collect(),
            channels,
            valid_from,
            valid_until,
            markdown: markdown.to_owned(),
            text: rendered.text,
            html: rendered.html,
            passages: rendered.passages,
            file: self.file.to_owned(),
        }
    }

    fn id(&mut self) -> ArticleId {
        let id = self.required("id", "missing_id", "the name of the article in every language, such as `refund-time`");
        let at = self.place("id");
        self.marks.id = at;
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !id.is_empty() && (!id.chars().all(allowed) || id.len() > MAX_ID_CHARS) {
            self.fail("bad_id", at, format!("`{id}` is no id: use a-z, 0-9 and `-`, at most {MAX_ID_CHARS} of them"));
        }
        ArticleId::new(id)
    }

    fn language(&mut self) -> Language {
        let known = Language::ALL.map(Language::tag).join(", ");
        let from_folder = self.file.rsplit('/').skip(1).find_map(Language::parse);
        let Some((tag, at)) = self.text("language") else {
            if from_folder.is_none() && !self.has("language") {
                self.fail(
                    "missing_language",
                    Mark::START,
                    format!("no language: add `language:` or put the file into a folder named {known}"),
                );
            }
            return from_folder.unwrap_or(Language::En);
        };
        let named = Language::parse(&tag);
        match (named, from_folder) {
            (None, _) => self.fail(
                "unknown_language",
                at,
                format!("`{tag}` is no language that Firstline has an analyser for: use one of {known}"),
            ),
            (Some(named), Some(folder)) if named != folder => {
                let message = format!(
                    "`language: {tag}` stands in a folder for {folder}; {named} counts. Move the file or correct the line"
                );
                self.findings.push(Finding::warning("language_not_of_folder", self.file, at, message));
            }
            (Some(_), _) => {}
        }
        named.unwrap_or(Language::En)
    }

    /// A phrase that is too long is left out, so that it can neither train the classifier nor choke the encoder.
    fn phrases(&mut self) -> (Vec<String>, Vec<Mark>) {
        let had = self.has("phrases");
        let place = if had { self.place("phrases") } else { self.place("title") };
        let (phrases, marks) = self.texts("phrases");
        let (long, kept): (Vec<_>, Vec<_>) =
            phrases.into_iter().zip(marks).partition(|(phrase, _)| phrase.chars().count() > MAX_PHRASE_CHARS);
        if kept.is_empty() && long.is_empty() {
            let message =
                "no phrases: list a few ways in which customers ask for this, or it is found by its own words only";
            self.findings.push(Finding::warning("no_phrases", self.file, place, message));
        }
        for (_, at) in long {
            let message =
                format!("the phrase is longer than {MAX_PHRASE_CHARS} characters and is left out: shorten it");
            self.findings.push(Finding::warning("long_phrase", self.file, at, message));
        }
        kept.into_iter().unzip()
    }

    fn handoff(&mut self) -> HandoffRule {
        let Some((rule, at)) = self.text("handoff") else { return HandoffRule::default() };
        match rule.as_str() {
            "never" => HandoffRule::Never,
            "offer" => HandoffRule::Offer,
            "always" => HandoffRule::Always,
            other => {
                self.fail("bad_handoff", at, format!("`{other}` is no handoff rule: use never, offer or always"));
                HandoffRule::default()
            }
        }
    }

    fn channels(&mut self) -> Vec<ChannelKind> {
        let (names, marks) = self.texts("channels");
        let mut channels = vec![];
        for (name, at) in names.into_iter().zip(marks) {
            match name.as_str() {
                "web" => channels.push(ChannelKind::Web),
                "telegram" => channels.push(ChannelKind::Telegram),
                other => self.fail("bad_channel", at, format!("`{other}` is no channel: use web or telegram")),
            }
        }
        channels
    }

    fn date(&mut self, key: &'static str) -> Option<(Date, Mark)> {
        let (text, at) = self.text(key)?;
        match text.parse::<Date>() {
            Ok(day) if text.len() == "2026-01-31".len() => Some((day, at)),
            Ok(_) | Err(_) => self.error("bad_date", at, format!("`{text}` is no day: write it as 2026-01-31")),
        }
    }

    fn required(&mut self, key: &'static str, code: &'static str, what: &str) -> String {
        let found = self.text(key);
        // A value of the wrong type has its finding already.
        if found.is_none() && self.take_nothing(key) {
            let at = self.place(key);
            self.fail(code, at, format!("`{key}` is missing: {what}"));
        }
        found.map(|(text, _)| text).unwrap_or_default()
    }

    /// One value. Nothing after the colon counts as no key at all.
    fn text(&mut self, key: &'static str) -> Option<(String, Mark)> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        let at = entry.value.at;
        match &entry.value.value {
            Value::Text(text) if !text.is_empty() => Some((text.clone(), at)),
            Value::Text(_) | Value::Nothing => None,
            Value::List(_) | Value::Map(_) => self.error(
                "wrong_type",
                at,
                format!("`{key}` takes one value: write it on the same line, in quotes if it contains `: `"),
            ),
        }
    }

    /// A list of values.
    fn texts(&mut self, key: &'static str) -> (Vec<String>, Vec<Mark>) {
        let Some(entry) = self.entries.iter().find(|entry| entry.key == key) else { return (vec![], vec![]) };
        let mut wrong = vec![];
        let mut texts = vec![];
        match &entry.value.value {
            Value::Nothing => {}
            Value::List(items) => {
                for item in items {
                    match &item.value {
                        Value::Text(text) if !text.is_empty() => texts.push((text.clone(), item.at)),
                        Value::Text(_) | Value::Nothing => {
                            wrong.push((item.at, "is empty: write something or remove it"))
                        }
                        Value::List(_) => wrong.push((item.at, "is a list itself: write one value for each `-`")),
                        Value::Map(_) => wrong.push((item.at, "contains `: `: put it in quotes")),
                    }
                }
            }
            Value::Text(_) | Value::Map(_) => {
                let at = entry.value.at;
                self.fail("wrong_type", at, format!("`{key}` takes a list: write `- ` lines below it, or `[a, b]`"));
            }
        }
        for (at, what) in wrong {
            self.fail("wrong_type", at, format!("an item of `{key}` {what}"));
        }
        texts.into_iter().unzip()
    }

    fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    /// Whether nothing stands under `key`.
    fn take_nothing(&self, key: &str) -> bool {
        let entry = self.entries.iter().find(|entry| entry.key == key);
        entry.is_none_or(|entry| match &entry.value.value {
            Value::Nothing => true,
            Value::Text(text) => text.is_empty(),
            Value::List(_) | Value::Map(_) => false,
        })
    }

    /// Where the value of `key` stands, its name where the value is missing, or the head of the file.
    fn place(&self, key: &str) -> Mark {
        let entry = self.entries.iter().find(|entry| entry.key == key);
        entry.map_or(Mark::START, |entry| match entry.value.value {
            Value::Nothing => entry.key_at,
            Value::Text(_) | Value::List(_) | Value::Map(_) => entry.value.at,
        })
    }

    fn fail(&mut self, code: &'static str, at: Mark, message: impl Into<String>) {
        self.findings.push(Finding::error(code, self.file, at, message));
    }

    fn error<T>(&mut self, code: &'static str, at: Mark, message: impl Into<String>) -> Option<T> {
        self.fail(code, at, message);
        None
    }
}

/// Such files explain the folder to people and need no front matter.
fn is_readme(file: &str) -> bool {
    file.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case("readme.md"))
}

fn bounded(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The key that a slip of at most two letters makes `name` of.
fn nearest_key(name: &str) -> Option<&'static str> {
    if name.len() > MAX_ID_CHARS {
        return None;
    }
    let name = name.to_lowercase();
    let nearest = KEYS.into_iter().min_by_key(|key| distance(&name, key))?;
    (distance(&name, nearest) <= 2 && name.len() > 2).then_some(nearest)
}

/// Levenshtein's, over bytes; keys are ASCII.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "---\nid: refund-time\ntitle: When?\nphrases: [where is my money]\n---\nSoon.\n";

    #[test]
    fn a_good_file_is_an_article() {
        let file = "---\r\nid: refund-time\r\ntitle: \"When: how long?\"\r\nlanguage: zh-TW # Taiwan\r\nphrases:\r\n  - one\r\n  - 2026\r\n\
            tags: [a]\r\nqueue: payments\r\nhandoff: always\r\nplan: Look.\r\nsuggests: [b, c]\r\nchannels: [web, telegram]\r\n\
            valid_from: 2026-01-01\r\nvalid_until: 2026-12-31\r\n---\r\n**Five** days.\r\n";
        let source = read("faq/a.md", format!("\u{feff}{file}").as_bytes());
        assert_eq!(source.findings, []);
        let article = source.article.expect("an article");
        assert_eq!(article.id.as_str(), "refund-time");
        assert_eq!(article.language, Language::ZhHant);
        assert_eq!(article.title, "When: how long?");
        assert_eq!(article.phrases, ["one", "2026"]);
        assert_eq!(article.queue, Some(QueueName::new("payments")));
        assert_eq!(article.handoff, HandoffRule::Always);
        assert_eq!(article.plan.as_deref(), Some("Look."));
        assert_eq!(article.suggests, [ArticleId::new("b"), ArticleId::new("c")]);
        assert_eq!(article.channels, [ChannelKind::Web, ChannelKind::Telegram]);
        assert_eq!(article.valid_from, Some(jiff::civil::date(2026, 1, 1)));
        assert_eq!(article.markdown, "**Five** days.");
        assert_eq!(article.text, "Five days.");
        assert_eq!(article.file, "faq/a.md");
        assert_eq!(source.marks.phrases, [Mark { line: 6, column: 5 }, Mark { line: 7, column: 5 }]);
        assert_eq!(source.marks.id, Mark { line: 2, column: 5 });
    }

    #[test]
    fn the_nearest_folder_names_the_language() {
        let check = |file: &str, expected: Option<Language>| {
            let source = read(file, GOOD.as_bytes());
            assert_eq!(source.article.map(|article| article.language), expected, "{file}: {:?}", source.findings);
        };
        check("ru/delivery/a.md", Some(Language::Ru));
        check("en/zh-Hant/a.md", Some(Language::ZhHant));
        check("faq/a.md", None);
    }

    #[test]
    fn every_mistake_has_its_place() {
        let check = |text: &str, code: &str, line: u32, column: u32| {
            let source = read("en/a.md", text.as_bytes());
            let said: Vec<_> = source.findings.iter().map(|f| (f.code, f.line, f.column)).collect();
            assert_eq!(said, [(code, line, column)], "{text:?}: {:?}", source.findings);
            let broken = source.findings[0].severity == Severity::Error;
            assert_eq!(source.article.is_none(), broken, "{text:?}");
        };
        let with = |head: &str| format!("---\nid: a\ntitle: T\nphrases: [p]\n{head}\n---\nBody\n");
        check("# Just text\n", "no_front_matter", 1, 1);
        check("---\nid: a\ntitle: T\n", "unclosed_front_matter", 1, 1);
        check("---\n- a\n---\nBody", "broken_yaml", 2, 1);
        check("---\ntitle: T\nphrases: [p]\n---\nBody", "missing_id", 1, 1);
        check("---\nid:\ntitle: T\nphrases: [p]\n---\nBody", "missing_id", 2, 1);
        check("---\nid: a\nphrases: [p]\n---\nBody", "missing_title", 1, 1);
        check("---\nid: Refund Time\ntitle: T\nphrases: [p]\n---\nBody", "bad_id", 2, 5);
        check("---\nid: a\ntitle: T\n---\nBody", "no_phrases", 3, 8);
        check("---\nid: a\ntitle: T\nphrases:\n---\nBody", "no_phrases", 4, 1);
        check("---\nid: a\ntitle: [T]\nphrases: [p]\n---\nBody", "wrong_type", 3, 8);
        check("---\nid: a\ntitle: T\nphrases: [p]\n---\n\n<!-- nothing -->\n", "empty_body", 5, 1);
        check(&with("phrases: [q]"), "duplicate_key", 5, 1);
        check(&with("frases: [q]"), "unknown_key", 5, 1);
        check(&with("language: de"), "unknown_language", 5, 11);
        check(&with("language: ru"), "language_not_of_folder", 5, 11);
        check(&with("handoff: maybe"), "bad_handoff", 5, 10);
        check(&with("channels: [web, fax]"), "bad_channel", 5, 17);
        check(&with("tags: refunds"), "wrong_type", 5, 7);
        check(&with("tags:\n  - ok\n  - not: ok"), "wrong_type", 7, 5);
        check(&with("tags:\n  - ok\n  -"), "wrong_type", 7, 4);
        check(&with("valid_from: 1.2.2026"), "bad_date", 5, 13);
        check(&with("valid_until: 2026-02-30"), "bad_date", 5, 14);
        check(&with("valid_from: 2026-02-01\nvalid_until: 2026-01-01"), "dates_reversed", 6, 14);
        check(&with("plan: Ask: first"), "broken_yaml", 5, 10);
        check(
            &with(&format!("tags: []\nplan: x\nqueue: q\nsuggests:\n  - b\n\n# {}", "c".repeat(3)))
                .replace("[p]", &format!("\n  - p\n  - {}", "x".repeat(501))),
            "long_phrase",
            6,
            5,
        );
        let hint = read("en/a.md", with("frases: [q]").as_bytes()).findings.remove(0).message;
        assert!(hint.contains("did you mean `phrases`"), "{hint}");
    }

    #[test]
    fn one_look_reports_everything() {
        let source = read("a.md", b"---\nid: A\nqueu: x\nhandoff: no\n---\n");
        let codes: Vec<_> = source.findings.iter().map(|f| f.code).collect();
        assert_eq!(
            codes,
            ["unknown_key", "bad_id", "missing_title", "missing_language", "no_phrases", "bad_handoff", "empty_body"]
        );
    }

    #[test]
    fn bytes_that_are_not_utf8_have_a_place() {
        let source = read("en/a.md", b"---\nid: a\ntitle: \xd0\xb4\xff\n---\n");
        assert_eq!((source.findings[0].code, source.findings[0].line, source.findings[0].column), ("not_utf8", 3, 9));
    }

    #[test]
    fn a_readme_is_no_article() {
        let source = read("en/README.md", b"# How we write\n");
        assert!(source.article.is_none());
        assert_eq!(source.findings, []);
        assert!(read("en/readme.md", GOOD.as_bytes()).article.is_some());
    }
}
