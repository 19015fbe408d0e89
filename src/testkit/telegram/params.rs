//! Parameters of a call, from wherever the Bot API allows them: the query, a JSON body, a form, a multipart form.

use super::Refused;
use serde_json::{Map, Value};
use std::collections::HashMap;

#[derive(Debug, Default)]
pub struct Params {
    fields: Map<String, Value>,
    files: HashMap<String, GivenFile>,
}

/// A file in a multipart form.
#[derive(Debug)]
pub struct GivenFile {
    pub name: String,
    pub bytes: Vec<u8>,
}

impl Params {
    pub fn read(query: Option<&str>, content_type: &str, body: &[u8]) -> Result<Self, Refused> {
        let mut fields = form(query.unwrap_or_default().as_bytes());
        let mut files = HashMap::new();
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        fields.extend(match kind.as_str() {
            "application/json" if !body.is_empty() => {
                serde_json::from_slice(body).map_err(|_| Refused::bad_request("can't parse JSON object"))?
            }
            "application/x-www-form-urlencoded" => form(body),
            "multipart/form-data" => multipart(content_type, body, &mut files)
                .ok_or_else(|| Refused::bad_request("can't parse multipart form"))?,
            _ => Map::new(),
        });
        Ok(Self { fields, files })
    }

    pub fn file(&self, name: &str) -> Option<&GivenFile> {
        self.files.get(name)
    }

    /// Numbers may come as text.
    pub fn int(&self, name: &str) -> Option<i64> {
        let value = self.fields.get(name)?;
        value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.as_str()
    }

    /// Objects and lists come as themselves in JSON, and as JSON text in forms. `Null` when absent.
    pub fn json(&self, name: &str) -> Result<Value, Refused> {
        match self.fields.get(name) {
            None => Ok(Value::Null),
            Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| {
                Refused::bad_request(&format!("can't parse {}: Can't parse JSON object", name.replace('_', " ")))
            }),
            Some(other) => Ok(other.clone()),
        }
    }
}

fn form(text: &[u8]) -> Map<String, Value> {
    url::form_urlencoded::parse(text)
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect()
}

/// RFC 7578, as far as clients of the Bot API go.
fn multipart(content_type: &str, body: &[u8], files: &mut HashMap<String, GivenFile>) -> Option<Map<String, Value>> {
    let boundary = content_type.split("boundary=").nth(1)?.split(';').next()?.trim().trim_matches('"');
    let delimiter = format!("--{boundary}");
    let mut fields = Map::new();
    let mut rest = &body[find(body, delimiter.as_bytes())? + delimiter.len()..];
    loop {
        if rest.starts_with(b"--") {
            return Some(fields);
        }
        rest = rest.strip_prefix(b"\r\n")?;
        let end = find(rest, delimiter.as_bytes())?;
        let part = rest[..end].strip_suffix(b"\r\n")?;
        rest = &rest[end + delimiter.len()..];
        let at = find(part, b"\r\n\r\n")?;
        let (head, value) = (String::from_utf8_lossy(&part[..at]), &part[at + 4..]);
        let quoted = |name: &str| Some(head.split(name).nth(1)?.split('"').next()?.to_owned());
        let name = quoted(" name=\"")?;
        match quoted("filename=\"") {
            Some(file) => {
                files.insert(name, GivenFile { name: file, bytes: value.to_vec() });
            }
            None => {
                fields.insert(name, Value::String(String::from_utf8_lossy(value).into_owned()));
            }
        }
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_from_everywhere() {
        let check = |query: Option<&str>, content_type: &str, body: &str| {
            let Ok(params) = Params::read(query, content_type, body.as_bytes()) else {
                panic!("{content_type} is not read")
            };
            assert_eq!(params.int("chat_id"), Some(-7), "{content_type}");
            assert_eq!(params.text("text"), Some("a b+ü"), "{content_type}");
            assert_eq!(params.json("reply_markup").ok().unwrap()["x"][0], 1, "{content_type}");
            assert_eq!(params.json("entities").ok().unwrap(), Value::Null);
        };
        let form = "chat_id=-7&text=a+b%2B%C3%BC&reply_markup=%7B%22x%22%3A%5B1%5D%7D";
        check(Some(form), "", "");
        check(None, "application/x-www-form-urlencoded", form);
        check(None, "application/json; charset=utf-8", r#"{"chat_id":-7,"text":"a b+ü","reply_markup":{"x":[1]}}"#);
        check(None, "application/json", r#"{"chat_id":"-7","text":"a b+ü","reply_markup":"{\"x\":[1]}"}"#);
        let part = |name: &str, value: &str| {
            format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let parts =
            part("chat_id", "-7") + &part("text", "a b+ü") + &part("reply_markup", r#"{"x":[1]}"#) + "--B--\r\n";
        check(None, "multipart/form-data; boundary=B", &parts);
    }

    #[test]
    fn unreadable_bodies_are_refused() {
        let check = |content_type: &str, body: &str| {
            assert!(
                Params::read(None, content_type, body.as_bytes()).is_err_and(|refused| refused.code == 400),
                "{body}"
            );
        };
        check("application/json", "{");
        check("application/json", "[1]");
        check("multipart/form-data", "--B--");
        check("multipart/form-data; boundary=B", "--B\r\n");
    }
}
