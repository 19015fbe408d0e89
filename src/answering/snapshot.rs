//! What answers questions at one moment: one immutable set of articles, index, vectors and classifiers.

use super::AnsweringError;
use super::builtins::Replaced;
use super::calibration::{Calibration, MIN_PHRASES, PriorOnly};
use super::confidence::{Sample, Voices, Weights};
use super::folds::{self, Asked, Material, Sight};
use super::search::{Parts, VectorParts};
use super::texts::Texts;
use crate::domain::{Article, ArticleId, ChannelKind, Language};
use crate::intent::classifier::{Classifier, TrainOptions};
use crate::intent::encoder::{Encoder, EncoderError, OutOfFold, Vector, View};
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
    pub texts: Texts,
    /// Strangers' questions that ship with the program.
    pub strangers: Vec<(String, Language)>,
    index: Index,
    /// For each intent, its translations.
    translations: Vec<Vec<Arc<Article>>>,
    by_id: HashMap<ArticleId, u32>,
    vectors: Option<Vectors>,
    /// Over hashed n-grams alone; `None` without articles.
    words_classifier: Option<Classifier>,
    /// Of the encoder; empty without one.
    fingerprint: String,
}

/// What only an encoder gives.
struct Vectors {
    nearest: Arc<Nearest>,
    centroids: Nearest,
    classifier: Classifier,
    of_strangers: Vec<Vector>,
    /// Of a model that was adapted to these articles, or to earlier ones.
    out_of_fold: Option<Arc<OutOfFold>>,
}

impl Vectors {
    fn sight(&self, learnt: Option<Vec<bool>>) -> Sight {
        Sight { nearest: self.nearest.clone(), strangers: self.of_strangers.clone(), learnt }
    }
}

