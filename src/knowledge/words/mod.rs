//! Language and text: which language a customer writes, what matching sees of it, and its tokens.
//! The index, the classifier's lexical features and the encoder all see text through `normalise`.

mod asking;
mod detect;
mod fold;
mod normalise;
mod split;
mod stop;
mod tokens;

pub use detect::detect;
pub use normalise::normalise;
pub use split::{MAX_QUESTIONS, questions};
pub use tokens::{pieces, search_tokens, tokens};

/// CJK ideographs with their extensions and compatibility forms, and the two ideographic marks 々 and 〇.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{323af}' | '\u{f900}'..='\u{faff}' | '々' | '〇')
}
