//! The lines between `---` at the head of a file, as a small tree that knows where everything stands.
//! Scalars keep their text: `title: 2026` and `- no` are words here, as their author meant them.

use super::finding::Mark;
use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

/// A file taken apart.
pub(super) struct Parts<'a> {
    pub yaml: &'a str,
    pub body: &'a str,
    /// Where the front matter is closed.
    pub closed_at: Mark,
}

/// Why there is no front matter to read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// The first line is not `---`.
    Opening,
    /// No later line is `---`.
    Closing,
}

/// `text` has no byte order mark and no carriage returns.
pub(super) fn split(text: &str) -> Result<Parts<'_>, Missing> {
    let opening = text.split_inclusive('\n').next().filter(|line| is_fence(line)).ok_or(Missing::Opening)?;
    let mut end = opening.len();
    for (number, line) in (2..).zip(text[end..].split_inclusive('\n')) {
        if is_fence(line) {
            let closed_at = Mark { line: number, column: 1 };
            return Ok(Parts { yaml: &text[opening.len()..end], body: &text[end + line.len()..], closed_at });
        }
        end += line.len();
    }
    Err(Missing::Closing)
}

fn is_fence(line: &str) -> bool {
    line.trim_end() == "---"
}

#[derive(Debug, PartialEq)]
pub(super) struct Node {
    pub at: Mark,
    pub value: Value,
}

#[derive(Debug, PartialEq)]
pub(super) enum Value {
    /// Nothing after the colon or the dash, `~` or `null`.
    Nothing,
    Text(String),
    List(Vec<Node>),
    /// Keys and values in order.
    Map(Vec<(Node, Node)>),
}

/// What the YAML itself forbids, with its place.
#[derive(Debug, PartialEq)]
pub(super) struct Broken {
    pub at: Mark,
    pub message: String,
}

/// The first line of the YAML is the second of the file.
const LINES_ABOVE: u32 = 1;

/// The tree of `yaml`; an empty one is an empty map. Aliases are refused: an article has nothing to repeat, and expanding
/// them is how small files become large ones.
pub(super) fn parse(yaml: &str) -> Result<Node, Broken> {
    let mut open: Vec<Node> = vec![];
    let mut keys: Vec<Option<Node>> = vec![];
    let mut done = None;
    for next in Parser::new_from_str(yaml) {
        let (event, span) = next.map_err(|error| broken(&error))?;
        let at = mark(&span);
        let finished = match event {
            Event::Scalar(text, style, ..) => Some(Node { at, value: scalar(&text, style) }),
            Event::SequenceStart(..) => {
                open.push(Node { at, value: Value::List(vec![]) });
                keys.push(None);
                None
            }
            Event::MappingStart(..) => {
                open.push(Node { at, value: Value::Map(vec![]) });
                keys.push(None);
                None
            }
            Event::SequenceEnd | Event::MappingEnd => {
                keys.pop();
                open.pop()
            }
            Event::Alias(..) => {
                return Err(Broken { at, message: "`*` names an anchor; write the value out instead".into() });
            }
            Event::DocumentStart(true, _) if done.is_some() => {
                return Err(Broken { at, message: "a second YAML document begins here; keep one".into() });
            }
            // Comments, and events that only later versions of the parser know.
            _ => None,
        };
        let Some(node) = finished else { continue };
        match (open.last_mut(), keys.last_mut()) {
            (Some(Node { value: Value::List(items), .. }), _) => items.push(node),
            (Some(Node { value: Value::Map(entries), .. }), Some(key)) => match key.take() {
                Some(key) => entries.push((key, node)),
                None => *key = Some(node),
            },
            _ => done = Some(node),
        }
    }
    Ok(done.unwrap_or(Node { at: Mark { line: 1 + LINES_ABOVE, column: 1 }, value: Value::Map(vec![]) }))
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    let plain = matches!(style, ScalarStyle::Plain);
    if plain && matches!(text, "" | "~" | "null") { Value::Nothing } else { Value::Text(text.trim().to_owned()) }
}

fn mark(span: &Span) -> Mark {
    place(span.start.line(), span.start.col())
}

fn broken(error: &ScanError) -> Broken {
    let info = error.info();
    let at = place(error.marker().line(), error.marker().col());
    Broken { at, message: format!("not valid YAML: {info}. Values that contain `: ` or begin with a sign need quotes") }
}

/// The parser counts lines from 1 and columns from 0.
fn place(line: usize, column: usize) -> Mark {
    let bounded = |n: usize| u32::try_from(n).unwrap_or(u32::MAX - LINES_ABOVE);
    Mark { line: bounded(line) + LINES_ABOVE, column: bounded(column + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_apart() {
        let parts = split("---\nid: a\n---\nBody\n---\nmore").expect("both fences");
        assert_eq!(
            (parts.yaml, parts.body, parts.closed_at),
            ("id: a\n", "Body\n---\nmore", Mark { line: 3, column: 1 })
        );
        let parts = split("---  \n---").expect("empty front matter");
        assert_eq!((parts.yaml, parts.body), ("", ""));
        assert_eq!(split("# Read me\n---\n").err(), Some(Missing::Opening));
        assert_eq!(split("").err(), Some(Missing::Opening));
        assert_eq!(split("---\nid: a\n").err(), Some(Missing::Closing));
    }

    #[test]
    fn everything_knows_where_it_stands() {
        let tree = parse("id: a\ntags: [x, 'y z']\nphrases:\n  - one\n  - два: 2\nplan:\n").expect("valid");
        let Value::Map(entries) = tree.value else { panic!("a map") };
        let at = |line, column| Mark { line, column };
        assert_eq!(entries[0].0, Node { at: at(2, 1), value: Value::Text("id".into()) });
        assert_eq!(entries[0].1, Node { at: at(2, 5), value: Value::Text("a".into()) });
        let Value::List(tags) = &entries[1].1.value else { panic!("a list") };
        assert_eq!(tags[1], Node { at: at(3, 11), value: Value::Text("y z".into()) });
        let Value::List(phrases) = &entries[2].1.value else { panic!("a list") };
        assert_eq!(phrases[0].at, at(5, 5));
        assert!(matches!(phrases[1], Node { value: Value::Map(_), .. }));
        assert_eq!(phrases[1].at, at(6, 5));
        assert_eq!(entries[3].1.value, Value::Nothing);
    }

    #[test]
    fn what_yaml_forbids_has_a_place() {
        let check = |yaml: &str, line, column| {
            let broken = parse(yaml).expect_err(yaml);
            assert_eq!(broken.at, Mark { line, column }, "{yaml:?}: {}", broken.message);
        };
        check("id: a\ntitle: When: now\n", 3, 12);
        check("a: &x 1\nb: *x\n", 3, 4);
        check("id: [a\n", 2, 5);
        check("a: 1\n\tb: 2\n", 2, 4);
    }
}
