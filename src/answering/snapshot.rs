//! What answers questions at one moment: one immutable set of articles, index, vectors and classifiers.

use super::AnsweringError;
use super::builtins::Replaced;
use super::calibration::{Calibration, MIN_PHRASES, PriorOnly};
use super::confidence::{Sample, Voices, Weights};
use super::folds::{self, Asked, Sight};
use super::rows::Rows;
use super::search::{EncoderLanguages, Parts, VectorParts};
use super::texts::Texts;
use super::verbatim::Verbatim;
use crate::domain::judged::MIN_CASES;
use crate::domain::{Article, ArticleId, ChannelKind, Language};
use crate::intent::classifier::{Classifier, TrainOptions};
use crate::intent::encoder::{Encoder, EncoderError, OutOfFold, Vector, View};
use crate::intent::nearest::Nearest;
use crate::knowledge::{Index, KnowledgeBase, words};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

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
    verbatim: Verbatim,
    vectors: Option<Vectors>,
    /// Of the articles as they were before, until those of this snapshot are trained.
    former: Option<Classifiers>,
    trained: OnceLock<Classifiers>,
    /// Of the encoder; empty without one.
    fingerprint: String,
    /// Which articles are active, in order.
    names: String,
}

/// What only an encoder gives.
struct Vectors {
    languages: EncoderLanguages,
    rows: Arc<Rows>,
    centroids: Nearest,
    of_strangers: Vec<Vector>,
    /// Of a model that was adapted to these articles, or to earlier ones.
    out_of_fold: Option<Arc<OutOfFold>>,
    /// All texts as they were embedded; only beside `out_of_fold`, whose encoders have not met what was written since.
    embedded: Vec<Vector>,
}

struct Classifiers {
    /// Over hashed n-grams alone; `None` without articles.
    words: Option<Classifier>,
    /// Over embedding and hashed n-grams; `None` without an encoder or articles.
    joined: Option<Classifier>,
}

/// What a snapshot is built from.
struct Material {
    base: KnowledgeBase,
    day: jiff::civil::Date,
    active: Vec<Arc<Article>>,
    texts: Texts,
    embedded: Option<Embedded>,
    strangers: Vec<(String, Language)>,
    fingerprint: String,
}

impl Vectors {
    fn sight(&self, learnt: Option<Vec<bool>>) -> Sight {
        let (rows, strangers) = (self.rows.clone(), self.of_strangers.clone());
        Sight { languages: self.languages.clone(), rows, strangers, learnt }
    }
}

/// What an encoder makes of all texts, and of the strangers' questions.
pub(super) struct Embedded {
    pub languages: EncoderLanguages,
    pub texts: Vec<Vector>,
    pub strangers: Vec<Vector>,
    pub out_of_fold: Option<Arc<OutOfFold>>,
}

impl Snapshot {
    /// With `former`, whose classifiers answer until `train` is done, classifiers that are not in the cache are left untrained.
    pub async fn build(
        base: KnowledgeBase,
        day: jiff::civil::Date,
        encoder: Option<&Encoder>,
        cache: Option<&Path>,
        former: Option<Arc<Snapshot>>,
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
        let material = Material { base, day, active, texts, embedded: vectors, strangers, fingerprint };
        // Indexing and training take seconds: not on the threads that answer.
        let building = move || Self::join(material, cache.as_deref(), former.as_deref());
        let snapshot = tokio::task::spawn_blocking(building).await.map_err(|_| AnsweringError::Interrupted)??;
        Ok((snapshot, problem))
    }

