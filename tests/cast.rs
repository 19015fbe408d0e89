//! The cast of the stories: the real server as a process, customers and agents as clients. Each waits for what it expects, with a deadline.

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Nothing that is expected takes longer, even on a busy machine; loading the encoder and the articles is the longest.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// The binary of this build, or the one that `FIRSTLINE_BINARY` names: a release, which holds no testkit.
pub fn binary() -> Command {
    let other = std::env::var_os("FIRSTLINE_BINARY").filter(|path| !path.is_empty());
    let mut command = Command::new(other.unwrap_or_else(|| env!("CARGO_BIN_EXE_firstline").into()));
    // The developer's own settings are not the test's.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("FIRSTLINE_")) {
        command.env_remove(name);
    }
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// One running server on a free port, with a data folder of its own that outlives restarts.
pub struct Server {
    process: Child,
    pub url: String,
    home: tempfile::TempDir,
    setup: Setup,
}

#[derive(Clone, Default)]
pub struct Setup {
    /// Added to the config file.
    pub config: String,
    pub env: Vec<(String, String)>,
    /// `None`: the shipped articles.
    pub knowledge: Option<PathBuf>,
    /// `true`: words alone, which starts in a fraction of a second.
    pub without_encoder: bool,
    /// `None`: ten seconds, so that a busy machine changes no answer.
    pub encoder_wait_ms: Option<u32>,
    /// `None`: a folder of its own.
    pub data: Option<PathBuf>,
}

impl Server {
    pub fn start(setup: Setup) -> Self {
        let home = tempfile::tempdir().unwrap();
        let (process, url) = launch(home.path(), &setup);
        Self { process, url, home, setup }
    }

    /// As a power cut would: no goodbye.
    pub fn kill_and_start_again(&mut self) {
        self.kill();
        self.start_again();
    }

    pub fn start_again(&mut self) {
        (self.process, self.url) = launch(self.home.path(), &self.setup);
    }

    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub fn data(&self) -> PathBuf {
        self.setup.data.clone().unwrap_or_else(|| self.home.path().join("data"))
    }

    pub fn config_file(&self) -> PathBuf {
        self.home.path().join("firstline.toml")
    }

    pub async fn agent(&self, email: &str, name: &str) -> Agent {
        self.agent_with_role(email, name, "agent").await
    }

    pub async fn lead(&self, email: &str, name: &str) -> Agent {
        self.agent_with_role(email, name, "lead").await
    }

    pub async fn admin(&self, email: &str, name: &str) -> Agent {
        self.agent_with_role(email, name, "admin").await
    }

    async fn agent_with_role(&self, email: &str, name: &str, role: &str) -> Agent {
        let password = self.home.path().join("password");
        std::fs::write(&password, format!("{PASSWORD}\n")).unwrap();
        let added = binary()
            .args(["agent", "add", email, "--name", name, "--role", role, "--password-file"])
            .arg(&password)
            .arg("--config")
            .arg(self.config_file())
            .envs(self.setup.env.iter().cloned())
            .output()
            .unwrap();
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        Agent::signs_in(&self.url, email, PASSWORD).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn launch(home: &Path, setup: &Setup) -> (Child, String) {
    let config = home.join("firstline.toml");
    let data = setup.data.clone().unwrap_or_else(|| home.join("data"));
    let knowledge =
        setup.knowledge.clone().unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge_base"));
    if !setup.without_encoder && setup.knowledge.is_none() {
        keep_warm(&data);
    }
    let model = if setup.without_encoder { "model = \"none\"\n" } else { "" };
    let text = format!(
        "listen = \"127.0.0.1:0\"\nencoder_wait_ms = {}\ndata = {:?}\nknowledge = {:?}\n{model}{}\n[log]\njson = true\n",
        setup.encoder_wait_ms.unwrap_or(10_000),
        data,
        knowledge,
        setup.config
    );
    std::fs::write(&config, text).unwrap();
    let mut process = binary()
        .args(["serve", "--config"])
        .arg(&config)
        .envs(setup.env.iter().cloned())
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let (tell, told) = mpsc::channel();
    let log = process.stderr.take().unwrap();
    std::thread::spawn(move || {
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            if tell.send(line).is_err() {
                // Nobody listens any more; keep reading so that the server never blocks on its log.
                continue;
            }
        }
    });
    let (mut url, mut is_live) = (None, false);
    let mut lines = vec![];
    let begun = Instant::now();
    loop {
        let left = DEADLINE.saturating_sub(begun.elapsed());
        let Ok(line) = told.recv_timeout(left) else {
            let _ = process.kill();
            let _ = process.wait();
            panic!("the server did not start:\n{}", lines.join("\n"));
        };
        let fields = serde_json::from_str::<Value>(&line).map(|v| v["fields"].clone()).unwrap_or_default();
        match fields["message"].as_str() {
            Some("Firstline is open") => url = Some(format!("http://{}", fields["address"].as_str().unwrap())),
            Some("the articles are live") => is_live = true,
            _ => {}
        }
        if let (Some(url), true) = (&url, is_live) {
            return (process, url.clone());
        }
        lines.push(line);
    }
}

/// Gives a data folder the embeddings and classifiers of the shipped articles. They are made once, by the binary itself, and
/// shared by all tests: each runs in a process of its own, and two at once would each need the whole machine for it.
pub fn keep_warm(data: &Path) {
    let cache = data.join("cache");
    if cache.exists() {
        return;
    }
    let shared = Path::new(env!("CARGO_TARGET_TMPDIR")).join("warm");
    std::fs::create_dir_all(&shared).unwrap();
    let one_at_a_time = std::fs::File::create(shared.join("lock")).unwrap();
    one_at_a_time.lock().unwrap();
    // Cheap when nothing has changed since: what is cached is loaded, not made again.
    let asked = binary().args(["ask", "hello", "--data"]).arg(shared.join("data")).output().unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    std::fs::create_dir_all(&cache).unwrap();
    for entry in std::fs::read_dir(shared.join("data/cache")).unwrap().map(Result::unwrap) {
        std::fs::copy(entry.path(), cache.join(entry.file_name())).unwrap();
    }
}

pub fn http() -> reqwest::Client {
    reqwest::Client::builder().timeout(DEADLINE).no_proxy().build().unwrap()
}

/// The answer's status and JSON body (null when there is none).
pub async fn send(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or(Value::Null))
}

