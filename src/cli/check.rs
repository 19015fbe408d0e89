//! `firstline check`: every problem in the articles, with file, line and column.

use super::{Common, Ended};
use crate::clock::Clock;
use crate::knowledge::{Finding, KnowledgeBase, Severity};

pub(super) fn run(common: &Common) -> anyhow::Result<Ended> {
    let config = common.config()?;
    let base = KnowledgeBase::load(&config.knowledge, Clock::system().today(), None)?;
    if common.json {
        println!("{}", serde_json::to_string_pretty(&base.findings)?);
    } else {
        for finding in &base.findings {
            println!("{}", line(finding));
        }
        println!("{}", summary(&base));
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
    format!("{file}:{line}:{column}: {severity}[{code}]: {message}")
}

fn summary(base: &KnowledgeBase) -> String {
    let n_errors = base.findings.iter().filter(|f| f.severity == Severity::Error).count();
    let n_phrases: usize = base.articles.iter().map(|article| article.phrases.len()).sum();
    format!(
        "{} articles, {n_phrases} phrases, {n_errors} errors, {} warnings, version {}",
        base.articles.len(),
        base.findings.len() - n_errors,
        base.version
    )
}
