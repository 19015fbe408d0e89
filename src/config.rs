//! Reads flags, environment and file once, checks every value, and says where each came from.

mod mail;
mod oidc;
mod sites;
mod telegram;
mod texts;

pub use mail::{MailConfig, MailTls};
pub use oidc::OidcConfig;
pub use sites::SiteConfig;
pub use telegram::{Groups, TelegramConfig, WebhookConfig};

use crate::domain::attachment::{FILE_TYPES, file_type};
use crate::domain::catalogue::Catalogue;
use crate::domain::rules::{Queue, Silence};
use crate::domain::{Language, PolicyWish};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The name that stands for "no encoder: lexical evidence only".
pub const NO_MODEL: &str = "none";

/// Everything that can be set, after precedence: flags over environment over file over built-in.
#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    /// As customers reach it, `https://…`; decides the cookie's Secure flag and which origins are ours.
    pub public_url: Option<String>,
    pub data: PathBuf,
    pub knowledge: PathBuf,
    pub models: PathBuf,
    /// A name in `models`, a folder, or `none`.
    pub model: String,
    pub default_language: Language,
    /// Threads for the encoder; 0 means one per core.
    pub threads: usize,
    /// How long a live question waits for the encoder.
    pub encoder_wait: Duration,
    pub policy: PolicyWish,
    pub limits: LimitsConfig,
    pub retention: RetentionConfig,
    pub attachments: AttachmentsConfig,
    /// Addresses whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    pub telegram: Vec<TelegramConfig>,
    /// Lines of waiting handoffs; the console cannot change these.
    pub queues: Vec<Queue>,
    pub silence: Silence,
    /// Where the widget may stand; empty: anywhere.
    pub sites: Vec<SiteConfig>,
    /// Letters to customers; `None`: none are sent.
    pub mail: Option<MailConfig>,
    pub oidc: Option<OidcConfig>,
    /// Keys that may call `POST /api/v1/ask` from elsewhere than this machine.
    pub api_keys: Vec<Secret>,
    /// Lets `/metrics` be read from elsewhere than this machine.
    pub metrics_token: Option<Secret>,
    pub log: LogConfig,
    pub texts: Texts,
}

/// What the bot and the system say by themselves: the built-in texts, with the operator's over them.
#[derive(Clone, Debug)]
pub struct Texts {
    pub catalogue: Arc<Catalogue>,
    /// Sentences about what is only worth a look.
    pub warnings: Vec<String>,
}

/// A secret that never shows itself in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    pub questions_per_minute: u32,
    pub conversations_per_minute: u32,
    pub handoffs_per_hour: u32,
    pub uploads_per_hour: u32,
    /// Whether callers on this machine are limited too.
    pub include_loopback: bool,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            questions_per_minute: 60,
            conversations_per_minute: 10,
            handoffs_per_hour: 5,
            uploads_per_hour: 20,
            include_loopback: false,
        }
    }
}

/// Files that customers and agents send.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AttachmentsConfig {
    pub enabled: bool,
    /// Of one file.
    pub max_mb: u64,
    /// Of all files of one conversation, and of all that are kept.
    pub conversation_mb: u64,
    pub total_mb: u64,
    /// Media types of `domain::attachment::FILE_TYPES`.
    pub types: Vec<String>,
}

impl Default for AttachmentsConfig {
    fn default() -> Self {
        let types = ["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain"];
        Self {
            enabled: true,
            max_mb: 10,
            conversation_mb: 200,
            total_mb: 20_480,
            types: types.map(str::to_owned).into(),
        }
    }
}