/// A customer on the widget.
pub struct Customer {
    http: reqwest::Client,
    url: String,
    pub conversation: String,
    pub token: String,
    n_said: u32,
    through: u64,
    /// Every turn seen, by any way, newest state of each.
    pub turns: Vec<Value>,
    pub phase: Value,
    pub queue: Value,
}

impl Customer {
    pub async fn arrives(server: &Server, client_id: &str, language: &str) -> Self {
        let body = json!({ "client_id": client_id, "site": "shop", "language": language,
            "page": { "url": "https://shop.example/orders", "title": "Orders" } });
        let http = http();
        let (status, opened) = send(http.post(format!("{}/api/v1/conversations", server.url)).json(&body)).await;
        assert!(status == 201 || status == 200, "{status} {opened}");
        Self {
            http,
            url: server.url.clone(),
            conversation: opened["conversation"].as_str().unwrap().to_owned(),
            token: opened["token"].as_str().unwrap().to_owned(),
            n_said: 0,
            through: 0,
            turns: vec![],
            phase: Value::Null,
            queue: Value::Null,
        }
    }

    /// The server came back elsewhere.
    pub fn finds(&mut self, server: &Server) {
        self.url = server.url.clone();
    }

    pub async fn says(&mut self, text: &str) -> Value {
        self.n_said += 1;
        let client_id = format!("said-{}", self.n_said);
        self.sends(json!({ "client_id": client_id, "text": text })).await
    }

    pub async fn taps(&mut self, option: &str) -> Value {
        self.n_said += 1;
        let client_id = format!("said-{}", self.n_said);
        self.sends(json!({ "client_id": client_id, "option": option })).await
    }

    pub async fn sends(&mut self, body: Value) -> Value {
        let (status, taken) = self.post("turns", body).await;
        assert_eq!(status, 200, "{taken}");
        taken
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/api/v1/conversations/{}/{path}", self.url, self.conversation);
        send(self.http.post(url).bearer_auth(&self.token).json(&body)).await
    }

    pub async fn all_turns(&self) -> Vec<Value> {
        let url = format!("{}/api/v1/conversations/{}/turns?after=0&limit=500", self.url, self.conversation);
        let (status, page) = send(self.http.get(url).bearer_auth(&self.token)).await;
        assert_eq!(status, 200, "{page}");
        page["turns"].as_array().unwrap().clone()
    }

    /// Waits until a turn fits; looks at the live socket, resuming where the last look ended.
    pub async fn hears(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(turn) = self.turns.iter().rev().find(|turn| fits(turn)) {
            return turn.clone();
        }
        self.watches(what, |customer| customer.turns.iter().rev().find(|turn| fits(turn)).cloned()).await
    }

    pub async fn hears_text(&mut self, words: &str) -> Value {
        self.hears(words, |turn| turn["text"].as_str().unwrap().contains(words)).await
    }

