//! Confidence for this knowledge base, and the threshold that reaches the precision which the operator asked for.

use super::confidence::{Sample, Voices, Weights, fit};
use super::snapshot::forget_older;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What confidences are made with, and what they promise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    pub voices: Voices,
    pub weights: Weights,
    pub basis: Basis,
    pub promise: Promise,
    /// What other thresholds would come to, at the promise's margin, lowest first; empty where nothing was measured.
    #[serde(default)]
    pub curve: Vec<CurvePoint>,
}

/// What a threshold would have come to on the questions of the calibration. All are 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    pub answer_at: f64,
    pub coverage: f64,
    pub precision: f64,
}

/// Where the weights come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Basis {
    /// The shipped weights alone.
    Prior { why: PriorOnly },
    /// The shipped weights, how this knowledge base's own phrases were found when they were held out, and what people judged.
    Blended {
        n_questions: usize,
        #[serde(default)]
        n_judged: usize,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriorOnly {
    /// Cross-validation has not ended yet.
    NotYet,
    NoPhrases,
    FewPhrases,
    /// Phrases enough, but too few of them in languages that the encoder was made for.
    OtherLanguages,
}

/// The threshold for a precision, and what it is worth. Shares are 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Promise {
    pub target_precision: f64,
    /// Answer at or above this confidence …
    pub answer_at: f64,
    /// … that leads the second by this much.
    #[serde(default = "usual_margin")]
    pub margin: f64,
    /// `None` where there is too little data to say; the threshold is then careful.
    pub expected: Option<Expected>,
}

/// What held-out questions came to at the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// Share of questions answered.
    pub coverage: f64,
    /// Share of answers that were right.
    pub precision: f64,
    /// The 95 % interval of the precision (Wilson 1927).
    pub precision_low: f64,
    pub precision_high: f64,
    /// Questions that were answered at the threshold, of how many.
    pub n_answered: usize,
    pub n_questions: usize,
}

/// Leads that are tried with every threshold. They matter below two thirds only: who has more than that leads by a third.
const MARGINS: [f64; 5] = [0.0, 0.1, 0.2, 0.3, 0.4];

/// Where nothing was measured.
fn usual_margin() -> f64 {
    MARGINS[1]
}

impl Basis {
    /// Judged cases among what was learned from.
    pub fn n_judged(&self) -> usize {
        match self {
            Self::Prior { .. } => 0,
            Self::Blended { n_judged, .. } => *n_judged,
        }
    }
}

/// Below this many phrases the shipped weights are the better guess.
pub const MIN_PHRASES: usize = 200;
/// How many questions' worth of evidence the shipped weights are.
const PRIOR_STRENGTH: f64 = 20.0;
/// Answered questions without which no precision is promised.
const MIN_ANSWERED: usize = 30;

impl Calibration {
    pub fn prior(voices: Voices, why: PriorOnly, target_precision: f64) -> Self {
        let promise = Promise::careful(target_precision, 0.0);
        Self { voices, weights: *Weights::prior(voices), basis: Basis::Prior { why }, promise, curve: vec![] }
    }

    /// The last `n_judged` of the samples are judged cases.
    pub fn of(samples: &[Sample], n_judged: usize, voices: Voices, target_precision: f64) -> Self {
        let weights = fit(samples, Weights::prior(voices), PRIOR_STRENGTH);
        let judged: Vec<Judged> = samples.iter().map(|sample| Judged::of(sample, &weights)).collect();
        let basis = Basis::Blended { n_questions: samples.len() - n_judged, n_judged };
        let promise = promise(&judged, target_precision);
        Self { voices, weights, basis, promise, curve: curve(&judged, promise.margin) }
    }
}

impl Promise {
    /// Without data to measure it on: a threshold that a confidence which is a little boastful keeps, `at_least` this.
    fn careful(target_precision: f64, at_least: f64) -> Self {
        let answer_at = (target_precision - 0.1).clamp(0.5, 0.99).max(at_least);
        Self { target_precision, answer_at, margin: usual_margin(), expected: None }
    }
}

struct Judged {
    confidence: f64,
    /// Over the second.
    lead: f64,
    is_right: bool,
    weight: f64,
}

impl Judged {
    fn of(sample: &Sample, weights: &Weights) -> Self {
        let mut ranked: Vec<(usize, f64)> = weights.probabilities(&sample.inputs).into_iter().enumerate().collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        let (first, second) = (ranked.first(), ranked.get(1).map_or(0.0, |(_, p)| *p));
        let confidence = first.map_or(0.0, |(_, p)| *p);
        Self {
            confidence,
            lead: confidence - second,
            is_right: first.is_some_and(|(place, _)| sample.truth == Some(*place)),
            weight: sample.weight,
        }
    }
}

const CURVE_STEPS: u32 = 50;
/// A precision of fewer answers than this is chance.
const MIN_CURVE_ANSWERED: usize = 10;

