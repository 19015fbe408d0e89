//! Updates in, the other way: Telegram brings them to an address of ours, one call each, and hears 200 when they are committed.
//!
//! The bot takes what was brought one after the other, as it does with what it polls for, so order needs no care. What cannot be taken in
//! time is answered with 503, and Telegram brings it again; what is brought twice is known by its number.

use super::api::{ApiError, WebhookInfo};
use super::{TelegramBot, Token, reading};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use url::Url;

/// Updates that wait to be taken; Telegram brings at most 100 at once (Bot API, setWebhook).
const WAITING_AT_MOST: usize = 200;
/// Below the time after which Telegram gives a call up.
const ANSWER_WITHIN: Duration = Duration::from_secs(25);
/// How often Telegram is asked whether it could bring what it had.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// An error longer ago than this is over.
const ERROR_COUNTS_SECS: i64 = 600;
const PENDING_COUNTS: u64 = 100;

#[derive(Clone, Debug)]
pub struct WebhookOptions {
    pub url: Url,
    /// 1 to 100.
    pub max_connections: u8,
    pub door: WebhookDoor,
}

/// Where the HTTP server hands in what Telegram brings to one bot. Cheap to clone.
#[derive(Clone)]
pub struct WebhookDoor {
    secret: Arc<str>,
    inside: mpsc::Sender<Handed>,
    /// Taken by the bot when it runs.
    outside: Arc<Mutex<Option<mpsc::Receiver<Handed>>>>,
}

impl std::fmt::Debug for WebhookDoor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookDoor(…)")
    }
}

struct Handed {
    update: Value,
    is_taken: oneshot::Sender<()>,
}

/// What became of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brought {
    /// It is committed, or can never be: Telegram need not bring it again.
    Taken,
    /// Not now.
    Later,
}

impl WebhookDoor {
    /// Without a secret of the operator's one is made of the token, the same after each start.
    pub fn new(secret: Option<&str>, Token(token): &Token) -> Self {
        let made = || hex::encode(Sha256::digest(format!("firstline webhook of {token}")));
        let (inside, outside) = mpsc::channel(WAITING_AT_MOST);
        let secret = secret.map_or_else(made, str::to_owned).into();
        Self { secret, inside, outside: Arc::new(Mutex::new(Some(outside))) }
    }

    /// Takes as long for a wrong secret as for a right one of the same length.
    pub fn is_right(&self, secret: &[u8]) -> bool {
        self.secret.as_bytes().ct_eq(secret).into()
    }

    pub async fn bring(&self, update: Value) -> Brought {
        let (is_taken, taken) = oneshot::channel();
        if self.inside.try_send(Handed { update, is_taken }).is_err() {
            return Brought::Later;
        }
        match tokio::time::timeout(ANSWER_WITHIN, taken).await {
            Ok(Ok(())) => Brought::Taken,
            Ok(Err(_)) | Err(_) => Brought::Later,
        }
    }
}

/// Until `shutdown`. What waits then is brought again after the start.
pub async fn run(bot: &TelegramBot, webhook: WebhookOptions, shutdown: &CancellationToken) {
    let outside = webhook.door.outside.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(mut outside) = outside else {
        return bot.health.updates_fail(format!(
            "Telegram: the webhook of bot {} is in use by another bot of this server",
            bot.name
        ));
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = bot.take_what_is_brought(&mut outside) => {}
        () = bot.tend_webhook(&webhook) => {}
    }
}

impl TelegramBot {
    async fn take_what_is_brought(&self, outside: &mut mpsc::Receiver<Handed>) {
        while let Some(Handed { update, is_taken }) = outside.recv().await {
            match reading::id(&update) {
                Some(id) => self.take_surely(id, &update).await,
                None => {
                    tracing::error!(bot = %self.name, "an update without a number came from Telegram and is skipped")
                }
            }
            // Whoever asked may have given up: it is taken all the same, and known when it comes again.
            let _ = is_taken.send(());
        }
    }

