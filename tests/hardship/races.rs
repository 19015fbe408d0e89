//! Races: two people, or a person and the bot, do something at the same moment. One of them wins, everybody knows who, and nothing
//! is said twice or lost.

use super::means::{Faults, small_shop};
use crate::cast::{Agent, Customer, DEADLINE, Server, Setup, http, send};
use futures::future::join_all;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ROUNDS: usize = 20;

struct Shop {
    server: Server,
    _home: tempfile::TempDir,
}

impl Shop {
    fn opens() -> Self {
        let home = tempfile::tempdir().unwrap();
        let setup = Setup { knowledge: Some(small_shop(home.path())), without_encoder: true, ..Setup::default() };
        Self { server: Server::start(setup), _home: home }
    }
}

async fn somebody_waits(server: &Server, n: usize) -> Customer {
    let mut customer = Customer::arrives(server, &format!("browser-{n}"), "en").await;
    assert_eq!(customer.post("handoff", json!({})).await.0, 200);
    customer.is_in_phase("waiting").await;
    customer
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_agents_who_claim_at_once_one_wins() {
    let Shop { server, _home } = Shop::opens();
    let alice = server.agent("alice@shop.example", "Alice").await;
    let bob = server.agent("bob@shop.example", "Bob").await;
    for n in 0..ROUNDS {
        let customer = somebody_waits(&server, n).await;
        let id = &customer.conversation;
        let (first, second) = tokio::join!(alice.claims(id), bob.claims(id));
        let (winner, loser, owner) = if first.0 == 200 { (first, second, "Alice") } else { (second, first, "Bob") };
        assert_eq!((winner.0, loser.0), (200, 409), "{winner:?} {loser:?}");
        assert_eq!(loser.1["code"], "already_claimed", "{}", loser.1);
        assert_eq!(loser.1["agent"]["name"], owner, "{}", loser.1);
        let turns = customer.all_turns().await;
        let n_joined = turns.iter().filter(|turn| turn["text"].as_str().unwrap().contains("has joined")).count();
        assert_eq!(n_joined, 1, "{turns:#?}");
        let agent = if owner == "Alice" { &alice } else { &bob };
        assert_eq!(agent.resolves(id).await.0, 200);
    }
}

/// Nothing of the bot's stands after the agent has joined.
fn the_bot_is_silent_after_the_claim(turns: &[Value]) {
    let is_joining = |turn: &Value| turn["text"].as_str().unwrap().contains("has joined");
    let joined = turns.iter().position(is_joining).unwrap_or_else(|| panic!("nobody joined: {turns:#?}"));
    assert!(turns[joined..].iter().all(|turn| turn["by"] != "bot"), "{turns:#?}");
}

/// The bot thinks, the customer calls for a person, an agent takes it; then the bot is done thinking.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_bot_thought_of_before_the_claim_is_not_said_after_it() {
    let home = tempfile::tempdir().unwrap();
    let faults = Faults::none_yet();
    let setup = Setup { knowledge: Some(small_shop(home.path())), ..Setup::default() };
    let server = Server::start(faults.let_into(setup));
    let mut alice = server.agent("alice@shop.example", "Alice").await;
    let mut customer = Customer::arrives(&server, "browser", "en").await;
    faults.stall_encoder();
    let body = json!({ "client_id": "a", "text": "how long does a refund take" });
    assert_eq!(customer.post("turns?wait=0", body.clone()).await.0, 200);
    assert_eq!(customer.post("handoff", json!({})).await.0, 200);
    assert_eq!(alice.claims(&customer.conversation).await.0, 200);
    faults.leave_encoder_alone();
    // Sent again, it waits for the thought.
    let (status, said) = customer.post("turns", body).await;
    assert_eq!(status, 200, "{said}");
    assert_eq!(alice.replies(&customer.conversation, "I am with you.").await.0, 200);
    customer.hears_text("I am with you.").await;
    the_bot_is_silent_after_the_claim(&customer.all_turns().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn bot_and_agent_never_talk_over_each_other() {
    let Shop { server, _home } = Shop::opens();
    let alice = server.agent("alice@shop.example", "Alice").await;
    for n in 0..2 * ROUNDS {
        let customer = Customer::arrives(&server, &format!("browser-{n}"), "en").await;
        let asks = customer.post("turns", json!({ "client_id": "a", "text": "how long does a refund take" }));
        let calls = customer.post("handoff", json!({}));
        let claims = async {
            let begun = Instant::now();
            while alice.claims(&customer.conversation).await.0 != 200 {
                assert!(begun.elapsed() < DEADLINE, "it never waited");
            }
        };
        let (asked, called, ()) = tokio::join!(asks, calls, claims);
        assert_eq!((asked.0, called.0), (200, 200), "{asked:?} {called:?}");
        the_bot_is_silent_after_the_claim(&customer.all_turns().await);
        assert_eq!(alice.resolves(&customer.conversation).await.0, 200);
    }
}

/// A lid is shut while the agent presses "send".
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_finds_the_reply_once() {
    let Shop { server, _home } = Shop::opens();
    let mut alice = server.agent("alice@shop.example", "Alice").await;
    let mut customer = somebody_waits(&server, 0).await;
    let id = customer.conversation.clone();
    assert_eq!(alice.claims(&id).await.0, 200);
    for n in 0..2 * ROUNDS {
        let words = format!("Reply number {n}.");
        // The socket is open and is dropped at some moment of the sending, a little later each time.
        let moment = Duration::from_micros(250 * n as u64);
        let listening = tokio::time::timeout(moment, customer.hears_text("what nobody says"));
        let (heard, replied) = tokio::join!(listening, alice.replies(&id, &words));
        assert!(heard.is_err());
        assert_eq!(replied.0, 200, "{}", replied.1);
        customer.hears_text(&words).await;
    }
    let n_seen = |turns: &[Value]| turns.iter().filter(|turn| turn["by"] == "agent").count();
    assert_eq!(n_seen(&customer.turns), 2 * ROUNDS, "seen along the way");
    assert_eq!(n_seen(&customer.all_turns().await), 2 * ROUNDS, "in the end");
}

const IN_LINE: usize = 500;

/// A Monday morning: whoever wrote over the weekend waits, and three agents take them from the front of the line.
#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_who_waited_are_each_taken_once_and_in_order() {
    let Shop { server, _home } = Shop::opens();
    let begun = Instant::now();
    let mut line = vec![];
    // Not all at once, as nobody's weekend is.
    for morning in 0..IN_LINE / 50 {
        line.extend(join_all((0..50).map(|n| waits(&server, morning * 50 + n))).await);
    }
    println!("{IN_LINE} wait after {} ms", begun.elapsed().as_millis());

    let begun = Instant::now();
    let mut agents = vec![];
    for name in ["Alice", "Bob", "Carol"] {
        agents.push(server.agent(&format!("{}@shop.example", name.to_lowercase()), name).await);
    }
    let taken = join_all(agents.iter().map(takes_from_the_front)).await;
    println!(
        "they are taken after {} ms by {:?}",
        begun.elapsed().as_millis(),
        taken.iter().map(Vec::len).collect::<Vec<_>>()
    );
    let mut ids: Vec<&String> = taken.iter().flatten().map(|taken| &taken.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), taken.iter().map(Vec::len).sum::<usize>()), (IN_LINE, IN_LINE), "each is taken once");
    line.sort();
    assert!(line.iter().eq(ids), "those who are taken are those who waited");
    // Each was claimed as the first of the line, so who waited longer was claimed sooner.
    let mut by_claim: Vec<&Taken> = taken.iter().flatten().collect();
    by_claim.sort_by(|a, b| (&a.claimed, &a.waiting_since).cmp(&(&b.claimed, &b.waiting_since)));
    assert!(by_claim.is_sorted_by_key(|taken| &taken.waiting_since), "somebody was passed over");
    assert_eq!(agents[0].get("conversations?view=waiting").await["conversations"], json!([]));
}

