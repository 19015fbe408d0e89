//! Adapts the encoder to the articles, and keeps the result only where cross-validation says that it finds more.
//!
//! Some of the phrases, and some intents whole, are held back from each of `N_ENCODERS` trial encoders. Each stands for the
//! adapted one in the folds that ask what it never saw; the encoder as it was answers the very same questions. Only then a
//! last one is trained on everything. The trials' vectors go with it, for the calibration of whoever uses it.

use super::calibration::Calibration;
use super::confidence::Sample;
use super::folds::{Asked, Deal, Sight};
use super::search::RowKind;
use super::snapshot::{Embedded, Snapshot, embedded};
use super::{AnsweringError, Options};
use crate::clock::Clock;
use crate::intent::adapt::{self, Course, Lesson};
use crate::intent::encoder::{Encoder, EncoderError, EncoderOptions, OutOfFold, Vector, View};
use crate::knowledge::{KnowledgeBase, words};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Trial encoders. More would see more of the articles each, and cost as much time each.
const N_ENCODERS: usize = 3;
/// With fewer intents of two phrases and more, there is nothing to tell apart.
const MIN_INTENTS: usize = 2;

#[derive(Debug, thiserror::Error)]
pub enum AdaptError {
    #[error("there is no encoder to adapt; name one with --model")]
    NoEncoder,
    #[error("{} was made by `firstline adapt` already; name the model that it was made from with --model", .0.display())]
    AlreadyAdapted(PathBuf),
    #[error(
        "there is too little to learn from: {n_intents} articles have two phrases or more, and at least {MIN_INTENTS} must"
    )]
    TooFew { n_intents: usize },
    #[error("{} is there already; name another folder with --out, or remove it", .0.display())]
    Taken(PathBuf),
    #[error("another `firstline adapt` is working on {}", .0.display())]
    Busy(PathBuf),
    #[error("{} cannot be written", path.display())]
    Disk { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Encoder(#[from] EncoderError),
    #[error(transparent)]
    Answering(#[from] AnsweringError),
}

/// What cross-validation says of an encoder. Shares are 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Standing {
    /// Share of the customers' questions whose first candidate is right.
    pub accuracy: f64,
    /// Mean of -ln of the probability that the truth was given, strangers weighed in; lower is better.
    pub log_loss: f64,
    /// Share of all questions that are answered at the target precision; `None` where there are too few to say.
    pub coverage: Option<f64>,
    pub n_questions: usize,
}

#[derive(Clone, Debug, Serialize)]
pub struct Adapted {
    pub is_adopted: bool,
    pub before: Standing,
    pub after: Standing,
    pub n_articles: usize,
    pub n_phrases: usize,
    pub knowledge_version: String,
    /// The model that it was made from.
    pub source: String,
    pub source_fingerprint: String,
}

/// What is being done, and how many of how many training steps are behind it.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub doing: &'static str,
    pub n_done: usize,
    pub n_steps: usize,
}

/// Makes the model folder `out`, or, when the adapted encoder is no better, nothing. What was trained is kept in a folder
/// beside it until the end, so that the same call after a break goes on where it stopped; `out` itself appears whole.
pub async fn adapt(
    options: &Options,
    course: &Course,
    out: &Path,
    clock: &Clock,
    heard: impl Fn(Progress) + Send + Sync + 'static,
) -> Result<Adapted, AdaptError> {
    adapt_where(options, course, out, clock, heard, is_better).await
}

/// It finds no less, and is surer of what is true.
fn is_better(after: &Standing, before: &Standing) -> bool {
    after.accuracy >= before.accuracy && after.log_loss < before.log_loss
}

