//! Figures from judged cases. Pure.

use super::Judged;
use super::calibration::{StrangerShare, bins, ece, given_answer, weighed};
use crate::domain::{DecisionKind, Policy};
use serde::Serialize;
use std::collections::BTreeMap;

/// The whole report.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    #[serde(flatten)]
    pub overall: Part,
    pub thresholds: Policy,
    /// What strangers' questions weigh in `ece`, and in nothing else.
    pub stranger_share: StrangerShare,
    pub by_language: BTreeMap<String, Part>,
}

/// Shares are 0 to 1. Accuracy, recall and MRR are over cases with an answer; everything else over all cases.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    pub n: usize,
    /// First candidate right.
    pub accuracy: f64,
    /// The same, had BM25 alone ranked.
    pub accuracy_bm25: f64,
    pub recall_at_3: f64,
    pub recall_at_5: f64,
    /// Mean reciprocal rank.
    pub mrr: f64,
    /// Confidence separating cases with an answer from strangers' (0.5 is chance); `None` without strangers.
    pub auroc: Option<f64>,
    /// Share of strangers' questions above the confidence that 95 % of cases with an answer reach; `None` without strangers.
    pub fpr95: Option<f64>,
    /// Confidence separating "first candidate right" from all else; `None` when all are of one kind.
    pub auroc_right: Option<f64>,
    pub answered: f64,
    pub clarified: f64,
    pub handed_off: f64,
    pub small_talk: f64,
    /// Share of answers that were right; 0 when nothing was answered.
    pub precision_answered: f64,
    /// The largest share of all cases answered by lowering one threshold while precision stays at or above 0.90.
    pub coverage_at_90: f64,
    pub coverage_at_95: f64,
    pub coverage_at_98: f64,
    /// Expected calibration error over 15 bins of equal mass (Guo et al. 2017); the event is "first candidate right".
    /// Where there are both kinds of cases, strangers' questions weigh `stranger_share` of the whole.
    pub ece: f64,
    /// The same over the cases with an answer, of their confidence given that there is one; 0 without any.
    pub ece_answerable: f64,
    /// Cases that were judged with less evidence than there should have been: the encoder failed or was late.
    pub n_degraded: usize,
    /// Mean.
    pub us_per_question: f64,
    /// Median of what was not spent waiting for the encoder; 0 without cases.
    pub us_outside_encoder: u64,
}

pub fn figures(judged: &[Judged], policy: &Policy, stranger_share: StrangerShare) -> Figures {
    let mut by_language: BTreeMap<String, Vec<&Judged>> = BTreeMap::new();
    for one in judged {
        by_language.entry(one.language.tag().to_owned()).or_default().push(one);
    }
    Figures {
        overall: part(&judged.iter().collect::<Vec<_>>(), stranger_share),
        thresholds: *policy,
        stranger_share,
        by_language: by_language.into_iter().map(|(language, ones)| (language, part(&ones, stranger_share))).collect(),
    }
}

fn part(judged: &[&Judged], stranger_share: StrangerShare) -> Part {
    let answerable: Vec<_> = judged.iter().filter(|one| !one.case.expect.is_empty()).collect();
    let rank = |one: &Judged| one.candidates.iter().position(|c| one.case.expect.contains(c));
    let share_of = |n: usize, of: usize| if of == 0 { 0.0 } else { n as f64 / of as f64 };
    let within =
        |k: usize| share_of(answerable.iter().filter(|one| rank(one).is_some_and(|r| r < k)).count(), answerable.len());
    let bm25 = answerable.iter().filter(|one| one.bm25_first.as_ref().is_some_and(|id| one.case.expect.contains(id)));
    let decided = |kind| share_of(judged.iter().filter(|one| one.decision == kind).count(), judged.len());
    let answered: Vec<_> = judged.iter().filter(|one| one.decision == DecisionKind::Answer).collect();
    let by_answerable: Vec<_> = judged.iter().map(|one| (one.confidence, !one.case.expect.is_empty())).collect();
    let by_right: Vec<_> = judged.iter().map(|one| (one.confidence, one.is_right())).collect();
    Part {
        n: judged.len(),
        accuracy: within(1),
        accuracy_bm25: share_of(bm25.count(), answerable.len()),
        recall_at_3: within(3),
        recall_at_5: within(5),
        mrr: answerable.iter().map(|one| rank(one).map_or(0.0, |r| 1.0 / (r + 1) as f64)).sum::<f64>()
            / answerable.len().max(1) as f64,
        auroc: auroc(&by_answerable),
        fpr95: fpr95(&by_answerable),
        auroc_right: auroc(&by_right),
        answered: decided(DecisionKind::Answer),
        clarified: decided(DecisionKind::Clarify),
        handed_off: decided(DecisionKind::HandOff),
        small_talk: decided(DecisionKind::SmallTalk),
        precision_answered: share_of(answered.iter().filter(|one| one.is_right()).count(), answered.len()),
        coverage_at_90: coverage(&by_right, 0.90),
        coverage_at_95: coverage(&by_right, 0.95),
        coverage_at_98: coverage(&by_right, 0.98),
        ece: ece(&bins(&weighed(judged, stranger_share))),
        ece_answerable: ece(&bins(&given_answer(judged))),
        n_degraded: judged.iter().filter(|one| one.is_degraded).count(),
        us_per_question: judged.iter().map(|one| one.took_us as f64).sum::<f64>() / judged.len().max(1) as f64,
        us_outside_encoder: median(judged.iter().map(|one| one.took_us.saturating_sub(one.encoder_us))),
    }
}

