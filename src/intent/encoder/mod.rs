//! The encoder: texts in, unit vectors out. `Encoder` is a handle to a bounded mailbox; one thread owns the model.

#[cfg(feature = "bert")]
pub(in crate::intent) mod bert;
#[cfg(all(test, feature = "bert"))]
mod bert_tests;
mod cache;
#[cfg(any(feature = "bert", test))]
pub(in crate::intent) mod checkpoint;
// Without the feature only the tests start an owner.
#[cfg_attr(not(feature = "bert"), allow(dead_code))]
mod mailbox;
pub(in crate::intent) mod model;
#[cfg_attr(not(feature = "bert"), allow(dead_code))]
pub(in crate::intent) mod out_of_fold;
#[cfg_attr(not(feature = "bert"), allow(dead_code))]
mod owner;
mod stats;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
#[cfg(all(test, feature = "bert"))]
pub(crate) mod tiny;

pub use out_of_fold::{OutOfFold, View};
#[cfg(feature = "testkit")]
pub use owner::before_each_batch;
pub use stats::EncoderStats;

use crate::domain::Language;
use cache::{Cache, Key};
use mailbox::{Answer, Job, Mailbox, Reply};
use model::Tokenize;
use serde::Serialize;
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// One embedding, L2-normalised to within 0.001: its values are half-precision numbers, so that a vector read from the
/// cache equals the one that was written.
pub type Vector = Arc<[f32]>;

#[derive(Clone, Debug)]
pub struct EncoderOptions {
    /// A folder in sentence-transformers layout: `model.safetensors`, `tokenizer.json`, `config.json`, `modules.json`.
    pub model: PathBuf,
    /// A folder for embeddings of articles and phrases. `None`: every start encodes all of them again.
    pub cache: Option<PathBuf>,
    /// Threads of one forward pass; 0 is all processors.
    pub threads: usize,
    /// How long a live question waits before `EncoderError::Late`.
    pub deadline: Duration,
}

/// What is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncoderInfo {
    /// The folder's name.
    pub name: String,
    /// Length of a vector.
    pub dims: usize,
    /// Languages it was trained for; in others the confidence leans on words.
    pub languages: Vec<Language>,
    pub precision: Precision,
    /// 16 hexadecimal digits of all that a vector depends on beside its text: equal fingerprints, equal vectors.
    pub fingerprint: String,
}