async fn adapt_where(
    options: &Options,
    course: &Course,
    out: &Path,
    clock: &Clock,
    heard: impl Fn(Progress) + Send + Sync + 'static,
    is_adopted: fn(&Standing, &Standing) -> bool,
) -> Result<Adapted, AdaptError> {
    refuse_taken(out)?;
    let source = options.model.clone().ok_or(AdaptError::NoEncoder)?;
    let before = Before::load(options, source, clock).await?;
    let work = Work::open(out, &before.key(course))?;
    let trials: Vec<Vec<Lesson>> = (0..N_ENCODERS).map(|number| before.lessons(Some(number))).collect();
    let all = before.lessons(None);
    let n_steps = trials.iter().chain([&all]).map(|lessons| adapt::n_steps(lessons, course)).sum();
    let mut steps = Steps { heard: Arc::new(heard), n_done: 0, n_steps };

    let mut seen = vec![];
    for (number, lessons) in trials.iter().enumerate() {
        let folder = work.folder.join(format!("trial-{number}"));
        steps.train("training a trial encoder", &before.source, lessons, course, &folder).await?;
        steps.say("looking through it");
        let encoder = open(&folder, options).await?;
        seen.push(embedded(&encoder, &before.snapshot.texts, &before.snapshot.strangers).await?);
    }
    steps.say("judging");
    let out_of_fold = Arc::new(before.out_of_fold(seen));
    let (stood, stands) = before.judge(out_of_fold.clone(), options).await?;
    let adapted = Adapted {
        is_adopted: is_adopted(&stands, &stood),
        before: stood,
        after: stands,
        n_articles: before.snapshot.active.len(),
        n_phrases: before.snapshot.texts.n_phrases(),
        knowledge_version: before.snapshot.base.version.clone(),
        source: before.encoder.info().name.clone(),
        source_fingerprint: before.encoder.info().fingerprint.clone(),
    };
    if adapted.is_adopted {
        let folder = work.folder.join("model");
        steps.train("training the encoder", &before.source, &all, course, &folder).await?;
        let (sealing, card) = (folder.clone(), card(&adapted, course));
        blocking(move || adapt::seal(&sealing, &out_of_fold, &card)).await??;
        fs::rename(&folder, out).map_err(|source| AdaptError::Disk { path: out.to_owned(), source })?;
    }
    work.remove();
    Ok(adapted)
}

/// An empty folder may be there: `mktemp -d` makes one.
fn refuse_taken(out: &Path) -> Result<(), AdaptError> {
    match fs::read_dir(out).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(false) => Err(AdaptError::Taken(out.to_owned())),
        Err(source) => Err(AdaptError::Disk { path: out.to_owned(), source }),
    }
}

/// The articles through the encoder as it was.
struct Before {
    source: PathBuf,
    encoder: Encoder,
    snapshot: Arc<Snapshot>,
    deal: Deal,
}

impl Before {
    async fn load(options: &Options, source: PathBuf, clock: &Clock) -> Result<Self, AdaptError> {
        let (folder, day) = (options.knowledge.clone(), clock.today());
        let base = blocking(move || KnowledgeBase::load(&folder, day, None)).await?;
        let base = base.map_err(AnsweringError::from)?;
        let n_intents = n_intents_to_tell_apart(&base, day);
        if n_intents < MIN_INTENTS {
            return Err(AdaptError::TooFew { n_intents });
        }
        let encoder = open(&source, options).await?;
        if encoder.out_of_fold().is_some() {
            return Err(AdaptError::AlreadyAdapted(source));
        }
        let (snapshot, _) = Snapshot::build(base, day, Some(&encoder), options.cache.as_deref(), None).await?;
        if !snapshot.has_vectors() {
            return Err(EncoderError::Down.into());
        }
        let deal = Deal::of(&snapshot.texts);
        Ok(Self { source, encoder, snapshot: Arc::new(snapshot), deal })
    }

    /// Changes whenever training would give something else.
    fn key(&self, course: &Course) -> String {
        let snapshot = &self.snapshot;
        let inputs = [
            &snapshot.base.version,
            &snapshot.day.to_string(),
            &self.encoder.info().fingerprint,
            &format!("{course:?}"),
        ];
        hex::encode(&Sha256::digest(inputs.map(String::as_str).join("\n"))[..8])
    }

    /// All titles and phrases, or those that trial encoder `number` is trained on.
    fn lessons(&self, number: Option<usize>) -> Vec<Lesson> {
        let texts = &self.snapshot.texts;
        let rows = (0..texts.rows.len()).filter(|row| self.is_lesson(*row, number));
        rows.map(|row| Lesson { text: texts.all[row].clone(), intent: texts.rows[row].label }).collect()
    }

