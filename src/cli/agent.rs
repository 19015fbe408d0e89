//! `firstline agent`: who may sign in to the console. Goes through the running server, or opens the data itself when none runs.

use super::{Common, Ended, print, print_json, runtime};
use crate::app::{self, AgentCommand, AgentLine};
use crate::store::Role;
use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

#[derive(Args, Debug)]
pub(super) struct Agent {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add an agent; the password is read from the file, or from standard input
    Add {
        email: String,
        /// The name that customers see
        #[arg(long)]
        name: String,
        #[arg(long, value_enum, default_value = "agent")]
        role: RoleName,
        #[arg(long, value_name = "F")]
        password_file: Option<PathBuf>,
    },
    /// List the agents
    List,
    /// End an agent's sign-ins and refuse new ones
    Disable { email: String },
    /// Switch off the second factor of an agent whose phone is gone
    ResetSecondFactor { email: String },
    /// Set a new password and end all sign-ins
    Password {
        email: String,
        #[arg(long, value_name = "F")]
        password_file: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleName {
    Agent,
    Lead,
    Admin,
}

impl Agent {
    pub(super) fn run(&self, common: &Common) -> anyhow::Result<Ended> {
        let config = common.config()?;
        let command = self.command()?;
        let lines = runtime()?.block_on(app::administer(&config, command))?;
        if common.json {
            print_json(&lines)?;
        } else {
            print(&lines.iter().map(row).collect::<String>())?;
        }
        Ok(Ended::Well)
    }

    fn command(&self) -> anyhow::Result<AgentCommand> {
        Ok(match &self.action {
            Action::Add { email, name, role, password_file } => AgentCommand::Add {
                email: email.clone(),
                name: name.clone(),
                role: match role {
                    RoleName::Agent => Role::Agent,
                    RoleName::Lead => Role::Lead,
                    RoleName::Admin => Role::Admin,
                },
                password: password(password_file.as_deref())?,
            },
            Action::List => AgentCommand::List,
            Action::Disable { email } => AgentCommand::Disable { email: email.clone() },
            Action::ResetSecondFactor { email } => AgentCommand::ResetSecondFactor { email: email.clone() },
            Action::Password { email, password_file } => {
                AgentCommand::Password { email: email.clone(), password: password(password_file.as_deref())? }
            }
        })
    }
}

/// Never an argument: those show in the process list and the shell's history.
fn password(file: Option<&Path>) -> anyhow::Result<String> {
    let text = match file {
        Some(file) => std::fs::read_to_string(file).with_context(|| format!("{}: cannot be read", file.display()))?,
        None => {
            if std::io::stdin().is_terminal() {
                let mut stderr = std::io::stderr();
                let _ = stderr.write_all(b"password: ").and_then(|()| stderr.flush());
            }
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line).context("the password cannot be read from standard input")?;
            line
        }
    };
    let password = text.lines().next().unwrap_or("").to_owned();
    if password.is_empty() {
        bail!("no password was given: write it to a file for --password-file, or on standard input");
    }
    Ok(password)
}

fn row(line: &AgentLine) -> String {
    let state = if line.disabled { "disabled" } else { "active" };
    format!("{:<32} {:<24} {:<6} {state}\n", line.email, line.name, line.role)
}
