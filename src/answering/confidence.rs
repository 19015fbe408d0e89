//! From what the parts found to calibrated probabilities.
//!
//! A conditional logit with an outside option (McFadden 1974): each candidate has a utility, linear in what is known about it;
//! "none of them" has one too, linear in what is known about the question; a softmax over all makes probabilities that sum
//! to 1. So one model ranks, says how sure it is of the first, and how sure that the right one is among those shown; and
//! a stranger's question is simply one whose truth is "none".

use super::search::{Pool, Raw};
use crate::domain::Language;
use crate::intent::lbfgs;
use serde::{Deserialize, Serialize};

pub const N_CANDIDATE: usize = 14;
pub const N_NONE: usize = 7;

/// Utilities: of a candidate, and of none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    pub candidate: [f64; N_CANDIDATE],
    pub none: [f64; N_NONE],
}

/// One question as the model sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Inputs {
    /// In the order of the pool's intents.
    pub candidates: Vec<[f64; N_CANDIDATE]>,
    pub none: [f64; N_NONE],
}

/// What speaks, which decides the prior.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Voices {
    /// Encoder, classifier and words, over articles with phrases.
    All,
    /// The same, over articles that have hardly a phrase: titles and texts.
    AllWithoutPhrases,
    /// BM25 and a classifier over hashed n-grams, over articles with phrases.
    Words,
    WordsWithoutPhrases,
}

impl Voices {
    pub fn of(has_encoder: bool, has_phrases: bool) -> Self {
        match (has_encoder, has_phrases) {
            (true, true) => Self::All,
            (true, false) => Self::AllWithoutPhrases,
            (false, true) => Self::Words,
            (false, false) => Self::WordsWithoutPhrases,
        }
    }

    /// The same articles without the encoder.
    pub fn without_encoder(self) -> Self {
        Self::of(false, matches!(self, Self::All | Self::Words))
    }
}

impl Inputs {
    pub(super) fn of(pool: &Pool, n_words: usize, language: Language) -> Self {
        let best = |value: fn(&Raw) -> f32| pool.raw.values().map(value).fold(0.0, f32::max);
        let best_lexical = best(|raw| raw.lexical).max(f32::MIN_POSITIVE);
        let is = |one: bool| f64::from(u8::from(one));
        // Words are worth less where the analysers know fewer of them, and nothing where no article shares the language.
        let (not_english, is_crossing) = (is(language != Language::En), is(!pool.has_language));
        let candidate = |raw: &Raw| {
            let surprise = f64::from(raw.classifier.max(MIN_PROBABILITY)).ln() / SCALE_OF_LOGS;
            let (phrase, lexical) = (f64::from(raw.phrase), f64::from(raw.lexical));
            [
                surprise,
                f64::from(raw.logit) / SCALE_OF_LOGS,
                phrase,
                f64::from(raw.phrases),
                f64::from(raw.centroid),
                f64::from(raw.title),
                f64::from(raw.passage),
                lexical,
                f64::from(raw.lexical / best_lexical),
                not_english * phrase,
                not_english * lexical,
                is_crossing * surprise,
                is_crossing * phrase,
                f64::from(raw.coverage),
            ]
        };
        Self {
            candidates: pool.raw.values().map(candidate).collect(),
            none: [
                1.0,
                f64::from(pool.unknown_share) * (1.0 - is_crossing),
                (n_words.max(1) as f64).ln() / SCALE_OF_LOGS,
                is(matches!(language, Language::ZhHans | Language::ZhHant)),
                is(language == Language::Ru),
                f64::from(best(|raw| raw.phrase).max(best(|raw| raw.passage))),
                is_crossing,
            ],
        }
    }

    /// The cosine to the nearest title or phrase of all, 0 to 1; 0 without an encoder.
    pub fn nearest_phrase(&self) -> f64 {
        self.candidates.iter().map(|candidate| candidate[PHRASE]).fold(0.0, f64::max)
    }
}

/// Its place among the inputs of a candidate.
const PHRASE: usize = 2;

/// Clipped, so that a certain classifier does not drown every other voice.
const MIN_PROBABILITY: f32 = 1e-4;
/// Brings logarithms to the size of cosines, so that one strength of regularisation fits all weights.
const SCALE_OF_LOGS: f64 = 5.0;