    fn is_lesson(&self, row: usize, number: Option<usize>) -> bool {
        let texts = &self.snapshot.texts;
        let is_kept_back = number.is_some_and(|number| self.deal.is_kept_back(texts, row, number, N_ENCODERS));
        texts.rows[row].kind != RowKind::Passage && !is_kept_back
    }

    fn out_of_fold(&self, seen: Vec<Embedded>) -> OutOfFold {
        let texts = &self.snapshot.texts;
        let views = |row: Option<usize>, vector: &dyn Fn(&Embedded) -> Vector| -> Vec<View> {
            let was_trained_on = |number| row.is_some_and(|row| self.is_lesson(row, Some(number)));
            let of = |(number, seen)| View { vector: vector(seen), was_trained_on: was_trained_on(number) };
            seen.iter().enumerate().map(of).collect()
        };
        let rows = texts.all.iter().enumerate();
        let rows = rows.map(|(row, text)| (text.clone(), views(Some(row), &|seen| seen.texts[row].clone())));
        let strangers = self.snapshot.strangers.iter().enumerate();
        let strangers =
            strangers.map(|(i, (text, _))| (words::normalise(text), views(None, &|seen| seen.strangers[i].clone())));
        let dims = self.encoder.info().dims;
        OutOfFold::of(dims, N_ENCODERS, rows.chain(strangers))
    }

    /// Before and after, on the same questions.
    async fn judge(&self, seen: Arc<OutOfFold>, options: &Options) -> Result<(Standing, Standing), AdaptError> {
        let (snapshot, policy) = (self.snapshot.clone(), options.policy);
        let judging = move || {
            let threads = std::thread::available_parallelism().map_or(1, usize::from);
            let after = snapshot.sights_through(&seen);
            let before = snapshot.sights_in_place_of(&after);
            let stand = |sights: &[Sight]| {
                let samples = snapshot.samples(sights, policy.stranger_share, threads)?;
                let calibration = snapshot.calibration_of(&samples, policy.target_precision);
                Ok::<_, AdaptError>(standing(&samples, &calibration))
            };
            Ok((stand(&before)?, stand(&after)?))
        };
        blocking(judging).await?
    }
}

fn standing(samples: &[(Asked, Sample)], calibration: &Calibration) -> Standing {
    let (mut loss, mut weight, mut n_known, mut n_right) = (0.0, 0.0, 0, 0);
    for (asked, sample) in samples {
        let probabilities = calibration.weights.probabilities(&sample.inputs);
        let of_none = 1.0 - probabilities.iter().sum::<f64>();
        let of_truth = sample.truth.map_or(of_none, |place| probabilities[place]);
        loss -= sample.weight * of_truth.max(f64::EPSILON).ln();
        weight += sample.weight;
        if *asked == Asked::Known {
            let first = probabilities.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(place, _)| place);
            n_known += 1;
            n_right += usize::from(first.is_some() && first == sample.truth);
        }
    }
    Standing {
        accuracy: n_right as f64 / f64::from(n_known).max(1.0),
        log_loss: loss / f64::max(weight, f64::MIN_POSITIVE),
        coverage: calibration.promise.expected.map(|expected| expected.coverage),
        n_questions: samples.len(),
    }
}

/// Articles, translations joined, that have two phrases and more.
fn n_intents_to_tell_apart(base: &KnowledgeBase, day: jiff::civil::Date) -> usize {
    let mut n_phrases = HashMap::new();
    for article in base.active(day) {
        *n_phrases.entry(article.id.clone()).or_insert(0) += article.phrases.len();
    }
    n_phrases.values().filter(|n| **n >= 2).count()
}

async fn open(folder: &Path, options: &Options) -> Result<Encoder, AdaptError> {
    let (model, threads, deadline) = (folder.to_owned(), options.threads, options.encoder_wait);
    Ok(blocking(move || Encoder::open(EncoderOptions { model, cache: None, threads, deadline })).await??)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AdaptError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| AnsweringError::Interrupted.into())
}

/// How far it is.
struct Steps {
    heard: Arc<dyn Fn(Progress) + Send + Sync>,
    n_done: usize,
    n_steps: usize,
}

