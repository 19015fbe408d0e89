//! Calls of the Bot API: teloxide's payloads over teloxide's client, the answer read here.
//!
//! `Bot::send` of teloxide-core 0.13 sleeps ten seconds on every 5xx, throws the error code away and matches descriptions
//! instead, fails a message that was sent when it cannot read the copy that came back (so it would be sent again), and
//! puts the raw answer, with the customer's words, into its error. Here an error holds the code, the description and the
//! pause asked for, and never the token.

use super::Token;
use super::buttons::Keyboard;
use reqwest::Body;
use reqwest::multipart::{Form, Part};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;
use teloxide::payloads::{
    AnswerCallbackQuery, EditMessageReplyMarkup, GetFile, GetMe, GetUpdates, SendChatAction, SendMessage, SetMyCommands,
};
use teloxide::requests::Payload;
use teloxide::types::{
    AllowedUpdate, BotCommand, CallbackQueryId, ChatAction, ChatId, InlineKeyboardButton, InlineKeyboardButtonKind,
    InlineKeyboardMarkup, LinkPreviewOptions, MessageId, ParseMode, ReplyMarkup,
};
use tokio_util::io::ReaderStream;
use url::Url;

/// Of any call but `updates`, from its beginning to the end of its answer.
pub const SEND_WITHIN: Duration = Duration::from_secs(10);
/// Of one file in either direction, from its beginning to its end.
pub const FILE_WITHIN: Duration = Duration::from_secs(20);
/// Beyond the time that Telegram was asked to hold a poll.
const POLL_MARGIN: Duration = Duration::from_secs(15);
const MAX_UPDATES: u8 = 100;
/// A hundred updates of the longest kind are well below.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

#[derive(Clone, Debug, thiserror::Error)]
pub enum ApiError {
    /// Telegram said no; nothing was done.
    #[error("Telegram answered {code}: {description}")]
    Refused { code: u16, description: String, retry_after: Option<Duration> },
    /// No answer that could be read came: it may have been done or not.
    #[error("no answer from Telegram: {0}")]
    Unanswered(String),
}

/// One message to send.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub text: Text,
    pub keyboard: Keyboard,
}

#[derive(Clone, Debug)]
pub enum Text {
    Html(String),
    Plain(String),
}

// No `Debug`: teloxide's bot would print its token.
#[derive(Clone)]
pub struct Api {
    bot: teloxide::Bot,
}

impl Api {
    pub fn new(Token(token): Token, api_url: Option<Url>) -> Self {
        let settings = teloxide::net::default_reqwest_settings();
        // A server on this machine is never behind a proxy, whatever the environment says.
        let is_local = api_url.as_ref().and_then(Url::host).is_some_and(|host| match host {
            url::Host::Domain(name) => name == "localhost",
            url::Host::Ipv4(address) => address.is_loopback(),
            url::Host::Ipv6(address) => address.is_loopback(),
        });
        let settings = if is_local { settings.no_proxy() } else { settings };
        let client =
            settings.build().expect("the settings are constants; only the TLS roots could fail, and they are built in");
        let bot = teloxide::Bot::with_client(token, client);
        Self { bot: api_url.into_iter().fold(bot, teloxide::Bot::set_api_url) }
    }

    /// Waits up to `wait_secs` for updates from `offset` on. Asking with an offset confirms every update before it.
    pub async fn updates(&self, offset: Option<i32>, wait_secs: u32) -> Result<Vec<Value>, ApiError> {
        let payload = GetUpdates {
            offset,
            limit: Some(MAX_UPDATES),
            timeout: Some(wait_secs),
            allowed_updates: Some(allowed_updates()),
        };
        self.call(&payload, Duration::from_secs(wait_secs.into()) + POLL_MARGIN).await
    }

    /// The id of the message that stands in the chat now; 0 if Telegram did not tell it.
    pub async fn send(&self, chat: i64, outgoing: &Outgoing) -> Result<i64, ApiError> {
        let (text, parse_mode) = match &outgoing.text {
            Text::Html(html) => (html, Some(ParseMode::Html)),
            Text::Plain(text) => (text, None),
        };
        let mut payload = SendMessage::new(ChatId(chat), text);
        payload.parse_mode = parse_mode;
        payload.link_preview_options = Some(LinkPreviewOptions {
            is_disabled: true,
            url: None,
            prefer_small_media: false,
            prefer_large_media: false,
            show_above_text: false,
        });
        payload.reply_markup = markup(&outgoing.keyboard).map(ReplyMarkup::InlineKeyboard);
        let sent: Sent = self.call(&payload, SEND_WITHIN).await?;
        Ok(sent.message_id)
    }

