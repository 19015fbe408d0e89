//! One question: normalised once, given to every part at once, joined into evidence.

use super::confidence::{Inputs, N_CANDIDATE, N_NONE, Weights};
use super::search::{Prepared, Raw};
use super::snapshot::Snapshot;
use super::{Current, builtins};
use crate::domain::evidence::{MAX_CANDIDATES, Timings};
use crate::domain::{ArticleId, Candidate, ChannelKind, Evidence, Language, Policy, Scores};
use crate::intent::encoder::{EncoderError, Vector};
use crate::knowledge::{KnowledgeError, words};
use std::time::Instant;

/// A question as it came in.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub text: &'a str,
    /// What the conversation or the caller says; the words may say otherwise.
    pub language: Option<Language>,
    pub channel: ChannelKind,
}

/// An intent that some part put forward.
#[derive(Clone, Debug)]
pub struct Found {
    pub article: ArticleId,
    pub raw: Raw,
    /// What the confidences' model sees of it.
    pub inputs: [f64; N_CANDIDATE],
    pub scores: Scores,
    pub confidence: f64,
    pub(super) label: u32,
}

/// What is known about one question.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// What a decision is made from.
    pub evidence: Evidence,
    /// Every intent that a part put forward, surest first, those included that may not answer on this channel.
    pub found: Vec<Found>,
    /// What the confidences' model sees of the question itself.
    pub none: [f64; N_NONE],
    /// The thresholds that belong to these confidences.
    pub policy: Policy,
}

/// Among `Evidence::degraded`: this program runs on words alone, on purpose or for a fault that `Health` names.
pub const NO_ENCODER: &str = "no_encoder";

/// Characters of a question that are read; a longer one is judged by its beginning.
const MAX_QUESTION_CHARS: usize = 1_000;

pub(super) async fn gather(current: &Current, question: Question<'_>) -> Result<Gathered, KnowledgeError> {
    let begun = Instant::now();
    let snapshot = &current.snapshot;
    let prepared = read(question.text, question.language);
    let language = prepared.language;
    let mut degraded = vec![];

    let asked_encoder = Instant::now();
    let embedding = embed(current, &prepared, &mut degraded).await;
    let encoder_us = us_since(asked_encoder);

    let searching = Instant::now();
    let (found, none) = find(current, &prepared, embedding.as_ref())?;
    let lexical_us = us_since(searching);

    let candidates = candidates(snapshot, &found, language, question.channel);
    let evidence = Evidence {
        language,
        builtin: builtins::spot(question.text, &snapshot.replaced),
        candidates,
        degraded,
        knowledge_version: snapshot.base.version.clone(),
        timings: Timings { lexical_us, encoder_us, total_us: us_since(begun) },
    };
    Ok(Gathered { evidence, found, none, policy: current.policy })
}

/// `language` is what is known of it; the words may say otherwise.
pub(super) fn read(text: &str, language: Option<Language>) -> Prepared {
    let language = words::detect(text, language);
    let cut: String = text.chars().take(MAX_QUESTION_CHARS).collect();
    Prepared::new(words::normalise(&cut), language)
}

/// The question's vector; without one, why is added to `degraded`.
async fn embed(current: &Current, question: &Prepared, degraded: &mut Vec<String>) -> Option<Vector> {
    let Some(encoder) = current.encoder.as_ref().filter(|_| current.snapshot.has_vectors()) else {
        degraded.push(NO_ENCODER.to_owned());
        return None;
    };
    match encoder.embed(question.normalised.clone()).await {
        Ok(vector) => Some(vector),
        Err(EncoderError::Late) => {
            degraded.push("encoder_late".to_owned());
            None
        }
        Err(failure) => {
            tracing::warn!(error = %failure, "a question was judged by its words alone");
            degraded.push("encoder_failed".to_owned());
            None
        }
    }
}

/// Every intent that a part put forward, surest first.
fn find(
    current: &Current,
    question: &Prepared,
    embedding: Option<&Vector>,
) -> Result<(Vec<Found>, [f64; N_NONE]), KnowledgeError> {
    let snapshot = &current.snapshot;
    let pool = snapshot.parts().search(question, embedding)?;
    // What was fitted with an encoder says nothing about a question without one.
    let voices = current.calibration.voices;
    let weights = if voices != voices.without_encoder() && !pool.has_vectors {
        // What was fitted with an encoder says nothing about a question without one.
        Weights::prior(voices.without_encoder())
    } else if !pool.has_language {
        // Nor does what was fitted within a language about a question that crosses to another.
        Weights::prior(voices)
    } else {
        &current.calibration.weights
    };
    let inputs = Inputs::of(&pool, question.n_words, question.language);
    let confidences = weights.probabilities(&inputs);
    let found = pool.raw.iter().zip(&inputs.candidates).zip(confidences);
    let found = found.map(|(((label, raw), inputs), confidence)| Found {
        article: snapshot.id(*label).clone(),
        raw: *raw,
        inputs: *inputs,
        scores: Scores {
            lexical: (raw.bm25 > 0.0).then_some(raw.bm25),
            semantic: pool.has_vectors.then_some(raw.phrase.max(raw.passage)),
            classifier: Some(raw.classifier),
        },
        confidence,
        label: *label,
    });
    let mut found: Vec<Found> = found.collect();
    // Equal confidences keep the order of the articles, so that the same question always gives the same answer.
    found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.label.cmp(&b.label)));
    Ok((found, inputs.none))
}

fn us_since(begun: Instant) -> u64 {
    begun.elapsed().as_micros() as u64
}

fn candidates(snapshot: &Snapshot, found: &[Found], language: Language, channel: ChannelKind) -> Vec<Candidate> {
    found
        .iter()
        .filter_map(|found| {
            let article = snapshot.translation(found.label, language, channel)?.clone();
            Some(Candidate { article, confidence: found.confidence, scores: found.scores })
        })
        .take(MAX_CANDIDATES)
        .collect()
}
