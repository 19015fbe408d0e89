//! Firstline: a self-hosted first line of customer support. The modules in reading order.

pub mod app;
pub mod cli;

pub mod domain;

pub mod answering;
pub mod intent;
pub mod knowledge;

pub mod desk;
pub mod store;

pub mod channel;

pub mod eval;

pub mod bus;
pub mod clock;
pub mod config;
pub mod telemetry;

#[cfg(feature = "testkit")]
pub mod testkit;
