//! Who a mail is from or to: `Shop <help@shop.example>`. What is no such thing cannot be made, so no line break ever reaches a header.

use super::contacts;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    name: Option<String>,
    address: String,
}

/// RFC 5322, 2.1.1: a line should have at most 78 characters, and encoded words make a name longer.
const MAX_NAME_CHARS: usize = 60;

impl Mailbox {
    /// `help@shop.example`, `Shop <help@shop.example>` or `"The Shop" <help@shop.example>`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let Some((name, rest)) = text.split_once('<') else {
            return contacts::email(text).map(|address| Self { name: None, address });
        };
        let name = name.trim().trim_matches('"').trim();
        let is_plain = |c: char| !c.is_control() && !matches!(c, '"' | '\\' | '<' | '>');
        if name.chars().count() > MAX_NAME_CHARS || !name.chars().all(is_plain) {
            return None;
        }
        let address = contacts::email(rest.strip_suffix('>')?)?;
        Some(Self { name: (!name.is_empty()).then(|| name.to_owned()), address })
    }

    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// What stands behind the `@`.
    pub fn domain(&self) -> &str {
        self.address.rsplit('@').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_it_is() {
        let check = |text: &str, expected: Option<(Option<&str>, &str)>| {
            let read = Mailbox::parse(text);
            assert_eq!(read.as_ref().map(|mailbox| (mailbox.name(), mailbox.address())), expected, "{text:?}");
        };
        check("help@shop.example", Some((None, "help@shop.example")));
        check(" Shop <help@shop.example> ", Some((Some("Shop"), "help@shop.example")));
        check("\"The Shop, Ltd.\" <Help@shop.example>", Some((Some("The Shop, Ltd."), "Help@shop.example")));
        check("茶葉店 <help@shop.example>", Some((Some("茶葉店"), "help@shop.example")));
        check("<help@shop.example>", Some((None, "help@shop.example")));
        check("Shop help@shop.example", None);
        check("Shop <help@shop.example", None);
        check("Shop\r\nBcc: x@y.example <help@shop.example>", None);
        check("Shop <a@b.example, c@d.example>", None);
        check("Shop", None);
        check("", None);
    }
}
