//! The shipped cases are honest: not the articles' own words, not solvable by words alone, and enough of them.

use firstline::answering::{Answering, Options};
use firstline::clock::Clock;
use firstline::domain::{Policy, PolicyWish};
use firstline::eval::{self, Case, StrangerShare};
use firstline::knowledge::{KnowledgeBase, words};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub fn all_cases() -> Vec<Case> {
    let files = ["en", "zh-Hans", "zh-Hant", "ru"];
    let read = |name: &str| eval::read_cases(&root().join("tests/cases").join(format!("{name}.jsonl"))).unwrap();
    files.iter().flat_map(|name| read(name)).collect()
}

pub fn shipped_articles() -> KnowledgeBase {
    KnowledgeBase::load(Path::new(&root().join("knowledge_base")), Clock::system().today(), None).unwrap()
}

#[test]
fn there_are_enough_of_them() {
    let cases = all_cases();
    let n_strangers = cases.iter().filter(|case| case.expect.is_empty()).count();
    assert!(cases.len() >= 300, "{} cases", cases.len());
    assert!(n_strangers >= 80, "{n_strangers} strangers' questions");
    let languages: HashSet<_> = cases.iter().map(|case| case.language).collect();
    assert_eq!(languages.len(), 4, "{languages:?}");
}

#[test]
fn no_case_repeats_the_words_of_a_phrase_of_its_article() {
    let base = shipped_articles();
    let mut copies = vec![];
    for case in all_cases() {
        let language = case.language.expect("every shipped case names its language");
        let asked = units(&case.text, language.is_chinese());
        for article in base.articles.iter().filter(|a| a.language == language && case.expect.contains(&a.id)) {
            for phrase in &article.phrases {
                let known = units(phrase, language.is_chinese());
                let n_shared = asked.iter().filter(|unit| known.contains(*unit)).count();
                if n_shared * 2 > asked.len() {
                    copies.push(format!(
                        "{:?} shares {n_shared} of {} with {phrase:?} of {}",
                        case.text,
                        asked.len(),
                        article.id
                    ));
                }
            }
        }
    }
    assert!(copies.is_empty(), "{} cases:\n{}", copies.len(), copies.join("\n"));
}

/// Words; in Chinese, pairs of characters.
fn units(text: &str, is_chinese: bool) -> HashSet<String> {
    let normalised = words::normalise(text);
    if is_chinese {
        let letters: Vec<char> = normalised.chars().filter(|c| c.is_alphanumeric()).collect();
        return letters.windows(2).map(|pair| pair.iter().collect()).collect();
    }
    normalised.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn words_alone_answer_at_most_half_of_them() {
    let options = Options {
        knowledge: root().join("knowledge_base"),
        model: None,
        cache: None,
        threads: 0,
        encoder_wait: Duration::ZERO,
        policy: PolicyWish::default(),
    };
    let answering = Answering::open(options, Clock::system()).await.unwrap();
    let cases = all_cases();
    eval::check_expectations(&cases, &answering).unwrap();
    let judged = eval::judge(&answering, &cases, || {}).await;
    let figures = eval::figures(&judged, &Policy::default(), StrangerShare::default());
    assert!(figures.overall.accuracy_bm25 <= 0.5, "BM25 alone is right for {:.3}", figures.overall.accuracy_bm25);
    assert!(
        figures.overall.accuracy_bm25 > 0.1,
        "BM25 alone is right for {:.3}: is it broken?",
        figures.overall.accuracy_bm25
    );
}