    /// One file with its caption. The id of the message that stands in the chat now; 0 if Telegram did not tell it.
    pub async fn send_file(&self, chat: i64, file: OutgoingFile, keyboard: &Keyboard) -> Result<i64, ApiError> {
        let OutgoingFile { way, name, media_type, bytes, content, caption } = file;
        let part = Part::stream_with_length(Body::wrap_stream(ReaderStream::new(content)), bytes).file_name(name);
        let part = part.mime_str(&media_type).map_err(|_| ApiError::Unanswered("the file has no media type".into()))?;
        let (method, field) = way.method();
        let mut form = Form::new().text("chat_id", chat.to_string()).part(field, part);
        form = match caption {
            Some(Text::Html(html)) => form.text("caption", html).text("parse_mode", "HTML"),
            Some(Text::Plain(text)) => form.text("caption", text),
            None => form,
        };
        if let Some(markup) = markup(keyboard) {
            let json = serde_json::to_string(&markup).map_err(|e| ApiError::Unanswered(e.to_string()))?;
            form = form.text("reply_markup", json);
        }
        let url = self.address(&[&format!("bot{}", self.bot.token()), method])?;
        let sent: Sent = answered(self.bot.client().post(url).timeout(FILE_WITHIN).multipart(form)).await?;
        Ok(sent.message_id)
    }

    /// Where the bytes of a file are, for an hour or so (Bot API, getFile: files of up to 20 MB, from Telegram's own server).
    pub async fn file(&self, id: &str) -> Result<FoundFile, ApiError> {
        self.call(&GetFile::new(teloxide::types::FileId(id.to_owned())), SEND_WITHIN).await
    }

    /// The bytes of a file, piece by piece; the whole of it must come within `FILE_WITHIN`.
    pub async fn download(&self, path: &str) -> Result<Download, ApiError> {
        let mut way = vec!["file".to_owned(), format!("bot{}", self.bot.token())];
        way.extend(path.split('/').map(str::to_owned));
        let url = self.address(&way.iter().map(String::as_str).collect::<Vec<_>>())?;
        let request = self.bot.client().get(url).timeout(FILE_WITHIN);
        let response = request.send().await.map_err(|error| unanswered(&error.without_url()))?;
        match response.status().as_u16() {
            200 => Ok(Download(response)),
            code => Err(ApiError::Refused { code, description: "the file is not given out".into(), retry_after: None }),
        }
    }

    /// Other words where a message stands. `is_caption`: under a file.
    pub async fn edit(&self, chat: i64, message: i64, text: &Text, is_caption: bool) -> Result<(), ApiError> {
        let (words, mode) = match text {
            Text::Html(html) => (html, Some("HTML")),
            Text::Plain(text) => (text, None),
        };
        let mut payload = json!({"chat_id": chat, "message_id": message});
        payload[if is_caption { "caption" } else { "text" }] = json!(words);
        if let Some(mode) = mode {
            payload["parse_mode"] = json!(mode);
        }
        if !is_caption {
            payload["link_preview_options"] = json!({"is_disabled": true});
        }
        let method = if is_caption { "EditMessageCaption" } else { "EditMessageText" };
        let _: Value = self.call_as(method, &payload, SEND_WITHIN).await?;
        Ok(())
    }

    /// Within 48 hours (Bot API, deleteMessage).
    pub async fn delete(&self, chat: i64, message: i64) -> Result<(), ApiError> {
        let payload = json!({"chat_id": chat, "message_id": message});
        let _: Value = self.call_as("DeleteMessage", &payload, SEND_WITHIN).await?;
        Ok(())
    }

    pub async fn show_typing(&self, chat: i64) -> Result<(), ApiError> {
        self.done(&SendChatAction::new(ChatId(chat), ChatAction::Typing)).await
    }

