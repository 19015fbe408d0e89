//! The commands. Exit codes: 0 ok, 1 findings, 2 usage or environment.

// They panic when nobody reads any more; `print` and `tell` do not.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod adapt;
mod agent;
mod ask;
mod backup;
mod check;
mod erase;
mod eval;
mod export;
mod knowledge;
mod serve;

use crate::answering::{Answering, Options};
use crate::app;
use crate::clock::Clock;
use crate::config::{Config, Flags};
use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// The first line of your customer support: approved answers, explained decisions, and a person when it matters.
#[derive(Debug, Parser)]
#[command(name = "firstline", version, about)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args, Debug)]
struct Common {
    /// The config file [default: firstline.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of articles [default: knowledge_base]
    #[arg(long, global = true, value_name = "DIR")]
    knowledge: Option<PathBuf>,
    /// The folder of data [default: data]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The encoder: a name in the models folder, a folder, or "none" for words alone
    #[arg(long, global = true, value_name = "MODEL")]
    model: Option<String>,
    /// Print data as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Serve),
    /// Ask one question and see the decision with its trace
    Ask(ask::Ask),
    /// Report every problem in the articles
    Check,
    /// Measure answers on labelled cases
    Eval(eval::Eval),
    /// Train the encoder on the articles' own phrases, and keep it where that finds more
    Adapt(adapt::Adapt),
    /// Add, list, disable agents, or set a password
    Agent(agent::Agent),
    /// Write the phrases that leads taught into the articles' files
    Knowledge(knowledge::Knowledge),
    /// Write out everything that is held about one customer
    Export(export::Export),
    /// Erase every word of one customer
    Erase(erase::Erase),
    /// Copy the database while it is in use, or verify a copy
    Backup(backup::Backup),
}

/// What a command ends with when nothing went wrong with the command itself.
enum Ended {
    Well,
    WithFindings,
}

pub fn run(cli: Cli) -> ExitCode {
    let ended = match &cli.command {
        Command::Serve(serve) => serve.run(&cli.common),
        Command::Ask(ask) => ask.run(&cli.common),
        Command::Check => check::run(&cli.common),
        Command::Eval(eval) => eval.run(&cli.common),
        Command::Adapt(adapt) => adapt.run(&cli.common),
        Command::Agent(agent) => agent.run(&cli.common),
        Command::Knowledge(knowledge) => knowledge.run(&cli.common),
        Command::Export(export) => export.run(&cli.common),
        Command::Erase(erase) => erase.run(&cli.common),
        Command::Backup(backup) => backup.run(&cli.common),
    };
    match ended {
        Ok(Ended::Well) => ExitCode::SUCCESS,
        Ok(Ended::WithFindings) => ExitCode::from(1),
        Err(error) => {
            tell(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

/// What a command was asked for, lines ended, on standard output.
fn print(lines: &str) -> anyhow::Result<()> {
    print_to(std::io::stdout().lock(), lines)
}

/// Whoever reads may stop early, as `head` does. That is no failure: the command does the rest of its work and ends as it would have.
fn print_to(mut out: impl Write, lines: &str) -> anyhow::Result<()> {
    match out.write_all(lines.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("standard output cannot be written"),
    }
}

fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(value)?))
}

/// Beside the output, on standard error. When that cannot be written, nobody is left to tell.
fn tell(sentence: &str) {
    let _ = writeln!(std::io::stderr(), "firstline: {sentence}");
}

impl Common {
    /// For commands that speak to no one: without secrets.
    fn config(&self) -> anyhow::Result<Config> {
        self.load(Flags { without_secrets: true, ..self.flags() })
    }

    fn config_listening_on(&self, listen: Option<String>) -> anyhow::Result<Config> {
        self.load(Flags { listen, ..self.flags() })
    }

    fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            knowledge: self.knowledge.clone(),
            data: self.data.clone(),
            model: self.model.clone(),
            ..Flags::default()
        }
    }

    fn load(&self, flags: Flags) -> anyhow::Result<Config> {
        Ok(Config::load(&flags, |name| std::env::var(name).ok())?)
    }
}

/// Commands that ask and end want the same figures on a slow machine; only a customer is better served by haste.
const PATIENCE: Duration = Duration::from_secs(60);

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the async runtime cannot start")
}

/// For commands that ask and end. Says on stderr what is missing.
async fn answering(config: &Config) -> anyhow::Result<Arc<Answering>> {
    let options = Options { encoder_wait: PATIENCE, ..app::answering_options(config) };
    let judged = app::judged_cases(config).await.unwrap_or_else(|error| {
        tell(&format!("what people judged is left out: {error:#}"));
        vec![]
    });
    let taught = app::taught_phrases(config).await.unwrap_or_else(|error| {
        tell(&format!("the phrases that leads taught are left out: {error:#}"));
        vec![]
    });
    let taught = taught.into_iter().filter(|kept| !kept.is_exported).map(|kept| kept.phrase).collect();
    let answering = Answering::open_with(options, Clock::system(), judged, taught).await?;
    for sentence in answering.health().degraded {
        tell(&sentence);
    }
    Ok(answering)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes so many bytes, and then fails like this.
    struct Pipe(usize, ErrorKind);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let n_taken = bytes.len().min(self.0);
            self.0 -= n_taken;
            if n_taken == 0 { Err(self.1.into()) } else { Ok(n_taken) }
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_has_enough_is_no_failure_and_a_full_disk_is() {
        let check = |n_taken: usize, failure: ErrorKind, is_ok: bool| {
            assert_eq!(print_to(Pipe(n_taken, failure), "line\nline\n").is_ok(), is_ok, "{n_taken} {failure}");
        };
        check(10, ErrorKind::BrokenPipe, true);
        check(5, ErrorKind::BrokenPipe, true);
        check(0, ErrorKind::BrokenPipe, true);
        check(5, ErrorKind::StorageFull, false);
    }

    #[test]
    fn a_command_whose_reader_is_gone_ends_well() {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        print_to(writer, "line\n").unwrap();
    }
}
