//! Storms: the store cannot write, the encoder does not answer, the clock jumps. Nothing is acknowledged that was not kept, nobody is left
//! in silence, and when the storm is over all goes on as if it had not been.

use super::means::{Disk, Faults, small_shop};
use crate::cast::{Customer, DEADLINE, Server, Setup, binary, http, send};
use firstline::testkit::telegram::StandIn;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use std::path::Path;
use std::time::Instant;

fn small_server(home: &Path) -> Setup {
    Setup { knowledge: Some(small_shop(home)), without_encoder: true, ..Setup::default() }
}

/// The customer says it, is told that nothing was saved and when to come again, and says it again until it is.
struct Insisting {
    body: Value,
}

impl Insisting {
    fn on(client_id: &str, text: &str) -> Self {
        Self { body: json!({ "client_id": client_id, "text": text }) }
    }

    async fn is_told_to_come_again(&self, customer: &Customer, server: &Server) {
        let url = format!("{}/api/v1/conversations/{}/turns", server.url, customer.conversation);
        let said = http().post(url).bearer_auth(&customer.token).json(&self.body).send().await.unwrap();
        assert_eq!(said.status(), 503);
        let wait: u64 = said.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        let problem: Value = said.json().await.unwrap();
        assert_eq!(problem["code"], "unavailable", "{problem}");
        assert!(!customer.all_turns().await.iter().any(|turn| turn["client_id"] == self.body["client_id"]));
    }

    /// It is there once, and something was said to it.
    async fn is_heard_at_last(&self, customer: &Customer) {
        let begun = Instant::now();
        loop {
            let (status, said) = customer.post("turns", self.body.clone()).await;
            if status == 200 {
                assert!(!said["replies"].as_array().unwrap().is_empty(), "{said}");
                break;
            }
            assert_eq!(status, 503, "{said}");
            assert!(begun.elapsed() < DEADLINE, "the store never came back: {said}");
        }
        let turns = customer.all_turns().await;
        let n = turns.iter().filter(|turn| turn["client_id"] == self.body["client_id"]).count();
        assert_eq!(n, 1, "{turns:#?}");
    }
}

async fn is_ready(server: &Server) -> u16 {
    send(http().get(format!("{}/readyz", server.url))).await.0
}

