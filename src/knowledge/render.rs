//! What customers see of a body: plain text for Telegram and terminals, safe HTML for the widget, passages for the index.

use super::words::is_han;
use crate::domain::emphasis::{marked, unmarked};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};
use std::borrow::Cow;
use std::fmt::Write;
use std::sync::LazyLock;

pub(super) struct Rendered {
    /// Paragraphs apart by an empty line, list markers kept, links as `label (address)`.
    pub text: String,
    /// Sanitised: no scripts, styles or event handlers; links open apart and carry no referrer; images only over https.
    pub html: String,
    /// Pieces of the text of about `PASSAGE_WORDS` words or `PASSAGE_HAN` Chinese characters, in order. Together they hold all of it.
    pub passages: Vec<String>,
}

pub(super) fn render(markdown: &str) -> Rendered {
    let source = marked(markdown);
    let events: Vec<_> = without_unsafe_images(Parser::new_ext(&source, OPTIONS));
    let mut raw = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut raw, events.iter().cloned());
    let blocks = Plain::blocks(&events);
    let text = blocks.iter().map(|block| block.text.as_str()).collect::<Vec<_>>().join("\n\n");
    Rendered { text, html: SANITISER.clean(&unmarked(&raw)).to_string(), passages: passages(&blocks) }
}

const OPTIONS: Options = Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH);

static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut sanitiser = ammonia::Builder::default();
    sanitiser
        .link_rel(Some("noopener nofollow"))
        .set_tag_attribute_value("a", "target", "_blank")
        .url_schemes(["https", "http", "mailto", "tel"].into())
        .attribute_filter(|element, attribute, value| {
            let foreign_image = element == "img" && attribute == "src" && !is_https(value);
            (!foreign_image).then_some(Cow::Borrowed(value))
        });
    sanitiser
});

fn is_https(address: &str) -> bool {
    address.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
}

/// An image that may not be shown leaves its description.
fn without_unsafe_images<'a>(parser: Parser<'a>) -> Vec<Event<'a>> {
    let mut shown = vec![];
    parser
        .filter(|event| match event {
            Event::Start(Tag::Image { dest_url, .. }) => {
                shown.push(is_https(dest_url));
                is_https(dest_url)
            }
            Event::End(TagEnd::Image) => shown.pop().unwrap_or(false),
            _ => true,
        })
        .collect()
}

struct Block {
    is_heading: bool,
    text: String,
}

