//! Loads the first snapshot and swaps in a new one whenever the folder or the day changes. The old one answers meanwhile.

use super::calibration::{self, Calibration, PriorOnly};
use super::judged::{Judged, Shelf};
use super::patience::{PAUSES, Uncalibrated};
use super::snapshot::Snapshot;
use super::taught::{PAUSE_TO_TEACH, Taught};
use super::{Answering, AnsweringError, Current, Options};
use crate::bus::{Bus, Hint};
use crate::clock::Clock;
use crate::domain::{Article, JudgedCase, Language, TaughtPhrase};
use crate::intent::encoder::{Encoder, EncoderError, EncoderOptions};
use crate::knowledge;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// `valid_from` and `valid_until` are whole days in UTC; looking this often is soon enough.
const DAY_CHECK: Duration = Duration::from_secs(30);
/// After a failed load the folder is tried again this often.
const RETRY: Duration = Duration::from_secs(5);

fn all_cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

impl Answering {
    /// Loads everything before it returns: for commands that ask and end.
    pub async fn open(options: Options, clock: Clock) -> Result<Arc<Self>, AnsweringError> {
        Self::open_with(options, clock, vec![], vec![]).await
    }

    /// The same with what leads taught, calibrated with what people judged.
    pub async fn open_with(
        options: Options,
        clock: Clock,
        judged: Vec<JudgedCase>,
        taught: Vec<TaughtPhrase>,
    ) -> Result<Arc<Self>, AnsweringError> {
        let answering = Arc::new(Self::empty(options, clock));
        answering.judged(judged);
        answering.taught(taught);
        let (encoder, problem) = answering.open_encoder().await;
        answering.load(encoder, problem).await?;
        answering.calibrate_once(all_cores()).await;
        Ok(answering)
    }

    /// Returns at once and loads in the background; questions wait for the first snapshot. Follows the folder until dropped.
    pub fn start(options: Options, clock: Clock, bus: Bus) -> Arc<Self> {
        let answering = Arc::new(Self::empty(options, clock));
        tokio::spawn(answering.clone().follow(bus));
        answering
    }

    /// Never loads: for commands that need a desk but ask nothing.
    pub fn unloaded(options: Options, clock: Clock) -> Arc<Self> {
        Arc::new(Self::empty(options, clock))
    }

    pub(super) fn empty(options: Options, clock: Clock) -> Self {
        Self { options, clock, current: watch::channel(None).0, judged: Shelf::default(), taught: Taught::default() }
    }

    async fn follow(self: Arc<Self>, bus: Bus) {
        // One pending wake-up is enough: a load reads the whole folder.
        let (wake, mut woken) = mpsc::channel::<()>(1);
        let _watching = match knowledge::watch(&self.options.knowledge, move || {
            // A full mailbox means that a load is due anyway.
            let _ = wake.try_send(());
        }) {
            Ok(watching) => Some(watching),
            Err(error) => {
                tracing::warn!(%error, "the folder of articles is not watched; changes show after a restart");
                None
            }
        };
        let (encoder, problem) = self.open_encoder().await;
        loop {
            let begun = Instant::now();
            let loaded = self.load(encoder.clone(), problem.clone()).await;
            let failed = match loaded {
                Ok(()) => {
                    let health = self.health();
                    tracing::info!(
                        articles = health.articles,
                        findings = health.findings,
                        version = health.knowledge_version,
                        ms = begun.elapsed().as_millis() as u64,
                        "the articles are live"
                    );
                    bus.hint(Hint::Knowledge);
                    // One core is enough: customers ask meanwhile.
                    let this = self.clone();
                    tokio::spawn(async move {
                        this.train(1).await;
                        this.calibrate_patiently(&PAUSES).await;
                    });
                    false
                }
                Err(error) => {
                    tracing::error!(%error, "the articles could not be loaded; what was loaded before keeps answering");
                    true
                }
            };
            self.something_changed(&mut woken, failed).await;
        }
    }

