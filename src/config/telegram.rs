//! The Telegram bots of the config file.

use super::{ConfigError, Secret, bad, http_url, language, secret};
use crate::domain::rules::Queue;
use crate::domain::{Language, QueueName};
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

#[derive(Clone, Debug)]
pub struct TelegramConfig {
    pub name: String,
    pub token: Secret,
    pub api_url: Option<Url>,
    pub site: String,
    pub language: Language,
    /// Where the customers of this bot wait when nothing they said leads elsewhere.
    pub queue: Option<QueueName>,
    pub groups: Groups,
    /// `None`: long polling.
    pub webhook: Option<WebhookConfig>,
    pub burst: Duration,
    pub local_files: Option<PathBuf>,
}

impl TelegramConfig {
    /// A bot with everything left at its default.
    pub fn plain(name: &str, token: Secret, api_url: Option<Url>, language: Language) -> Self {
        Self {
            name: name.into(),
            token,
            api_url,
            site: name.into(),
            language,
            queue: None,
            groups: Groups::default(),
            webhook: None,
            burst: Duration::from_millis(DEFAULT_BURST_MS),
            local_files: None,
        }
    }
}

/// What becomes of words in a group that somebody has put the bot in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Groups {
    /// One polite line a day.
    #[default]
    Refuse,
    Ignore,
}

