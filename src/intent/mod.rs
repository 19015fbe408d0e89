//! The intent room: turns words into vectors and ranked intents.
//!
//! May: use model files and its own threads.
//! May not: know a conversation, the store or whoever calls.

#[cfg(feature = "bert")]
pub mod adapt;
pub mod builtin;
pub mod classifier;
pub mod encoder;
pub mod features;
pub mod lbfgs;
pub mod nearest;
pub mod whitening;