/// The numbers that the forward pass computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    BFloat16,
    Float32,
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BFloat16 => "bfloat16",
            Self::Float32 => "float32",
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncoderError {
    #[error("this program was built without the encoder; build it with the feature `bert`")]
    NotBuilt,
    #[error("{} is missing. {advice}", file.display())]
    Missing { file: PathBuf, advice: &'static str },
    #[error("{} cannot be used: {problem}", file.display())]
    Unusable { file: PathBuf, problem: String },
    /// The deadline passed; the question is no longer in line.
    #[error("no embedding before the deadline")]
    Late,
    /// Too many questions wait already.
    #[error("the encoder's mailbox is full")]
    Full,
    /// The owner thread failed too often, and nothing will come until the program is started again.
    #[error("the encoder is down")]
    Down,
    /// This text's batch failed. The next one may succeed.
    #[error("the encoder could not {step}: {detail}")]
    Failed { step: &'static str, detail: String },
}

/// A handle; clones share one owner thread, which ends when the last of them is dropped.
#[derive(Clone)]
pub struct Encoder {
    shared: Arc<Shared>,
}

struct Shared {
    info: EncoderInfo,
    deadline: Duration,
    tokenizer: Arc<dyn Tokenize>,
    mailbox: Arc<Mailbox>,
    cache: Option<Arc<Cache>>,
    out_of_fold: Option<Arc<OutOfFold>>,
    owner: Option<JoinHandle<()>>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.mailbox.close();
        // libtorch must not be in a forward pass while the process runs its exit handlers. At most one batch is waited for.
        if let Some(owner) = self.owner.take() {
            let _ = owner.join();
        }
    }
}

/// Texts of the bulk lane that one call keeps in line at once: enough for the owner to find like lengths, and what is
/// lost of the cache when the process dies.
const WINDOW: usize = 512;

impl Encoder {
    /// Loads the model on its own thread and runs it once; returns when it is ready. Blocks for a second or so.
    ///
    /// Errors name the file and what to do: a missing one, one cut short, a configuration that does not fit the weights.
    #[cfg(feature = "bert")]
    pub fn open(options: EncoderOptions) -> Result<Encoder, EncoderError> {
        let checkpoint = Arc::new(checkpoint::Checkpoint::read(&options.model)?);
        let tokenizer = Arc::new(bert::BertTokenizer::load(&checkpoint)?);
        let load = {
            let (checkpoint, tokenizer) = (checkpoint.clone(), tokenizer.clone());
            Box::new(move || bert::Bert::load(&checkpoint, &tokenizer, options.threads))
        };
        let mailbox = Arc::new(Mailbox::new());
        // Hashing reads as many bytes as loading does; both at once keep the start short.
        let (started, hashed) = std::thread::scope(|scope| {
            let hashed = scope.spawn(|| checkpoint.hash());
            (owner::start(mailbox.clone(), load), hashed.join())
        });
        let (ready, owner) = started?;
        let hash = hashed.unwrap_or_else(|_| Err(EncoderError::failed("hash the model", "its thread panicked")))?;
        let file = options.model.join(out_of_fold::FILE);
        let out_of_fold = OutOfFold::read(&file, &hash, ready.dims)?;
        if checkpoint.is_adapted && out_of_fold.is_none() {
            return Err(EncoderError::Missing { file, advice: "Make the model again with `firstline adapt`." });
        }
        let info = EncoderInfo {
            name: checkpoint.name.clone(),
            dims: ready.dims,
            languages: checkpoint.languages.clone(),
            precision: ready.precision,
            fingerprint: checkpoint::fingerprint(&hash, ready.precision),
        };
        Ok(Self::assemble(info, options, tokenizer, mailbox, owner, out_of_fold))
    }

    #[cfg(not(feature = "bert"))]
    pub fn open(_options: EncoderOptions) -> Result<Encoder, EncoderError> {
        Err(EncoderError::NotBuilt)
    }

    #[cfg_attr(not(feature = "bert"), allow(dead_code))]
    fn assemble(
        info: EncoderInfo,
        options: EncoderOptions,
        tokenizer: Arc<dyn Tokenize>,
        mailbox: Arc<Mailbox>,
        owner: JoinHandle<()>,
        out_of_fold: Option<OutOfFold>,
    ) -> Self {
        let cache = options.cache.map(|folder| Arc::new(Cache::new(&folder, &info.fingerprint, info.dims)));
        let (deadline, owner, out_of_fold) = (options.deadline, Some(owner), out_of_fold.map(Arc::new));
        Self { shared: Arc::new(Shared { info, deadline, tokenizer, mailbox, cache, out_of_fold, owner }) }
    }

    pub fn info(&self) -> &EncoderInfo {
        &self.shared.info
    }

    /// Of a model that was adapted: how encoders that were not trained on a text see it.
    pub fn out_of_fold(&self) -> Option<Arc<OutOfFold>> {
        self.shared.out_of_fold.clone()
    }

    /// It failed too often; nothing will come of it until the program is started again.
    pub fn is_down(&self) -> bool {
        self.shared.mailbox.why_lost() == EncoderError::Down
    }

    pub fn stats(&self) -> EncoderStats {
        self.shared.mailbox.stats()
    }

    /// The vector of one live question; it goes before all bulk work. Texts beyond 256 tokens are cut.
    ///
    /// `Late` after the deadline, `Full` when too many wait, `Down` when the owner is gone for good, `Failed` for this text.
    pub async fn embed(&self, text: String) -> Result<Vector, EncoderError> {
        let shared = &self.shared;
        let counters = &shared.mailbox.counters;
        let started = Instant::now();
        // Some 30 µs for a question; `MAX_CHARS` keeps the longest under a millisecond.
        let ids = shared.tokenizer.ids(&text)?;
        counters.tokenize_us.add(started.elapsed().as_micros() as u64);
        let (sender, receiver) = oneshot::channel();
        shared.mailbox.put_live(Job { ids, asked: started, reply: Reply::Live(sender) })?;
        match tokio::time::timeout(shared.deadline, receiver).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(shared.mailbox.why_lost()),
            Err(_) => {
                counters.n_late.add(1);
                Err(EncoderError::Late)
            }
        }
    }

    /// The vectors of many texts, in their order: from the cache on disk, the rest in batches that yield to live
    /// questions. Equal texts are encoded once. `progress` hears how many of how many are done.
    ///
    /// May be dropped halfway; what was encoded by then is in the cache. A text whose batch failed is tried once more.
    pub async fn embed_all(
        &self,
        texts: Vec<String>,
        progress: impl Fn(usize, usize) + Send,
    ) -> Result<Vec<Vector>, EncoderError> {
        let n_texts = texts.len();
        let keys: Vec<Key> = texts.iter().map(|text| Key::of(text)).collect();
        let mut missing: HashMap<Key, String> = keys.iter().copied().zip(texts).collect();
        let n_distinct = missing.len();
        let mut vectors = self.recall(missing.keys().copied().collect()).await;
        missing.retain(|key, _| !vectors.contains_key(key));
        let report = |n_done: usize| progress(n_texts * n_done / n_distinct.max(1), n_texts);
        report(vectors.len());

        let mut jobs = self.tokenize_all(missing).await?;
        // Like lengths stand together, so little of a batch is padding.
        jobs.sort_by(|a, b| a.1.len().cmp(&b.1.len()).then(a.0.cmp(&b.0)));
        for window in jobs.chunks(WINDOW) {
            let fresh = self.encode_window(window).await?;
            self.remember(fresh.clone()).await;
            vectors.extend(fresh);
            report(vectors.len());
        }
        let vector_of = |key| vectors.get(key).cloned().ok_or_else(|| self.shared.mailbox.why_lost());
        keys.iter().map(vector_of).collect()
    }

    /// Like `embed_all`, for what customers said: nothing of it is left in the cache on disk, so erasing them need not look there.
    pub async fn embed_all_unkept(&self, texts: Vec<String>) -> Result<Vec<Vector>, EncoderError> {
        let keys: Vec<Key> = texts.iter().map(|text| Key::of(text)).collect();
        let mut jobs = self.tokenize_all(keys.iter().copied().zip(texts).collect()).await?;
        jobs.sort_by(|a, b| a.1.len().cmp(&b.1.len()).then(a.0.cmp(&b.0)));
        let mut vectors = HashMap::new();
        for window in jobs.chunks(WINDOW) {
            vectors.extend(self.encode_window(window).await?);
        }
        let vector_of = |key| vectors.get(key).cloned().ok_or_else(|| self.shared.mailbox.why_lost());
        keys.iter().map(vector_of).collect()
    }

    async fn recall(&self, keys: Vec<Key>) -> HashMap<Key, Vector> {
        let Some(cache) = self.shared.cache.clone() else { return HashMap::new() };
        let found = tokio::task::spawn_blocking(move || cache.read(&keys)).await.unwrap_or_default();
        self.shared.mailbox.counters.n_cache_hits.add(found.len() as u64);
        found
    }

    async fn remember(&self, fresh: Vec<(Key, Vector)>) {
        let Some(cache) = self.shared.cache.clone() else { return };
        // A cache that cannot be written costs time at the next start, nothing else.
        let written = tokio::task::spawn_blocking(move || cache.append(&fresh)).await;
        if let Ok(Err(error)) = written {
            tracing::warn!(%error, "The cache of embeddings could not be written; the next start encodes again.");
        }
    }

    async fn tokenize_all(&self, texts: HashMap<Key, String>) -> Result<Vec<(Key, Vec<u32>)>, EncoderError> {
        let tokenizer = self.shared.tokenizer.clone();
        let all = move || texts.into_iter().map(|(key, text)| Ok((key, tokenizer.ids(&text)?))).collect();
        tokio::task::spawn_blocking(all).await.unwrap_or_else(|error| Err(EncoderError::failed("tokenize", error)))
    }

    async fn encode_window(&self, window: &[(Key, Vec<u32>)]) -> Result<Vec<(Key, Vector)>, EncoderError> {
        let mut vectors: Vec<Option<Vector>> = vec![None; window.len()];
        let mut last_error = None;
        for _attempt in 0..2 {
            for (row, answer) in self.run_bulk(window, &vectors).await? {
                match answer {
                    Ok(vector) => vectors[row] = Some(vector),
                    Err(error) => last_error = Some(error),
                }
            }
            if vectors.iter().all(Option::is_some) {
                return Ok(window.iter().zip(vectors).filter_map(|((key, _), vector)| Some((*key, vector?))).collect());
            }
        }
        Err(last_error.unwrap_or_else(|| self.shared.mailbox.why_lost()))
    }

    /// Sends the rows without a vector through the bulk lane and collects what comes back: less than all when the
    /// owner panicked over them.
    async fn run_bulk(
        &self,
        window: &[(Key, Vec<u32>)],
        have: &[Option<Vector>],
    ) -> Result<Vec<(usize, Answer)>, EncoderError> {
        let mailbox = &self.shared.mailbox;
        let _room = mailbox.room_for_bulk(window.len()).await;
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let job = |(row, (_, ids)): (usize, &(Key, Vec<u32>))| Job {
            ids: ids.clone(),
            asked: Instant::now(),
            reply: Reply::Bulk { row, to: sender.clone() },
        };
        let missing = window.iter().enumerate().filter(|(row, _)| have[*row].is_none());
        mailbox.put_bulk(missing.map(job).collect())?;
        drop(sender);
        let mut answers = Vec::with_capacity(window.len());
        while let Some(answer) = receiver.recv().await {
            answers.push(answer);
        }
        Ok(answers)
    }
}

impl EncoderError {
    pub(in crate::intent) fn failed(step: &'static str, detail: impl fmt::Display) -> Self {
        Self::Failed { step, detail: detail.to_string() }
    }
}
