//! Reads one file into an article, or into findings that say where it is broken.

use super::finding::{Finding, Mark, Severity};
use super::front_matter::{self, Missing, Value};
use super::keys::Keys;
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
    let mut reader = Reader { keys: Keys::of(file), marks: Marks::default() };
    let article = reader.article(bytes);
    let Reader { keys: Keys { findings, .. }, marks } = reader;
    let is_broken = findings.iter().any(|finding| finding.severity == Severity::Error);
    let article = article.filter(|_| !is_broken).map(Arc::new);
    Source { file: file.to_owned(), digest: digest(bytes), article, marks, findings }
}

struct Reader<'a> {
    keys: Keys<'a>,
    marks: Marks,
}

impl Reader<'_> {
    /// `None` when it is no article, with a finding unless it need not be one.
    fn article(&mut self, bytes: &[u8]) -> Option<Article> {
        let text = self.utf8(bytes)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
        let parts = match front_matter::split(&text) {
            Ok(parts) => parts,
            Err(Missing::Opening) if is_readme(self.keys.file) => return None,
            Err(Missing::Opening) => {
                let message = "the file does not begin with a `---` line: begin it with `---`, an id, a title and `---`, or move it away";
                return self.fail("no_front_matter", Mark::START, message);
            }
            Err(Missing::Closing) => {
                let message = "no second `---` line closes the front matter: add one before the text";
                return self.fail("unclosed_front_matter", Mark::START, message);
            }
        };
        match front_matter::parse(parts.yaml) {
            Ok(tree) => match tree.value {
                Value::Map(pairs) => self.keys.fill(pairs),
                Value::Nothing | Value::Text(_) | Value::List(_) => {
                    return self.fail("broken_yaml", tree.at, "the front matter must be lines of `key: value`");
                }
            },
            Err(broken) => return self.fail("broken_yaml", broken.at, broken.message),
        }
        let article = self.values(parts.body.trim());
        if article.text.is_empty() {
            let message = "nothing to answer with: write the answer below this line";
            return self.fail("empty_body", parts.closed_at, message);
        }
        Some(article)
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
        self.fail("not_utf8", at, "the file is not UTF-8 from here on: save it as UTF-8")
    }

    /// Reads every key, so that one look reports every mistake.
    fn values(&mut self, markdown: &str) -> Article {
        let id = self.id();
        let title = self.title();
        let language = self.language();
        let (phrases, phrase_marks) = self.phrases();
        let tags = self.keys.texts("tags").into_iter().map(|(tag, _)| tag).collect();
        let queue = self.keys.text("queue").map(|(queue, _)| QueueName::new(queue));
        let handoff = self.handoff();
        let plan = self.keys.text("plan").map(|(plan, _)| plan);
        let (suggests, suggest_marks) = self.keys.texts("suggests").into_iter().unzip::<String, Mark, Vec<_>, _>();
        let channels = self.channels();
        let (valid_from, valid_until) = self.days();
        self.marks.phrases = phrase_marks;
        self.marks.suggests = suggest_marks;
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
            file: self.keys.file.to_owned(),
        }
    }

    fn id(&mut self) -> ArticleId {
        let what = "the name of the article in every language, such as `refund-time`";
        let id = self.keys.required("id", "missing_id", what);
        self.marks.id = self.keys.place("id");
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !id.is_empty() && (!id.chars().all(allowed) || id.len() > MAX_ID_CHARS) {
            let message = format!("`{id}` is no id: use a-z, 0-9 and `-`, at most {MAX_ID_CHARS} of them");
            self.keys.fail("bad_id", self.marks.id, message);
        }
        ArticleId::new(id)
    }

    fn title(&mut self) -> String {
        let title =
            self.keys.required("title", "missing_title", "what the article answers, as a customer would ask it");
        if title.chars().count() > MAX_TITLE_CHARS {
            let message = format!("the title is longer than {MAX_TITLE_CHARS} characters: it must fit on a button");
            self.keys.fail("long_title", self.keys.place("title"), message);
        }
        title
    }

    fn language(&mut self) -> Language {
        let known = Language::ALL.map(Language::tag).join(", ");
        let from_folder = self.keys.file.rsplit('/').skip(1).find_map(folder_language);
        let Some((tag, at)) = self.keys.text("language") else {
            if from_folder.is_none() {
                let message = format!("no language: add `language:` or put the file into a folder named {known}");
                self.keys.fail("missing_language", self.keys.place("language"), message);
            }
            return from_folder.unwrap_or(Language::En);
        };
        let named = Language::parse(&tag);
        match (named, from_folder) {
            (None, _) => {
                let message = format!("`{tag}` is no language that Firstline has an analyser for: use one of {known}");
                self.keys.fail("unknown_language", at, message);
            }
            (Some(named), Some(folder)) if named != folder => {
                let message = format!(
                    "`language: {tag}` counts, though the folder is for {folder}: move the file or correct the line"
                );
                self.keys.warn("language_not_of_folder", at, message);
            }
            (Some(_), _) => {}
        }
        named.unwrap_or(Language::En)
    }

    /// A phrase that is too long is left out, so that it can neither train the classifier nor choke the encoder.
    fn phrases(&mut self) -> (Vec<String>, Vec<Mark>) {
        let all = self.keys.texts("phrases");
        if all.is_empty() {
            let at = self.keys.place(if self.keys.has("phrases") { "phrases" } else { "title" });
            let message = "no phrases: list a few ways in which customers ask for this, or only its own words find it";
            self.keys.warn("no_phrases", at, message);
        }
        let is_long = |phrase: &str| phrase.chars().count() > MAX_PHRASE_CHARS;
        for (_, at) in all.iter().filter(|(phrase, _)| is_long(phrase)) {
            let message =
                format!("the phrase is longer than {MAX_PHRASE_CHARS} characters and is left out: shorten it");
            self.keys.warn("long_phrase", *at, message);
        }
        all.into_iter().filter(|(phrase, _)| !is_long(phrase)).unzip()
    }

    fn handoff(&mut self) -> HandoffRule {
        let Some((rule, at)) = self.keys.text("handoff") else { return HandoffRule::default() };
        match rule.as_str() {
            "never" => HandoffRule::Never,
            "offer" => HandoffRule::Offer,
            "always" => HandoffRule::Always,
            other => {
                self.keys.fail("bad_handoff", at, format!("`{other}` is no handoff rule: use never, offer or always"));
                HandoffRule::default()
            }
        }
    }

    fn channels(&mut self) -> Vec<ChannelKind> {
        let mut channels = vec![];
        for (name, at) in self.keys.texts("channels") {
            match name.as_str() {
                "web" => channels.push(ChannelKind::Web),
                "telegram" => channels.push(ChannelKind::Telegram),
                other => self.keys.fail("bad_channel", at, format!("`{other}` is no channel: use web or telegram")),
            }
        }
        channels
    }

    fn days(&mut self) -> (Option<Date>, Option<Date>) {
        let (from, until) = (self.day("valid_from"), self.day("valid_until"));
        self.marks.valid_until = self.keys.place("valid_until");
        if let (Some(from), Some(until)) = (from, until)
            && until < from
        {
            let message = format!("`valid_until` {until} is before `valid_from` {from}: exchange or correct them");
            self.keys.fail("dates_reversed", self.marks.valid_until, message);
        }
        (from, until)
    }

    fn day(&mut self, key: &'static str) -> Option<Date> {
        let (text, at) = self.keys.text(key)?;
        match text.parse() {
            // jiff reads other ISO 8601 forms too; one form for all files is enough.
            Ok(day) if text.len() == "2026-01-31".len() => Some(day),
            Ok(_) | Err(_) => self.fail("bad_date", at, format!("`{text}` is no day: write it as 2026-01-31")),
        }
    }

    fn fail<T>(&mut self, code: &'static str, at: Mark, message: impl Into<String>) -> Option<T> {
        self.keys.fail(code, at, message);
        None
    }
}

/// Such files explain the folder to people and need no front matter.
fn is_readme(file: &str) -> bool {
    file.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case("readme.md"))
}

/// `zh-Hant` and `en_GB` are tags; `ru-delivery` is a topic.
fn folder_language(name: &str) -> Option<Language> {
    let is_tag = name.split(['-', '_']).all(|part| matches!(part.len(), 2..=4) && part.is_ascii());
    Language::parse(name).filter(|_| is_tag)
}

fn bounded(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
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
        check("ru-delivery/a.md", None);
        check("ru-delivery/en_GB/topic/a.md", Some(Language::En));
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
        check(&with("tags:\n  - ok\n  -"), "empty_item", 7, 4);
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