    /// `text` is shown for a moment over the chat; without it the button only stops turning.
    pub async fn answer_tap(&self, query: &str, text: Option<String>) -> Result<(), ApiError> {
        let mut payload = AnswerCallbackQuery::new(CallbackQueryId(query.to_owned()));
        payload.text = text;
        self.done(&payload).await
    }

    pub async fn remove_keyboard(&self, chat: i64, message: i64) -> Result<(), ApiError> {
        let Ok(message) = i32::try_from(message) else { return Ok(()) };
        self.done(&EditMessageReplyMarkup::new(ChatId(chat), MessageId(message))).await
    }

    /// From now on Telegram sends updates to `url`, with the secret in a header, and keeps those that wait.
    pub async fn set_webhook(&self, url: &Url, secret: &str, max_connections: u8) -> Result<(), ApiError> {
        let payload = json!({
            "url": url.as_str(),
            "secret_token": secret,
            "max_connections": max_connections,
            "allowed_updates": allowed_updates(),
        });
        let _: Value = self.call_as("SetWebhook", &payload, SEND_WITHIN).await?;
        Ok(())
    }

    pub async fn delete_webhook(&self) -> Result<(), ApiError> {
        let _: Value = self.call_as("DeleteWebhook", &json!({}), SEND_WITHIN).await?;
        Ok(())
    }

    pub async fn webhook_info(&self) -> Result<WebhookInfo, ApiError> {
        self.call_as("GetWebhookInfo", &json!({}), SEND_WITHIN).await
    }

    /// The bot's public name, without `@`.
    pub async fn username(&self) -> Result<Option<String>, ApiError> {
        #[derive(Deserialize)]
        struct Me {
            username: Option<String>,
        }
        let me: Me = self.call(&GetMe::new(), SEND_WITHIN).await?;
        Ok(me.username)
    }

    /// `commands` are names and what they do. `language_code` has two letters (ISO 639-1); `None` is for everyone else.
    pub async fn set_commands(&self, commands: &[(&str, String)], language_code: Option<&str>) -> Result<(), ApiError> {
        let mut payload = SetMyCommands::new(commands.iter().map(|(name, does)| BotCommand::new(*name, does)));
        payload.language_code = language_code.map(str::to_owned);
        self.done(&payload).await
    }

    async fn done<P: Payload + Serialize>(&self, payload: &P) -> Result<(), ApiError> {
        let _: Value = self.call(payload, SEND_WITHIN).await?;
        Ok(())
    }

    async fn call<P: Payload + Serialize, R: DeserializeOwned>(
        &self,
        payload: &P,
        within: Duration,
    ) -> Result<R, ApiError> {
        self.call_as(P::NAME, payload, within).await
    }

    async fn call_as<R: DeserializeOwned>(
        &self,
        method: &str,
        payload: &impl Serialize,
        within: Duration,
    ) -> Result<R, ApiError> {
        let url = self.address(&[&format!("bot{}", self.bot.token()), method])?;
        answered(self.bot.client().post(url).timeout(within).json(payload)).await
    }

    fn address(&self, way: &[&str]) -> Result<Url, ApiError> {
        let mut url = self.bot.api_url();
        url.path_segments_mut()
            .map_err(|()| ApiError::Unanswered("the address of the Bot API has no path".into()))?
            .pop_if_empty()
            .extend(way);
        Ok(url)
    }
}

/// The address holds the token: it is cut out of every error.
async fn answered<R: DeserializeOwned>(request: reqwest::RequestBuilder) -> Result<R, ApiError> {
    let mut response = request.send().await.map_err(|error| unanswered(&error.without_url()))?;
    let status = response.status().as_u16();
    let mut body = vec![];
    while let Some(chunk) = response.chunk().await.map_err(|error| unanswered(&error.without_url()))? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER_BYTES {
            return Err(ApiError::Unanswered(format!("the answer is longer than {MAX_ANSWER_BYTES} bytes")));
        }
    }
    read_answer(status, &body)
}

/// A file to send. `content` gives exactly `bytes`.
#[derive(Debug)]
pub struct OutgoingFile {
    pub way: Way,
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    pub content: tokio::fs::File,
    pub caption: Option<Text>,
}

/// How a file stands in the chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Photo,
    Voice,
    Audio,
    Video,
    Animation,
    Document,
}

