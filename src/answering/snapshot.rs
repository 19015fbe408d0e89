//! What answers questions at one moment: one immutable set of articles, index, vectors and classifiers.

use super::AnsweringError;
use super::builtins::Replaced;
use super::calibration::{Calibration, MIN_PHRASES, PriorOnly};
use super::confidence::{Voices, Weights};
use super::folds::{self, Material};
use super::search::{Parts, VectorParts};
use super::texts::Texts;
use crate::domain::judged::MIN_CASES;
use crate::domain::{Article, ArticleId, ChannelKind, Language};
use crate::intent::classifier::{Classifier, TrainOptions};
use crate::intent::encoder::{Encoder, EncoderError, Vector};
use crate::intent::nearest::Nearest;
use crate::knowledge::{Index, KnowledgeBase, words};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub(super) struct Snapshot {
    pub base: KnowledgeBase,
    /// Those that may answer today; positions in it are what the index and `texts` speak of.
    pub active: Vec<Arc<Article>>,
    pub day: jiff::civil::Date,
    /// A newer one answers; whoever still computes something for this one may stop.
    pub is_outdated: AtomicBool,
    /// Built-in intents that articles stand in for.
    pub replaced: Replaced,
    index: Index,
    texts: Texts,
    /// For each intent, its translations.
    translations: Vec<Vec<Arc<Article>>>,
    by_id: HashMap<ArticleId, u32>,
    vectors: Option<Vectors>,
    /// Over hashed n-grams alone; `None` without articles.
    words_classifier: Option<Classifier>,
    /// Strangers' questions that ship with the program.
    strangers: Vec<(String, Language, Option<Vector>)>,
    /// Of the encoder; empty without one.
    fingerprint: String,
}

/// What only an encoder gives.
struct Vectors {
    nearest: Nearest,
    centroids: Nearest,
    classifier: Classifier,
}

impl Snapshot {
    pub async fn build(
        base: KnowledgeBase,
        day: jiff::civil::Date,
        encoder: Option<&Encoder>,
        cache: Option<&Path>,
    ) -> Result<(Self, Option<String>), AnsweringError> {
        let active = base.active(day);
        let texts = Texts::of(&active);
        let mut strangers: Vec<_> = strangers().map(|(language, text)| (text.to_owned(), language, None)).collect();
        let (vectors, problem) = match encoder {
            None => (None, None),
            Some(encoder) => match embedded(encoder, &texts, &mut strangers).await {
                Ok(vectors) => (Some(vectors), None),
                Err(failure) => (None, Some(format!("the articles could not be embedded: {failure}"))),
            },
        };
        let fingerprint = encoder.map(|e| e.info().fingerprint.clone()).unwrap_or_default();
        let cache = cache.map(Path::to_owned);
        // Indexing and training take seconds: not on the threads that answer.
        let building = move || Self::join(base, day, active, texts, vectors, strangers, fingerprint, cache.as_deref());
        let snapshot = tokio::task::spawn_blocking(building).await.map_err(|_| AnsweringError::Interrupted)??;
        Ok((snapshot, problem))
    }

    #[allow(clippy::too_many_arguments)]
    fn join(
        base: KnowledgeBase,
        day: jiff::civil::Date,
        active: Vec<Arc<Article>>,
        texts: Texts,
        vectors: Option<Vec<Vector>>,
        strangers: Vec<(String, Language, Option<Vector>)>,
        fingerprint: String,
        cache: Option<&Path>,
    ) -> Result<Self, AnsweringError> {
        let index = Index::build(&active)?;
        let n_labels = texts.labels.len();
        let mut translations = vec![vec![]; n_labels];
        for (article, label) in active.iter().zip(&texts.label_of) {
            translations[*label as usize].push(article.clone());
        }
        let nearest = vectors.filter(|_| n_labels > 0).map(|rows| {
            let dims = rows.first().map_or(0, |row| row.len());
            Nearest::new(dims, rows)
        });
        let train = |kind: &str, nearest: Option<&Nearest>| {
            let key = cache_key(&[&base.version, &day.to_string(), &fingerprint, kind]);
            cached(cache, kind, &key, || {
                let examples = folds::examples(&texts, &folds::sparse_of(&texts), nearest, |_| true);
                Classifier::train(&examples, n_labels, &TrainOptions::default())
            })
        };
        let words_classifier = (n_labels > 0).then(|| train("words", None));
        let vectors = nearest.map(|nearest| Vectors {
            centroids: texts.centroids(&nearest, |_| true),
            classifier: train("joined", Some(&nearest)),
            nearest,
        });
        let by_id = texts.labels.iter().enumerate().map(|(i, id)| (id.clone(), i as u32)).collect();
        Ok(Self {
            replaced: Replaced::by(&active),
            base,
            active,
            day,
            is_outdated: AtomicBool::new(false),
            index,
            translations,
            by_id,
            texts,
            vectors,
            words_classifier,
            strangers,
            fingerprint,
        })
    }

