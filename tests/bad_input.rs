//! Bad input: each a clear message with what to do, an exit code, nothing lost.

use crate::cast::{Server, Setup, binary};
use std::path::Path;

/// Runs the binary and returns its exit code with everything that it printed.
fn run(args: &[&str], env: &[(&str, &str)]) -> (i32, String) {
    let output = binary().args(args).envs(env.iter().copied()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().expect("it ends by itself"), text)
}

fn check(args: &[&str], env: &[(&str, &str)], code: i32, words: &[&str]) {
    let (got, text) = run(args, env);
    assert_eq!(got, code, "{args:?}: {text}");
    for word in words {
        assert!(text.contains(word), "{args:?} printed no {word:?}:\n{text}");
    }
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let file = folder.join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn configuration() {
    let folder = tempfile::tempdir().unwrap();
    let unknown = write(folder.path(), "unknown.toml", "lissten = \"127.0.0.1:1\"\n");
    check(&["serve", "--config", &unknown], &[], 2, &["unknown.toml", "line 1", "lissten", "firstline.example.toml"]);
    check(&["serve", "--config", "/nonexistent.toml"], &[], 2, &["/nonexistent.toml", "cannot be read"]);
    check(&["check"], &[("FIRSTLINE_LISTEN", "here")], 2, &["FIRSTLINE_LISTEN", "127.0.0.1:8080"]);
    write(folder.path(), "texts/ru.ftl", "# Свои слова\nhello = Привет\n");
    let texts = folder.path().join("texts");
    let words = ["ru.ftl: line 2: hello is no key", "docs/texts.md"];
    check(&["serve"], &[("FIRSTLINE_TEXTS", texts.to_str().unwrap())], 2, &words);
    check(&["frobnicate"], &[], 2, &["frobnicate"]);
    check(&["--help"], &[], 0, &["serve", "ask", "check", "eval", "adapt", "agent"]);
    for command in ["serve", "ask", "check", "eval", "adapt", "agent"] {
        check(&[command, "--help"], &[], 0, &["--config", "--knowledge", "--data", "--model"]);
    }
}

#[test]
fn articles() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("kb");
    write(&base, "en/good.md", "---\nid: good\ntitle: Good\nphrases:\n  - is it good\n---\nYes, it is.\n");
    write(&base, "en/bad.md", "---\nid: bad\ntitle: Bad\ncolour: red\nphrases:\n  - is it bad\n---\nNo.\n");
    let base = base.to_str().unwrap();
    check(&["check", "--knowledge", base], &[], 1, &["en/bad.md:4:1", "colour", "error"]);
    let (code, json) = run(&["check", "--json", "--knowledge", base], &[]);
    assert_eq!(code, 1);
    let findings: serde_json::Value = serde_json::from_str(&json).unwrap();
    let of_key = findings.as_array().unwrap().iter().find(|f| f["severity"] == "error").unwrap();
    assert_eq!((of_key["line"].as_u64(), of_key["column"].as_u64()), (Some(4), Some(1)), "{json}");
    // The good one answers all the same.
    check(&["ask", "is it good", "--knowledge", base, "--model", "none"], &[], 0, &["good"]);
    check(&["check", "--knowledge", "/nonexistent-folder"], &[], 2, &["/nonexistent-folder"]);
}

