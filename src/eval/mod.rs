//! The eval room: labelled cases in, figures out.
//!
//! May: ask `answering` as `serve` does.
//! May not: know how answers are found.

mod calibration;
mod cases;
mod diagram;
mod figures;
mod plot;

pub use calibration::StrangerShare;
pub use cases::{Case, EvalError, check_expectations, read_cases};
pub use figures::{Figures, Part, figures};
pub use plot::write_plots;

use crate::answering::{Answering, Found, N_NONE, NO_ENCODER};
use crate::desk::asked::ask_once;
use crate::domain::{ArticleId, DecisionKind, Language};
use serde::Serialize;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

/// What came out for one case.
#[derive(Clone, Debug)]
pub struct Judged {
    pub case: Case,
    pub language: Language,
    /// Best first.
    pub candidates: Vec<ArticleId>,
    /// The best by BM25 alone.
    pub bm25_first: Option<ArticleId>,
    pub confidence: f64,
    /// How probable it is that any article answers, 0 to 1.
    pub of_any: f64,
    pub decision: DecisionKind,
    /// Some evidence was missing although it should have been there.
    pub is_degraded: bool,
    pub took_us: u64,
    /// Of `took_us`, waiting for the encoder.
    pub encoder_us: u64,
    /// What the confidences were made of: for refitting the shipped weights.
    pub found: Vec<Found>,
    pub none: [f64; N_NONE],
}

impl Judged {
    /// Whether the first candidate is right; never for a stranger's question.
    pub fn is_right(&self) -> bool {
        self.candidates.first().is_some_and(|first| self.case.expect.contains(first))
    }

    /// A stranger's question: no article would be right.
    pub fn is_strangers(&self) -> bool {
        self.case.expect.is_empty()
    }
}

#[cfg(test)]
impl Judged {
    /// "refund-time" was found while one of `expect` would be right; a stranger's question when that is empty.
    fn trial(language: Language, confidence: f64, expect: &[&str]) -> Self {
        let expect = expect.iter().map(|id| ArticleId::new(*id)).collect();
        Self {
            case: Case { text: "Where is it?".into(), expect, language: Some(language), place: ("a.jsonl".into(), 1) },
            language,
            candidates: vec![ArticleId::new("refund-time")],
            bm25_first: None,
            confidence,
            of_any: 1.0,
            decision: DecisionKind::Answer,
            is_degraded: false,
            took_us: 1,
            encoder_us: 0,
            found: vec![],
            none: [0.0; N_NONE],
        }
    }
}

/// Asks every case once, in order.
pub async fn judge(answering: &Answering, cases: &[Case], done_one: impl Fn()) -> Vec<Judged> {
    let mut judged = Vec::with_capacity(cases.len());
    for case in cases {
        let begun = Instant::now();
        let asked = ask_once(answering, &case.text, case.language).await;
        let took_us = begun.elapsed().as_micros() as u64;
        let by_bm25 = asked.found.iter().filter_map(|found| Some((found.scores.lexical?, &found.article)));
        let bm25_first = by_bm25.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, article)| article.clone());
        judged.push(Judged {
            language: case.language.unwrap_or(asked.trace.language),
            case: case.clone(),
            candidates: asked.trace.candidates.iter().map(|c| c.article.clone()).collect(),
            bm25_first,
            confidence: asked.trace.confidence,
            of_any: asked.found.iter().map(|found| found.confidence).sum(),
            decision: asked.trace.decision,
            is_degraded: asked.trace.degraded.iter().any(|what| what != NO_ENCODER),
            took_us,
            encoder_us: asked.trace.timings.encoder_us,
            found: asked.found,
            none: asked.none,
        });
        done_one();
    }
    judged
}

/// One line a case.
pub fn write_details(file: &Path, judged: &[Judged]) -> std::io::Result<()> {
    #[derive(Serialize)]
    struct Line<'a> {
        text: &'a str,
        expect: &'a [ArticleId],
        candidates: &'a [ArticleId],
        bm25_first: Option<&'a ArticleId>,
        confidence: f64,
        decision: DecisionKind,
        found: Vec<FoundLine<'a>>,
        none: [f64; N_NONE],
    }
    #[derive(Serialize)]
    struct FoundLine<'a> {
        article: &'a ArticleId,
        raw: crate::answering::Raw,
        inputs: &'a [f64],
    }
    let mut out = std::io::BufWriter::new(std::fs::File::create(file)?);
    for one in judged {
        let line = Line {
            text: &one.case.text,
            expect: &one.case.expect,
            candidates: &one.candidates,
            bm25_first: one.bm25_first.as_ref(),
            confidence: one.confidence,
            decision: one.decision,
            found: one.found.iter().map(|f| FoundLine { article: &f.article, raw: f.raw, inputs: &f.inputs }).collect(),
            none: one.none,
        };
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