impl Weights {
    pub fn prior(voices: Voices) -> &'static Self {
        match voices {
            Voices::All => &ALL,
            Voices::AllWithoutPhrases => &ALL_WITHOUT_PHRASES,
            Voices::Words => &WORDS,
            Voices::WordsWithoutPhrases => &WORDS_WITHOUT_PHRASES,
        }
    }

    /// The same for a question in a language that no article shares.
    pub fn prior_across(voices: Voices) -> &'static Self {
        if voices == Voices::AllWithoutPhrases { &ACROSS_WITHOUT_PHRASES } else { Self::prior(voices) }
    }

    /// For each candidate the probability, 0 to 1, that it is right. They sum to at most 1; the rest is "none". Never NaN.
    pub fn probabilities(&self, inputs: &Inputs) -> Vec<f64> {
        let none = dot(&self.none, &inputs.none);
        let utilities = inputs.candidates.iter().map(|candidate| dot(&self.candidate, candidate));
        // What cannot be computed cannot be right.
        let utilities: Vec<f64> = utilities.map(|u| if u.is_nan() { f64::NEG_INFINITY } else { u }).collect();
        let highest = utilities.iter().copied().fold(if none.is_nan() { 0.0 } else { none }, f64::max);
        let mut probabilities: Vec<f64> = utilities.iter().map(|u| (u - highest).exp()).collect();
        let sum = probabilities.iter().sum::<f64>() + if none.is_nan() { 1.0 } else { (none - highest).exp() };
        probabilities.iter_mut().for_each(|p| *p /= sum);
        probabilities
    }
}

fn dot(weights: &[f64], values: &[f64]) -> f64 {
    weights.iter().zip(values).map(|(w, x)| w * x).sum()
}

/// A question whose truth is known.
#[derive(Clone, Debug)]
pub struct Sample {
    pub inputs: Inputs,
    /// The place of the right candidate; `None` when none of them is.
    pub truth: Option<usize>,
    /// How much it counts, above 0.
    pub weight: f64,
}

/// The weights that make `samples` likeliest, held near `prior` as by `strength` samples' worth of belief (maximum a posteriori
/// with a Gaussian prior). Without samples, the prior.
pub fn fit(samples: &[Sample], prior: &Weights, strength: f64) -> Weights {
    let total: f64 = samples.iter().map(|sample| sample.weight).sum();
    if total <= 0.0 {
        return *prior;
    }
    let decay = strength / samples.len() as f64;
    let start: Vec<f32> = prior.candidate.iter().chain(&prior.none).map(|w| *w as f32).collect();
    let mut point = start.clone();
    lbfgs::minimise(&mut point, lbfgs::Stop { max_passes: 300, tolerance: 1e-7 }, |point, gradient| {
        let weights = Weights::from_point(point);
        let mut sums = [0.0; N_CANDIDATE + N_NONE];
        let mut loss = 0.0;
        for sample in samples {
            loss += sample.weight / total * weights.add_gradient(sample, sample.weight / total, &mut sums);
        }
        for (((to, sum), at), from) in gradient.iter_mut().zip(sums).zip(point).zip(&start) {
            let away = f64::from(at - from);
            *to = (sum + decay * away) as f32;
            loss += 0.5 * decay * away * away;
        }
        loss
    });
    Weights::from_point(&point)
}

impl Weights {
    fn from_point(point: &[f32]) -> Self {
        Self {
            candidate: std::array::from_fn(|i| f64::from(point[i])),
            none: std::array::from_fn(|i| f64::from(point[N_CANDIDATE + i])),
        }
    }

    /// Adds the gradient of the log loss of one sample, times `share`; returns the loss.
    fn add_gradient(&self, sample: &Sample, share: f64, sums: &mut [f64]) -> f64 {
        let probabilities = self.probabilities(&sample.inputs);
        let none = (1.0 - probabilities.iter().sum::<f64>()).max(0.0);
        let (of_candidate, of_none) = sums.split_at_mut(N_CANDIDATE);
        for (i, (inputs, probability)) in sample.inputs.candidates.iter().zip(&probabilities).enumerate() {
            let residual = share * (probability - f64::from(u8::from(sample.truth == Some(i))));
            add_scaled(of_candidate, residual, inputs);
        }
        add_scaled(of_none, share * (none - f64::from(u8::from(sample.truth.is_none()))), &sample.inputs.none);
        let of_truth = sample.truth.map_or(none, |truth| probabilities[truth]);
        -of_truth.max(1e-12).ln()
    }
}

fn add_scaled(sums: &mut [f64], scale: f64, values: &[f64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += scale * value;
    }
}

