//! `firstline backup`: a copy of the database while it is in use, or a look at one. Restoring needs no command: docs/data.md.

use super::{Common, Ended, print, print_json, runtime};
use crate::app::privacy::{self, BackedUp, Copied};
use clap::Args;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(super) struct Backup {
    /// Copy to this file, which must not be there yet and not lie in the data folder
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Read a copy whole and say whether it can be restored
    #[arg(long, value_name = "FILE")]
    verify: Option<PathBuf>,
}

impl Backup {
    pub(super) fn run(&self, common: &Common) -> anyhow::Result<Ended> {
        let config = common.config()?;
        let runtime = runtime()?;
        let backed_up = match (&self.out, &self.verify) {
            (Some(out), _) => {
                let is_watched = std::io::stderr().is_terminal();
                let copied = runtime.block_on(privacy::back_up(&config, out, &|copied| {
                    if is_watched {
                        show(copied);
                    }
                }));
                if is_watched {
                    show_progress("");
                }
                copied?
            }
            (None, verify) => {
                runtime.block_on(privacy::verify_backup(verify.as_deref().unwrap_or(config.data.as_path())))?
            }
        };
        if common.json {
            print_json(&backed_up)?;
        } else {
            print(&format!("{}\n", sentence(&backed_up)))?;
        }
        Ok(Ended::Well)
    }
}

fn show(Copied { done_bytes, of_bytes }: Copied) {
    const MIB: u64 = 1024 * 1024;
    show_progress(&format!("{} of at most {} MiB", done_bytes / MIB, of_bytes.div_ceil(MIB)));
}

/// In place of what stood in the line before. Where it cannot be shown, the copy goes on.
fn show_progress(text: &str) {
    let mut terminal = std::io::stderr();
    let _ = write!(terminal, "\r\x1b[K{text}").and_then(|()| terminal.flush());
}

fn sentence(backed_up: &BackedUp) -> String {
    let BackedUp { n_turns, n_conversations, bytes, n_files, .. } = backed_up;
    let files = if *n_files > 0 { format!(", with {n_files} files beside it") } else { String::new() };
    format!("sound: {n_turns} turns of {n_conversations} conversations, {bytes} bytes{files}")
}
