//! Reads labelled cases. A broken line is named before anything runs.

use crate::answering::Answering;
use crate::domain::{ArticleId, Language};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A question and the articles that would be right; none for a stranger's.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub text: String,
    pub expect: Vec<ArticleId>,
    pub language: Option<Language>,
    /// Where it stands, for errors: file and line from 1.
    pub place: (PathBuf, usize),
}

#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    #[error("{}: cannot be read: {source}", file.display())]
    Unreadable { file: PathBuf, source: std::io::Error },
    #[error("{}:{line}: {detail}", file.display())]
    BadLine { file: PathBuf, line: usize, detail: String },
    #[error("{}: holds no case", file.display())]
    Empty { file: PathBuf },
    #[error("{}: cannot be written: {source}", file.display())]
    Unwritable { file: PathBuf, source: std::io::Error },
}

#[derive(Deserialize)]
struct Line {
    text: String,
    /// Required, so that a forgotten label is not taken for a stranger's question.
    expect: Expect,
    #[serde(default)]
    language: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expect: neither an article id, nor a list of ids, nor null")]
enum Expect {
    One(ArticleId),
    Any(Vec<ArticleId>),
    Stranger(()),
}

pub fn read_cases(file: &Path) -> Result<Vec<Case>, EvalError> {
    let text =
        std::fs::read_to_string(file).map_err(|source| EvalError::Unreadable { file: file.to_owned(), source })?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let cases: Vec<Case> = lines.map(|(i, line)| case(file, i + 1, line)).collect::<Result<_, _>>()?;
    if cases.is_empty() {
        return Err(EvalError::Empty { file: file.to_owned() });
    }
    Ok(cases)
}

fn case(file: &Path, line: usize, json: &str) -> Result<Case, EvalError> {
    let bad = |detail: String| EvalError::BadLine { file: file.to_owned(), line, detail };
    // The parser saw this line alone, so its "line 1" would contradict ours.
    let value: serde_json::Value = serde_json::from_str(json)
        .map_err(|error| bad(error.to_string().replace(" at line 1 column ", " at column ")))?;
    if value.get("expect").is_none() {
        return Err(bad("needs \"expect\": an article id, a list of ids, or null for a stranger's question".into()));
    }
    let parsed: Line = serde_json::from_value(value).map_err(|error| bad(error.to_string()))?;
    let language = match parsed.language.as_deref().map(|tag| (tag, Language::parse(tag))) {
        Some((tag, None)) => return Err(bad(format!("language: {tag:?} is none of en, zh-Hans, zh-Hant, ru"))),
        Some((_, language)) => language,
        None => None,
    };
    let expect = match parsed.expect {
        Expect::One(id) => vec![id],
        Expect::Any(ids) if ids.is_empty() => {
            return Err(bad("expect: an empty list; write null for a stranger's question".into()));
        }
        Expect::Any(ids) => ids,
        Expect::Stranger(()) => vec![],
    };
    Ok(Case { text: parsed.text, expect, language, place: (file.to_owned(), line) })
}

/// An `expect` that is no article would count as a miss forever; it is an error before the run.
pub fn check_expectations(cases: &[Case], answering: &Answering) -> Result<(), EvalError> {
    for case in cases {
        if let Some(unknown) = case.expect.iter().find(|id| !answering.knows(id)) {
            let (file, line) = case.place.clone();
            return Err(EvalError::BadLine {
                file,
                line,
                detail: format!("expect: there is no article {unknown:?}", unknown = unknown.as_str()),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answering::Options;
    use crate::clock::Clock;
    use crate::domain::PolicyWish;
    use std::time::Duration;

    #[test]
    fn broken_lines_are_named() {
        let check = |content: &str, expected: &str| {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("cases.jsonl");
            std::fs::write(&file, content).unwrap();
            let error = read_cases(&file).expect_err(content).to_string();
            assert!(error.contains(expected), "{content:?} gave {error:?}");
        };
        check("{\"text\": \"a\", \"expect\": \"x\"}\n{oops\n", "cases.jsonl:2:");
        check("{\"text\": \"a\", \"expect\": \"x\"}\n\n{\"text\": \"a\",\n", "cases.jsonl:3: EOF while parsing");
        check("{oops\n", " at column 2");
        check("{\"text\": \"a\", \"expect\": 5}\n", "cases.jsonl:1: expect: neither an article id");
        check("{\"text\": \"a\"}\n", "cases.jsonl:1: needs \"expect\"");
        check("{\"expect\": null}\n", "missing field `text`");
        check("{\"text\": \"a\", \"expect\": []}\n", "empty list");
        check("{\"text\": \"a\", \"expect\": null, \"language\": \"de\"}\n", "\"de\"");
        check("\n\n", "holds no case");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_unknown_article_is_named_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("kb/en")).unwrap();
        let article = "---\nid: good\ntitle: Good\nphrases:\n  - is it good\n---\nYes, it is.\n";
        std::fs::write(folder.path().join("kb/en/good.md"), article).unwrap();
        let options = Options {
            knowledge: folder.path().join("kb"),
            model: None,
            cache: None,
            threads: 0,
            encoder_wait: Duration::ZERO,
            policy: PolicyWish::default(),
        };
        let answering = Answering::open(options, Clock::system()).await.unwrap();
        let cases_of = |name: &str, lines: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, lines).unwrap();
            read_cases(&file).unwrap()
        };
        let mut cases = cases_of("a.jsonl", "{\"text\":\"a\",\"expect\":\"good\"}\n{\"text\":\"b\",\"expect\":null}\n");
        check_expectations(&cases, &answering).unwrap();
        // Not the first file, not the first line, not the first id.
        cases.extend(cases_of(
            "b.jsonl",
            "{\"text\":\"a\",\"expect\":\"good\"}\n\n{\"text\":\"b\",\"expect\":[\"good\",\"nowhere\"]}\n",
        ));
        let error = check_expectations(&cases, &answering).unwrap_err().to_string();
        assert!(error.ends_with("b.jsonl:3: expect: there is no article \"nowhere\""), "{error}");
    }

    #[test]
    fn the_three_forms_of_expect() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cases.jsonl");
        let lines = "{\"text\":\"a\",\"expect\":\"x\"}\n\n{\"text\":\"b\",\"expect\":[\"x\",\"y\"],\"language\":\"zh\"}\n{\"text\":\"c\",\"expect\":null}\n";
        std::fs::write(&file, lines).unwrap();
        let cases = read_cases(&file).unwrap();
        assert_eq!(cases.iter().map(|c| c.expect.len()).collect::<Vec<_>>(), [1, 2, 0]);
        assert_eq!(cases[1].language, Some(Language::ZhHans));
        assert_eq!(cases[2].place.1, 4);
    }
}
