//! Text with marks (bold, links …): written as Telegram's HTML, as plain text, and split into messages. Pure.
//!
//! The text is kept as runs with their marks beside them, so a cut anywhere gives whole, balanced HTML on both sides.

use std::ops::Range;
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;

/// Length of one message after its HTML is read, in UTF-16 code units (Bot API, sendMessage).
pub const MESSAGE_UNITS: usize = 4096;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rich {
    runs: Vec<Run>,
}

#[derive(Clone, Debug, PartialEq)]
struct Run {
    text: String,
    marks: Marks,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    pub bold: bool,
    pub italic: bool,
    pub underline: bool,
    pub strike: bool,
    pub code: bool,
    pub pre: bool,
    /// Numbers the quotes, so that two that follow each other stay two.
    pub quote: Option<u32>,
    pub link: Option<Arc<str>>,
}

/// One tag of Telegram's HTML, in the order in which they nest.
#[derive(Clone, Debug, PartialEq)]
enum Tag {
    Quote(u32),
    Link(Arc<str>),
    Bold,
    Italic,
    Underline,
    Strike,
    Pre,
    Code,
}

impl Rich {
    pub fn plain_text(text: &str) -> Self {
        let mut rich = Self::default();
        rich.push(text, Marks::default());
        rich
    }

    pub fn push(&mut self, text: &str, marks: Marks) {
        match self.runs.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.marks == marks => last.text.push_str(text),
            Some(_) | None => self.runs.push(Run { text: text.to_owned(), marks }),
        }
    }

    pub fn append(&mut self, other: Rich) {
        for run in other.runs {
            self.push(&run.text, run.marks);
        }
    }

    pub fn is_blank(&self) -> bool {
        self.runs.iter().all(|run| run.text.trim().is_empty())
    }

    pub fn has_marks(&self) -> bool {
        self.runs.iter().any(|run| run.marks != Marks::default())
    }

    /// The marks of the last character.
    pub fn last_marks(&self) -> Option<&Marks> {
        self.runs.last().map(|run| &run.marks)
    }

    pub fn last_char(&self) -> Option<char> {
        self.runs.last()?.text.chars().last()
    }

    /// The words alone.
    pub fn plain(&self) -> String {
        self.runs.iter().map(|run| run.text.as_str()).collect()
    }

    /// Telegram's HTML (Bot API, "HTML style"): always balanced, everything else escaped.
    pub fn html(&self) -> String {
        let mut out = String::new();
        let mut open: Vec<Tag> = vec![];
        for run in &self.runs {
            let tags = run.marks.tags();
            let n_shared = open.iter().zip(&tags).take_while(|(a, b)| a == b).count();
            close(&mut out, &mut open, n_shared);
            for tag in &tags[n_shared..] {
                out.push_str(&tag.opening());
                open.push(tag.clone());
            }
            escape(&mut out, &run.text);
        }
        close(&mut out, &mut open, 0);
        out
    }

    /// Parts of at most `most` UTF-16 units, cut between paragraphs where it can be done, then lines, sentences, words.
    /// The same text always gives the same parts. Blank parts are left out.
    pub fn split(&self, most: usize) -> Vec<Rich> {
        let text = self.plain();
        let mut parts = vec![];
        let mut begin = 0;
        while begin < text.len() {
            let end = begin + part_end(&text[begin..], most);
            let trimmed = text[begin..end].trim_end().len();
            if !text[begin..begin + trimmed].trim().is_empty() {
                parts.push(self.slice(begin..begin + trimmed));
            }
            let rest = &text[end..];
            begin = end + (rest.len() - rest.trim_start().len());
        }
        parts
    }

    fn slice(&self, range: Range<usize>) -> Rich {
        let mut cut = Rich::default();
        let mut at = 0;
        for run in &self.runs {
            let from = range.start.clamp(at, at + run.text.len()) - at;
            let to = range.end.clamp(at, at + run.text.len()) - at;
            cut.push(&run.text[from..to], run.marks.clone());
            at += run.text.len();
        }
        cut
    }
}