/// Writes events as plain text. Blocks at the top level are kept apart.
#[derive(Default)]
struct Plain {
    blocks: Vec<Block>,
    text: String,
    is_heading: bool,
    depth: usize,
    /// The next number of each open ordered list; `None` for a bulleted one.
    lists: Vec<Option<u64>>,
    links: Vec<(CowStr<'static>, usize)>,
    raw_html: String,
}

impl Plain {
    fn blocks(events: &[Event<'_>]) -> Vec<Block> {
        let mut plain = Self::default();
        for event in events {
            plain.read(event);
        }
        plain.close();
        plain.blocks
    }

    fn read(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(*tag),
            Event::Text(text) | Event::Code(text) => self.text.push_str(text),
            Event::SoftBreak => {
                // A line break inside a Chinese sentence is no space.
                if !self.text.ends_with(|c| is_han(c) || matches!(c, '，' | '。' | '、' | '；' | '：')) {
                    self.text.push(' ');
                }
            }
            Event::HardBreak => self.new_line(),
            Event::TaskListMarker(done) => self.text.push_str(if *done { "[x] " } else { "[ ] " }),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text.push_str(text),
            Event::Html(html) => self.raw_html.push_str(html),
            Event::InlineHtml(_) | Event::FootnoteReference(_) | Event::Rule => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Heading { .. } => self.is_heading = self.depth == 0,
            Tag::List(first) => {
                self.break_line();
                self.lists.push(*first);
            }
            Tag::Item => {
                self.break_line();
                self.indent(self.lists.len().saturating_sub(1));
                match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let _ = write!(self.text, "{number}. ");
                        *number += 1;
                    }
                    Some(None) | None => self.text.push_str("- "),
                }
            }
            Tag::Paragraph if self.depth > 0 && !self.text.ends_with("- ") && !self.text.ends_with(". ") => {
                self.break_line();
                self.indent(self.lists.len());
            }
            Tag::TableRow | Tag::TableHead => self.break_line(),
            Tag::TableCell if !self.text.is_empty() && !self.text.ends_with('\n') => self.text.push_str(" | "),
            Tag::Link { dest_url, .. } => self.links.push((dest_url.clone().into_static(), self.text.len())),
            _ => {}
        }
        if is_block(&tag.to_end()) {
            self.depth += 1;
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Link => self.close_link(),
            TagEnd::HtmlBlock => {
                let words = ammonia::Builder::empty().clean(&std::mem::take(&mut self.raw_html)).to_string();
                let words =
                    words.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ").replace("&amp;", "&");
                self.text.push_str(words.trim());
            }
            _ => {}
        }
        if is_block(&tag) {
            self.depth = self.depth.saturating_sub(1);
            if self.depth == 0 {
                self.close();
            }
        }
    }

    /// The address follows the label unless the label says it already.
    fn close_link(&mut self) {
        let Some((address, from)) = self.links.pop() else { return };
        let label = &self.text[from..];
        let said = address.strip_prefix("mailto:").or(address.strip_prefix("tel:")).unwrap_or(&address);
        if !label.contains(said) && !address.starts_with('#') {
            let _ = write!(self.text, " ({said})");
        }
    }

    fn close(&mut self) {
        let text = unmarked(std::mem::take(&mut self.text).trim_end()).into_owned();
        let is_heading = std::mem::take(&mut self.is_heading);
        if !text.trim().is_empty() {
            self.blocks.push(Block { is_heading, text });
        }
    }

    fn new_line(&mut self) {
        self.text.push('\n');
        self.indent(self.lists.len());
    }

    fn break_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn indent(&mut self, levels: usize) {
        for _ in 0..levels {
            self.text.push_str("  ");
        }
    }
}

/// Tags that stand for lines of their own.
fn is_block(tag: &TagEnd) -> bool {
    !matches!(
        tag,
        TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::Link
            | TagEnd::Image
    )
}

/// A sentence or two: what answers one question. Longer passages blur; on paragraphs of a hundred words 80 a passage find less.
const PASSAGE_WORDS: usize = 25;
const PASSAGE_HAN: usize = 45;

/// A heading begins a passage and stays with what follows it; what fits together stays together.
fn passages(blocks: &[Block]) -> Vec<String> {
    let mut passages: Vec<String> = vec![];
    let mut open = String::new();
    for block in blocks {
        let pieces = if size(&block.text) > PASSAGE_SIZE { sentences(&block.text) } else { vec![block.text.as_str()] };
        for (i, piece) in pieces.into_iter().enumerate() {
            let full = size(&open) + size(piece) > PASSAGE_SIZE;
            if !open.is_empty() && (full || (block.is_heading && i == 0)) {
                passages.push(std::mem::take(&mut open));
            }
            if !open.is_empty() {
                open.push('\n');
            }
            open.push_str(piece.trim());
        }
    }
    if !open.is_empty() {
        passages.push(open);
    }
    passages
}

const PASSAGE_SIZE: usize = PASSAGE_WORDS * PASSAGE_HAN;

/// Words and Chinese characters on one scale, `PASSAGE_SIZE` being a full passage.
fn size(text: &str) -> usize {
    let n_han = text.chars().filter(|&c| is_han(c)).count();
    let n_words =
        text.split_whitespace().filter(|word| word.chars().any(|c| c.is_alphanumeric() && !is_han(c))).count();
    n_words * PASSAGE_HAN + n_han * PASSAGE_WORDS
}

