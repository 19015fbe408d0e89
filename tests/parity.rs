//! `eval` measures what `serve` does: the same cases give the same decisions.

use crate::cases::{all_cases, root};
use crate::cast::{Server, Setup, binary, http, send};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_cases_by_http_and_by_eval() {
    let all = all_cases();
    assert!(all.len() >= 200);
    // Evenly over the files, so that every language is among them.
    let cases: Vec<_> = (0..200).map(|i| all[i * all.len() / 200].clone()).collect();
    let folder = tempfile::tempdir().unwrap();
    let (file, details) = (folder.path().join("cases.jsonl"), folder.path().join("details.jsonl"));
    let line = |case: &firstline::eval::Case| {
        let expect: Vec<_> = case.expect.iter().map(|id| id.to_string()).collect();
        let expect = if expect.is_empty() { Value::Null } else { json!(expect) };
        json!({ "text": case.text, "expect": expect, "language": case.language }).to_string() + "\n"
    };
    std::fs::write(&file, cases.iter().map(line).collect::<String>()).unwrap();

    crate::cast::keep_warm(&folder.path().join("data"));
    let server = Server::start(Setup::default());
    let evaluated = binary()
        .args(["eval", "--cases"])
        .arg(&file)
        .arg("--details")
        .arg(&details)
        .arg("--data")
        .arg(folder.path().join("data"))
        .arg("--knowledge")
        .arg(root().join("knowledge_base"))
        .output()
        .unwrap();
    assert!(evaluated.status.success(), "{}", String::from_utf8_lossy(&evaluated.stderr));
    let details = std::fs::read_to_string(&details).unwrap();
    let details: Vec<Value> = details.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(details.len(), cases.len());

    for (case, by_eval) in cases.iter().zip(&details) {
        let body = json!({ "text": case.text, "language": case.language });
        let (status, by_http) = send(http().post(format!("{}/api/v1/ask", server.url)).json(&body)).await;
        assert_eq!(status, 200, "{by_http}");
        let shown = format!("{:?}\nhttp {by_http}\neval {by_eval}", case.text);
        assert_eq!(by_http["trace"]["degraded"], json!([]), "{shown}");
        assert_eq!(by_http["decision"], by_eval["decision"], "{shown}");
        let (a, b) = (by_http["confidence"].as_f64().unwrap(), by_eval["confidence"].as_f64().unwrap());
        assert!((a - b).abs() <= 0.01, "{shown}");
    }
}
