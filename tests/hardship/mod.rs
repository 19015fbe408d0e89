//! Hardship: what the world does to the real binary, and the promises that hold all the same. A means that this machine does not
//! offer (a mount, say) fails its test: a hardship that was not tried was not survived.

mod audit;
mod kills;
mod load;
pub mod means;
mod races;
mod storms;