    fn join(material: Material, cache: Option<&Path>, former: Option<&Snapshot>) -> Result<Self, AnsweringError> {
        let Material { base, day, active, texts, embedded, strangers, fingerprint } = material;
        let names =
            active.iter().map(|article| format!("{} {}", article.id, article.language)).collect::<Vec<_>>().join("\n");
        let n_labels = texts.labels.len();
        let mut translations = vec![vec![]; n_labels];
        for (article, label) in active.iter().zip(&texts.label_of) {
            translations[*label as usize].push(article.clone());
        }
        let vectors = embedded.filter(|_| n_labels > 0).map(|embedded| {
            let Embedded { languages, texts: vectors, strangers, out_of_fold } = embedded;
            let embedded = if out_of_fold.is_some() { vectors.clone() } else { vec![] };
            let rows = Arc::new(Rows::of(&texts.rows, vectors));
            let centroids = texts.centroids(&rows.nearest, |_| true);
            Vectors { languages, rows, centroids, of_strangers: strangers, out_of_fold, embedded }
        });
        let mut snapshot = Self {
            replaced: Replaced::by(&active),
            index: Index::build(&active)?,
            by_id: texts.labels.iter().enumerate().map(|(i, id)| (id.clone(), i as u32)).collect(),
            is_outdated: AtomicBool::new(false),
            base,
            active,
            day,
            translations,
            verbatim: Verbatim::of(&texts),
            texts,
            vectors,
            former: None,
            trained: OnceLock::new(),
            strangers,
            fingerprint,
            names,
        };
        snapshot.former = former.and_then(|former| former.classifiers_for(&snapshot));
        if snapshot.former.is_none() {
            snapshot.train(cache, TrainOptions::default().threads);
        } else if let Some(kept) = snapshot.kept(cache) {
            snapshot.trained = kept.into();
        }
        Ok(snapshot)
    }

    /// Trains the classifiers unless that is done or they were kept: seconds, on `threads` threads.
    pub fn train(&self, cache: Option<&Path>, threads: usize) {
        self.trained.get_or_init(|| {
            if let Some(kept) = self.kept(cache) {
                return kept;
            }
            let sparse = folds::sparse_of(&self.texts);
            let train = |kind: &str, nearest: Option<&Nearest>| {
                let examples = folds::examples(&self.texts, &sparse, nearest, |_| true);
                let options = TrainOptions { threads, ..TrainOptions::default() };
                let classifier = Classifier::train(&examples, self.texts.labels.len(), &options);
                keep(cache, kind, &self.classifier_key(kind), &classifier);
                classifier
            };
            Classifiers {
                words: (!self.active.is_empty()).then(|| train(WORDS, None)),
                joined: self.vectors.as_ref().map(|vectors| train(JOINED, Some(&vectors.rows.nearest))),
            }
        });
    }

    pub fn is_trained(&self) -> bool {
        self.trained.get().is_some()
    }

    /// Of an earlier start.
    fn kept(&self, cache: Option<&Path>) -> Option<Classifiers> {
        let cache = cache?;
        let recall = |kind: &str| Classifier::load(&classifier_file(cache, kind, &self.classifier_key(kind))).ok();
        let words = if self.active.is_empty() { None } else { Some(recall(WORDS)?) };
        let joined = if self.vectors.is_none() { None } else { Some(recall(JOINED)?) };
        Some(Classifiers { words, joined })
    }

    fn classifier_key(&self, kind: &str) -> String {
        cache_key(&[&self.base.version, &self.names, &self.fingerprint, kind])
    }

    fn classifiers(&self) -> Option<&Classifiers> {
        self.trained.get().or(self.former.as_ref())
    }

    /// What this snapshot learnt, with the labels of `next`; what is new there is as likely as the average.
    fn classifiers_for(&self, next: &Snapshot) -> Option<Classifiers> {
        if self.fingerprint != next.fingerprint || self.vectors.is_some() != next.vectors.is_some() {
            return None;
        }
        let places: Vec<_> = next.texts.labels.iter().map(|id| self.label(id).map(|label| label as usize)).collect();
        let known = self.classifiers()?;
        let relabelled = |classifier: &Option<Classifier>| classifier.as_ref().map(|c| c.relabelled(&places));
        Some(Classifiers { words: relabelled(&known.words), joined: relabelled(&known.joined) })
    }

