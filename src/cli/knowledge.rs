//! `firstline knowledge export`: what leads taught in the console becomes part of the folder, so that the folder stays the truth.

use super::{Common, Ended, print, print_json, runtime, tell};
use crate::app::{self, Exported};
use clap::{Args, Subcommand};
use serde_json::json;

#[derive(Args, Debug)]
pub(super) struct Knowledge {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the phrases that leads taught into the articles' files; look at the difference and commit it
    Export {
        /// Say what would be written, and write nothing
        #[arg(long)]
        dry_run: bool,
    },
}

impl Knowledge {
    pub(super) fn run(&self, common: &Common) -> anyhow::Result<Ended> {
        let config = common.config()?;
        let Command::Export { dry_run } = self.command;
        let Exported { phrases, written } = runtime()?.block_on(app::export_phrases(&config, dry_run))?;
        if common.json {
            let left = |(i, why): &(usize, String)| json!({ "article": phrases[*i].article, "text": phrases[*i].text, "why": why });
            let left: Vec<_> = written.left.iter().map(left).collect();
            print_json(&json!({ "files": written.files, "phrases": written.standing.len(), "left": left }))?;
        } else {
            let verb = if dry_run { "would be written" } else { "are written" };
            print(&format!("{} phrases {verb} into {} files\n", written.standing.len(), written.files.len()))?;
            for file in &written.files {
                print(&format!("  {file}\n"))?;
            }
        }
        for (i, why) in &written.left {
            tell(&format!("not written: {:?} ({}): {why}", phrases[*i].text, phrases[*i].article));
        }
        Ok(if written.left.is_empty() { Ended::Well } else { Ended::WithFindings })
    }
}
