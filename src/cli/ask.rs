//! `firstline ask`: one question, the decision, and why.

use super::{Common, Ended, answering, print, print_json, runtime};
use crate::desk::asked::{AskedOnce, ask_once};
use crate::domain::{DecisionKind, Language};
use anyhow::bail;
use clap::Args;

#[derive(Args, Debug)]
pub(super) struct Ask {
    /// The question, in any of the languages
    text: String,
    /// en, zh-Hans, zh-Hant or ru [default: found from the words]
    #[arg(long)]
    language: Option<String>,
}

impl Ask {
    pub(super) fn run(&self, common: &Common) -> anyhow::Result<Ended> {
        let config = common.config()?;
        let language = match self.language.as_deref().map(|tag| (tag, Language::parse(tag))) {
            Some((tag, None)) => bail!("--language: {tag:?} is none of en, zh-Hans, zh-Hant, ru"),
            Some((_, language)) => language,
            None => None,
        };
        let asked = runtime()?.block_on(async {
            let answering = answering(&config).await?;
            Ok::<_, anyhow::Error>(ask_once(&answering, &self.text, language).await)
        })?;
        if common.json {
            print_json(&asked.wire())?;
        } else {
            print(&table(&asked))?;
        }
        Ok(Ended::Well)
    }
}

fn table(asked: &AskedOnce) -> String {
    use std::fmt::Write;
    let trace = &asked.trace;
    let decision = match trace.decision {
        DecisionKind::Answer => "answer",
        DecisionKind::Clarify => "clarify",
        DecisionKind::HandOff => "hand off",
        DecisionKind::SmallTalk => "small talk",
        DecisionKind::StaySilent => "stay silent",
    };
    let mut out = String::new();
    let by = trace.rule.as_ref().map_or("confidence".to_owned(), |rule| format!("rule {rule}"));
    let reason = trace.reason.map_or(String::new(), |reason| format!(" ({})", reason.name()));
    let _ =
        writeln!(out, "{decision}{reason}, by {by}, confidence {:.3}, language {}", trace.confidence, trace.language);
    let (answer_at, clarify_floor) = (trace.thresholds.answer_at, trace.thresholds.clarify_floor);
    let _ = writeln!(
        out,
        "answers from {answer_at:.2}, asks back from {clarify_floor:.2} among what it offers; knowledge base {}",
        trace.knowledge_version
    );
    if !trace.degraded.is_empty() {
        let _ = writeln!(out, "missing: {}", trace.degraded.join(", "));
    }
    if !trace.candidates.is_empty() {
        let _ =
            writeln!(out, "\n{:>10} {:>8} {:>8} {:>10}  article", "confidence", "lexical", "semantic", "classifier");
    }
    let number = |score: Option<f32>| score.map_or("-".to_owned(), |s| format!("{s:.3}"));
    for candidate in &trace.candidates {
        let scores = candidate.scores;
        let _ = writeln!(
            out,
            "{:>10.3} {:>8} {:>8} {:>10}  {} [{}] {}",
            candidate.confidence,
            number(scores.lexical),
            number(scores.semantic),
            number(scores.classifier),
            candidate.article,
            candidate.language,
            candidate.title
        );
    }
    let timings = trace.timings;
    let _ = writeln!(
        out,
        "\n{:.1} ms: encoder {:.1}, words and fusion {:.1}",
        timings.total_us as f64 / 1e3,
        timings.encoder_us as f64 / 1e3,
        timings.lexical_us as f64 / 1e3
    );
    if let Some(answer) = asked.answer() {
        let _ = writeln!(out, "\n{}\n\n{}", answer.title, answer.text);
    }
    out
}
