//! Stars of Markdown beside Chinese punctuation.
//!
//! CommonMark decides by the characters around a run of stars whether it opens or closes, and expects words to stand apart
//! (<https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run>). Chinese writes none: the stars of `**提示：**请稍候` would stay
//! stars. A mark between the stars and the punctuation makes them mean what was meant; it goes away again with `unmarked`.

use super::language::is_han;
use std::borrow::Cow;

/// A noncharacter: in nobody's text, neither a space nor punctuation.
pub const MARK: char = '\u{FDD0}';

/// The source with a mark wherever stars stand between Chinese and punctuation.
pub fn marked(source: &str) -> Cow<'_, str> {
    if !source.contains('*') || !source.contains(is_chinese) {
        return Cow::Borrowed(source);
    }
    let mut out = String::with_capacity(source.len() + 16);
    let mut rest = source;
    let mut before = None;
    while let Some(from) = rest.find('*') {
        let (words, stars) = rest.split_at(from);
        let after_stars = stars.trim_start_matches('*');
        let run = &stars[..stars.len() - after_stars.len()];
        out.push_str(words);
        let last = words.chars().next_back().or(before);
        let next = after_stars.chars().next();
        // Closes behind punctuation: `：**请`. Opens before it: `请**“`.
        let closes = last.is_some_and(is_punctuation) && next.is_some_and(is_han);
        let opens = last.is_some_and(is_han) && next.is_some_and(is_punctuation);
        out.extend(closes.then_some(MARK));
        out.push_str(run);
        out.extend(opens.then_some(MARK));
        before = Some('*');
        rest = after_stars;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Without the marks.
pub fn unmarked(text: &str) -> Cow<'_, str> {
    match text.contains(MARK) {
        true => Cow::Owned(text.replace(MARK, "")),
        false => Cow::Borrowed(text),
    }
}

fn is_chinese(c: char) -> bool {
    is_han(c) || is_wide_punctuation(c)
}

fn is_punctuation(c: char) -> bool {
    (c.is_ascii_punctuation() && c != '*') || is_wide_punctuation(c)
}

/// Quotation marks and dashes, CJK punctuation, full-width forms of ASCII's.
fn is_wide_punctuation(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205E}' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301F}'
        | '\u{FF01}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}' | '\u{FF3B}'..='\u{FF40}' | '\u{FF5B}'..='\u{FF65}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_between_chinese_and_punctuation_are_marked_and_nothing_else() {
        let check = |source: &str, expected: &str| {
            let marked = marked(source);
            assert_eq!(marked.replace(MARK, "|"), expected);
            assert_eq!(unmarked(&marked), source);
        };
        check("**提示：**请稍候", "**提示：|**请稍候");
        check("请按**“确认”**键", "请按**|“确认”|**键");
        check("是*（可选）*的", "是*|（可选）|*的");
        check("**提示**请", "**提示**请");
        check("**Note:** wait", "**Note:** wait");
        check("2 * 3 * 4，好", "2 * 3 * 4，好");
        check("***", "***");
        check("", "");
    }
}