fn median(values: impl Iterator<Item = u64>) -> u64 {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

/// The chance that a positive scores above a negative, ties counted half (Mann-Whitney U).
fn auroc(scored: &[(f64, bool)]) -> Option<f64> {
    let n_positive = scored.iter().filter(|(_, positive)| *positive).count();
    let n_negative = scored.len() - n_positive;
    if n_positive == 0 || n_negative == 0 {
        return None;
    }
    let sorted = ascending(scored);
    let (mut rank_sum, mut n_before) = (0.0, 0);
    for group in sorted.chunk_by(|a, b| a.0 == b.0) {
        let mean_rank = n_before as f64 + (group.len() + 1) as f64 / 2.0;
        rank_sum += mean_rank * group.iter().filter(|(_, positive)| *positive).count() as f64;
        n_before += group.len();
    }
    let (p, n) = (n_positive as f64, n_negative as f64);
    Some((rank_sum - p * (p + 1.0) / 2.0) / (p * n))
}

fn fpr95(scored: &[(f64, bool)]) -> Option<f64> {
    let mut positives: Vec<f64> = scored.iter().filter(|(_, positive)| *positive).map(|(s, _)| *s).collect();
    let negatives: Vec<f64> = scored.iter().filter(|(_, positive)| !*positive).map(|(s, _)| *s).collect();
    if positives.is_empty() || negatives.is_empty() {
        return None;
    }
    positives.sort_by(|a, b| b.total_cmp(a));
    let needed = (positives.len() as f64 * 0.95).ceil() as usize;
    let threshold = positives[needed - 1];
    Some(negatives.iter().filter(|s| **s >= threshold).count() as f64 / negatives.len() as f64)
}

fn coverage(scored: &[(f64, bool)], precision: f64) -> f64 {
    let cuts = cuts(scored);
    let good_enough = cuts.iter().filter(|cut| cut.n_right as f64 >= precision * cut.n as f64);
    good_enough.map(|cut| cut.n).max().unwrap_or(0) as f64 / scored.len().max(1) as f64
}

/// What a threshold of `at` would answer. Raw counts.
pub(super) struct Cut {
    pub at: f64,
    pub n: usize,
    pub n_right: usize,
}

impl Cut {
    /// The share of wrong answers, 0 to 1.
    pub(super) fn risk(&self) -> f64 {
        1.0 - self.n_right as f64 / self.n as f64
    }
}

/// One for each confidence that occurs, the highest first; the last answers everything.
/// Cases of equal confidence are answered together or not at all.
pub(super) fn cuts(scored: &[(f64, bool)]) -> Vec<Cut> {
    let mut sorted = ascending(scored);
    sorted.reverse();
    let (mut n, mut n_right) = (0, 0);
    let mut cuts = vec![];
    for group in sorted.chunk_by(|a, b| a.0 == b.0) {
        n += group.len();
        n_right += group.iter().filter(|(_, is_right)| *is_right).count();
        cuts.push(Cut { at: group[0].0, n, n_right });
    }
    cuts
}

fn ascending(scored: &[(f64, bool)]) -> Vec<(f64, bool)> {
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Language;

    #[test]
    fn separating_two_kinds() {
        let check = |scored: &[(f64, bool)], expected: Option<f64>| assert_eq!(auroc(scored), expected, "{scored:?}");
        check(&[(0.9, true), (0.1, false)], Some(1.0));
        check(&[(0.1, true), (0.9, false)], Some(0.0));
        check(&[(0.5, true), (0.5, false)], Some(0.5));
        check(&[(0.2, false), (0.4, true), (0.6, false), (0.8, true)], Some(0.75));
        check(&[(0.4, true)], None);
        assert_eq!(fpr95(&[(0.9, true), (0.5, true), (0.6, false), (0.1, false)]), Some(0.5));
    }

    #[test]
    fn the_largest_share_at_a_precision() {
        let scored = [(0.9, true), (0.8, true), (0.7, false), (0.6, true), (0.5, false)];
        assert_eq!(coverage(&scored, 0.95), 0.4);
        assert_eq!(coverage(&scored, 0.75), 0.8);
        assert_eq!(coverage(&[(0.5, false)], 0.9), 0.0);
        // Ties cannot be split by a threshold.
        assert_eq!(coverage(&[(0.9, true), (0.9, false)], 0.95), 0.0);
    }

    #[test]
    fn every_threshold_in_turn() {
        let scored = [(0.7, false), (0.9, true), (0.7, true), (0.2, false)];
        let seen: Vec<_> = cuts(&scored).iter().map(|cut| (cut.at, cut.n, cut.n_right, cut.risk())).collect();
        assert_eq!(seen, [(0.9, 1, 1, 0.0), (0.7, 3, 2, 1.0 - 2.0 / 3.0), (0.2, 4, 2, 0.5)]);
        assert!(cuts(&[]).is_empty());
    }

    #[test]
    fn without_strangers_the_room_that_confidence_leaves_them_is_no_error() {
        // Of five questions one would be a stranger's; of the other four the first candidate is right in three.
        let one = |expect: &str| Judged { of_any: 0.8, ..Judged::trial(Language::En, 0.6, &[expect]) };
        let mut judged = vec![one("refund-time"), one("refund-time"), one("refund-time"), one("returns")];
        let of = |judged: &[Judged]| figures(judged, &Policy::default(), StrangerShare::default()).overall;
        assert!((of(&judged).ece - 0.15).abs() < 1e-12);
        assert!(of(&judged).ece_answerable.abs() < 1e-12);
        judged.push(Judged { of_any: 0.5, ..Judged::trial(Language::En, 0.5, &[]) });
        assert!(of(&judged).ece_answerable.abs() < 1e-12, "a stranger's question is not among them");
        judged.push(Judged { of_any: 0.0, ..Judged::trial(Language::En, 0.0, &["refund-time"]) });
        assert!((of(&judged).ece_answerable - 0.2).abs() < 1e-12);
    }

    #[test]
    fn strangers_weigh_in_the_calibration_error_alone() {
        let judged = [
            Judged::trial(Language::En, 0.9, &["refund-time"]),
            Judged::trial(Language::En, 0.7, &["returns"]),
            Judged::trial(Language::Ru, 0.4, &[]),
            Judged::trial(Language::Ru, 0.1, &[]),
        ];
        let at = |share: f64| figures(&judged, &Policy::default(), StrangerShare::new(share).unwrap());
        // A fifth is for strangers: 0.4 each of 4, and 1.6 each for the rest.
        assert!((at(0.2).overall.ece - (0.4 * 0.1 + 0.4 * 0.4 + 1.6 * 0.7 + 1.6 * 0.1) / 4.0).abs() < 1e-12);
        assert!((at(0.5).overall.ece - (0.1 + 0.4 + 0.7 + 0.1) / 4.0).abs() < 1e-12);
        let raw = |figures: Figures| Part { ece: 0.0, ..figures.overall };
        assert_eq!(raw(at(0.2)), raw(at(0.5)));
        assert_eq!(at(0.2).overall.precision_answered, 0.25);
        // Each language has one kind only, so nothing is reweighted.
        assert_eq!(at(0.2).by_language, at(0.9).by_language);
        assert!((at(0.9).by_language["en"].ece - 0.4).abs() < 1e-12);
    }
}
