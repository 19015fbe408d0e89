//! `firstline serve`: the whole program.

use super::{Common, Ended, runtime};
use crate::app;
use clap::Args;

#[derive(Args, Debug)]
pub(super) struct Serve {
    /// Address and port [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
}

impl Serve {
    pub(super) fn run(&self, common: &Common) -> anyhow::Result<Ended> {
        let config = common.config_listening_on(self.listen.clone())?;
        crate::telemetry::start(&config.log).map_err(anyhow::Error::msg)?;
        let runtime = runtime()?;
        let ended = runtime.block_on(app::serve(config));
        // A thought that hangs must not keep the process alive.
        runtime.shutdown_timeout(std::time::Duration::from_secs(5));
        ended.map(|()| Ended::Well)
    }
}