impl Way {
    fn method(self) -> (&'static str, &'static str) {
        match self {
            Self::Photo => ("SendPhoto", "photo"),
            Self::Voice => ("SendVoice", "voice"),
            Self::Audio => ("SendAudio", "audio"),
            Self::Video => ("SendVideo", "video"),
            Self::Animation => ("SendAnimation", "animation"),
            Self::Document => ("SendDocument", "document"),
        }
    }
}

/// What is read of a message that was sent.
#[derive(Deserialize)]
struct Sent {
    #[serde(default)]
    message_id: i64,
}

/// What is read of `WebhookInfo`.
#[derive(Debug, Deserialize)]
pub struct WebhookInfo {
    /// Empty: none is set.
    pub url: String,
    #[serde(default)]
    pub pending_update_count: u64,
    /// Seconds since 1970.
    pub last_error_date: Option<i64>,
    pub last_error_message: Option<String>,
}

/// All that `reading` reads.
fn allowed_updates() -> Vec<AllowedUpdate> {
    vec![
        AllowedUpdate::Message,
        AllowedUpdate::EditedMessage,
        AllowedUpdate::CallbackQuery,
        AllowedUpdate::MyChatMember,
    ]
}

/// What getFile tells.
#[derive(Debug, Deserialize)]
pub struct FoundFile {
    pub file_path: Option<String>,
    pub file_size: Option<u64>,
}

/// A file on its way here.
pub struct Download(reqwest::Response);

impl Download {
    /// `None`: that was all.
    pub async fn piece(&mut self) -> Result<Option<bytes::Bytes>, ApiError> {
        self.0.chunk().await.map_err(|error| unanswered(&error.without_url()))
    }
}

/// Bot API, "Making requests".
#[derive(Deserialize)]
struct Answer {
    ok: bool,
    result: Option<Value>,
    error_code: Option<u16>,
    description: Option<String>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
}

fn read_answer<R: DeserializeOwned>(status: u16, body: &[u8]) -> Result<R, ApiError> {
    // A proxy's error page is no answer of Telegram's; neither its text nor serde's error, which quotes it, is repeated.
    let unreadable =
        || ApiError::Unanswered(format!("status {status} with something that is no answer of the Bot API"));
    let answer: Answer = serde_json::from_slice(body).map_err(|_| unreadable())?;
    if !answer.ok {
        return Err(ApiError::Refused {
            code: answer.error_code.unwrap_or(status),
            description: answer.description.unwrap_or_default().chars().take(300).collect(),
            retry_after: answer.parameters.and_then(|p| p.retry_after).map(Duration::from_secs),
        });
    }
    serde_json::from_value(answer.result.unwrap_or_default()).map_err(|_| unreadable())
}

/// The sentence of an error and of what caused it.
fn unanswered(error: &dyn std::error::Error) -> ApiError {
    let mut sentence = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        sentence = format!("{sentence}: {deeper}");
        cause = deeper.source();
    }
    ApiError::Unanswered(sentence)
}