    /// Sets the webhook, and looks after it for ever.
    async fn tend_webhook(&self, webhook: &WebhookOptions) {
        let (mut failures, mut is_introduced, mut must_set) = (0, false, true);
        loop {
            let tended = async {
                if must_set {
                    self.api.set_webhook(&webhook.url, &webhook.door.secret, webhook.max_connections).await?;
                }
                self.api.webhook_info().await
            };
            let pause = match tended.await {
                Ok(info) => {
                    failures = 0;
                    if !is_introduced {
                        is_introduced = true;
                        self.introduce().await;
                    }
                    must_set = info.url != webhook.url.as_str();
                    match trouble(&self.name, webhook, &info, self.desk.clock().now().as_second()) {
                        Some(sentence) => self.health.updates_fail(sentence),
                        None => self.health.updates_come(),
                    }
                    LOOK_EVERY
                }
                // An emulator or an old server that does not know the question: what it brings is proof enough.
                Err(ApiError::Refused { code: 404, .. }) if is_introduced => LOOK_EVERY,
                Err(error) => {
                    let (sentence, pause) = self.webhook_trouble(webhook, &error, failures);
                    failures += 1;
                    self.health.updates_fail(sentence);
                    pause
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    fn webhook_trouble(&self, webhook: &WebhookOptions, error: &ApiError, failures: u32) -> (String, Duration) {
        match error {
            ApiError::Refused { code: 400, description, .. } => {
                let sentence = format!(
                    "Telegram: the webhook {} of bot {} is refused ({description}). It must be https, on port 443, 80, 88 or 8443, with a \
                     certificate that Telegram trusts: change telegram.webhook.url, or leave it out for long polling",
                    webhook.url, self.name
                );
                (sentence, LOOK_EVERY)
            }
            _ => self.trouble(error, failures),
        }
    }
}

/// What an operator must know of what Telegram tells; `now` in seconds since 1970.
fn trouble(bot: &str, webhook: &WebhookOptions, info: &WebhookInfo, now: i64) -> Option<String> {
    if info.url != webhook.url.as_str() {
        return Some(format!(
            "Telegram: another program has set the webhook of bot {bot} to another address. Stop the other program that uses this token; \
             this one sets its own again"
        ));
    }
    let is_recent = info.last_error_date.is_some_and(|date| now - date <= ERROR_COUNTS_SECS);
    if is_recent {
        let why = info.last_error_message.as_deref().unwrap_or("no reason is told");
        let why: String = why.chars().take(200).collect();
        return Some(format!(
            "Telegram: updates of bot {bot} could not be brought to {} ({why}). Check that the address leads to this server from outside, \
             with a valid certificate, and that the proxy passes the header X-Telegram-Bot-Api-Secret-Token on",
            webhook.url
        ));
    }
    (info.pending_update_count > PENDING_COUNTS).then(|| {
        format!(
            "Telegram: {} updates of bot {bot} wait to be brought. If the number grows, this server is too slow or cannot be reached",
            info.pending_update_count
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> WebhookOptions {
        let url = Url::parse("https://support.example/telegram/shop/update").unwrap();
        WebhookOptions { url, max_connections: 40, door: WebhookDoor::new(None, &Token::new("1:a")) }
    }

    #[test]
    fn the_secret_is_asked_for() {
        let (one, other) = (Token::new("1:a"), Token::new("1:b"));
        let own = WebhookDoor::new(Some("mine"), &one);
        assert!(own.is_right(b"mine") && !own.is_right(b"") && !own.is_right(b"mine2") && !own.is_right(b"Mine"));
        let made = WebhookDoor::new(None, &one);
        assert!(made.is_right(WebhookDoor::new(None, &one).secret.as_bytes()), "the same after each start");
        assert!(!made.is_right(WebhookDoor::new(None, &other).secret.as_bytes()));
        assert!(made.secret.len() <= 256 && made.secret.chars().all(|c| c.is_ascii_alphanumeric()));
        assert!(!format!("{:?}", options()).contains(&*options().door.secret));
    }

    #[test]
    fn what_telegram_tells_becomes_a_sentence() {
        let info = |url: &str, pending: u64, error_at: Option<i64>| WebhookInfo {
            url: url.into(),
            pending_update_count: pending,
            last_error_date: error_at,
            last_error_message: Some("Connection timed out".into()),
        };
        let said = |info: WebhookInfo| trouble("shop", &options(), &info, 10_000).unwrap_or_default();
        let url = "https://support.example/telegram/shop/update";
        assert_eq!(said(info(url, 100, None)), "");
        assert_eq!(said(info(url, 0, Some(9_000))), "", "long ago");
        assert!(said(info(url, 0, Some(9_900))).contains("Connection timed out"));
        assert!(said(info(url, 101, None)).contains("101 updates"));
        assert!(said(info("https://else.example", 0, None)).contains("another program"));
        assert!(said(info("", 0, None)).contains("another program"));
    }

    #[tokio::test]
    async fn nobody_inside_is_later() {
        let door = WebhookDoor::new(None, &Token::new("1:a"));
        drop(door.outside.lock().unwrap().take());
        assert_eq!(door.bring(Value::Null).await, Brought::Later);
    }
}
