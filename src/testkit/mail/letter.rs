//! A letter as it came in, and what a reader would see of it.

/// Taken by the stand-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Of the envelope.
    pub from: String,
    pub to: String,
    pub raw: String,
    pub was_encrypted: bool,
}

impl Letter {
    /// The first header of this name, unfolded; encoded words stay encoded.
    pub fn header(&self, name: &str) -> Option<String> {
        let (headers, _) = self.raw.split_once("\r\n\r\n")?;
        let unfolded = headers.replace("\r\n ", " ").replace("\r\n\t", " ");
        let of_name = |line: &str| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        };
        unfolded.split("\r\n").find_map(of_name)
    }

    pub fn message_id(&self) -> String {
        self.header("Message-ID").expect("every letter has one")
    }

    pub fn text(&self) -> String {
        self.part("text/plain")
    }

    pub fn html(&self) -> String {
        self.part("text/html")
    }

    /// Whose body is base64, as Firstline writes it.
    fn part(&self, kind: &str) -> String {
        let boundary = self.header("Content-Type").unwrap_or_default();
        let boundary = boundary.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next());
        let boundary = format!("--{}", boundary.expect("a letter has several parts"));
        let of_kind = |part: &&str| part.contains(&format!("Content-Type: {kind}"));
        let part = self.raw.split(&boundary).find(of_kind).unwrap_or_else(|| panic!("no {kind} in {}", self.raw));
        let (_, body) = part.split_once("\r\n\r\n").expect("a part has headers");
        String::from_utf8(from_base64(body)).expect("it is UTF-8").replace("\r\n", "\n")
    }
}

/// RFC 4648, section 4; what is no digit is passed over.
pub(super) fn from_base64(text: &str) -> Vec<u8> {
    let value = |c: u8| match c {
        b'A'..=b'Z' => Some(c - b'A'),
        b'a'..=b'z' => Some(c - b'a' + 26),
        b'0'..=b'9' => Some(c - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut out, mut bits, mut n_bits) = (vec![], 0u32, 0);
    for digit in text.bytes().filter_map(value) {
        bits = bits << 6 | u32::from(digit);
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            out.push((bits >> n_bits) as u8);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read() {
        let check = |text: &str, expected: &str| assert_eq!(from_base64(text), expected.as_bytes(), "{text}");
        check("", "");
        check("Zg==", "f");
        check("Zm9v\r\nYmFy", "foobar");
        check("0L/RgNC40LLQtdGC", "привет");
    }
}