impl Marks {
    /// `pre` and `code` hold no other marks (Bot API, "HTML style"); a link wins over code, for it leads somewhere.
    fn tags(&self) -> Vec<Tag> {
        let mut tags = vec![];
        tags.extend(self.quote.map(Tag::Quote));
        if self.pre {
            tags.push(Tag::Pre);
        } else if let (true, None) = (self.code, &self.link) {
            tags.push(Tag::Code);
        } else {
            tags.extend(self.link.clone().map(Tag::Link));
            let styles = [
                (self.bold, Tag::Bold),
                (self.italic, Tag::Italic),
                (self.underline, Tag::Underline),
                (self.strike, Tag::Strike),
            ];
            tags.extend(styles.into_iter().filter(|(is_on, _)| *is_on).map(|(_, tag)| tag));
        }
        tags
    }
}

impl Tag {
    fn opening(&self) -> String {
        match self {
            Self::Link(href) => {
                let mut tag = "<a href=\"".to_owned();
                escape(&mut tag, href);
                tag + "\">"
            }
            other => format!("<{}>", other.name()),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Quote(_) => "blockquote",
            Self::Link(_) => "a",
            Self::Bold => "b",
            Self::Italic => "i",
            Self::Underline => "u",
            Self::Strike => "s",
            Self::Pre => "pre",
            Self::Code => "code",
        }
    }
}

fn close(out: &mut String, open: &mut Vec<Tag>, keep: usize) {
    for tag in open.drain(keep..).rev() {
        out.push_str(&format!("</{}>", tag.name()));
    }
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
}

pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Where the first part of `text` ends, in bytes; above 0.
fn part_end(text: &str, most: usize) -> usize {
    let window = fitting(text, most);
    if window.len() == text.len() {
        return text.len();
    }
    // A border too near the beginning would leave a heading alone in a message.
    let least = window.len() / 4;
    let after = |found: Option<usize>, len: usize| found.map(|at| at + len).filter(|end| *end > least);
    after(window.rfind("\n\n"), 2)
        .or_else(|| after(window.rfind('\n'), 1))
        .or_else(|| sentence_end(window).filter(|end| *end > least))
        .or_else(|| after(window.rfind(' '), 1))
        .unwrap_or(window.len())
}

/// The longest beginning of at most `most` units that cuts no character as readers see it; at least one `char`.
fn fitting(text: &str, most: usize) -> &str {
    let mut n_units = 0;
    let mut end = 0;
    for grapheme in text.graphemes(true) {
        n_units += units(grapheme);
        if n_units > most {
            break;
        }
        end += grapheme.len();
    }
    if end == 0 {
        // One "character" of thousands of combining marks: cut it rather than refuse it.
        let mut n_units = 0;
        let fits = |c: &char| {
            n_units += c.len_utf16();
            n_units <= most
        };
        end = text.chars().take_while(fits).map(char::len_utf8).sum();
        end = end.max(text.chars().next().map_or(0, char::len_utf8));
    }
    &text[..end]
}