fn curve(judged: &[Judged], margin: f64) -> Vec<CurvePoint> {
    let all: f64 = judged.iter().map(|one| one.weight).sum();
    let point = |step: u32| {
        let answer_at = f64::from(step) / f64::from(CURVE_STEPS);
        let answered: Vec<&Judged> =
            judged.iter().filter(|one| one.confidence >= answer_at && one.lead >= margin).collect();
        let weight: f64 = answered.iter().map(|one| one.weight).sum();
        let right: f64 = answered.iter().filter(|one| one.is_right).map(|one| one.weight).sum();
        let is_enough = answered.len() >= MIN_CURVE_ANSWERED && weight > 0.0 && all > 0.0;
        is_enough.then(|| CurvePoint { answer_at, coverage: weight / all, precision: right / weight })
    };
    (0..CURVE_STEPS).filter_map(point).collect()
}

/// The threshold and margin that answer most while the answered questions reach the precision.
fn promise(judged: &[Judged], target_precision: f64) -> Promise {
    let mut sorted: Vec<&Judged> = judged.iter().collect();
    sorted.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let mut best = Promise::careful(target_precision, 0.95);
    for margin in MARGINS {
        let Some((answer_at, expected)) = lowest_threshold(&sorted, margin, target_precision) else { continue };
        if best.expected.is_none_or(|best| expected.coverage > best.coverage) {
            best = Promise { target_precision, answer_at, margin, expected: Some(expected) };
        }
    }
    best
}

/// Among those that lead by `margin`; `sorted` by falling confidence.
fn lowest_threshold(sorted: &[&Judged], margin: f64, target_precision: f64) -> Option<(f64, Expected)> {
    let all: f64 = sorted.iter().map(|one| one.weight).sum();
    let leading: Vec<&&Judged> = sorted.iter().filter(|one| one.lead >= margin).collect();
    let (mut weight, mut squares, mut right, mut n_answered) = (0.0, 0.0, 0.0, 0);
    let mut best = None;
    for group in leading.chunk_by(|a, b| a.confidence == b.confidence) {
        weight += group.iter().map(|one| one.weight).sum::<f64>();
        squares += group.iter().map(|one| one.weight * one.weight).sum::<f64>();
        right += group.iter().filter(|one| one.is_right).map(|one| one.weight).sum::<f64>();
        n_answered += group.len();
        if n_answered >= MIN_ANSWERED && right >= target_precision * weight {
            best = Some((group[0].confidence, weight, weight * weight / squares, right / weight, n_answered));
        }
    }
    // As many equal questions would tell as much (Kish 1965).
    let (answer_at, weight, n_effective, precision, n_answered) = best?;
    let (precision_low, precision_high) = wilson(precision, n_effective);
    let n_questions = sorted.len();
    let coverage = weight / all;
    Some((answer_at, Expected { coverage, precision, precision_low, precision_high, n_answered, n_questions }))
}

/// The 95 % score interval of a share seen in `n` draws (Wilson 1927).
pub fn wilson(share: f64, n: f64) -> (f64, f64) {
    const Z: f64 = 1.959_964;
    if n <= 0.0 {
        return (0.0, 1.0);
    }
    let (z2, middle) = (Z * Z, share + Z * Z / (2.0 * n));
    let half = Z * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    (((middle - half) / (1.0 + z2 / n)).max(0.0), ((middle + half) / (1.0 + z2 / n)).min(1.0))
}

/// What was calibrated before for the same inputs; anything unreadable counts as nothing.
pub fn recall(folder: &Path, key: &str) -> Option<Calibration> {
    serde_json::from_slice(&std::fs::read(file(folder, key)).ok()?).ok()
}

/// The newest that was calibrated for `key`, with these or other judged cases: while the cases of today calibrate, better than the prior.
pub fn recall_any(folder: &Path, key: &str) -> Option<Calibration> {
    let (alone, with_cases) = (format!("calibration-{key}.json"), format!("calibration-{key}-"));
    let is_of_key = |name: &str| name == alone || name.starts_with(&with_cases) && name.ends_with(".json");
    let of_key =
        std::fs::read_dir(folder).ok()?.flatten().filter(|entry| is_of_key(&entry.file_name().to_string_lossy()));
    let newest = of_key.filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).max()?;
    serde_json::from_slice(&std::fs::read(newest.1).ok()?).ok()
}

pub fn remember(folder: &Path, key: &str, calibration: &Calibration) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let (target, draft) = (file(folder, key), folder.join(format!("calibration-{key}.draft")));
    std::fs::write(&draft, serde_json::to_vec(calibration)?)?;
    std::fs::rename(draft, &target)?;
    forget_older(folder, "calibration-", &target);
    Ok(())
}

