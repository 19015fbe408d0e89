//! Sanitised HTML of an article → marked text that Telegram can show. Pure.
//!
//! Telegram knows inline marks, quotes and code, but no blocks: paragraphs and headings become blank lines, list items
//! lines with "• " or "1. ", table rows lines. What it does not know loses its tag and keeps its words.

use super::rich::{Marks, Rich};

pub fn rich(html: &str) -> Rich {
    let mut writer = Writer::default();
    let mut rest = html;
    while !rest.is_empty() {
        let (token, after) = next_token(rest);
        match token {
            Token::Text(text) => writer.text(&decoded(text)),
            Token::Open { name, attributes } => writer.open(&name, attributes),
            Token::Close { name } => writer.close(&name),
            Token::Comment => {}
        }
        rest = after;
    }
    writer.out
}

enum Token<'a> {
    Text(&'a str),
    Open { name: String, attributes: &'a str },
    Close { name: String },
    Comment,
}

/// The input comes from a sanitiser, so its tags are whole; anything else is taken as text.
fn next_token(rest: &str) -> (Token<'_>, &str) {
    if let Some(comment) = rest.strip_prefix("<!--") {
        let after = comment.find("-->").map_or("", |end| &comment[end + 3..]);
        return (Token::Comment, after);
    }
    if let Some(tag) = rest.strip_prefix('<') {
        let is_closing = tag.starts_with('/');
        let body = tag.strip_prefix('/').unwrap_or(tag);
        let begins_name = body.starts_with(|c: char| c.is_ascii_alphabetic());
        if let (true, Some(end)) = (begins_name, tag_end(body)) {
            let inside = body[..end].trim_end_matches('/');
            let name_len = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(inside.len());
            let name = inside[..name_len].to_ascii_lowercase();
            let after = &body[end + 1..];
            let token =
                if is_closing { Token::Close { name } } else { Token::Open { name, attributes: &inside[name_len..] } };
            return (token, after);
        }
        let end = tag.find('<').map_or(rest.len(), |at| at + 1);
        return (Token::Text(&rest[..end]), &rest[end..]);
    }
    let end = rest.find('<').unwrap_or(rest.len());
    (Token::Text(&rest[..end]), &rest[end..])
}

/// Where `>` stands outside quotes.
fn tag_end(body: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in body.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None | Some(_), _) => {}
        }
    }
    None
}

fn attribute(attributes: &str, wanted: &str) -> Option<String> {
    let mut rest = attributes.trim_start();
    while !rest.is_empty() {
        let name_len = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let name = &rest[..name_len];
        let after_name = rest[name_len..].trim_start();
        let (value, after) = match after_name.strip_prefix('=').map(str::trim_start) {
            None => ("", after_name),
            Some(quoted) if quoted.starts_with(['"', '\'']) => {
                let inner = &quoted[1..];
                let end = inner.find(&quoted[..1]).unwrap_or(inner.len());
                (&inner[..end], inner.get(end + 1..).unwrap_or(""))
            }
            Some(bare) => bare.split_at(bare.find(char::is_whitespace).unwrap_or(bare.len())),
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(decoded(value));
        }
        if name.is_empty() && after.len() == rest.len() {
            return None;
        }
        rest = after.trim_start();
    }
    None
}

/// Character references: the named ones that sanitisers write, and all numeric ones.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let reference = &rest[at + 1..];
        let known =
            reference.find(';').filter(|end| *end <= 10).and_then(|end| Some((character(&reference[..end])?, end)));
        match known {
            Some((c, end)) => {
                out.push(c);
                rest = &reference[end + 1..];
            }
            None => {
                out.push('&');
                rest = reference;
            }
        }
    }
    out + rest
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        numeric => {
            let digits = numeric.strip_prefix('#')?;
            let hexadecimal = digits.strip_prefix(['x', 'X']).map(|hex| u32::from_str_radix(hex, 16).ok());
            char::from_u32(hexadecimal.unwrap_or_else(|| digits.parse().ok())?)
        }
    }
}

