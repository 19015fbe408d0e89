//! `firstline export`: everything that is held about one customer, as JSON. Reads only, beside a running server too.

use super::{Common, Ended, print, runtime, tell};
use crate::app::privacy::{self, OneCustomer};
use crate::domain::{ConversationId, CustomerId};
use anyhow::{Context, bail};
use clap::Args;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

#[derive(Args, Debug)]
pub(super) struct Export {
    #[command(flatten)]
    whom: Whom,
    /// Write to this file, which must not be there yet, instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Which customer.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(super) struct Whom {
    /// The customer's id; the console shows it
    #[arg(long, value_name = "ID")]
    customer: Option<String>,
    /// The id of a conversation: its customer is meant, with all of that customer's conversations
    #[arg(long, value_name = "ID")]
    conversation: Option<String>,
}

impl Whom {
    pub(super) fn one(&self) -> OneCustomer {
        match (&self.customer, &self.conversation) {
            (Some(customer), _) => OneCustomer::Customer(CustomerId::new(customer)),
            (None, conversation) => {
                OneCustomer::OfConversation(ConversationId::new(conversation.as_deref().unwrap_or_default()))
            }
        }
    }

    pub(super) fn nobody(&self, data: &Path) -> String {
        let (what, id) = match self.one() {
            OneCustomer::Customer(id) => ("customer", id.to_string()),
            OneCustomer::OfConversation(id) => ("conversation", id.to_string()),
        };
        format!("there is no {what} {id:?} in {}; is it the right --data folder?", data.display())
    }
}

impl Export {
    pub(super) fn run(&self, common: &Common) -> anyhow::Result<Ended> {
        let config = common.config()?;
        let export = runtime()?.block_on(privacy::export(&config, &self.whom.one()))?;
        let Some(export) = export else { bail!(self.whom.nobody(&config.data)) };
        let json = serde_json::to_string_pretty(&export)?;
        match &self.out {
            None => print(&format!("{json}\n"))?,
            Some(file) => {
                let n_files = privacy::export_files(&config, &export, file)?;
                write(file, &json).with_context(|| format!("{} cannot be written", file.display()))?;
                let (n, file) = (export.data.conversations.len(), file.display());
                tell(&format!("{n} {} written to {file}", if n == 1 { "conversation" } else { "conversations" }));
                if n_files > 0 {
                    tell(&format!("{n_files} {} beside it", if n_files == 1 { "file" } else { "files" }));
                }
            }
        }
        Ok(Ended::Well)
    }
}

/// Only its owner may read it: it is one person's words.
fn write(file: &Path, json: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    writeln!(file, "{json}")?;
    file.sync_all()
}
