//! One question: normalised once, given to every part at once, joined into evidence.

use super::confidence::{Features, Voices, confidence};
use super::snapshot::Snapshot;
use crate::domain::evidence::{MAX_CANDIDATES, Timings};
use crate::domain::{ArticleId, Builtin, Candidate, ChannelKind, Evidence, Language, Scores};
use crate::intent::encoder::{Encoder, EncoderError, Vector};
use crate::intent::{builtin, features};
use crate::knowledge::{KnowledgeError, words};
use std::collections::BTreeMap;
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
    pub features: Features,
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
}

/// Among `Evidence::degraded`: this program runs on words alone, on purpose or for a fault that `Health` names.
pub const NO_ENCODER: &str = "no_encoder";

/// How many of its best each part puts forward.
const PUT_FORWARD: usize = 10;
/// Characters of a question that are read; a longer one is judged by its beginning.
const MAX_QUESTION_CHARS: usize = 1_000;

pub(super) async fn gather(
    snapshot: &Snapshot,
    encoder: Option<&Encoder>,
    question: Question<'_>,
) -> Result<Gathered, KnowledgeError> {
    let begun = Instant::now();
    let language = words::detect(question.text, question.language);
    let cut: String = question.text.chars().take(MAX_QUESTION_CHARS).collect();
    let normalised = words::normalise(&cut);
    let mut degraded = vec![];

    let asked_encoder = Instant::now();
    let embedding = match (encoder, &snapshot.vectors) {
        (Some(encoder), Some(_)) => match encoder.embed(normalised.clone()).await {
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
        },
        _ => {
            degraded.push(NO_ENCODER.to_owned());
            None
        }
    };
    let encoder_us = us_since(asked_encoder);

    let searching = Instant::now();
    let tokens = words::tokens(&normalised, language);
    let found = find(snapshot, &normalised, &tokens, language, embedding.as_ref())?;
    let lexical_us = us_since(searching);

    let spotted = builtin::spot(&normalised, &tokens, language);
    let candidates = candidates(snapshot, &found, language, question.channel);
    let evidence = Evidence {
        language,
        builtin: spotted.filter(|builtin| !is_replaced(snapshot, *builtin)),
        candidates,
        degraded,
        knowledge_version: snapshot.base.version.clone(),
        timings: Timings { lexical_us, encoder_us, total_us: us_since(begun) },
    };
    Ok(Gathered { evidence, found })
}

/// An article whose id is the name of a built-in replaces it.
fn is_replaced(snapshot: &Snapshot, builtin: Builtin) -> bool {
    snapshot.label(&ArticleId::new(builtin.name())).is_some()
}

fn us_since(begun: Instant) -> u64 {
    begun.elapsed().as_micros() as u64
}

#[derive(Clone, Copy, Default)]
struct Raw {
    classifier: f32,
    phrase: f32,
    passage: f32,
    lexical: f32,
    bm25: f32,
}

/// Every intent that a part put forward, surest first.
fn find(
    snapshot: &Snapshot,
    normalised: &str,
    tokens: &[String],
    language: Language,
    embedding: Option<&Vector>,
) -> Result<Vec<Found>, KnowledgeError> {
    let mut pool: BTreeMap<u32, Raw> = BTreeMap::new();

    let lexical = snapshot.index.search(normalised, language, PUT_FORWARD * 2)?;
    for hit in &lexical.hits {
        let raw = pool.entry(snapshot.label_of[hit.position]).or_default();
        raw.bm25 = raw.bm25.max(hit.score);
        raw.lexical = raw.lexical.max((hit.score / lexical.ceiling.max(f32::MIN_POSITIVE)).clamp(0.0, 1.0));
    }

    let sparse = features::hashed(normalised, tokens);
    let mut voices = Voices::Words;
    let mut probabilities = vec![];
    if let (Some(vectors), Some(embedding)) = (&snapshot.vectors, embedding) {
        voices = Voices::All;
        let mut nearest = vec![(0.0f32, 0.0f32); snapshot.labels.len()];
        for (score, row) in vectors.nearest.scores(embedding).into_iter().zip(&vectors.rows) {
            let (phrase, passage) = &mut nearest[row.label as usize];
            let best = if row.is_passage { passage } else { phrase };
            *best = best.max(score);
        }
        for label in best_of(nearest.iter().map(|(phrase, passage)| phrase.max(*passage))) {
            pool.entry(label).or_default();
        }
        for (label, raw) in &mut pool {
            (raw.phrase, raw.passage) = nearest[*label as usize];
        }
        probabilities = vectors.classifier.predict(Some(embedding), &sparse);
        for label in best_of(probabilities.iter().copied()) {
            let raw = pool.entry(label).or_default();
            (raw.phrase, raw.passage) = nearest[label as usize];
        }
    } else if let Some(classifier) = &snapshot.words_classifier {
        probabilities = classifier.predict(None, &sparse);
        for label in best_of(probabilities.iter().copied()) {
            pool.entry(label).or_default();
        }
    }
    for (label, raw) in &mut pool {
        raw.classifier = probabilities.get(*label as usize).copied().unwrap_or(0.0);
    }

    let classifier = Rivals::of(pool.values().map(|raw| raw.classifier));
    let phrase = Rivals::of(pool.values().map(|raw| raw.phrase));
    let words = Rivals::of(pool.values().map(|raw| raw.lexical));
    let mut found: Vec<Found> = pool
        .into_iter()
        .map(|(label, raw)| {
            let features = Features {
                classifier: raw.classifier,
                classifier_rival: classifier.of_one(raw.classifier),
                phrase: raw.phrase,
                phrase_rival: phrase.of_one(raw.phrase),
                passage: raw.passage,
                lexical: raw.lexical,
                lexical_rival: words.of_one(raw.lexical),
                unknown_share: lexical.unknown_share,
                n_words: tokens.len() as f32,
            };
            let scores = Scores {
                lexical: (raw.bm25 > 0.0).then_some(raw.bm25),
                semantic: (voices == Voices::All).then_some(raw.phrase.max(raw.passage)),
                classifier: (!probabilities.is_empty()).then_some(raw.classifier),
            };
            let confidence = confidence(&features, voices);
            Found { article: snapshot.labels[label as usize].clone(), features, scores, confidence, label }
        })
        .collect();
    // Equal confidences keep the order of the articles, so that the same question always gives the same answer.
    found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.label.cmp(&b.label)));
    Ok(found)
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

/// The positions of the largest `PUT_FORWARD` values.
fn best_of(values: impl Iterator<Item = f32>) -> Vec<u32> {
    let mut all: Vec<(u32, f32)> = values.enumerate().map(|(i, v)| (i as u32, v)).collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all.truncate(PUT_FORWARD);
    all.into_iter().map(|(label, _)| label).collect()
}

/// The two largest values, so that each candidate knows its best rival.
struct Rivals {
    first: f32,
    second: f32,
}

impl Rivals {
    fn of(values: impl Iterator<Item = f32>) -> Self {
        values.fold(Self { first: 0.0, second: 0.0 }, |best, value| {
            if value > best.first {
                Self { first: value, second: best.first }
            } else {
                Self { second: best.second.max(value), ..best }
            }
        })
    }

    fn of_one(&self, own: f32) -> f32 {
        if own >= self.first { self.second } else { self.first }
    }
}
