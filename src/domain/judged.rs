//! Judged cases: questions whose right article is known because a person said so, how each was picked, and what it weighs.
//! Pure: a draw is a number that was made elsewhere.
//!
//! Whoever picks a case picks with a bias: agents judge what was handed off, customers praise what was right. So each case
//! weighs by the inverse of the chance that it was picked (Horvitz and Thompson 1952), and two in a hundred of the bot's
//! answers are drawn blindly for a lead.

use super::{ArticleId, Language};
use serde::{Deserialize, Serialize};

/// One question of a customer and its right article.
#[derive(Clone, Debug, PartialEq)]
pub struct JudgedCase {
    /// What the customer typed; the turns of one burst stand a line each.
    pub text: String,
    pub language: Language,
    /// `None`: nothing in the knowledge base answers it, it is a stranger's.
    pub right: Option<ArticleId>,
    pub picked: Picked,
    /// How likely a question like it is picked, above 0, at most 1.
    pub chance: f64,
}

/// How a question came to be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Picked {
    /// An agent or a lead chose to judge it.
    AgentChose,
    /// The customer said that the answer helped.
    Helped,
    /// The answer was drawn. Whoever judges it then, its chance is that of the draw.
    Random,
}

/// Share of the bot's answers that is drawn for a lead to judge, where that makes `DRAWS_A_WEEK`.
pub const DRAW_RATE: f64 = 0.02;
/// At least so many are drawn in a week, where there are so many answers.
pub const DRAWS_A_WEEK: u32 = 20;
/// A longer count of a week's answers changes no rate.
pub const ANSWERS_THAT_COUNT: u32 = 1_000;
/// A drawn answer that nobody judged by then is let go.
pub const DRAW_WAITS_SECS: i64 = 30 * 24 * 3600;
/// The answers of the week before say how many to expect.
pub const WEEK_SECS: i64 = 7 * 24 * 3600;

/// The chance, `DRAW_RATE` to 1, of the next answer; `n_answers` were given in the last week.
pub fn draw_rate(n_answers: u32) -> f64 {
    (f64::from(DRAWS_A_WEEK) / f64::from(n_answers.max(1))).clamp(DRAW_RATE, 1.0)
}

/// `lot` is uniform from 0 to below 1.
pub fn is_drawn(lot: f64, rate: f64) -> bool {
    lot < rate
}

/// How many there are of what people pick from, and how many they picked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strata {
    /// Answers that the bot found for words.
    pub n_answers: u64,
    pub n_helped: u64,
    /// Conversations that were handed off after a question.
    pub n_handed_off: u64,
    /// Those of them in which somebody chose to judge one.
    pub n_chosen: u64,
}

impl Strata {
    /// The share of all answers of which customers said that they helped, `DRAW_RATE` to 1. An estimate: who is content and says
    /// so is not chosen at random, and below `DRAW_RATE` a few such cases would outweigh all that was drawn.
    pub fn chance_of_helped(&self) -> f64 {
        share(self.n_helped, self.n_answers)
    }

    /// The share of handed-off conversations in which somebody chose to judge, `DRAW_RATE` to 1. An estimate, for the same reason.
    pub fn chance_of_chosen(&self) -> f64 {
        share(self.n_chosen, self.n_handed_off)
    }
}

fn share(n: u64, of: u64) -> f64 {
    (n as f64 / of.max(1) as f64).clamp(DRAW_RATE, 1.0)
}

/// What each case counts: the inverse of its chance, 1 on average. No case weighs more than one drawn at `DRAW_RATE` would.
pub fn weights(cases: &[JudgedCase]) -> Vec<f64> {
    let raw: Vec<f64> = cases.iter().map(inverse_chance).collect();
    let mean = raw.iter().sum::<f64>() / raw.len().max(1) as f64;
    raw.into_iter().map(|weight| weight / mean).collect()
}

fn inverse_chance(case: &JudgedCase) -> f64 {
    1.0 / case.chance.clamp(DRAW_RATE, 1.0)
}

/// From so many judged cases on they are believed on their own: for the strangers' share, and where there are few phrases.
pub const MIN_CASES: usize = 200;
/// Of answered and of chosen cases each, before their strangers are compared.
const MIN_OF_EACH: usize = 20;
/// A share of 0 or 1 would leave one kind of question without any weight.
const LEAST_SHARE: f64 = 0.01;
const LARGEST_SHARE: f64 = 0.9;