/// What the server says of itself is at most a second old.
async fn becomes_ready(server: &Server, status: u16) {
    let begun = Instant::now();
    while is_ready(server).await != status {
        assert!(begun.elapsed() < DEADLINE, "/readyz never said {status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_another_program_holds_the_database_nothing_is_acknowledged() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(small_server(home.path()));
    let customer = Customer::arrives(&server, "browser", "en").await;
    let file = server.data().join("firstline.db");
    let mut other: SqliteConnection = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    sqlx::query("begin immediate").execute(&mut other).await.unwrap();

    let refund = Insisting::on("a", "how long does a refund take");
    refund.is_told_to_come_again(&customer, &server).await;
    let opening = json!({ "client_id": "another", "site": "shop" });
    let opened = http().post(format!("{}/api/v1/conversations", server.url)).json(&opening).send().await.unwrap();
    assert_eq!(opened.status(), 503);
    becomes_ready(&server, 503).await;

    sqlx::query("rollback").execute(&mut other).await.unwrap();
    refund.is_heard_at_last(&customer).await;
    becomes_ready(&server, 200).await;
    Customer::arrives(&server, "another", "en").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_nothing_is_acknowledged_and_with_room_all_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let disk = Disk::of_kib(16 * 1024);
    let mut server = Server::start(Setup { data: Some(disk.path().join("data")), ..small_server(home.path()) });
    let mut customer = Customer::arrives(&server, "browser", "en").await;
    Insisting::on("before", "when are you open").is_heard_at_last(&customer).await;
    let before = customer.all_turns().await;

    assert!(disk.fill() > 0);
    // Room that SQLite has set aside already is still there: long words use it up.
    let begun = Instant::now();
    for n in 0.. {
        let body = json!({ "client_id": format!("long-{n}"), "text": "Nothing works! ".repeat(250) });
        let (status, said) = customer.post("turns?wait=0", body).await;
        if status == 503 {
            break;
        }
        assert_eq!(status, 200, "{said}");
        assert!(begun.elapsed() < DEADLINE, "the disk is never full");
    }
    let refund = Insisting::on("a", &format!("how long does a refund take {}", "please ".repeat(500)));
    refund.is_told_to_come_again(&customer, &server).await;
    becomes_ready(&server, 503).await;
    // Nor does a start on a full disk break anything.
    let kept = customer.all_turns().await;
    assert_eq!(kept[..before.len()], before);

    disk.make_room();
    refund.is_heard_at_last(&customer).await;
    becomes_ready(&server, 200).await;
    server.kill_and_start_again();
    customer.finds(&server);
    assert_eq!(customer.all_turns().await[..kept.len()], kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_disk_that_turns_read_only_nothing_is_acknowledged_until_it_can_be_written() {
    let home = tempfile::tempdir().unwrap();
    let faults = Faults::none_yet();
    let server = Server::start(faults.let_into(small_server(home.path())));
    let customer = Customer::arrives(&server, "browser", "en").await;
    Insisting::on("before", "when are you open").is_heard_at_last(&customer).await;

    faults.make_disk_read_only();
    becomes_ready(&server, 503).await;
    let refund = Insisting::on("a", "how long does a refund take");
    refund.is_told_to_come_again(&customer, &server).await;
    assert!(customer.all_turns().await.len() >= 2, "what is there can be read");

    faults.make_disk_writable();
    refund.is_heard_at_last(&customer).await;
    becomes_ready(&server, 200).await;
}

/// After a crash the system often mounts what it does not trust read-only.
#[tokio::test(flavor = "multi_thread")]
async fn on_a_read_only_mount_the_server_says_so_and_starts_when_it_can_write() {
    let home = tempfile::tempdir().unwrap();
    let disk = Disk::of_kib(32 * 1024);
    let data = disk.path().join("data");
    let mut server = Server::start(Setup { data: Some(data.clone()), ..small_server(home.path()) });
    let mut customer = Customer::arrives(&server, "browser", "en").await;
    Insisting::on("before", "when are you open").is_heard_at_last(&customer).await;
    let before = customer.all_turns().await;

    server.kill();
    disk.turn_read_only();
    let refused = binary().args(["serve", "--config"]).arg(server.config_file()).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains(data.to_str().unwrap()) && said.contains("Read-only"), "{said}");

    disk.turn_writable();
    server.start_again();
    customer.finds(&server);
    assert_eq!(customer.all_turns().await, before);
    Insisting::on("a", "how long does a refund take").is_heard_at_last(&customer).await;
}

/// With the encoder of the release, over a few articles.
fn with_encoder(home: &Path, faults: &Faults) -> Setup {
    let setup = Setup { knowledge: Some(small_shop(home)), encoder_wait_ms: Some(400), ..Setup::default() };
    faults.let_into(setup)
}

async fn what_is_missing(server: &Server) -> Value {
    let ask = http().post(format!("{}/api/v1/ask", server.url)).json(&json!({ "text": "how long does a refund take" }));
    let (status, asked) = send(ask).await;
    assert_eq!(status, 200, "{asked}");
    asked["trace"]["degraded"].clone()
}

/// The customer asks while the encoder fails, and the agent sees by what the answer was found.
async fn words_alone_answer(server: &Server, why: &[&str]) {
    let is_why = |degraded: &Value| why.iter().any(|why| *degraded == json!([why]));
    let missing = what_is_missing(server).await;
    assert!(is_why(&missing), "{missing}");
    let agent = server.agent("alice@shop.example", "Alice").await;
    let mut customer = Customer::arrives(server, "browser", "en").await;
    let said = customer.says("how long does a refund take").await;
    let decision = said["replies"][0]["decision"].as_str();
    assert!(decision.is_some_and(|decision| ["answer", "clarify", "hand_off"].contains(&decision)), "{said}");
    let view = agent.opens(&customer.conversation).await;
    assert!(is_why(&view["traces"][0]["trace"]["degraded"]), "{view}");
}

async fn the_encoder_comes_back(server: &Server) {
    let begun = Instant::now();
    while what_is_missing(server).await != json!([]) {
        assert!(begun.elapsed() < DEADLINE, "the encoder never came back");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_encoder_keeps_nobody_waiting() {
    let home = tempfile::tempdir().unwrap();
    let faults = Faults::none_yet();
    let server = Server::start(with_encoder(home.path(), &faults));
    the_encoder_comes_back(&server).await;
    faults.stall_encoder();
    words_alone_answer(&server, &["encoder_late"]).await;
    faults.leave_encoder_alone();
    the_encoder_comes_back(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panicking_encoder_is_started_again() {
    let home = tempfile::tempdir().unwrap();
    let faults = Faults::none_yet();
    let server = Server::start(with_encoder(home.path(), &faults));
    the_encoder_comes_back(&server).await;
    faults.make_encoder_panic();
    // Late, while its model is being loaded again.
    words_alone_answer(&server, &["encoder_failed", "encoder_late"]).await;
    faults.leave_encoder_alone();
    the_encoder_comes_back(&server).await;
}

/// Of a hundred panics none takes the server down; the operator is told, and customers are answered by words.
#[tokio::test(flavor = "multi_thread")]
async fn an_encoder_that_keeps_panicking_is_given_up_and_that_is_said() {
    let home = tempfile::tempdir().unwrap();
    let faults = Faults::none_yet();
    let server = Server::start(with_encoder(home.path(), &faults));
    the_encoder_comes_back(&server).await;
    faults.make_encoder_panic();
    let begun = Instant::now();
    loop {
        assert_ne!(what_is_missing(&server).await, json!([]));
        let (status, ready) = send(http().get(format!("{}/readyz", server.url))).await;
        assert_eq!(status, 200, "{ready}");
        if ready["degraded"].to_string().contains("the encoder failed too often") {
            break;
        }
        assert!(begun.elapsed() < DEADLINE, "it is not given up: {ready}");
    }
    words_alone_answer(&server, &["encoder_failed"]).await;
}

const HOUR: i64 = 3_600;

/// A machine that woke with the wrong time, or whose time was put right.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_clock_says_nothing_is_lost_or_doubled() {
    let home = tempfile::tempdir().unwrap();
    let faults = Faults::none_yet();
    let mut server = Server::start(faults.let_into(small_server(home.path())));
    let mut alice = server.agent("alice@shop.example", "Alice").await;
    let mut customer = Customer::arrives(&server, "browser", "en").await;

    let mut n_said = 0;
    for ahead in [0, 5 * 24 * HOUR, -5 * 24 * HOUR, 90 * HOUR, -HOUR, 0] {
        faults.put_clock_ahead(ahead);
        customer.says("how long does a refund take").await;
        customer.says("I want to talk to a human").await;
        customer.is_in_phase("waiting").await;
        assert_eq!(alice.claims(&customer.conversation).await.0, 200, "{ahead} s ahead");
        let words = format!("It is {ahead} s later than you think.");
        assert_eq!(alice.replies(&customer.conversation, &words).await.0, 200, "{ahead} s ahead");
        customer.hears_text(&words).await;
        assert_eq!(alice.resolves(&customer.conversation).await.0, 200, "{ahead} s ahead");
        n_said += 2;
        server.kill_and_start_again();
        customer.finds(&server);
        alice.finds(&server);
        let turns = customer.all_turns().await;
        let numbers: Vec<u64> = turns.iter().map(|turn| turn["seq"].as_u64().unwrap()).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        assert_eq!(turns.iter().filter(|turn| turn["by"] == "customer").count(), n_said, "{ahead} s ahead");
        assert_eq!(turns.iter().filter(|turn| turn["by"] == "agent").count(), n_said / 2, "{ahead} s ahead");
    }
}

/// What waited for Telegram while the clock was ahead does not wait until that hour has come.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_put_back_holds_up_no_delivery() {
    let home = tempfile::tempdir().unwrap();
    let faults = Faults::none_yet();
    let telegram = StandIn::start().await;
    let mut setup = small_server(home.path());
    setup.config = format!(
        "[[telegram]]\nname = \"shop\"\ntoken_env = \"SHOP_BOT_TOKEN\"\napi_url = {:?}\n",
        telegram.url().as_str()
    );
    setup.env.push(("SHOP_BOT_TOKEN".into(), telegram.token()));
    let _server = Server::start(faults.let_into(setup));
    let customer = telegram.customer(7, "en");
    customer.says("when are you open");
    customer.hears().await;

    faults.put_clock_ahead(10 * HOUR);
    telegram.fail_next(1, 502);
    customer.says("how do I reset the device");
    telegram.called("sendMessage", 2).await;
    faults.put_clock_ahead(0);
    customer.hears().await;

    assert_eq!(customer.messages().len(), 2, "{:#?}", customer.messages());
}

/// The words came while the clock was ahead, and the process died before it had thought about them.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_put_back_leaves_nobody_unanswered() {
    let home = tempfile::tempdir().unwrap();
    let faults = Faults::none_yet();
    let setup = Setup { knowledge: Some(small_shop(home.path())), ..Setup::default() };
    let mut server = Server::start(faults.let_into(setup));
    let mut customer = Customer::arrives(&server, "browser", "en").await;
    faults.put_clock_ahead(10 * HOUR);
    faults.stall_encoder();
    let said = json!({ "client_id": "a", "text": "how long does a refund take" });
    assert_eq!(customer.post("turns?wait=0", said).await.0, 200);
    server.kill();
    faults.leave_encoder_alone();
    faults.no_clock_ahead();
    server.start_again();
    customer.finds(&server);
    customer.hears("a reaction", |turn| turn["by"] != "customer").await;
}
