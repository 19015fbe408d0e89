//! Finds phrases of different articles that say the same in the same words.
//! A set similarity join with prefix filtering (Bayardo, Ma, Srikant: "Scaling Up All Pairs Similarity Search", 2007): two sets
//! that are alike enough share one of their rarest tokens, so only phrases that do are compared.

use std::collections::HashMap;

pub(super) struct Phrase {
    /// Which article it belongs to.
    pub owner: usize,
    /// In any order; repeated tokens count once.
    pub tokens: Vec<String>,
}

/// Positions in the slice that was given.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub earlier: usize,
    pub later: usize,
}

/// Shared tokens over all tokens (Jaccard), in percent.
const ALIKE_PERCENT: usize = 85;

/// Comparisons in all. Real phrases need about one each; a generated folder could ask for billions.
const MAX_COMPARISONS: usize = 5_000_000;

/// Each phrase at most once as `later`, in order, paired with the first phrase of another article that is like it.
pub(super) fn pairs(phrases: &[Phrase]) -> Vec<Pair> {
    let sets = token_sets(phrases);
    let mut first_alike: Vec<Option<usize>> = vec![None; phrases.len()];
    let distinct = same_sets(phrases, &sets, &mut first_alike);
    similar_sets(phrases, &sets, distinct, &mut first_alike);
    let pair = |(later, earlier): (usize, Option<usize>)| earlier.map(|earlier| Pair { earlier, later });
    first_alike.into_iter().enumerate().filter_map(pair).collect()
}

/// Each phrase's tokens as numbers, rarest first.
fn token_sets(phrases: &[Phrase]) -> Vec<Vec<u32>> {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for token in phrases.iter().flat_map(|phrase| &phrase.tokens) {
        *counts.entry(token).or_default() += 1;
    }
    let mut by_rarity: Vec<(u32, &str)> = counts.into_iter().map(|(token, count)| (count, token)).collect();
    by_rarity.sort_unstable();
    let ranks: HashMap<&str, u32> = (0..).zip(by_rarity).map(|(rank, (_, token))| (token, rank)).collect();
    let set = |phrase: &Phrase| {
        let mut set: Vec<u32> = phrase.tokens.iter().map(|token| ranks[token.as_str()]).collect();
        set.sort_unstable();
        set.dedup();
        set
    };
    phrases.iter().map(set).collect()
}

/// Pairs phrases whose sets are equal. Returns the first phrase of each set.
fn same_sets(phrases: &[Phrase], sets: &[Vec<u32>], first_alike: &mut [Option<usize>]) -> Vec<usize> {
    // For each set its first phrase, and the first one of another article.
    let mut seen: HashMap<&[u32], (usize, Option<usize>)> = HashMap::new();
    let mut distinct = vec![];
    for (at, set) in sets.iter().enumerate().filter(|(_, set)| !set.is_empty()) {
        match seen.get_mut(set.as_slice()) {
            None => {
                seen.insert(set, (at, None));
                distinct.push(at);
            }
            Some((first, other)) => {
                if phrases[*first].owner == phrases[at].owner {
                    first_alike[at] = *other;
                } else {
                    first_alike[at] = Some(*first);
                    other.get_or_insert(at);
                }
            }
        }
    }
    distinct
}

fn similar_sets(phrases: &[Phrase], sets: &[Vec<u32>], mut distinct: Vec<usize>, first_alike: &mut [Option<usize>]) {
    distinct.sort_by_key(|&at| sets[at].len());
    let mut holders: HashMap<u32, Vec<usize>> = HashMap::new();
    let mut n_comparisons = 0;
    for &at in &distinct {
        let set = &sets[at];
        let least_shared = (set.len() * ALIKE_PERCENT).div_ceil(100);
        for token in &set[..set.len() - least_shared + 1] {
            let holders = holders.entry(*token).or_default();
            for &other in holders.iter().rev().take_while(|&&other| sets[other].len() >= least_shared) {
                n_comparisons += 1;
                if phrases[other].owner != phrases[at].owner && are_alike(set, &sets[other]) {
                    let (earlier, later) = (at.min(other), at.max(other));
                    let known = first_alike[later];
                    first_alike[later] = Some(known.map_or(earlier, |known| known.min(earlier)));
                }
            }
            if n_comparisons > MAX_COMPARISONS {
                return;
            }
            holders.push(at);
        }
    }
}

/// Both sorted.
fn are_alike(a: &[u32], b: &[u32]) -> bool {
    let (mut i, mut j, mut n_shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                n_shared += 1;
                i += 1;
                j += 1;
            }
        }
    }
    n_shared * 100 >= (a.len() + b.len() - n_shared) * ALIKE_PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase(owner: usize, text: &str) -> Phrase {
        Phrase { owner, tokens: text.split(' ').filter(|t| !t.is_empty()).map(str::to_owned).collect() }
    }

    #[test]
    fn phrases_that_are_alike_are_paired() {
        let check = |phrases: &[(usize, &str)], expected: &[(usize, usize)]| {
            let phrases: Vec<_> = phrases.iter().map(|(owner, text)| phrase(*owner, text)).collect();
            let found: Vec<_> = pairs(&phrases).iter().map(|pair| (pair.earlier, pair.later)).collect();
            assert_eq!(found, expected);
        };
        check(&[(0, "where order"), (1, "order where")], &[(0, 1)]);
        check(&[(0, "where order"), (0, "order where")], &[]);
        check(&[(0, "where order"), (1, "where refund")], &[]);
        check(&[(0, "a a b"), (1, "b a")], &[(0, 1)]);
        check(&[(0, "a b c d e f g"), (1, "a b c d e f")], &[(0, 1)]);
        check(&[(0, "a b c d e f"), (1, "a b c d e f g"), (1, "x")], &[(0, 1)]);
        check(&[(0, "a b c d e f g"), (1, "a b c d e x")], &[]);
        check(&[(0, "a"), (1, "a"), (0, "a"), (2, "a")], &[(0, 1), (1, 2), (0, 3)]);
        check(&[(0, ""), (1, "")], &[]);
    }

    #[test]
    fn a_hundred_thousand_phrases_are_no_matter() {
        // Six words out of five hundred, by a small linear congruence.
        let mut state = 7_u64;
        let mut word = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            format!("w{}", (state >> 33) % 500)
        };
        let phrases: Vec<_> =
            (0..100_000).map(|i| Phrase { owner: i / 10, tokens: (0..7).map(|_| word()).collect() }).collect();
        let started = std::time::Instant::now();
        assert!(pairs(&phrases).len() < 100);
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    }
}
