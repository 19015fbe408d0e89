//! People judge which article was right: agents their conversations, leads what was drawn for them, customers with "that helped".

use crate::cast::{Agent, Customer, Server, Setup, binary, http, send};
use serde_json::{Value, json};
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(60);

/// A shop of two articles, which answers from words alone; every one of its first twenty answers of a week is drawn.
fn small_shop() -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let write = |id: &str, title: &str, phrase: &str| {
        let article =
            format!("---\nid: {id}\nlanguage: en\ntitle: {title}\nphrases:\n  - {phrase}\n---\nAbout {id}.\n");
        std::fs::write(folder.path().join(format!("{id}.md")), article).unwrap();
    };
    write("hours", "Opening hours", "when are you open");
    write("refund-time", "When will I get my refund?", "where is my money");
    let server = Server::start(Setup {
        config: "[policy]\nanswer_at = 0.5\n".into(),
        knowledge: Some(folder.path().to_owned()),
        without_encoder: true,
        ..Setup::default()
    });
    (server, folder)
}

/// Asks, and returns the number of the answer.
async fn is_answered(customer: &mut Customer) -> u64 {
    let said = customer.says("when are you open").await;
    let answer = &said["replies"][0];
    assert_eq!(answer["article"]["id"], "hours", "{said}");
    answer["seq"].as_u64().unwrap()
}

async fn waiting(lead: &Agent) -> Vec<Value> {
    lead.get("to_judge").await["answers"].as_array().unwrap().clone()
}

