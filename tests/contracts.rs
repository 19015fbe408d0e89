//! What other programs rely on: shapes, codes, limits.

use crate::cast::{Customer, Server, Setup, http, send};
use serde_json::{Value, json};

fn words_only() -> Server {
    Server::start(Setup { without_encoder: true, ..Setup::default() })
}

#[tokio::test(flavor = "multi_thread")]
async fn problems_have_codes() {
    let server = words_only();
    let customer = Customer::arrives(&server, "browser", "en").await;
    let api = format!("{}/api/v1", server.url);
    let turns = format!("{api}/conversations/{}/turns", customer.conversation);
    let check = async |request: reqwest::RequestBuilder, status: u16, code: &str| {
        let shown = format!("{request:?}");
        let response = request.send().await.unwrap();
        let request_id = response.headers().get("x-request-id").map(|id| id.to_str().unwrap().to_owned());
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        assert_eq!(response.status().as_u16(), status, "{shown}");
        let problem: Value = response.json().await.unwrap();
        assert_eq!(problem["code"], code, "{problem}");
        assert!(kind.starts_with("application/problem+json"), "{kind}");
        assert_eq!(problem["request_id"].as_str(), request_id.as_deref(), "{problem}");
        problem
    };
    let say = |body: Value| http().post(&turns).bearer_auth(&customer.token).json(&body);

    let problem = check(say(json!({ "client_id": "a", "text": "x".repeat(4001) })), 422, "text_too_long").await;
    assert_eq!(problem["limit"], 4000);
    check(say(json!({ "client_id": "a", "text": "  " })), 422, "empty_text").await;
    check(say(json!({ "client_id": "a", "text": "x".repeat(200_000) })), 413, "too_large").await;
    let problem = check(say(json!({ "client_id": "a", "text": 7 })), 400, "wrong_type").await;
    assert!(problem["detail"].as_str().unwrap().contains("text"), "{problem}");
    let broken =
        http().post(&turns).bearer_auth(&customer.token).header("content-type", "application/json").body("{oops");
    check(broken, 400, "bad_json").await;
    check(http().post(&turns).bearer_auth("wrong").json(&json!({})), 401, "bad_token").await;
    check(http().get(&turns), 401, "bad_token").await;
    check(
        http().get(format!("{api}/conversations/nowhere/turns")).bearer_auth(&customer.token),
        404,
        "unknown_conversation",
    )
    .await;
    check(http().get(format!("{api}/nowhere")), 404, "not_found").await;
    check(http().get(format!("{api}/desk/me")), 401, "not_signed_in").await;
    let credentials = json!({ "email": "a@b.example", "password": "wrong password" });
    check(http().post(format!("{api}/desk/login")).json(&credentials), 401, "bad_credentials").await;
    let foreign = http().post(format!("{api}/desk/login")).header("origin", "https://evil.example").json(&credentials);
    check(foreign, 403, "bad_origin").await;

    // Nothing of all that was stored.
    assert_eq!(customer.all_turns().await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_customer_cannot_read_another() {
    let server = words_only();
    let first = Customer::arrives(&server, "first", "en").await;
    let second = Customer::arrives(&server, "second", "en").await;
    let url = format!("{}/api/v1/conversations/{}/turns", server.url, first.conversation);
    let (status, _) = send(http().get(url).bearer_auth(&second.token)).await;
    assert!(status == 401 || status == 404, "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sent_twice_is_stored_once() {
    let server = words_only();
    let first = Customer::arrives(&server, "browser", "en").await;
    let again = Customer::arrives(&server, "browser", "en").await;
    assert_eq!(first.conversation, again.conversation);
    let body = json!({ "client_id": "a", "text": "how long does a refund take" });
    // Both at once: the second waits for the first result.
    let (one, two) = tokio::join!(first.post("turns", body.clone()), again.post("turns", body.clone()));
    assert_eq!((one.0, two.0), (200, 200), "{one:?} {two:?}");
    assert_eq!(one.1["turn"], two.1["turn"]);
    assert_eq!(one.1["replies"], two.1["replies"]);
    assert!(!one.1["replies"].as_array().unwrap().is_empty());
    let third = first.post("turns", body).await;
    assert_eq!(third.1["replies"], one.1["replies"]);
    let by_customer = first.all_turns().await.iter().filter(|turn| turn["by"] == "customer").count();
    assert_eq!(by_customer, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_questions_are_refused_for_a_while() {
    let config = "[limits]\nquestions_per_minute = 3\ninclude_loopback = true\n".to_owned();
    let server = Server::start(Setup { config, without_encoder: true, ..Setup::default() });
    let customer = Customer::arrives(&server, "browser", "en").await;
    let mut refused = None;
    for i in 0..5 {
        let body = json!({ "client_id": format!("{i}"), "text": "hello" });
        let url = format!("{}/api/v1/conversations/{}/turns?wait=0", server.url, customer.conversation);
        let response = http().post(url).bearer_auth(&customer.token).json(&body).send().await.unwrap();
        if response.status() == 429 {
            refused = Some(response);
            break;
        }
    }
    let refused = refused.expect("the fourth question within a minute is too many");
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "too_many_requests");
}

#[tokio::test(flavor = "multi_thread")]
async fn ask_stores_nothing_and_explains_itself() {
    let server = words_only();
    let ask = http().post(format!("{}/api/v1/ask", server.url));
    let (status, asked) = send(ask.json(&json!({ "text": "how do I reset a device to factory settings" }))).await;
    assert_eq!(status, 200, "{asked}");
    for key in ["decision", "confidence", "language", "candidates", "trace"] {
        assert!(!asked[key].is_null(), "{key} is missing: {asked}");
    }
    assert_eq!(asked["candidates"][0]["article"], "tech-reset", "{asked}");
    assert_eq!(asked["trace"]["degraded"], json!(["no_encoder"]));
    let confidence = asked["confidence"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&confidence));
    assert_eq!(asked["confidence"], asked["candidates"][0]["confidence"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_describes_itself() {
    let server = words_only();
    let (status, document) = send(http().get(format!("{}/api/v1/openapi.json", server.url))).await;
    assert_eq!(status, 200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    let paths = document["paths"].as_object().unwrap();
    for path in [
        "/api/v1/ask",
        "/api/v1/conversations",
        "/api/v1/conversations/{id}/turns",
        "/api/v1/conversations/{id}/handoff",
        "/api/v1/desk/login",
        "/api/v1/desk/conversations/{id}/claim",
    ] {
        assert!(paths.contains_key(path), "{path} is not described: {:?}", paths.keys().collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_pages() {
    let server = words_only();
    assert_eq!(http().get(format!("{}/healthz", server.url)).send().await.unwrap().status(), 200);
    let (status, ready) = send(http().get(format!("{}/readyz", server.url))).await;
    assert_eq!((status, ready["ready"].as_bool()), (200, Some(true)), "{ready}");
    assert!(ready["degraded"][0].as_str().unwrap().contains("words alone"), "{ready}");
    for (path, kind) in
        [("/", "text/html"), ("/widget.js", "text/javascript"), ("/console", "text/html"), ("/metrics", "text/plain")]
    {
        let response = http().get(format!("{}{path}", server.url)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let found = response.headers()["content-type"].to_str().unwrap().to_owned();
        assert!(found.starts_with(kind), "{path}: {found}");
    }
}

/// A change on disk is live without a restart, and a broken file keeps its last good version.
#[tokio::test(flavor = "multi_thread")]
async fn articles_change_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("en/hours.md");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let article = |hours: &str| {
        format!("---\nid: hours\ntitle: Opening hours\nphrases:\n  - when are you open\n---\nOpen {hours}.\n")
    };
    std::fs::write(&file, article("nine to five")).unwrap();
    let server =
        // One article is too little to promise a precision on.
        Server::start(Setup { config: "[policy]\nanswer_at = 0.5\n".into(), knowledge: Some(folder.path().to_owned()), without_encoder: true, ..Setup::default() });
    let agent = server.agent("a@shop.example", "A").await;

    let answer_until = async |words: &str| {
        let begun = std::time::Instant::now();
        loop {
            let ask = http().post(format!("{}/api/v1/ask", server.url)).json(&json!({ "text": "when are you open" }));
            let (_, asked) = send(ask).await;
            if asked.to_string().contains(words) {
                return begun.elapsed();
            }
            assert!(begun.elapsed() < crate::cast::DEADLINE, "{words:?} never came: {asked}");
        }
    };
    let version = async || agent.get("me").await["health"]["knowledge_version"].clone();
    answer_until("nine to five").await;
    let before = version().await;
    std::fs::write(&file, article("ten to six")).unwrap();
    answer_until("ten to six").await;
    assert_ne!(version().await, before);

    std::fs::write(&file, "---\nid: hours\ntitle: [broken\n---\n").unwrap();
    let begun = std::time::Instant::now();
    while agent.get("findings").await["findings"].as_array().unwrap().iter().all(|f| f["severity"] != "error") {
        assert!(begun.elapsed() < crate::cast::DEADLINE, "the finding never showed");
    }
    answer_until("ten to six").await;
}

/// Two questions in one turn: one is answered, the other is a tap away; and the console can say how sure that was.
#[tokio::test(flavor = "multi_thread")]
async fn several_questions_in_one_turn() {
    let folder = tempfile::tempdir().unwrap();
    let write = |id: &str, title: &str, phrase: &str, text: &str| {
        let article = format!("---\nid: {id}\ntitle: {title}\nlanguage: en\nphrases: [{phrase}]\n---\n{text}\n");
        std::fs::write(folder.path().join(format!("{id}.md")), article).unwrap();
    };
    write("hours", "Opening hours", "when are you open", "From nine to five.");
    write("delivery-cost", "What does delivery cost?", "how much is delivery", "Five pounds.");
    let server = Server::start(Setup {
        config: "[policy]\nanswer_at = 0.5\n".into(),
        knowledge: Some(folder.path().to_owned()),
        without_encoder: true,
        ..Setup::default()
    });
    let mut customer = Customer::arrives(&server, "browser", "en").await;
    customer.says("When are you open? And how much is delivery?").await;
    let answer = customer.hears("an answer", |turn| turn["kind"] == "answer").await;
    assert_eq!(answer["article"]["id"], "hours", "{answer}");
    assert_eq!(answer["options"][0]["article"], "delivery-cost", "{answer}");
    customer.taps("delivery-cost").await;
    customer.hears_text("Five pounds").await;

    let agent = server.agent("a@shop.example", "A").await;
    let seen = agent.opens(&customer.conversation).await;
    assert_eq!(seen["traces"][0]["trace"]["also"][0]["article"], "delivery-cost", "{seen}");
    let worth = agent.get("confidence").await;
    assert_eq!((&worth["basis"], &worth["is_by_hand"]), (&json!("shipped"), &json!(true)), "{worth}");
    assert_eq!((&worth["answer_at"], &worth["target_precision"]), (&json!(0.5), &json!(0.95)), "{worth}");
    assert!(worth.get("expected").is_none(), "two phrases promise nothing: {worth}");
}