#[derive(Default)]
struct Writer {
    out: Rich,
    marks: Marks,
    /// What each open inline tag found, to be put back when it closes.
    before: Vec<(String, Marks)>,
    lists: Vec<List>,
    /// Line breaks owed before the next word.
    breaks: usize,
    /// A list item or a table cell has just begun: its own paragraph begins on the same line.
    is_after_bullet: bool,
    is_in_row: bool,
    n_quotes: u32,
    /// An address that `a` shows in words, and the words so far.
    address: Option<(String, String)>,
}

struct List {
    /// The number of the next item; `None`: bullets.
    next: Option<u32>,
}

impl Writer {
    fn open(&mut self, name: &str, attributes: &str) {
        match name {
            "b" | "strong" => self.mark(name, |marks| marks.bold = true),
            "i" | "em" | "cite" | "dfn" | "var" => self.mark(name, |marks| marks.italic = true),
            "u" | "ins" => self.mark(name, |marks| marks.underline = true),
            "s" | "del" | "strike" => self.mark(name, |marks| marks.strike = true),
            "code" | "kbd" | "samp" | "tt" => self.mark(name, |marks| marks.code = true),
            "a" => self.open_link(attribute(attributes, "href").unwrap_or_default()),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.block();
                self.mark(name, |marks| marks.bold = true);
            }
            "th" => {
                self.cell();
                self.mark(name, |marks| marks.bold = true);
            }
            "td" => self.cell(),
            "tr" => {
                self.line();
                self.is_in_row = false;
            }
            "pre" => {
                self.block();
                self.mark(name, |marks| marks.pre = true);
            }
            "blockquote" => {
                self.block();
                self.n_quotes += 1;
                let quote = self.n_quotes;
                // Quotes do not nest in Telegram: the outer one stays.
                self.mark(name, |marks| marks.quote = marks.quote.or(Some(quote)));
            }
            "ul" => self.open_list(None),
            "ol" => self.open_list(Some(attribute(attributes, "start").and_then(|n| n.parse().ok()).unwrap_or(1))),
            "li" => self.open_item(),
            "br" if self.marks.pre => self.text("\n"),
            "br" => self.breaks = (self.breaks + 1).min(2),
            "img" => self.text(&attribute(attributes, "alt").unwrap_or_default()),
            "p" | "div" | "section" | "table" | "hr" | "dl" | "details" | "figure" => self.block(),
            "dt" | "dd" | "summary" | "figcaption" | "caption" => self.line(),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "a" => self.close_link(),
            "ul" | "ol" => {
                self.lists.pop();
                self.block();
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "pre" | "blockquote" => {
                self.unmark(name);
                self.block();
            }
            "li" | "tr" | "dt" | "dd" | "summary" | "figcaption" | "caption" => {
                self.is_after_bullet = false;
                self.line();
            }
            "p" | "div" | "section" | "table" | "dl" | "details" | "figure" => self.block(),
            inline => self.unmark(inline),
        }
    }

    fn mark(&mut self, name: &str, change: impl FnOnce(&mut Marks)) {
        self.before.push((name.to_owned(), self.marks.clone()));
        change(&mut self.marks);
    }

    fn unmark(&mut self, name: &str) {
        if let Some(at) = self.before.iter().rposition(|(open, _)| open == name) {
            self.marks = self.before[at].1.clone();
            self.before.truncate(at);
        }
    }

    /// Words. Outside `pre`, white space is one space, and none begins a line.
    fn text(&mut self, text: &str) {
        if self.marks.pre {
            // The last break may be the one that Markdown leaves before `</pre>`: owed, and paid only if more code follows.
            let code = text.strip_suffix('\n').unwrap_or(text);
            if !code.is_empty() {
                self.write(code);
            }
            self.breaks += text.len() - code.len();
            return;
        }
        let is_space = |c: char| c.is_ascii_whitespace();
        let begins_line =
            self.breaks > 0 || self.is_after_bullet || self.ends_with(|c| c.is_whitespace()) || self.is_empty();
        let mut words = text.split(is_space).filter(|word| !word.is_empty()).peekable();
        if words.peek().is_none() {
            if !text.is_empty() && !begins_line {
                self.put(" ");
            }
            return;
        }
        let mut line = words.collect::<Vec<_>>().join(" ");
        if text.starts_with(is_space) && !begins_line {
            line.insert(0, ' ');
        }
        if text.ends_with(is_space) {
            line.push(' ');
        }
        self.write(&line);
    }