    /// Waits for the folder, what leads teach, the day, or the time to retry.
    async fn something_changed(&self, woken: &mut mpsc::Receiver<()>, failed: bool) {
        loop {
            let pause = if failed { RETRY } else { DAY_CHECK };
            let woken = async {
                match woken.recv().await {
                    Some(()) => {}
                    // The watcher is gone; only days and people are left to wait for.
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = woken => return,
                () = self.taught.changed() => {
                    // Who teaches one phrase teaches more.
                    tokio::time::sleep(PAUSE_TO_TEACH).await;
                    return;
                }
                () = tokio::time::sleep(pause) => {}
            }
            let day = self.now().map(|current| current.snapshot.day);
            if failed || day.is_some_and(|day| self.boundary_passed(day)) {
                return;
            }
        }
    }

    fn boundary_passed(&self, day: jiff::civil::Date) -> bool {
        let today = self.clock.today();
        let boundary = self.now().and_then(|current| current.snapshot.base.next_boundary(day));
        boundary.is_some_and(|boundary| boundary <= today)
    }

    async fn open_encoder(&self) -> (Option<Encoder>, Option<String>) {
        let Some(model) = self.options.model.clone() else {
            return (None, Some("no encoder is configured: answers come from words alone".to_owned()));
        };
        let options = EncoderOptions {
            model,
            cache: self.options.cache.clone(),
            threads: self.options.threads,
            deadline: self.options.encoder_wait,
        };
        let opened = tokio::task::spawn_blocking(move || Encoder::open(options)).await;
        match opened.unwrap_or(Err(EncoderError::Down)) {
            Ok(encoder) => (Some(encoder), None),
            Err(error) => {
                tracing::error!(%error, "the encoder could not be loaded: answers come from words alone");
                (None, Some(format!("the encoder could not be loaded: {error}; answers come from words alone")))
            }
        }
    }

    pub(super) async fn load(&self, encoder: Option<Encoder>, problem: Option<String>) -> Result<(), AnsweringError> {
        let folder = self.options.knowledge.clone();
        let day = self.clock.today();
        let previous = self.now();
        let taught = self.taught.take_up();
        let reading = move || {
            let base = knowledge::KnowledgeBase::load(&folder, day, previous.as_ref().map(|p| &p.snapshot.base))?;
            Ok::<_, knowledge::KnowledgeError>(base.with_taught(&taught))
        };
        let base = tokio::task::spawn_blocking(reading).await.map_err(|_| AnsweringError::Interrupted)??;
        // Building again would give the same.
        if self.now().is_some_and(|now| now.snapshot.is_of(&base, day)) {
            return Ok(());
        }
        let cache = self.options.cache.as_deref();
        let former = self.now().map(|now| now.snapshot.clone());
        let (snapshot, failed) = Snapshot::build(base, day, encoder.as_ref(), cache, former).await?;
        let foreign = encoder.as_ref().and_then(|encoder| foreign_languages(encoder, &snapshot.active));
        let degraded = problem.into_iter().chain(failed).chain(foreign).collect();
        let calibration = self.calibration_meanwhile(&snapshot);
        let policy = self.options.policy.at(calibration.promise.answer_at, calibration.promise.margin);
        let snapshot = Arc::new(snapshot);
        let current = Current { snapshot, calibration, policy, encoder, degraded, uncalibrated: None };
        let before = self.current.send_replace(Some(Arc::new(current)));
        if let Some(before) = before {
            before.snapshot.is_outdated.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// What is right already when these articles were calibrated before; else what was last in force; else the prior.
    fn calibration_meanwhile(&self, snapshot: &Snapshot) -> Calibration {
        let target = self.options.policy.target_precision;
        let last = || self.now().map(|now| now.calibration.clone()).filter(|last| last.voices == snapshot.voices());
        let kin = || calibration::recall_any(self.options.cache.as_deref()?, &self.key_of_articles(snapshot));
        self.settled(snapshot, &self.judged.newest())
            .or_else(last)
            .or_else(kin)
            .unwrap_or_else(|| Calibration::prior(snapshot.voices(), PriorOnly::NotYet, target))
    }

    /// What needs no work: the prior where nothing else can be said, or what was calibrated before for the same inputs.
    fn settled(&self, snapshot: &Snapshot, judged: &Judged) -> Option<Calibration> {
        if let Some(why) = snapshot.prior_only(judged.n_cases()) {
            return Some(Calibration::prior(snapshot.voices(), why, self.options.policy.target_precision));
        }
        calibration::recall(self.options.cache.as_deref()?, &self.key(snapshot, judged))
    }

    fn key(&self, snapshot: &Snapshot, judged: &Judged) -> String {
        // The judged share of strangers is made of the cases, so it needs no place of its own.
        judged.key(self.key_of_articles(snapshot))
    }

    fn key_of_articles(&self, snapshot: &Snapshot) -> String {
        snapshot.calibration_key(self.options.policy.stranger_share, self.options.policy.target_precision)
    }

    /// Where the classifiers are still those of the articles before.
    async fn train(&self, threads: usize) {
        let Some(current) = self.now().filter(|current| !current.snapshot.is_trained()) else { return };
        let (begun, cache) = (Instant::now(), self.options.cache.clone());
        let training = move || current.snapshot.train(cache.as_deref(), threads);
        match tokio::task::spawn_blocking(training).await {
            Ok(()) => tracing::info!(ms = begun.elapsed().as_millis() as u64, "the classifiers are trained"),
            Err(error) => tracing::error!(%error, "training failed; the classifiers stay as they were"),
        }
    }

    /// Cross-validates the current snapshot where that was not done before, keeps the result, and puts it in force unless newer
    /// articles came meanwhile.
    pub(super) async fn calibrate(&self, threads: usize) -> Result<(), Uncalibrated> {
        let _one_at_a_time = self.judged.one_at_a_time.lock().await;
        let Some(current) = self.now() else { return Ok(()) };
        let attempt = self.judged.begin();
        match self.calibrate_for(&current, threads).await {
            // Newer articles came, and whoever loaded them calibrates.
            Ok(()) | Err(AnsweringError::Interrupted) => Ok(()),
            Err(error) => Err(Uncalibrated { error, attempt, snapshot: current.snapshot.clone() }),
        }
    }

    async fn calibrate_for(&self, current: &Current, threads: usize) -> Result<(), AnsweringError> {
        let (snapshot, judged) = (current.snapshot.clone(), self.judged.take_up());
        if let Some(settled) = self.settled(&snapshot, &judged) {
            self.put_in_force(&snapshot, settled);
            return Ok(());
        }
        let (key, cache) = (self.key(&snapshot, &judged), self.options.cache.clone());
        let begun = Instant::now();
        let cases = judged.samples(&snapshot, current.encoder.as_ref()).await?;
        let share = judged.stranger_share(self.options.policy.stranger_share);
        let target = self.options.policy.target_precision;
        let working = snapshot.clone();
        let calibrated = tokio::task::spawn_blocking(move || working.calibrate(share, target, threads, cases)).await;
        let calibration = calibrated.map_err(|_| AnsweringError::Panicked)??;
        if let Some(folder) = cache
            && let Err(error) = calibration::remember(&folder, &key, &calibration)
        {
            tracing::warn!(%error, "the calibration could not be kept; the next start calibrates again");
        }
        tracing::info!(
            ms = begun.elapsed().as_millis() as u64,
            answer_at = calibration.promise.answer_at,
            coverage = calibration.promise.expected.map(|expected| expected.coverage),
            judged_cases = calibration.basis.n_judged(),
            "the confidence is calibrated"
        );
        self.put_in_force(&snapshot, calibration);
        Ok(())
    }

    /// Unless newer articles came meanwhile.
    fn put_in_force(&self, snapshot: &Arc<Snapshot>, calibration: Calibration) {
        self.current.send_if_modified(|now| {
            let is_news = |newest: &&Arc<Current>| {
                let is_other = newest.calibration != calibration || newest.uncalibrated.is_some();
                Arc::ptr_eq(&newest.snapshot, snapshot) && is_other
            };
            let Some(newest) = now.as_ref().filter(is_news) else { return false };
            let snapshot = snapshot.clone();
            let policy = self.options.policy.at(calibration.promise.answer_at, calibration.promise.margin);
            let (encoder, degraded) = (newest.encoder.clone(), newest.degraded.clone());
            let uncalibrated = None;
            *now = Some(Arc::new(Current { snapshot, calibration, policy, encoder, degraded, uncalibrated }));
            true
        });
    }
}

/// What to say of articles in languages that the encoder was not made for.
fn foreign_languages(encoder: &Encoder, active: &[Arc<Article>]) -> Option<String> {
    let info = encoder.info();
    let foreign = unknown_languages(&info.languages, active);
    let tags = foreign.iter().map(|language| language.tag()).collect::<Vec<_>>().join(", ");
    (!foreign.is_empty()).then(|| {
        format!("the encoder {} was not made for {tags}: questions in it are answered from words alone, with the shipped confidence", info.name)
    })
}

/// In the order of `Language::ALL`.
fn unknown_languages(known: &[Language], active: &[Arc<Article>]) -> Vec<Language> {
    let is_asked = |language: &Language| active.iter().any(|article| article.language == *language);
    Language::ALL.into_iter().filter(|language| !known.contains(language)).filter(is_asked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::article;

    #[test]
    fn only_languages_of_articles_are_missed() {
        let write = |id: &str, language| Arc::new(Article { language, ..article(id) });
        let active = [write("a", Language::En), write("b", Language::Ru), write("c", Language::ZhHant)];
        let check = |known: &[Language], expected: &[Language]| assert_eq!(unknown_languages(known, &active), expected);
        check(&Language::ALL, &[]);
        check(&[Language::En], &[Language::ZhHant, Language::Ru]);
        check(&[], &[Language::En, Language::ZhHant, Language::Ru]);
    }
}