fn sentence_end(window: &str) -> Option<usize> {
    let mut found = None;
    let mut chars = window.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let ends = match c {
            '。' | '！' | '？' | '；' => true,
            '.' | '!' | '?' | '…' => chars.peek().is_some_and(|(_, next)| next.is_whitespace()),
            _ => false,
        };
        if ends {
            found = Some(at + c.len_utf8());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marked(text: &str, change: impl FnOnce(&mut Marks)) -> (String, Marks) {
        let mut marks = Marks::default();
        change(&mut marks);
        (text.to_owned(), marks)
    }

    fn rich(runs: Vec<(String, Marks)>) -> Rich {
        let mut rich = Rich::default();
        for (text, marks) in runs {
            rich.push(&text, marks);
        }
        rich
    }

    #[test]
    fn html_nests_and_escapes() {
        let check = |runs, html: &str| assert_eq!(rich(runs).html(), html);
        check(vec![marked("1 < 2 & \"3\"", |_| {})], "1 &lt; 2 &amp; &quot;3&quot;");
        check(
            vec![
                marked("a", |m| m.bold = true),
                marked("b", |m| (m.bold, m.italic) = (true, true)),
                marked("c", |m| m.italic = true),
            ],
            "<b>a<i>b</i></b><i>c</i>",
        );
        check(
            vec![marked("x", |m| m.quote = Some(1)), marked("y", |m| m.quote = Some(2))],
            "<blockquote>x</blockquote><blockquote>y</blockquote>",
        );
        check(vec![marked("x", |m| (m.pre, m.code, m.bold) = (true, true, true))], "<pre>x</pre>");
        check(vec![marked("x", |m| (m.code, m.bold) = (true, true))], "<code>x</code>");
        let link = |m: &mut Marks| m.link = Some("https://a.example/?x=1&y=\"2\"".into());
        check(vec![marked("x", link)], "<a href=\"https://a.example/?x=1&amp;y=&quot;2&quot;\">x</a>");
    }

    #[test]
    fn short_texts_stay_whole() {
        let check = |text: &str, most: usize| assert_eq!(Rich::plain_text(text).split(most).len(), 1, "{text:?}");
        check("hello", 5);
        check("  hello \n", 10);
        check(&"x".repeat(4096), MESSAGE_UNITS);
        check(&"字".repeat(4096), MESSAGE_UNITS);
        check(&"😀".repeat(2048), MESSAGE_UNITS);
        assert!(Rich::plain_text(" \n ").split(10).is_empty());
    }

    #[test]
    fn long_texts_are_cut_at_the_best_border() {
        let check = |text: &str, most: usize, parts: &[&str]| {
            let found: Vec<_> = Rich::plain_text(text).split(most).iter().map(Rich::plain).collect();
            assert_eq!(found, parts, "{text:?}");
        };
        check("one two\n\nthree four\n\nfive", 22, &["one two\n\nthree four", "five"]);
        check("one two\nthree four\nfive", 20, &["one two\nthree four", "five"]);
        check("One two. Three four. Five", 22, &["One two. Three four.", "Five"]);
        check("一二三。四五六。七八九", 9, &["一二三。四五六。", "七八九"]);
        check("one two three", 9, &["one two", "three"]);
        check("abcdefghij", 4, &["abcd", "efgh", "ij"]);
        // A surrogate pair is two units and is never halved.
        check("😀😀😀", 3, &["😀", "😀", "😀"]);
        check("😀😀😀", 4, &["😀😀", "😀"]);
        // Nor is a family of joined people, as long as it fits at all (8 units each).
        check("👨‍👩‍👧👨‍👩‍👧", 15, &["👨‍👩‍👧", "👨‍👩‍👧"]);
        // A heading is not left alone.
        check("Hi\n\nabcdef ghijkl mnopqr", 20, &["Hi\n\nabcdef ghijkl", "mnopqr"]);
    }

    #[test]
    fn marks_go_on_in_the_next_part() {
        let long =
            rich(vec![marked("one two ", |m| m.bold = true), marked("three", |m| (m.bold, m.italic) = (true, true))]);
        let parts: Vec<_> = long.split(8).iter().map(Rich::html).collect();
        assert_eq!(parts, ["<b>one two</b>", "<b><i>three</i></b>"]);
    }

    proptest! {
        #[test]
        fn splitting_loses_nothing_but_space(text in "[a-z \\n😀字é\u{301}.]{0,300}", most in 2_usize..50) {
            let parts = Rich::plain_text(&text).split(most);
            let squeeze = |s: &str| s.split_whitespace().collect::<String>();
            let joined: String = parts.iter().map(Rich::plain).collect();
            prop_assert_eq!(squeeze(&joined), squeeze(&text));
            for part in &parts {
                prop_assert!(units(&part.plain()) <= most, "{:?}", part.plain());
                prop_assert!(!part.is_blank());
            }
        }
    }
}
