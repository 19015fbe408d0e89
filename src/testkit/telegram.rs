//! A stand-in for Telegram: the Bot API over real HTTP on a port of this machine, and the customers on its other side.
//!
//! It refuses what Telegram refuses, with Telegram's codes and descriptions (core.telegram.org/bots/api, "Making requests";
//! descriptions as tdlib/telegram-bot-api writes them). Written from the documentation and from observed answers; where
//! it is stricter than Telegram, a comment says so.
//!
//! ```no_run
//! # use firstline::testkit::telegram::StandIn;
//! # async fn story() {
//! let telegram = StandIn::start().await;
//! let anna = telegram.customer(1001, "ru");
//! anna.says("Где мои деньги?");
//! let answer = anna.hears().await;
//! # }
//! ```

mod customer;
mod files;
mod html;
mod methods;
mod params;
mod state;
mod webhook;

pub use customer::{Customer, Tapped};
pub use files::{OGG, PNG, SentFile};
pub use state::{Button, Message};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use state::{Shared, Telegram};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

/// How long a test waits for something that should happen, before it fails with what did happen.
pub const WAIT_AT_MOST: Duration = Duration::from_secs(20);

/// Telegram with one bot. Ends when it is dropped.
pub struct StandIn {
    shared: Arc<Shared>,
    url: Url,
    _stop: DropGuard,
}

impl StandIn {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("this machine has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared = Arc::new(Shared::default());
        let stop = CancellationToken::new();
        // Telegram reads method names in any case, so the route cannot name them.
        let router = Router::new()
            .route("/{bot}/{method}", axum::routing::any(take_call))
            .route("/file/{bot}/{*path}", axum::routing::get(files::give))
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(shared.clone());
        let (until, delivered) = (stop.clone(), shared.clone());
        tokio::spawn(async move {
            let serving = std::future::IntoFuture::into_future(axum::serve(listener, router));
            tokio::select! {
                _ = serving => {}
                () = webhook::deliver(delivered) => {}
                () = until.cancelled() => {}
            }
        });
        let url = Url::parse(&format!("http://{address}")).expect("an address makes a URL");
        Self { shared, url, _stop: stop.drop_guard() }
    }

    /// What `api_url` must be set to.
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    pub fn token(&self) -> String {
        self.shared.read(|telegram| telegram.token.clone())
    }

    /// From now on the token is refused, as after `/revoke` at @BotFather.
    pub fn revoke_token(&self) {
        self.shared.change(|telegram| telegram.token = "0:revoked".into());
    }

    /// Somebody who has started the bot. `chat` is also the id of the customer. The same chat again is the same customer,
    /// who has then heard nothing yet.
    pub fn customer(&self, chat: i64, language_code: &str) -> Customer {
        self.shared.change(|telegram| telegram.meet(chat, "private", Some(language_code)));
        Customer::new(self.shared.clone(), chat)
    }

    /// A group that the bot is in.
    pub fn group(&self, chat: i64) -> Customer {
        self.shared.change(|telegram| telegram.meet(chat, "supergroup", None));
        Customer::new(self.shared.clone(), chat)
    }

    /// An update exactly as given, without looking whether it makes sense; `update_id` is added.
    pub fn pushes(&self, update: Value) {
        self.shared.change(|telegram| telegram.push_update(update));
    }

    /// Tells the last confirmed update once more, as after a crash between its commit and its confirmation.
    pub fn repeats_last_update(&self) {
        self.shared.change(|telegram| telegram.updates.extend(telegram.confirmed.clone()));
    }

    /// Updates that were not confirmed yet.
    pub fn n_waiting(&self) -> usize {
        self.shared.read(|telegram| telegram.updates.len())
    }

    /// Every message that stands in any chat, in order.
    pub fn messages(&self) -> Vec<Message> {
        self.shared.read(|telegram| telegram.messages.clone())
    }

    /// Names of the methods called so far, without `getUpdates`, in order and in lower case.
    pub fn calls(&self) -> Vec<String> {
        self.shared.read(|telegram| telegram.calls.clone())
    }

    /// Waits until every update was taken and confirmed.
    pub async fn all_taken(&self) {
        let taken = self.shared.wait_for(|telegram| telegram.updates.is_empty().then_some(())).await;
        taken.unwrap_or_else(|| panic!("updates are not taken: {:?}", self.shared.read(|t| t.updates.clone())));
    }

