//! The keys of a file's front matter, read as what an article wants them to be; what is otherwise becomes a finding.

use super::finding::{Finding, Mark};
use super::front_matter::{Node, Value};

pub(super) const KEYS: [&str; 12] = [
    "id",
    "title",
    "language",
    "phrases",
    "tags",
    "queue",
    "handoff",
    "plan",
    "suggests",
    "channels",
    "valid_from",
    "valid_until",
];

/// A value and where it stands.
pub(super) type Placed = (String, Mark);

pub(super) struct Keys<'a> {
    pub file: &'a str,
    pub findings: Vec<Finding>,
    entries: Vec<Entry>,
}

struct Entry {
    key: &'static str,
    key_at: Mark,
    value: Node,
}

impl<'a> Keys<'a> {
    pub fn of(file: &'a str) -> Self {
        Self { file, findings: vec![], entries: vec![] }
    }

    /// Keeps the keys that an article has; the others are findings.
    pub fn fill(&mut self, pairs: Vec<(Node, Node)>) {
        for (key, value) in pairs {
            let Value::Text(name) = key.value else {
                self.fail("broken_yaml", key.at, "a key must be a word");
                continue;
            };
            match KEYS.into_iter().find(|known| *known == name) {
                Some(known) if self.has(known) => {
                    self.fail("duplicate_key", key.at, format!("`{name}` stands here a second time: keep one"));
                }
                Some(known) => self.entries.push(Entry { key: known, key_at: key.at, value }),
                None => {
                    let advice = nearest_key(&name).map_or_else(
                        || format!("the keys are {}", KEYS.join(", ")),
                        |near| format!("did you mean `{near}`?"),
                    );
                    self.fail("unknown_key", key.at, format!("unknown key `{name}`: {advice}"));
                }
            }
        }
    }

    pub fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// Where the value of `key` stands, its name where the value is missing, or the head of the file.
    pub fn place(&self, key: &str) -> Mark {
        self.entry(key).map_or(Mark::START, |entry| match entry.value.value {
            Value::Nothing => entry.key_at,
            Value::Text(_) | Value::List(_) | Value::Map(_) => entry.value.at,
        })
    }

    /// One value. Nothing after the colon counts as no key at all.
    pub fn text(&mut self, key: &'static str) -> Option<Placed> {
        let entry = self.entry(key)?;
        let at = entry.value.at;
        match &entry.value.value {
            Value::Text(text) if !text.is_empty() => Some((text.clone(), at)),
            Value::Text(_) | Value::Nothing => None,
            Value::List(_) | Value::Map(_) => {
                self.fail("wrong_type", at, format!("`{key}` takes one value, in quotes if it contains `: `"));
                None
            }
        }
    }

    /// One value that must be there; empty when it is not.
    pub fn required(&mut self, key: &'static str, code: &'static str, what: &str) -> String {
        let found = self.text(key);
        let is_other = self.entry(key).is_some_and(|e| matches!(e.value.value, Value::List(_) | Value::Map(_)));
        if found.is_none() && !is_other {
            let at = self.place(key);
            self.fail(code, at, format!("`{key}` is missing: {what}"));
        }
        found.map(|(text, _)| text).unwrap_or_default()
    }

    /// A list of values.
    pub fn texts(&mut self, key: &'static str) -> Vec<Placed> {
        let Some(entry) = self.entry(key) else { return vec![] };
        let at = entry.value.at;
        let (mut texts, mut wrong, mut empty) = (vec![], vec![], vec![]);
        match &entry.value.value {
            Value::Nothing => {}
            Value::List(items) => {
                for item in items {
                    match &item.value {
                        Value::Text(text) if !text.is_empty() => texts.push((text.clone(), item.at)),
                        Value::Text(_) | Value::Nothing => empty.push(item.at),
                        Value::List(_) => {
                            wrong.push((item.at, "an item is a list itself: give each value its own `-`"))
                        }
                        Value::Map(_) => wrong.push((item.at, "an item contains `: `: put it in quotes")),
                    }
                }
            }
            Value::Text(_) | Value::Map(_) => {
                wrong.push((at, "it takes a list: write `- ` lines below it, or `[a, b]`"))
            }
        }
        for at in empty {
            self.warn("empty_item", at, format!("`{key}`: an item is empty and left out: fill or remove it"));
        }
        for (at, what) in wrong {
            self.fail("wrong_type", at, format!("`{key}`: {what}"));
        }
        texts
    }

    pub fn fail(&mut self, code: &'static str, at: Mark, message: impl Into<String>) {
        self.findings.push(Finding::error(code, self.file, at, message));
    }

    pub fn warn(&mut self, code: &'static str, at: Mark, message: impl Into<String>) {
        self.findings.push(Finding::warning(code, self.file, at, message));
    }

    fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

const MAX_SLIPS: usize = 2;
/// A longer name is no slip of the pen.
const MAX_KEY_BYTES: usize = 32;

/// The key that a slip of at most `MAX_SLIPS` letters makes `name` of.
fn nearest_key(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    let likely = (3..=MAX_KEY_BYTES).contains(&name.len());
    let slips = |key: &&'static str| slips(&name, key);
    KEYS.into_iter().filter(|_| likely).min_by_key(slips).filter(|key| slips(key) <= MAX_SLIPS)
}

/// Levenshtein's distance, in bytes; keys are ASCII.
fn slips(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen_are_guessed() {
        let check = |name: &str, key: Option<&str>| assert_eq!(nearest_key(name), key, "{name}");
        check("frases", Some("phrases"));
        check("Title", Some("title"));
        check("valid-from", Some("valid_from"));
        check("sugests", Some("suggests"));
        check("layout", None);
        check("x", None);
        check("заголовок", None);
    }
}
