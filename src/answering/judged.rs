//! Judged cases beside cross-validation: each asks the live snapshot and becomes a sample whose truth a person told.
//!
//! The words of customers stay in memory: neither the calibration that is kept nor the cache of embeddings holds them.

use super::confidence::{Inputs, Sample};
use super::gather;
use super::patience::PAUSES;
use super::search::Prepared;
use super::snapshot::Snapshot;
use super::{Answering, AnsweringError};
use crate::domain::{JudgedCase, judged};
use crate::intent::encoder::{Encoder, Vector};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

impl Answering {
    /// These are all the cases that are judged by now. Calibrates again in the background when they are materially others than those
    /// that calibrated last; a few more wait for the next time. May be called at any moment, before the first load too.
    pub fn judged(self: &Arc<Self>, cases: Vec<JudgedCase>) {
        let is_due = self.judged.put(Judged::of(cases));
        // Whatever is loaded later calibrates with them anyway.
        if is_due && self.now().is_some() {
            let this = self.clone();
            tokio::spawn(async move { this.calibrate_patiently(&PAUSES).await });
        }
    }
}

/// Where judged cases wait to calibrate.
#[derive(Default)]
pub(super) struct Shelf {
    shelved: Mutex<Shelved>,
    /// A later calibration sees newer cases, so it must also be the later one to be put in force.
    pub one_at_a_time: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Shelved {
    newest: Arc<Judged>,
    calibrated: Arc<Judged>,
    /// A calibration was asked for and has not begun.
    is_due: bool,
    /// Calibrations that began.
    n_begun: u64,
}

impl Shelf {
    /// Whether a calibration must be begun for them.
    fn put(&self, judged: Judged) -> bool {
        let mut shelved = self.shelved.lock().expect("nothing panics under this lock");
        shelved.newest = Arc::new(judged);
        let is_news = shelved.newest.is_materially_other_than(&shelved.calibrated) && !shelved.is_due;
        shelved.is_due |= is_news;
        is_news
    }

    pub fn newest(&self) -> Arc<Judged> {
        self.shelved.lock().expect("nothing panics under this lock").newest.clone()
    }

    /// The number of a calibration that begins now.
    pub fn begin(&self) -> u64 {
        let mut shelved = self.shelved.lock().expect("nothing panics under this lock");
        shelved.n_begun += 1;
        shelved.n_begun
    }

    pub fn n_begun(&self) -> u64 {
        self.shelved.lock().expect("nothing panics under this lock").n_begun
    }

    /// For a calibration that begins now.
    pub fn take_up(&self) -> Arc<Judged> {
        let mut shelved = self.shelved.lock().expect("nothing panics under this lock");
        shelved.calibrated = shelved.newest.clone();
        shelved.is_due = false;
        shelved.newest.clone()
    }
}

/// One reading of the judged cases.
#[derive(Default)]
pub(super) struct Judged {
    cases: Vec<JudgedCase>,
    /// A hash of each, without its chance, which moves a little with every other case.
    ids: HashSet<[u8; 8]>,
    /// Of all of them; empty without any.
    hash: String,
}

/// Fewer changes than this would hardly move a weight, and each calibration costs minutes of one core.
const MATERIAL: usize = 10;

impl Judged {
    pub fn of(cases: Vec<JudgedCase>) -> Self {
        let ids = cases.iter().map(id).collect();
        let mut all = Sha256::new();
        for case in &cases {
            all.update(id(case));
            all.update(case.chance.to_le_bytes());
        }
        let hash = if cases.is_empty() { String::new() } else { hex::encode(&all.finalize()[..8]) };
        Self { cases, ids, hash }
    }

    pub fn n_cases(&self) -> usize {
        self.cases.len()
    }

    /// The judged share of strangers' questions, or `expected` while too little is judged.
    pub fn stranger_share(&self, expected: f64) -> f64 {
        judged::stranger_share(&self.cases).unwrap_or(expected)
    }

    /// `key` of a calibration, made one of these cases too.
    pub fn key(&self, key: String) -> String {
        if self.hash.is_empty() { key } else { format!("{key}-{}", self.hash) }
    }

    /// At least ten came or went, and at least a tenth.
    fn is_materially_other_than(&self, before: &Self) -> bool {
        let n_changed = self.ids.symmetric_difference(&before.ids).count();
        n_changed >= MATERIAL.max(before.ids.len() / 10)
    }

