//! What each part says about a question: the words, the nearest texts, the classifier. Serving and calibration look through
//! the same eyes, so a confidence is always trained on what it will see.

use super::rows::Rows;
use crate::domain::Language;
use crate::intent::classifier::{Classifier, softmax};
use crate::intent::encoder::Vector;
use crate::intent::features::{self, Sparse};
use crate::intent::nearest::Nearest;
use crate::knowledge::{Index, KnowledgeError, Lexical, words};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A question, read once.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub normalised: String,
    pub language: Language,
    pub n_words: usize,
    pub sparse: Sparse,
}

impl Prepared {
    /// `normalised` went through `words::normalise`.
    pub fn new(normalised: String, language: Language) -> Self {
        let tokens = words::tokens(&normalised, language);
        let sparse = features::hashed(&normalised, &tokens);
        Self { language, n_words: tokens.len(), sparse, normalised }
    }
}

/// The parts that answer, of a snapshot or of one fold of it.
pub(super) struct Parts<'a> {
    pub n_labels: usize,
    pub index: &'a Index,
    /// For each position in `index`, its intent.
    pub label_of: &'a [u32],
    pub vectors: Option<VectorParts<'a>>,
    /// Over hashed n-grams alone; `None` without articles.
    pub words_classifier: Option<&'a Classifier>,
}

/// The languages that an encoder was made for. What it makes of others only misleads, so a question in another is judged by its words
/// alone, with the shipped weights; and, as what is never judged with fitted weights, it is no sample for fitting them either.
#[derive(Clone, Debug)]
pub(super) struct EncoderLanguages(Arc<[Language]>);

impl EncoderLanguages {
    pub fn of(languages: &[Language]) -> Self {
        Self(languages.into())
    }

    pub fn have(&self, language: Language) -> bool {
        self.0.contains(&language)
    }

    /// For keys; `None` when no language is missing.
    pub fn stamp(&self) -> Option<String> {
        let known = Language::ALL.into_iter().filter(|language| self.have(*language)).map(Language::tag);
        let known: Vec<&str> = known.collect();
        (known.len() < Language::ALL.len()).then(|| format!("languages {}", known.join(" ")))
    }
}

/// What only an encoder gives.
#[derive(Clone, Copy)]
pub(super) struct VectorParts<'a> {
    pub languages: &'a EncoderLanguages,
    pub rows: &'a Rows,
    /// For each row.
    pub labels: &'a [RowLabel],
    /// Rows to look at; `None` for all.
    pub seen: Option<&'a [bool]>,
    /// For each intent, the middle of its titles and phrases.
    pub centroids: &'a Nearest,
    /// Over embedding and hashed n-grams.
    pub classifier: &'a Classifier,
}

/// Whose text a vector is of.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowLabel {
    pub label: u32,
    pub kind: RowKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowKind {
    Title,
    Phrase,
    Passage,
}

/// What is known about one intent for one question. Cosines are -1 to 1, and 0 without an encoder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Raw {
    /// The classifier's probability, 0 to 1.
    pub classifier: f32,
    /// What the classifier sums up before probabilities are made of it.
    pub logit: f32,
    /// Cosine to the nearest title or phrase.
    pub phrase: f32,
    /// Mean cosine of the three nearest titles and phrases; what is missing of three repeats the last.
    pub phrases: f32,
    /// Cosine to the middle of titles and phrases.
    pub centroid: f32,
    pub title: f32,
    /// Whitened cosine to the nearest passage, which is read after its title.
    pub passage: f32,
    /// BM25, 0 and up.
    pub bm25: f32,
    /// BM25 over the question's own ceiling, 0 to 1.
    pub lexical: f32,
    /// The part of the question's words that stand together in the title and one passage, 0 to 1.
    pub coverage: f32,
}

/// Every intent that a part put forward.
#[derive(Clone, Debug, Default)]
pub(super) struct Pool {
    /// By intent.
    pub raw: BTreeMap<u32, Raw>,
    /// Share of the question's words that no article knows, 0 to 1.
    pub unknown_share: f32,
    /// Some article is in a language whose words the question's can match.
    pub has_language: bool,
    /// The encoder spoke, and knows the question's language.
    pub has_vectors: bool,
}