/// Lines and sentences, each with its end mark.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = vec![];
    let mut from = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|&(_, next)| next);
        let ends = match c {
            '\n' | '。' | '！' | '？' | '；' => true,
            '.' | '!' | '?' | ';' => next.is_none_or(char::is_whitespace),
            _ => false,
        };
        if ends {
            sentences.push(&text[from..at + c.len_utf8()]);
            from = at + c.len_utf8();
        }
    }
    sentences.push(&text[from..]);
    sentences.retain(|sentence| !sentence.trim().is_empty());
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_beside_chinese_punctuation_mean_what_they_mean_beside_a_space() {
        let rendered = render("**提示：**请按*“确认”*键");
        assert_eq!(rendered.html, "<p><strong>提示：</strong>请按<em>“确认”</em>键</p>\n");
        assert_eq!(rendered.text, "提示：请按“确认”键");
        assert_eq!(rendered.passages, ["提示：请按“确认”键"]);
    }

    #[test]
    fn text_reads_well_without_markup() {
        let check = |markdown: &str, text: &str| assert_eq!(render(markdown).text, text, "{markdown}");
        check("Refunds take **five** days.\n\nThen *wait*.", "Refunds take five days.\n\nThen wait.");
        check("# Refunds\ntext", "Refunds\n\ntext");
        check("- one\n- two\n  - inner\n", "- one\n- two\n  - inner");
        check("3. three\n4. four", "3. three\n4. four");
        check("- one\n\n- two\n\n  more", "- one\n- two\n  more");
        check("See [our page](https://shop.example/r).", "See our page (https://shop.example/r).");
        check("<https://shop.example> [a@b.cc](mailto:a@b.cc)", "https://shop.example a@b.cc");
        check("first\nsecond", "first second");
        check("第一行\n第二行", "第一行第二行");
        check("one  \ntwo", "one\ntwo");
        check("| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n1 | 2");
        check("> quoted\n\nplain", "quoted\n\nplain");
        check("run `reset`\n\n```\nx = 1\n```", "run reset\n\nx = 1");
        check("~~old~~ new <b>bold</b><!-- hidden -->", "old new bold");
        check("<div>\nup &amp; down\n</div>", "up & down");
        check("![a red light](http://x.example/a.png)", "a red light");
        check("", "");
    }

    #[test]
    fn html_is_safe_to_show() {
        let check = |markdown: &str, html: &str| assert_eq!(render(markdown).html.trim_end(), html, "{markdown}");
        check("**five** days", "<p><strong>five</strong> days</p>");
        check(
            "[page](https://shop.example)",
            r#"<p><a href="https://shop.example" target="_blank" rel="noopener nofollow">page</a></p>"#,
        );
        check("a <script>alert(1)</script>b", "<p>a b</p>");
        check("[x](javascript:alert(1))", r#"<p><a target="_blank" rel="noopener nofollow">x</a></p>"#);
        check(
            "<a href='#' onclick='x()'>y</a>",
            r##"<p><a href="#" target="_blank" rel="noopener nofollow">y</a></p>"##,
        );
        check("![red](http://x.example/a.png)", "<p>red</p>");
        check("![red](data:image/png;base64,AA)", "<p>red</p>");
        check("![red](https://x.example/a.png)", r#"<p><img src="https://x.example/a.png" alt="red"></p>"#);
        check("<img src='http://x.example/a.png' onerror='x()' alt='red'>", r#"<img alt="red">"#);
        check("~~old~~", "<p><del>old</del></p>");
        assert!(render("| a |\n|---|\n| 1 |").html.contains("<td>1</td>"));
    }

    #[test]
    fn passages_hold_about_twenty_five_words() {
        let paragraph = |words: usize| vec!["word"; words].join(" ") + ".";
        let n_words = |markdown: &str| -> Vec<usize> {
            render(markdown).passages.iter().map(|passage| passage.split_whitespace().count()).collect()
        };
        assert_eq!(n_words("short"), [1]);
        assert_eq!(n_words(&format!("{}\n\n{}", paragraph(10), paragraph(12))), [22]);
        assert_eq!(n_words(&format!("{}\n\n{}", paragraph(20), paragraph(12))), [20, 12]);
        assert_eq!(n_words(&format!("{}\n\n# One more\n\n{}", paragraph(5), paragraph(5))), [5, 7]);
        assert_eq!(n_words(&[paragraph(16), paragraph(16), paragraph(6)].join(" ")), [16, 22]);
        // A sentence is not cut.
        assert_eq!(n_words(&paragraph(60)), [60]);
        let chinese = render(&"退款会在五天内到账，请耐心等待。".repeat(40)).passages;
        assert!(chinese.iter().all(|passage| passage.chars().count() < 60), "{chinese:?}");
        assert_eq!(render("").passages, [""; 0]);
    }
}
