//! A busy desk: fifty consoles stand open over five thousand conversations while customers go on writing. What is measured is what an
//! agent waits for: from a customer's turn being kept until the console that shows it has read it.
//!
//! `cargo nextest run --features testkit --run-ignored only --no-capture -E 'test(a_busy_desk)'`

use crate::cast::{Agent, Customer, Server, Setup};
use futures::{SinkExt, StreamExt, stream};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

const N_AGENTS: usize = 50;
const N_OPEN: usize = 5_000;
const N_TURNS: usize = 1_200;
/// Twenty turns a second.
const EVERY: Duration = Duration::from_millis(50);
/// As the console does: what is on the screen is read at most this often, the rest after two seconds.
const GATHER: Duration = Duration::from_millis(100);
const LATER: Duration = Duration::from_secs(2);
/// Rows of a page of the list; all of them count as on the screen.
const PAGE_ROWS: usize = 50;
const DEADLINE: Duration = Duration::from_secs(30);
const AIM: Duration = Duration::from_millis(200);

/// What was said, and when each console that ought to show it did.
#[derive(Default)]
struct Awaited {
    kept: HashMap<String, Instant>,
    in_transcripts: HashMap<String, Instant>,
    in_lists: HashMap<(String, usize), Instant>,
}

impl Awaited {
    /// A turn may be read before its customer hears that it was kept; then nobody waited.
    fn waits(&self, seen: impl Iterator<Item = (String, Instant)>) -> Vec<Duration> {
        let wait = |(text, at): (String, Instant)| Some(at.saturating_duration_since(*self.kept.get(&text)?));
        seen.filter_map(wait).collect()
    }
}

type Shared = Arc<Mutex<Awaited>>;

/// A console: its own conversation is open beside the first page of the line.
struct Console {
    number: usize,
    agent: Agent,
    own: String,
    awaited: Shared,
}

impl Console {
    async fn attends(self) {
        let mut request =
            format!("{}/api/v1/desk/live", self.agent.url.replace("http://", "ws://")).into_client_request().unwrap();
        request.headers_mut().insert("cookie", self.agent.cookie().parse().unwrap());
        request.headers_mut().insert("origin", self.agent.url.parse().unwrap());
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        let mut shown: HashSet<String> = self.reads_list().await;
        let (mut own_due, mut list_due, mut last) = (false, None::<Instant>, Instant::now());
        loop {
            let next = own_due.then(|| last + GATHER).into_iter().chain(list_due).min();
            let pause = next.map_or(LATER, |at| at.saturating_duration_since(Instant::now()));
            tokio::select! {
                frame = socket.next() => match frame.expect("the socket stays open").unwrap() {
                    Message::Text(text) => {
                        let hint: Value = serde_json::from_str(&text).unwrap();
                        match (hint["hint"].as_str().unwrap(), hint["id"].as_str()) {
                            ("conversation", Some(id)) if id == self.own => {
                                own_due = true;
                                list_due = sooner(list_due, last + GATHER);
                            }
                            ("conversation", Some(id)) if shown.contains(id) => list_due = sooner(list_due, last + GATHER),
                            ("conversation", _) => list_due = sooner(list_due, Instant::now() + LATER),
                            ("queue", _) => list_due = sooner(list_due, last + GATHER),
                            _ => {}
                        }
                    }
                    Message::Ping(data) => socket.send(Message::Pong(data)).await.unwrap(),
                    _ => {}
                },
                () = tokio::time::sleep(pause) => {
                    last = Instant::now();
                    if std::mem::take(&mut own_due) {
                        self.reads_own().await;
                    }
                    if list_due.take_if(|due| *due <= last).is_some() {
                        shown = self.reads_list().await;
                    }
                }
            }
        }
    }

    async fn reads_own(&self) {
        let opened = self.agent.opens(&self.own).await;
        let now = Instant::now();
        let mut awaited = self.awaited.lock().unwrap();
        for turn in opened["turns"].as_array().unwrap() {
            awaited.in_transcripts.entry(turn["text"].as_str().unwrap().to_owned()).or_insert(now);
        }
    }

    async fn reads_list(&self) -> HashSet<String> {
        let list = self.agent.get(&format!("conversations?view=waiting&limit={PAGE_ROWS}")).await;
        let now = Instant::now();
        let mut awaited = self.awaited.lock().unwrap();
        let rows = list["conversations"].as_array().unwrap();
        for row in rows {
            let Some(text) = row["last"]["text"].as_str() else { continue };
            awaited.in_lists.entry((text.to_owned(), self.number)).or_insert(now);
        }
        rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    }
}

