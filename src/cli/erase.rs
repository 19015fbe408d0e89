//! `firstline erase`: a customer's words go. Through the running server, or directly when none runs.

use super::export::Whom;
use super::{Common, Ended, print, print_json, runtime, tell};
use crate::app::privacy::{self, Erased};
use crate::desk;
use anyhow::bail;
use clap::Args;
use std::io::{BufRead, IsTerminal, Write};

#[derive(Args, Debug)]
pub(super) struct Erase {
    #[command(flatten)]
    whom: Whom,
    /// Do not ask; needed where nobody can answer
    #[arg(long)]
    yes: bool,
}

impl Erase {
    pub(super) fn run(&self, common: &Common) -> anyhow::Result<Ended> {
        let config = common.config()?;
        let runtime = runtime()?;
        let held = runtime.block_on(privacy::export(&config, &self.whom.one()))?;
        let Some(held) = held else { bail!(self.whom.nobody(&config.data)) };
        if !self.yes && !is_confirmed(&held)? {
            bail!("nothing was erased");
        }
        let erased = runtime.block_on(privacy::erase(&config, self.whom.one()))?;
        if common.json {
            print_json(&erased)?;
        } else {
            print(&format!("{}\n", sentence(&erased)))?;
        }
        if erased.n_files_left > 0 {
            tell(&format!(
                "{} of the files could not be removed from {}; see that this user may write there. A running server goes on \
                 trying, and so does the next start",
                erased.n_files_left,
                config.data.join("attachments").display()
            ));
        }
        if !erased.is_log_clear {
            tell(
                "a program that reads the database (a backup, perhaps) holds back its log, which may still hold old \
                 words; a running server clears it within seconds of that program's end, and so does the next start",
            );
        }
        Ok(if erased.is_log_clear && erased.n_files_left == 0 { Ended::Well } else { Ended::WithFindings })
    }
}

fn is_confirmed(held: &desk::Export) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("nobody is there to confirm it: say --yes to erase without being asked");
    }
    let conversations = &held.data.conversations;
    let n_turns: usize = conversations.iter().map(|conversation| conversation.turns.len()).sum();
    let question = format!(
        "Erase all words of customer {} ({n_turns} turns in {} conversations)? It cannot be undone. Type yes: ",
        held.data.customer,
        conversations.len()
    );
    let mut terminal = std::io::stderr();
    write!(terminal, "{question}").and_then(|()| terminal.flush())?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim() == "yes")
}

fn sentence(erased: &Erased) -> String {
    if erased.conversations.is_empty() && erased.n_words == 0 && erased.n_files == 0 {
        return "nothing was left to erase".to_owned();
    }
    let n = erased.conversations.len();
    let conversations = if n == 1 { "conversation" } else { "conversations" };
    let files = match erased.n_files {
        0 => String::new(),
        1 => " and 1 file".to_owned(),
        n => format!(" and {n} files"),
    };
    format!("erased {} texts{files} of {n} {conversations}; backups made before still hold them", erased.n_words)
}
