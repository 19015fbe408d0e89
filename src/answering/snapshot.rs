//! What answers questions at one moment: one immutable set of articles, index, vectors and classifiers.

use super::AnsweringError;
use crate::domain::{Article, ArticleId, ChannelKind, Language};
use crate::intent::classifier::{Classifier, Example, TrainOptions};
use crate::intent::encoder::{Encoder, Vector};
use crate::intent::features;
use crate::intent::nearest::Nearest;
use crate::knowledge::{Index, KnowledgeBase, words};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

pub(super) struct Snapshot {
    pub base: KnowledgeBase,
    /// Those that may answer today; positions in it are what the index and `rows` speak of.
    pub active: Vec<Arc<Article>>,
    pub day: jiff::civil::Date,
    pub index: Index,
    /// The intents that articles stand for, one per article id.
    pub labels: Vec<ArticleId>,
    /// For each position in `active`, its intent.
    pub label_of: Vec<u32>,
    /// For each intent, its translations.
    pub translations: Vec<Vec<Arc<Article>>>,
    by_id: HashMap<ArticleId, u32>,
    pub vectors: Option<Vectors>,
    /// Over hashed n-grams alone; `None` without articles.
    pub words_classifier: Option<Classifier>,
}

/// What only an encoder gives.
pub(super) struct Vectors {
    pub nearest: Nearest,
    /// For each row of `nearest`.
    pub rows: Vec<RowLabel>,
    /// Over embedding and hashed n-grams.
    pub classifier: Classifier,
}

#[derive(Clone, Copy)]
pub(super) struct RowLabel {
    pub label: u32,
    pub is_passage: bool,
}

/// Beyond this many characters a passage or phrase is cut before it is embedded: the encoder reads no further anyway.
const MAX_EMBEDDED_CHARS: usize = 1_000;

impl Snapshot {
    pub(super) async fn build(
        base: KnowledgeBase,
        day: jiff::civil::Date,
        encoder: Option<&Encoder>,
        cache: Option<&Path>,
    ) -> Result<(Self, Option<String>), AnsweringError> {
        let active = base.active(day);
        let texts = Texts::of(&active);
        let (vectors, problem) = match encoder {
            None => (None, None),
            Some(encoder) => match encoder.embed_all(texts.all.clone(), |_, _| {}).await {
                Ok(vectors) => (Some(vectors), None),
                Err(failure) => (None, Some(format!("the articles could not be embedded: {failure}"))),
            },
        };
        let fingerprint = encoder.map(|e| e.info().fingerprint.clone()).unwrap_or_default();
        let cache = cache.map(Path::to_owned);
        // Indexing and training take seconds: not on the threads that answer.
        let building = move || Self::join(base, day, active, texts, vectors, &fingerprint, cache.as_deref());
        let snapshot = tokio::task::spawn_blocking(building).await.map_err(|_| AnsweringError::Interrupted)??;
        Ok((snapshot, problem))
    }

    fn join(
        base: KnowledgeBase,
        day: jiff::civil::Date,
        active: Vec<Arc<Article>>,
        texts: Texts,
        vectors: Option<Vec<Vector>>,
        fingerprint: &str,
        cache: Option<&Path>,
    ) -> Result<Self, AnsweringError> {
        let index = Index::build(&active)?;
        let labels = texts.labels;
        let mut translations = vec![vec![]; labels.len()];
        for (article, label) in active.iter().zip(&texts.label_of) {
            translations[*label as usize].push(article.clone());
        }
        let examples = |with_vectors: bool| -> Vec<Example> {
            let phrases = texts.rows.iter().enumerate().filter(|(_, row)| !row.is_passage);
            let example = |(i, row): (usize, &RowLabel)| Example {
                embedding: vectors.as_ref().filter(|_| with_vectors).map(|v| v[i].clone()),
                sparse: features::hashed(&texts.all[i], &words::tokens(&texts.all[i], texts.languages[i])),
                label: row.label,
            };
            phrases.map(example).collect()
        };
        let train = |kind: &str, with_vectors: bool| {
            let key = cache_key(&[&base.version, &day.to_string(), fingerprint, kind]);
            cached(cache, kind, &key, || {
                Classifier::train(&examples(with_vectors), labels.len(), &TrainOptions::default())
            })
        };
        let words_classifier = (!labels.is_empty()).then(|| train("words", false));
        let classifier = (!labels.is_empty() && vectors.is_some()).then(|| train("joined", true));
        let vectors = match (vectors, classifier) {
            (Some(vectors), Some(classifier)) => {
                let dims = vectors.first().map_or(0, |v| v.len());
                Some(Vectors { nearest: Nearest::new(dims, vectors), rows: texts.rows, classifier })
            }
            _ => None,
        };
        let by_id = labels.iter().enumerate().map(|(i, id)| (id.clone(), i as u32)).collect();
        Ok(Self {
            base,
            active,
            day,
            index,
            label_of: texts.label_of,
            translations,
            by_id,
            labels,
            vectors,
            words_classifier,
        })
    }