impl Steps {
    fn say(&self, doing: &'static str) {
        (self.heard)(Progress { doing, n_done: self.n_done, n_steps: self.n_steps });
    }

    /// Nothing where an earlier run got as far.
    async fn train(
        &mut self,
        doing: &'static str,
        source: &Path,
        lessons: &[Lesson],
        course: &Course,
        folder: &Path,
    ) -> Result<(), AdaptError> {
        let n_steps = adapt::n_steps(lessons, course);
        if !folder.exists() {
            let (source, lessons, course, folder) = (source.to_owned(), lessons.to_vec(), *course, folder.to_owned());
            let (heard, n_all, mut n_done) = (self.heard.clone(), self.n_steps, self.n_done);
            let progress = move || {
                n_done += 1;
                heard(Progress { doing, n_done, n_steps: n_all });
            };
            blocking(move || adapt::train(&source, &lessons, &course, &folder, progress)).await??;
        }
        self.n_done += n_steps;
        self.say(doing);
        Ok(())
    }
}

/// The folder beside `out` for what is not whole yet; held by one program at a time.
struct Work {
    folder: PathBuf,
    _lock: File,
}

impl Work {
    const KEY: &str = "key";

    /// Keeps what an earlier run with the same key left, and removes what one with another key did.
    fn open(out: &Path, key: &str) -> Result<Self, AdaptError> {
        let name = out.file_name().ok_or_else(|| AdaptError::Taken(out.to_owned()))?;
        let folder = out.with_file_name(format!(".{}.adapting", name.to_string_lossy()));
        let failed = |source| AdaptError::Disk { path: folder.clone(), source };
        fs::create_dir_all(&folder).map_err(failed)?;
        let lock = File::options().create(true).append(true).open(folder.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(AdaptError::Busy(folder)),
            Err(fs::TryLockError::Error(source)) => return Err(failed(source)),
        }
        if fs::read_to_string(folder.join(Self::KEY)).is_ok_and(|kept| kept == key) {
            return Ok(Self { folder, _lock: lock });
        }
        for stale in ["model", "model.draft"].map(str::to_owned).into_iter().chain(trial_names()) {
            let stale = folder.join(stale);
            if stale.exists() {
                fs::remove_dir_all(&stale).map_err(failed)?;
            }
        }
        fs::write(folder.join(Self::KEY), key).map_err(failed)?;
        Ok(Self { folder, _lock: lock })
    }

    /// What stays behind costs room, nothing else.
    fn remove(self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            tracing::warn!(folder = %self.folder.display(), %error, "what is no longer needed could not be removed");
        }
    }
}

fn trial_names() -> impl Iterator<Item = String> {
    (0..N_ENCODERS).flat_map(|number| [format!("trial-{number}"), format!("trial-{number}.draft")])
}

