//! The load under kills: customers and agents who repeat, under the same id, whatever was not acknowledged, and who note down what was.

use crate::cast::http;
use futures::StreamExt;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Whoever met a dead server comes again when the next one is open, or after this long.
const COME_AGAIN: Duration = Duration::from_millis(200);
/// How long somebody looks at the live socket before doing something else.
const LOOK: Duration = Duration::from_millis(150);

/// The server as its clients know it: an address that is there again after each kill.
pub struct Place {
    url: String,
    http: reqwest::Client,
    /// Rises when a server is open again.
    life: watch::Receiver<u32>,
    is_over: AtomicBool,
}

impl Place {
    pub fn at(url: String, life: watch::Receiver<u32>) -> Arc<Self> {
        Arc::new(Self { url, http: http(), life, is_over: AtomicBool::new(false) })
    }

    /// From now on nobody begins anything new.
    pub fn ends(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }

    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    /// Waits for the next server; `false` when there will be none.
    pub async fn next_life(&self) -> bool {
        let mut life = self.life.clone();
        life.borrow_and_update();
        life.changed().await.is_ok()
    }

    pub fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.get(format!("{}/api/v1/{path}", self.url))
    }

    pub fn post(&self, path: &str, body: &Value) -> reqwest::RequestBuilder {
        // The console's calls must come from its own page; customers' may say so too.
        self.http.post(format!("{}/api/v1/{path}", self.url)).header("origin", &self.url).json(body)
    }

    /// Sends the same again and again until it is answered. 503 is no answer: nothing was done, and it says when to come again.
    pub async fn answer_to(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        loop {
            let mut life = self.life.clone();
            life.borrow_and_update();
            match attempt(request.try_clone().expect("bodies are values")).await {
                Some((503, _)) | None => {
                    let _ = tokio::time::timeout(COME_AGAIN, life.changed()).await;
                }
                Some((status, answer)) => {
                    assert!(status < 500, "{status} {answer}");
                    return (status, answer);
                }
            }
        }
    }
}