    pub(super) fn is_of(&self, base: &KnowledgeBase, day: jiff::civil::Date) -> bool {
        self.base.version == base.version && self.day == day && self.base.findings == base.findings
    }

    /// The translation nearest to `language` that may answer on this channel.
    pub(super) fn translation(&self, label: u32, language: Language, channel: ChannelKind) -> Option<&Arc<Article>> {
        let translations = &self.translations[label as usize];
        translations.iter().filter(|a| a.answers_on(channel)).min_by_key(|a| language.distance(a.language))
    }

    pub(super) fn label(&self, id: &ArticleId) -> Option<u32> {
        self.by_id.get(id).copied()
    }
}

/// Every text that trains or is compared with, normalised, and whose it is.
struct Texts {
    all: Vec<String>,
    languages: Vec<Language>,
    rows: Vec<RowLabel>,
    labels: Vec<ArticleId>,
    label_of: Vec<u32>,
}

impl Texts {
    fn of(active: &[Arc<Article>]) -> Self {
        let mut texts = Self { all: vec![], languages: vec![], rows: vec![], labels: vec![], label_of: vec![] };
        let mut known: HashMap<&ArticleId, u32> = HashMap::new();
        for article in active {
            let label = *known.entry(&article.id).or_insert_with(|| {
                texts.labels.push(article.id.clone());
                (texts.labels.len() - 1) as u32
            });
            texts.label_of.push(label);
            // The title is how the writer would ask, so it trains like a phrase.
            let phrases = std::iter::once(&article.title).chain(&article.phrases).map(|text| (text, false));
            let passages = article.passages.iter().map(|text| (text, true));
            for (text, is_passage) in phrases.chain(passages) {
                let cut: String = words::normalise(text).chars().take(MAX_EMBEDDED_CHARS).collect();
                texts.all.push(cut);
                texts.languages.push(article.language);
                texts.rows.push(RowLabel { label, is_passage });
            }
        }
        texts
    }
}

/// Changes whenever training would give something else: bump it with the training code.
const TRAINING_VERSION: &str = "1";

fn cache_key(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in [TRAINING_VERSION].iter().chain(parts) {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hex::encode(&hash.finalize()[..8])
}

/// Loads what was trained before for the same inputs, else trains and keeps it. A cache that cannot be read or written costs time only.
fn cached(folder: Option<&Path>, kind: &str, key: &str, train: impl FnOnce() -> Classifier) -> Classifier {
    let Some(folder) = folder else { return train() };
    let file = folder.join(format!("classifier-{kind}-{key}.bin"));
    if let Ok(classifier) = Classifier::load(&file) {
        return classifier;
    }
    let classifier = train();
    let _ = std::fs::create_dir_all(folder);
    if let Err(error) = classifier.save(&file) {
        tracing::warn!(file = %file.display(), %error, "the trained classifier could not be kept; the next start trains again");
    } else {
        forget_older(folder, kind, &file);
    }
    classifier
}

/// Keeps the newest few: every change of an article leaves one behind.
fn forget_older(folder: &Path, kind: &str, newest: &Path) {
    const KEPT: usize = 4;
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let prefix = format!("classifier-{kind}-");
    let mut files: Vec<_> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix) && entry.path() != newest)
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    files.sort();
    let n_old = files.len().saturating_sub(KEPT);
    for (_, file) in files.into_iter().take(n_old) {
        let _ = std::fs::remove_file(file);
    }
}
