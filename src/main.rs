//! Parse and run.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    firstline::cli::run(firstline::cli::Cli::parse())
}
