//! What a team needs beside conversations: who sees what, tags, saved views, calls to colleagues, second factors, the audit log.

use crate::cast::{Agent, Customer, PASSWORD, Server, Setup, http, send};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};

fn rows(list: &Value) -> Vec<&str> {
    list["conversations"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

#[track_caller]
fn refused((status, problem): (u16, Value), expected: u16, code: &str) {
    assert_eq!((status, problem["code"].as_str()), (expected, Some(code)), "{problem}");
}

#[track_caller]
fn done((status, body): (u16, Value)) -> Value {
    assert_eq!(status, 200, "{body}");
    body
}

async fn waits(server: &Server, client: &str, words: &str) -> Customer {
    let mut customer = Customer::arrives(server, client, "en").await;
    customer.sends(json!({ "client_id": "1", "text": words })).await;
    done(customer.post("handoff", json!({})).await);
    customer
}

async fn lists(agent: &Agent, query: &str) -> Value {
    agent.get(&format!("conversations?{query}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_sees_the_queues_that_the_agent_works_in() {
    let config = "[[queues]]\nname = \"payments\"\nmembers = [{ agent = \"anna@shop.example\" }]\n";
    let server = Server::start(Setup { config: config.into(), without_encoder: true, ..Setup::default() });
    let anna = server.agent("anna@shop.example", "Anna").await;
    let boris = server.agent("boris@shop.example", "Boris").await;
    let lena = server.lead("lena@shop.example", "Lena").await;
    let id = waits(&server, "one", "The marmalade invoice is wrong").await.conversation;
    let open = waits(&server, "two", "The marmalade jar is broken").await.conversation;
    assert_eq!(
        rows(&lists(&boris, "view=waiting").await),
        [id.as_str(), &open],
        "a line without members is everybody's"
    );

    done(anna.post(&format!("conversations/{id}/transfer"), json!({ "queue": "payments" })).await);
    for (agent, sees) in [(&anna, true), (&boris, false), (&lena, true)] {
        let waiting = lists(agent, "view=waiting").await;
        assert_eq!(rows(&waiting).contains(&id.as_str()), sees, "{waiting}");
        assert_eq!(waiting["counts"]["waiting"], if sees { 2 } else { 1 });
        let found = lists(agent, "view=all&q=marmalade").await;
        assert_eq!(rows(&found).contains(&id.as_str()), sees, "{found}");
        assert!(rows(&found).contains(&open.as_str()));
    }

    // Not one of the routes below a conversation lets Boris in, whatever he sends.
    let described = send(http().get(format!("{}/api/v1/openapi.json", server.url))).await.1;
    let mut n_routes = 0;
    for (path, item) in described["paths"].as_object().unwrap() {
        let Some(rest) = path.strip_prefix("/api/v1/desk/conversations/{id}") else { continue };
        for method in item.as_object().unwrap().keys() {
            let route = format!("conversations/{id}{}", rest.replace("{turn}", "1"));
            let method = method.to_uppercase().parse().unwrap();
            refused(boris.calls(method, &route, json!({})).await, 403, "not_your_queue");
            n_routes += 1;
        }
    }
    assert!(n_routes > 20, "{n_routes}");
    done(boris.post(&format!("conversations/{open}/claim"), json!({})).await);
    refused(boris.post(&format!("conversations/{open}/merge"), json!({ "into": id })).await, 403, "not_your_queue");

    // What a lead passes to Boris himself is his, and stays in his sight after its end.
    let to_boris = json!({ "agent": boris.id().await });
    done(lena.post(&format!("conversations/{id}/transfer"), to_boris).await);
    assert_eq!(boris.opens(&id).await["conversation"]["phase"]["agent"]["name"], "Boris");
    assert_eq!(rows(&lists(&boris, "view=mine").await).len(), 2);
    done(boris.resolves(&id).await);
    assert_eq!(boris.asks(&format!("conversations/{id}")).await.0, 200);
    assert_eq!(lists(&boris, "view=resolved").await["counts"]["resolved"], 0, "the list is of his queues");
    assert_eq!(lists(&anna, "view=resolved").await["counts"]["resolved"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_are_put_on_taken_off_and_found() {
    let mut server = Server::start(Setup { without_encoder: true, ..Setup::default() });
    let mut anna = server.agent("anna@shop.example", "Anna").await;
    let one = waits(&server, "one", "Where is my parcel?").await.conversation;
    let two = waits(&server, "two", "Where is my refund?").await.conversation;
    let tag = async |agent: &Agent, id: &str, body: Value| agent.post(&format!("conversations/{id}/tag"), body).await;
    let after = done(tag(&anna, &one, json!({ "add": [" Late  Parcel", "vip", "退款"] })).await);
    assert_eq!(after["conversation"]["tags"], json!(["late parcel", "vip", "退款"]));
    done(tag(&anna, &two, json!({ "add": ["vip"] })).await);
    let again = done(tag(&anna, &one, json!({ "add": ["vip"], "remove": ["退款", "never there"] })).await);
    assert_eq!(again["conversation"]["tags"], json!(["late parcel", "vip"]));

    let in_use = json!({ "tags": [{ "tag": "vip", "n": 2 }, { "tag": "late parcel", "n": 1 }] });
    assert_eq!(anna.get("tags").await, in_use);
    assert_eq!(rows(&lists(&anna, "view=waiting&tag=late%20parcel").await), [one.as_str()]);
    assert_eq!(rows(&lists(&anna, "view=all&q=where&tag=Vip").await).len(), 2);
    assert_eq!(rows(&lists(&anna, "view=bot&tag=vip").await).len(), 0);

    refused(tag(&anna, &one, json!({ "add": ["a,b"] })).await, 422, "bad_input");
    let many: Vec<String> = (0..19).map(|n| format!("tag {n}")).collect();
    refused(tag(&anna, &one, json!({ "add": many })).await, 409, "too_many_tags");
    refused(anna.asks("conversations?view=waiting&tag=%23").await, 400, "bad_query");
    refused(tag(&anna, "nowhere", json!({ "add": ["x"] })).await, 404, "unknown_conversation");

    server.kill_and_start_again();
    anna.finds(&server);
    assert_eq!(anna.get("tags").await, in_use, "they outlive a death");
    let macro_reply = json!({ "name": "Late", "text": "It is on its way.", "tags": ["Late Parcel"], "ends": true });
    let kept = done(anna.post("canned", macro_reply).await);
    assert_eq!((&kept["tags"], &kept["ends"]), (&json!(["late parcel"]), &json!(true)));
    assert_eq!(anna.get("canned").await["replies"][0]["tags"], json!(["late parcel"]));
    refused(anna.post("canned", json!({ "name": "Bad", "text": "x", "tags": ["#"] })).await, 422, "bad_input");
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_saved_and_colleagues_called() {
    let config = "[[queues]]\nname = \"payments\"\nmembers = [{ agent = \"anna@shop.example\" }]\n";
    let server = Server::start(Setup { config: config.into(), without_encoder: true, ..Setup::default() });
    let anna = server.agent("anna@shop.example", "Anna").await;
    let boris = server.agent("boris@shop.example", "Boris").await;
    let lena = server.lead("lena@shop.example", "Lena").await;

    let mine = json!({ "name": "Refunds", "view": "waiting", "tag": "refund", "language": "ru" });
    let kept = done(anna.post("views", mine.clone()).await);
    assert_eq!((&kept["name"], &kept["tag"], &kept["is_shared"]), (&json!("Refunds"), &json!("refund"), &json!(false)));
    refused(anna.post("views", mine.clone()).await, 422, "bad_input");
    refused(anna.post("views", json!({ "name": "x", "view": "all" })).await, 422, "bad_input");
    refused(anna.post("views", json!({ "name": "x", "view": "waiting", "language": "tlh" })).await, 422, "bad_input");
    let shared = json!({ "name": "Everybody's", "view": "all", "q": "refund", "is_shared": true });
    refused(anna.post("views", shared.clone()).await, 403, "leads_only");
    let shared = done(lena.post("views", shared).await);
    let names = async |agent: &Agent| {
        let all = agent.get("views").await;
        all["views"]
            .as_array()
            .unwrap()
            .iter()
            .map(|view| view["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&anna).await, ["Everybody's", "Refunds"]);
    assert_eq!(names(&boris).await, ["Everybody's"]);
    let mut renamed = mine;
    renamed["id"] = kept["id"].clone();
    renamed["name"] = json!("Russian refunds");
    done(anna.post("views", renamed.clone()).await);
    refused(boris.post("views", renamed).await, 404, "unknown_view");
    assert_eq!(names(&anna).await, ["Everybody's", "Russian refunds"]);
    refused(anna.delete(&format!("views/{}?is_shared=true", shared["id"].as_str().unwrap())).await, 403, "leads_only");
    done(anna.delete(&format!("views/{}", kept["id"].as_str().unwrap())).await);
    assert_eq!(names(&anna).await, ["Everybody's"]);

    // Called by a note, Boris finds it until he looks.
    let id = waits(&server, "one", "Where is my parcel?").await.conversation;
    let note =
        |client: &str, who: &str| json!({ "client_id": client, "text": "@Boris, do you know?", "mentions": [who] });
    let (boris_id, path) = (boris.id().await, format!("conversations/{id}/note"));
    done(anna.post(&path, note("n1", &boris_id)).await);
    done(anna.post(&path, note("n1", &boris_id)).await);
    refused(lena.post(&path, note("n1", &boris_id)).await, 409, "client_id_taken");
    let called = lists(&boris, "view=mentioned").await;
    assert_eq!((rows(&called), &called["counts"]["mentioned"]), (vec![id.as_str()], &json!(1)));
    assert_eq!(lists(&lena, "view=mentioned").await["counts"]["mentioned"], 0);
    done(boris.post(&format!("conversations/{id}/look"), json!({})).await);
    assert_eq!(lists(&boris, "view=mentioned").await["counts"]["mentioned"], 0);
    refused(anna.post(&path, note("n2", "nobody")).await, 404, "unknown_agent");
    done(anna.post(&format!("conversations/{id}/transfer"), json!({ "queue": "payments" })).await);
    refused(anna.post(&path, note("n3", &boris_id)).await, 422, "bad_input");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_blocked_writes_no_more() {
    let mut server = Server::start(Setup { without_encoder: true, ..Setup::default() });
    let mut anna = server.agent("anna@shop.example", "Anna").await;
    let boris = server.agent("boris@shop.example", "Boris").await;
    let lena = server.lead("lena@shop.example", "Lena").await;
    let mut spammer = waits(&server, "spam", "Buy my pills, they are the best pills").await;
    let id = spammer.conversation.clone();
    assert_eq!(boris.claims(&id).await.0, 200);
    refused(anna.post(&format!("conversations/{id}/block"), json!({})).await, 409, "not_yours");
    spammer.sends(json!({ "client_id": "2", "text": "More pills" })).await;
    let after = done(boris.post(&format!("conversations/{id}/block"), json!({})).await);
    assert_eq!(after["conversation"]["phase"]["outcome"], "unsolved");
    done(boris.post(&format!("conversations/{id}/block"), json!({})).await);
    server.kill_and_start_again();
    anna.finds(&server);
    spammer.finds(&server);
    refused(spammer.post("turns", json!({ "client_id": "3", "text": "Still more pills" })).await, 403, "blocked");
    refused(spammer.post("handoff", json!({})).await, 403, "blocked");
    refused(spammer.post("rating", json!({ "score": 1 })).await, 403, "blocked");
    let turns = spammer.all_turns().await;
    let last = turns.last().unwrap();
    assert_eq!(
        (last["by"].as_str(), last["text"].as_str()),
        (Some("system"), Some("This conversation has been closed by our team. You can no longer write here."))
    );
    assert!(anna.opens(&id).await["blocked_at"].is_string());

    let mut lena = lena;
    lena.finds(&server);
    refused(anna.post(&format!("conversations/{id}/unblock"), json!({})).await, 403, "leads_only");
    done(lena.post(&format!("conversations/{id}/unblock"), json!({})).await);
    assert!(anna.opens(&id).await["blocked_at"].is_null());
    let (status, kept) = spammer.post("turns", json!({ "client_id": "4", "text": "I am sorry" })).await;
    assert!(status == 200 || status == 202, "{kept}");
}

fn totp(secret: &str) -> Totp {
    let secret = Secret::try_from_base32(secret).unwrap();
    Builder::new().with_secret(secret).with_account_name("anna@shop.example").build().unwrap()
}

fn now() -> u64 {
    jiff::Timestamp::now().as_second() as u64
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_wanted_at_each_sign_in() {
    let server = Server::start(Setup { without_encoder: true, ..Setup::default() });
    let ada = server.admin("ada@shop.example", "Ada").await;
    let anna = server.agent("anna@shop.example", "Anna").await;
    let sign_in = async |code: Option<&str>, password: &str| {
        let body = json!({ "email": "Anna@shop.example", "password": password, "code": code });
        send(http().post(format!("{}/api/v1/desk/login", server.url)).json(&body)).await
    };
    let offered = done(anna.post("me/second_factor/offer", json!({})).await);
    assert!(offered["url"].as_str().unwrap().starts_with("otpauth://totp/Firstline:anna%40shop.example?secret="));
    assert!(offered["qr"]["path"].as_str().unwrap().starts_with("M4,4h7v1h-7z"));
    let secret = offered["secret"].as_str().unwrap();
    let totp = totp(secret);
    done(sign_in(None, PASSWORD).await); // Only offered yet.

    let confirm = |password: &str, code: &str| json!({ "password": password, "secret": secret, "code": code });
    // The step before: still good, and it leaves those of now and after for what follows.
    let code = |step: i64| totp.generate((now() as i64 + 30 * step) as u64).to_string();
    refused(anna.post("me/second_factor", confirm("wrong password", &code(-1))).await, 422, "wrong_password");
    refused(anna.post("me/second_factor", confirm(PASSWORD, "000000 0")).await, 422, "bad_code");
    let short = json!({ "password": PASSWORD, "secret": "MFRGG", "code": "000000" });
    refused(anna.post("me/second_factor", short).await, 422, "bad_input");
    done(anna.post("me/second_factor", confirm(PASSWORD, &code(-1))).await);
    assert_eq!(anna.get("me").await["agent"]["has_second_factor"], true);

    refused(sign_in(None, PASSWORD).await, 401, "code_wanted");
    refused(sign_in(Some("123"), PASSWORD).await, 422, "bad_code");
    refused(sign_in(Some(&code(0)), "wrong password").await, 401, "bad_credentials");
    let fresh = code(0);
    done(sign_in(Some(&fresh), PASSWORD).await);
    refused(sign_in(Some(&fresh), PASSWORD).await, 422, "bad_code"); // Each counts once.

    refused(anna.post("agents/reset_second_factor", json!({ "email": "anna@shop.example" })).await, 403, "admins_only");
    done(ada.post("agents/reset_second_factor", json!({ "email": "anna@shop.example" })).await);
    done(sign_in(None, PASSWORD).await);
    done(anna.post("me/second_factor", confirm(PASSWORD, &code(1))).await);
    refused(anna.post("me/second_factor/end", json!({ "password": "wrong password" })).await, 422, "wrong_password");
    done(anna.post("me/second_factor/end", json!({ "password": PASSWORD })).await);
    done(sign_in(None, PASSWORD).await);

    refused(anna.asks("audit").await, 403, "admins_only");
    let log = ada.get("audit?limit=200").await;
    let about_factors: Vec<_> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["what"].as_str().unwrap().starts_with("second_factor"))
        .map(|entry| {
            (entry["agent"].as_str().unwrap(), entry["what"].as_str().unwrap(), entry["about"].as_str().unwrap())
        })
        .collect();
    let who = "anna@shop.example";
    let expected = [
        ("Anna", "second_factor_off", who),
        ("Anna", "second_factor_on", who),
        ("Ada", "second_factor_off", who),
        ("Anna", "second_factor_on", who),
    ];
    assert_eq!(about_factors, expected);
    let page = ada.get("audit?limit=2").await;
    let older = ada.get(&format!("audit?limit=1&before={}", page["next"])).await;
    assert_eq!(older["entries"][0]["id"], log["entries"][2]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_is_locked_out_for_a_while() {
    let mut server = Server::start(Setup { without_encoder: true, ..Setup::default() });
    let ada = server.admin("ada@shop.example", "Ada").await;
    let mut anna = server.agent("anna@shop.example", "Anna").await;
    let url = server.url.clone();
    let sign_in = async |email: &str, password: &str| {
        let body = json!({ "email": email, "password": password });
        send(http().post(format!("{url}/api/v1/desk/login")).json(&body)).await
    };
    for email in ["anna@shop.example", "nobody@shop.example"] {
        for _ in 0..10 {
            refused(sign_in(email, "a wrong guess").await, 401, "bad_credentials");
        }
        refused(sign_in(email, PASSWORD).await, 429, "locked_out");
    }
    let entry = &ada.get("audit").await["entries"][0];
    assert_eq!(
        (&entry["what"], &entry["about"], &entry["agent"]),
        (&json!("locked_out"), &json!("anna@shop.example"), &json!(null))
    );
    assert_eq!(anna.asks("me").await.0, 200, "who is signed in stays so");
    done(ada.post("agents/password", json!({ "email": "anna@shop.example", "password": "another password" })).await);
    done(sign_in("anna@shop.example", "another password").await);
    refused(sign_in("nobody@shop.example", PASSWORD).await, 429, "locked_out");
    server.kill_and_start_again();
    anna.finds(&server);
    let body = json!({ "email": "nobody@shop.example", "password": PASSWORD });
    refused(send(http().post(format!("{}/api/v1/desk/login", server.url)).json(&body)).await, 429, "locked_out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follow_up_needs_no_ending() {
    let server = Server::start(Setup { without_encoder: true, ..Setup::default() });
    let anna = server.agent("anna@shop.example", "Anna").await;
    let id = waits(&server, "one", "The marmalade invoice is wrong").await.conversation;
    let path = format!("conversations/{id}/follow_up");
    refused(anna.post(&path, json!({ "due_at": "2001-01-01T00:00:00Z" })).await, 422, "moment_passed");
    let long = "x".repeat(4_001);
    refused(anna.post(&path, json!({ "note": long })).await, 422, "bad_input");
    let done_so = done(anna.post(&path, json!({ "note": "Ask the printers" })).await);
    assert_eq!(done_so["conversation"]["follow_up"]["is_due"], false, "{done_so}");
    let view = anna.opens(&id).await;
    assert_eq!(view["conversation"]["phase"]["name"], "waiting");
    let notes: Vec<_> = view["turns"].as_array().unwrap().iter().filter(|turn| turn["kind"] == "note").collect();
    assert_eq!((notes.len(), notes[0]["text"].as_str()), (1, Some("Ask the printers")));
    assert_eq!(rows(&lists(&anna, "view=follow_ups").await), [id.as_str()]);
    done(anna.post(&format!("conversations/{id}/follow_up_done"), json!({})).await);
    assert_eq!(rows(&lists(&anna, "view=follow_ups").await), [""; 0]);
}

/// The customer and the agents get what an agent marked as safe HTML, and the words as they were typed.
#[tokio::test(flavor = "multi_thread")]
async fn marks_in_a_reply_are_shown_and_a_link_leads_to_the_article() {
    let server = Server::start(Setup { without_encoder: true, ..Setup::default() });
    let mut anna = server.agent("anna@shop.example", "Anna").await;
    assert_eq!(anna.get("me").await["public_url"], Value::Null);
    let mut customer = waits(&server, "one", "**Where** is my refund?").await;
    let id = customer.conversation.clone();
    done(anna.claims(&id).await);
    let words = format!("See **[refunds]({}/articles/refund-time?language=ru)**<script>", server.url);
    done(anna.replies(&id, &words).await);
    let told = customer.hears_text("See **[refunds]").await;
    let html = told["html"].as_str().unwrap();
    assert!(
        html.contains("<strong><a href=") && html.contains("&lt;script&gt;") && !html.contains("<script"),
        "{html}"
    );
    assert_eq!(told["text"].as_str(), Some(words.as_str()));
    let view = anna.opens(&id).await;
    let turns = view["turns"].as_array().unwrap();
    assert_eq!(turns.iter().find(|turn| turn["by"] == "agent").unwrap()["html"].as_str(), Some(html));
    assert!(turns.iter().all(|turn| turn["by"] != "customer" || turn["html"].is_null()));

    let page = |path: &'static str, language: &'static str| {
        let request = http().get(format!("{}/articles/{path}", server.url)).header("accept-language", language);
        async move {
            let response = request.send().await.unwrap();
            let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
            (response.status().as_u16(), policy, response.text().await.unwrap())
        }
    };
    let (status, policy, russian) = page("refund-time?language=ru", "en").await;
    assert!(
        status == 200 && russian.contains("<html lang=\"ru\">") && russian.contains("hreflang=\"zh-Hant\""),
        "{russian}"
    );
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(page("refund-time", "zh-TW,zh;q=0.9").await.2.contains("<html lang=\"zh-Hant\">"));
    let (status, _, gone) = page("no-such-article", "ru").await;
    assert!(status == 404 && gone.contains("Такой статьи нет"), "{gone}");
    assert_eq!(page("%3Cscript%3E", "en").await.0, 404);
}
