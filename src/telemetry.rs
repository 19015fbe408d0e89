//! Log lines: sentences that stand alone, ids as fields, never a customer's words.

use crate::config::LogConfig;
use tracing_subscriber::EnvFilter;

/// Called once, by `serve` only: other commands speak through their output.
pub fn start(log: &LogConfig) -> Result<(), String> {
    let filter = EnvFilter::try_new(&log.level).map_err(|error| format!("log.level: {:?}: {error}", log.level))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_target(false).with_writer(std::io::stderr);
    let started = if log.json { lines.json().try_init() } else { lines.try_init() };
    started.map_err(|error| format!("logging is started twice: {error}"))
}
