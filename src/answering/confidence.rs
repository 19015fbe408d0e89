//! From what the parts found to a calibrated probability, one candidate at a time.
//!
//! A logistic model over a few features of a candidate and of its best rival (Platt 1999, with more than one input).
//! The weights are a prior: they were fitted on public question sets that are no part of the project, strangers' questions
//! included, and hold no words of anyone.

/// What is known about one candidate intent for one question.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Features {
    /// The classifier's probability, 0 to 1.
    pub classifier: f32,
    /// Probability of the best other candidate.
    pub classifier_rival: f32,
    /// Cosine to the nearest phrase or title, -1 to 1; 0 without an encoder.
    pub phrase: f32,
    pub phrase_rival: f32,
    /// Cosine to the nearest passage, -1 to 1; 0 without an encoder.
    pub passage: f32,
    /// BM25 over the question's own ceiling, 0 to 1.
    pub lexical: f32,
    pub lexical_rival: f32,
    /// Share of the question's words that no article knows, 0 to 1.
    pub unknown_share: f32,
    /// Words in the question.
    pub n_words: f32,
}

pub const N_INPUTS: usize = 10;

impl Features {
    /// The inputs of the model, the constant first.
    pub fn inputs(&self) -> [f64; N_INPUTS] {
        [
            1.0,
            logit(self.classifier),
            f64::from(self.classifier - self.classifier_rival),
            f64::from(self.phrase),
            f64::from(self.phrase - self.phrase_rival),
            f64::from(self.passage),
            f64::from(self.lexical),
            f64::from(self.lexical - self.lexical_rival),
            f64::from(self.unknown_share),
            f64::from(self.n_words.max(1.0).ln()),
        ]
    }
}

/// Clipped, so that a certain classifier does not drown every other voice.
fn logit(p: f32) -> f64 {
    let p = f64::from(p).clamp(0.002, 0.998);
    (p / (1.0 - p)).ln()
}

/// Which voices spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voices {
    /// Encoder, classifier and words.
    All,
    /// Words alone: BM25 and a classifier over hashed n-grams.
    Words,
}

/// Calibrated probability, 0 to 1, that this candidate is what the customer asks for. Never NaN.
pub fn confidence(features: &Features, voices: Voices) -> f64 {
    let weights = match voices {
        Voices::All => &ALL_WEIGHTS,
        Voices::Words => &WORDS_WEIGHTS,
    };
    let sum: f64 = features.inputs().iter().zip(weights).map(|(x, w)| x * w).sum();
    if sum.is_nan() { 0.0 } else { 1.0 / (1.0 + (-sum).exp()) }
}

const ALL_WEIGHTS: [f64; N_INPUTS] = [0.472, 0.560, 2.512, -1.055, 8.062, 2.001, 0.259, 4.907, -1.943, 0.103];
const WORDS_WEIGHTS: [f64; N_INPUTS] = [-0.211, 0.538, 4.245, 0.0, 0.0, 0.0, 0.796, 7.172, -1.374, 0.264];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_agreement_means_more_confidence() {
        let weak = Features { classifier: 0.2, phrase: 0.4, phrase_rival: 0.38, lexical: 0.1, ..Features::default() };
        let strong = Features { classifier: 0.9, phrase: 0.85, phrase_rival: 0.4, lexical: 0.6, ..Features::default() };
        for voices in [Voices::All, Voices::Words] {
            let (weak, strong) = (confidence(&weak, voices), confidence(&strong, voices));
            assert!(0.0 <= weak && weak < strong && strong <= 1.0, "{voices:?}: {weak} {strong}");
        }
    }

    #[test]
    fn a_missing_number_is_no_confidence() {
        let broken = Features { phrase: f32::NAN, ..Features::default() };
        assert_eq!(confidence(&broken, Voices::All), 0.0);
    }
}