    /// Pays the breaks owed, then writes.
    fn write(&mut self, text: &str) {
        let n_breaks = if self.is_empty() { 0 } else { self.breaks };
        self.breaks = 0;
        self.is_after_bullet = false;
        if n_breaks > 0 {
            // A break within a quote or within code belongs to it, or it would fall apart.
            let last = self.out.last_marks().cloned().unwrap_or_default();
            let quote = self.marks.quote.filter(|_| last.quote == self.marks.quote);
            let marks = if last == self.marks { last } else { Marks { quote, ..Marks::default() } };
            self.out.push(&"\n".repeat(n_breaks), marks);
        }
        self.put(text);
    }

    fn put(&mut self, text: &str) {
        if let Some((_, words)) = &mut self.address {
            words.push_str(text);
        }
        self.out.push(text, self.marks.clone());
    }

    fn block(&mut self) {
        // Items of a list and cells of a row stand close together.
        let wanted = if self.lists.is_empty() { 2 } else { 1 };
        if !self.is_after_bullet {
            self.breaks = self.breaks.max(wanted);
        }
    }

    fn line(&mut self) {
        if !self.is_after_bullet {
            self.breaks = self.breaks.max(1);
        }
    }

    fn open_list(&mut self, next: Option<u32>) {
        self.is_after_bullet = false;
        self.block();
        self.lists.push(List { next });
    }

    fn open_item(&mut self) {
        self.is_after_bullet = false;
        self.line();
        let indent = "   ".repeat(self.lists.len().saturating_sub(1));
        let bullet = match self.lists.last_mut().and_then(|list| list.next.as_mut()) {
            Some(next) => {
                let bullet = format!("{indent}{next}. ");
                *next = next.saturating_add(1);
                bullet
            }
            None => format!("{indent}• "),
        };
        self.write(&bullet);
        self.is_after_bullet = true;
    }

    fn cell(&mut self) {
        if self.is_in_row {
            self.write(if self.ends_with(|c| c == ' ') { "| " } else { " | " });
        }
        self.is_in_row = true;
        self.is_after_bullet = true;
    }

    /// Telegram follows only addresses of these kinds. Of others, those that a reader can use are put into words.
    fn open_link(&mut self, href: String) {
        let lower = href.to_ascii_lowercase();
        if ["http://", "https://", "tg://"].iter().any(|scheme| lower.starts_with(scheme)) {
            self.mark("a", |marks| marks.link = Some(href.into()));
            return;
        }
        self.mark("a", |_| {});
        if let Some((_, address)) =
            href.split_once(':').filter(|_| lower.starts_with("mailto:") || lower.starts_with("tel:"))
        {
            self.address = Some((address.to_owned(), String::new()));
        }
    }

    fn close_link(&mut self) {
        self.unmark("a");
        if let Some((address, words)) = self.address.take().filter(|(address, words)| !words.contains(address)) {
            self.put(&if words.trim().is_empty() { address } else { format!(" ({address})") });
        }
    }

    fn is_empty(&self) -> bool {
        self.out.last_marks().is_none()
    }