fn card(adapted: &Adapted, course: &Course) -> String {
    let row = |name: &str, standing: &Standing| {
        let coverage = standing.coverage.map_or("-".to_owned(), |coverage| format!("{coverage:.3}"));
        format!("| {name} | {:.3} | {:.3} | {coverage} |\n", standing.accuracy, standing.log_loss)
    };
    format!(
        "# An encoder for one knowledge base\n\n\
         Made by `firstline adapt` from `{}` (fingerprint {}) on {} articles with {} phrases, knowledge base version {}.\n\
         It knows the articles' own words; treat it as confidential where they are.\n\n\
         Supervised contrastive learning: {} passes of up to {} steps in all, {} pairs a step, temperature {}, rate {},\n\
         the upper {} layers, share {} of the way from the old weights, seed {}.\n\n\
         Cross-validated on {} questions by {N_ENCODERS} encoders that had not seen them, at the same folds:\n\n\
         | encoder | first right | log loss | answered at the target precision |\n|---|---|---|---|\n{}{}\n\
         `out-of-fold.bin` holds what those encoders make of the articles' texts; calibration needs it.\n",
        adapted.source,
        adapted.source_fingerprint,
        adapted.n_articles,
        adapted.n_phrases,
        adapted.knowledge_version,
        course.n_passes,
        course.max_steps,
        course.n_pairs,
        course.temperature,
        course.rate,
        course.n_layers,
        course.share,
        course.seed,
        adapted.after.n_questions,
        row("before", &adapted.before),
        row("after", &adapted.after),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PolicyWish;
    use crate::intent::encoder::tiny::TinyFolder;
    use std::sync::{Mutex, PoisonError};
    use std::time::Duration;
    use tempfile::TempDir;

    const THINGS: [[&str; 2]; 8] = [
        ["refund", "money"],
        ["parcel", "box"],
        ["invoice", "bill"],
        ["password", "login"],
        ["warranty", "repair"],
        ["coupon", "discount"],
        ["address", "street"],
        ["voucher", "gift"],
    ];
    const WAYS: [&str; 4] = ["where is my", "lost the", "need a new", "no"];

    /// A knowledge base in which two words mean the same, and a tiny encoder that does not know it.
    struct Shop {
        home: TempDir,
        options: Options,
    }

    impl Shop {
        fn open(n_articles: usize) -> Self {
            let home = tempfile::tempdir().unwrap();
            let knowledge = home.path().join("knowledge");
            fs::create_dir(&knowledge).unwrap();
            for [thing, other] in THINGS.iter().take(n_articles) {
                let phrases = WAYS.iter().flat_map(|way| [format!("{way} {thing}"), format!("{way} {other}")]);
                let phrases: String = phrases.map(|phrase| format!("  - \"{phrase}\"\n")).collect();
                let text =
                    format!("---\nid: {thing}\ntitle: {thing}\nlanguage: en\nphrases:\n{phrases}---\nAn answer.\n");
                fs::write(knowledge.join(format!("{thing}.md")), text).unwrap();
            }
            let words = THINGS.iter().flatten().copied().chain(WAYS.iter().flat_map(|way| way.split(' ')));
            let model = TinyFolder::of_words(words).write_into(home.path());
            let options = Options {
                knowledge,
                model: Some(model),
                cache: None,
                threads: 1,
                encoder_wait: Duration::from_secs(60),
                policy: PolicyWish::default(),
            };
            Self { home, options }
        }

        fn out(&self) -> PathBuf {
            self.home.path().join("adapted")
        }

        async fn adapt(&self, course: &Course) -> Result<Adapted, AdaptError> {
            self.adapt_where(course, is_better).await
        }

        async fn adapt_where(
            &self,
            course: &Course,
            is_adopted: fn(&Standing, &Standing) -> bool,
        ) -> Result<Adapted, AdaptError> {
            adapt_where(&self.options, course, &self.out(), &Clock::system(), |_| {}, is_adopted).await
        }

        /// Beside the knowledge base and the model that were there before.
        fn left(&self) -> usize {
            fs::read_dir(self.home.path()).unwrap().count() - 2
        }
    }

    fn quick() -> Course {
        Course { n_passes: 5, n_pairs: 8, rate: 0.01, n_layers: 1, threads: 1, ..Course::default() }
    }

    #[tokio::test]
    async fn what_is_adopted_becomes_a_model_that_answers() {
        let shop = Shop::open(THINGS.len());
        let adapted = shop.adapt_where(&quick(), |_, _| true).await.unwrap();
        assert_ne!(adapted.before, adapted.after);
        assert_eq!((adapted.n_articles, adapted.n_phrases, shop.left()), (8, 64, 1));
        let encoder = open(&shop.out(), &shop.options).await.unwrap();
        assert_eq!(encoder.out_of_fold().unwrap().n_encoders(), N_ENCODERS);
        let base = KnowledgeBase::load(&shop.options.knowledge, Clock::system().today(), None).unwrap();
        let (snapshot, _) = Snapshot::build(base, Clock::system().today(), Some(&encoder), None, None).await.unwrap();
        let samples = snapshot.samples(&snapshot.sights_through(&encoder.out_of_fold().unwrap()), 0.2, 1).unwrap();
        assert_eq!(samples.len(), adapted.after.n_questions);
        let card = fs::read_to_string(shop.out().join("README.md")).unwrap();
        assert!(card.contains("64 phrases") && card.contains(&adapted.source_fingerprint), "{card}");

        let again = Options { model: Some(shop.out()), ..shop.options.clone() };
        let twice = adapt(&again, &quick(), &shop.home.path().join("twice"), &Clock::system(), |_| {}).await;
        assert!(matches!(twice, Err(AdaptError::AlreadyAdapted(_))), "{twice:?}");
        assert!(matches!(shop.adapt(&quick()).await, Err(AdaptError::Taken(_))));
    }

    #[tokio::test]
    async fn what_finds_no_more_leaves_nothing_behind() {
        let shop = Shop::open(THINGS.len());
        let adapted = shop.adapt(&Course { rate: 0.0, ..quick() }).await.unwrap();
        assert!(!adapted.is_adopted && adapted.before == adapted.after, "{adapted:?}");
        assert_eq!(shop.left(), 0);
    }

    #[tokio::test]
    async fn after_a_break_what_is_done_is_not_done_again() {
        let shop = Shop::open(THINGS.len());
        let steps: Arc<Mutex<Vec<usize>>> = Arc::default();
        let (first, second) = (steps.clone(), steps.clone());
        let (options, out) = (shop.options.clone(), shop.out());
        let broken = tokio::spawn(async move {
            let heard = move |progress: Progress| {
                let mut steps = first.lock().unwrap();
                steps.push(progress.n_done);
                // In the middle of the second trial, as when the machine goes off.
                assert!(progress.n_done < progress.n_steps / 3, "the machine goes off");
            };
            adapt_where(&options, &quick(), &out, &Clock::system(), heard, |_, _| true).await
        });
        assert!(matches!(broken.await.unwrap(), Err(AdaptError::Answering(AnsweringError::Interrupted))));
        assert!(!shop.out().exists() && shop.left() == 1);
        let n_first = steps.lock().unwrap_or_else(PoisonError::into_inner).drain(..).count();
        steps.clear_poison();
        let heard = move |progress: Progress| second.lock().unwrap().push(progress.n_done);
        let clock = Clock::system();
        let whole = adapt_where(&shop.options, &quick(), &shop.out(), &clock, heard, |_, _| true).await.unwrap();
        assert_eq!(shop.left(), 1);
        let steps = steps.lock().unwrap();
        assert!(steps[0] > n_first / 2 && steps.is_sorted(), "{n_first} before, then {steps:?}");
        assert_ne!(whole.after, whole.before);
    }

    #[test]
    fn better_finds_no_less_and_is_surer_of_the_truth() {
        let before = Standing { accuracy: 0.8, log_loss: 0.5, coverage: Some(0.6), n_questions: 100 };
        let check = |accuracy: f64, log_loss: f64, expected: bool| {
            assert_eq!(is_better(&Standing { accuracy, log_loss, ..before }, &before), expected);
        };
        check(0.8, 0.4, true);
        check(0.9, 0.4, true);
        check(0.8, 0.5, false);
        check(0.79, 0.4, false);
        check(0.9, 0.6, false);
        check(0.9, f64::NAN, false);
    }

    #[tokio::test]
    async fn refusals_say_what_is_missing() {
        let shop = Shop::open(1);
        let few = shop.adapt(&quick()).await.unwrap_err();
        assert!(few.to_string().contains("1 articles have two phrases"), "{few}");
        let shop = Shop::open(2);
        let nothing = Options { model: None, ..shop.options.clone() };
        let nothing = adapt(&nothing, &quick(), &shop.out(), &Clock::system(), |_| {}).await;
        assert!(matches!(nothing, Err(AdaptError::NoEncoder)));
        let file = shop.home.path().join("file");
        fs::write(&file, "in the way").unwrap();
        let unwritable = adapt(&shop.options, &quick(), &file.join("model"), &Clock::system(), |_| {}).await;
        assert!(matches!(unwritable, Err(AdaptError::Disk { .. })));
        let held = Work::open(&shop.out(), "key").unwrap();
        assert!(matches!(shop.adapt(&quick()).await, Err(AdaptError::Busy(_))));
        held.remove();
        fs::create_dir(shop.out()).unwrap();
        fs::write(shop.out().join("something"), "").unwrap();
        assert!(matches!(shop.adapt(&quick()).await, Err(AdaptError::Taken(_))));
    }
}
