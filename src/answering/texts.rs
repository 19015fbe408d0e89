//! Every text that trains or is compared with, and whose it is.

use super::search::{RowKind, RowLabel};
use crate::domain::{Article, ArticleId, Language};
use crate::intent::nearest::Nearest;
use crate::knowledge::words;
use std::collections::HashMap;
use std::sync::Arc;

/// Titles, phrases, and passages after their title, of all articles, normalised, one a row.
pub(super) struct Texts {
    pub all: Vec<String>,
    pub languages: Vec<Language>,
    pub rows: Vec<RowLabel>,
    /// For each row, the article's position and, for a phrase, its place in the article.
    pub places: Vec<(u32, u32)>,
    /// The intents that articles stand for, one per article id.
    pub labels: Vec<ArticleId>,
    /// For each article, its intent.
    pub label_of: Vec<u32>,
}

/// Beyond this many characters a passage or phrase is cut before it is embedded: the encoder reads no further anyway.
const MAX_EMBEDDED_CHARS: usize = 1_000;

impl Texts {
    pub fn of(active: &[Arc<Article>]) -> Self {
        let mut texts =
            Self { all: vec![], languages: vec![], rows: vec![], places: vec![], labels: vec![], label_of: vec![] };
        let mut known: HashMap<&ArticleId, u32> = HashMap::new();
        for (position, article) in active.iter().enumerate() {
            let label = *known.entry(&article.id).or_insert_with(|| {
                texts.labels.push(article.id.clone());
                (texts.labels.len() - 1) as u32
            });
            texts.label_of.push(label);
            let of_kind = |kind| move |(place, text)| (kind, place, text);
            let title = std::iter::once(&article.title).enumerate().map(of_kind(RowKind::Title));
            let phrases = article.phrases.iter().enumerate().map(of_kind(RowKind::Phrase));
            let passages = article.passages.iter().enumerate().map(of_kind(RowKind::Passage));
            for (kind, place, text) in title.chain(phrases).chain(passages) {
                // A sentence seldom names what its article is about.
                let text = match kind {
                    RowKind::Passage => &format!("{} {text}", article.title),
                    RowKind::Title | RowKind::Phrase => text,
                };
                texts.all.push(words::normalise(text).chars().take(MAX_EMBEDDED_CHARS).collect());
                texts.languages.push(article.language);
                texts.rows.push(RowLabel { label, kind });
                texts.places.push((position as u32, place as u32));
            }
        }
        texts
    }

    /// For each intent the normalised mean of its titles and phrases among the rows that `is_seen`; zeros without any.
    pub fn centroids(&self, nearest: &Nearest, is_seen: impl Fn(usize) -> bool) -> Nearest {
        let dims = nearest.dims();
        let mut sums = vec![vec![0.0f32; dims]; self.labels.len()];
        for (row, RowLabel { label, kind }) in self.rows.iter().enumerate() {
            if *kind != RowKind::Passage && is_seen(row) {
                for (sum, value) in sums[*label as usize].iter_mut().zip(nearest.row(row)) {
                    *sum += value;
                }
            }
        }
        for sum in &mut sums {
            let length = sum.iter().map(|v| v * v).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
            sum.iter_mut().for_each(|v| *v /= length);
        }
        Nearest::new(dims, sums.into_iter().map(Into::into).collect())
    }

    pub fn n_phrases(&self) -> usize {
        self.rows.iter().filter(|row| row.kind == RowKind::Phrase).count()
    }

    /// Phrases in languages that `is_wanted`.
    pub fn n_phrases_in(&self, is_wanted: impl Fn(Language) -> bool) -> usize {
        let rows = self.rows.iter().zip(&self.languages);
        rows.filter(|(row, language)| row.kind == RowKind::Phrase && is_wanted(**language)).count()
    }

    /// Share of the intents that have a phrase.
    pub fn share_with_phrases(&self) -> f64 {
        let mut has = vec![false; self.labels.len()];
        for row in self.rows.iter().filter(|row| row.kind == RowKind::Phrase) {
            has[row.label as usize] = true;
        }
        has.iter().filter(|has| **has).count() as f64 / has.len().max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::article;

    #[test]
    fn a_passage_is_read_after_its_title() {
        let written = Article {
            title: "Refunds".into(),
            phrases: vec!["my money".into()],
            passages: vec!["They take five days.".into()],
            ..article("refund")
        };
        let texts = Texts::of(&[Arc::new(written)]);
        assert_eq!(texts.all, ["refunds", "my money", "refunds they take five days."]);
        let kinds: Vec<_> = texts.rows.iter().map(|row| row.kind).collect();
        assert_eq!(kinds, [RowKind::Title, RowKind::Phrase, RowKind::Passage]);
    }
}
