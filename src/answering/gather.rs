//! One question: normalised once, given to every part, joined.

use crate::domain::{ChannelKind, Language};

/// A question as it came in.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub text: &'a str,
    /// What the conversation or the caller says; the words may say otherwise.
    pub language: Option<Language>,
    pub channel: ChannelKind,
}