async fn waits(server: &Server, n: usize) -> String {
    let body = json!({ "client_id": format!("browser-{n}"), "site": "shop", "language": "en" });
    let (status, opened) = send(http().post(format!("{}/api/v1/conversations", server.url)).json(&body)).await;
    assert_eq!(status, 201, "{opened}");
    let id = opened["conversation"].as_str().unwrap().to_owned();
    let url = format!("{}/api/v1/conversations/{id}/handoff", server.url);
    let asking = http().post(url).bearer_auth(opened["token"].as_str().unwrap()).json(&json!({}));
    let (status, answer) = send(asking).await;
    assert_eq!(status, 200, "{answer}");
    id
}

struct Taken {
    id: String,
    waiting_since: jiff::Timestamp,
    claimed: jiff::Timestamp,
}

/// Until the line is empty. Who loses the first of the line to another agent looks again.
async fn takes_from_the_front(agent: &Agent) -> Vec<Taken> {
    let moment = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let mut taken = vec![];
    loop {
        let list = agent.get("conversations?view=waiting&limit=1").await;
        let Some(first) = list["conversations"].as_array().unwrap().first() else { return taken };
        let id = first["id"].as_str().unwrap();
        let (status, claimed) = agent.claims(id).await;
        if status == 409 {
            // Taken, and perhaps closed already.
            assert!(claimed["code"] == "already_claimed" || claimed["code"] == "not_waiting", "{claimed}");
            continue;
        }
        assert_eq!(status, 200, "{claimed}");
        let phase = &claimed["conversation"]["phase"];
        taken.push(Taken {
            id: id.to_owned(),
            waiting_since: moment(&phase["waiting_since"]),
            claimed: moment(&phase["since"]),
        });
        assert_eq!(agent.resolves(id).await.0, 200);
    }
}
