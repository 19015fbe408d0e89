//! Light Markdown, as agents write it between words → safe HTML. Pure.
//!
//! Bold and italic (with stars), code, links, lists and quotes are shown as such, and an address becomes a link. Whatever else
//! CommonMark knows keeps its characters, so that no `_name_`, `+ 5` or `# 12` says something else to the customer than what was typed.

use crate::domain::emphasis::{MARK, marked, unmarked};
use crate::domain::{Speaker, Turn, TurnKind};
use linkify::{LinkFinder, LinkKind};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream, html};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// What a turn is shown as where marks can be shown: an article as it was rendered, an agent's words with their marks.
pub fn shown(turn: &Turn) -> Option<String> {
    match turn.by {
        Speaker::Agent(_) if turn.kind == TurnKind::Text && !turn.is_withdrawn => html(&turn.text),
        Speaker::Agent(_) | Speaker::Bot | Speaker::Customer | Speaker::System => turn.html.clone(),
    }
}

/// `None`: nothing is marked, the words stand for themselves.
pub fn html(text: &str) -> Option<String> {
    let source = apart_from_quotes(&without_tags(&marked(text)));
    let parser = Parser::new_ext(&source, Options::empty());
    // `[1]: https://…` would vanish, and with it what somebody typed.
    if parser.reference_definitions().iter().next().is_some() {
        return None;
    }
    let mut reading = Reading { source: &source, events: vec![], is_marked: false };
    let mut events = parser.into_offset_iter();
    while let Some((event, range)) = events.next() {
        reading.read(event, range, &mut events);
    }
    let Reading { events, mut is_marked, .. } = reading;
    let events = linked(events, &mut is_marked);
    is_marked.then(|| {
        let mut out = String::with_capacity(text.len() * 2);
        html::push_html(&mut out, events.into_iter());
        SANITISER.clean(&unmarked(&out)).to_string().trim_end().to_owned()
    })
}

static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut sanitiser = ammonia::Builder::default();
    sanitiser
        .tags(HashSet::from(["p", "br", "strong", "em", "code", "pre", "a", "ul", "ol", "li", "blockquote"]))
        .tag_attributes([("a", HashSet::from(["href"])), ("ol", HashSet::from(["start"]))].into())
        .generic_attributes(HashSet::new())
        .link_rel(Some("noopener nofollow"))
        .set_tag_attribute_value("a", "target", "_blank")
        .url_schemes(HashSet::from(SCHEMES));
    sanitiser
});

const SCHEMES: [&str; 4] = ["https", "http", "mailto", "tel"];

/// Nothing begins a tag any more: what stands behind one on its line would lose its marks.
fn without_tags(source: &str) -> String {
    source.replace('<', &format!("<{MARK}"))
}

/// A line behind a quote that does not begin with `>` is no quote: CommonMark would take it for one.
fn apart_from_quotes(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 8);
    let mut was_quote = false;
    for line in source.split_inclusive('\n') {
        let is_quote = line.starts_with('>');
        if was_quote && !is_quote && !line.trim().is_empty() {
            out.push('\n');
        }
        was_quote = is_quote;
        out.push_str(line);
    }
    out
}

struct Reading<'a> {
    source: &'a str,
    events: Vec<Event<'a>>,
    is_marked: bool,
}

