//! The vectors of all texts, and what is near to a question's.

use super::search::{RowKind, RowLabel};
use crate::intent::encoder::Vector;
use crate::intent::nearest::Nearest;
use crate::intent::whitening::Whitening;

/// One row for each text, in their order. Titles and phrases are as they were embedded, since classifiers learn from them. Passages are
/// whitened with what all titles and passages share, and a question is before it is compared with them.
pub(super) struct Rows {
    pub nearest: Nearest,
    /// `None` without passages.
    whitening: Option<Whitening>,
}

impl Rows {
    /// `vectors` are one for each of `labels`.
    pub fn of(labels: &[RowLabel], mut vectors: Vec<Vector>) -> Self {
        let dims = vectors.first().map_or(0, |vector| vector.len());
        let of_articles = labels.iter().zip(&vectors).filter(|(label, _)| label.kind != RowKind::Phrase);
        let of_articles: Vec<&[f32]> = of_articles.map(|(_, vector)| &**vector).collect();
        let has_passages = labels.iter().any(|label| label.kind == RowKind::Passage);
        let whitening = if has_passages { Whitening::of(&of_articles, dims) } else { None };
        if let Some(whitening) = &whitening {
            let passages = labels.iter().zip(&mut vectors).filter(|(label, _)| label.kind == RowKind::Passage);
            passages.for_each(|(_, vector)| *vector = whitening.apply(vector));
        }
        Self { nearest: Nearest::new(dims, vectors), whitening }
    }

    /// The rows that are wanted, with their cosines to a question, -1 to 1, as `Nearest::scan` gives them.
    pub fn scan(
        &self,
        labels: &[RowLabel],
        question: &Vector,
        is_wanted: impl Fn(usize) -> bool,
    ) -> impl Iterator<Item = (usize, f32)> {
        let is_passage = |row: usize| labels[row].kind == RowKind::Passage;
        let short = self.nearest.scan(question, |row| !is_passage(row) && is_wanted(row));
        let whitened = self.whitening.as_ref().map(|whitening| whitening.apply(question));
        let passages = whitened.map(|question| self.nearest.scan(&question, |row| is_passage(row) && is_wanted(row)));
        short.into_iter().chain(passages.into_iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(kinds: &[RowKind]) -> Vec<RowLabel> {
        kinds.iter().enumerate().map(|(i, kind)| RowLabel { label: i as u32, kind: *kind }).collect()
    }

    /// In one corner, each a little to its own side.
    fn vectors(n: usize) -> Vec<Vector> {
        let vector = |i: usize| {
            let angle = 0.2 * (i as f32 - n as f32 / 2.0) / n as f32;
            Vector::from([angle.cos(), angle.sin()])
        };
        (0..n).map(vector).collect()
    }

    #[test]
    fn passages_are_compared_without_what_all_share() {
        use RowKind::{Passage, Phrase, Title};
        let kinds: Vec<RowKind> = [Title, Phrase, Passage].into_iter().cycle().take(600).collect();
        let (labels, vectors) = (labels(&kinds), vectors(600));
        let rows = Rows::of(&labels, vectors.clone());
        let question = vectors[2].clone();
        let mut found: Vec<(usize, f32)> = rows.scan(&labels, &question, |row| row != 5).collect();
        found.sort_by_key(|(row, _)| *row);
        assert_eq!(
            found.iter().map(|(row, _)| *row).collect::<Vec<_>>(),
            (0..600).filter(|row| *row != 5).collect::<Vec<_>>()
        );
        let score = |wanted: usize| found.iter().find(|(row, _)| *row == wanted).unwrap().1;
        assert!((score(2) - 1.0).abs() < 1e-5, "{}", score(2));
        // The other end of the corner: as a title still near, as a passage far.
        assert!(score(597) > 0.97 && score(599) < 0.5, "{} {}", score(597), score(599));
        assert_eq!(rows.nearest.row(0), &*vectors[0]);
        assert_eq!(rows.nearest.row(1), &*vectors[1]);
    }

    #[test]
    fn without_passages_or_rows_nothing_is_whitened() {
        let kinds = labels(&[RowKind::Title, RowKind::Phrase]);
        let rows = Rows::of(&kinds, vectors(2));
        let found: Vec<_> = rows.scan(&kinds, &vectors(2)[1], |_| true).collect();
        assert_eq!(found.len(), 2);
        assert!((found[1].1 - 1.0).abs() < 1e-6);
        assert_eq!(Rows::of(&[], vec![]).scan(&[], &vectors(1)[0], |_| true).count(), 0);
    }
}
