//! `firstline check`: every problem in the articles, with file, line and column.

use super::{Common, Ended, print, print_json, runtime};
use crate::answering::{Basis, Calibration, MIN_PHRASES, PriorOnly};
use crate::clock::Clock;
use crate::domain::Policy;
use crate::knowledge::{Finding, KnowledgeBase, Severity};

pub(super) fn run(common: &Common) -> anyhow::Result<Ended> {
    let config = common.config()?;
    let base = KnowledgeBase::load(&config.knowledge, Clock::system().today(), None)?;
    if common.json {
        print_json(&base.findings)?;
    } else {
        let findings: String = base.findings.iter().map(line).collect();
        print(&(findings + &summary(&base)))?;
        let answering = runtime()?.block_on(super::answering(&config))?;
        if let Some(calibration) = answering.calibration() {
            print(&confidence(&calibration, &answering.policy()))?;
        }
    }
    // Only an error keeps an article from answering; a warning is advice.
    let broken = base.findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if broken { Ended::WithFindings } else { Ended::Well })
}

fn line(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let Finding { file, line, column, code, message, .. } = finding;
    format!("{file}:{line}:{column}: {severity}[{code}]: {message}\n")
}

fn summary(base: &KnowledgeBase) -> String {
    let n_errors = base.findings.iter().filter(|f| f.severity == Severity::Error).count();
    let n_phrases: usize = base.articles.iter().map(|article| article.phrases.len()).sum();
    format!(
        "{} articles, {n_phrases} phrases, {n_errors} errors, {} warnings, version {}\n",
        base.articles.len(),
        base.findings.len() - n_errors,
        base.version
    )
}

/// Which confidence is in force, and what the threshold promises.
fn confidence(calibration: &Calibration, policy: &Policy) -> String {
    let basis = match calibration.basis {
        Basis::Blended { n_questions, n_judged: 0 } => {
            format!("cross-validated on {n_questions} questions made of the phrases")
        }
        Basis::Blended { n_questions: 0, n_judged } => format!("calibrated on {n_judged} judged conversations"),
        Basis::Blended { n_questions, n_judged } => format!(
            "cross-validated on {n_questions} questions made of the phrases, and on {n_judged} judged conversations"
        ),
        Basis::Prior { why: PriorOnly::NoPhrases } => "the shipped one, because no article has phrases".to_owned(),
        Basis::Prior { why: PriorOnly::FewPhrases } => {
            format!(
                "the shipped one, because there are fewer than {MIN_PHRASES} phrases or too many articles without any"
            )
        }
        Basis::Prior { why: PriorOnly::OtherLanguages } => {
            format!(
                "the shipped one, because fewer than {MIN_PHRASES} phrases are in languages that the encoder was made for"
            )
        }
        Basis::Prior { why: PriorOnly::NotYet } => "the shipped one, because calibration failed".to_owned(),
    };
    let promise = calibration.promise;
    let worth = match promise.expected {
        None => "too little data to promise a precision, so the threshold is careful".to_owned(),
        Some(expected) => format!(
            "of the questions {:.0} % are answered, {:.1} % of them rightly (95 % interval {:.1} to {:.1})",
            expected.coverage * 100.0,
            expected.precision * 100.0,
            expected.precision_low * 100.0,
            expected.precision_high * 100.0
        ),
    };
    let target = promise.target_precision * 100.0;
    let is_as_promised = (policy.answer_at, policy.margin) == (promise.answer_at, promise.margin);
    let by_hand = if is_as_promised { "" } else { "; what policy sets by hand wins" };
    format!(
        "confidence: {basis}\ntarget precision {target:.1} %: answers from {:.3}, {:.1} ahead of the second; expected, {worth}{by_hand}\n",
        promise.answer_at, promise.margin
    )
}
