//! How far confidences can be trusted: weighed cases in bins of equal mass, and the error over them. Pure.

use super::Judged;
use crate::answering::wilson;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

const BINS: usize = 15;

/// What strangers' questions weigh together, above 0 and below 1.
/// A set of cases holds as many of them as its writer had patience for; how often customers send them is another matter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct StrangerShare(f64);

impl StrangerShare {
    pub fn new(share: f64) -> Option<Self> {
        (share > 0.0 && share < 1.0).then_some(Self(share))
    }
}

impl Default for StrangerShare {
    fn default() -> Self {
        Self(crate::domain::PolicyWish::default().stranger_share)
    }
}

impl FromStr for StrangerShare {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().ok().and_then(Self::new).ok_or_else(|| "must be a number above 0 and below 1".to_owned())
    }
}

impl fmt::Display for StrangerShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The event is "first candidate right". Weights are 1 in the mean.
pub(super) struct Weighed {
    pub confidence: f64,
    pub is_right: bool,
    pub weight: f64,
}

/// Strangers' questions get their share of the mass; where there is one kind of cases only, all weigh the same.
pub(super) fn weighed(judged: &[&Judged], StrangerShare(share): StrangerShare) -> Vec<Weighed> {
    let (n, n_strangers) = (judged.len() as f64, judged.iter().filter(|one| one.is_strangers()).count() as f64);
    let (of_stranger, of_other) = if has_both_kinds(judged) {
        (share * n / n_strangers, (1.0 - share) * n / (n - n_strangers))
    } else {
        (1.0, 1.0)
    };
    let weight = |one: &Judged| if one.is_strangers() { of_stranger } else { of_other };
    judged
        .iter()
        .map(|one| Weighed { confidence: one.confidence, is_right: one.is_right(), weight: weight(one) })
        .collect()
}

/// Those with an answer, and their confidence given that there is one: what is left to judge where a set has no strangers' questions, whose
/// share each confidence counts in.
pub(super) fn given_answer(judged: &[&Judged]) -> Vec<Weighed> {
    let given = |one: &Judged| if one.of_any > 0.0 { (one.confidence / one.of_any).min(1.0) } else { one.confidence };
    let with_answer = judged.iter().filter(|one| !one.is_strangers());
    with_answer.map(|one| Weighed { confidence: given(one), is_right: one.is_right(), weight: 1.0 }).collect()
}

pub(super) fn has_both_kinds(judged: &[&Judged]) -> bool {
    judged.iter().any(|one| one.is_strangers()) && judged.iter().any(|one| !one.is_strangers())
}

/// Neighbours by confidence. Shares and means are by weight.
#[derive(Debug)]
pub(super) struct Bin {
    pub n: usize,
    /// Share of all mass, 0 to 1.
    pub mass: f64,
    /// Mean confidence.
    pub confidence: f64,
    /// Share right.
    pub right: f64,
    /// As many equal cases would tell as much: (sum of weights)² / sum of weights² (Kish 1965).
    pub n_effective: f64,
}

/// At most `BINS`, by rising confidence, none empty. Cases of equal confidence stay together, in the bin where the
/// middle of their mass lies: split by chance of order, they would look miscalibrated.
pub(super) fn bins(weighed: &[Weighed]) -> Vec<Bin> {
    let mut sorted: Vec<&Weighed> = weighed.iter().collect();
    sorted.sort_by(|a, b| a.confidence.total_cmp(&b.confidence));
    let total = mass(&sorted);
    let mut members: [Vec<&Weighed>; BINS] = Default::default();
    let mut before = 0.0;
    for group in sorted.chunk_by(|a, b| a.confidence == b.confidence) {
        let middle = before + mass(group) / 2.0;
        members[((middle * BINS as f64 / total) as usize).min(BINS - 1)].extend(group);
        before += mass(group);
    }
    members.iter().filter(|members| !members.is_empty()).map(|members| bin(members, total)).collect()
}

fn bin(members: &[&Weighed], total: f64) -> Bin {
    let weight = mass(members);
    Bin {
        n: members.len(),
        mass: weight / total,
        confidence: members.iter().map(|one| one.weight * one.confidence).sum::<f64>() / weight,
        right: members.iter().map(|one| if one.is_right { one.weight } else { 0.0 }).sum::<f64>() / weight,
        n_effective: weight * weight / members.iter().map(|one| one.weight * one.weight).sum::<f64>(),
    }
}

fn mass(weighed: &[&Weighed]) -> f64 {
    weighed.iter().map(|one| one.weight).sum()
}

impl Bin {
    /// The 95 % score interval of the share right.
    pub(super) fn interval(&self) -> (f64, f64) {
        wilson(self.right, self.n_effective)
    }
}