/// `None`: the server died before all of its answer had come.
async fn attempt(request: reqwest::RequestBuilder) -> Option<(u16, Value)> {
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    assert!(status != 503 || response.headers().contains_key("retry-after"), "503 says when to come again");
    let text = response.text().await.ok()?;
    Some((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
}

/// A turn that the server said it had kept.
#[derive(Clone, Debug)]
pub struct Kept {
    pub client_id: String,
    pub text: String,
    pub seq: u64,
}

/// A customer on the widget.
pub struct Widget {
    place: Arc<Place>,
    client_id: String,
    pub conversation: String,
    token: String,
    n_said: u32,
    pub acknowledged: Vec<Kept>,
    through: u64,
    /// What came, by any way, in the order of coming: how often each turn did, and as what.
    pub seen: HashMap<String, (u32, Value)>,
}

impl Widget {
    pub fn new(place: &Arc<Place>, client_id: String) -> Self {
        Self {
            place: place.clone(),
            client_id,
            conversation: String::new(),
            token: String::new(),
            n_said: 0,
            acknowledged: vec![],
            through: 0,
            seen: HashMap::new(),
        }
    }

    /// One of the things that customers do.
    pub async fn does_something(&mut self, chance: &mut impl Rng) {
        if self.conversation.is_empty() {
            self.arrives().await;
        }
        match chance.random_range(0..10) {
            0 => self.asks_for_person().await,
            1 => self.looks_at_the_socket().await,
            2 => self.reads().await,
            other => {
                self.says(chance, other % 2 == 0).await;
                self.reads().await;
            }
        }
    }

    async fn arrives(&mut self) {
        let body = json!({ "client_id": self.client_id, "site": "shop", "language": "en" });
        let (status, opened) = self.place.answer_to(self.place.post("conversations", &body)).await;
        assert!(status == 201 || status == 200, "{status} {opened}");
        self.conversation = opened["conversation"].as_str().unwrap().to_owned();
        self.token = opened["token"].as_str().unwrap().to_owned();
    }

    async fn says(&mut self, chance: &mut impl Rng, waits: bool) {
        self.n_said += 1;
        let client_id = format!("said-{}", self.n_said);
        let text = some_words(chance, &format!("{}-{}", self.client_id, self.n_said));
        let path = format!("conversations/{}/turns{}", self.conversation, if waits { "" } else { "?wait=0" });
        let request = self.place.post(&path, &json!({ "client_id": client_id, "text": text }));
        let (status, said) = self.place.answer_to(request.bearer_auth(&self.token)).await;
        assert_eq!(status, 200, "{said}");
        let seq = said["turn"]["seq"].as_u64().unwrap();
        self.acknowledged.push(Kept { client_id, text, seq });
    }

    async fn asks_for_person(&mut self) {
        let path = format!("conversations/{}/handoff", self.conversation);
        let request = self.place.post(&path, &json!({})).bearer_auth(&self.token);
        let (status, answer) = self.place.answer_to(request).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// Reads on from where the last page ended, to the end.
    pub async fn reads(&mut self) {
        const PAGE: usize = 100;
        loop {
            let path = format!("conversations/{}/turns?after={}&limit={PAGE}", self.conversation, self.through);
            let (status, page) = self.place.answer_to(self.place.get(&path).bearer_auth(&self.token)).await;
            assert_eq!(status, 200, "{page}");
            self.sees(&page);
            if page["turns"].as_array().unwrap().len() < PAGE {
                return;
            }
        }
    }

    /// For a moment; a dead server ends it sooner.
    async fn looks_at_the_socket(&mut self) {
        let path = format!("{}/api/v1/conversations/{}/live", self.place.url, self.conversation);
        let url = format!("{path}?after={}", self.through).replace("http://", "ws://");
        let mut request = url.into_client_request().unwrap();
        let protocols = format!("firstline.v1, token.{}", self.token);
        request.headers_mut().insert("sec-websocket-protocol", protocols.parse().unwrap());
        let looking = async {
            let Ok((mut socket, _)) = tokio_tungstenite::connect_async(request).await else { return };
            while let Some(Ok(message)) = socket.next().await {
                if let Message::Text(text) = message {
                    self.sees(&serde_json::from_str(&text).unwrap());
                }
            }
        };
        let _ = tokio::time::timeout(LOOK, looking).await;
    }

    fn sees(&mut self, page: &Value) {
        for turn in page["turns"].as_array().unwrap() {
            let seq = turn["seq"].as_u64().unwrap();
            assert!(seq > self.through, "came again after {}: {turn}", self.through);
            let id = turn["id"].as_str().unwrap().to_owned();
            self.seen.entry(id).and_modify(|seen| seen.0 += 1).or_insert((1, turn.clone()));
        }
        let through = page["through"].as_u64().unwrap();
        assert!(through >= self.through, "{through} after {}", self.through);
        self.through = through;
    }

    /// All that stands in the conversation, read anew.
    pub async fn reads_all(&self) -> Vec<Value> {
        let mut again = Self { token: self.token.clone(), ..Self::new(&self.place, self.client_id.clone()) };
        again.conversation = self.conversation.clone();
        again.reads().await;
        let mut turns: Vec<Value> = again.seen.into_values().map(|(_, turn)| turn).collect();
        turns.sort_by_key(|turn| turn["seq"].as_u64());
        turns
    }
}

/// An agent who takes whoever waits, says something, and closes.
pub struct Desker {
    place: Arc<Place>,
    name: &'static str,
    cookie: String,
    n_said: u32,
    /// Texts of replies; each was acknowledged.
    pub replies: Vec<String>,
    pub n_claimed: u32,
}

impl Desker {
    pub fn new(place: &Arc<Place>, name: &'static str, cookie: String) -> Self {
        Self { place: place.clone(), name, cookie, n_said: 0, replies: vec![], n_claimed: 0 }
    }

    /// Until all is over. With nobody in line, the next server's line is looked at.
    pub async fn works(mut self, seed: u64) -> Self {
        let mut chance = StdRng::seed_from_u64(seed);
        while !self.place.is_over() {
            let (status, list) = self.get("conversations?view=waiting&limit=20").await;
            assert_eq!(status, 200, "{list}");
            let rows = list["conversations"].as_array().unwrap();
            if rows.is_empty() {
                self.place.next_life().await;
                continue;
            }
            let id = rows[chance.random_range(0..rows.len())]["id"].as_str().unwrap().to_owned();
            self.serves(&id, &mut chance).await;
        }
        self
    }

    async fn serves(&mut self, id: &str, chance: &mut impl Rng) {
        let (status, answer) = self.post(&format!("conversations/{id}/claim"), json!({})).await;
        if status == 409 {
            return;
        }
        assert_eq!(status, 200, "{answer}");
        self.n_claimed += 1;
        for _ in 0..chance.random_range(1..=2) {
            self.n_said += 1;
            let text = format!("{} looks into it, for the time {}.", self.name, self.n_said);
            let body = json!({ "client_id": format!("reply-{}", self.n_said), "text": text });
            let (status, answer) = self.post(&format!("conversations/{id}/reply"), body).await;
            // Nobody else closes or takes what is ours, so there is nothing to be refused for.
            assert_eq!(status, 200, "{answer}");
            self.replies.push(text);
        }
        let how = if chance.random_bool(0.5) { "hand_back" } else { "resolve" };
        let body = if how == "resolve" { json!({ "outcome": "solved" }) } else { json!({}) };
        let (status, answer) = self.post(&format!("conversations/{id}/{how}"), body).await;
        // Handed back before the answer was lost, it is not ours any more when we say so again.
        assert!(status == 200 || answer["code"] == "not_yours", "{status} {answer}");
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.place.answer_to(self.place.get(&format!("desk/{path}")).header("cookie", &self.cookie)).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.place.answer_to(self.place.post(&format!("desk/{path}"), &body).header("cookie", &self.cookie)).await
    }
}

/// Something that the bot answers, hands off or has small talk about. `mark` tells it from all else that anybody says.
pub fn some_words(chance: &mut impl Rng, mark: &str) -> String {
    const LINES: [&str; 6] = [
        "How long does a refund take?",
        "Where is my parcel?",
        "How do I reset the device?",
        "Do you know a recipe for mushroom soup?",
        "I want to talk to a human",
        "thank you!",
    ];
    format!("{} ({mark})", LINES[chance.random_range(0..LINES.len())])
}