/// The share of strangers' questions among all, 0.01 to 0.9, or `None` while too little is judged to say.
///
/// Cases that helped are left out: none of them is a stranger's, and the answered questions are spoken for by those that were
/// drawn. Both of the others must be there: drawn answers alone hold hardly a stranger, handed-off questions alone hold
/// hardly anything else, and a share of one of them would be wrong by its whole size.
pub fn stranger_share(cases: &[JudgedCase]) -> Option<f64> {
    let of = |picked: Picked| cases.iter().filter(move |case| case.picked == picked);
    let (n_drawn, n_chosen) = (of(Picked::Random).count(), of(Picked::AgentChose).count());
    if n_drawn + n_chosen < MIN_CASES || n_drawn.min(n_chosen) < MIN_OF_EACH {
        return None;
    }
    let (mut all, mut strangers) = (0.0, 0.0);
    for case in of(Picked::Random).chain(of(Picked::AgentChose)) {
        all += inverse_chance(case);
        strangers += if case.right.is_none() { inverse_chance(case) } else { 0.0 };
    }
    Some((strangers / all).clamp(LEAST_SHARE, LARGEST_SHARE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cases(n: usize, right: Option<&str>, picked: Picked, chance: f64) -> Vec<JudgedCase> {
        let case = |i| JudgedCase {
            text: format!("question {i}"),
            language: Language::En,
            right: right.map(ArticleId::new),
            picked,
            chance,
        };
        (0..n).map(case).collect()
    }

    #[test]
    fn twenty_a_week_or_two_in_a_hundred() {
        let check = |n_answers, rate: f64| assert!((draw_rate(n_answers) - rate).abs() < 1e-12, "{n_answers}");
        check(0, 1.0);
        check(7, 1.0);
        check(20, 1.0);
        check(40, 0.5);
        check(500, 0.04);
        check(1_000, 0.02);
        check(u32::MAX, 0.02);
        assert_eq!(draw_rate(ANSWERS_THAT_COUNT), draw_rate(ANSWERS_THAT_COUNT + 1), "counting on changes nothing");
        for n_answers in [20, 100, 999, 5_000] {
            assert!(draw_rate(n_answers) * f64::from(n_answers) >= f64::from(DRAWS_A_WEEK) - 1e-9, "{n_answers}");
        }
    }

    #[test]
    fn a_lot_below_the_rate_is_drawn() {
        let check = |lot, rate, expected| assert_eq!(is_drawn(lot, rate), expected, "{lot} {rate}");
        check(0.0, 0.02, true);
        check(0.019, 0.02, true);
        check(0.02, 0.02, false);
        check(0.999_999, 1.0, true);
        let n_drawn = (0..10_000).filter(|i| is_drawn(f64::from(*i) / 10_000.0, DRAW_RATE)).count();
        assert_eq!(n_drawn, 200);
    }

    #[test]
    fn chances_are_shares_with_a_floor() {
        let check = |n, of, expected| {
            let strata = Strata { n_answers: of, n_helped: n, n_handed_off: of, n_chosen: n };
            assert_eq!((strata.chance_of_helped(), strata.chance_of_chosen()), (expected, expected), "{n} of {of}");
        };
        check(0, 0, DRAW_RATE);
        check(1, 1_000_000, DRAW_RATE);
        check(30, 100, 0.3);
        check(7, 7, 1.0);
        // A conversation may have been handed off before it was counted.
        check(9, 7, 1.0);
    }

    #[test]
    fn weights_are_inverse_chances_with_mean_one() {
        let check = |chances: &[f64], expected: &[f64]| {
            let all: Vec<_> = chances.iter().flat_map(|c| cases(1, None, Picked::Random, *c)).collect();
            let found = weights(&all);
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{chances:?}: {found:?}");
            assert_eq!(found.len(), expected.len());
        };
        check(&[], &[]);
        check(&[0.3], &[1.0]);
        check(&[1.0, 0.25], &[0.4, 1.6]);
        // However small the chance, no case weighs more than one that was drawn at the usual rate.
        check(&[0.02, 1e-9], &[1.0, 1.0]);
        check(&[1.0, 0.02], &[2.0 / 51.0, 100.0 / 51.0]);
    }

    #[test]
    fn the_strangers_share_undoes_how_cases_were_picked() {
        let check = |parts: &[(usize, bool, Picked, f64)], expected: Option<f64>| {
            let part = |(n, is_stranger, picked, chance): &(usize, bool, Picked, f64)| {
                cases(*n, (!is_stranger).then_some("refund-time"), *picked, *chance)
            };
            let found = stranger_share(&parts.iter().flat_map(part).collect::<Vec<_>>());
            let is_near = match (found, expected) {
                (Some(found), Some(expected)) => (found - expected).abs() < 1e-9,
                (None, None) => true,
                _ => false,
            };
            assert!(is_near, "{parts:?}: {found:?}, not {expected:?}");
        };
        use Picked::{AgentChose, Helped, Random};
        check(&[], None);
        // 5,000 answers of which 100 were drawn, and 200 handed-off questions of which 100 were judged.
        let drawn = [(98, false, Random, 0.02), (2, true, Random, 0.02)];
        let chosen = [(40, false, AgentChose, 0.5), (60, true, AgentChose, 0.5)];
        let both = [drawn, chosen].concat();
        check(&both, Some((2.0 * 50.0 + 60.0 * 2.0) / (100.0 * 50.0 + 100.0 * 2.0)));
        // Thanks change nothing, however many.
        check(&[&both[..], &[(5_000, false, Helped, 0.1)]].concat(), Some(220.0 / 5_200.0));
        // Too few, or one side alone.
        check(&both[1..], None);
        check(&[(199, false, Random, 1.0), (1, true, AgentChose, 1.0)], None);
        check(&[(500, false, Random, 0.02)], None);
        check(&[(500, true, AgentChose, 0.3)], None);
        check(&[(20, true, AgentChose, 1.0), (180, true, Random, 1.0)], Some(LARGEST_SHARE));
        check(&[(20, false, AgentChose, 1.0), (180, false, Random, 1.0)], Some(LEAST_SHARE));
    }
}
