//! `firstline eval`: labelled cases through the very code that answers customers.

use super::{Common, Ended, answering, print, print_json, runtime};
use crate::eval::{self, Case, Figures, StrangerShare};
use anyhow::Context;
use clap::Args;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(super) struct Eval {
    /// JSON Lines: {"text", "expect": an article id, a list of them, or null, "language"?}; may be given several times
    #[arg(long, required = true, value_name = "FILE")]
    cases: Vec<PathBuf>,
    /// Writes what was decided for each case, a line each
    #[arg(long, value_name = "OUT.jsonl")]
    details: Option<PathBuf>,
    /// Draws reliability.svg and risk-coverage.svg into this folder
    #[arg(long, value_name = "DIR")]
    plot: Option<PathBuf>,
    /// What strangers' questions weigh in the calibration error, above 0 and below 1, whatever their number
    #[arg(long, value_name = "X", default_value_t)]
    stranger_share: StrangerShare,
}

impl Eval {
    pub(super) fn run(&self, common: &Common) -> anyhow::Result<Ended> {
        let config = common.config()?;
        let mut cases: Vec<Case> = vec![];
        for file in &self.cases {
            cases.extend(eval::read_cases(file)?);
        }
        let (outcome, policy) = runtime()?.block_on(async {
            let answering = answering(&config).await?;
            eval::check_expectations(&cases, &answering)?;
            let progress = indicatif::ProgressBar::new(cases.len() as u64);
            let judged = eval::judge(&answering, &cases, || progress.inc(1)).await;
            progress.finish_and_clear();
            Ok::<_, anyhow::Error>((judged, answering.policy()))
        })?;
        if let Some(file) = &self.details {
            eval::write_details(file, &outcome).with_context(|| format!("{}: cannot be written", file.display()))?;
        }
        let figures = eval::figures(&outcome, &policy, self.stranger_share);
        if common.json {
            print_json(&figures)?;
        } else {
            print(&table(&figures))?;
        }
        // After the figures: a folder that cannot be written costs the drawings, not the run.
        if let Some(folder) = &self.plot {
            eval::write_plots(folder, &outcome, &policy, self.stranger_share)?;
        }
        Ok(Ended::Well)
    }
}

fn table(figures: &Figures) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{:<10} {:>6} {:>8} {:>8} {:>6} {:>6} {:>6} {:>7} {:>8} {:>8} {:>9} {:>7} {:>6}",
        "language",
        "cases",
        "accuracy",
        "bm25",
        "r@3",
        "mrr",
        "auroc",
        "answer",
        "clarify",
        "handoff",
        "precision",
        "cov@95",
        "ece"
    );
    let rows = figures.by_language.iter().map(|(language, f)| (language.as_str(), f));
    for (name, f) in rows.chain([("all", &figures.overall)]) {
        let auroc = f.auroc.map_or("-".to_owned(), |a| format!("{a:.3}"));
        let _ = writeln!(
            out,
            "{name:<10} {:>6} {:>8.3} {:>8.3} {:>6.3} {:>6.3} {auroc:>6} {:>7.3} {:>8.3} {:>8.3} {:>9.3} {:>7.3} {:>6.3}",
            f.n,
            f.accuracy,
            f.accuracy_bm25,
            f.recall_at_3,
            f.mrr,
            f.answered,
            f.clarified,
            f.handed_off,
            f.precision_answered,
            f.coverage_at_95,
            f.ece
        );
    }
    if figures.overall.n_degraded > 0 {
        let _ =
            writeln!(out, "{} questions went without the encoder: it failed or was late", figures.overall.n_degraded);
    }
    let outside = figures.overall.us_outside_encoder as f64 / 1e3;
    let _ = writeln!(
        out,
        "{:.2} ms a question, {outside:.2} ms of it outside the encoder (median)",
        figures.overall.us_per_question / 1e3
    );
    out
}