    /// Waits until `n` calls of a method (its name in any case) have come, whatever was answered.
    pub async fn called(&self, method: &str, n: usize) {
        let method = method.to_ascii_lowercase();
        let count = |telegram: &Telegram| telegram.calls.iter().filter(|call| **call == method).count();
        let called = self.shared.wait_for(|telegram| (count(telegram) >= n).then_some(())).await;
        called.unwrap_or_else(|| panic!("{method} was called {} times, not {n}", self.shared.read(count)));
    }

    /// The next `n` messages are answered with this status and not sent. 429 asks to wait a second.
    pub fn fail_next(&self, n: usize, status: u16) {
        self.fail_next_of("sendMessage", n, status);
    }

    /// The next `n` calls of one method fail; `getUpdates` too.
    pub fn fail_next_of(&self, method: &str, n: usize, status: u16) {
        self.add_faults(method, n, state::Fault::Status(status));
    }

    /// The next `n` messages arrive, but the connection breaks before that is answered.
    pub fn withhold_next_answers(&self, n: usize) {
        self.add_faults("sendMessage", n, state::Fault::Withhold);
    }

    /// Telegram cannot be reached: every call breaks off, also those under way, until `resume`.
    pub fn pause(&self) {
        self.shared.change(|telegram| telegram.is_paused = true);
    }

    pub fn resume(&self) {
        self.shared.change(|telegram| telegram.is_paused = false);
    }

    /// As many messages as anybody likes, to find out how fast a bot is.
    pub fn lifts_limits(&self) {
        self.shared.change(|telegram| telegram.has_no_limits = true);
    }

    /// From now on files are given out by nobody, until `gives_files`.
    pub fn holds_files(&self) {
        self.shared.change(|telegram| telegram.holds_files = true);
    }

    pub fn gives_files(&self) {
        self.shared.change(|telegram| telegram.holds_files = false);
    }

    /// Lays files down in a folder, as a Bot API server of one's own does with `--local`.
    pub fn lays_files_down_in(&self, folder: &std::path::Path) {
        self.shared.change(|telegram| telegram.local_files = Some(folder.to_owned()));
    }

    /// As if another program had called setWebhook with this token.
    pub fn sets_webhook(&self, url: &str) {
        let (url, secret) = (url.to_owned(), String::new());
        let webhook = webhook::Webhook { url, secret, allowed: vec![], last_error: None };
        self.shared.change(|telegram| telegram.webhook = Some(webhook));
    }

    fn add_faults(&self, method: &str, n: usize, fault: state::Fault) {
        let method = method.to_ascii_lowercase();
        self.shared.change(|telegram| telegram.faults.extend((0..n).map(|_| (method.clone(), fault))));
    }
}

/// What becomes of one call.
enum Reply {
    Result(Value),
    Refused(Refused),
    /// The connection breaks.
    Broken,
}

struct Refused {
    code: u16,
    description: String,
    retry_after_secs: Option<u64>,
}

impl Refused {
    fn new(code: u16, description: impl Into<String>) -> Self {
        Self { code, description: description.into(), retry_after_secs: None }
    }

    fn bad_request(why: &str) -> Self {
        Self::new(400, format!("Bad Request: {why}"))
    }
}

impl From<Result<Value, Refused>> for Reply {
    fn from(result: Result<Value, Refused>) -> Self {
        result.map_or_else(Self::Refused, Self::Result)
    }
}

async fn take_call(
    State(shared): State<Arc<Shared>>,
    Path((bot, method)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let reply = match params::Params::read(query.as_deref(), content_type, &body) {
        Ok(params) => methods::call(&shared, &bot, &method.to_ascii_lowercase(), &params).await,
        Err(refused) => Reply::Refused(refused),
    };
    match reply {
        Reply::Result(result) => answer(200, json!({"ok": true, "result": result})),
        Reply::Refused(Refused { code, description, retry_after_secs }) => {
            let mut body = json!({"ok": false, "error_code": code, "description": description});
            if let Some(secs) = retry_after_secs {
                body["parameters"] = json!({"retry_after": secs});
            }
            answer(code, body)
        }
        Reply::Broken => broken(),
    }
}

fn answer(status: u16, body: Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}

/// A body that fails makes the server cut the connection in the middle of the answer.
fn broken() -> Response {
    let cut = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("cut by the stand-in")) });
    Response::new(Body::from_stream(cut))
}

#[cfg(test)]
mod tests;
