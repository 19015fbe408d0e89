//! `kill -9` again and again, at random moments and under load; then the books are compared. `FIRSTLINE_BINARY` names another binary,
//! `FIRSTLINE_KILLS` how often, and `FIRSTLINE_SEED` repeats what was drawn (not what the machine made of it).

use super::audit::{self, Books};
use super::load::{Desker, Place, Widget, some_words};
use super::means::small_shop;
use crate::cast::{DEADLINE, binary};
use firstline::testkit::telegram::{Customer, StandIn};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt, SeedableRng};
use serde_json::json;
use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{oneshot, watch};

const KILLS: u32 = 200;
/// On the widget; each customer has one.
const WIDGETS: usize = 300;
/// They share the widgets; each does one thing at a time.
const HANDS: usize = 12;
const CHATS: i64 = 40;
/// Said in Telegram during one life, so that what is answered stays below Telegram's 30 messages a second.
const SAID_A_LIFE: usize = 4;
/// Of a server that is open. One life in ten ends before, at any moment of the start.
const LIFE_AT_MOST_MS: u64 = 500;
const START_AT_MOST_MS: u64 = 900;
/// Answers of Telegram that get lost on their way; each may cost a duplicate.
const WITHHELD_AT_MOST: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_hundreds_of_kills() {
    let n_kills = number("FIRSTLINE_KILLS").unwrap_or(KILLS.into()) as u32;
    let seed = number("FIRSTLINE_SEED").unwrap_or_else(|| rand::rng().random());
    println!("FIRSTLINE_SEED={seed}");
    let begun = Instant::now();
    let mut chance = StdRng::seed_from_u64(seed);
    let telegram = Arc::new(StandIn::start().await);
    let (mut victim, life) = Victim::new(&telegram);
    let cookies = victim.hires(&["Ann", "Ben"]).await;
    let place = Place::at(victim.url.clone(), life);

    let mut hands = vec![];
    for hand in 0..HANDS {
        let ids = (0..WIDGETS).filter(|n| n % HANDS == hand).map(|n| format!("browser-{n}"));
        let widgets = ids.map(|id| Widget::new(&place, id)).collect();
        hands.push(tokio::spawn(many_customers(place.clone(), widgets, StdRng::seed_from_u64(chance.random()))));
    }
    let deskers = cookies.into_iter().map(|(name, cookie)| Desker::new(&place, name, cookie));
    let deskers: Vec<_> = deskers.map(|desker| tokio::spawn(desker.works(chance.random()))).collect();
    let chats: Vec<Customer> = (1..=CHATS).map(|chat| telegram.customer(chat, "en")).collect();
    let chatting =
        tokio::spawn(in_telegram(place.clone(), telegram.clone(), chats, StdRng::seed_from_u64(chance.random())));

    let mut n_in_flight = 0;
    for _ in 0..n_kills {
        victim.lives_and_dies(&mut chance).await;
        n_in_flight += audit::deliveries_in_flight(&victim.data()).await;
    }
    victim.lives().await;
    place.ends();
    victim.will_not_die_again();
    let mut widgets = vec![];
    for hand in hands {
        widgets.extend(hand.await.unwrap());
    }
    let mut replies = vec![];
    for desker in deskers {
        replies.extend(desker.await.unwrap().replies);
    }
    let (chats, said_in_telegram, n_withheld) = chatting.await.unwrap();
    telegram.all_taken().await;
    audit::all_is_done(&victim.data()).await;

    let books = Books { widgets, replies, chats, said_in_telegram, n_in_flight, n_withheld };
    let found = books.compare(&victim.data()).await;
    victim.kept_its_head();
    println!("{n_kills} kills in {} s; {found}", begun.elapsed().as_secs());
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable}={text} is no number")))
}

/// One pair of hands types for many customers, one at a time.
async fn many_customers(place: Arc<Place>, mut widgets: Vec<Widget>, mut chance: StdRng) -> Vec<Widget> {
    while !place.is_over() {
        let n = chance.random_range(0..widgets.len());
        widgets[n].does_something(&mut chance).await;
    }
    widgets
}

/// A few words in each life of the server. Returns what was said in each chat, and how many answers were withheld.
async fn in_telegram(
    place: Arc<Place>,
    telegram: Arc<StandIn>,
    chats: Vec<Customer>,
    mut chance: StdRng,
) -> (Vec<Customer>, HashMap<i64, Vec<String>>, usize) {
    let mut said: HashMap<i64, Vec<String>> = HashMap::new();
    let (mut n_said, mut n_withheld) = (0, 0);
    while !place.is_over() && place.next_life().await {
        for _ in 0..SAID_A_LIFE {
            let customer = chats.choose(&mut chance).unwrap();
            n_said += 1;
            let text = some_words(&mut chance, &format!("chat-{}-{n_said}", customer.chat()));
            customer.says(&text);
            said.entry(customer.chat()).or_default().push(text);
        }
        if n_withheld < WITHHELD_AT_MOST && chance.random_bool(0.1) {
            telegram.withhold_next_answers(1);
            n_withheld += 1;
        }
    }
    (chats, said, n_withheld)
}

