//! The other way of updates: brought to the bot's webhook one after the other, again and again until it says 200.

use super::params::Params;
use super::state::{Shared, Telegram};
use super::{Refused, StandIn};
use crate::clock::Clock;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Telegram itself waits longer with each failure; a test need not.
const PAUSE: Duration = Duration::from_millis(50);
const ANSWERED_WITHIN: Duration = Duration::from_secs(60);
const SECRET_HEADER: &str = "X-Telegram-Bot-Api-Secret-Token";

#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    pub url: String,
    pub secret: String,
    pub allowed: Vec<Value>,
    /// Seconds since 1970, and what was wrong.
    pub last_error: Option<(i64, String)>,
}

pub fn set(telegram: &mut Telegram, params: &Params) -> Result<Value, Refused> {
    let Some(url) = params.text("url").filter(|url| !url.is_empty()) else {
        telegram.webhook = None;
        return Ok(json!(true));
    };
    let is_local = url.starts_with("http://127.0.0.1:");
    if !url.starts_with("https://") && !is_local {
        return Err(Refused::bad_request("bad webhook: An HTTPS URL must be provided for webhook"));
    }
    let secret = params.text("secret_token").unwrap_or_default();
    if secret.len() > 256 || !secret.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        return Err(Refused::bad_request("secret token contains unallowed characters"));
    }
    let allowed = params.json("allowed_updates")?.as_array().cloned().unwrap_or_default();
    telegram.webhook = Some(Webhook { url: url.into(), secret: secret.into(), allowed, last_error: None });
    Ok(json!(true))
}

pub fn info(telegram: &Telegram) -> Value {
    let webhook = telegram.webhook.as_ref();
    let mut info = json!({
        "url": webhook.map(|webhook| webhook.url.as_str()).unwrap_or_default(),
        "has_custom_certificate": false,
        "pending_update_count": telegram.updates.len(),
    });
    if let Some((at, why)) = webhook.and_then(|webhook| webhook.last_error.as_ref()) {
        info["last_error_date"] = json!(at);
        info["last_error_message"] = json!(why);
    }
    info
}

/// For ever. An address on this machine is called as it is; another one only where a test says what stands behind it.
pub async fn deliver(shared: Arc<Shared>) {
    let client = reqwest::Client::builder().no_proxy().build().expect("the settings are constants");
    loop {
        let (url, webhook, update) = shared.wait_for_ever(next).await;
        let sent = post(&client, &url, Some(&webhook.secret), &update).await;
        let is_taken = sent == Ok(200);
        shared.change(|telegram| {
            let is_first = telegram.updates.front() == Some(&update);
            if is_taken && is_first {
                telegram.confirmed = telegram.updates.pop_front();
            }
            if let (Some(webhook), Some(why)) = (&mut telegram.webhook, wrong(&sent)) {
                webhook.last_error = Some((now(), why));
            }
        });
        if !is_taken {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn next(telegram: &Telegram) -> Option<(String, Webhook, Value)> {
    let webhook = telegram.webhook.as_ref().filter(|_| !telegram.is_paused)?;
    let update = telegram.updates.iter().find(|update| {
        let kind = update.as_object().and_then(|update| update.keys().find(|key| *key != "update_id"));
        webhook.allowed.is_empty() || kind.is_none_or(|kind| webhook.allowed.iter().any(|allowed| allowed == kind))
    })?;
    Some((way(telegram, &webhook.url)?, webhook.clone(), update.clone()))
}

fn way(telegram: &Telegram, url: &str) -> Option<String> {
    let behind =
        telegram.behind.iter().find_map(|(address, real)| Some(format!("{real}{}", url.strip_prefix(address)?)));
    behind.or_else(|| url.starts_with("http://127.0.0.1:").then(|| url.to_owned()))
}

fn wrong(sent: &Result<u16, String>) -> Option<String> {
    match sent {
        Ok(200) => None,
        Ok(status) => Some(format!("Wrong response from the webhook: {status}")),
        Err(why) => Some(why.clone()),
    }
}

async fn post(client: &reqwest::Client, url: &str, secret: Option<&str>, update: &Value) -> Result<u16, String> {
    let mut request = client.post(url).json(update).timeout(ANSWERED_WITHIN);
    if let Some(secret) = secret {
        request = request.header(SECRET_HEADER, secret);
    }
    let response = request.send().await.map_err(|_| "Connection refused".to_owned())?;
    Ok(response.status().as_u16())
}

fn now() -> i64 {
    Clock::system().now().as_second()
}

impl StandIn {
    /// What stands behind an address, as a name server and a proxy would say: `https://support.example`, `http://127.0.0.1:8080`.
    pub fn leads(&self, address: &str, real: &str) {
        let real = real.trim_end_matches('/').to_owned();
        self.shared.change(|telegram| telegram.behind.insert(address.to_owned(), real));
    }

    /// Somebody brings an update to the bot's webhook, with this secret or none. The status of the answer.
    pub async fn brings(&self, update: &Value, secret: Option<&str>) -> u16 {
        let client = reqwest::Client::builder().no_proxy().build().expect("the settings are constants");
        let url = self.shared.wait_for(|telegram| way(telegram, &telegram.webhook.as_ref()?.url)).await;
        post(&client, &url.expect("a webhook is set"), secret, update).await.unwrap_or_default()
    }

    /// What the bot gave as its secret.
    pub async fn secret(&self) -> String {
        let set =
            self.shared.wait_for(|telegram| telegram.webhook.as_ref().map(|webhook| webhook.secret.clone())).await;
        set.expect("a webhook is set")
    }
}
