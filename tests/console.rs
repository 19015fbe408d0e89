//! What the console asks for beside conversations: search over what was said, filters, service levels in rows, the articles.

use crate::cast::{Agent, Customer, Server, Setup};
use serde_json::{Value, json};

fn rows(list: &Value) -> Vec<String> {
    list["conversations"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

async fn found(agent: &Agent, query: &str) -> Vec<String> {
    rows(&agent.get(&format!("conversations?view=all&{query}")).await)
}

#[track_caller]
fn refused((status, problem): (u16, Value), expected: u16, code: &str) {
    assert_eq!((status, problem["code"].as_str()), (expected, Some(code)), "{problem}");
}

async fn asks(server: &Server, client: &str, language: &str, words: &str) -> String {
    let mut customer = Customer::arrives(server, client, language).await;
    customer.sends(json!({ "client_id": "1", "text": words })).await;
    customer.conversation
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_find_what_was_said_in_every_language() {
    let mut server = Server::start(Setup { without_encoder: true, ..Setup::default() });
    let mut anna = server.agent("anna@shop.example", "Anna").await;
    let english = asks(&server, "en", "en", "Where is my refund? Order A-88123").await;
    let russian = asks(&server, "ru", "ru", "Где мои деньги за возвращённый блендер?").await;
    let simplified = asks(&server, "hans", "zh-Hans", "东西都退回去十天了，退款一直没看到").await;
    let traditional = asks(&server, "hant", "zh-Hant", "退回去的東西你們都收到了，錢怎麼還沒退給我").await;

    for (query, who) in [
        ("q=refund", &english),
        ("q=88123", &english),
        ("q=a-8812", &english),
        ("q=%D0%B1%D0%BB%D0%B5%D0%BD%D0%B4%D0%B5%D1%80%D0%B0", &russian), // блендера
        ("q=%E9%80%80%E6%AC%BE", &simplified),                            // 退款
    ] {
        assert_eq!(found(&anna, query).await, std::slice::from_ref(who), "{query}");
    }
    // 东西 finds both scripts, the newer first; a language narrows.
    let things = "q=%E4%B8%9C%E8%A5%BF";
    assert_eq!(found(&anna, things).await, [traditional.clone(), simplified.clone()]);
    assert_eq!(found(&anna, &format!("{things}&language=zh-Hans")).await, std::slice::from_ref(&simplified));
    assert_eq!(found(&anna, &format!("{things}&channel=telegram")).await, Vec::<String>::new());
    assert_eq!(found(&anna, "q=nowhere").await, Vec::<String>::new());

    // Page by page, nothing twice.
    let first = anna.get(&format!("conversations?view=all&{things}&limit=1")).await;
    let next = first["next"].as_str().unwrap();
    assert_eq!(found(&anna, &format!("{things}&limit=1&cursor={next}")).await, std::slice::from_ref(&simplified));

    refused(anna.asks("conversations?view=all").await, 400, "bad_query");
    refused(anna.asks("conversations?view=mine&q=refund").await, 400, "bad_query");
    refused(anna.asks("conversations?view=mine&channel=fax").await, 400, "bad_query");
    refused(anna.asks("conversations?view=mine&language=tlh").await, 400, "bad_query");
    refused(anna.asks(&format!("conversations?view=all&q={}", "x".repeat(201))).await, 400, "bad_query");

    // A note is found too; what a customer had erased is not, nor after a death in between.
    let note = json!({ "client_id": "n", "text": "Warehouse promised Tuesday" });
    assert_eq!(anna.post(&format!("conversations/{russian}/note"), note).await.0, 200);
    assert_eq!(found(&anna, "q=warehouse").await, std::slice::from_ref(&russian));
    let customer = anna.opens(&english).await["conversation"]["customer"]["id"].as_str().unwrap().to_owned();
    let lena = server.lead("lena@shop.example", "Lena").await;
    assert_eq!(lena.post(&format!("customers/{customer}/erase"), json!({})).await.0, 200);
    assert_eq!(found(&anna, "q=refund").await, Vec::<String>::new());
    server.kill_and_start_again();
    anna.finds(&server);
    assert_eq!(found(&anna, "q=refund").await, Vec::<String>::new());
    assert_eq!(found(&anna, "q=warehouse").await, [russian]);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_narrowed_and_rows_tell_the_level_that_ends_next() {
    let config = "[[queues]]\nname = \"returns\"\nlevels = { claim_secs = 120, warn_at_percent = 50 }\n";
    let server = Server::start(Setup { config: config.into(), without_encoder: true, ..Setup::default() });
    let anna = server.agent("anna@shop.example", "Anna").await;
    let mut ids = vec![];
    for (client, language) in [("one", "en"), ("two", "ru")] {
        let customer = Customer::arrives(&server, client, language).await;
        assert_eq!(customer.post("handoff", json!({})).await.0, 200);
        ids.push(customer.conversation);
    }
    let list = |query: &'static str| anna.get(query);
    assert_eq!(rows(&list("conversations?view=waiting&language=ru").await), [ids[1].clone()]);
    assert_eq!(rows(&list("conversations?view=waiting&queue=returns").await), Vec::<String>::new());
    anna.claims(&ids[0]).await;
    let passed = anna.post(&format!("conversations/{}/transfer", ids[0]), json!({ "queue": "returns" })).await;
    assert_eq!(passed.0, 200, "{}", passed.1);
    let returns = list("conversations?view=waiting&queue=returns").await;
    assert_eq!(rows(&returns), [ids[0].clone()]);
    let row = &returns["conversations"][0];
    assert_eq!(row["due"]["clock"], "claim", "{row}");
    let moment = |name: &str| row["due"][name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!((moment("due_at") - moment("warn_at")).total(jiff::Unit::Second).unwrap(), 60.0);
    Customer::arrives(&server, "three", "en").await;
    let with_bot = list("conversations?view=bot").await;
    assert_eq!(with_bot["conversations"][0]["due"], Value::Null, "nobody waits for a person there");
}

#[tokio::test(flavor = "multi_thread")]
async fn articles_are_shown_with_their_use_and_questions_tried_out() {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, id: &str, language: &str, title: &str, phrase: &str| {
        let article = format!(
            "---\nid: {id}\nlanguage: {language}\ntitle: {title}\nphrases:\n  - {phrase}\n---\nAbout **{id}** <script>x()</script>.\n"
        );
        std::fs::write(folder.path().join(file), article).unwrap();
    };
    write("hours.en.md", "hours", "en", "Opening hours", "when are you open");
    write("hours.ru.md", "hours", "ru", "Часы работы", "когда вы открыты");
    write("refund.en.md", "refund-time", "en", "When will I get my refund?", "where is my money");
    let server = Server::start(Setup {
        config: "[policy]\nanswer_at = 0.5\n".into(),
        knowledge: Some(folder.path().to_owned()),
        without_encoder: true,
        ..Setup::default()
    });
    let anna = server.agent("anna@shop.example", "Anna").await;
    let mut customer = Customer::arrives(&server, "browser", "en").await;
    let answer = customer.says("when are you open").await["replies"][0]["seq"].as_u64().unwrap();
    let feedback = |helped: bool| json!({ "seq": answer, "helped": helped });
    let of_hours = async |name: &str| anna.get("articles").await["articles"][0][name].clone();
    assert_eq!((of_hours("used").await, of_hours("helped").await), (json!(1), json!(0)));
    assert_eq!(customer.post("feedback", feedback(true)).await.0, 200);
    assert_eq!((of_hours("helped").await, of_hours("did_not_help").await), (json!(1), json!(0)));

    let all = anna.get("articles").await;
    assert_eq!(all["languages"], json!(["en", "ru"]));
    let ids: Vec<&str> = all["articles"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["hours", "refund-time"]);
    let hours = &all["articles"][0];
    assert_eq!((&hours["n_phrases"], &hours["missing"], &hours["is_current"]), (&json!(2), &json!([]), &json!(true)));
    assert_eq!(all["articles"][1]["missing"], json!(["ru"]));

    let read = anna.get("articles/hours?language=ru").await;
    assert_eq!((&read["title"], &read["languages"]), (&json!("Часы работы"), &json!(["en", "ru"])));
    let html = read["html"].as_str().unwrap();
    assert!(html.contains("<strong>hours</strong>") && !html.contains("<script"), "{html}");
    assert_eq!(anna.get("articles/refund-time?language=ru").await["language"], "en", "the nearest there is");
    refused(anna.asks("articles/nowhere").await, 404, "unknown_article");

    let (status, tried) = anna.post("try", json!({ "question": "when are you open" })).await;
    assert_eq!((status, &tried["trace"]["decision"]), (200, &json!("answer")), "{tried}");
    assert!(tried["answer"].as_str().unwrap().contains("About hours"), "{tried}");
    refused(anna.post("try", json!({ "question": "  " })).await, 422, "empty_text");
    refused(anna.post("try", json!({})).await, 400, "missing_field");
}

#[tokio::test(flavor = "multi_thread")]
async fn canned_replies_are_ones_own_or_everybodys() {
    let mut server = Server::start(Setup { without_encoder: true, ..Setup::default() });
    let mut anna = server.agent("anna@shop.example", "Anna").await;
    let boris = server.agent("boris@shop.example", "Boris").await;
    let lena = server.lead("lena@shop.example", "Lena").await;
    let names = async |agent: &Agent| -> Vec<String> {
        let list = agent.get("canned").await;
        list["replies"].as_array().unwrap().iter().map(|reply| reply["name"].as_str().unwrap().to_owned()).collect()
    };
    let own = json!({ "name": "hi", "text": "Hello {customer}, {agent} here." });
    let (status, kept) = anna.post("canned", own.clone()).await;
    assert_eq!((status, &kept["is_shared"], &kept["ends"]), (200, &json!(false), &json!(false)), "{kept}");
    let id = kept["id"].as_str().unwrap().to_owned();
    refused(anna.post("canned", own).await, 422, "bad_input");
    let shared = json!({ "name": "bye", "text": "Good bye!", "is_shared": true, "ends": true });
    refused(anna.post("canned", shared.clone()).await, 403, "leads_only");
    assert_eq!(lena.post("canned", shared).await.0, 200);
    assert_eq!((names(&anna).await, names(&boris).await), (vec!["bye".into(), "hi".into()], vec!["bye".into()]));

    let changed = json!({ "id": id, "name": "hello", "text": "Hello!" });
    refused(boris.post("canned", changed.clone()).await, 404, "unknown_canned_reply");
    assert_eq!(anna.post("canned", changed).await.0, 200);
    refused(anna.post("canned", json!({ "name": "", "text": "x" })).await, 422, "bad_input");
    refused(anna.post("canned", json!({ "name": "x", "text": " " })).await, 422, "empty_text");
    refused(anna.post("canned", json!({ "name": "x", "text": "x".repeat(4001) })).await, 422, "text_too_long");
    refused(boris.delete(&format!("canned/{id}")).await, 404, "unknown_canned_reply");
    refused(anna.delete(&format!("canned/{id}?is_shared=true")).await, 403, "leads_only");

    server.kill_and_start_again();
    anna.finds(&server);
    assert_eq!(names(&anna).await, ["bye", "hello"]);
    assert_eq!(anna.delete(&format!("canned/{id}")).await.0, 200);
    assert_eq!(names(&anna).await, ["bye"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_see_who_else_looks_and_writes() {
    let server = Server::start(Setup { without_encoder: true, ..Setup::default() });
    let anna = server.agent("anna@shop.example", "Anna").await;
    let boris = server.agent("boris@shop.example", "Boris").await;
    let customer = Customer::arrives(&server, "browser", "en").await;
    let look = format!("conversations/{}/look", customer.conversation);
    let others = async |agent: &Agent, body: Value| agent.post(&look, body).await.1["agents"].clone();
    assert_eq!(others(&anna, json!({})).await, json!([]));
    let seen = others(&boris, json!({ "writing": true })).await;
    assert_eq!((seen[0]["name"].as_str(), seen[0]["writing"].as_bool()), (Some("Anna"), Some(false)));
    let seen = others(&anna, json!({})).await;
    assert_eq!((seen[0]["name"].as_str(), seen[0]["writing"].as_bool()), (Some("Boris"), Some(true)));
    assert_eq!(others(&boris, json!({ "gone": true })).await[0]["name"], "Anna");
    assert_eq!(others(&anna, json!({})).await, json!([]));
    refused(anna.post("conversations/nowhere/look", json!({})).await, 404, "unknown_conversation");
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_say_who_works_here_and_everybody_where_they_are_signed_in() {
    let server = Server::start(Setup { without_encoder: true, ..Setup::default() });
    let lena = server.lead("lena@shop.example", "Lena").await;
    let ada = server.admin("ada@shop.example", "Ada").await;
    let new =
        |email: &str, password: &str| json!({ "email": email, "name": "Boris", "role": "agent", "password": password });
    refused(lena.post("agents", new("boris@shop.example", "correct horse")).await, 403, "admins_only");
    refused(ada.post("agents", new("nobody", "correct horse")).await, 422, "bad_input");
    refused(ada.post("agents", new("boris@shop.example", "short")).await, 422, "bad_input");
    let (status, added) = ada.post("agents", new("Boris@shop.example", "correct horse")).await;
    assert_eq!((status, &added["email"], &added["role"]), (200, &json!("boris@shop.example"), &json!("agent")));
    refused(ada.post("agents", new("boris@shop.example", "correct horse")).await, 409, "email_taken");

    // Two browsers; one ends the other, and never somebody else's.
    let boris = Agent::signs_in(&server.url, "boris@shop.example", "correct horse").await;
    let elsewhere = Agent::signs_in(&server.url, "boris@shop.example", "correct horse").await;
    let sign_ins = async |agent: &Agent| agent.get("sign_ins").await["sign_ins"].as_array().unwrap().clone();
    let all = sign_ins(&boris).await;
    assert_eq!(all.len(), 2);
    let other = all.iter().find(|sign_in| sign_in["is_this"] == false).unwrap();
    let path = format!("sign_ins/{}", other["id"].as_str().unwrap());
    refused(lena.delete(&path).await, 404, "unknown_sign_in");
    assert_eq!(boris.delete(&path).await.0, 200);
    refused(elsewhere.asks("me").await, 401, "not_signed_in");
    assert_eq!(sign_ins(&boris).await.len(), 1);

    let password = json!({ "email": "boris@shop.example", "password": "battery staple" });
    refused(lena.post("agents/password", password.clone()).await, 403, "admins_only");
    assert_eq!(ada.post("agents/password", password).await.0, 200);
    refused(boris.asks("me").await, 401, "not_signed_in");
    let boris = Agent::signs_in(&server.url, "boris@shop.example", "battery staple").await;
    let whom = |email: &str| json!({ "email": email });
    refused(lena.post("agents/disable", whom("boris@shop.example")).await, 403, "admins_only");
    refused(ada.post("agents/disable", whom("Ada@shop.example ")).await, 422, "bad_input");
    refused(ada.post("agents/disable", whom("eve@shop.example")).await, 404, "unknown_agent");
    assert_eq!(ada.post("agents/disable", whom("boris@shop.example")).await.0, 200);
    refused(boris.asks("me").await, 401, "not_signed_in");
    let listed = ada.get("agents").await;
    assert!(listed["agents"].as_array().unwrap().iter().all(|agent| agent["name"] != "Boris"), "{listed}");
}
