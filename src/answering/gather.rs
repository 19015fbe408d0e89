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

/// Among `Evidence::degraded`: this question was judged by words alone, on purpose or for something that `Health` names.
pub const NO_ENCODER: &str = "no_encoder";

/// Characters of a question that are read; a longer one is judged by its beginning.
const MAX_QUESTION_CHARS: usize = 1_000;

pub(super) async fn gather(current: &Current, question: Question<'_>) -> Result<Gathered, KnowledgeError> {
    let begun = Instant::now();
    let snapshot = &current.snapshot;
    let language = words::detect(question.text, question.language);
    let prepared = read_in(question.text, language);
    let word_for_word = snapshot.asked_by(&prepared.normalised, language, question.channel);
    let (Looked { found, none, degraded, timings }, also) = look_at_each(current, question, prepared).await?;
    let evidence = Evidence {
        language,
        word_for_word,
        builtin: builtins::spot(question.text, &snapshot.replaced),
        candidates: candidates(snapshot, &found, language, question.channel),
        also,
        degraded,
        knowledge_version: snapshot.base.version.clone(),
        timings: Timings { total_us: us_since(begun), ..timings },
    };
    Ok(Gathered { evidence, found, none, policy: current.policy })
}

/// One question, or a turn taken as one, and what was found for it.
struct Looked {
    found: Vec<Found>,
    none: [f64; N_NONE],
    degraded: Vec<String>,
    timings: Timings,
}

/// Of several questions in one turn the first that has a sure answer leads, and the likely answers to the others come beside it;
/// when none has one, the turn is taken as a whole.
async fn look_at_each(
    current: &Current,
    question: Question<'_>,
    prepared: Prepared,
) -> Result<(Looked, Vec<Candidate>), KnowledgeError> {
    let language = prepared.language;
    let whole = look(current, prepared);
    let parts = words::questions(question.text);
    if parts.len() < 2 {
        return Ok((whole.await?, vec![]));
    }
    let parts = parts.into_iter().map(|part| look(current, read(part, Some(language))));
    let (whole, parts) = futures::join!(whole, futures::future::join_all(parts));
    let (whole, mut parts) = (whole?, parts.into_iter().collect::<Result<Vec<_>, _>>()?);
    let first =
        |part: &Looked| candidates(&current.snapshot, &part.found, language, question.channel).into_iter().next();
    let firsts: Vec<Option<Candidate>> = parts.iter().map(first).collect();
    let is_sure = |first: &Option<Candidate>| first.as_ref().is_some_and(|c| c.confidence >= current.policy.answer_at);
    let Some(leading) = firsts.iter().position(is_sure) else { return Ok((whole, vec![])) };
    let mut told = firsts[leading].iter().map(|c| c.article.id.clone()).collect::<Vec<_>>();
    let mut also = vec![];
    for first in firsts.into_iter().flatten() {
        if first.confidence >= current.policy.clarify_floor && !told.contains(&first.article.id) {
            told.push(first.article.id.clone());
            also.push(first);
        }
    }
    Ok((parts.swap_remove(leading), also))
}

async fn look(current: &Current, prepared: Prepared) -> Result<Looked, KnowledgeError> {
    let mut degraded = vec![];
    let asked_encoder = Instant::now();
    let embedding = embed(current, &prepared, &mut degraded).await;
    let encoder_us = us_since(asked_encoder);
    let searching = Instant::now();
    let (found, none) = find(current, &prepared, embedding.as_ref())?;
    Ok(Looked { found, none, degraded, timings: Timings { lexical_us: us_since(searching), encoder_us, total_us: 0 } })
}

/// `language` is what is known of it; the words may say otherwise.
pub(super) fn read(text: &str, language: Option<Language>) -> Prepared {
    read_in(text, words::detect(text, language))
}

fn read_in(text: &str, language: Language) -> Prepared {
    let cut: String = text.chars().take(MAX_QUESTION_CHARS).collect();
    Prepared::new(words::normalise(&cut), language)
}

/// The question's vector; without one, why is added to `degraded`.
async fn embed(current: &Current, question: &Prepared, degraded: &mut Vec<String>) -> Option<Vector> {
    let is_looked_at = current.snapshot.has_vectors_for(question.language);
    let Some(encoder) = current.encoder.as_ref().filter(|_| is_looked_at) else {
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
    let voices = current.calibration.voices;
    let weights = if voices != voices.without_encoder() && !pool.has_vectors {
        // What was fitted with an encoder says nothing about a question without one.
        Weights::prior(voices.without_encoder())
    } else if !pool.has_language {
        // Nor does what was fitted within a language about a question that crosses to another.
        Weights::prior_across(voices)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answering::{Answering, Options};
    use crate::clock::Clock;
    use crate::domain::PolicyWish;
    use std::time::Duration;

    async fn shop() -> (tempfile::TempDir, std::sync::Arc<Answering>) {
        let folder = tempfile::tempdir().unwrap();
        let write = |id: &str, title: &str, phrases: &str| {
            let text = format!("---\nid: {id}\ntitle: {title}\nlanguage: en\nphrases: [{phrases}]\n---\nOf course.\n");
            std::fs::write(folder.path().join(format!("{id}.md")), text).unwrap();
        };
        write("hours", "Opening hours", "when are you open, what time do you close");
        write("delivery-cost", "What does delivery cost?", "how much is delivery, delivery price");
        write("refund", "When will I get my refund?", "where is my refund, refund time");
        let policy = PolicyWish { answer_at: Some(0.5), ..PolicyWish::default() };
        let options = Options {
            knowledge: folder.path().to_owned(),
            model: None,
            cache: None,
            threads: 1,
            encoder_wait: Duration::from_secs(1),
            policy,
        };
        let answering = Answering::open(options, Clock::system()).await.unwrap();
        (folder, answering)
    }

    #[tokio::test]
    async fn a_phrase_or_a_title_is_known_word_for_word() {
        let (_folder, answering) = shop().await;
        let check = async |text: &str, expected: Option<&str>| {
            let question = Question { text, language: None, channel: ChannelKind::Web };
            let found = answering.gather(question).await.unwrap().evidence.word_for_word;
            assert_eq!(found.as_ref().map(|article| article.id.as_str()), expected, "{text}");
        };
        check("WHEN ARE YOU OPEN", Some("hours")).await;
        check("  when are you  open?! ", Some("hours")).await;
        check("when are you open today", None).await;
        check("?", None).await;
    }

    #[tokio::test]
    async fn of_several_questions_one_is_answered_and_the_others_are_offered() {
        let (_folder, answering) = shop().await;
        let check = async |text: &str, first: &str, also: &[&str]| {
            let question = Question { text, language: None, channel: ChannelKind::Web };
            let Evidence { candidates, also: found, .. } = answering.gather(question).await.unwrap().evidence;
            assert_eq!(candidates.first().map(|c| c.article.id.as_str()), Some(first), "{text}");
            assert_eq!(found.iter().map(|c| c.article.id.as_str()).collect::<Vec<_>>(), also, "{text}");
        };
        check("when are you open?", "hours", &[]).await;
        check("When are you open? And how much is delivery?", "hours", &["delivery-cost"]).await;
        check("Where is my refund? Also, what time do you close?", "refund", &["hours"]).await;
        check("Do penguins have knees? How much is delivery?", "delivery-cost", &[]).await;
        check("Where is my refund? Is it the usual refund time?", "refund", &[]).await;
    }
}