fn file(folder: &Path, key: &str) -> std::path::PathBuf {
    folder.join(format!("calibration-{key}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(confidence: f64, is_right: bool) -> Judged {
        Judged { confidence, lead: confidence, is_right, weight: 1.0 }
    }

    #[test]
    fn the_threshold_answers_as_many_as_the_precision_allows() {
        // 90 sure and right, 10 less sure and half right, 100 unsure and wrong.
        let mut all: Vec<Judged> = (0..90).map(|_| judged(0.9, true)).collect();
        all.extend((0..10).map(|i| judged(0.6, i % 2 == 0)));
        all.extend((0..100).map(|_| judged(0.1, false)));
        let check = |target: f64, answer_at: f64, coverage: f64| {
            let promise = promise(&all, target);
            assert_eq!(promise.answer_at, answer_at, "{target}");
            let expected = promise.expected.expect("there is enough data");
            assert!((expected.coverage - coverage).abs() < 1e-9 && expected.precision >= target, "{expected:?}");
            assert!(
                expected.precision_low < expected.precision && expected.precision <= expected.precision_high + 1e-9
            );
        };
        check(0.99, 0.9, 0.45);
        check(0.95, 0.6, 0.5);
        check(0.4, 0.1, 1.0);
    }

    #[test]
    fn the_curve_trades_coverage_for_precision() {
        let judged: Vec<Judged> =
            (0..100).map(|i| Judged { lead: 1.0, ..judged(f64::from(i) / 100.0, i >= 50) }).collect();
        let curve = curve(&judged, 0.0);
        let at = |answer_at: f64| curve.iter().find(|point| (point.answer_at - answer_at).abs() < 1e-9).copied();
        assert_eq!(at(0.0), Some(CurvePoint { answer_at: 0.0, coverage: 1.0, precision: 0.5 }));
        assert_eq!(at(0.5), Some(CurvePoint { answer_at: 0.5, coverage: 0.5, precision: 1.0 }));
        assert_eq!(at(0.98), None, "two answers say nothing");
        assert!(super::curve(&judged[..5], 0.0).is_empty());
    }

    #[test]
    fn a_margin_is_asked_for_where_it_answers_more() {
        // At a half, who leads by much is always right; who leads by little, half of the time.
        let at_half = |lead: f64, is_right: bool| Judged { confidence: 0.5, lead, is_right, weight: 1.0 };
        let mut all: Vec<Judged> = (0..100).map(|_| at_half(0.35, true)).collect();
        all.extend((0..100).map(|i| at_half(0.05, i % 2 == 0)));
        let promise = promise(&all, 0.95);
        assert_eq!((promise.answer_at, promise.margin), (0.5, 0.1));
        assert_eq!(promise.expected.map(|expected| expected.coverage), Some(0.5));
    }

    #[test]
    fn too_little_data_promises_nothing_and_is_careful() {
        let few: Vec<Judged> = (0..10).map(|_| judged(0.9, true)).collect();
        let promise = promise(&few, 0.95);
        assert_eq!(promise.expected, None);
        assert!(promise.answer_at >= 0.95);
        let never_right: Vec<Judged> = (0..100).map(|_| judged(0.9, false)).collect();
        assert_eq!(super::promise(&never_right, 0.95).expected, None);
    }

    #[test]
    fn intervals_as_in_the_textbook() {
        // Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662.
        let (low, high) = wilson(81.0 / 263.0, 263.0);
        assert!((low - 0.2553).abs() < 1e-4 && (high - 0.3662).abs() < 1e-4, "{low} {high}");
        assert_eq!(wilson(0.0, 0.0), (0.0, 1.0));
    }

    #[test]
    fn a_calibration_comes_back_as_it_was_kept() {
        let folder = tempfile::tempdir().unwrap();
        let calibration = Calibration::prior(Voices::All, PriorOnly::FewPhrases, 0.95);
        assert_eq!(recall(folder.path(), "key"), None);
        remember(folder.path(), "key", &calibration).unwrap();
        assert_eq!(recall(folder.path(), "key"), Some(calibration.clone()));
        assert_eq!(recall_any(folder.path(), "key"), Some(calibration.clone()));
        let judged = Calibration::prior(Voices::All, PriorOnly::NotYet, 0.9);
        remember(folder.path(), "key-0123", &judged).unwrap();
        assert!([Some(judged), Some(calibration.clone())].contains(&recall_any(folder.path(), "key")));
        assert_eq!(recall_any(folder.path(), "ke"), None);
        for n in 0..20 {
            remember(folder.path(), &format!("other-{n}"), &calibration).unwrap();
        }
        assert!(std::fs::read_dir(folder.path()).unwrap().count() < 10, "they do not pile up");
        assert_eq!(recall(folder.path(), "other-19"), Some(calibration.clone()));
        std::fs::write(file(folder.path(), "key"), b"{ torn").unwrap();
        assert_eq!(recall(folder.path(), "key"), None);
    }
}
