//! Words and pieces of words as a sparse vector: what the classifier sees beside the embedding, and all that it sees without one.
//!
//! Character n-grams forgive typing errors and inflection; word n-grams keep short phrases together. Indexes are hashes,
//! so there is no vocabulary to keep. How rare a piece is in the knowledge base, the classifier learns from its examples.

use std::collections::BTreeMap;

/// Indexes are below it. With 2^18 some 60,000 different pieces (15,000 phrases) collide on about one place in nine; no
/// memory depends on it, since the classifier keeps only the places that occur.
pub const DIMENSION: u32 = 1 << 18;
/// Pieces of longer texts are left out: a customer's question is seldom longer than a tenth of it.
const MAX_CHARS: usize = 2_000;
/// What a piece of n characters or words counts for: longer ones are rarer and say more.
const CHAR_WEIGHTS: [(usize, f32); 3] = [(2, 0.5), (3, 0.8), (4, 1.0)];
/// A Chinese character says as much as a syllable, and no space shows where a word ends.
const HAN_WEIGHTS: [(usize, f32); 3] = [(1, 0.4), (2, 1.0), (3, 0.6)];
const WORD_WEIGHTS: [(usize, f32); 2] = [(1, 1.0), (2, 0.7)];
/// The part of the squared length that words take; characters take the rest.
const WORD_SHARE: f32 = 0.5;

/// Pairs of index (below `DIMENSION`) and value (above 0), in order of index, each index once; L2-normalised, or empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sparse(pub Vec<(u32, f32)>);

/// Character n-grams of the normalised text (2 to 4, inside words and over their edges; of Chinese 1 to 3), and n-grams of
/// tokens (1 and 2).
pub fn hashed(normalised: &str, tokens: &[String]) -> Sparse {
    let mut all = BTreeMap::new();
    add_scaled(&mut all, char_pieces(normalised), (1.0 - WORD_SHARE).sqrt());
    add_scaled(&mut all, word_pieces(tokens), WORD_SHARE.sqrt());
    let length = length(all.values());
    Sparse(all.into_iter().map(|(index, value)| (index, value / length)).collect())
}

type Pieces = BTreeMap<u32, f32>;

fn char_pieces(normalised: &str) -> Pieces {
    let end = normalised.char_indices().nth(MAX_CHARS).map_or(normalised.len(), |(end, _)| end);
    let mut counts = Counts::default();
    let mut piece = String::new();
    for word in normalised[..end].split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let is_chinese = word.chars().any(|c| matches!(c, '\u{4e00}'..='\u{9fff}'));
        // The edges stand for themselves: "<re" begins a word.
        let chars: Vec<char> = match is_chinese {
            true => word.chars().collect(),
            false => ['<'].into_iter().chain(word.chars()).chain(['>']).collect(),
        };
        for (n, weight) in if is_chinese { HAN_WEIGHTS } else { CHAR_WEIGHTS } {
            for window in chars.windows(n) {
                piece.clear();
                piece.extend(window);
                counts.add("c", &piece, weight);
            }
        }
    }
    counts.weighted()
}

fn word_pieces(tokens: &[String]) -> Pieces {
    let mut counts = Counts::default();
    let tokens = &tokens[..tokens.len().min(MAX_CHARS)];
    for (n, weight) in WORD_WEIGHTS {
        for window in tokens.windows(n) {
            counts.add("w", &window.join(" "), weight);
        }
    }
    counts.weighted()
}

#[derive(Default)]
struct Counts(BTreeMap<u32, (f32, f32)>);

impl Counts {
    fn add(&mut self, kind: &str, piece: &str, weight: f32) {
        let entry = self.0.entry(index(kind, piece)).or_insert((0.0, weight));
        entry.0 += 1.0;
    }

    /// A piece that comes twice says little more than once: 1 + ln(count) (Manning, Raghavan and Schütze, Introduction
    /// to Information Retrieval, 6.4.1).
    fn weighted(self) -> Pieces {
        self.0.into_iter().map(|(index, (count, weight))| (index, weight * (1.0 + count.ln()))).collect()
    }
}

fn add_scaled(all: &mut Pieces, pieces: Pieces, scale: f32) {
    let length = length(pieces.values());
    for (index, value) in pieces {
        *all.entry(index).or_default() += value / length * scale;
    }
}

/// Never 0, so that it can be divided by.
fn length<'a>(values: impl Iterator<Item = &'a f32>) -> f32 {
    values.map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE)
}

/// FNV-1a, 64 bits, folded (Fowler, Noll, Vo; draft-eastlake-fnv). Stored classifiers depend on it.
fn index(kind: &str, piece: &str) -> u32 {
    let bytes = kind.bytes().chain(piece.bytes());
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    ((hash ^ (hash >> 32)) as u32) % DIMENSION
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn alike(a: &str, b: &str) -> f32 {
        let (a, b) = (hashed(a, &tokens(a)), hashed(b, &tokens(b)));
        let b: BTreeMap<u32, f32> = b.0.into_iter().collect();
        a.0.iter().map(|(index, value)| value * b.get(index).copied().unwrap_or(0.0)).sum()
    }

    #[test]
    fn length_one_and_in_order() {
        for text in ["where is my refund", "我的订单在哪里", "как вернуть товар", "a", "refund refund refund"]
        {
            let Sparse(pairs) = hashed(text, &tokens(text));
            let length: f32 = pairs.iter().map(|(_, value)| value * value).sum();
            assert!((length - 1.0).abs() < 1e-4, "{text}: {length}");
            assert!(pairs.windows(2).all(|pair| pair[0].0 < pair[1].0), "{text}");
            assert!(pairs.iter().all(|(index, value)| *index < DIMENSION && *value > 0.0), "{text}");
        }
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert_eq!(hashed("", &[]), Sparse::default());
        assert_eq!(hashed("?! ...", &[]), Sparse::default());
    }

    #[test]
    fn typing_errors_and_inflection_stay_near() {
        let check = |a, near, far| assert!(alike(a, near) > alike(a, far) + 0.1, "{a} / {near} / {far}");
        check("refund", "refnud", "delivery");
        check("refunds", "refund", "fund");
        check("доставка", "доставки", "оплата");
        check("退货流程", "怎么退货", "修改地址");
        check("cancel my order", "cancel order", "track my parcel");
    }

    #[test]
    fn endless_texts_are_bounded() {
        let text = "слово ".repeat(100_000);
        assert!(hashed(&text, &tokens(&text)).0.len() < 4 * MAX_CHARS);
    }
}