#[track_caller]
fn refused((status, problem): (u16, Value), expected: u16, code: &str) {
    assert_eq!((status, problem["code"].as_str()), (expected, Some(code)), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_judges_what_was_drawn() {
    let (mut server, _folder) = small_shop();
    let mut lead = server.lead("lead@shop.example", "Lena").await;
    let mut agent = server.agent("agent@shop.example", "Anna").await;
    let mut customer = Customer::arrives(&server, "browser", "en").await;
    let answer = is_answered(&mut customer).await;

    let drawn = waiting(&lead).await;
    assert_eq!(drawn.len(), 1, "{drawn:?}");
    assert_eq!(drawn[0]["question"], "when are you open");
    assert_eq!(drawn[0]["conversation"], customer.conversation);
    assert_eq!((drawn[0]["answer"]["seq"].as_u64(), &drawn[0]["language"]), (Some(answer), &json!("en")));
    assert_eq!(drawn[0]["answer"]["article"], json!({ "id": "hours", "title": "Opening hours" }));
    assert_eq!(drawn[0]["candidates"][0]["article"], "hours", "{drawn:?}");

    // Neither a death nor the same words again draw it a second time.
    server.kill_and_start_again();
    customer.finds(&server);
    lead.finds(&server);
    agent.finds(&server);
    customer.sends(json!({ "client_id": "said-1", "text": "when are you open" })).await;
    assert_eq!(waiting(&lead).await, drawn);

    let path = format!("to_judge/{}", drawn[0]["id"].as_str().unwrap());
    refused(agent.asks("to_judge").await, 403, "leads_only");
    refused(agent.post(&path, json!({ "article": null })).await, 403, "leads_only");
    let nobody = http().post(format!("{}/api/v1/desk/{path}", server.url)).json(&json!({ "article": null }));
    refused(send(nobody).await, 401, "not_signed_in");
    refused(lead.asks("to_judge?limit=many").await, 400, "wrong_type");
    refused(lead.post(&path, json!({})).await, 400, "missing_field");
    refused(lead.post(&path, json!({ "article": 7 })).await, 400, "wrong_type");
    refused(lead.post(&path, json!({ "article": "no-such" })).await, 422, "bad_input");
    for wrong in ["to_judge/nowhere", "to_judge/nowhere.3", &format!("to_judge/{}.1", customer.conversation)] {
        refused(lead.post(wrong, json!({ "article": null })).await, 404, "nothing_to_judge");
    }
    assert_eq!(waiting(&lead).await.len(), 1, "refusals judge nothing");

    assert_eq!(lead.post(&path, json!({ "article": null })).await, (200, json!({ "question": 1 })));
    assert_eq!(waiting(&lead).await, Vec::<Value>::new());
    // Pressed twice, or thought over.
    assert_eq!(lead.post(&path, json!({ "article": "hours" })).await, (200, json!({ "question": 1 })));
    assert_eq!(lead.get("me").await["health"]["judged_cases"], 0, "one case moves nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_judge_their_conversations() {
    let (server, _folder) = small_shop();
    let lead = server.lead("lead@shop.example", "Lena").await;
    let anna = server.agent("anna@shop.example", "Anna").await;
    let boris = server.agent("boris@shop.example", "Boris").await;
    let mut customer = Customer::arrives(&server, "browser", "en").await;
    let answer = is_answered(&mut customer).await;
    let (_, page) = customer.post("handoff", json!({})).await;
    let notice = page["turns"].as_array().unwrap().iter().find(|turn| turn["kind"] == "notice").unwrap().clone();
    assert_eq!(anna.claims(&customer.conversation).await.0, 200);

    let path = format!("conversations/{}/judge", customer.conversation);
    let judges = async |agent: &Agent, seq: u64, article: Value| {
        agent.post(&path, json!({ "seq": seq, "article": article })).await
    };
    let kept = (200, json!({ "question": 1 }));
    assert_eq!(judges(&anna, answer, json!("refund-time")).await, kept);
    // The notice speaks of the same question.
    assert_eq!(judges(&anna, notice["seq"].as_u64().unwrap(), json!("hours")).await, kept);
    let (status, problem) = judges(&boris, answer, json!("hours")).await;
    assert_eq!((status, &problem["code"], &problem["agent"]["name"]), (409, &json!("not_yours"), &json!("Anna")));
    assert_eq!(judges(&lead, answer, Value::Null).await, kept, "leads judge everything");

    for wrong in [0, 1, 999, u64::MAX] {
        refused(judges(&anna, wrong, Value::Null).await, 404, "nothing_to_judge");
    }
    refused(judges(&anna, answer, json!("no-such")).await, 422, "bad_input");
    refused(anna.post(&path, json!({ "seq": answer })).await, 400, "missing_field");
    refused(anna.post(&path, json!({ "seq": -1, "article": null })).await, 400, "wrong_type");
    let elsewhere = anna.post("conversations/nowhere/judge", json!({ "seq": answer, "article": null })).await;
    refused(elsewhere, 404, "unknown_conversation");

    assert_eq!(anna.resolves(&customer.conversation).await.0, 200);
    assert_eq!(judges(&anna, answer, json!("hours")).await, kept, "it was hers");
    refused(judges(&boris, answer, json!("hours")).await, 409, "not_yours");
    assert_eq!(waiting(&lead).await, Vec::<Value>::new(), "what an agent judged waits no longer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_says_once_whether_it_helped() {
    let (server, _folder) = small_shop();
    let mut customer = Customer::arrives(&server, "browser", "en").await;
    let seq = is_answered(&mut customer).await;
    let says = async |seq: u64, helped: bool| customer.post("feedback", json!({ "seq": seq, "helped": helped })).await;
    assert_eq!(says(seq, true).await.0, 200);
    let before = customer.all_turns().await;
    assert_eq!(says(seq, true).await.0, 200, "said again, it changes nothing");
    assert_eq!(customer.all_turns().await, before);
    refused(says(seq + 40, true).await, 409, "no_such_answer");
    refused(customer.post("feedback", json!({ "seq": seq })).await, 400, "missing_field");
    // Thanks judge the question, but a lead still looks at what was drawn.
    let lead = server.lead("lead@shop.example", "Lena").await;
    assert_eq!(waiting(&lead).await.len(), 1);
}

/// The phrases of an article, once they are these.
async fn has_phrases(agent: &Agent, article: &str, expected: &[&str]) {
    let waiting = async {
        while agent.get(&format!("articles/{article}")).await["phrases"] != json!(expected) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, waiting).await.unwrap_or_else(|_| panic!("{article} never had {expected:?}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn judged_words_are_reviewed_taught_and_written_to_the_files() {
    let (mut server, folder) = small_shop();
    let mut lead = server.lead("lead@shop.example", "Lena").await;
    let anna = server.agent("anna@shop.example", "Anna").await;
    let asks = async |client: &str, words: &str| {
        let mut customer = Customer::arrives(&server, client, "en").await;
        let said = customer.says(words).await;
        (customer.conversation.clone(), said["replies"][0].clone())
    };
    let judged = async |(conversation, reply): &(String, Value), article: &str| {
        let body = json!({ "seq": reply["seq"], "article": article });
        assert_eq!(lead.post(&format!("conversations/{conversation}/judge"), body).await.0, 200);
    };
    let first = asks("one", "gimme cash\nfor parcel 55012").await;
    assert_ne!(first.1["article"]["id"], "refund-time", "the bot does not know it yet");
    judged(&first, "refund-time").await;
    judged(&asks("two", "seven blue elephants").await, "hours").await;
    // What the bot answered with is no news.
    judged(&asks("three", "when are you open").await, "hours").await;

    let listed = lead.get("phrases").await;
    let proposed = listed["proposed"].as_array().unwrap();
    let texts: Vec<&str> = proposed.iter().map(|phrase| phrase["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["seven blue elephants", "gimme cash for parcel 55012"], "the newest first, on one line");
    let (nonsense, cash) = (&proposed[0], &proposed[1]);
    assert_eq!((&cash["article"], &cash["title"]), (&json!("refund-time"), &json!("When will I get my refund?")));
    let path = |phrase: &Value| format!("phrases/{}", phrase["id"].as_str().unwrap());

    refused(anna.asks("phrases").await, 403, "leads_only");
    refused(anna.delete(&path(cash)).await, 403, "leads_only");
    let reviewed = json!({ "article": "refund-time", "text": " gimme cash " });
    refused(lead.post("phrases/nowhere.1", reviewed.clone()).await, 404, "unknown_phrase");
    refused(lead.post("phrases/nonsense", reviewed.clone()).await, 404, "unknown_phrase");
    for (article, text) in [("gone", "x"), ("hours", "  "), ("hours", "two\nlines"), ("hours", &*"x".repeat(301))] {
        refused(lead.post(&path(cash), json!({ "article": article, "text": text })).await, 422, "bad_input");
    }
    assert_eq!(lead.post(&path(cash), reviewed).await.0, 200);
    assert_eq!(lead.delete(&path(nonsense)).await.0, 200);
    let listed = lead.get("phrases").await;
    assert_eq!(listed["proposed"], json!([]), "what was rejected is not proposed again");
    assert_eq!(
        (&listed["taught"][0]["text"], &listed["taught"][0]["is_exported"]),
        (&json!("gimme cash"), &json!(false))
    );

    // Live within seconds, and after a death.
    has_phrases(&lead, "refund-time", &["where is my money", "gimme cash"]).await;
    assert_eq!(asks("four", "gimme cash").await.1["article"]["id"], "refund-time");
    server.kill_and_start_again();
    lead.finds(&server);
    has_phrases(&lead, "refund-time", &["where is my money", "gimme cash"]).await;

    // The folder becomes the truth again, and what stands in it is its own to change.
    let file = folder.path().join("refund-time.md");
    let before = std::fs::read_to_string(&file).unwrap();
    let export = |args: &[&str]| {
        let output = binary()
            .args(["knowledge", "export"])
            .args(args)
            .arg("--config")
            .arg(server.config_file())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(export(&["--dry-run"]).contains("refund-time.md"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    let said: Value = serde_json::from_str(&export(&["--json"])).unwrap();
    assert_eq!(said, json!({ "files": ["refund-time.md"], "phrases": 1, "left": [] }));
    let after = before.replace("  - where is my money\n", "  - where is my money\n  - \"gimme cash\"\n");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), after);
    assert_eq!(lead.get("phrases").await["taught"][0]["is_exported"], true);
    has_phrases(&lead, "refund-time", &["where is my money", "gimme cash"]).await;
    refused(lead.delete(&path(cash)).await, 422, "bad_input");
    std::fs::write(&file, before).unwrap();
    has_phrases(&lead, "refund-time", &["where is my money"]).await;
    assert!(export(&[]).starts_with("0 phrases"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phrase_goes_back_and_goes_with_its_customer() {
    let (server, _folder) = small_shop();
    let lead = server.lead("lead@shop.example", "Lena").await;
    let mut ids = vec![];
    for (client, words) in [("one", "gimme cash"), ("two", "give dough")] {
        let mut customer = Customer::arrives(&server, client, "en").await;
        let seq = customer.says(words).await["replies"][0]["seq"].clone();
        let path = format!("conversations/{}/judge", customer.conversation);
        assert_eq!(lead.post(&path, json!({ "seq": seq, "article": "refund-time" })).await.0, 200);
        let id = lead.get("phrases").await["proposed"][0]["id"].as_str().unwrap().to_owned();
        let taught = json!({ "article": "refund-time", "text": words });
        assert_eq!(lead.post(&format!("phrases/{id}"), taught).await.0, 200);
        ids.push((id, customer.conversation));
    }
    has_phrases(&lead, "refund-time", &["where is my money", "give dough", "gimme cash"]).await;
    assert_eq!(lead.delete(&format!("phrases/{}", ids[0].0)).await.0, 200);
    has_phrases(&lead, "refund-time", &["where is my money", "give dough"]).await;
    let customer = lead.opens(&ids[1].1).await["conversation"]["customer"]["id"].as_str().unwrap().to_owned();
    assert_eq!(lead.post(&format!("customers/{customer}/erase"), json!({})).await.0, 200);
    assert_eq!(lead.get("phrases").await["taught"], json!([]));
    has_phrases(&lead, "refund-time", &["where is my money"]).await;
}
