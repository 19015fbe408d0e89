//! Questions whose truth is known, made from the articles' own phrases by cross-validation.
//!
//! In each fold some phrases of every article are held out and ask; and some intents are held out whole, whose phrases then
//! are strangers' questions. Nothing that is held out is in the index, among the nearest, or in the classifier's examples.

use super::AnsweringError;
use super::confidence::{Inputs, Sample};
use super::rows::Rows;
use super::search::{EncoderLanguages, Parts, Prepared, RowKind, VectorParts};
use super::texts::Texts;
use crate::domain::{Article, ArticleId, Language};
use crate::intent::classifier::{Classifier, Example, TrainOptions};
use crate::intent::encoder::Vector;
use crate::intent::features::{self, Sparse};
use crate::intent::nearest::Nearest;
use crate::knowledge::{Index, words};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What folds are made of.
pub(super) struct Material<'a> {
    pub active: &'a [Arc<Article>],
    pub texts: &'a Texts,
    /// Through which encoders: fold `n` looks through the one at `n` modulo their number. Empty without an encoder.
    pub sights: &'a [Sight],
    /// Strangers' questions that are no one's phrases.
    pub strangers: &'a [(String, Language)],
    /// The share of strangers' questions among all that customers ask, 0 to 1.
    pub stranger_share: f64,
    /// `sparse_of` the texts.
    pub sparse: &'a [Sparse],
    /// Once true, there is no need to go on.
    pub is_outdated: &'a AtomicBool,
    pub threads: usize,
}

/// All texts and strangers' questions through one encoder.
pub(super) struct Sight {
    pub languages: EncoderLanguages,
    pub rows: Arc<Rows>,
    pub strangers: Vec<Vector>,
    /// Of an encoder that was trained here, for each text whether it learnt from it; `None` when it never saw any.
    pub learnt: Option<Vec<bool>>,
}

pub(super) const FOLDS: usize = 10;
/// Fewer intents than this, and leaving some out whole would leave too little.
const MIN_LABELS_FOR_STRANGERS: usize = 6;
/// Questions of a fold, at most: twenty-some weights need no more, and each costs a scan of all vectors.
const MAX_ASKED: usize = 400;
const MAX_HELD_OUT: usize = 200;
/// Of the strangers' mass, what those shipped take when there are held-out intents too, whose questions are harder to tell from a
/// customer's.
const FOREIGN_SHARE: f64 = 0.5;
/// A shipped question nearer to a phrase than this share of the held-out phrases are to their kin asks what these articles
/// answer: one on the weather is no stranger's to an assistant.
const AS_NEAR_AS: f64 = 0.1;

/// What a sample's question is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Asked {
    Known,
    /// Its intent was held out.
    Neighbour,
    /// One of the shipped strangers' questions.
    Foreign,
}

type Made = Result<Vec<(Asked, Sample)>, AnsweringError>;