/// How many of its best each part puts forward.
const PUT_FORWARD: usize = 10;

impl Parts<'_> {
    pub fn search(&self, question: &Prepared, embedding: Option<&Vector>) -> Result<Pool, KnowledgeError> {
        let lexical = self.index.search(&question.normalised, question.language, PUT_FORWARD * 2)?;
        let mut pool =
            Pool { unknown_share: lexical.unknown_share, has_language: lexical.has_language, ..Pool::default() };
        for hit in &lexical.hits {
            let raw = pool.raw.entry(self.label_of[hit.position]).or_default();
            raw.bm25 = raw.bm25.max(hit.score);
            raw.lexical = raw.lexical.max((hit.score / lexical.ceiling.max(f32::MIN_POSITIVE)).clamp(0.0, 1.0));
        }
        let vectors = self.vectors.filter(|vectors| vectors.languages.have(question.language));
        match (vectors, embedding) {
            (Some(vectors), Some(embedding)) => {
                pool.has_vectors = true;
                vectors.join(&mut pool, self.n_labels, embedding, &question.sparse);
            }
            _ => {
                if let Some(classifier) = self.words_classifier {
                    let logits = classifier.logits(None, &question.sparse);
                    add_classifier(&mut pool, logits);
                }
            }
        }
        self.add_coverage(&mut pool, &lexical);
        Ok(pool)
    }
}

impl Parts<'_> {
    fn add_coverage(&self, pool: &mut Pool, lexical: &Lexical) {
        let mut is_in = vec![false; self.n_labels];
        pool.raw.keys().for_each(|label| is_in[*label as usize] = true);
        for (position, label) in self.label_of.iter().enumerate().filter(|(_, label)| is_in[**label as usize]) {
            if let Some(raw) = pool.raw.get_mut(label) {
                raw.coverage = raw.coverage.max(self.index.coverage(lexical, position));
            }
        }
    }
}

impl VectorParts<'_> {
    fn join(&self, pool: &mut Pool, n_labels: usize, embedding: &Vector, sparse: &Sparse) {
        let centroids = self.centroids.scores(embedding);
        let is_close = self.is_close(&centroids);
        let is_wanted = |row: usize| {
            let RowLabel { label, kind } = self.labels[row];
            self.seen.is_none_or(|seen| seen[row]) && (kind == RowKind::Passage || is_close[label as usize])
        };
        let mut near = vec![Near::default(); n_labels];
        for (row, score) in self.rows.scan(self.labels, embedding, is_wanted) {
            let RowLabel { label, kind } = self.labels[row];
            near[label as usize].see(score, kind);
        }
        // Whitened cosines are of another size.
        let of_titles = best_of(near.iter().map(|near| near.top[0]), PUT_FORWARD);
        for label in of_titles.into_iter().chain(best_of(near.iter().map(|near| near.passage), PUT_FORWARD)) {
            pool.raw.entry(label).or_default();
        }
        add_classifier(pool, self.classifier.logits(Some(embedding), sparse));
        for (label, raw) in &mut pool.raw {
            let near = &near[*label as usize];
            raw.phrase = near.top[0].max(0.0);
            raw.phrases = near.mean_of_top();
            raw.title = near.title.max(0.0);
            raw.passage = near.passage.max(0.0);
            raw.centroid = centroids.get(*label as usize).copied().unwrap_or(0.0);
        }
    }
}

impl VectorParts<'_> {
    /// By intent: whether its titles and phrases are worth a look. Where there are very many, only those whose middle is among the closest
    /// (an inverted file whose cells are the intents; Jégou, Douze and Schmid 2011).
    fn is_close(&self, centroids: &[f32]) -> Vec<bool> {
        let most = (centroids.len() / CELL_SHARE).max(MIN_CELLS);
        if !self.rows.nearest.is_large() || centroids.len() <= most {
            return vec![true; centroids.len()];
        }
        let mut is_close = vec![false; centroids.len()];
        best_of(centroids.iter().copied(), most).into_iter().for_each(|label| is_close[label as usize] = true);
        is_close
    }
}