    pub fn parts(&self) -> Parts<'_> {
        Parts {
            n_labels: self.texts.labels.len(),
            index: &self.index,
            label_of: &self.texts.label_of,
            vectors: self.vectors.as_ref().map(|vectors| VectorParts {
                nearest: &vectors.nearest,
                rows: &self.texts.rows,
                seen: None,
                centroids: &vectors.centroids,
                classifier: &vectors.classifier,
            }),
            words_classifier: self.words_classifier.as_ref(),
        }
    }

    /// Every title, phrase and passage, normalised.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.all.iter().map(String::as_str)
    }

    pub fn has_vectors(&self) -> bool {
        self.vectors.is_some()
    }

    pub fn voices(&self) -> Voices {
        Voices::of(self.vectors.is_some(), self.texts.share_with_phrases() >= 0.5)
    }

    /// Why calibrating would say nothing here; `None` when it can. From `MIN_CASES` on, judged cases are enough without phrases.
    pub fn prior_only(&self, n_judged: usize) -> Option<PriorOnly> {
        match self.texts.n_phrases() {
            _ if n_judged >= MIN_CASES => None,
            0 => Some(PriorOnly::NoPhrases),
            n if n < MIN_PHRASES || self.texts.share_with_phrases() < 0.5 => Some(PriorOnly::FewPhrases),
            _ => None,
        }
    }

    /// Changes whenever calibrating would give something else.
    pub fn calibration_key(&self, stranger_share: f64, target_precision: f64) -> String {
        let asked_for = format!("calibration {stranger_share} {target_precision}");
        let prior = format!("{:?}", Weights::prior(self.voices()));
        cache_key(&[&self.base.version, &self.day.to_string(), &self.fingerprint, &asked_for, &prior])
    }

    /// Cross-validates where there are phrases enough: seconds to minutes, on `threads` threads.
    pub fn calibrate(
        &self,
        stranger_share: f64,
        target_precision: f64,
        threads: usize,
        judged: Vec<super::Sample>,
    ) -> Result<Calibration, AnsweringError> {
        let voices = self.voices();
        if let Some(why) = self.prior_only(judged.len()) {
            return Ok(Calibration::prior(voices, why, target_precision));
        }
        let n_judged = judged.len();
        let mut samples = match self.prior_only(0) {
            Some(_) => vec![],
            None => self.samples(stranger_share, threads)?,
        };
        samples.extend(judged);
        Ok(Calibration::of(&samples, n_judged, voices, target_precision))
    }

    pub fn samples(&self, stranger_share: f64, threads: usize) -> Result<Vec<super::Sample>, AnsweringError> {
        folds::samples(&Material {
            active: &self.active,
            texts: &self.texts,
            nearest: self.vectors.as_ref().map(|vectors| &vectors.nearest),
            strangers: &self.strangers,
            stranger_share,
            sparse: &folds::sparse_of(&self.texts),
            is_outdated: &self.is_outdated,
            threads,
        })
    }

    pub fn is_of(&self, base: &KnowledgeBase, day: jiff::civil::Date) -> bool {
        self.base.version == base.version && self.day == day && self.base.findings == base.findings
    }

    /// The translation nearest to `language` that may answer on this channel.
    pub fn translation(&self, label: u32, language: Language, channel: ChannelKind) -> Option<&Arc<Article>> {
        let translations = &self.translations[label as usize];
        translations.iter().filter(|a| a.answers_on(channel)).min_by_key(|a| language.distance(a.language))
    }

    pub fn id(&self, label: u32) -> &ArticleId {
        &self.texts.labels[label as usize]
    }

    pub fn label(&self, id: &ArticleId) -> Option<u32> {
        self.by_id.get(id).copied()
    }
}

/// The vectors of all texts; those of the strangers' questions are written beside them.
async fn embedded(
    encoder: &Encoder,
    texts: &Texts,
    strangers: &mut [(String, Language, Option<Vector>)],
) -> Result<Vec<Vector>, EncoderError> {
    let foreign = strangers.iter().map(|(text, ..)| words::normalise(text));
    let all = texts.all.iter().cloned().chain(foreign).collect();
    let mut vectors = encoder.embed_all(all, |_, _| {}).await?;
    let of_strangers = vectors.split_off(texts.all.len());
    for ((_, _, to), vector) in strangers.iter_mut().zip(of_strangers) {
        *to = Some(vector);
    }
    Ok(vectors)
}

/// Questions that no shop, bank or office of anyone answers, so that even a small knowledge base has met strangers.
fn strangers() -> impl Iterator<Item = (Language, &'static str)> {
    let lines = include_str!("strangers.tsv").lines();
    lines.filter_map(|line| line.split_once('\t')).filter_map(|(tag, text)| Some((Language::parse(tag)?, text)))
}

/// Changes whenever training would give something else: bump it with the training code.
const TRAINING_VERSION: &str = "2";

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
        forget_older(folder, &format!("classifier-{kind}-"), &file);
    }
    classifier
}

/// Keeps the newest few of the files that begin with `prefix`: every change of an article leaves one behind.
pub(super) fn forget_older(folder: &Path, prefix: &str, newest: &Path) {
    const KEPT: usize = 4;
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut files: Vec<_> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix) && entry.path() != newest)
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    files.sort();
    let n_old = files.len().saturating_sub(KEPT);
    for (_, file) in files.into_iter().take(n_old) {
        let _ = std::fs::remove_file(file);
    }
}
