//! Questions whose truth is known, made from the articles' own phrases by cross-validation.
//!
//! In each fold some phrases of every article are held out and ask; and some intents are held out whole, whose phrases then
//! are strangers' questions. Nothing that is held out is in the index, among the nearest, or in the classifier's examples.

use super::AnsweringError;
use super::confidence::{Inputs, Sample};
use super::search::{Parts, Prepared, RowKind, VectorParts};
use super::texts::Texts;
use crate::domain::{Article, Language};
use crate::intent::classifier::{Classifier, Example, TrainOptions};
use crate::intent::encoder::Vector;
use crate::intent::features::{self, Sparse};
use crate::intent::nearest::Nearest;
use crate::knowledge::{Index, words};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What folds are made of.
pub(super) struct Material<'a> {
    pub active: &'a [Arc<Article>],
    pub texts: &'a Texts,
    /// One row for each text; `None` without an encoder.
    pub nearest: Option<&'a Nearest>,
    /// Strangers' questions that are no one's phrases, with their vectors where there is an encoder.
    pub strangers: &'a [(String, Language, Option<Vector>)],
    /// The share of strangers' questions among all that customers ask, 0 to 1.
    pub stranger_share: f64,
    /// `sparse_of` the texts.
    pub sparse: &'a [Sparse],
    /// Once true, there is no need to go on.
    pub is_outdated: &'a AtomicBool,
    pub threads: usize,
}

pub(super) const FOLDS: usize = 10;
/// Fewer intents than this, and leaving some out whole would leave too little.
const MIN_LABELS_FOR_STRANGERS: usize = 6;
/// Questions of a fold, at most: twenty-some weights need no more, and each costs a scan of all vectors.
const MAX_ASKED: usize = 400;
const MAX_HELD_OUT: usize = 200;
/// Of the strangers' mass, what those shipped take when there are held-out intents too: a neighbour's question is harder to
/// tell from a customer's, and the more common one.
const FOREIGN_SHARE: f64 = 0.4;

/// What a sample's question is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Asked {
    Known,
    /// Its intent was held out.
    Neighbour,
    /// One of the shipped strangers' questions.
    Foreign,
}

type Made = Result<Vec<(Asked, Sample)>, AnsweringError>;

