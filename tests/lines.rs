//! The lines behind the bot: queues and who works in them, passing on, setting aside, hours, people that sites vouch for.

use crate::cast::{Agent, Customer, Server, Setup, http, send};
use serde_json::{Value, json};

/// No articles are needed where people do the talking.
fn desk(config: &str) -> Server {
    Server::start(Setup { config: config.into(), without_encoder: true, ..Setup::default() })
}

async fn waits(server: &Server, client_id: &str) -> Customer {
    let mut customer = Customer::arrives(server, client_id, "en").await;
    let (status, page) = customer.post("handoff", json!({})).await;
    assert_eq!((status, &page["phase"]["name"]), (200, &json!("waiting")), "{page}");
    customer.phase = page["phase"].clone();
    customer
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

async fn ids(agent: &Agent, view: &str) -> Vec<String> {
    let list = agent.get(&format!("conversations?view={view}")).await;
    list["conversations"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

async fn id_of(agent: &Agent) -> String {
    agent.get("me").await["agent"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_passed_on_and_nothing_is_shown_to_the_customer() {
    let server = desk("");
    let mut anna = server.agent("anna@shop.example", "Anna").await;
    let boris = server.agent("boris@shop.example", "Boris").await;
    let lena = server.lead("lena@shop.example", "Lena").await;
    let mut customer = waits(&server, "browser").await;
    let id = customer.conversation.clone();
    done(anna.claims(&id).await);

    let note = json!({ "client_id": "n1", "text": "He has called twice." });
    let written = done(anna.post(&format!("conversations/{id}/note"), note.clone()).await);
    let again = done(anna.post(&format!("conversations/{id}/note"), note).await);
    assert_eq!((&written["turn"]["kind"], &written["turn"]["text"]), (&json!("note"), &json!("He has called twice.")));
    assert_ne!(written["turn"]["seq"], Value::Null);
    assert_eq!(again["turn"]["seq"], written["turn"]["seq"], "the same client id is the same note");

    let transfer = format!("conversations/{id}/transfer");
    refused(boris.post(&transfer, json!({ "queue": "returns" })).await, 409, "not_yours");
    refused(anna.post(&transfer, json!({ "queue": "nowhere" })).await, 404, "unknown_queue");
    refused(anna.post(&transfer, json!({ "agent": "nobody" })).await, 404, "unknown_agent");
    refused(anna.post(&transfer, json!({})).await, 400, "missing_field");
    done(anna.post(&transfer, json!({ "queue": "returns", "note": "Wants to send it back." })).await);
    assert_eq!(boris.sees_waiting(&id).await["phase"]["queue"], "returns");
    done(boris.claims(&id).await);
    let to_anna = json!({ "agent": id_of(&anna).await });
    let moved = done(lena.post(&transfer, to_anna).await);
    assert_eq!(moved["conversation"]["phase"]["agent"]["name"], "Anna", "a lead moves what others have");

    done(anna.post(&format!("conversations/{id}/escalate"), json!({ "note": "He asks for a lead." })).await);
    let row = boris.sees_waiting(&id).await;
    assert_eq!((&row["phase"]["for_lead"], &row["phase"]["in_front"]), (&json!(true), &json!(true)), "{row}");
    refused(boris.claims(&id).await, 403, "for_leads");
    refused(anna.replies(&id, "One more thing").await, 409, "not_yours");
    done(lena.claims(&id).await);

    customer.hears_text("Lena has joined").await;
    let texts: Vec<String> =
        customer.all_turns().await.iter().map(|turn| turn["text"].as_str().unwrap().to_owned()).collect();
    for secret in ["called twice", "send it back", "asks for a lead"] {
        assert!(texts.iter().all(|text| !text.contains(secret)), "the customer reads {secret:?}: {texts:?}");
    }
    let whole = lena.opens(&id).await;
    let notes = whole["turns"].as_array().unwrap().iter().filter(|turn| turn["kind"] == "note").count();
    assert_eq!(notes, 3, "agents read them all");
}

#[tokio::test(flavor = "multi_thread")]
async fn set_aside_until_the_customer_writes() {
    let server = desk("");
    let mut anna = server.agent("anna@shop.example", "Anna").await;
    let mut customer = waits(&server, "browser").await;
    let id = customer.conversation.clone();
    done(anna.claims(&id).await);
    done(anna.replies(&id, "I ask the warehouse.").await);
    let snooze = format!("conversations/{id}/snooze");
    refused(anna.post(&snooze, json!({ "until": "2020-01-01T00:00:00Z" })).await, 422, "moment_passed");
    refused(anna.post(&snooze, json!({ "until": "2120-01-01T00:00:00Z" })).await, 422, "bad_input");
    done(anna.post(&snooze, json!({})).await);
    assert_eq!((ids(&anna, "mine").await, ids(&anna, "snoozed").await), (vec![], vec![id.clone()]));
    customer.says("Any news?").await;
    assert_eq!(
        (ids(&anna, "mine").await, ids(&anna, "snoozed").await),
        (vec![id.clone()], vec![]),
        "a reply brings it back"
    );

    let draft = format!("conversations/{id}/draft");
    done(anna.post(&draft, json!({ "text": "The warehouse says" })).await);
    done(anna.post(&format!("conversations/{id}/release"), json!({})).await);
    assert_eq!(anna.get(&draft).await["text"], "The warehouse says", "a draft survives whatever happens");
    done(anna.claims(&id).await);
    done(anna.replies(&id, "The warehouse says yes.").await);
    assert_eq!(anna.get(&draft).await["text"], "", "what was said is no draft any more");

    let unsolved = format!("conversations/{id}/resolve");
    refused(anna.post(&unsolved, json!({ "outcome": "unsolved" })).await, 422, "bad_input");
    let wish = json!({ "outcome": "unsolved", "reason": "No stock", "plan": "We write when it is back." });
    done(anna.post(&unsolved, wish).await);
    customer.hears_text("We write when it is back.").await;
    assert_eq!(ids(&anna, "follow_ups").await, std::slice::from_ref(&id));
    done(anna.post(&format!("conversations/{id}/follow_up_done"), json!({})).await);
    assert_eq!(ids(&anna, "follow_ups").await, Vec::<String>::new());
    let again = anna.post(&format!("conversations/{id}/follow_up_done"), json!({})).await;
    refused(again, 409, "nothing_promised");
}

#[tokio::test(flavor = "multi_thread")]
async fn work_is_given_within_capacity_and_the_backlog_when_somebody_comes() {
    let server = desk("[[queues]]\nname = \"general\"\nassign = \"balanced\"\n");
    let anna = server.agent("anna@shop.example", "Anna").await;
    let boris = server.agent("boris@shop.example", "Boris").await;
    let lena = server.lead("lena@shop.example", "Lena").await;
    for email in ["anna@shop.example", "boris@shop.example"] {
        done(lena.post("agents/work", json!({ "email": email, "capacity": 1 })).await);
    }
    refused(anna.post("agents/work", json!({ "email": "anna@shop.example", "capacity": 9 })).await, 403, "leads_only");
    let (mut first, mut second, third) =
        (waits(&server, "a").await, waits(&server, "b").await, waits(&server, "c").await);
    done(anna.post("heartbeat", json!({})).await);
    first.hears_text("Anna has joined").await;
    done(boris.post("presence", json!({ "presence": "online" })).await);
    second.hears_text("Boris has joined").await;
    refused(anna.claims(&third.conversation).await, 409, "at_capacity");

    let staff = lena.get("agents").await;
    let of = |email: &str| staff["agents"].as_array().unwrap().iter().find(|a| a["email"] == email).unwrap().clone();
    let boris_now = of("boris@shop.example");
    assert_eq!((&boris_now["open"], &boris_now["presence"]), (&json!(1), &json!("online")), "{staff}");
    done(anna.post("presence", json!({ "presence": "away" })).await);
    done(anna.resolves(&first.conversation).await);
    assert_eq!(
        anna.sees_waiting(&third.conversation).await["phase"]["name"],
        "waiting",
        "who is away is given nothing"
    );
    let mut third = third;
    done(boris.resolves(&second.conversation).await);
    third.hears_text("Boris has joined").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_set_queues_and_the_file_wins() {
    let mut server = desk("[[queues]]\nname = \"payments\"\ntitle = \"Payments\"\n");
    let mut lena = server.lead("lena@shop.example", "Lena").await;
    let anna = server.agent("anna@shop.example", "Anna").await;
    let night = json!({ "name": "night", "title": "Night", "hours": { "zone": "Asia/Taipei", "mon-sun": "22:00-06:00" },
        "members": [{ "agent": "Anna@shop.example", "skill": 5 }], "levels": { "claim_secs": 60 } });
    refused(anna.post("queues", night.clone()).await, 403, "leads_only");
    refused(lena.post("queues", json!({ "name": "payments" })).await, 409, "fixed_in_file");
    let (status, problem) = lena.post("queues", json!({ "name": "night", "hours": { "mon": "9-18" } })).await;
    assert_eq!(status, 422);
    assert!(problem["detail"].as_str().unwrap().contains("hours"), "{problem}");
    refused(lena.post("queues", json!({ "name": "No spaces" })).await, 422, "bad_input");
    done(lena.post("queues", night).await);
    server.kill_and_start_again();
    lena.finds(&server);
    let queues = lena.get("queues").await;
    let of = |name: &str| queues["queues"].as_array().unwrap().iter().find(|q| q["name"] == name).unwrap().clone();
    let kept = of("night");
    assert_eq!((&kept["source"], &kept["title"]), (&json!("console"), &json!("Night")), "{kept}");
    assert_eq!(kept["hours"]["zone"], "Asia/Taipei");
    assert_eq!(kept["members"][0], json!({ "agent": "anna@shop.example", "skill": 5 }));
    assert_eq!((&of("payments")["source"], &of("returns")["source"]), (&json!("file"), &json!("built_in")));
    done(lena.post("queues/night/unset", json!({})).await);
    refused(lena.post("queues/night/unset", json!({})).await, 404, "unknown_queue");
}

#[tokio::test(flavor = "multi_thread")]
async fn out_of_hours_the_customer_is_told_and_can_leave_a_contact() {
    // It never opens, whatever day it is.
    let server = desk("[[queues]]\nname = \"general\"\nhours = { zone = \"Europe/Berlin\" }\n");
    let anna = server.agent("anna@shop.example", "Anna").await;
    let mut customer = Customer::arrives(&server, "browser", "en").await;
    let (_, page) = customer.post("handoff", json!({})).await;
    let notice = page["turns"].as_array().unwrap().last().unwrap()["text"].as_str().unwrap().to_owned();
    assert!(notice.contains("e-mail"), "{notice}");
    refused(customer.post("contact", json!({ "contact": "call me" })).await, 422, "bad_contact");
    done(customer.post("contact", json!({ "contact": " Anna.Ivanova@mail.example " })).await);
    customer.hears("the thanks", |turn| turn["text"].as_str().unwrap().contains("@mail.example")).await;
    // Typed instead of put into the form it is understood too.
    customer.says("+49 30 901820").await;
    customer
        .hears("the thanks", |turn| turn["kind"] == "notice" && turn["text"].as_str().unwrap().contains("901820"))
        .await;
    let whole = anna.opens(&customer.conversation).await;
    let kinds: Vec<_> = whole["contacts"].as_array().unwrap().iter().map(|left| left["kind"].clone()).collect();
    assert_eq!(kinds, ["phone", "email"], "{whole}");
    assert!(whole["clocks"].as_array().unwrap().iter().any(|clock| clock["clock"] == "claim"), "{whole}");
}

pub const SECRET: &str = "0123456789abcdef0123456789abcdef";

pub fn signed(subject: &str, attributes: Value) -> String {
    use jsonwebtoken::{EncodingKey, Header, encode};
    let in_an_hour = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() + 3_600;
    let claims = json!({ "sub": subject, "aud": "shop", "exp": in_an_hour, "attributes": attributes });
    encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

async fn arrives_as(server: &Server, client_id: &str, identity: &str) -> (u16, Value) {
    let body = json!({ "client_id": client_id, "site": "shop", "language": "en", "identity": identity,
        "time_zone": "Asia/Taipei" });
    send(http().post(format!("{}/api/v1/conversations", server.url)).json(&body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_site_vouches_for_is_known_goes_first_and_may_be_merged() {
    let server = Server::start(Setup {
        config: "[[sites]]\nname = \"shop\"\nidentity_secret_env = \"SHOP_SECRET\"\n".into(),
        env: vec![("SHOP_SECRET".into(), SECRET.into())],
        without_encoder: true,
        ..Setup::default()
    });
    let anna = server.agent("anna@shop.example", "Anna").await;
    let stranger = waits(&server, "stranger").await;
    refused(arrives_as(&server, "x", "no.such.token").await, 401, "bad_identity");

    let identity = signed("u-7", json!({ "name": "Mei", "vip": true }));
    let (status, opened) = arrives_as(&server, "phone", &identity).await;
    assert_eq!(status, 201, "{opened}");
    let at = |opened: &Value, path: &str| {
        format!("{}/api/v1/conversations/{}/{path}", server.url, opened["conversation"].as_str().unwrap())
    };
    let token = |opened: &Value| opened["token"].as_str().unwrap().to_owned();
    let says = json!({ "client_id": "1", "text": "I want a person about order 12345" });
    send(http().post(at(&opened, "turns")).bearer_auth(token(&opened)).json(&says)).await;
    let waiting = anna.get("conversations?view=waiting").await;
    let rows = waiting["conversations"].as_array().unwrap();
    assert_eq!(rows[0]["id"], opened["conversation"], "the signed VIP stands before who came earlier: {waiting}");
    assert_eq!(rows[1]["id"], json!(stranger.conversation));
    let whole = anna.opens(opened["conversation"].as_str().unwrap()).await;
    assert_eq!(whole["brief"]["customer"]["attributes"]["name"], "Mei", "{}", whole["brief"]);
    assert_eq!(whole["brief"]["found"][0]["text"], "12345", "{}", whole["brief"]);
    assert_eq!(whole["brief"]["time_zone"], "Asia/Taipei");

    let (_, other) = arrives_as(&server, "laptop", &identity).await;
    let says = json!({ "client_id": "1", "text": "Hello, from my laptop" });
    send(http().post(at(&other, "turns")).bearer_auth(token(&other)).json(&says)).await;
    let merge = format!("conversations/{}/merge", other["conversation"].as_str().unwrap());
    refused(anna.post(&merge, json!({ "into": stranger.conversation })).await, 409, "cannot_merge");
    done(anna.post(&merge, json!({ "into": opened["conversation"] })).await);
    // The laptop's token opens what both go on in, under the old address too.
    let says = json!({ "client_id": "2", "text": "Are you there?" });
    let (status, said) = send(http().post(at(&other, "turns?wait=0")).bearer_auth(token(&other)).json(&says)).await;
    assert_eq!((status, &said["phase"]["name"]), (200, &json!("waiting")), "{said}");
    let whole = anna.opens(opened["conversation"].as_str().unwrap()).await;
    assert_eq!(whole["absorbed"][0]["id"], other["conversation"]);
    let texts = |turns: &Value| -> Vec<String> {
        turns.as_array().unwrap().iter().map(|turn| turn["text"].as_str().unwrap().to_owned()).collect()
    };
    assert!(texts(&whole["turns"]).contains(&"Are you there?".to_owned()));
    assert!(texts(&whole["absorbed"][0]["turns"]).contains(&"Hello, from my laptop".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_takes_over_from_the_bot() {
    let server = desk("");
    let anna = server.agent("anna@shop.example", "Anna").await;
    let boris = server.agent("boris@shop.example", "Boris").await;
    let mut customer = Customer::arrives(&server, "browser", "en").await;
    customer.says("hello").await;
    let take_over = format!("conversations/{}/take_over", customer.conversation);
    done(anna.post(&take_over, json!({})).await);
    refused(boris.post(&take_over, json!({})).await, 409, "already_claimed");
    customer.hears_text("Anna").await;
    let hi = json!({ "client_id": "hi", "text": "Hi, I can help." });
    let reply = format!("conversations/{}/reply", customer.conversation);
    let first = done(anna.post(&reply, hi.clone()).await);
    customer.hears_text("Hi, I can help.").await;
    done(anna.post(&format!("conversations/{}/hand_back", customer.conversation), json!({})).await);
    let again = done(anna.post(&reply, hi).await);
    assert_eq!(again["turn"]["id"], first["turn"]["id"], "sent again after the end of it, said once");
    refused(anna.post(&reply, json!({ "client_id": "new", "text": "More" })).await, 409, "not_yours");
    refused(boris.post(&format!("conversations/{}/release", customer.conversation), json!({})).await, 409, "not_yours");
}
