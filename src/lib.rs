//! Firstline: a self-hosted first line of customer support. The modules in reading order.

pub mod domain;

pub mod clock;

pub mod answering;
pub mod bus;
pub mod channel;
pub mod desk;
pub mod intent;
pub mod knowledge;
pub mod store;

#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
