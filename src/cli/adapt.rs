//! `firstline adapt`: the encoder trained on the articles' own phrases, where that finds more.

use super::{Common, Ended};
use clap::Args;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(super) struct Adapt {
    /// The model folder that is made; for --model afterwards
    #[arg(long, value_name = "MODEL")]
    out: PathBuf,
}

impl Adapt {
    #[cfg(not(feature = "bert"))]
    pub(super) fn run(&self, _common: &Common) -> anyhow::Result<Ended> {
        Err(crate::intent::encoder::EncoderError::NotBuilt.into())
    }

    #[cfg(feature = "bert")]
    pub(super) fn run(&self, common: &Common) -> anyhow::Result<Ended> {
        use crate::answering::{Options, adapt};
        use crate::clock::Clock;
        use crate::intent::adapt::Course;

        let config = common.config()?;
        let options = Options { encoder_wait: super::PATIENCE, ..crate::app::answering_options(&config) };
        let course = Course { threads: config.threads, ..Course::default() };
        let bar = progress_bar();
        let heard = {
            let bar = bar.clone();
            move |progress| show(&bar, progress)
        };
        let adapted = super::runtime()?.block_on(adapt(&options, &course, &self.out, &Clock::system(), heard));
        bar.finish_and_clear();
        let adapted = adapted?;
        if common.json {
            super::print_json(&adapted)?;
        } else {
            super::print(&table(&adapted, &self.out))?;
        }
        Ok(if adapted.is_adopted { Ended::Well } else { Ended::WithFindings })
    }
}

#[cfg(feature = "bert")]
fn progress_bar() -> indicatif::ProgressBar {
    let style = indicatif::ProgressStyle::with_template("{msg:28} {wide_bar} {percent:>3} %, {eta} left");
    indicatif::ProgressBar::new(0).with_style(style.expect("the template is well-formed"))
}

#[cfg(feature = "bert")]
fn show(bar: &indicatif::ProgressBar, progress: crate::answering::Progress) {
    bar.set_length(progress.n_steps as u64);
    bar.set_message(progress.doing);
    bar.set_position(progress.n_done as u64);
}

#[cfg(feature = "bert")]
fn table(adapted: &crate::answering::Adapted, out: &std::path::Path) -> String {
    let row = |name: &str, standing: &crate::answering::Standing| {
        let coverage = standing.coverage.map_or("-".to_owned(), |coverage| format!("{coverage:.3}"));
        format!("{name:<8} {:>11.3} {:>9.3} {coverage:>9}\n", standing.accuracy, standing.log_loss)
    };
    let judged = format!(
        "{:<8} {:>11} {:>9} {:>9}\n{}{}cross-validated on {} questions that the encoder had not seen\n",
        "encoder",
        "first right",
        "log loss",
        "answered",
        row("before", &adapted.before),
        row("after", &adapted.after),
        adapted.after.n_questions,
    );
    let verdict = if adapted.is_adopted {
        let out = out.display();
        format!("{out} is made; use it with --model {out}\n")
    } else {
        "The adapted encoder is no better here, so nothing was kept; go on with the one that you have.\n".to_owned()
    };
    judged + &verdict
}