    /// What the live parts say about each case, weighing 1 on average. Left out: what stands in the articles word for word (it would
    /// find itself), what was judged to be an article that is gone, and what is never judged with fitted weights: what crosses to
    /// another language, or is in one that the encoder was not made for.
    pub async fn samples(
        self: &Arc<Self>,
        snapshot: &Arc<Snapshot>,
        encoder: Option<&Encoder>,
    ) -> Result<Vec<Sample>, AnsweringError> {
        let (this, of) = (self.clone(), snapshot.clone());
        let asking = tokio::task::spawn_blocking(move || this.asking(&of)).await;
        let asking = asking.map_err(|_| AnsweringError::Interrupted)?;
        let vectors = match encoder.filter(|_| snapshot.has_vectors()) {
            Some(encoder) => {
                let texts = asking.iter().map(|(question, ..)| question.normalised.clone()).collect();
                Some(encoder.embed_all_unkept(texts).await?)
            }
            None => None,
        };
        let of = snapshot.clone();
        let searching = tokio::task::spawn_blocking(move || ask(&of, &asking, vectors.as_deref())).await;
        searching.map_err(|_| AnsweringError::Interrupted)?
    }

    /// The question, its intent (`None`: a stranger's) and the case.
    fn asking(&self, snapshot: &Snapshot) -> Vec<Asking> {
        let known: HashSet<&str> = snapshot.texts().collect();
        let read = |case: &JudgedCase| {
            let question = gather::read(&case.text, Some(case.language));
            let is_new = !known.contains(question.normalised.as_str());
            let is_sample = is_new && snapshot.is_fitted_for(question.language);
            match &case.right {
                None => is_sample.then(|| (question, None, case.clone())),
                Some(article) => {
                    let label = snapshot.label(article)?;
                    is_sample.then(|| (question, Some(label), case.clone()))
                }
            }
        };
        self.cases.iter().filter_map(read).collect()
    }
}

type Asking = (Prepared, Option<u32>, JudgedCase);

fn ask(snapshot: &Snapshot, asking: &[Asking], vectors: Option<&[Vector]>) -> Result<Vec<Sample>, AnsweringError> {
    let parts = snapshot.parts();
    let (mut samples, mut cases) = (vec![], vec![]);
    for (i, (question, truth, case)) in asking.iter().enumerate() {
        if snapshot.is_outdated.load(Ordering::Relaxed) {
            return Err(AnsweringError::Interrupted);
        }
        let pool = parts.search(question, vectors.map(|vectors| &vectors[i]))?;
        if !pool.has_language {
            continue;
        }
        let inputs = Inputs::of(&pool, question.n_words, question.language);
        // As in cross-validation, a right article that no part put forward is as good as none.
        let truth = truth.and_then(|truth| pool.raw.keys().position(|label| *label == truth));
        samples.push(Sample { inputs, truth, weight: 1.0 });
        cases.push(case.clone());
    }
    for (sample, weight) in samples.iter_mut().zip(judged::weights(&cases)) {
        sample.weight = weight;
    }
    Ok(samples)
}

fn id(case: &JudgedCase) -> [u8; 8] {
    let right = case.right.as_ref().map_or("", |article| article.as_str());
    let mut hash = Sha256::new();
    for part in [case.text.as_str(), case.language.tag(), right, &format!("{:?}", case.picked)] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize()[..8].try_into().expect("a digest has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::super::{Basis, Calibration, Options, PriorOnly, Question};
    use super::*;
    use crate::clock::Clock;
    use crate::domain::{ArticleId, ChannelKind, Language, Picked, PolicyWish};
    use crate::intent::encoder::testing;
    use crate::knowledge::KnowledgeBase;
    use std::time::Duration;

    const THINGS: [&str; 18] = [
        "refund",
        "parcel",
        "invoice",
        "password",
        "warranty",
        "coupon",
        "address",
        "voucher",
        "kettle",
        "lamp",
        "charger",
        "headset",
        "newsletter",
        "receipt",
        "battery",
        "courier",
        "deposit",
        "manual",
    ];
    const WAYS: [&str; 12] = [
        "where is my #",
        "lost the #",
        "need a new #",
        "cannot find the #",
        "help with the #",
        "no #",
        "broken #",
        "wrong #",
        "# please",
        "# today",
        "# again",
        "# now",
    ];

    /// A shop with an article of twelve phrases about each of the first `n_things`.
    async fn shop(n_things: usize) -> (Arc<Answering>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        for thing in &THINGS[..n_things] {
            let phrases: String = WAYS.iter().map(|way| format!("  - {}\n", way.replace('#', thing))).collect();
            let article = format!(
                "---\nid: {thing}\nlanguage: en\ntitle: About the {thing}\nphrases:\n{phrases}---\nAll about the {thing}.\n"
            );
            std::fs::write(folder.path().join(format!("{thing}.md")), article).unwrap();
        }
        let options = Options {
            knowledge: folder.path().to_owned(),
            model: None,
            cache: None,
            threads: 1,
            encoder_wait: Duration::from_secs(1),
            policy: PolicyWish::default(),
        };
        (Answering::open(options, Clock::system()).await.unwrap(), folder)
    }

    fn case(text: String, right: Option<&str>, picked: Picked) -> JudgedCase {
        JudgedCase { text, language: Language::En, right: right.map(ArticleId::new), picked, chance: 0.1 }
    }

    /// How customers of the shop of eight things ask; a tenth of the words are no article's.
    fn asked(n: usize, is_answered: bool) -> Vec<JudgedCase> {
        let picked = |i| if i % 2 == 0 { Picked::Random } else { Picked::AgentChose };
        let thing = |i: usize| THINGS[i % 8];
        (0..n)
            .map(|i| case(format!("order {i}: what about the {}", thing(i)), is_answered.then(|| thing(i)), picked(i)))
            .collect()
    }

    async fn confidence(answering: &Answering) -> f64 {
        let question = Question { text: "what about the refund of order 7", language: None, channel: ChannelKind::Web };
        answering.gather(question).await.unwrap().evidence.confidence()
    }

    async fn calibrated_anew(answering: &Arc<Answering>, cases: Vec<JudgedCase>) -> Calibration {
        let before = answering.calibration().unwrap();
        answering.judged(cases);
        let mut changes = answering.current.subscribe();
        let changed = changes.wait_for(|now| now.as_ref().is_some_and(|now| now.calibration != before));
        changed.await.unwrap();
        answering.calibration().unwrap()
    }

    #[tokio::test]
    async fn two_hundred_judged_cases_replace_the_prior_of_a_small_base() {
        let (answering, _folder) = shop(8).await;
        let prior = answering.calibration().unwrap();
        assert_eq!(prior.basis, Basis::Prior { why: PriorOnly::FewPhrases });
        let before = confidence(&answering).await;

        // Too few to be believed alone.
        answering.judged(asked(199, false));
        assert!(answering.calibrate(1).await.is_ok());
        assert_eq!(answering.calibration().unwrap(), prior);

        let doubted = calibrated_anew(&answering, asked(240, false)).await;
        assert_eq!(doubted.basis, Basis::Blended { n_questions: 0, n_judged: 240 });
        assert_eq!(answering.health().judged_cases, 240);
        let when_wrong = confidence(&answering).await;
        calibrated_anew(&answering, asked(240, true)).await;
        let when_right = confidence(&answering).await;
        assert!(when_wrong < before.min(0.2) && when_right > before.max(0.8), "{when_wrong} {before} {when_right}");

        // Erased customers take their cases along.
        assert_eq!(calibrated_anew(&answering, vec![]).await, prior);
    }

    #[tokio::test]
    async fn judged_cases_stand_beside_cross_validation() {
        let (answering, _folder) = shop(18).await;
        let alone = answering.calibration().unwrap();
        let Basis::Blended { n_questions, n_judged: 0 } = alone.basis else { panic!("{:?}", alone.basis) };
        let before = confidence(&answering).await;
        let doubted = calibrated_anew(&answering, asked(60, false)).await;
        assert_eq!(doubted.basis, Basis::Blended { n_questions, n_judged: 60 });
        assert!(confidence(&answering).await < before);
    }

    #[test]
    fn the_judged_share_of_strangers_replaces_the_expected_one() {
        let mut cases = asked(150, true);
        cases.extend(asked(49, false));
        assert_eq!(Judged::of(cases.clone()).stranger_share(0.2), 0.2, "199 are too few");
        cases.extend(asked(1, false));
        assert!((Judged::of(cases).stranger_share(0.2) - 0.25).abs() < 1e-12);
    }

    #[tokio::test]
    async fn what_would_find_itself_or_nothing_is_left_out() {
        let (answering, _folder) = shop(8).await;
        let snapshot = answering.now().unwrap().snapshot.clone();
        let check = async |text: &str, language, right: Option<&str>, expected: &[bool]| {
            let case = JudgedCase { language, ..case(text.into(), right, Picked::AgentChose) };
            let samples = Arc::new(Judged::of(vec![case])).samples(&snapshot, None).await.unwrap();
            let found: Vec<bool> = samples.iter().map(|sample| sample.truth.is_some()).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("what about the refund", Language::En, Some("refund"), &[true]).await;
        check("what about the refund", Language::En, None, &[false]).await;
        check("Lost the  REFUND", Language::En, Some("refund"), &[]).await;
        check("what about the moon", Language::En, Some("moon"), &[]).await;
        check("где мои деньги за возврат", Language::Ru, Some("refund"), &[]).await;
    }

    /// Articles of twenty phrases in English and in Russian.
    async fn mixed_shop(n_english: usize, n_russian: usize, encoder: Option<&Encoder>) -> Arc<Snapshot> {
        let folder = tempfile::tempdir().unwrap();
        let write = |id: String, language: Language, phrase: &str| {
            let phrases: String = (0..20).map(|i| format!("  - {phrase} {id} {i}\n")).collect();
            let article =
                format!("---\nid: {id}\nlanguage: {language}\ntitle: {id}\nphrases:\n{phrases}---\n{phrase}.\n");
            std::fs::write(folder.path().join(format!("{id}.md")), article).unwrap();
        };
        (0..n_english).for_each(|i| write(format!("refund-{i}"), Language::En, "where is my"));
        (0..n_russian).for_each(|i| write(format!("parcel-{i}"), Language::Ru, "где моя посылка"));
        let day = Clock::system().today();
        let base = KnowledgeBase::load(folder.path(), day, None).unwrap();
        Arc::new(Snapshot::build(base, day, encoder, None, None).await.unwrap().0)
    }

    #[tokio::test]
    async fn what_the_encoder_was_not_made_for_is_no_sample_and_calibrates_nothing() {
        let english = testing::made_for(&[Language::En]);
        let snapshot = mixed_shop(2, 2, Some(&english)).await;
        let check = async |text: &str, language, right: &str, expected: usize| {
            let case = JudgedCase { language, ..case(text.into(), Some(right), Picked::AgentChose) };
            let samples = Arc::new(Judged::of(vec![case])).samples(&snapshot, Some(&english)).await.unwrap();
            assert_eq!(samples.len(), expected, "{text}");
            let question = gather::read(text, Some(language));
            let embedding = english.embed(question.normalised.clone()).await.unwrap();
            let pool = snapshot.parts().search(&question, Some(&embedding)).unwrap();
            assert!(pool.has_language && pool.has_vectors == (expected == 1), "{text}");
        };
        check("my refund is not there", Language::En, "refund-0", 1).await;
        check("посылка ещё не пришла", Language::Ru, "parcel-0", 0).await;

        let all = testing::made_for(&Language::ALL);
        let check = async |n_english: usize, n_russian: usize, encoder: Option<&Encoder>, expected| {
            let snapshot = mixed_shop(n_english, n_russian, encoder).await;
            let why = snapshot.prior_only(0);
            assert_eq!(why, expected, "{n_english} {n_russian}");
            let basis = snapshot.calibrate(0.2, 0.95, 1, vec![]).unwrap().basis;
            assert_eq!(matches!(basis, Basis::Prior { .. }), expected.is_some(), "{basis:?}");
            snapshot.calibration_key(0.2, 0.95)
        };
        let in_english = check(0, 10, Some(&english), Some(PriorOnly::OtherLanguages)).await;
        let in_all = check(0, 10, Some(&all), None).await;
        assert_ne!(in_english, in_all);
        check(9, 10, Some(&english), Some(PriorOnly::OtherLanguages)).await;
        check(10, 10, Some(&english), None).await;
        check(0, 10, None, None).await;
        check(0, 9, Some(&english), Some(PriorOnly::FewPhrases)).await;
    }

    #[test]
    fn calibrating_again_wants_ten_and_a_tenth() {
        let judged = |n: usize| Judged::of(asked(n, true));
        let check = |before: usize, after: usize, expected: bool| {
            assert_eq!(judged(after).is_materially_other_than(&judged(before)), expected, "{before} {after}");
        };
        check(0, 9, false);
        check(0, 10, true);
        check(300, 310, false);
        check(300, 329, false);
        check(300, 330, true);
        check(300, 300, false);
        check(300, 100, true);
        // The same questions, judged otherwise.
        assert!(Judged::of(asked(50, false)).is_materially_other_than(&judged(50)));
    }

    #[test]
    fn a_calibration_is_asked_for_once() {
        let shelf = Shelf::default();
        assert!(!shelf.put(Judged::of(asked(5, true))));
        assert!(shelf.put(Judged::of(asked(20, true))));
        assert!(!shelf.put(Judged::of(asked(40, true))), "the one that is due will see them");
        assert_eq!(shelf.take_up().n_cases(), 40);
        assert!(!shelf.put(Judged::of(asked(45, true))));
        assert_eq!(shelf.newest().n_cases(), 45);
        assert!(shelf.put(Judged::of(asked(50, true))));
    }

    #[test]
    fn keys_name_the_cases_and_their_chances() {
        let key = |cases: Vec<JudgedCase>| Judged::of(cases).key("k".into());
        assert_eq!(key(vec![]), "k");
        let mut likelier = asked(3, true);
        likelier[0].chance = 0.2;
        let keys = HashSet::from([key(asked(3, true)), key(asked(3, false)), key(asked(2, true)), key(likelier)]);
        assert_eq!(keys.len(), 4);
        assert_eq!(key(asked(3, true)), key(asked(3, true)));
    }
}
