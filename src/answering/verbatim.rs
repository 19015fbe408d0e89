//! Questions that are, word for word, what somebody wrote as an article's own question.

use super::search::{RowKind, RowLabel};
use super::texts::Texts;
use std::collections::HashMap;

/// Titles and phrases, with the intent whose they are; `None`: of several.
pub(super) struct Verbatim(HashMap<Box<str>, Option<u32>>);

impl Verbatim {
    pub fn of(texts: &Texts) -> Self {
        let mut asked: HashMap<Box<str>, Option<u32>> = HashMap::new();
        for (text, RowLabel { label, kind }) in texts.all.iter().zip(&texts.rows) {
            let words = bare(text);
            if *kind == RowKind::Passage || words.is_empty() {
                continue;
            }
            let by = asked.entry(words.into()).or_insert(Some(*label));
            if *by != Some(*label) {
                *by = None;
            }
        }
        Self(asked)
    }

    /// The one intent that is asked for in just these words.
    pub fn label(&self, normalised: &str) -> Option<u32> {
        self.0.get(bare(normalised)).copied().flatten()
    }
}

/// Without what stands around the words: a question mark more or less asks nothing else.
fn bare(normalised: &str) -> &str {
    normalised.trim_matches(|c: char| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::article;
    use std::sync::Arc;

    #[test]
    fn words_of_one_intent_alone_are_known() {
        let with = |id: &str, title: &str, phrases: &[&str]| {
            let phrases = phrases.iter().map(|&phrase| phrase.to_owned()).collect();
            Arc::new(crate::domain::Article { title: title.into(), phrases, ..article(id) })
        };
        let articles =
            [with("a", "Opening hours", &["when are you open?", "prices"]), with("b", "Prices", &["how much?"])];
        let verbatim = Verbatim::of(&Texts::of(&articles));
        let check = |words: &str, expected| assert_eq!(verbatim.label(words), expected, "{words}");
        check("opening hours", Some(0));
        check("when are you open", Some(0));
        check("how much?!", Some(1));
        check("how much is it", None);
        check("prices", None);
        check("", None);
        check("?", None);
    }
}