/// What an encoder makes of all texts, and of the strangers' questions.
pub(super) struct Embedded {
    pub texts: Vec<Vector>,
    pub strangers: Vec<Vector>,
    pub out_of_fold: Option<Arc<OutOfFold>>,
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
        let strangers: Vec<_> = strangers().map(|(language, text)| (text.to_owned(), language)).collect();
        let (vectors, problem) = match encoder {
            None => (None, None),
            Some(encoder) => match embedded(encoder, &texts, &strangers).await {
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
        embedded: Option<Embedded>,
        strangers: Vec<(String, Language)>,
        fingerprint: String,
        cache: Option<&Path>,
    ) -> Result<Self, AnsweringError> {
        let index = Index::build(&active)?;
        let n_labels = texts.labels.len();
        let mut translations = vec![vec![]; n_labels];
        for (article, label) in active.iter().zip(&texts.label_of) {
            translations[*label as usize].push(article.clone());
        }
        let embedded = embedded.filter(|_| n_labels > 0).map(|embedded| {
            let dims = embedded.texts.first().map_or(0, |row| row.len());
            (Arc::new(Nearest::new(dims, embedded.texts)), embedded.strangers, embedded.out_of_fold)
        });
        let train = |kind: &str, nearest: Option<&Nearest>| {
            let key = cache_key(&[&base.version, &day.to_string(), &fingerprint, kind]);
            cached(cache, kind, &key, || {
                let examples = folds::examples(&texts, &folds::sparse_of(&texts), nearest, |_| true);
                Classifier::train(&examples, n_labels, &TrainOptions::default())
            })
        };
        let words_classifier = (n_labels > 0).then(|| train("words", None));
        let vectors = embedded.map(|(nearest, of_strangers, out_of_fold)| Vectors {
            centroids: texts.centroids(&nearest, |_| true),
            classifier: train("joined", Some(&nearest)),
            nearest,
            of_strangers,
            out_of_fold,
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

    pub fn has_vectors(&self) -> bool {
        self.vectors.is_some()
    }

    pub fn voices(&self) -> Voices {
        Voices::of(self.vectors.is_some(), self.texts.share_with_phrases() >= 0.5)
    }

    /// Why cross-validation would say nothing here; `None` when it can.
    pub fn prior_only(&self) -> Option<PriorOnly> {
        match self.texts.n_phrases() {
            0 => Some(PriorOnly::NoPhrases),
            n if n < MIN_PHRASES || self.texts.share_with_phrases() < 0.5 => Some(PriorOnly::FewPhrases),
            _ => None,
        }
    }

    /// Changes whenever calibrating would give something else.
    pub fn calibration_key(&self, stranger_share: f64, target_precision: f64) -> String {
        let asked_for = format!("calibration {stranger_share} {target_precision}");
        let prior = format!("{:?}", Weights::prior(self.voices()));
        let out_of_fold = self.vectors.as_ref().and_then(|vectors| vectors.out_of_fold.as_deref());
        let stamp = out_of_fold.map_or("", |out_of_fold| &out_of_fold.stamp);
        cache_key(&[&self.base.version, &self.day.to_string(), &self.fingerprint, stamp, &asked_for, &prior])
    }

    /// Cross-validates: seconds to minutes, on `threads` threads.
    pub fn calibrate(
        &self,
        stranger_share: f64,
        target_precision: f64,
        threads: usize,
    ) -> Result<Calibration, AnsweringError> {
        if let Some(why) = self.prior_only() {
            return Ok(Calibration::prior(self.voices(), why, target_precision));
        }
        let samples = self.samples(&self.sights(), stranger_share, threads)?;
        Ok(self.calibration_of(&samples, target_precision))
    }

    pub fn calibration_of(&self, samples: &[(Asked, Sample)], target_precision: f64) -> Calibration {
        let voices = self.voices();
        match self.prior_only() {
            Some(why) => Calibration::prior(voices, why, target_precision),
            None => {
                let samples: Vec<_> = samples.iter().map(|(_, sample)| sample.clone()).collect();
                Calibration::of(&samples, voices, target_precision)
            }
        }
    }

    /// Through which encoders the folds look: the one in use, or those that were held back from some of the texts.
    fn sights(&self) -> Vec<Sight> {
        let Some(vectors) = &self.vectors else { return vec![] };
        match &vectors.out_of_fold {
            Some(out_of_fold) => self.sights_through(out_of_fold),
            None => vec![vectors.sight(None)],
        }
    }

    pub fn sights_through(&self, out_of_fold: &OutOfFold) -> Vec<Sight> {
        let Some(vectors) = &self.vectors else { return vec![] };
        let through = |encoder: usize| {
            // None of them met what was written since, nor did the one in use.
            let view = |text: &str, or: &[f32]| {
                let view = out_of_fold.view(text, encoder);
                view.unwrap_or_else(|| View { vector: or.into(), was_trained_on: false })
            };
            let texts = self.texts.all.iter().enumerate();
            let texts = texts.map(|(row, text)| view(text, vectors.nearest.row(row)));
            let (rows, learnt): (Vec<_>, _) = texts.map(|view| (view.vector, view.was_trained_on)).unzip();
            let strangers = self.strangers.iter().zip(&vectors.of_strangers);
            let strangers = strangers.map(|((text, _), or)| view(&words::normalise(text), or).vector).collect();
            let nearest = Arc::new(Nearest::new(vectors.nearest.dims(), rows));
            Sight { nearest, strangers, learnt: Some(learnt) }
        };
        (0..out_of_fold.n_encoders()).map(through).collect()
    }

    /// The encoder in use where `others` stand, asked the same questions.
    #[cfg(feature = "bert")]
    pub fn sights_in_place_of(&self, others: &[Sight]) -> Vec<Sight> {
        let Some(vectors) = &self.vectors else { return vec![] };
        others.iter().map(|other| vectors.sight(other.learnt.clone())).collect()
    }

    pub fn samples(
        &self,
        sights: &[Sight],
        stranger_share: f64,
        threads: usize,
    ) -> Result<Vec<(Asked, Sample)>, AnsweringError> {
        folds::samples(&Material {
            active: &self.active,
            texts: &self.texts,
            sights,
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

pub(super) async fn embedded(
    encoder: &Encoder,
    texts: &Texts,
    strangers: &[(String, Language)],
) -> Result<Embedded, EncoderError> {
    let foreign = strangers.iter().map(|(text, _)| words::normalise(text));
    let all = texts.all.iter().cloned().chain(foreign).collect();
    let mut vectors = encoder.embed_all(all, |_, _| {}).await?;
    let strangers = vectors.split_off(texts.all.len());
    Ok(Embedded { texts: vectors, strangers, out_of_fold: encoder.out_of_fold() })
}

/// Questions that no shop, bank or office of anyone answers, so that even a small knowledge base has met strangers.
fn strangers() -> impl Iterator<Item = (Language, &'static str)> {
    let lines = include_str!("strangers.tsv").lines();
    lines.filter_map(|line| line.split_once('\t')).filter_map(|(tag, text)| Some((Language::parse(tag)?, text)))
}

/// Changes whenever training would give something else: bump it with the training code.
const TRAINING_VERSION: &str = "3";

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