    fn ends_with(&self, is: impl Fn(char) -> bool) -> bool {
        self.out.last_char().is_some_and(is)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_of_html() {
        let check = |html: &str, expected: &str| assert_eq!(rich(html).html().trim_end(), expected, "{html}");
        check("", "");
        check("plain", "plain");
        check("<p>One.</p>\n<p>Two.</p>\n", "One.\n\nTwo.");
        check("<p>One<br>\ntwo</p>", "One\ntwo");
        check("<h2>Title</h2>\n<p>Text</p>", "<b>Title</b>\n\nText");
        check("<p>a <strong>b</strong> <em>c</em> <u>d</u> <del>e</del></p>", "a <b>b</b> <i>c</i> <u>d</u> <s>e</s>");
        check("<p>Press <code>&lt;Esc&gt;</code> &amp; wait</p>", "Press <code>&lt;Esc&gt;</code> &amp; wait");
        check("<pre><code class=\"language-sh\">a  b\n  c\n</code></pre><p>d</p>", "<pre>a  b\n  c</pre>\n\nd");
        check(
            "<blockquote>\n<p>One</p>\n<p>Two</p>\n</blockquote>\n<p>Three</p>",
            "<blockquote>One\n\nTwo</blockquote>\n\nThree",
        );
        check(
            "<blockquote><p>a</p></blockquote><blockquote><p>b</p></blockquote>",
            "<blockquote>a</blockquote>\n\n<blockquote>b</blockquote>",
        );
    }

    #[test]
    fn lists_become_lines() {
        let check = |html: &str, expected: &str| assert_eq!(rich(html).plain().trim_end(), expected, "{html}");
        check("<p>Do:</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n<p>Then</p>", "Do:\n\n• one\n• two\n\nThen");
        check("<ol>\n<li>one</li>\n<li>two</li>\n</ol>", "1. one\n2. two");
        check("<ol start=\"3\"><li>three</li></ol>", "3. three");
        check("<ul>\n<li>\n<p>loose</p>\n</li>\n<li>\n<p>list</p>\n<p>more</p>\n</li>\n</ul>", "• loose\n• list\nmore");
        check("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "• a\n   • b\n• c");
        check("<ul><li><ol><li>deep</li></ol></li></ul>", "• \n   1. deep");
    }

    #[test]
    fn tables_become_lines() {
        let html = "<table><thead><tr><th>Where</th><th>Days</th></tr></thead><tbody>\n<tr><td>City</td><td>1–2</td></tr></tbody></table><p>x</p>";
        assert_eq!(rich(html).html(), "<b>Where</b> | <b>Days</b>\nCity | 1–2\n\nx");
    }

    #[test]
    fn links() {
        let check = |html: &str, expected: &str| assert_eq!(rich(html).html(), expected, "{html}");
        check(
            "<a href=\"https://a.example/?b=1&amp;c=2\" rel=\"noopener\">here</a>.",
            "<a href=\"https://a.example/?b=1&amp;c=2\">here</a>.",
        );
        check("<a href='https://a.example'>x</a>", "<a href=\"https://a.example\">x</a>");
        check("See <a href=\"/returns\">returns</a>", "See returns");
        check("<a href=\"mailto:help@a.example\">Write to us</a>!", "Write to us (help@a.example)!");
        check("<a href=\"mailto:help@a.example\">help@a.example</a>", "help@a.example");
        check("<a href=\"javascript:alert(1)\">x</a>", "x");
        check("<a>x</a>", "x");
    }

    #[test]
    fn whatever_comes_stays_readable() {
        let check = |html: &str, expected: &str| assert_eq!(rich(html).html(), expected, "{html}");
        check("a < b", "a &lt; b");
        check("a <b", "a &lt;b");
        check("a <3 <b>c</b>", "a &lt;3 <b>c</b>");
        check("a<!-- secret -->b", "ab");
        check("a<!-- open", "a");
        check("<b>a<i>b</b>c</i>", "<b>a<i>b</i></b>c");
        check("</b>a</p>", "a");
        check("<video><span title=\"x>y\">a</span></video>", "a");
        check("<img src=\"x.png\" alt=\"The reset button\">", "The reset button");
        check("&#128512;&#x1F600; &hearts; &", "😀😀 &amp;hearts; &amp;");
        check("AT&amp;amp;T", "AT&amp;amp;T");
        check("一&nbsp;二", "一\u{a0}二");
    }
}