#[derive(Clone, Debug)]
pub struct WebhookConfig {
    /// Where Telegram sends updates: the operator's address and the path of this bot.
    pub url: Url,
    /// `None`: made from the token.
    pub secret: Option<Secret>,
    /// 1 to 100.
    pub max_connections: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelegramFile {
    name: String,
    #[serde(default)]
    token_env: Option<String>,
    #[serde(default)]
    token_file: Option<PathBuf>,
    #[serde(default)]
    api_url: Option<String>,
    #[serde(default)]
    site: Option<String>,
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    queue: Option<String>,
    #[serde(default)]
    groups: Groups,
    #[serde(default)]
    webhook: Option<WebhookFile>,
    #[serde(default)]
    burst_ms: Option<u64>,
    #[serde(default)]
    local_files: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookFile {
    url: String,
    #[serde(default)]
    secret_env: Option<String>,
    #[serde(default)]
    secret_file: Option<PathBuf>,
    #[serde(default)]
    max_connections: Option<u8>,
}

const DEFAULT_BURST_MS: u64 = 1_000;
const MAX_BURST_MS: u64 = 3_000;
/// Bot API, setWebhook.
const DEFAULT_CONNECTIONS: u8 = 40;
const MAX_CONNECTIONS: u8 = 100;
const SECRET_CHARS: std::ops::RangeInclusive<usize> = 1..=256;
const MAX_NAME_CHARS: usize = 64;

pub fn bot(
    bot: TelegramFile,
    default: Language,
    env: &impl Fn(&str) -> Option<String>,
) -> Result<TelegramConfig, ConfigError> {
    let what = format!("telegram {:?}", bot.name);
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if bot.name.is_empty() || bot.name.len() > MAX_NAME_CHARS || !bot.name.chars().all(is_name) {
        return Err(bad(
            what,
            format!("a name has 1 to {MAX_NAME_CHARS} of a-z, A-Z, 0-9, - and _: it stands in addresses"),
        ));
    }
    let token = secret(&format!("{what} token"), bot.token_env, bot.token_file, env)?;
    let queue = bot.queue.map(QueueName::new);
    if let Some(queue) = &queue {
        // One that nobody defined is open always, as one that only an article names.
        Queue::named(queue.clone()).check().map_err(|detail| bad(format!("{what} queue"), detail))?;
    }
    let burst_ms = bot.burst_ms.unwrap_or(DEFAULT_BURST_MS);
    if burst_ms > MAX_BURST_MS {
        return Err(bad(format!("{what} burst_ms"), format!("must be 0 to {MAX_BURST_MS}, not {burst_ms}")));
    }
    if let Some(folder) = bot.local_files.as_ref().filter(|folder| !folder.is_dir()) {
        return Err(bad(format!("{what} local_files"), format!("{} is no folder that can be read", folder.display())));
    }
    Ok(TelegramConfig {
        token: token.ok_or_else(|| bad(&what, "needs token_env (a variable's name) or token_file"))?,
        api_url: bot.api_url.map(|u| http_url(&format!("{what} api_url"), &u)).transpose()?,
        site: bot.site.unwrap_or_else(|| bot.name.clone()),
        language: bot.language.map_or(Ok(default), |tag| language(&format!("{what} language"), &tag))?,
        queue,
        groups: bot.groups,
        webhook: bot.webhook.map(|webhook| webhook_of(&bot.name, webhook, env)).transpose()?,
        burst: Duration::from_millis(burst_ms),
        local_files: bot.local_files,
        name: bot.name,
    })
}

fn webhook_of(
    bot: &str,
    webhook: WebhookFile,
    env: &impl Fn(&str) -> Option<String>,
) -> Result<WebhookConfig, ConfigError> {
    let what = format!("telegram {bot:?} webhook");
    let mut url = http_url(&format!("{what}.url"), &webhook.url)?;
    let is_local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    if url.scheme() != "https" && !is_local {
        return Err(bad(format!("{what}.url"), "must be https: Telegram sends updates nowhere else"));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{path}/telegram/{bot}/update"));
    let secret = secret(&format!("{what}.secret"), webhook.secret_env, webhook.secret_file, env)?;
    let is_sayable = |secret: &Secret| {
        let secret = secret.reveal();
        SECRET_CHARS.contains(&secret.len())
            && secret.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    if secret.as_ref().is_some_and(|secret| !is_sayable(secret)) {
        return Err(bad(
            format!("{what}.secret"),
            "must have 1 to 256 of A-Z, a-z, 0-9, _ and - (Bot API, setWebhook)",
        ));
    }
    let max_connections = webhook.max_connections.unwrap_or(DEFAULT_CONNECTIONS);
    if !(1..=MAX_CONNECTIONS).contains(&max_connections) {
        return Err(bad(format!("{what}.max_connections"), format!("must be 1 to {MAX_CONNECTIONS}")));
    }
    Ok(WebhookConfig { url, secret, max_connections })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(more: &str) -> Result<TelegramConfig, String> {
        let file: TelegramFile =
            toml::from_str(&format!("name = \"shop\"\ntoken_env = \"T\"\n{more}")).map_err(|e| e.to_string())?;
        let env = |name: &str| match name {
            "T" => Some("12:secret".to_owned()),
            "S" => Some("se cret".to_owned()),
            _ => None,
        };
        bot(file, Language::Ru, &env).map_err(|e| e.to_string())
    }

    #[test]
    fn a_bot() {
        let plain = load("").unwrap();
        assert_eq!((plain.site.as_str(), plain.language, plain.groups), ("shop", Language::Ru, Groups::Refuse));
        assert!(plain.webhook.is_none() && plain.queue.is_none());
        let full = load(
            "site = \"s\"\nlanguage = \"en\"\nqueue = \"vip\"\ngroups = \"ignore\"\nburst_ms = 0\n\
             webhook = { url = \"https://support.example/desk/\", max_connections = 5 }\n",
        )
        .unwrap();
        assert_eq!((full.site.as_str(), full.language, full.groups), ("s", Language::En, Groups::Ignore));
        assert_eq!((full.queue, full.burst), (Some(QueueName::new("vip")), Duration::ZERO));
        let webhook = full.webhook.unwrap();
        assert_eq!(webhook.url.as_str(), "https://support.example/desk/telegram/shop/update");
        assert_eq!(webhook.max_connections, 5);
    }

    #[test]
    fn mistakes_are_named() {
        let check = |more: &str, words: &[&str]| {
            let error = load(more).unwrap_err();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        };
        check("queue = \"no such\"", &["shop", "queue", "no such"]);
        check("groups = \"shout\"", &["shout", "refuse"]);
        check("burst_ms = 9000", &["burst_ms", "3000"]);
        check("local_files = \"/nonexistent\"", &["local_files", "/nonexistent"]);
        check("webhook = { url = \"http://support.example\" }", &["shop", "webhook.url", "https"]);
        check("webhook = { url = \"https://a.example\", secret_env = \"S\" }", &["webhook.secret", "256"]);
        check("webhook = { url = \"https://a.example\", secret_env = \"NOPE\" }", &["NOPE", "not set"]);
        check("webhook = { url = \"https://a.example\", max_connections = 0 }", &["max_connections", "100"]);
        check("webhook = { secret_env = \"S\" }", &["url"]);
    }
}
