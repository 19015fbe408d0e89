//! Language and text: which language a customer writes, what matching sees of it, and its tokens.
//! The index, the classifier's lexical features and the encoder all see text through `normalise`.

mod asking;
mod detect;
mod fold;
mod normalise;
mod split;
mod stop;
mod tokens;

pub use crate::domain::language::is_han;
pub use detect::detect;
pub use normalise::normalise;
pub use split::{MAX_QUESTIONS, questions};
pub use tokens::{pieces, search_tokens, tokens};