    pub async fn is_in_phase(&mut self, name: &str) {
        self.watches(name, |customer| (customer.phase["name"] == name).then_some(())).await;
    }

    async fn watches<T>(&mut self, what: &str, found: impl Fn(&Self) -> Option<T>) -> T {
        let url = format!("{}/api/v1/conversations/{}/live?after={}", self.url, self.conversation, self.through);
        let mut request = url.replace("http://", "ws://").into_client_request().unwrap();
        let protocols = format!("firstline.v1, token.{}", self.token);
        request.headers_mut().insert("sec-websocket-protocol", protocols.parse().unwrap());
        let (mut socket, answer) = tokio_tungstenite::connect_async(request).await.unwrap();
        assert_eq!(answer.headers()["sec-websocket-protocol"], "firstline.v1");
        let watching = async {
            loop {
                match socket.next().await.expect("the socket stays open").unwrap() {
                    Message::Text(text) => self.sees(&serde_json::from_str(&text).unwrap()),
                    Message::Ping(data) => socket.send(Message::Pong(data)).await.unwrap(),
                    _ => continue,
                }
                if let Some(found) = found(self) {
                    return found;
                }
            }
        };
        let result = tokio::time::timeout(DEADLINE, watching).await;
        result.unwrap_or_else(|_| panic!("the customer never saw {what:?}"))
    }

    fn sees(&mut self, page: &Value) {
        for turn in page["turns"].as_array().unwrap() {
            let came_before = |known: &&Value| known["id"] == turn["id"] && known["rev"] == turn["rev"];
            assert_eq!(self.turns.iter().find(came_before), None, "a turn came twice");
            self.turns.retain(|known| known["id"] != turn["id"]);
            self.turns.push(turn.clone());
        }
        self.through = page["through"].as_u64().unwrap();
        self.phase = page["phase"].clone();
        self.queue = page["queue"].clone();
    }
}

/// Of every agent.
pub const PASSWORD: &str = "correct horse";

/// An agent at the console.
pub struct Agent {
    http: reqwest::Client,
    pub url: String,
    cookie: String,
    n_said: u32,
}

impl Agent {
    pub async fn signs_in(url: &str, email: &str, password: &str) -> Self {
        let body = json!({ "email": email, "password": password });
        let http = http();
        let response = http.post(format!("{url}/api/v1/desk/login")).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { http, url: url.to_owned(), cookie, n_said: 0 }
    }

    pub fn finds(&mut self, server: &Server) {
        self.url = server.url.clone();
    }

    /// For calls that are no JSON.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.asks(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub async fn asks(&self, path: &str) -> (u16, Value) {
        send(self.http.get(format!("{}/api/v1/desk/{path}", self.url)).header("cookie", &self.cookie)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/api/v1/desk/{path}", self.url);
        send(self.http.post(url).header("cookie", &self.cookie).header("origin", &self.url).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> (u16, Value) {
        let url = format!("{}/api/v1/desk/{path}", self.url);
        send(self.http.delete(url).header("cookie", &self.cookie).header("origin", &self.url)).await
    }

    /// By whatever method.
    pub async fn calls(&self, method: reqwest::Method, path: &str, body: Value) -> (u16, Value) {
        let request = self.http.request(method, format!("{}/api/v1/desk/{path}", self.url)).json(&body);
        send(request.header("cookie", &self.cookie).header("origin", &self.url)).await
    }

    pub async fn id(&self) -> String {
        self.get("me").await["agent"]["id"].as_str().unwrap().to_owned()
    }

    pub async fn sees_waiting(&self, conversation: &str) -> Value {
        let list = self.get("conversations?view=waiting&limit=100").await;
        let rows = list["conversations"].as_array().unwrap();
        rows.iter().find(|row| row["id"] == conversation).unwrap_or_else(|| panic!("not in line: {list}")).clone()
    }

    pub async fn opens(&self, conversation: &str) -> Value {
        self.get(&format!("conversations/{conversation}")).await
    }

    pub async fn claims(&self, conversation: &str) -> (u16, Value) {
        self.post(&format!("conversations/{conversation}/claim"), json!({})).await
    }

    pub async fn replies(&mut self, conversation: &str, text: &str) -> (u16, Value) {
        self.n_said += 1;
        let body = json!({ "client_id": format!("reply-{}", self.n_said), "text": text });
        self.post(&format!("conversations/{conversation}/reply"), body).await
    }

    pub async fn resolves(&self, conversation: &str) -> (u16, Value) {
        self.post(&format!("conversations/{conversation}/resolve"), json!({ "outcome": "solved" })).await
    }
}
