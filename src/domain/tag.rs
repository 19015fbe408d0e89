//! Tags: short words that agents put on conversations, to find and to count them by.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Lower case, without white space around it or in a row, 1 to 40 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Tag(String);

impl Tag {
    /// Of one conversation; more say nothing.
    pub const MAX_OF_ONE: usize = 20;
    const MAX_CHARS: usize = 40;

    /// `None`: empty, too long, or with a comma, a hash or a control character.
    pub fn parse(text: &str) -> Option<Self> {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let tag = words.join(" ");
        let n_chars = tag.chars().count();
        let is_plain = !tag.chars().any(|c| c.is_control() || matches!(c, ',' | '#'));
        ((1..=Self::MAX_CHARS).contains(&n_chars) && is_plain).then_some(Self(tag))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(Tag::parse(text).as_ref().map(Tag::as_str), expected, "{text:?}");
        };
        check("Refund", Some("refund"));
        check("  late \t delivery ", Some("late delivery"));
        check("ПОСЫЛКА", Some("посылка"));
        check("退款", Some("退款"));
        check("", None);
        check(" \n ", None);
        check("a,b", None);
        check("#a", None);
        check("a\u{7}", None);
        check(&"x".repeat(40), Some(&"x".repeat(40)));
        check(&"x".repeat(41), None);
    }
}
