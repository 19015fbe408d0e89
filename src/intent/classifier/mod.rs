//! The classifier: which intent a text has, learnt from the phrases of the articles.
//!
//! Multinomial logistic regression on the embedding joined with the sparse features (Pedregosa et al. 2011, scikit-learn,
//! the same objective as `LogisticRegression(C, class_weight="balanced")`); of very many labels what can be written down at
//! once instead (see `discriminant`). The same examples in the same order give the same classifier, whatever the number of
//! threads.

mod discriminant;
mod file;
mod problem;

pub use file::ClassifierError;

use super::features::Sparse;
use super::lbfgs;
use problem::Problem;
use std::borrow::Cow;

/// One phrase of a label. All embeddings of one training have one length, or are absent.
#[derive(Clone, Debug)]
pub struct Example<'a> {
    pub embedding: Option<Cow<'a, [f32]>>,
    pub sparse: Cow<'a, Sparse>,
    /// Below `n_labels`.
    pub label: u32,
}

#[derive(Clone, Debug)]
pub struct TrainOptions {
    /// Inverse strength of the regularisation (scikit-learn's C), above 0; larger fits the examples more closely.
    pub c: f32,
    /// Length of the sparse part beside an embedding of length 1.
    pub sparse_scale: f32,
    /// A piece of fewer examples is left out.
    pub min_examples: u32,
    /// Passes over all examples, at most.
    pub max_iterations: usize,
    pub threads: usize,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self { c: 10.0, sparse_scale: 1.0, min_examples: 2, max_iterations: 60, threads: 2 }
    }
}

/// Pieces beyond it are left out, those of the fewest examples first: it bounds the memory of the training.
pub const MAX_PIECES: usize = 20_000;
/// Numbers that pieces and labels make together, at most: 32 MiB, which training needs fifteen times.
const MAX_PIECE_WEIGHTS: usize = 1 << 23;
/// Above this many labels, or examples × labels, a pass over the examples takes too long to make sixty of.
const MAX_FITTED_LABELS: usize = 1_000;
const MAX_FITTED_PAIRS: usize = 20_000_000;

/// Weights, one row of `n_labels` for each dimension of the embedding, each known piece, and the bias.
#[derive(Clone, Debug, PartialEq)]
pub struct Classifier {
    n_labels: usize,
    /// Length of the embedding; 0: trained without.
    dims: usize,
    pieces: Pieces,
    /// (dims + pieces + 1) × n_labels.
    weights: Vec<f32>,
}

/// The sparse indexes that occur in the examples, in order, with what a value there is multiplied by.
#[derive(Clone, Debug, Default, PartialEq)]
struct Pieces {
    indexes: Vec<u32>,
    idf: Vec<f32>,
    /// The largest of `idf`, which stands in for an unknown piece's; at least 1.
    rarest: f32,
    scale: f32,
}