/// Weighted so that strangers' questions make up their share. The same material gives the same samples in the same order, whatever the threads.
pub(super) fn samples(material: &Material<'_>) -> Made {
    let deal = Deal::of(material.texts);
    let next = AtomicUsize::new(0);
    let mut folds: Vec<(usize, Made)> = std::thread::scope(|scope| {
        let work = || {
            let mut done = vec![];
            loop {
                let fold = next.fetch_add(1, Ordering::Relaxed);
                if fold >= FOLDS || material.is_outdated.load(Ordering::Relaxed) {
                    return done;
                }
                done.push((fold, Fold::new(material, &deal, fold).samples()));
            }
        };
        let running: Vec<_> = (0..material.threads.clamp(1, FOLDS)).map(|_| scope.spawn(work)).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    folds.sort_by_key(|(fold, _)| *fold);
    if folds.len() < FOLDS {
        return Err(AnsweringError::Interrupted);
    }
    let mut all = vec![];
    for (_, samples) in folds {
        all.extend(samples?);
    }
    Ok(weighted(strange_only(all), material.stranger_share))
}

/// Without the shipped questions that are no strangers' here. Without an encoder nothing is near, and all stay.
fn strange_only(mut all: Vec<(Asked, Sample)>) -> Vec<(Asked, Sample)> {
    let known = all.iter().filter(|(asked, _)| *asked == Asked::Known);
    let mut nearness: Vec<f64> = known.map(|(_, sample)| sample.inputs.nearest_phrase()).collect();
    nearness.sort_by(f64::total_cmp);
    let near = nearness.get((nearness.len() as f64 * AS_NEAR_AS) as usize).copied().filter(|near| *near > 0.0);
    if let Some(near) = near {
        all.retain(|(asked, sample)| *asked != Asked::Foreign || sample.inputs.nearest_phrase() < near);
    }
    all
}

fn weighted(all: Vec<(Asked, Sample)>, stranger_share: f64) -> Vec<(Asked, Sample)> {
    let count = |kind| all.iter().filter(|(asked, _)| *asked == kind).count();
    let (n_known, n_neighbour, n_foreign) = (count(Asked::Known), count(Asked::Neighbour), count(Asked::Foreign));
    let foreign = if n_neighbour == 0 { 1.0 } else { FOREIGN_SHARE };
    let foreign = if n_foreign == 0 { 0.0 } else { foreign };
    let strangers = if n_neighbour + n_foreign == 0 { 0.0 } else { stranger_share };
    let n_all = all.len() as f64;
    let weight = |asked: Asked| match asked {
        Asked::Known => (1.0 - strangers) * n_all / n_known as f64,
        Asked::Neighbour => strangers * (1.0 - foreign) * n_all / n_neighbour as f64,
        Asked::Foreign => strangers * foreign * n_all / n_foreign as f64,
    };
    all.into_iter().map(|(asked, sample)| (asked, Sample { weight: weight(asked), ..sample })).collect()
}

/// What is held out where. It hangs on an article's own id, language and phrases only, so that a new article moves no other
/// one's: encoders that were made for these folds stay worth something.
pub(super) struct Deal {
    /// By intent, the fold from which it is left out whole.
    of_label: Vec<Option<usize>>,
    /// By row, the fold in which it asks; titles and passages never do.
    of_row: Vec<Option<usize>>,
}

impl Deal {
    pub fn of(texts: &Texts) -> Self {
        let has_strangers = texts.labels.len() >= MIN_LABELS_FOR_STRANGERS;
        let of_label = |id: &ArticleId| has_strangers.then(|| hash(id.as_str()) as usize % FOLDS);
        let of_row = |(row, (_, place)): (usize, &(u32, u32))| {
            let id = &texts.labels[texts.rows[row].label as usize];
            let first = hash(&format!("{id} {}", texts.languages[row]));
            // Phrases of one article ask in different folds.
            (texts.rows[row].kind == RowKind::Phrase).then(|| (first % FOLDS as u64) as usize + *place as usize)
        };
        Self {
            of_label: texts.labels.iter().map(of_label).collect(),
            of_row: texts.places.iter().enumerate().map(of_row).map(|fold| Some(fold? % FOLDS)).collect(),
        }
    }

    /// Whether the row asks, or its intent is left out, in a fold whose number leaves `group` over when divided by `n_groups`.
    #[cfg(feature = "bert")]
    pub fn is_kept_back(&self, texts: &Texts, row: usize, group: usize, n_groups: usize) -> bool {
        let is_in = |fold: Option<usize>| fold.is_some_and(|fold| fold % n_groups == group);
        is_in(self.of_row[row]) || is_in(self.of_label[texts.rows[row].label as usize])
    }
}

/// One fold: what is left out of the parts that answer in it.
struct Fold<'a> {
    material: &'a Material<'a>,
    deal: &'a Deal,
    number: usize,
    /// `None` without an encoder.
    sight: Option<&'a Sight>,
    /// By intent: held out whole.
    is_out: Vec<bool>,
    /// By row.
    seen: Vec<bool>,
}

impl<'a> Fold<'a> {
    fn new(material: &'a Material<'a>, deal: &'a Deal, number: usize) -> Self {
        let texts = material.texts;
        let is_out: Vec<bool> = deal.of_label.iter().map(|fold| *fold == Some(number)).collect();
        let is_seen = |row: usize| !is_out[texts.rows[row].label as usize] && deal.of_row[row] != Some(number);
        let seen = (0..texts.rows.len()).map(is_seen).collect();
        let sight = (!material.sights.is_empty()).then(|| &material.sights[number % material.sights.len()]);
        Self { material, deal, number, sight, is_out, seen }
    }

    fn samples(&self) -> Result<Vec<(Asked, Sample)>, AnsweringError> {
        let texts = self.material.texts;
        let (articles, label_of) = self.articles();
        let index = Index::build(&articles)?;
        let words_classifier = self.sight.is_none().then(|| self.classifier());
        let vectors = self.sight.map(|sight| {
            let centroids = texts.centroids(&sight.rows.nearest, |row| self.seen[row]);
            (sight, centroids, self.classifier())
        });
        let parts = Parts {
            n_labels: texts.labels.len(),
            index: &index,
            label_of: &label_of,
            vectors: vectors.as_ref().map(|(sight, centroids, classifier)| VectorParts {
                languages: &sight.languages,
                rows: &sight.rows,
                labels: &texts.rows,
                seen: Some(&self.seen),
                centroids,
                classifier,
            }),
            words_classifier: words_classifier.as_ref(),
        };
        let mut samples = vec![];
        for (asked, row) in self.asking() {
            let question = Prepared::new(texts.all[row].clone(), texts.languages[row]);
            let embedding: Option<Vector> = self.sight.map(|sight| sight.rows.nearest.row(row).into());
            let truth = (asked == Asked::Known).then_some(texts.rows[row].label);
            samples.push((asked, self.sample(&parts, &question, embedding.as_ref(), truth)?));
        }
        let foreign = self.material.strangers.iter().enumerate().filter(|(i, _)| i % FOLDS == self.number);
        for (i, (text, language)) in foreign.filter(|(_, (_, language))| self.is_fitted_for(*language)) {
            let question = Prepared::new(words::normalise(text), *language);
            let embedding = self.sight.map(|sight| &sight.strangers[i]);
            samples.push((Asked::Foreign, self.sample(&parts, &question, embedding, None)?));
        }
        Ok(samples)
    }

    /// Questions in other languages are never judged with what is fitted here.
    fn is_fitted_for(&self, language: Language) -> bool {
        self.sight.is_none_or(|sight| sight.languages.have(language))
    }

    fn sample(
        &self,
        parts: &Parts<'_>,
        question: &Prepared,
        embedding: Option<&Vector>,
        truth: Option<u32>,
    ) -> Result<Sample, AnsweringError> {
        let mut pool = parts.search(question, embedding)?;
        // The classifier knows the names of all intents, those held out too.
        pool.raw.retain(|label, _| !self.is_out[*label as usize]);
        let inputs = Inputs::of(&pool, question.n_words, question.language);
        let truth = truth.and_then(|truth| pool.raw.keys().position(|label| *label == truth));
        Ok(Sample { inputs, truth, weight: 1.0 })
    }

    /// The articles without what is held out, and the intent of each.
    fn articles(&self) -> (Vec<Arc<Article>>, Vec<u32>) {
        let texts = self.material.texts;
        let mut phrases: Vec<Vec<String>> = vec![vec![]; self.material.active.len()];
        for (row, (article, place)) in texts.places.iter().enumerate() {
            if texts.rows[row].kind == RowKind::Phrase && self.seen[row] {
                let article = *article as usize;
                phrases[article].push(self.material.active[article].phrases[*place as usize].clone());
            }
        }
        let left = self.material.active.iter().zip(phrases).zip(&texts.label_of);
        let left = left.filter(|(_, label)| !self.is_out[**label as usize]);
        left.map(|((article, phrases), label)| (Arc::new(Article { phrases, ..article.as_ref().clone() }), *label))
            .unzip()
    }

    fn classifier(&self) -> Classifier {
        let nearest = self.sight.map(|sight| &sight.rows.nearest);
        let examples = examples(self.material.texts, self.material.sparse, nearest, |row| self.seen[row]);
        // Folds run side by side.
        Classifier::train(
            &examples,
            self.material.texts.labels.len(),
            &TrainOptions { threads: 1, ..TrainOptions::default() },
        )
    }

    /// The rows that ask in this fold: spread evenly where there are too many.
    fn asking(&self) -> Vec<(Asked, usize)> {
        let texts = self.material.texts;
        let learnt = self.sight.and_then(|sight| sight.learnt.as_deref());
        let is_phrase = |row: &usize| texts.rows[*row].kind == RowKind::Phrase;
        // What the encoder learnt by heart proves nothing.
        let is_new = |row: &usize| learnt.is_none_or(|learnt| !learnt[*row]);
        let is_known = self.known_intents(learnt);
        let of = |wanted: Asked, most: usize| {
            let rows: Vec<usize> = (0..texts.rows.len())
                .filter(is_phrase)
                .filter(|row| self.is_fitted_for(texts.languages[*row]))
                .filter(is_new)
                .filter(|row| {
                    let label = texts.rows[*row].label as usize;
                    match wanted {
                        Asked::Known => self.deal.of_row[*row] == Some(self.number) && is_known[label],
                        Asked::Neighbour => self.is_out[label],
                        Asked::Foreign => false,
                    }
                })
                .collect();
            let n = rows.len().min(most);
            (0..n).map(|i| (wanted, rows[i * rows.len() / n])).collect::<Vec<_>>()
        };
        let mut all = of(Asked::Known, MAX_ASKED);
        all.extend(of(Asked::Neighbour, MAX_HELD_OUT));
        all
    }

    /// By intent, whether its questions ask as known ones: it is there, and an encoder that was trained here met it. Customers'
    /// questions never are of an intent that the encoder in use has not met.
    fn known_intents(&self, learnt: Option<&[bool]>) -> Vec<bool> {
        let mut has_met = vec![learnt.is_none(); self.is_out.len()];
        for (row, label) in self.material.texts.rows.iter().enumerate() {
            has_met[label.label as usize] |= learnt.is_some_and(|learnt| learnt[row]);
        }
        has_met.iter().zip(&self.is_out).map(|(has_met, is_out)| *has_met && !is_out).collect()
    }
}

fn hash(text: &str) -> u64 {
    let digest = Sha256::digest(text.as_bytes());
    u64::from_be_bytes(digest[..8].try_into().expect("a digest has 32 bytes"))
}

/// What the classifiers see of each text beside its vector; of passages, which train nothing, nothing.
pub(super) fn sparse_of(texts: &Texts) -> Vec<Sparse> {
    let rows = texts.rows.iter().enumerate();
    rows.map(|(row, label)| match label.kind {
        RowKind::Passage => Sparse::default(),
        RowKind::Title | RowKind::Phrase => {
            features::hashed(&texts.all[row], &words::tokens(&texts.all[row], texts.languages[row]))
        }
    })
    .collect()
}

/// What a classifier learns from: titles are how the writer would ask, so they train like phrases.
pub(super) fn examples<'a>(
    texts: &Texts,
    sparse: &'a [Sparse],
    nearest: Option<&'a Nearest>,
    is_seen: impl Fn(usize) -> bool,
) -> Vec<Example<'a>> {
    let rows = texts.rows.iter().enumerate().filter(|(row, label)| label.kind != RowKind::Passage && is_seen(*row));
    rows.map(|(row, label)| Example {
        embedding: nearest.map(|nearest| nearest.row(row).into()),
        sparse: Cow::Borrowed(&sparse[row]),
        label: label.label,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::article;

    /// Eight articles of twelve phrases, each about one thing.
    fn shop() -> Vec<Arc<Article>> {
        let things = ["refund", "parcel", "invoice", "password", "warranty", "coupon", "address", "voucher"];
        let ways =
            ["where is my", "lost the", "need a new", "cannot find the", "help with the", "no", "broken", "wrong"];
        let phrases = |thing: &str| {
            let mut all: Vec<String> = ways.iter().map(|way| format!("{way} {thing}")).collect();
            all.extend(["please", "today", "again", "now"].map(|word| format!("{thing} {word}")));
            all
        };
        let write = |thing: &&str| {
            Arc::new(Article { title: format!("About the {thing}"), phrases: phrases(thing), ..article(thing) })
        };
        things.iter().map(write).collect()
    }

    /// Without encoder and foreign questions, on one thread.
    fn of_words<'a>(
        active: &'a [Arc<Article>],
        texts: &'a Texts,
        sparse: &'a [Sparse],
        is_outdated: &'a AtomicBool,
    ) -> Material<'a> {
        let (sights, strangers) = (&[], &[]);
        Material { active, texts, sights, strangers, stranger_share: 0.2, sparse, is_outdated, threads: 1 }
    }

    fn made(active: &[Arc<Article>], threads: usize) -> Vec<Sample> {
        let texts = Texts::of(active);
        let strangers: Vec<_> = (0..20).map(|i| (format!("what is {i} times 7"), Language::En)).collect();
        let (sparse, is_outdated) = (sparse_of(&texts), AtomicBool::new(false));
        let usual = of_words(active, &texts, &sparse, &is_outdated);
        let material = Material { strangers: &strangers, stranger_share: 0.25, threads, ..usual };
        samples(&material).unwrap().into_iter().map(|(_, sample)| sample).collect()
    }

    #[test]
    fn every_phrase_asks_once_as_known_and_once_as_a_stranger() {
        let active = shop();
        let texts = Texts::of(&active);
        let (sparse, is_outdated) = (sparse_of(&texts), AtomicBool::new(false));
        let material = of_words(&active, &texts, &sparse, &is_outdated);
        let deal = Deal::of(&texts);
        let mut n_asked = std::collections::HashMap::new();
        for number in 0..FOLDS {
            let fold = Fold::new(&material, &deal, number);
            let (articles, _) = fold.articles();
            let known: Vec<&String> = articles.iter().flat_map(|article| &article.phrases).collect();
            for (asked, row) in fold.asking() {
                let (article, place) = texts.places[row];
                let phrase = &active[article as usize].phrases[place as usize];
                assert!(!fold.seen[row] && !known.contains(&phrase), "{phrase} asks and is known");
                *n_asked.entry((asked, row)).or_insert(0) += 1;
            }
        }
        assert!(n_asked.values().all(|n| *n == 1));
        let count = |kind| n_asked.keys().filter(|(asked, _)| *asked == kind).count();
        assert_eq!(count(Asked::Neighbour), 96);
        // A phrase that would ask in the fold in which its own intent is out asks only as a stranger.
        assert!((80..=96).contains(&count(Asked::Known)), "{}", count(Asked::Known));
    }

    #[test]
    fn strangers_weigh_their_share_and_threads_change_nothing() {
        let active = shop();
        let one = made(&active, 1);
        let total: f64 = one.iter().map(|sample| sample.weight).sum();
        let n_right = one.iter().filter(|sample| sample.truth.is_some()).count();
        assert!((total - one.len() as f64).abs() < 1e-6, "{total}");
        assert!(n_right > 60, "{n_right} of {} find their article", one.len());
        let three = made(&active, 3);
        let plain =
            |samples: &[Sample]| samples.iter().map(|s| (s.inputs.clone(), s.truth, s.weight)).collect::<Vec<_>>();
        assert_eq!(plain(&one), plain(&three));
    }

    #[test]
    fn a_question_as_near_as_the_articles_own_is_no_strangers() {
        let sample = |asked, phrase: f32| {
            let raw = super::super::search::Raw { phrase, ..Default::default() };
            let pool = super::super::search::Pool { raw: [(0, raw)].into(), ..Default::default() };
            (asked, Sample { inputs: Inputs::of(&pool, 3, Language::En), truth: None, weight: 1.0 })
        };
        let left =
            |all: Vec<(Asked, Sample)>| strange_only(all).into_iter().map(|(asked, _)| asked).collect::<Vec<_>>();
        // Two of these twenty are less near than 0.52.
        let known = |scale: f32| (0..20).map(move |i| sample(Asked::Known, scale * (0.5 + i as f32 / 100.0)));
        let strangers = [(Asked::Foreign, 0.51), (Asked::Foreign, 0.53), (Asked::Neighbour, 0.9)];
        let all = known(1.0).chain(strangers.map(|(asked, phrase)| sample(asked, phrase)));
        assert_eq!(left(all.collect())[20..], [Asked::Foreign, Asked::Neighbour]);
        // Without an encoder nothing is near.
        let all = known(0.0).chain(strangers.map(|(asked, _)| sample(asked, 0.0)));
        assert_eq!(left(all.collect()).len(), 23);
        assert_eq!(left(vec![sample(Asked::Foreign, 0.9)]), [Asked::Foreign]);
    }

    #[tokio::test]
    async fn what_the_encoder_was_not_made_for_does_not_ask_through_it() {
        let mut active = shop();
        let translate = |article: &Arc<Article>| {
            let phrases = article.phrases.iter().map(|phrase| phrase.replace("my", "мой").replace("the", "этот"));
            Arc::new(Article { language: Language::Ru, phrases: phrases.collect(), ..article.as_ref().clone() })
        };
        active.extend(shop().iter().map(translate));
        let texts = Texts::of(&active);
        let strangers: Vec<_> =
            (0..40).map(|i| (format!("{i} times 7"), [Language::En, Language::Ru][i % 2])).collect();
        let (sparse, is_outdated) = (sparse_of(&texts), AtomicBool::new(false));
        // How many samples are in English, and how many in Russian.
        let asked = async |languages: &[Language]| {
            let encoder = crate::intent::encoder::testing::made_for(languages);
            let seen = super::super::snapshot::embedded(&encoder, &texts, &strangers).await.unwrap();
            let rows = Arc::new(Rows::of(&texts.rows, seen.texts));
            let sights = [Sight { languages: seen.languages, rows, strangers: seen.strangers, learnt: None }];
            let usual = of_words(&active, &texts, &sparse, &is_outdated);
            let material = Material { strangers: &strangers, sights: &sights, ..usual };
            let samples = samples(&material).unwrap();
            assert!(samples.iter().all(|(_, sample)| sample.weight.is_finite() && sample.weight > 0.0));
            let language = |sample: &Sample| if sample.inputs.none[4] > 0.0 { Language::Ru } else { Language::En };
            assert!(samples.iter().all(|(_, sample)| languages.contains(&language(sample))));
            // How many of the shipped questions are strange depends on who else asks.
            let own = samples.iter().filter(|(asked, _)| *asked != Asked::Foreign);
            let (russian, english): (Vec<_>, Vec<_>) = own.partition(|(_, sample)| language(sample) == Language::Ru);
            (english.len(), russian.len())
        };
        let (n_english, n_russian) = asked(&Language::ALL).await;
        assert!(n_english > 150 && n_russian > 150, "{n_english} {n_russian}");
        assert_eq!(asked(&[Language::En]).await, (n_english, 0));
        assert_eq!(asked(&[Language::Ru]).await, (0, n_russian));
        assert_eq!(asked(&[Language::ZhHans]).await, (0, 0));
    }

    #[test]
    fn what_is_outdated_stops() {
        let active = shop();
        let texts = Texts::of(&active);
        let (sparse, is_outdated) = (sparse_of(&texts), AtomicBool::new(true));
        let material = of_words(&active, &texts, &sparse, &is_outdated);
        assert!(matches!(samples(&material), Err(AnsweringError::Interrupted)));
    }
}
