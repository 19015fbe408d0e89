//! What retrieval and the classifier found, unjudged, and the trace that a decision leaves.

use super::{Article, ArticleId, Builtin, Decision, DecisionKind, Language, Policy, Reason};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Everything that is known about one question before anything is decided.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The question's language.
    pub language: Language,
    /// At most `MAX_CANDIDATES`, best first, one per article id.
    pub candidates: Vec<Candidate>,
    /// Where the turn held several questions: what would answer the others, at most one each, in their order.
    pub also: Vec<Candidate>,
    /// The question is, word for word, a phrase or the title of this article and of no other.
    pub word_for_word: Option<Arc<Article>>,
    /// A built-in intent that the words match.
    pub builtin: Option<Builtin>,
    /// What was missing while this was gathered: `no_encoder`, `encoder_late`, …; empty when all parts spoke.
    pub degraded: Vec<String>,
    /// Names the state of the knowledge base, 16 hexadecimal digits.
    pub knowledge_version: String,
    pub timings: Timings,
}

/// A candidate list is never longer: what an agent can read at a glance.
pub const MAX_CANDIDATES: usize = 8;

impl Evidence {
    /// Calibrated probability, 0 to 1, that the first candidate is right; 0 without candidates.
    pub fn confidence(&self) -> f64 {
        self.candidates.first().map_or(0.0, |first| first.confidence)
    }
}

#[derive(Clone, Debug)]
pub struct Candidate {
    pub article: Arc<Article>,
    /// Calibrated probability, 0 to 1, that this candidate is right.
    pub confidence: f64,
    pub scores: Scores,
}

/// Raw scores; `None` where that part found nothing or did not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// BM25, 0 and up.
    pub lexical: Option<f32>,
    /// Cosine to the nearest phrase, title or (whitened) passage, -1 to 1.
    pub semantic: Option<f32>,
    /// The classifier's probability, 0 to 1.
    pub classifier: Option<f32>,
}

/// Microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    pub lexical_us: u64,
    /// From asking the encoder until its vector arrived, waiting included.
    pub encoder_us: u64,
    pub total_us: u64,
}

/// Why a decision came out as it did. Stored with it, shown to agents, never to customers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    pub decision: DecisionKind,
    pub reason: Option<Reason>,
    /// The rule that decided, or `None` when the confidence did.
    pub rule: Option<String>,
    pub language: Language,
    pub confidence: f64,
    pub candidates: Vec<TracedCandidate>,
    /// What would answer the turn's other questions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<TracedCandidate>,
    pub thresholds: Policy,
    pub degraded: Vec<String>,
    pub knowledge_version: String,
    pub timings: Timings,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TracedCandidate {
    pub article: ArticleId,
    pub title: String,
    pub language: Language,
    pub confidence: f64,
    pub scores: Scores,
}

impl Trace {
    pub fn of(evidence: &Evidence, decision: &Decision, policy: &Policy) -> Self {
        Self {
            decision: decision.kind(),
            reason: decision.reason(),
            rule: decision.rule().map(str::to_owned),
            language: evidence.language,
            confidence: evidence.confidence(),
            candidates: evidence.candidates.iter().map(TracedCandidate::of).collect(),
            also: evidence.also.iter().map(TracedCandidate::of).collect(),
            thresholds: *policy,
            degraded: evidence.degraded.clone(),
            knowledge_version: evidence.knowledge_version.clone(),
            timings: evidence.timings,
        }
    }

    /// Whether the words asked for something, as far as the rules know: not "a person, please", a greeting or "that did not help".
    pub fn is_of_question(&self) -> bool {
        const ASIDES: [&str; 5] =
            ["wants_person", "small_talk", "did_not_help", "file_without_words", "not_the_bots_turn"];
        !self.rule.as_deref().is_some_and(|rule| ASIDES.contains(&rule))
    }
}

impl TracedCandidate {
    pub fn of(candidate: &Candidate) -> Self {
        Self {
            article: candidate.article.id.clone(),
            title: candidate.article.title.clone(),
            language: candidate.article.language,
            confidence: candidate.confidence,
            scores: candidate.scores,
        }
    }
}