/// One intent in this many is looked into, and at least so many.
const CELL_SHARE: usize = 10;
const MIN_CELLS: usize = 40;

/// The nearest texts of one intent.
#[derive(Clone)]
struct Near {
    /// Titles and phrases, best first.
    top: [f32; 3],
    title: f32,
    passage: f32,
}

impl Default for Near {
    fn default() -> Self {
        Self { top: [-1.0; 3], title: -1.0, passage: -1.0 }
    }
}

impl Near {
    fn see(&mut self, score: f32, kind: RowKind) {
        if kind == RowKind::Passage {
            self.passage = self.passage.max(score);
            return;
        }
        if kind == RowKind::Title {
            self.title = self.title.max(score);
        }
        let mut falling = score;
        for place in &mut self.top {
            if falling > *place {
                std::mem::swap(place, &mut falling);
            }
        }
    }

    fn mean_of_top(&self) -> f32 {
        let mut last = 0.0f32;
        let sum: f32 = self
            .top
            .iter()
            .map(|score| {
                last = if *score > -1.0 { *score } else { last };
                last
            })
            .sum();
        (sum / self.top.len() as f32).max(0.0)
    }
}

/// Puts the classifier's best forward and writes what it thinks of everyone in the pool.
fn add_classifier(pool: &mut Pool, logits: Vec<f32>) {
    for label in best_of(logits.iter().copied(), PUT_FORWARD) {
        pool.raw.entry(label).or_default();
    }
    let mut probabilities = logits.clone();
    softmax(&mut probabilities);
    for (label, raw) in &mut pool.raw {
        let place = *label as usize;
        if let (Some(logit), Some(probability)) = (logits.get(place), probabilities.get(place)) {
            (raw.logit, raw.classifier) = (*logit, *probability);
        }
    }
}

/// The positions of the largest values, at most `most`.
fn best_of(values: impl Iterator<Item = f32>, most: usize) -> Vec<u32> {
    let mut all: Vec<(u32, f32)> = values.enumerate().map(|(i, v)| (i as u32, v)).collect();
    let by_value = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if all.len() > most {
        all.select_nth_unstable_by(most, by_value);
        all.truncate(most);
    }
    all.into_iter().map(|(label, _)| label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_nearest_in_order_and_what_is_missing_repeats_the_last() {
        let mut near = Near::default();
        assert_eq!(near.mean_of_top(), 0.0);
        near.see(0.4, RowKind::Title);
        assert_eq!(near.mean_of_top(), 0.4);
        for score in [0.9, 0.2, 0.7] {
            near.see(score, RowKind::Phrase);
        }
        near.see(0.95, RowKind::Passage);
        assert_eq!((near.top, near.title, near.passage), ([0.9, 0.7, 0.4], 0.4, 0.95));
        assert!((near.mean_of_top() - 2.0 / 3.0).abs() < 1e-6);
    }

    #[test]
    fn only_a_missing_language_stands_in_keys() {
        let check = |known: &[Language], expected: Option<&str>| {
            assert_eq!(EncoderLanguages::of(known).stamp().as_deref(), expected, "{known:?}");
        };
        check(&Language::ALL, None);
        check(&[Language::Ru, Language::En], Some("languages en ru"));
        check(&[], Some("languages "));
    }

    #[test]
    fn the_largest_values_by_position() {
        let mut best = best_of((0..100).map(|i| ((i * 37) % 100) as f32), 10);
        best.sort_unstable();
        let mut expected: Vec<u32> = (0..100u32).filter(|i| (i * 37) % 100 >= 90).collect();
        expected.sort_unstable();
        assert_eq!(best, expected);
        assert_eq!(best_of([0.5, 0.5].into_iter(), 10), [0, 1]);
    }
}