    pub fn parts(&self) -> Parts<'_> {
        let classifiers = self.classifiers();
        Parts {
            n_labels: self.texts.labels.len(),
            index: &self.index,
            label_of: &self.texts.label_of,
            vectors: self.vectors.as_ref().zip(classifiers.and_then(|all| all.joined.as_ref())).map(
                |(vectors, joined)| VectorParts {
                    languages: &vectors.languages,
                    rows: &vectors.rows,
                    labels: &self.texts.rows,
                    seen: None,
                    centroids: &vectors.centroids,
                    classifier: joined,
                },
            ),
            words_classifier: classifiers.and_then(|all| all.words.as_ref()),
        }
    }

    /// Every title, phrase and passage, normalised.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.all.iter().map(String::as_str)
    }

    pub fn has_vectors(&self) -> bool {
        self.vectors.is_some()
    }

    /// Whether a question in it is looked at through the encoder.
    pub fn has_vectors_for(&self, language: Language) -> bool {
        self.vectors.as_ref().is_some_and(|vectors| vectors.languages.have(language))
    }

    /// Whether a question in it is judged with fitted weights: with the encoder where there is one, with words alone where there is none.
    pub fn is_fitted_for(&self, language: Language) -> bool {
        !self.has_vectors() || self.has_vectors_for(language)
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
            _ if self.texts.n_phrases_in(|language| self.is_fitted_for(language)) < MIN_PHRASES => {
                Some(PriorOnly::OtherLanguages)
            }
            _ => None,
        }
    }

    /// Changes whenever calibrating would give something else.
    pub fn calibration_key(&self, stranger_share: f64, target_precision: f64) -> String {
        let asked_for = format!("calibration {stranger_share} {target_precision}");
        let prior = format!("{:?}", Weights::prior(self.voices()));
        let out_of_fold = self.vectors.as_ref().and_then(|vectors| vectors.out_of_fold.as_deref());
        let stamp = out_of_fold.map_or("", |out_of_fold| &out_of_fold.stamp);
        let mut inputs = vec![&*self.base.version, &self.names, &self.fingerprint, stamp, &asked_for, &prior];
        let languages = self.vectors.as_ref().and_then(|vectors| vectors.languages.stamp());
        inputs.extend(languages.as_deref());
        cache_key(&inputs)
    }

    /// Cross-validates where there are phrases enough: seconds to minutes, on `threads` threads.
    pub fn calibrate(
        &self,
        stranger_share: f64,
        target_precision: f64,
        threads: usize,
        judged: Vec<super::Sample>,
    ) -> Result<Calibration, AnsweringError> {
        if let Some(why) = self.prior_only(judged.len()) {
            return Ok(Calibration::prior(self.voices(), why, target_precision));
        }
        let n_judged = judged.len();
        let mut samples: Vec<Sample> = match self.prior_only(0) {
            Some(_) => vec![],
            None => {
                let of_phrases = self.samples(&self.sights(), stranger_share, threads)?;
                of_phrases.into_iter().map(|(_, sample)| sample).collect()
            }
        };
        samples.extend(judged);
        Ok(Calibration::of(&samples, n_judged, self.voices(), target_precision))
    }

    /// On questions made of the phrases alone.
    #[cfg(feature = "bert")]
    pub fn calibration_of(&self, samples: &[(Asked, Sample)], target_precision: f64) -> Calibration {
        let voices = self.voices();
        match self.prior_only(0) {
            Some(why) => Calibration::prior(voices, why, target_precision),
            None => {
                let samples: Vec<_> = samples.iter().map(|(_, sample)| sample.clone()).collect();
                Calibration::of(&samples, 0, voices, target_precision)
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
            let texts = texts
                .map(|(row, text)| view(text, vectors.embedded.get(row).map_or(vectors.rows.nearest.row(row), |v| v)));
            let (rows, learnt): (Vec<_>, _) = texts.map(|view| (view.vector, view.was_trained_on)).unzip();
            let strangers = self.strangers.iter().zip(&vectors.of_strangers);
            let strangers = strangers.map(|((text, _), or)| view(&words::normalise(text), or).vector).collect();
            let rows = Arc::new(Rows::of(&self.texts.rows, rows));
            Sight { languages: vectors.languages.clone(), rows, strangers, learnt: Some(learnt) }
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
        folds::samples(&folds::Material {
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

    /// The article of which `normalised` is, word for word, a phrase or the title, and of no other.
    pub fn asked_by(&self, normalised: &str, language: Language, channel: ChannelKind) -> Option<Arc<Article>> {
        self.translation(self.verbatim.label(normalised)?, language, channel).cloned()
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
    let languages = EncoderLanguages::of(&encoder.info().languages);
    Ok(Embedded { languages, texts: vectors, strangers, out_of_fold: encoder.out_of_fold() })
}

/// Questions that no shop, bank or office of anyone answers, so that even a small knowledge base has met strangers.
fn strangers() -> impl Iterator<Item = (Language, &'static str)> {
    let lines = include_str!("strangers.tsv").lines();
    lines.filter_map(|line| line.split_once('\t')).filter_map(|(tag, text)| Some((Language::parse(tag)?, text)))
}

/// Changes whenever training would give something else: bump it with the training code.
const TRAINING_VERSION: &str = "6";

fn cache_key(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in [TRAINING_VERSION].iter().chain(parts) {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hex::encode(&hash.finalize()[..8])
}

/// Kinds of classifiers, in file names.
const WORDS: &str = "words";
const JOINED: &str = "joined";

fn classifier_file(folder: &Path, kind: &str, key: &str) -> PathBuf {
    folder.join(format!("classifier-{kind}-{key}.bin"))
}

/// For the next start, which trains again where this fails.
fn keep(folder: Option<&Path>, kind: &str, key: &str, classifier: &Classifier) {
    let Some(folder) = folder else { return };
    let file = classifier_file(folder, kind, key);
    let _ = std::fs::create_dir_all(folder);
    if let Err(error) = classifier.save(&file) {
        tracing::warn!(file = %file.display(), %error, "the trained classifier could not be kept; the next start trains again");
    } else {
        forget_older(folder, &format!("classifier-{kind}-"), &file);
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answering::search::Prepared;

    fn base(folder: &Path, ids: &[&str]) -> KnowledgeBase {
        std::fs::remove_dir_all(folder).ok();
        std::fs::create_dir_all(folder).unwrap();
        for id in ids {
            let text = format!(
                "---\nid: {id}\ntitle: About the {id}\nlanguage: en\nphrases: [where is my {id}, {id} please]\n---\nYes.\n"
            );
            std::fs::write(folder.join(format!("{id}.md")), text).unwrap();
        }
        KnowledgeBase::load(folder, jiff::civil::date(2026, 1, 1), None).unwrap()
    }

    #[tokio::test]
    async fn a_change_answers_at_once_and_is_trained_later() {
        let home = tempfile::tempdir().unwrap();
        let (folder, cache) = (home.path().join("articles"), home.path().join("cache"));
        let day = jiff::civil::date(2026, 1, 1);
        let build = async |ids: &[&str], former| {
            let built = Snapshot::build(base(&folder, ids), day, None, Some(&cache), former).await;
            Arc::new(built.unwrap().0)
        };
        let ask = |snapshot: &Snapshot, text: &str| {
            let question = Prepared::new(words::normalise(text), Language::En);
            let pool = snapshot.parts().search(&question, None).unwrap();
            let of =
                |id: &str| pool.raw.get(&snapshot.label(&ArticleId::new(id)).unwrap()).copied().unwrap_or_default();
            (of("invoice"), of("refund"))
        };
        let first = build(&["parcel", "refund"], None).await;
        assert!(first.is_trained());

        let changed = build(&["invoice", "parcel", "refund"], Some(first.clone())).await;
        assert!(!changed.is_trained());
        let (invoice, _) = ask(&changed, "invoice");
        assert!(invoice.bm25 > 0.0 && invoice.classifier < 0.5, "found by its words alone: {invoice:?}");
        let (_, refund) = ask(&changed, "where is my refund");
        assert!(refund.classifier > 0.4, "what was learnt before is not forgotten: {refund:?}");

        changed.train(Some(&cache), 1);
        assert!(changed.is_trained());
        let (trained, _) = ask(&changed, "invoice");
        assert!(trained.classifier > invoice.classifier, "{trained:?}");

        let back = build(&["invoice", "parcel", "refund"], Some(first)).await;
        assert!(back.is_trained(), "it was kept");
    }
}