/// Weighted so that strangers' questions make up their share. The same material gives the same samples in the same order, whatever the threads.
pub(super) fn samples(material: &Material<'_>) -> Result<Vec<Sample>, AnsweringError> {
    let next = AtomicUsize::new(0);
    let mut folds: Vec<(usize, Made)> = std::thread::scope(|scope| {
        let work = || {
            let mut done = vec![];
            loop {
                let fold = next.fetch_add(1, Ordering::Relaxed);
                if fold >= FOLDS || material.is_outdated.load(Ordering::Relaxed) {
                    return done;
                }
                done.push((fold, Fold::new(material, fold).samples()));
            }
        };
        let running: Vec<_> = (0..material.threads.clamp(1, FOLDS)).map(|_| scope.spawn(work)).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    folds.sort_by_key(|(fold, _)| *fold);
    if folds.len() < FOLDS {
        return Err(AnsweringError::Interrupted);
    }
    let mut all = vec![];
    for (_, samples) in folds {
        all.extend(samples?);
    }
    Ok(weighted(all, material.stranger_share))
}

fn weighted(all: Vec<(Asked, Sample)>, stranger_share: f64) -> Vec<Sample> {
    let count = |kind| all.iter().filter(|(asked, _)| *asked == kind).count();
    let (n_known, n_neighbour, n_foreign) = (count(Asked::Known), count(Asked::Neighbour), count(Asked::Foreign));
    let foreign = if n_neighbour == 0 { 1.0 } else { FOREIGN_SHARE };
    let foreign = if n_foreign == 0 { 0.0 } else { foreign };
    let strangers = if n_neighbour + n_foreign == 0 { 0.0 } else { stranger_share };
    let n_all = all.len() as f64;
    let weight = |asked: Asked| match asked {
        Asked::Known => (1.0 - strangers) * n_all / n_known as f64,
        Asked::Neighbour => strangers * (1.0 - foreign) * n_all / n_neighbour as f64,
        Asked::Foreign => strangers * foreign * n_all / n_foreign as f64,
    };
    all.into_iter().map(|(asked, sample)| Sample { weight: weight(asked), ..sample }).collect()
}

/// One fold: what is left out of the parts that answer in it.
struct Fold<'a> {
    material: &'a Material<'a>,
    number: usize,
    /// By intent: held out whole.
    is_out: Vec<bool>,
    /// By row.
    seen: Vec<bool>,
}

impl<'a> Fold<'a> {
    fn new(material: &'a Material<'a>, number: usize) -> Self {
        let texts = material.texts;
        let n_labels = texts.labels.len();
        let mut order: Vec<(u64, usize)> =
            texts.labels.iter().enumerate().map(|(label, id)| (hash(id.as_str()), label)).collect();
        order.sort_unstable();
        let mut is_out = vec![false; n_labels];
        if n_labels >= MIN_LABELS_FOR_STRANGERS {
            for (place, (_, label)) in order.iter().enumerate() {
                is_out[*label] = place % FOLDS == number;
            }
        }
        let seen = (0..texts.rows.len())
            .map(|row| !is_out[texts.rows[row].label as usize] && !asks_in(texts, row, number))
            .collect();
        Self { material, number, is_out, seen }
    }

    fn samples(&self) -> Result<Vec<(Asked, Sample)>, AnsweringError> {
        let texts = self.material.texts;
        let (articles, label_of) = self.articles();
        let index = Index::build(&articles)?;
        let words_classifier = self.material.nearest.is_none().then(|| self.classifier(false));
        let vectors = self.material.nearest.map(|nearest| {
            let centroids = texts.centroids(nearest, |row| self.seen[row]);
            (nearest, centroids, self.classifier(true))
        });
        let parts = Parts {
            n_labels: texts.labels.len(),
            index: &index,
            label_of: &label_of,
            vectors: vectors.as_ref().map(|(nearest, centroids, classifier)| VectorParts {
                nearest,
                rows: &texts.rows,
                seen: Some(&self.seen),
                centroids,
                classifier,
            }),
            words_classifier: words_classifier.as_ref(),
        };
        let mut samples = vec![];
        for (asked, row) in self.asking() {
            let question = Prepared::new(texts.all[row].clone(), texts.languages[row]);
            let embedding: Option<Vector> = self.material.nearest.map(|nearest| nearest.row(row).into());
            let truth = (asked == Asked::Known).then_some(texts.rows[row].label);
            samples.push((asked, self.sample(&parts, &question, embedding.as_ref(), truth)?));
        }
        let foreign = self.material.strangers.iter().enumerate().filter(|(i, _)| i % FOLDS == self.number);
        for (_, (text, language, embedding)) in foreign {
            let question = Prepared::new(words::normalise(text), *language);
            samples.push((Asked::Foreign, self.sample(&parts, &question, embedding.as_ref(), None)?));
        }
        Ok(samples)
    }

    fn sample(
        &self,
        parts: &Parts<'_>,
        question: &Prepared,
        embedding: Option<&Vector>,
        truth: Option<u32>,
    ) -> Result<Sample, AnsweringError> {
        let mut pool = parts.search(question, embedding)?;
        // The classifier knows the names of all intents, those held out too.
        pool.raw.retain(|label, _| !self.is_out[*label as usize]);
        let inputs = Inputs::of(&pool, question.n_words, question.language);
        let truth = truth.and_then(|truth| pool.raw.keys().position(|label| *label == truth));
        Ok(Sample { inputs, truth, weight: 1.0 })
    }

    /// The articles without what is held out, and the intent of each.
    fn articles(&self) -> (Vec<Arc<Article>>, Vec<u32>) {
        let texts = self.material.texts;
        let mut phrases: Vec<Vec<String>> = vec![vec![]; self.material.active.len()];
        for (row, (article, place)) in texts.places.iter().enumerate() {
            if texts.rows[row].kind == RowKind::Phrase && self.seen[row] {
                let article = *article as usize;
                phrases[article].push(self.material.active[article].phrases[*place as usize].clone());
            }
        }
        let left = self.material.active.iter().zip(phrases).zip(&texts.label_of);
        let left = left.filter(|(_, label)| !self.is_out[**label as usize]);
        left.map(|((article, phrases), label)| (Arc::new(Article { phrases, ..article.as_ref().clone() }), *label))
            .unzip()
    }

    fn classifier(&self, with_vectors: bool) -> Classifier {
        let examples = examples(
            self.material.texts,
            self.material.sparse,
            self.material.nearest.filter(|_| with_vectors),
            |row| self.seen[row],
        );
        // Folds run side by side.
        Classifier::train(
            &examples,
            self.material.texts.labels.len(),
            &TrainOptions { threads: 1, ..TrainOptions::default() },
        )
    }

    /// The rows that ask in this fold: spread evenly where there are too many.
    fn asking(&self) -> Vec<(Asked, usize)> {
        let texts = self.material.texts;
        let is_phrase = |row: &usize| texts.rows[*row].kind == RowKind::Phrase;
        let of = |wanted: Asked, most: usize| {
            let rows: Vec<usize> = (0..texts.rows.len())
                .filter(is_phrase)
                .filter(|row| match (self.is_out[texts.rows[*row].label as usize], wanted) {
                    (true, Asked::Neighbour) => true,
                    (false, Asked::Known) => asks_in(texts, *row, self.number),
                    _ => false,
                })
                .collect();
            let n = rows.len().min(most);
            (0..n).map(|i| (wanted, rows[i * rows.len() / n])).collect::<Vec<_>>()
        };
        let mut all = of(Asked::Known, MAX_ASKED);
        all.extend(of(Asked::Neighbour, MAX_HELD_OUT));
        all
    }
}

/// Whether a phrase is held out in fold `number`: each in one of them, those of one article in different ones.
fn asks_in(texts: &Texts, row: usize, number: usize) -> bool {
    let (article, place) = texts.places[row];
    texts.rows[row].kind == RowKind::Phrase && (article as usize * 7 + place as usize) % FOLDS == number
}

fn hash(text: &str) -> u64 {
    let digest = Sha256::digest(text.as_bytes());
    u64::from_be_bytes(digest[..8].try_into().expect("a digest has 32 bytes"))
}

/// What the classifiers see of each text beside its vector; of passages, which train nothing, nothing.
pub(super) fn sparse_of(texts: &Texts) -> Vec<Sparse> {
    let rows = texts.rows.iter().enumerate();
    rows.map(|(row, label)| match label.kind {
        RowKind::Passage => Sparse::default(),
        RowKind::Title | RowKind::Phrase => {
            features::hashed(&texts.all[row], &words::tokens(&texts.all[row], texts.languages[row]))
        }
    })
    .collect()
}

/// What a classifier learns from: titles are how the writer would ask, so they train like phrases.
pub(super) fn examples(
    texts: &Texts,
    sparse: &[Sparse],
    nearest: Option<&Nearest>,
    is_seen: impl Fn(usize) -> bool,
) -> Vec<Example> {
    let rows = texts.rows.iter().enumerate().filter(|(row, label)| label.kind != RowKind::Passage && is_seen(*row));
    rows.map(|(row, label)| Example {
        embedding: nearest.map(|nearest| nearest.row(row).into()),
        sparse: sparse[row].clone(),
        label: label.label,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::article;

    /// Eight articles of twelve phrases, each about one thing.
    fn shop() -> Vec<Arc<Article>> {
        let things = ["refund", "parcel", "invoice", "password", "warranty", "coupon", "address", "voucher"];
        let ways =
            ["where is my", "lost the", "need a new", "cannot find the", "help with the", "no", "broken", "wrong"];
        let phrases = |thing: &str| {
            let mut all: Vec<String> = ways.iter().map(|way| format!("{way} {thing}")).collect();
            all.extend(["please", "today", "again", "now"].map(|word| format!("{thing} {word}")));
            all
        };
        let write = |thing: &&str| {
            Arc::new(Article { title: format!("About the {thing}"), phrases: phrases(thing), ..article(thing) })
        };
        things.iter().map(write).collect()
    }

    fn made(active: &[Arc<Article>], threads: usize) -> Vec<Sample> {
        let texts = Texts::of(active);
        let strangers: Vec<_> = (0..20).map(|i| (format!("what is {i} times 7"), Language::En, None)).collect();
        let material = Material {
            active,
            texts: &texts,
            nearest: None,
            strangers: &strangers,
            stranger_share: 0.25,
            sparse: &sparse_of(&texts),
            is_outdated: &AtomicBool::new(false),
            threads,
        };
        samples(&material).unwrap()
    }

    #[test]
    fn every_phrase_asks_once_as_known_and_once_as_a_stranger() {
        let active = shop();
        let texts = Texts::of(&active);
        let sparse = sparse_of(&texts);
        let is_outdated = AtomicBool::new(false);
        let material = Material {
            active: &active,
            texts: &texts,
            nearest: None,
            strangers: &[],
            stranger_share: 0.2,
            sparse: &sparse,
            is_outdated: &is_outdated,
            threads: 1,
        };
        let mut n_asked = std::collections::HashMap::new();
        for number in 0..FOLDS {
            let fold = Fold::new(&material, number);
            let (articles, _) = fold.articles();
            let known: Vec<&String> = articles.iter().flat_map(|article| &article.phrases).collect();
            for (asked, row) in fold.asking() {
                let (article, place) = texts.places[row];
                let phrase = &active[article as usize].phrases[place as usize];
                assert!(!fold.seen[row] && !known.contains(&phrase), "{phrase} asks and is known");
                *n_asked.entry((asked, row)).or_insert(0) += 1;
            }
        }
        assert!(n_asked.values().all(|n| *n == 1));
        let count = |kind| n_asked.keys().filter(|(asked, _)| *asked == kind).count();
        assert_eq!(count(Asked::Neighbour), 96);
        // A phrase that would ask in the fold in which its own intent is out asks only as a stranger.
        assert!((80..=96).contains(&count(Asked::Known)), "{}", count(Asked::Known));
    }

    #[test]
    fn strangers_weigh_their_share_and_threads_change_nothing() {
        let active = shop();
        let one = made(&active, 1);
        let total: f64 = one.iter().map(|sample| sample.weight).sum();
        let n_right = one.iter().filter(|sample| sample.truth.is_some()).count();
        assert!((total - one.len() as f64).abs() < 1e-6, "{total}");
        assert!(n_right > 60, "{n_right} of {} find their article", one.len());
        let three = made(&active, 3);
        let plain =
            |samples: &[Sample]| samples.iter().map(|s| (s.inputs.clone(), s.truth, s.weight)).collect::<Vec<_>>();
        assert_eq!(plain(&one), plain(&three));
    }

    #[test]
    fn what_is_outdated_stops() {
        let active = shop();
        let texts = Texts::of(&active);
        let material = Material {
            active: &active,
            texts: &texts,
            nearest: None,
            strangers: &[],
            stranger_share: 0.2,
            sparse: &sparse_of(&texts),
            is_outdated: &AtomicBool::new(true),
            threads: 1,
        };
        assert!(matches!(samples(&material), Err(AnsweringError::Interrupted)));
    }
}
