//! Which texts stand together in a step. The order is a hash of the seed, so that the same lessons give the same model.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// One pass over all lessons, as positions in `intents`: each once, beside another of its intent, in batches of up to
/// `n_pairs` pairs. The last of an odd number stands beside one that had its turn, and a lesson that is alone beside
/// itself: dropout makes two of it (SimCSE, Gao 2021).
pub fn pass(intents: &[u32], n_pairs: usize, seed: u64, number: usize) -> Vec<Vec<usize>> {
    let mut of_intent: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (lesson, intent) in intents.iter().enumerate() {
        of_intent.entry(*intent).or_default().push(lesson);
    }
    let mut pairs = vec![];
    for lessons in of_intent.values_mut() {
        lessons.sort_by_cached_key(|lesson| lot(seed, number, *lesson));
        pairs.extend(lessons.chunks(2).map(|pair| [pair[0], *pair.get(1).unwrap_or(&lessons[0])]));
    }
    pairs.sort_by_cached_key(|pair| lot(seed, number, pair[0]));
    // Of like size, for a last batch of few pairs would have little to tell apart.
    let n_batches = pairs.len().div_ceil(n_pairs.max(1)).max(1);
    (0..n_batches).map(|batch| pairs.iter().skip(batch).step_by(n_batches).flatten().copied().collect()).collect()
}

fn lot(seed: u64, number: usize, lesson: usize) -> [u8; 8] {
    let numbers = [seed, number as u64, lesson as u64];
    let digest = Sha256::digest(numbers.map(u64::to_le_bytes).concat());
    digest[..8].try_into().expect("a digest has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_lesson_has_its_turn_beside_one_of_its_intent() {
        let intents: Vec<u32> = (0..100).map(|lesson| lesson % 7).chain([90, 91, 91]).collect();
        for number in 0..5 {
            let batches = pass(&intents, 8, 1, number);
            let mut seen = vec![0; intents.len()];
            for pair in batches.iter().flat_map(|batch| batch.chunks(2)) {
                assert_eq!(intents[pair[0]], intents[pair[1]]);
                pair.iter().for_each(|lesson| seen[*lesson] += 1);
            }
            assert!(seen.iter().all(|n| (1..=2).contains(n)), "{seen:?}");
            assert!(batches.iter().all(|batch| (12..=16).contains(&batch.len())));
        }
    }

    #[test]
    fn another_pass_is_another_order_and_the_same_seed_the_same() {
        let intents: Vec<u32> = (0..40).map(|lesson| lesson / 4).collect();
        assert_eq!(pass(&intents, 5, 1, 0), pass(&intents, 5, 1, 0));
        assert_ne!(pass(&intents, 5, 1, 0), pass(&intents, 5, 1, 1));
        assert_ne!(pass(&intents, 5, 1, 0), pass(&intents, 5, 2, 0));
    }
}