#[test]
fn models_and_cases() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("kb");
    write(&base, "en/good.md", "---\nid: good\ntitle: Good\nphrases:\n  - is it good\n---\nYes, it is.\n");
    let base = base.to_str().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    // Answers come from words alone, and it says so.
    let missing = ["ask", "is it good", "--knowledge", base, "--data", data, "--model", "/nonexistent/model"];
    check(&missing, &[], 0, &["the encoder could not be loaded", "/nonexistent/model", "no_encoder"]);

    let broken = write(folder.path(), "broken.jsonl", "{\"text\": \"a\", \"expect\": null}\n{oops\n");
    let eval = |file: &str, words: &[&str]| {
        check(&["eval", "--cases", file, "--knowledge", base, "--data", data, "--model", "none"], &[], 2, words);
    };
    eval(&broken, &["broken.jsonl:2"]);
    let unknown = write(folder.path(), "unknown.jsonl", "{\"text\": \"a\", \"expect\": \"nowhere\"}\n");
    eval(&unknown, &["unknown.jsonl:1", "nowhere"]);

    let fair = write(folder.path(), "fair.jsonl", "{\"text\": \"is it good\", \"expect\": \"good\"}\n");
    let with = |flag: &str, value: &str, code: i32, words: &[&str]| {
        let args = ["eval", "--cases", &fair, "--knowledge", base, "--data", data, "--model", "none", flag, value];
        check(&args, &[], code, words);
    };
    with("--stranger-share", "1", 2, &["--stranger-share", "above 0 and below 1"]);
    // The figures are there all the same.
    with("--plot", &format!("{fair}/plots"), 2, &["accuracy", "fair.jsonl/plots: cannot be written"]);
    let plots = folder.path().join("new/plots");
    with("--plot", plots.to_str().unwrap(), 0, &["accuracy"]);
    assert!(plots.join("reliability.svg").exists() && plots.join("risk-coverage.svg").exists());
}

#[test]
fn adapting() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("kb");
    write(&base, "en/good.md", "---\nid: good\ntitle: Good\nphrases:\n  - is it good\n---\nYes, it is.\n");
    let taken = write(folder.path(), "taken/config.json", "{}");
    let adapt = |out: &str, model: &str, words: &[&str]| {
        let data = folder.path().join("data");
        let (base, data) = (base.to_str().unwrap(), data.to_str().unwrap());
        check(&["adapt", "--out", out, "--knowledge", base, "--data", data, "--model", model], &[], 2, words);
    };
    let fresh = folder.path().join("fresh");
    adapt(folder.path().join("taken").to_str().unwrap(), "any", &["taken is there already", "--out"]);
    adapt(&format!("{taken}/model"), "any", &["config.json/model cannot be written"]);
    adapt(fresh.to_str().unwrap(), "none", &["no encoder", "--model"]);
    adapt(fresh.to_str().unwrap(), "any", &["0 articles have two phrases"]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing new lies there");
}

#[test]
fn a_second_server_and_a_taken_port() {
    let server = Server::start(Setup { without_encoder: true, ..Setup::default() });
    let config = server.config_file();
    let config = config.to_str().unwrap();
    check(&["serve", "--config", config], &[], 2, &["in use", "--data"]);
    let address = server.url.strip_prefix("http://").unwrap();
    let other = tempfile::tempdir().unwrap();
    let other = other.path().to_str().unwrap();
    check(&["serve", "--data", other, "--listen", address], &[], 2, &[address, "in use", "--listen"]);
}

#[test]
fn a_data_folder_that_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "a-file", "");
    // Root may write everywhere, so an unwritable folder is one whose parent is a file.
    let inside = format!("{file}/data");
    check(&["serve", "--data", &inside, "--listen", "127.0.0.1:0"], &[], 2, &["a-file/data"]);
    let data = folder.path().join("data");
    write(&data, "firstline.db", "this is no database, only a text that is long enough to look at its first bytes\n");
    check(&["serve", "--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"], &[], 2, &["firstline.db"]);
}

#[test]
fn agents() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let password = write(folder.path(), "password", "long enough\n");
    let short = write(folder.path(), "short", "short\n");
    let add = |email: &str, file: &str, code: i32, words: &[&str]| {
        check(&["agent", "add", email, "--name", "A", "--password-file", file, "--data", data], &[], code, words);
    };
    add("no-address", &password, 2, &["no-address", "e-mail"]);
    add("a@b.example", &short, 2, &["password", "8 to 200"]);
    add("a@b.example", "/nonexistent", 2, &["/nonexistent"]);
    add("A@b.example", &password, 0, &["a@b.example"]);
    add("a@B.example", &password, 2, &["exists already"]);
    check(&["agent", "list", "--data", data], &[], 0, &["a@b.example", "active"]);
    check(&["agent", "disable", "nobody@b.example", "--data", data], &[], 2, &["no such agent"]);
    check(&["agent", "disable", "a@b.example", "--data", data], &[], 0, &[]);
    check(&["agent", "list", "--data", data], &[], 0, &["disabled"]);
}
