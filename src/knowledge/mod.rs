//! The knowledge room: reads the folder of articles, reports what is wrong in it, and finds words in it.
//!
//! May: read the folder, write phrases back into it at a command, own its tantivy index, hand out immutable snapshots.
//! May not: know that conversations exist.

pub mod words;

mod article;
mod base;
mod checks;
mod error;
mod finding;
mod front_matter;
mod index;
mod keys;
mod near_duplicates;
mod render;
mod watch;
mod write_back;

pub use base::{KnowledgeBase, load};
pub use error::KnowledgeError;
pub use finding::{Finding, Severity};
pub use index::{Hit, Index, Lexical};
pub use watch::{Watch, watch};
pub use write_back::{WrittenBack, write_back};
