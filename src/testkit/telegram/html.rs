//! Telegram's HTML: what it accepts, and what it says about the rest (Bot API, "HTML style"; errors as TDLib words them).

/// The words without tags, trimmed as Telegram trims them; or why the text is refused.
pub fn read(html: &str) -> Result<String, String> {
    let mut reader = Reader { html, at: 0, out: String::new(), open: vec![] };
    while let Some(c) = reader.rest().chars().next() {
        match c {
            '<' if reader.rest().starts_with("</") => reader.end_tag()?,
            '<' => reader.start_tag()?,
            '&' => reader.reference(),
            other => {
                reader.out.push(other);
                reader.at += other.len_utf8();
            }
        }
    }
    match reader.open.last() {
        Some(tag) => Err(format!("Can't find end tag corresponding to start tag \"{tag}\"")),
        None => Ok(reader.out.trim().to_owned()),
    }
}

const TAGS: [&str; 16] = [
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "span",
    "pre",
    "code",
    "blockquote",
];

struct Reader<'a> {
    html: &'a str,
    at: usize,
    out: String,
    open: Vec<String>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.html[self.at..]
    }

    fn start_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        let inside = &self.rest()[1..];
        let unclosed = || format!("Unclosed start tag at byte offset {begin}");
        let name_len = inside.find(|c: char| c.is_ascii_whitespace() || c == '>').ok_or_else(unclosed)?;
        let name = inside[..name_len].to_ascii_lowercase();
        if !TAGS.contains(&name.as_str()) {
            return Err(format!("Unsupported start tag \"{name}\" at byte offset {begin}"));
        }
        let mut rest = &inside[name_len..];
        let mut is_spoiler = false;
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix('>') {
                self.at = self.html.len() - after.len();
                break;
            }
            let attribute_len =
                rest.find(|c: char| c.is_ascii_whitespace() || c == '=' || c == '>').ok_or_else(unclosed)?;
            let attribute = &rest[..attribute_len];
            if attribute.is_empty() {
                return Err(format!("Empty attribute name in the tag \"{name}\" at byte offset {begin}"));
            }
            let after = rest[attribute_len..].trim_start();
            let Some(value) = after.strip_prefix('=').map(str::trim_start) else {
                if name == "blockquote" && attribute == "expandable" {
                    rest = after;
                    continue;
                }
                return Err(format!(
                    "Expected equal sign in declaration of an attribute of the tag \"{name}\" at byte offset {begin}"
                ));
            };
            let (value, after) = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).ok_or_else(unclosed)?,
                Some(_) | None => {
                    let token = |c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-');
                    value.split_at(value.find(token).ok_or_else(unclosed)?)
                }
            };
            is_spoiler |= attribute == "class" && value == "tg-spoiler";
            rest = after;
        }
        if name == "span" && !is_spoiler {
            return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
        }
        self.open.push(name);
        Ok(())
    }

    fn end_tag(&mut self) -> Result<(), String> {
        let begin = self.at;
        let Some(expected) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        let inside = &self.rest()[2..];
        let Some((name, after)) = inside.split_once('>') else {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        };
        let name = name.trim_end().to_ascii_lowercase();
        if !name.is_empty() && name != expected {
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{expected}>\", found \"</{name}>\""
            ));
        }
        self.at = self.html.len() - after.len();
        Ok(())
    }

    /// Four names and all numbers; anything else after `&` stands for itself.
    fn reference(&mut self) {
        let inside = &self.rest()[1..];
        let name_len = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '#').unwrap_or(inside.len());
        let name = &inside[..name_len];
        let number = name.strip_prefix('#').and_then(|digits| match digits.strip_prefix('x') {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok(),
            None => digits.parse().ok(),
        });
        let c = match name {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "quot" => Some('"'),
            _ => number.filter(|n| *n > 0).and_then(char::from_u32),
        };
        match c {
            Some(c) => {
                self.out.push(c);
                self.at += 1 + name_len + usize::from(inside[name_len..].starts_with(';'));
            }
            None => {
                self.out.push('&');
                self.at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_telegram_accepts() {
        let check = |html: &str, text: &str| assert_eq!(read(html).as_deref(), Ok(text), "{html}");
        check("plain", "plain");
        check("  a \n", "a");
        check("<b>a <i>b</i></b> <U>c</U>", "a b c");
        check("<a href=\"https://a.example/?x=1&amp;y='2'\">x</a>", "x");
        check("<a href='https://a.example'>x</a>", "x");
        check("<pre><code class=\"language-rust\">a &lt; b</code></pre>", "a < b");
        check("<span class=\"tg-spoiler\">a</span>", "a");
        check("<blockquote expandable>a</blockquote>", "a");
        check("<b>a</>", "a");
        check("AT&T & > &#128512;&#x1F600; &quot;&nbsp;&#0;", "AT&T & > 😀😀 \"&nbsp;&#0;");
    }

    #[test]
    fn what_telegram_refuses() {
        let check = |html: &str, why: &str| assert_eq!(read(html), Err(why.to_owned()), "{html}");
        check("<p>a</p>", "Unsupported start tag \"p\" at byte offset 0");
        check("字<br>", "Unsupported start tag \"br\" at byte offset 3");
        check("1 < 2 >", "Unsupported start tag \"\" at byte offset 2");
        check("1 <2", "Unclosed start tag at byte offset 2");
        check("<b>a", "Can't find end tag corresponding to start tag \"b\"");
        check("a</b>", "Unexpected end tag at byte offset 1");
        check("<b>a</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\"");
        check("<b><i>a</b></i>", "Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\"");
        check("<b>a</b", "Unclosed end tag at byte offset 4");
        check("<span>a</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0");
        check("<a href>x</a>", "Expected equal sign in declaration of an attribute of the tag \"a\" at byte offset 0");
        check("<a href=\"x>y</a>", "Unclosed start tag at byte offset 0");
    }
}
