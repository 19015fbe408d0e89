//! The answering room: words in, evidence with a calibrated confidence out. The only such path: `serve`, `ask` and `eval` use it.
//!
//! May: join what `knowledge` and `intent` find.
//! May not: keep anything about a conversation, or speak to anyone.

mod confidence;
mod gather;
mod snapshot;

pub use gather::Question;
pub use snapshot::{Answering, AnsweringError, Health, Options};