/// The server that is killed. Its address stays, as behind a proxy.
struct Victim {
    home: tempfile::TempDir,
    config: PathBuf,
    token: String,
    url: String,
    process: Option<Child>,
    /// Says that a server is open. `None` once the last one is.
    life: Option<watch::Sender<u32>>,
    log: Arc<Mutex<Log>>,
}

#[derive(Default)]
struct Log {
    newest: VecDeque<String>,
    never: Vec<String>,
}

impl Victim {
    fn new(telegram: &StandIn) -> (Self, watch::Receiver<u32>) {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("firstline.toml");
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let text = format!(
            "listen = \"127.0.0.1:{port}\"\nmodel = \"none\"\ndata = {:?}\nknowledge = {:?}\n[log]\njson = true\n\
             [[telegram]]\nname = \"shop\"\ntoken_env = \"SHOP_BOT_TOKEN\"\napi_url = {:?}\n",
            home.path().join("data"),
            small_shop(home.path()),
            telegram.url().as_str()
        );
        std::fs::write(&config, text).unwrap();
        let (life, lives) = watch::channel(0);
        let url = format!("http://127.0.0.1:{port}");
        let (token, log) = (telegram.token(), Arc::default());
        (Self { home, config, token, url, process: None, life: Some(life), log }, lives)
    }

    fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// Agents with their cookies, which outlive the server.
    async fn hires(&mut self, names: &[&'static str]) -> Vec<(&'static str, String)> {
        let password = self.home.path().join("password");
        std::fs::write(&password, "correct horse\n").unwrap();
        let email = |name: &str| format!("{}@shop.example", name.to_lowercase());
        for name in names {
            let adding = binary()
                .args(["agent", "add", &email(name), "--name", name, "--password-file"])
                .args([&password, Path::new("--config"), &self.config])
                .output()
                .unwrap();
            assert!(adding.status.success(), "{}", String::from_utf8_lossy(&adding.stderr));
        }
        self.lives().await;
        let mut cookies = vec![];
        for &name in names {
            let body = json!({ "email": email(name), "password": "correct horse" });
            let login = crate::cast::http().post(format!("{}/api/v1/desk/login", self.url)).json(&body);
            let answer = login.send().await.unwrap();
            assert_eq!(answer.status(), 200);
            let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
            cookies.push((name, cookie.to_owned()));
        }
        self.dies();
        cookies
    }

    /// Time is what is drawn: a kill may meet anything.
    async fn lives_and_dies(&mut self, chance: &mut impl Rng) {
        if chance.random_ratio(1, 10) {
            let _never_open = self.starts();
            tokio::time::sleep(Duration::from_millis(chance.random_range(0..START_AT_MOST_MS))).await;
        } else {
            self.lives().await;
            tokio::time::sleep(Duration::from_millis(chance.random_range(0..LIFE_AT_MOST_MS))).await;
        }
        self.dies();
    }

    /// Returns when it is open.
    async fn lives(&mut self) {
        let open = self.starts();
        if tokio::time::timeout(DEADLINE, open).await.is_ok_and(|said| said.is_ok()) {
            self.life.as_ref().expect("it has not lived its last").send_modify(|n| *n += 1);
            return;
        }
        let log = self.log.lock().unwrap();
        panic!("the server did not start:\n{}", log.newest.iter().cloned().collect::<Vec<_>>().join("\n"));
    }

    fn starts(&mut self) -> oneshot::Receiver<()> {
        let mut process = binary()
            .args(["serve", "--config"])
            .arg(&self.config)
            .env("SHOP_BOT_TOKEN", &self.token)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(process.stderr.take().unwrap());
        self.process = Some(process);
        let (tell, open) = oneshot::channel();
        let log = self.log.clone();
        std::thread::spawn(move || {
            let mut tell = Some(tell);
            for line in stderr.lines().map_while(Result::ok) {
                if line.contains("Firstline is open") {
                    tell.take().map(|tell| tell.send(()));
                }
                log.lock().unwrap().takes(line);
            }
        });
        open
    }

    /// As a power cut would: no goodbye.
    fn dies(&mut self) {
        let mut process = self.process.take().expect("it lives");
        process.kill().unwrap();
        process.wait().unwrap();
    }

    fn will_not_die_again(&mut self) {
        self.life = None;
    }

    fn kept_its_head(&self) {
        let log = self.log.lock().unwrap();
        assert!(log.never.is_empty(), "what should never be in the log: {:#?}", log.never);
    }
}

impl Log {
    fn takes(&mut self, line: String) {
        const NEWEST: usize = 200;
        // No more than twelve customers at once: the store has room for them.
        if line.contains("panicked") || line.contains("pool timed out") {
            self.never.push(line.clone());
        }
        self.newest.push_back(line);
        if self.newest.len() > NEWEST {
            self.newest.pop_front();
        }
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