impl Classifier {
    /// Examples whose label is not below `n_labels` are left out. Without any, every label is as likely as another.
    pub fn train(examples: &[Example<'_>], n_labels: usize, options: &TrainOptions) -> Classifier {
        let examples: Vec<&Example<'_>> = examples.iter().filter(|e| (e.label as usize) < n_labels).collect();
        let dims = examples.iter().find_map(|e| e.embedding.as_deref()).map_or(0, <[f32]>::len);
        let is_large = n_labels > MAX_FITTED_LABELS || examples.len() * n_labels > MAX_FITTED_PAIRS;
        if is_large && dims > 0 {
            let weights = discriminant::of_embeddings(&examples, n_labels, dims);
            return Classifier { n_labels, dims, pieces: Pieces::default(), weights };
        }
        let pieces = Pieces::learn(&examples, n_labels, options);
        if is_large {
            let weights = discriminant::of_pieces(&examples, n_labels, &pieces);
            return Classifier { n_labels, dims, pieces, weights };
        }
        let problem = Problem::new(&examples, n_labels, dims, &pieces, options);
        let mut weights = vec![0.0; problem.n_weights()];
        let stop = lbfgs::Stop { max_passes: options.max_iterations, tolerance: 1e-4 };
        lbfgs::minimise(&mut weights, stop, |weights, gradient| problem.evaluate(weights, gradient));
        Classifier { n_labels, dims, pieces, weights }
    }

    /// One probability for each label, together 1. An embedding of another length than the training's counts as absent.
    pub fn predict(&self, embedding: Option<&[f32]>, sparse: &Sparse) -> Vec<f32> {
        let mut logits = self.logits(embedding, sparse);
        if !logits.is_empty() {
            softmax(&mut logits);
        }
        logits
    }

    /// One sum for each label, before probabilities are made of them.
    pub fn logits(&self, embedding: Option<&[f32]>, sparse: &Sparse) -> Vec<f32> {
        if self.n_labels == 0 {
            return Vec::new();
        }
        let mut rows = self.weights.chunks_exact(self.n_labels);
        let mut logits = rows.next_back().map(<[f32]>::to_vec).unwrap_or_default();
        let embedding = embedding.filter(|vector| vector.len() == self.dims).unwrap_or_default();
        for (value, row) in embedding.iter().zip(self.weights.chunks_exact(self.n_labels)) {
            add_scaled(&mut logits, *value, row);
        }
        for (place, value) in self.pieces.select(sparse) {
            let at = (self.dims + place as usize) * self.n_labels;
            add_scaled(&mut logits, value, &self.weights[at..at + self.n_labels]);
        }
        logits
    }

    pub fn n_labels(&self) -> usize {
        self.n_labels
    }

    /// For other labels: each takes over what was learnt of `places[label]`, and is an average one where that is `None`.
    pub fn relabelled(&self, places: &[Option<usize>]) -> Classifier {
        let rows = self.weights.chunks_exact(self.n_labels.max(1));
        let weights =
            rows.flat_map(|row| places.iter().map(|place| place.and_then(|p| row.get(p)).copied().unwrap_or(0.0)));
        let weights: Vec<f32> = weights.collect();
        Classifier { n_labels: places.len(), dims: self.dims, pieces: self.pieces.clone(), weights }
    }
}

impl Pieces {
    fn learn(examples: &[&Example<'_>], n_labels: usize, options: &TrainOptions) -> Self {
        let mut n_examples = std::collections::BTreeMap::<u32, u32>::new();
        for (index, _) in examples.iter().flat_map(|e| &e.sparse.0) {
            *n_examples.entry(*index).or_default() += 1;
        }
        let mut kept: Vec<(u32, u32)> = n_examples.into_iter().filter(|(_, n)| *n >= options.min_examples).collect();
        let most = MAX_PIECES.min(MAX_PIECE_WEIGHTS / n_labels.max(1));
        if kept.len() > most {
            kept.sort_by_key(|(index, n)| (std::cmp::Reverse(*n), *index));
            kept.truncate(most);
            kept.sort_unstable();
        }
        // Smoothed inverse document frequency, as scikit-learn's TfidfTransformer has it.
        let idf = |n: u32| ((1.0 + examples.len() as f32) / (1.0 + n as f32)).ln() + 1.0;
        let (indexes, idf) = kept.into_iter().map(|(index, n)| (index, idf(n))).unzip();
        Self::new(indexes, idf, options.sparse_scale)
    }

    fn new(indexes: Vec<u32>, idf: Vec<f32>, scale: f32) -> Self {
        Self { rarest: idf.iter().copied().fold(1.0, f32::max), indexes, idf, scale }
    }

    /// Places among the known pieces, with values weighted by rarity and scaled to the length `scale`.
    fn select(&self, sparse: &Sparse) -> Vec<(u32, f32)> {
        let known = |(index, value): &(u32, f32)| {
            let place = self.indexes.binary_search(index).ok()?;
            Some((place as u32, value * self.idf[place]))
        };
        let mut selected: Vec<(u32, f32)> = sparse.0.iter().filter_map(known).collect();
        // Unknown pieces count towards the length: a text of strange words should not shout.
        let square = |(index, value): &(u32, f32)| {
            let idf = self.indexes.binary_search(index).map_or(self.rarest, |place| self.idf[place]);
            (value * idf).powi(2)
        };
        let length = sparse.0.iter().map(square).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        for (_, value) in &mut selected {
            *value *= self.scale / length;
        }
        selected
    }
}

fn add_scaled(sums: &mut [f32], scale: f32, row: &[f32]) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += scale * value;
    }
}

