//! The articles as the people who write them want to see them.

use super::Desk;
use crate::domain::{ArticleId, Language};
use crate::store::{ArticleUse, StoreError};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How long back use counts.
const USE_WITHIN_SECS: i64 = 30 * 24 * 3600;

/// All articles, by id, with the languages in which any is written.
#[derive(Clone, Debug)]
pub struct Overview {
    pub articles: Vec<ArticleOverview>,
    pub languages: Vec<Language>,
}

/// One article with all its translations.
#[derive(Clone, Debug, PartialEq)]
pub struct ArticleOverview {
    pub id: ArticleId,
    pub titles: Vec<(Language, String)>,
    /// Of all translations.
    pub n_phrases: usize,
    /// Languages of the knowledge base in which it is not written.
    pub missing: Vec<Language>,
    /// It may answer today, in some language.
    pub is_current: bool,
    pub usage: ArticleUse,
}

impl Desk {
    /// `None` while the first articles are being loaded.
    pub async fn articles(&self) -> Result<Option<Overview>, StoreError> {
        let Some(shelf) = self.parts.answering.articles() else { return Ok(None) };
        let since = self.parts.clock.now() - jiff::SignedDuration::from_secs(USE_WITHIN_SECS);
        let usage: HashMap<ArticleId, ArticleUse> = self.parts.store.article_use(since).await?.into_iter().collect();
        let languages: BTreeSet<Language> = shelf.all.iter().map(|article| article.language).collect();
        let mut by_id: BTreeMap<&ArticleId, ArticleOverview> = BTreeMap::new();
        for article in &shelf.all {
            let new = || ArticleOverview {
                id: article.id.clone(),
                titles: vec![],
                n_phrases: 0,
                missing: vec![],
                is_current: shelf.active.contains(&article.id),
                usage: usage.get(&article.id).copied().unwrap_or_default(),
            };
            let row = by_id.entry(&article.id).or_insert_with(new);
            row.titles.push((article.language, article.title.clone()));
            row.n_phrases += article.phrases.len();
        }
        let mut articles: Vec<ArticleOverview> = by_id.into_values().collect();
        for row in &mut articles {
            row.titles.sort_by_key(|(language, _)| *language);
            let written: Vec<Language> = row.titles.iter().map(|(language, _)| *language).collect();
            row.missing = languages.iter().copied().filter(|language| !written.contains(language)).collect();
        }
        Ok(Some(Overview { articles, languages: languages.into_iter().collect() }))
    }
}
