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