/// How long words are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionConfig {
    /// `None`: for ever.
    pub resolved_after_days: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,firstline=debug`.
    pub level: String,
    pub json: bool,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { level: "info".into(), json: false }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{file}: cannot be read: {source}", file = file.display())]
    Unreadable { file: PathBuf, source: std::io::Error },
    #[error("{file}: {detail}\nEvery key is described in firstline.example.toml.", file = file.display())]
    Invalid { file: PathBuf, detail: String },
    /// `what` names the key or the variable.
    #[error("{what}: {detail}")]
    BadValue { what: String, detail: String },
    #[error("{}\nKeys and their variables are described in docs/texts.md.", mistakes.join("\n"))]
    Texts { mistakes: Vec<String> },
}

fn bad(what: impl Into<String>, detail: impl Into<String>) -> ConfigError {
    ConfigError::BadValue { what: what.into(), detail: detail.into() }
}

/// What flags say; they win over everything.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub config: Option<PathBuf>,
    pub knowledge: Option<PathBuf>,
    pub data: Option<PathBuf>,
    pub model: Option<String>,
    pub listen: Option<String>,
    /// The command speaks to no one, so secrets are not looked up, and no bot is there.
    pub without_secrets: bool,
}

/// The file as it is written.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    listen: Option<String>,
    public_url: Option<String>,
    data: Option<PathBuf>,
    knowledge: Option<PathBuf>,
    models: Option<PathBuf>,
    model: Option<String>,
    default_language: Option<String>,
    threads: Option<usize>,
    encoder_wait_ms: Option<u64>,
    policy: PolicyWish,
    limits: LimitsConfig,
    retention: RetentionConfig,
    attachments: AttachmentsConfig,
    trusted_proxies: Vec<std::net::IpAddr>,
    telegram: Vec<telegram::TelegramFile>,
    queues: Vec<Queue>,
    silence: Silence,
    sites: Vec<sites::SiteFile>,
    mail: Option<mail::MailFile>,
    oidc: Option<oidc::OidcFile>,
    api_keys_env: Option<String>,
    api_keys_file: Option<PathBuf>,
    metrics_token_env: Option<String>,
    metrics_token_file: Option<PathBuf>,
    log: LogConfig,
    texts: TextsFile,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TextsFile {
    folder: Option<PathBuf>,
}

const DEFAULT_FILE: &str = "firstline.toml";
const DEFAULT_MODEL: &str = "firstline-minilm-l6-en-zh-ru";

impl Config {
    /// `env` answers for the environment, so that tests need not change the process's own.
    pub fn load(flags: &Flags, env: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let file = read_file(flags.config.as_deref())?;
        // The name of the variable or key goes into the error, so whoever set it finds it.
        let pick = |flag: Option<String>, variable: &str, key: &str, from_file: Option<String>| {
            flag.map(|value| (format!("--{key}"), value))
                .or_else(|| env(variable).filter(|v| !v.is_empty()).map(|value| (variable.to_owned(), value)))
                .or_else(|| from_file.map(|value| (key.to_owned(), value)))
        };
        let path = |flag: &Option<PathBuf>, variable: &str, from_file: Option<PathBuf>, built_in: &str| {
            flag.clone()
                .or_else(|| env(variable).filter(|v| !v.is_empty()).map(PathBuf::from))
                .or(from_file)
                .unwrap_or_else(|| built_in.into())
        };

        let listen = match pick(flags.listen.clone(), "FIRSTLINE_LISTEN", "listen", file.listen) {
            Some((what, value)) => value
                .parse()
                .map_err(|_| bad(what, format!("{value:?} is no address and port such as 127.0.0.1:8080")))?,
            None => SocketAddr::from(([127, 0, 0, 1], 8080)),
        };
        let default_language = match pick(None, "FIRSTLINE_DEFAULT_LANGUAGE", "default_language", file.default_language)
        {
            Some((what, value)) => language(&what, &value)?,
            None => Language::En,
        };
        let public_url = pick(None, "FIRSTLINE_PUBLIC_URL", "public_url", file.public_url);
        let public_url = public_url.map(|(what, value)| http_url(&what, &value).map(|_| value)).transpose()?;
        let model = pick(flags.model.clone(), "FIRSTLINE_MODEL", "model", file.model);
        let mut telegram = vec![];
        for bot in file.telegram.into_iter().filter(|_| !flags.without_secrets) {
            telegram.push(telegram::bot(bot, default_language, &env)?);
        }
        let secret = |what: &str, variable: Option<String>, file: Option<PathBuf>| match flags.without_secrets {
            true => Ok(None),
            false => secret(what, variable, file, &env),
        };
        if let Some(token) = env("FIRSTLINE_TELEGRAM_TOKEN").filter(|t| !t.is_empty()) {
            let api_url = env("FIRSTLINE_TELEGRAM_API_URL").filter(|u| !u.is_empty());
            let api_url = api_url.map(|u| http_url("FIRSTLINE_TELEGRAM_API_URL", &u)).transpose()?;
            telegram.push(TelegramConfig::plain("telegram", Secret::new(token), api_url, default_language));
        }
        for (i, bot) in telegram.iter().enumerate() {
            if telegram[..i].iter().any(|other| other.name == bot.name) {
                return Err(bad(
                    "telegram.name",
                    format!("two bots are named {:?}; each needs a name of its own", bot.name),
                ));
            }
        }
        check_policy(&file.policy)?;
        check_queues(&file.queues)?;
        file.silence.check().map_err(|detail| bad("silence", detail))?;
        let sites = sites::sites(file.sites, secret, flags.without_secrets)?;
        let mail = file.mail.filter(|_| !flags.without_secrets).map(|mail| mail.check(secret)).transpose()?;
        let oidc = file.oidc.filter(|_| !flags.without_secrets);
        let oidc = oidc.map(|oidc| oidc.check(public_url.as_deref(), secret)).transpose()?;
        let folder = env("FIRSTLINE_TEXTS").filter(|v| !v.is_empty()).map(PathBuf::from).or(file.texts.folder);
        let (catalogue, warnings) =
            folder.map_or_else(|| Ok((Catalogue::built_in(), vec![])), |folder| texts::load(&folder))?;
        let keys = secret("api_keys", file.api_keys_env, file.api_keys_file)?;
        Ok(Self {
            listen,
            public_url,
            data: path(&flags.data, "FIRSTLINE_DATA", file.data, "data"),
            knowledge: path(&flags.knowledge, "FIRSTLINE_KNOWLEDGE", file.knowledge, "knowledge_base"),
            models: path(&None, "FIRSTLINE_MODELS", file.models, "models"),
            model: model.map_or_else(|| DEFAULT_MODEL.into(), |(_, name)| name),
            default_language,
            threads: file.threads.unwrap_or(0),
            encoder_wait: encoder_wait(file.encoder_wait_ms)?,
            policy: file.policy,
            limits: file.limits,
            retention: check_retention(file.retention)?,
            attachments: check_attachments(file.attachments)?,
            trusted_proxies: file.trusted_proxies,
            telegram,
            queues: file.queues,
            silence: file.silence,
            sites,
            mail,
            oidc,
            api_keys: keys.map(|k| k.reveal().split_whitespace().map(Secret::new).collect()).unwrap_or_default(),
            metrics_token: secret("metrics_token", file.metrics_token_env, file.metrics_token_file)?,
            log: match env("FIRSTLINE_LOG").filter(|l| !l.is_empty()) {
                Some(level) => LogConfig { level, ..file.log },
                None => file.log,
            },
            texts: Texts { catalogue: Arc::new(catalogue), warnings },
        })
    }

    /// The encoder's folder; `None` when lexical evidence is all that is wanted.
    pub fn model_folder(&self) -> Option<PathBuf> {
        if self.model == NO_MODEL {
            return None;
        }
        let as_path = Path::new(&self.model);
        let is_path = as_path.is_absolute() || self.model.contains('/') || as_path.is_dir();
        Some(if is_path { as_path.to_owned() } else { self.models.join(&self.model) })
    }
}

fn read_file(named: Option<&Path>) -> Result<File, ConfigError> {
    let file = match named {
        Some(file) => file.to_owned(),
        None if Path::new(DEFAULT_FILE).exists() => DEFAULT_FILE.into(),
        None => return Ok(File::default()),
    };
    let text =
        std::fs::read_to_string(&file).map_err(|source| ConfigError::Unreadable { file: file.clone(), source })?;
    toml::from_str(&text).map_err(|error| ConfigError::Invalid { file, detail: error.to_string().trim().to_owned() })
}

fn language(what: &str, tag: &str) -> Result<Language, ConfigError> {
    Language::parse(tag).ok_or_else(|| bad(what, format!("{tag:?} is none of en, zh-Hans, zh-Hant, ru")))
}

fn http_url(what: &str, value: &str) -> Result<url::Url, ConfigError> {
    let parsed = url::Url::parse(value).map_err(|error| bad(what, format!("{value:?} is no URL: {error}")))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(bad(what, format!("{value:?} must begin with http:// or https://")));
    }
    Ok(parsed)
}

/// Secrets come from a variable or a file, never from the config file itself.
fn secret(
    what: &str,
    variable: Option<String>,
    file: Option<PathBuf>,
    env: &impl Fn(&str) -> Option<String>,
) -> Result<Option<Secret>, ConfigError> {
    match (variable, file) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(bad(what, "has both …_env and …_file; keep one")),
        (Some(variable), None) => match env(&variable).filter(|value| !value.trim().is_empty()) {
            Some(value) => Ok(Some(Secret::new(value.trim()))),
            None => Err(bad(what, format!("the environment variable {variable} is not set"))),
        },
        (None, Some(file)) => match std::fs::read_to_string(&file) {
            Ok(text) if !text.trim().is_empty() => Ok(Some(Secret::new(text.trim()))),
            Ok(_) => Err(bad(what, format!("the file {} is empty", file.display()))),
            Err(source) => Err(ConfigError::Unreadable { file, source }),
        },
    }
}

fn check_queues(queues: &[Queue]) -> Result<(), ConfigError> {
    for (i, queue) in queues.iter().enumerate() {
        queue.check().map_err(|detail| bad(format!("queue {:?}", queue.name.as_str()), detail))?;
        if queues[..i].iter().any(|other| other.name == queue.name) {
            return Err(bad("queues.name", format!("two queues are named {:?}", queue.name.as_str())));
        }
    }
    Ok(())
}

fn encoder_wait(ms: Option<u64>) -> Result<Duration, ConfigError> {
    match ms {
        None => Ok(Duration::from_millis(400)),
        Some(ms @ 50..=10_000) => Ok(Duration::from_millis(ms)),
        Some(ms) => Err(bad("encoder_wait_ms", format!("{ms} is not between 50 and 10000"))),
    }
}

fn check_retention(retention: RetentionConfig) -> Result<RetentionConfig, ConfigError> {
    match retention.resolved_after_days {
        None | Some(1..=36_500) => Ok(retention),
        Some(days) => Err(bad(
            "retention.resolved_after_days",
            format!("{days} is not between 1 and 36500; leave the key out to keep words for ever"),
        )),
    }
}

fn check_attachments(attachments: AttachmentsConfig) -> Result<AttachmentsConfig, ConfigError> {
    let max_mb = attachments.max_mb;
    if !(1..=50).contains(&max_mb) {
        return Err(bad("attachments.max_mb", format!("{max_mb} is not between 1 and 50")));
    }
    for (key, mb) in [("conversation_mb", attachments.conversation_mb), ("total_mb", attachments.total_mb)] {
        if !(max_mb..=100_000_000).contains(&mb) {
            return Err(bad(format!("attachments.{key}"), format!("{mb} is not between max_mb and 100000000")));
        }
    }
    if attachments.types.is_empty() {
        return Err(bad("attachments.types", "is empty; to take no files, say enabled = false"));
    }
    for name in &attachments.types {
        if file_type(name).is_none() {
            let known: Vec<&str> = FILE_TYPES.iter().map(|known| known.name).collect();
            return Err(bad("attachments.types", format!("{name:?} is none of {}", known.join(", "))));
        }
    }
    Ok(attachments)
}

fn check_policy(policy: &PolicyWish) -> Result<(), ConfigError> {
    let by_hand = [("policy.answer_at", policy.answer_at), ("policy.margin", policy.margin)];
    let by_hand = by_hand.into_iter().filter_map(|(key, value)| Some((key, value?)));
    let shares = [
        ("policy.stranger_share", policy.stranger_share),
        ("policy.clarify_floor", policy.clarify_floor),
        ("policy.option_at", policy.option_at),
    ];
    for (key, value) in shares.into_iter().chain(by_hand) {
        if !(0.0..=1.0).contains(&value) {
            return Err(bad(key, format!("{value} is not between 0 and 1")));
        }
    }
    if !(0.5..=0.995).contains(&policy.target_precision) {
        return Err(bad(
            "policy.target_precision",
            format!("{} is not between 0.5 and 0.995", policy.target_precision),
        ));
    }
    if policy.stranger_share > 0.9 {
        return Err(bad("policy.stranger_share", "must not be above 0.9"));
    }
    if !(1..=4).contains(&policy.max_options) {
        return Err(bad("policy.max_options", format!("{} is not between 1 and 4", policy.max_options)));
    }
    if policy.notice_every_secs < 1 {
        return Err(bad("policy.notice_every_secs", "must be at least 1"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, env: &[(&str, &str)]) -> Result<Config, String> {
        load_with(file, env, Flags::default())
    }

    fn load_with(file: &str, env: &[(&str, &str)], flags: Flags) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("firstline.toml");
        std::fs::write(&path, file).unwrap();
        let flags = Flags { config: Some(path), ..flags };
        let env = |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        Config::load(&flags, env).map_err(|error| error.to_string())
    }

    #[test]
    fn environment_wins_over_the_file() {
        let config = load("listen = \"127.0.0.1:1\"\n", &[("FIRSTLINE_LISTEN", "127.0.0.1:2")]).unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(load("listen = \"127.0.0.1:1\"\n", &[]).unwrap().listen.port(), 1);
        assert_eq!(load("", &[]).unwrap().listen.port(), 8080);
    }

    #[test]
    fn every_mistake_names_its_key() {
        let check = |file: &str, env: &[(&str, &str)], words: &[&str]| {
            let error = load(file, env).expect_err(file);
            for word in words {
                assert!(error.contains(word), "{file:?} gave {error:?} without {word:?}");
            }
        };
        check("lissen = 1\n", &[], &["firstline.toml", "line 1", "lissen", "firstline.example.toml"]);
        check("[policy]\nanswer_at = 2.0\n", &[], &["policy.answer_at", "between 0 and 1"]);
        check("[policy]\nanswer_at = \"high\"\n", &[], &["line 2", "answer_at"]);
        check("[policy]\ntarget_precision = 1.0\n", &[], &["policy.target_precision", "0.995"]);
        check("[policy]\nstranger_share = 0.95\n", &[], &["policy.stranger_share"]);
        check("encoder_wait_ms = 0\n", &[], &["encoder_wait_ms", "between 50 and 10000"]);
        check("[retention]\nresolved_after_days = 0\n", &[], &["retention.resolved_after_days", "leave the key out"]);
        check("[retention]\nresolved_after_days = \"a year\"\n", &[], &["line 2", "resolved_after_days"]);
        check("[retention]\nafter_days = 1\n", &[], &["after_days"]);
        check("listen = \"8080\"\n", &[], &["listen", "127.0.0.1:8080"]);
        check("", &[("FIRSTLINE_LISTEN", "nowhere")], &["FIRSTLINE_LISTEN", "nowhere"]);
        check("default_language = \"de\"\n", &[], &["default_language", "zh-Hans"]);
        check("public_url = \"ftp://x\"\n", &[], &["public_url", "https://"]);
        check("[[telegram]]\nname = \"a\"\n", &[], &["telegram \"a\"", "token_env"]);
        check("[[telegram]]\nname = \"a\"\ntoken_env = \"NOPE\"\n", &[], &["NOPE", "not set"]);
        check("[[telegram]]\nname = \"a\"\ntoken = \"123\"\n", &[], &["token"]);
        check("metrics_token_file = \"/nonexistent/x\"\n", &[], &["/nonexistent/x"]);
    }

    #[test]
    fn a_command_that_speaks_to_no_one_needs_no_secrets() {
        let flags = Flags { without_secrets: true, ..Flags::default() };
        let file = "api_keys_env = \"NOPE\"\n[[telegram]]\nname = \"a\"\ntoken_env = \"NOPE\"\n";
        let config = load_with(file, &[], flags).unwrap();
        assert!(config.telegram.is_empty() && config.api_keys.is_empty());
        load(file, &[]).expect_err("a server does need them");
    }

    #[test]
    fn words_are_kept_for_ever_unless_a_number_is_set() {
        assert_eq!(load("", &[]).unwrap().retention.resolved_after_days, None);
        let file = "[retention]\nresolved_after_days = 365\n";
        assert_eq!(load(file, &[]).unwrap().retention.resolved_after_days, Some(365));
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        let env = [("T", "12:secret")];
        let config = load("[[telegram]]\nname = \"a\"\ntoken_env = \"T\"\n", &env).unwrap();
        assert_eq!(config.telegram[0].token.reveal(), "12:secret");
        assert!(!format!("{config:?}").contains("12:secret"));
    }

    #[test]
    fn texts_of_the_operator_are_read_or_their_mistakes_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap().to_owned();
        let load = |file: &str, words: &str| {
            std::fs::write(folder.path().join(file), words).unwrap();
            load("", &[("FIRSTLINE_TEXTS", &path)])
        };
        let config = load("ru.ftl", "something-else-button = Не то\nposition = Ждём\n").unwrap();
        assert_eq!(config.texts.catalogue.say(Language::Ru, "something-else-button", []), "Не то");
        assert!(config.texts.warnings[0].contains("ru.ftl: line 2: position leaves out $place"));
        load("README.md", "Our own texts.").unwrap();
        let error = load("en.ftl", "\nresolved = Bye\nbye = Bye\n").unwrap_err();
        assert!(error.contains("en.ftl: line 3: bye is no key") && error.contains("docs/texts.md"), "{error}");
        let error = load("de.ftl", "resolved = Ende\n").unwrap_err();
        assert!(error.contains("de.ftl: must be en.ftl") && error.contains("en.ftl: line 3"), "{error}");
        let error = super::tests::load("[texts]\nfolder = \"/nonexistent/texts\"\n", &[]).unwrap_err();
        assert!(error.contains("/nonexistent/texts"), "{error}");
    }
}