/// Expected calibration error, 0 to 1; 0 without cases.
pub(super) fn ece(bins: &[Bin]) -> f64 {
    // Not `sum`: of nothing, that is -0, and it shows.
    bins.iter().fold(0.0, |error, bin| error + bin.mass * (bin.confidence - bin.right).abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Language;

    fn judged(confidences: impl Iterator<Item = f64>, expect: &[&str]) -> Vec<Judged> {
        confidences.map(|confidence| Judged::trial(Language::En, confidence, expect)).collect()
    }

    fn bins_of(judged: &[Judged], share: f64) -> Vec<Bin> {
        bins(&weighed(&judged.iter().collect::<Vec<_>>(), StrangerShare::new(share).unwrap()))
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-6, "{a} is not {b}");
    }

    #[test]
    fn shares_that_can_be_meant() {
        let check = |text: &str, expected: Option<f64>| {
            assert_eq!(text.parse::<StrangerShare>().ok(), expected.map(StrangerShare), "{text:?}");
        };
        check("0.2", Some(0.2));
        check("0.999", Some(0.999));
        check("0", None);
        check("1", None);
        check("-0.2", None);
        check("NaN", None);
        check("20%", None);
        assert_eq!(StrangerShare::default().to_string(), "0.2");
    }

    #[test]
    fn calibrated_means_no_error() {
        close(ece(&bins_of(&judged((0..100).map(|_| 1.0), &["refund-time"]), 0.2)), 0.0);
        close(ece(&bins_of(&judged((0..100).map(|_| 0.0), &[]), 0.2)), 0.0);
        close(ece(&bins_of(&[], 0.2)), 0.0);
        // In whatever order: equal confidences are one bin.
        let mut boastful = judged((0..50).map(|_| 0.9), &["refund-time"]);
        boastful.extend(judged((0..50).map(|_| 0.9), &["returns"]));
        let bins = bins_of(&boastful, 0.2);
        assert_eq!(bins.iter().map(|bin| bin.n).collect::<Vec<_>>(), [100]);
        close(ece(&bins), 0.4);
    }

    #[test]
    fn bins_of_one_kind_hold_equally_many() {
        let bins = bins_of(&judged((0..30).rev().map(|i| f64::from(i) / 30.0), &["refund-time"]), 0.7);
        assert_eq!(bins.iter().map(|bin| bin.n).collect::<Vec<_>>(), [2; BINS]);
        close(bins[0].confidence, 0.5 / 30.0);
        close(bins[14].confidence, 28.5 / 30.0);
        close(bins[3].mass, 1.0 / 15.0);
        close(bins[3].right, 1.0);
        close(bins[3].n_effective, 2.0);
        // Fewer cases than bins: each is alone.
        assert_eq!(bins_of(&judged([0.3, 0.1, 0.2].into_iter(), &[]), 0.2).len(), 3);
    }

    #[test]
    fn bins_of_both_kinds_weigh_equally_much() {
        // Two thirds are strangers' and weigh a fifth: three of fifteen bins.
        let mut cases = judged((0..60).map(|i| 0.001 * f64::from(i)), &[]);
        cases.extend(judged((0..30).map(|i| 0.5 + 0.01 * f64::from(i)), &["refund-time"]));
        let bins = bins_of(&cases, 0.2);
        let counts: Vec<_> = bins.iter().map(|bin| bin.n).collect();
        assert_eq!(counts[..3], [20, 20, 20]);
        assert!(counts[3..].iter().all(|n| (2..=3).contains(n)), "{counts:?}");
        assert_eq!(counts.iter().sum::<usize>(), 90);
        close(bins[..3].iter().map(|bin| bin.mass).sum(), 0.2);
        close(bins.iter().map(|bin| bin.mass).sum(), 1.0);
    }

    #[test]
    fn weights_within_a_bin() {
        // The stranger weighs 0.4 and the other case, which is right, 1.6: together they tell less than two equal cases.
        let mut cases = judged([0.5].into_iter(), &[]);
        cases.extend(judged([0.5].into_iter(), &["refund-time"]));
        let bins = bins_of(&cases, 0.2);
        close(bins[0].right, 0.8);
        close(bins[0].n_effective, 4.0 / (0.4 * 0.4 + 1.6 * 1.6));
        close(ece(&bins), 0.3);
    }

    #[test]
    fn intervals_of_textbooks() {
        let check = |right: f64, n: f64, (low, high): (f64, f64)| {
            let got = Bin { n: n as usize, mass: 1.0, confidence: 0.5, right, n_effective: n }.interval();
            assert!((got.0 - low).abs() < 5e-5 && (got.1 - high).abs() < 5e-5, "{right} of {n} gave {got:?}");
        };
        check(0.5, 10.0, (0.2366, 0.7634));
        check(0.0, 10.0, (0.0, 0.2775));
        check(1.0, 10.0, (0.7225, 1.0));
    }
}