/// Makes probabilities of logits, in place; returns the logarithm of the sum, which a loss needs.
pub fn softmax(logits: &mut [f32]) -> f32 {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for logit in logits.iter_mut() {
        *logit = (*logit - highest).exp();
        sum += *logit;
    }
    for logit in logits.iter_mut() {
        *logit /= sum;
    }
    highest + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intent::features::hashed;

    const PHRASES: &[(&str, u32)] = &[
        ("where is my parcel", 0),
        ("track my parcel", 0),
        ("when does the delivery come", 0),
        ("delivery status", 0),
        ("i want my money back", 1),
        ("refund please", 1),
        ("how do i get a refund", 1),
        ("回收旧电器", 2),
        ("旧电器怎么回收", 2),
    ];

    fn sparse(text: &str) -> Sparse {
        hashed(text, &text.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    /// Two dimensions: how much about parcels, how much about money.
    fn examples(with_embedding: bool) -> Vec<Example<'static>> {
        let embedding =
            |label: u32| with_embedding.then(|| vec![(label == 0) as u8 as f32, (label == 1) as u8 as f32].into());
        PHRASES
            .iter()
            .map(|(text, label)| Example {
                embedding: embedding(*label),
                sparse: Cow::Owned(sparse(text)),
                label: *label,
            })
            .collect()
    }

    fn best(probabilities: &[f32]) -> usize {
        (0..probabilities.len()).max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b])).unwrap()
    }

    #[test]
    fn learns_what_it_was_shown_and_a_little_more() {
        for with_embedding in [false, true] {
            let classifier = Classifier::train(&examples(with_embedding), 3, &TrainOptions::default());
            for example in examples(with_embedding) {
                let found = classifier.predict(example.embedding.as_deref(), &example.sparse);
                assert_eq!(best(&found), example.label as usize);
                assert!((found.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            }
        }
        // What was trained on embeddings leans on them; a question without one is for the classifier of words alone.
        let of_words = Classifier::train(&examples(false), 3, &TrainOptions::default());
        assert_eq!(best(&of_words.predict(None, &sparse("my refund"))), 1);
        assert_eq!(best(&of_words.predict(None, &sparse("电器回收"))), 2);
    }

    #[test]
    fn the_embedding_decides_where_words_say_nothing() {
        let classifier = Classifier::train(&examples(true), 3, &TrainOptions::default());
        assert_eq!(best(&classifier.predict(Some(&[0.0, 1.0]), &sparse("xyz"))), 1);
        assert_eq!(best(&classifier.predict(Some(&[1.0, 0.0]), &sparse("xyz"))), 0);
        let absent = classifier.predict(None, &sparse("xyz"));
        assert_eq!(classifier.predict(Some(&[1.0, 0.0, 0.0]), &sparse("xyz")), absent);
    }

    #[test]
    fn many_phrases_do_not_make_a_label_the_default() {
        let mut examples = examples(false);
        examples.extend(std::iter::repeat_n(examples[0].clone(), 50));
        let found = Classifier::train(&examples, 3, &TrainOptions::default()).predict(None, &Sparse::default());
        assert!(found[0] < 0.5, "{found:?}");
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let train =
            |threads| Classifier::train(&examples(true), 3, &TrainOptions { threads, ..TrainOptions::default() });
        assert_eq!(train(1), train(2));
        assert_eq!(train(1), train(7));
    }

    #[test]
    fn with_nothing_to_learn_nothing_is_likelier() {
        let options = TrainOptions::default();
        assert_eq!(Classifier::train(&[], 4, &options).predict(None, &sparse("refund")), [0.25; 4]);
        assert_eq!(Classifier::train(&[], 0, &options).predict(None, &sparse("refund")), [0.0; 0]);
        assert_eq!(Classifier::train(&examples(true), 0, &options).predict(None, &sparse("refund")), [0.0; 0]);
        let beyond = Example { label: 9, ..examples(false)[0].clone() };
        assert_eq!(Classifier::train(&[beyond], 2, &options).predict(None, &sparse("refund")), [0.5; 2]);
        let only = Classifier::train(&examples(false)[..1], 1, &options);
        assert_eq!(only.predict(None, &sparse("refund")), [1.0]);
    }

    #[test]
    fn very_many_labels_are_told_apart_at_once() {
        // Every label is a direction of its own, and has a word of its own.
        const LABELS: u32 = MAX_FITTED_LABELS as u32 + 20;
        let vector = |label: u32, shift: u32| -> Vec<f32> {
            // Scattered by the mixing steps of SplitMix64.
            let angle = |i: u64| {
                let seed = u64::from(label).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ i.wrapping_mul(0xbf58_476d_1ce4_e5b9);
                let mixed = (seed ^ (seed >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
                (mixed >> 40) as f32 / (1 << 24) as f32 - 0.5 + shift as f32 * 0.02 * (i % 3) as f32
            };
            let values: Vec<f32> = (0..24).map(angle).collect();
            let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
            values.into_iter().map(|v| v / length).collect()
        };
        let text = |label: u32, shift: u32| format!("thing{label} {}", ["please", "today", "again"][shift as usize]);
        let examples = |with_embedding: bool| -> Vec<Example<'static>> {
            let each = (0..LABELS).flat_map(|label| (0..2).map(move |shift| (label, shift)));
            each.map(|(label, shift)| Example {
                embedding: with_embedding.then(|| vector(label, shift).into()),
                sparse: Cow::Owned(sparse(&text(label, shift))),
                label,
            })
            .collect()
        };
        for with_embedding in [true, false] {
            let classifier = Classifier::train(&examples(with_embedding), LABELS as usize, &TrainOptions::default());
            let n_right = (0..LABELS).filter(|label| {
                let embedding = with_embedding.then(|| vector(*label, 2));
                best(&classifier.predict(embedding.as_deref(), &sparse(&text(*label, 2)))) == *label as usize
            });
            let n_right = n_right.count();
            assert!(n_right > LABELS as usize * 9 / 10, "{n_right} of {LABELS}, with embeddings: {with_embedding}");
        }
    }

    #[test]
    fn labels_can_come_and_go() {
        let classifier = Classifier::train(&examples(true), 3, &TrainOptions::default());
        let moved = classifier.relabelled(&[Some(1), None, Some(0)]);
        let asked = |classifier: &Classifier| classifier.logits(Some(&[0.0, 1.0]), &sparse("my refund"));
        let (before, after) = (asked(&classifier), asked(&moved));
        assert_eq!(after, [before[1], 0.0, before[0]]);
        assert_eq!(best(&after), 0);
        assert_eq!(classifier.relabelled(&[]).predict(None, &sparse("refund")), [0.0; 0]);
    }

    #[test]
    fn a_file_gives_back_the_same_classifier_or_an_error() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("classifier.bin");
        let classifier = Classifier::train(&examples(true), 3, &TrainOptions::default());
        classifier.save(&file).unwrap();
        assert_eq!(Classifier::load(&file).unwrap(), classifier);
        let whole = std::fs::read(&file).unwrap();
        for at in [0, 5, 16, 20, 30, whole.len() / 2, whole.len() - 1] {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            std::fs::write(&file, &damaged).unwrap();
            assert!(matches!(Classifier::load(&file), Err(ClassifierError::Damaged { .. })), "byte {at}");
            std::fs::write(&file, &whole[..at]).unwrap();
            assert!(matches!(Classifier::load(&file), Err(ClassifierError::Damaged { .. })), "cut at {at}");
        }
        assert!(matches!(Classifier::load(&home.path().join("none")), Err(ClassifierError::Io { .. })));
    }
}