impl<'a> Reading<'a> {
    /// `rest` is where what this event opened goes on.
    fn read(
        &mut self,
        event: Event<'a>,
        range: Range<usize>,
        rest: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>,
    ) {
        let typed = &self.source[range];
        match event {
            // Underscores stand in names.
            Event::Start(Tag::Emphasis) | Event::End(TagEnd::Emphasis) if !typed.starts_with('*') => {
                self.text(&typed[..1])
            }
            Event::Start(Tag::Strong) | Event::End(TagEnd::Strong) if !typed.starts_with('*') => self.text(&typed[..2]),
            Event::Start(Tag::Paragraph) | Event::End(_) => self.events.push(event),
            Event::Start(ref tag) if is_shown(tag, typed) => {
                self.is_marked = true;
                self.events.push(event);
            }
            Event::Start(tag @ (Tag::Link { .. } | Tag::Image { .. })) => {
                skip(tag.to_end(), rest);
                self.text(typed);
            }
            Event::Start(tag) => {
                skip(tag.to_end(), rest);
                self.paragraph(typed);
            }
            Event::Code(_) => {
                self.is_marked = true;
                self.events.push(event);
            }
            // `&nbsp;` is what an agent explains, no space.
            Event::Text(text) => {
                self.events.push(Event::Text(if typed.starts_with('&') { typed.into() } else { text }))
            }
            Event::SoftBreak | Event::HardBreak => self.events.push(Event::HardBreak),
            Event::Rule => self.paragraph(typed),
            Event::InlineHtml(_) | Event::Html(_) => self.text(typed),
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn text(&mut self, typed: &'a str) {
        self.events.push(Event::Text(typed.into()));
    }

    fn paragraph(&mut self, typed: &'a str) {
        self.events.push(Event::Start(Tag::Paragraph));
        for (i, line) in typed.trim_end().lines().enumerate() {
            if i > 0 {
                self.events.push(Event::HardBreak);
            }
            self.text(line);
        }
        self.events.push(Event::End(TagEnd::Paragraph));
    }
}

fn is_shown(tag: &Tag<'_>, typed: &str) -> bool {
    match tag {
        Tag::Emphasis | Tag::Strong => true,
        Tag::Link { link_type: LinkType::Inline, dest_url, .. } => is_address(dest_url),
        // A plus in front of a number is no bullet.
        Tag::List(None) => !typed.trim_start().starts_with('+'),
        Tag::List(Some(_)) | Tag::Item | Tag::CodeBlock(CodeBlockKind::Fenced(_)) => true,
        // `>5 days` is a number.
        Tag::BlockQuote(_) => typed.trim_start().trim_start_matches('>').starts_with([' ', '\n']),
        _ => false,
    }
}

fn is_address(url: &str) -> bool {
    let scheme = url.split(':').next().filter(|scheme| scheme.len() < url.len());
    scheme.is_some_and(|scheme| SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme)))
}

/// Up to the end of what has begun.
fn skip<'a>(end: TagEnd, rest: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>) {
    let mut depth = 0;
    for (event, _) in rest {
        match event {
            Event::Start(tag) if tag.to_end() == end => depth += 1,
            Event::End(other) if other == end && depth == 0 => return,
            Event::End(other) if other == end => depth -= 1,
            _ => {}
        }
    }
}

/// Addresses that stand in the words become links, outside of links and code.
fn linked<'a>(events: Vec<Event<'a>>, is_marked: &mut bool) -> Vec<Event<'a>> {
    let mut out = Vec::with_capacity(events.len());
    let mut depth = 0;
    for event in TextMergeStream::new(events.into_iter()) {
        match event {
            Event::Start(Tag::Link { .. } | Tag::CodeBlock(_)) => depth += 1,
            Event::End(TagEnd::Link | TagEnd::CodeBlock) => depth -= 1,
            Event::Text(ref text) if depth == 0 => {
                for span in FINDER.spans(text) {
                    let words = CowStr::from(span.as_str().to_owned());
                    if span.kind().is_none() {
                        out.push(Event::Text(words));
                        continue;
                    }
                    *is_marked = true;
                    let (title, id) = (CowStr::from(""), CowStr::from(""));
                    out.push(Event::Start(Tag::Link {
                        link_type: LinkType::Autolink,
                        dest_url: words.clone(),
                        title,
                        id,
                    }));
                    out.push(Event::Text(words));
                    out.push(Event::End(TagEnd::Link));
                }
                continue;
            }
            _ => {}
        }
        out.push(event);
    }
    out
}