// Fitted by scripts/fit_confidence.py on public question sets that are no part of the project (docs/quality.md names them): weights
// only, no words of anyone.
const ALL: Weights = Weights {
    candidate: [5.238, 2.315, 2.656, 0.682, 1.487, 0.083, 0.163, -0.698, 0.079, 0.240, -0.068, 0.233, 1.612, 0.0],
    none: [2.062, -0.602, 0.372, 0.0, -0.055, 0.587, 0.814],
};
const ALL_WITHOUT_PHRASES: Weights = Weights {
    candidate: [6.344, -9.132, 2.007, 2.007, 2.816, 2.007, 10.015, -4.452, 3.367, -5.030, 1.312, 7.221, 5.055, 7.379],
    none: [6.216, 3.776, -6.441, -2.275, -2.608, -3.031, -6.837],
};
const ACROSS_WITHOUT_PHRASES: Weights = Weights {
    candidate: [3.004, -1.616, 0.361, 0.361, 0.381, 0.361, 17.892, -0.261, -0.261, -0.728, 0.417, 3.004, 0.361, 0.395],
    none: [1.565, 0.0, -4.452, 0.018, -0.251, -0.520, 1.565],
};
const WORDS: Weights = Weights {
    candidate: [4.954, 2.747, 0.0, 0.0, 0.0, 0.0, 0.0, 0.507, 1.548, 0.0, -0.759, 0.0, 0.0, 0.0],
    none: [0.945, 0.014, -0.912, 0.0, -0.671, 0.0, 0.0],
};
const WORDS_WITHOUT_PHRASES: Weights = Weights {
    candidate: [1.039, -0.155, 0.0, 0.0, 0.0, 0.0, 0.0, 3.985, 6.269, 0.0, -2.411, 0.0, 0.0, 2.802],
    none: [3.787, 5.896, -2.765, -0.721, 0.551, 0.0, 0.0],
};

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(phrases: &[f32]) -> Inputs {
        let raw = phrases
            .iter()
            .enumerate()
            .map(|(i, &phrase)| (i as u32, Raw { phrase, classifier: 0.1, ..Raw::default() }));
        Inputs::of(&Pool { raw: raw.collect(), ..Pool::default() }, 5, Language::En)
    }

    #[test]
    fn probabilities_leave_room_for_none_and_are_never_nan() {
        let all = [Voices::All, Voices::AllWithoutPhrases, Voices::Words, Voices::WordsWithoutPhrases];
        for weights in all.iter().flat_map(|voices| [Weights::prior(*voices), Weights::prior_across(*voices)]) {
            let found = weights.probabilities(&inputs(&[0.9, 0.2, 0.5]));
            assert!(found.iter().all(|p| (0.0..=1.0).contains(p)) && found.iter().sum::<f64>() < 1.0, "{found:?}");
            assert!(weights.probabilities(&inputs(&[])).is_empty());
        }
        let found = Weights::prior(Voices::All).probabilities(&inputs(&[0.9, 0.2, 0.5]));
        assert!(found[0] > found[2] && found[2] > found[1], "{found:?}");
        let broken = Weights::prior(Voices::All).probabilities(&inputs(&[f32::NAN, 0.5]));
        assert_eq!(broken[0], 0.0);
        assert!(broken[1] > 0.0);
    }

    #[test]
    fn fitting_finds_how_much_a_part_can_be_trusted() {
        // The nearest phrase is right three times of four, and a far one means that nothing answers.
        let sample = |phrases: &[f32], truth| Sample { inputs: inputs(phrases), truth, weight: 1.0 };
        let mut samples = vec![];
        for i in 0..200 {
            let truth = if i % 4 == 0 { 1 } else { 0 };
            samples.push(sample(&[0.9, 0.6], Some(truth)));
            samples.push(sample(&[0.3, 0.2], None));
        }
        let fitted = fit(&samples, Weights::prior(Voices::All), 0.01);
        let near = fitted.probabilities(&inputs(&[0.9, 0.6]));
        assert!((near[0] - 0.75).abs() < 0.05 && (near[1] - 0.25).abs() < 0.05, "{near:?}");
        let far = fitted.probabilities(&inputs(&[0.3, 0.2]));
        assert!(far.iter().sum::<f64>() < 0.1, "{far:?}");
    }

    #[test]
    fn belief_gives_way_to_samples() {
        let prior = Weights::prior(Voices::All);
        assert_eq!(fit(&[], prior, 10.0), *prior);
        let one = Sample { inputs: inputs(&[0.9, 0.6]), truth: Some(1), weight: 1.0 };
        let distance = |weights: &Weights| {
            let pairs = weights.candidate.iter().zip(&prior.candidate);
            pairs.map(|(a, b)| (a - b).powi(2)).sum::<f64>()
        };
        let few = fit(&vec![one.clone(); 5], prior, 50.0);
        let many = fit(&vec![one; 5_000], prior, 50.0);
        assert!(distance(&few) < distance(&many));
    }
}
