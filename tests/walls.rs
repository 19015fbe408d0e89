//! The walls between rooms: which words may stand where, and which room may use which.

use std::path::{Path, PathBuf};

/// A word, and the only places (path prefixes under `src/`) where it may stand.
const WORDS: &[(&str, &[&str])] = &[
    ("sqlx", &["store/"]),
    ("tantivy", &["knowledge/"]),
    ("rust_bert", &["intent/"]),
    ("tch", &["intent/"]),
    // The stand-in for Telegram's servers is a web server too.
    ("axum", &["channel/http/", "app.rs", "testkit/"]),
    ("teloxide", &["channel/telegram/"]),
    ("lettre", &["channel/mail/"]),
    ("infer::", &["desk/"]),
    ("imagesize", &["desk/"]),
    ("Timestamp::now", &["clock.rs"]),
    ("SystemTime::now", &["clock.rs"]),
    ("Zoned::now", &["clock.rs"]),
    ("rand::", &["clock.rs"]),
    // The kill test starts itself again and is told so by a variable, and faults are asked for by one: both are compiled for tests only.
    ("std::env::var", &["cli/", "main.rs", "store/sqlite/trials.rs", "testkit/faults.rs"]),
    ("anyhow", &["main.rs", "cli/", "app.rs", "app/"]),
];

/// A room, and the rooms that it may use beside itself. `main` and `app` may use everything.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("knowledge", &["domain"]),
    ("intent", &["domain"]),
    ("store", &["domain"]),
    ("bus", &["domain"]),
    ("clock", &["domain"]),
    ("config", &["domain"]),
    ("telemetry", &["config"]),
    ("answering", &["domain", "knowledge", "intent", "clock", "bus"]),
    ("desk", &["domain", "answering", "store", "bus", "clock"]),
    ("channel", &["domain", "desk", "store", "answering", "knowledge", "bus", "clock"]),
    ("eval", &["domain", "answering", "desk", "store"]),
    ("testkit", &["domain", "clock"]),
];

/// Doors see these only as values that the desk returns, so importing their working parts is a breach.
const FORBIDDEN_IN_CHANNEL: &[&str] =
    &["store::sqlite", "dyn Store", "impl Store", "store::Store", "KnowledgeBase::load"];

#[test]
fn words_stay_in_their_rooms() {
    let mut breaches = vec![];
    for (file, code) in sources() {
        for (word, rooms) in WORDS {
            if has_word(&code, word) && !rooms.iter().any(|room| file.starts_with(room)) {
                breaches.push(format!("src/{file}: `{word}` belongs in {}", rooms.join(" or ")));
            }
        }
        if file.starts_with("domain/") && code.contains(".await") {
            breaches.push(format!("src/{file}: the domain awaits nothing"));
        }
        if file.starts_with("channel/") {
            for word in FORBIDDEN_IN_CHANNEL.iter().filter(|word| has_word(&code, word)) {
                breaches.push(format!("src/{file}: `{word}`: a door calls the desk, never the store"));
            }
        }
    }
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn arrows_run_one_way() {
    let rooms: Vec<&str> = ARROWS.iter().map(|(room, _)| *room).chain(["app", "cli"]).collect();
    let mut breaches = vec![];
    for (file, code) in sources() {
        let Some((room, allowed)) = ARROWS.iter().find(|(room, _)| is_in(&file, room)) else { continue };
        for used in rooms.iter().filter(|used| *used != room && !allowed.contains(used)) {
            // In words that rustc would resolve: `crate::room::` or `crate::room` in a use list.
            if code.contains(&format!("crate::{used}::")) || code.contains(&format!("crate::{used};")) {
                breaches.push(format!("src/{file}: {room} may not use {used}"));
            }
        }
    }
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn every_room_opens_with_its_card() {
    for (file, _) in sources() {
        if file.ends_with("/mod.rs") && file.matches('/').count() == 1 {
            let text = std::fs::read_to_string(src().join(&file)).unwrap();
            assert!(text.starts_with("//! "), "src/{file} has no card");
            let has_rules = text.contains("//! May") || ["cli/mod.rs", "testkit/mod.rs"].contains(&file.as_str());
            assert!(has_rules, "src/{file}: the card says what the room may and may not do");
        }
    }
}

/// Whether `word` stands there by itself: `tch` does not stand in `watch`.
fn has_word(code: &str, word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    code.match_indices(word).any(|(at, _)| {
        let after = code[at + word.len()..].chars().next();
        !is_part(code[..at].chars().next_back()) && (word.ends_with(':') || !is_part(after))
    })
}

fn is_in(file: &str, room: &str) -> bool {
    file == format!("{room}.rs") || file.starts_with(&format!("{room}/"))
}

/// Every source file, relative to `src/`, without comments and without what only tests see.
fn sources() -> Vec<(String, String)> {
    let mut files = vec![];
    collect(&src(), &mut files);
    assert!(files.len() > 30, "the sources were not found");
    files
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.strip_prefix(src()).unwrap().to_string_lossy().replace('\\', "/");
            let is_only_for_tests = text.contains("\n#![cfg(test)]") || text.contains("\n#![cfg(all(test, ");
            let live = if is_only_for_tests { "" } else { text.split("#[cfg(test)]\nmod tests").next().unwrap_or("") };
            let code = live.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n");
            (name, code)
        })
        .collect()
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}