static FINDER: LazyLock<LinkFinder> = LazyLock::new(|| {
    let mut finder = LinkFinder::new();
    // Chinese goes on behind an address without a space.
    finder.kinds(&[LinkKind::Url]).url_can_be_iri(false);
    finder
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_agents_mark_is_shown_so() {
        let check = |text: &str, expected: &str| assert_eq!(html(text).as_deref(), Some(expected), "{text}");
        check("It takes **five** *working* days.", "<p>It takes <strong>five</strong> <em>working</em> days.</p>");
        check("One\nwith `code`", "<p>One<br>\nwith <code>code</code></p>");
        check(
            "Do this:\n- open\n- press **OK**",
            "<p>Do this:</p>\n<ul>\n<li>open</li>\n<li>press <strong>OK</strong></li>\n</ul>",
        );
        check("3. three\n4. four", "<ol start=\"3\">\n<li>three</li>\n<li>four</li>\n</ol>");
        check("> Where is it?\nOn its way.", "<blockquote>\n<p>Where is it?</p>\n</blockquote>\n<p>On its way.</p>");
        check("```sh\nls *\n```", "<pre><code>ls *\n</code></pre>");
        let link = |href: &str, words: &str| {
            format!("<a href=\"{href}\" target=\"_blank\" rel=\"noopener nofollow\">{words}</a>")
        };
        check(
            "[Refunds](https://a.example/r?a=1&b=2)",
            &format!("<p>{}</p>", link("https://a.example/r?a=1&amp;b=2", "Refunds")),
        );
        check(
            "See https://a.example/a_b_c.",
            &format!("<p>See {}.</p>", link("https://a.example/a_b_c", "https://a.example/a_b_c")),
        );
        check(
            "请看https://a.example/退款，谢谢",
            &format!("<p>请看{}退款，谢谢</p>", link("https://a.example/", "https://a.example/")),
        );
        check("**提示：**请稍候", "<p><strong>提示：</strong>请稍候</p>");
        check("请按**“确认”**键", "<p>请按<strong>“确认”</strong>键</p>");
        check("_a_ **b**", "<p>_a_ <strong>b</strong></p>");
        check("<script>1</script> **b**", "<p>&lt;script&gt;1&lt;/script&gt; <strong>b</strong></p>");
        check("`a < b` <b@a.example>", "<p><code>a &lt; b</code> &lt;b@a.example&gt;</p>");
    }

    #[test]
    fn what_is_no_mark_keeps_every_character() {
        let check = |text: &str| assert_eq!(html(text), None, "{text}");
        check("");
        check("Hello!");
        check("2 * 3 * 4 = 24 & <b>no</b>");
        check("__init__.py and _config_.yml");
        check("# 12 is yours");
        check("Total\n---\n5");
        check("+ 5 roubles");
        check(">5 days");
        check("    indented");
        check("<script>alert(1)</script>");
        check("![x](/x.png)");
        check("[x](javascript:alert(1))");
        check("[1]: https://a.example/");
        check("&nbsp; is a space");
        check("| a | b |\n|---|---|\n| 1 | 2 |");
        // Beside a mark, too.
        let beside = |text: &str, expected: &str| {
            let shown = html(&format!("**b**\n\n{text}")).unwrap();
            assert_eq!(shown, format!("<p><strong>b</strong></p>\n{expected}"), "{text}");
        };
        beside("# 12 is *yours*", "<p># 12 is *yours*</p>");
        beside("+ 5\n+ 6", "<p>+ 5<br>\n+ 6</p>");
        beside(">5 days", "<p>&gt;5 days</p>");
        beside("<b onclick=x>&lt;", "<p>&lt;b onclick=x&gt;&amp;lt;</p>");
        beside("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>");
        beside("Total\n---", "<p>Total<br>\n---</p>");
        beside("![x](/x.png)", "<p>![x](/x.png)</p>");
        beside("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>");
    }
}
