//! What only a look at all articles together finds. Judges; reads nothing.

use super::base::Settled;
use super::finding::Finding;
use super::near_duplicates::{self, Phrase};
use super::words;
use crate::domain::{Article, ArticleId, Language};
use jiff::civil::Date;
use std::collections::{BTreeMap, HashSet};

/// Warnings about how the articles stand to each other and to `today`. Articles that live on their last good version count, but
/// nothing is said about them, because their places in the file are no longer known.
pub(super) fn across(settled: &[Settled], today: Date) -> Vec<Finding> {
    let mut findings = vec![];
    expired(settled, today, &mut findings);
    dead_suggestions(settled, &mut findings);
    missing_translations(settled, &mut findings);
    for language in Language::ALL {
        near_duplicate_phrases(settled, language, &mut findings);
    }
    findings
}

fn articles(settled: &[Settled]) -> impl Iterator<Item = (&Settled, &Article)> {
    settled.iter().filter_map(|settled| Some((settled, settled.source.article.as_deref()?)))
}

fn fresh(settled: &[Settled]) -> impl Iterator<Item = (&Settled, &Article)> {
    articles(settled).filter(|(settled, _)| settled.is_fresh)
}

fn expired(settled: &[Settled], today: Date, findings: &mut Vec<Finding>) {
    for (settled, article) in fresh(settled) {
        if let Some(last) = article.valid_until.filter(|&last| last < today) {
            let message = format!("expired: it has not answered since {last}. Move the date or remove the file");
            findings.push(Finding::warning("expired", &article.file, settled.source.marks.valid_until, message));
        }
    }
}

fn dead_suggestions(settled: &[Settled], findings: &mut Vec<Finding>) {
    let ids: HashSet<&ArticleId> = articles(settled).map(|(_, article)| &article.id).collect();
    for (settled, article) in fresh(settled) {
        for (id, at) in article.suggests.iter().zip(&settled.source.marks.suggests) {
            if !ids.contains(id) {
                let message = format!("`suggests` names `{id}`, which no article has: correct or remove it");
                findings.push(Finding::warning("dead_suggestion", &article.file, *at, message));
            }
        }
    }
}

/// A language counts once more than half of all ids have it.
fn missing_translations(settled: &[Settled], findings: &mut Vec<Finding>) {
    let mut by_id: BTreeMap<&ArticleId, Vec<(&Settled, &Article)>> = BTreeMap::new();
    for (settled, article) in articles(settled) {
        by_id.entry(&article.id).or_default().push((settled, article));
    }
    let has =
        |translations: &[(&Settled, &Article)], language| translations.iter().any(|(_, a)| a.language == language);
    let is_common = |language: &Language| 2 * by_id.values().filter(|all| has(all, *language)).count() > by_id.len();
    let common: Vec<Language> = Language::ALL.into_iter().filter(is_common).collect();
    for (id, translations) in &by_id {
        let missing: Vec<&str> = common.iter().filter(|l| !has(translations, **l)).map(|l| l.tag()).collect();
        let Some((settled, article)) = translations.iter().find(|(settled, _)| settled.is_fresh) else { continue };
        if !missing.is_empty() {
            let message = format!(
                "`{id}` has no translation into {}, which most articles have: write it, or those customers read {}",
                missing.join(", "),
                article.language
            );
            findings.push(Finding::warning("missing_translation", &article.file, settled.source.marks.id, message));
        }
    }
}

fn near_duplicate_phrases(settled: &[Settled], language: Language, findings: &mut Vec<Finding>) {
    let all: Vec<_> = fresh(settled).filter(|(_, article)| article.language == language).collect();
    let mut places = vec![];
    let mut phrases = vec![];
    for (owner, (settled, article)) in all.iter().enumerate() {
        for (phrase, at) in article.phrases.iter().zip(&settled.source.marks.phrases) {
            places.push((article, phrase, *at));
            phrases.push(Phrase { owner, tokens: words::tokens(&words::normalise(phrase), language) });
        }
    }
    for pair in near_duplicates::pairs(&phrases) {
        let (first, said_first, first_at) = places[pair.earlier];
        let (article, said, at) = places[pair.later];
        let message = format!(
            "“{}” is nearly “{}” of `{}` ({}, line {}): the bot cannot tell the two articles apart by it. Keep it in one of them",
            shown(said),
            shown(said_first),
            first.id,
            first.file,
            first_at.line
        );
        findings.push(Finding::warning("near_duplicate_phrase", &article.file, at, message));
    }
}

const SHOWN_CHARS: usize = 60;

fn shown(phrase: &str) -> String {
    if phrase.chars().count() <= SHOWN_CHARS {
        return phrase.to_owned();
    }
    phrase.chars().take(SHOWN_CHARS - 1).chain(['…']).collect()
}
