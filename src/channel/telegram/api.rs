//! Calls of the Bot API: teloxide's payloads over teloxide's client, the answer read here.
//!
//! `Bot::send` of teloxide-core 0.13 sleeps ten seconds on every 5xx, throws the error code away and matches descriptions
//! instead, fails a message that was sent when it cannot read the copy that came back (so it would be sent again), and
//! puts the raw answer, with the customer's words, into its error. Here an error holds the code, the description and the
//! pause asked for, and never the token.

use super::Token;
use super::buttons::Keyboard;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;
use teloxide::payloads::{
    AnswerCallbackQuery, EditMessageReplyMarkup, GetMe, GetUpdates, SendChatAction, SendMessage, SetMyCommands,
};
use teloxide::requests::Payload;
use teloxide::types::{
    AllowedUpdate, BotCommand, CallbackQueryId, ChatAction, ChatId, InlineKeyboardButton, InlineKeyboardButtonKind,
    InlineKeyboardMarkup, LinkPreviewOptions, MessageId, ParseMode, ReplyMarkup,
};
use url::Url;

/// Of any call but `updates`, from its beginning to the end of its answer.
pub const SEND_WITHIN: Duration = Duration::from_secs(10);
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
            allowed_updates: Some(vec![AllowedUpdate::Message, AllowedUpdate::CallbackQuery]),
        };
        self.call(&payload, Duration::from_secs(wait_secs.into()) + POLL_MARGIN).await
    }

    /// The id of the message that stands in the chat now; 0 if Telegram did not tell it.
    pub async fn send(&self, chat: i64, outgoing: &Outgoing) -> Result<i64, ApiError> {
        #[derive(Deserialize)]
        struct Sent {
            #[serde(default)]
            message_id: i64,
        }
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
        let mut url = self.bot.api_url();
        url.path_segments_mut()
            .map_err(|()| ApiError::Unanswered("the address of the Bot API has no path".into()))?
            .pop_if_empty()
            .extend([&format!("bot{}", self.bot.token()), P::NAME]);
        // The address holds the token: it is cut out of every error.
        let request = self.bot.client().post(url).timeout(within).json(payload);
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