fn sooner(due: Option<Instant>, at: Instant) -> Option<Instant> {
    Some(due.map_or(at, |due| due.min(at)))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a minute of full load, whose figures only a quiet machine tells"]
async fn a_busy_desk_shows_what_is_said_within_two_hundred_milliseconds() {
    let server = Server::start(Setup { without_encoder: true, ..Setup::default() });
    let ada = server.admin("ada@shop.example", "Ada").await;
    let awaited = Shared::default();

    let arrives = |i: usize| {
        let server = &server;
        async move {
            let customer = Customer::arrives(server, &format!("c{i}"), "en").await;
            assert_eq!(customer.post("handoff", json!({})).await.0, 200);
            (i, customer)
        }
    };
    let mut customers: Vec<_> = stream::iter(0..N_OPEN).map(arrives).buffer_unordered(16).collect().await;
    customers.sort_by_key(|(i, _)| *i);
    let customers: Vec<Customer> = customers.into_iter().map(|(_, customer)| customer).collect();

    // The last ones are taken, so that the first page of the line stays as it is.
    let mut consoles = vec![];
    for number in 0..N_AGENTS {
        let email = format!("a{number}@shop.example");
        let new =
            json!({ "email": email, "name": format!("Agent {number}"), "role": "agent", "password": "correct horse" });
        assert_eq!(ada.post("agents", new).await.0, 200);
        let agent = Agent::signs_in(&server.url, &email, "correct horse").await;
        let own = customers[N_OPEN - 1 - number].conversation.clone();
        assert_eq!(agent.claims(&own).await.0, 200);
        let console = Console { number, agent, own, awaited: awaited.clone() };
        consoles.push(tokio::spawn(console.attends()));
    }
    let line = ada.get(&format!("conversations?view=waiting&limit={PAGE_ROWS}")).await;
    let first: HashSet<&str> =
        line["conversations"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    let on_first_page: Vec<usize> =
        (0..N_OPEN).filter(|&i| first.contains(customers[i].conversation.as_str())).collect();
    assert_eq!(on_first_page.len(), PAGE_ROWS);
    let counts = ada.get("conversations?view=mine").await["counts"].clone();
    assert_eq!(counts["waiting"].as_u64().unwrap() as usize, N_OPEN - N_AGENTS, "{counts}");

    let customers: Vec<_> = customers.into_iter().map(|customer| Arc::new(tokio::sync::Mutex::new(customer))).collect();
    let mut chance = StdRng::seed_from_u64(7);
    let mut pace = tokio::time::interval(EVERY);
    let (mut own, mut listed, mut saying) = (vec![], vec![], vec![]);
    let begun = Instant::now();
    for n in 0..N_TURNS {
        pace.tick().await;
        let text = format!("turn {n}: is anybody there?");
        // A quarter each: to an agent who has it open, on everybody's first page; the rest somewhere down the line.
        let who = match n % 4 {
            0 => N_OPEN - 1 - chance.random_range(0..N_AGENTS),
            1 => on_first_page[n / 4 % PAGE_ROWS],
            _ => chance.random_range(PAGE_ROWS..N_OPEN - N_AGENTS),
        };
        match n % 4 {
            0 => own.push(text.clone()),
            1 => listed.push(text.clone()),
            _ => {}
        }
        let (customer, awaited) = (customers[who].clone(), awaited.clone());
        saying.push(tokio::spawn(async move {
            let mut customer = customer.lock().await;
            let before = Instant::now();
            customer.sends(json!({ "client_id": format!("t{n}"), "text": text })).await;
            let kept = Instant::now();
            awaited.lock().unwrap().kept.insert(text, kept);
            kept - before
        }));
    }
    let took = begun.elapsed();
    let mut kept_in: Vec<Duration> = futures::future::join_all(saying).await.into_iter().map(Result::unwrap).collect();
    let shown = |awaited: &Awaited| {
        own.iter().all(|text| awaited.in_transcripts.contains_key(text))
            && listed
                .iter()
                .all(|text| (0..N_AGENTS).all(|number| awaited.in_lists.contains_key(&(text.clone(), number))))
    };
    let all_shown = async {
        while !shown(&awaited.lock().unwrap()) {
            pace.tick().await;
        }
    };
    tokio::time::timeout(DEADLINE, all_shown).await.expect("every turn comes to every console that shows it");
    assert!(consoles.iter().all(|console| !console.is_finished()), "every console is still there");
    consoles.iter().for_each(tokio::task::JoinHandle::abort);

    let awaited = awaited.lock().unwrap();
    let seen = own.iter().map(|text| (text.clone(), awaited.in_transcripts[text]));
    let mut transcript_waits = awaited.waits(seen);
    let wanted: HashSet<&String> = listed.iter().collect();
    let seen = awaited.in_lists.iter().filter(|((text, _), _)| wanted.contains(text));
    let mut list_waits = awaited.waits(seen.map(|((text, _), at)| (text.clone(), *at)));
    let [_, own_p99, _] = report("transcript", &mut transcript_waits);
    let [_, list_p99, _] = report("list", &mut list_waits);
    report("turn kept", &mut kept_in);
    let per_second = N_TURNS as f64 / took.as_secs_f64();
    println!("{per_second:.1} turns/s to {N_OPEN} conversations, {N_AGENTS} consoles");
    assert_eq!((transcript_waits.len(), list_waits.len()), (own.len(), listed.len() * N_AGENTS));
    assert!(per_second > 19.0, "the load was not what it says: {per_second:.1} turns/s");
    assert!(own_p99 <= AIM && list_p99 <= AIM, "p99 {own_p99:?} and {list_p99:?}");
}

/// p50, p99 and the longest.
fn report(what: &str, waits: &mut [Duration]) -> [Duration; 3] {
    waits.sort_unstable();
    let of = [0.5, 0.99, 1.0].map(|share| waits[((waits.len() - 1) as f64 * share).round() as usize]);
    let [p50, p99, max] = of.map(|wait| wait.as_secs_f64() * 1e3);
    println!("{what}: p50 {p50:.0} ms, p99 {p99:.0} ms, longest {max:.0} ms, of {}", waits.len());
    of
}
