//! The answering room: words in, evidence with a calibrated confidence out. The only such path: `serve`, `ask` and `eval` use it.
//!
//! May: join what `knowledge` and `intent` find.
//! May not: keep anything about a conversation, or speak to anyone.

#[cfg(feature = "bert")]
mod adaptation;
mod builtins;
mod calibration;
mod confidence;
mod findable;
mod folds;
mod gather;
mod judged;
mod patience;
mod reload;
mod rows;
mod search;
mod snapshot;
mod taught;
mod texts;
mod verbatim;

#[cfg(feature = "bert")]
pub use adaptation::{AdaptError, Adapted, Progress, Standing, adapt};
pub use calibration::{Basis, Calibration, Expected, MIN_PHRASES, PriorOnly, Promise, wilson};
pub use confidence::{N_NONE, Sample, Voices, Weights};
pub use gather::{Found, Gathered, NO_ENCODER, Question};
pub use search::Raw;

use crate::clock::Clock;
use crate::domain::{Article, ArticleId, ChannelKind, Language, Policy, PolicyWish};
use crate::intent::encoder::{Encoder, EncoderError};
use crate::knowledge::{Finding, KnowledgeError};
use serde::Serialize;
use snapshot::Snapshot;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

#[derive(Debug, thiserror::Error)]
pub enum AnsweringError {
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    #[error("the judged questions could not be embedded")]
    Encoder(#[from] EncoderError),
    #[error("building the index and the classifier was interrupted")]
    Interrupted,
    #[error("cross-validation broke off")]
    Panicked,
    #[error("the program is shutting down")]
    Closed,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub knowledge: PathBuf,
    /// The encoder's folder; `None` for lexical evidence only.
    pub model: Option<PathBuf>,
    /// Where embeddings and classifiers are kept between starts; `None` keeps nothing.
    pub cache: Option<PathBuf>,
    /// Threads for the encoder; 0 means one per core.
    pub threads: usize,
    /// A question waits this long for its embedding; then words decide, and the trace says so.
    pub encoder_wait: Duration,
    pub policy: PolicyWish,
}

/// For `/readyz` and the console.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Health {
    /// Questions are answered with all the evidence there will be.
    pub is_ready: bool,
    /// What is missing, as sentences; empty when all is well.
    pub degraded: Vec<String>,
    /// Articles that may answer today, translations counted.
    pub articles: usize,
    pub findings: usize,
    /// 16 hexadecimal digits.
    pub knowledge_version: String,
    pub encoder: Option<String>,
    /// Those that the confidence in force was calibrated with.
    pub judged_cases: usize,
}

/// The articles of one moment.
#[derive(Clone, Debug)]
pub struct Shelf {
    /// In order of their files; an id stands at most once in each language.
    pub all: Vec<Arc<Article>>,
    /// Those that may answer today, in some language.
    pub active: HashSet<ArticleId>,
}

/// Answers questions from the newest snapshot; a change of the folder swaps it whole.
pub struct Answering {
    options: Options,
    clock: Clock,
    /// `None` until the first load is done.
    current: watch::Sender<Option<Arc<Current>>>,
    judged: judged::Shelf,
    taught: taught::Taught,
}

/// A snapshot with the encoder that made its vectors.
#[derive(Clone)]
struct Current {
    snapshot: Arc<Snapshot>,
    calibration: Calibration,
    policy: Policy,
    encoder: Option<Encoder>,
    degraded: Vec<String>,
    /// Why the confidence is not calibrated for these articles, once there is no more trying; what was in force stays.
    uncalibrated: Option<String>,
}

const DOWN: &str =
    "the encoder failed too often and is down: answers come from words alone until the server is started again";

impl Answering {
    /// Everything that is known about one question. While the first load runs, waits for it.
    pub async fn gather(&self, question: Question<'_>) -> Result<Gathered, AnsweringError> {
        let current = self.loaded().await?;
        Ok(gather::gather(&current, question).await?)
    }

    /// The article in the language nearest to `language`, if it may answer on this channel today.
    pub fn article(&self, id: &ArticleId, language: Language, channel: ChannelKind) -> Option<Arc<Article>> {
        let current = self.now()?;
        let label = current.snapshot.label(id)?;
        current.snapshot.translation(label, language, channel).cloned()
    }

    /// All articles, also those that may not answer today; `None` while the first load runs.
    pub fn articles(&self) -> Option<Shelf> {
        let current = self.now()?;
        let active = current.snapshot.active.iter().map(|article| article.id.clone()).collect();
        Some(Shelf { all: current.snapshot.base.articles.clone(), active })
    }

    /// Whether any article has this id, in any language.
    pub fn knows(&self, id: &ArticleId) -> bool {
        self.now().is_some_and(|current| current.snapshot.label(id).is_some())
    }

    /// In force for the next question.
    pub fn policy(&self) -> Policy {
        match self.now() {
            Some(current) => current.policy,
            None => self.options.policy.before_calibration(),
        }
    }

    /// `None` until the first load is done.
    pub fn calibration(&self) -> Option<Calibration> {
        self.now().map(|current| current.calibration.clone())
    }

    pub fn findings(&self) -> Vec<Finding> {
        self.now().map(|current| current.snapshot.base.findings.clone()).unwrap_or_default()
    }

    pub fn health(&self) -> Health {
        let Some(current) = self.now() else {
            return Health {
                is_ready: false,
                degraded: vec![],
                articles: 0,
                findings: 0,
                knowledge_version: String::new(),
                encoder: None,
                judged_cases: 0,
            };
        };
        let mut degraded: Vec<String> = current.degraded.iter().chain(&current.uncalibrated).cloned().collect();
        if current.encoder.as_ref().is_some_and(Encoder::is_down) {
            degraded.push(DOWN.to_owned());
        }
        Health {
            is_ready: true,
            degraded,
            articles: current.snapshot.active.len(),
            findings: current.snapshot.base.findings.len(),
            knowledge_version: current.snapshot.base.version.clone(),
            encoder: current.encoder.as_ref().map(|encoder| encoder.info().name.clone()),
            judged_cases: current.calibration.basis.n_judged(),
        }
    }

    /// The encoder that is in use, for its figures.
    pub fn encoder(&self) -> Option<Encoder> {
        self.now()?.encoder.clone()
    }

    fn now(&self) -> Option<Arc<Current>> {
        self.current.borrow().clone()
    }

    async fn loaded(&self) -> Result<Arc<Current>, AnsweringError> {
        let mut changes = self.current.subscribe();
        let current = changes.wait_for(Option::is_some).await.map_err(|_| AnsweringError::Closed)?;
        Ok(current.clone().expect("wait_for saw that it is there"))
    }
}