fn markup(keyboard: &Keyboard) -> Option<InlineKeyboardMarkup> {
    let button = |button: &super::buttons::Button| {
        InlineKeyboardButton::new(&button.label, InlineKeyboardButtonKind::CallbackData(button.tap.to_string()))
    };
    let rows = keyboard.iter().map(|row| row.iter().map(button));
    (!keyboard.is_empty()).then(|| InlineKeyboardMarkup::new(rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        let check = |status: u16, body: &str, expected: &str| {
            let read: Result<Value, ApiError> = read_answer(status, body.as_bytes());
            let read = match read {
                Ok(value) => value.to_string(),
                Err(error) => format!("{error:?}"),
            };
            assert_eq!(read, expected, "{body}");
        };
        check(200, r#"{"ok":true,"result":[1]}"#, "[1]");
        check(200, r#"{"ok":true}"#, "null");
        check(
            429,
            r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 5","parameters":{"retry_after":5}}"#,
            r#"Refused { code: 429, description: "Too Many Requests: retry after 5", retry_after: Some(5s) }"#,
        );
        check(
            403,
            r#"{"ok":false,"description":"Forbidden"}"#,
            r#"Refused { code: 403, description: "Forbidden", retry_after: None }"#,
        );
        check(502, "<html>", r#"Unanswered("status 502 with something that is no answer of the Bot API")"#);
        check(200, "", r#"Unanswered("status 200 with something that is no answer of the Bot API")"#);
        let read: Result<Vec<Value>, ApiError> = read_answer(200, br#"{"ok":true,"result":"secret"}"#);
        assert!(!read.unwrap_err().to_string().contains("secret"));
    }
}

#[cfg(all(test, feature = "testkit"))]
mod against_the_stand_in {
    use super::super::buttons::{Button, Tap};
    use super::*;
    use crate::testkit::telegram::StandIn;

    fn api(telegram: &StandIn) -> Api {
        Api::new(Token::new(telegram.token()), Some(telegram.url()))
    }

    fn plain(text: &str) -> Outgoing {
        Outgoing { text: Text::Plain(text.into()), keyboard: vec![] }
    }

    #[tokio::test]
    async fn every_call_is_one_that_telegram_takes() {
        let telegram = StandIn::start().await;
        let api = api(&telegram);
        let anna = telegram.customer(7, "en");
        anna.says("hello");
        let updates = api.updates(None, 0).await.unwrap();
        assert_eq!(updates[0]["message"]["text"], "hello");
        let next = updates[0]["update_id"].as_i64().unwrap() as i32 + 1;
        assert!(api.updates(Some(next), 0).await.unwrap().is_empty());
        telegram.all_taken().await;

        assert_eq!(api.username().await.unwrap().as_deref(), Some("firstline_stand_in_bot"));
        api.set_commands(&[("help", "What it does".into())], None).await.unwrap();
        api.show_typing(7).await.unwrap();
        anna.sees_typing(1).await;

        let keyboard = vec![vec![Button { label: "A person".into(), tap: Tap::Person }]];
        let outgoing = Outgoing { text: Text::Html("<b>See</b> https://a.example".into()), keyboard };
        let id = api.send(7, &outgoing).await.unwrap();
        let heard = anna.hears().await;
        assert_eq!((heard.message_id, heard.text.as_str(), heard.has_preview), (id, "See https://a.example", false));
        let tapped = anna.taps("A person");
        let query = api.updates(None, 0).await.unwrap()[0]["callback_query"]["id"].as_str().unwrap().to_owned();
        api.answer_tap(&query, Some("Right away".into())).await.unwrap();
        assert_eq!(tapped.is_answered().await.as_deref(), Some("Right away"));
        api.remove_keyboard(7, id).await.unwrap();
        anna.sees_no_buttons_under(&heard).await;
    }

    #[tokio::test]
    async fn errors_say_what_happened_and_never_the_token() {
        let telegram = StandIn::start().await;
        let api = api(&telegram);
        let anna = telegram.customer(7, "en");
        let refused_as = |sent: Result<i64, ApiError>| match sent {
            Err(ApiError::Refused { code, retry_after, .. }) => (code, retry_after),
            other => panic!("{other:?}"),
        };
        assert_eq!(refused_as(api.send(8, &plain("x")).await), (400, None));
        anna.blocks();
        assert_eq!(refused_as(api.send(7, &plain("x")).await), (403, None));
        anna.unblocks();
        telegram.fail_next(1, 429);
        assert_eq!(refused_as(api.send(7, &plain("x")).await), (429, Some(Duration::from_secs(1))));
        let began = tokio::time::Instant::now();
        telegram.fail_next(1, 502);
        assert_eq!(refused_as(api.send(7, &plain("x")).await), (502, None));
        assert!(began.elapsed() < Duration::from_secs(5), "teloxide itself would have slept ten seconds");

        let check = |sent: Result<i64, ApiError>| match sent {
            Err(ApiError::Unanswered(why)) => assert!(!why.contains(&telegram.token()), "{why}"),
            other => panic!("{other:?}"),
        };
        telegram.withhold_next_answers(1);
        check(api.send(7, &plain("x")).await);
        telegram.pause();
        check(api.send(7, &plain("x")).await);
        let nobody = Api::new(Token::new(telegram.token()), Some(Url::parse("http://127.0.0.1:1").unwrap()));
        check(nobody.send(7, &plain("x")).await);
        telegram.resume();
        telegram.revoke_token();
        assert_eq!(refused_as(api.send(7, &plain("x")).await), (401, None));
    }
}
