//! The methods of the Bot API that the stand-in knows.

use super::params::Params;
use super::state::{Button, Fault, Message, Shared, Telegram, bot_json, too_many_for_a_fault};
use super::{Refused, Reply, files, html, webhook};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// Bot API, getUpdates: 1 to 100.
const UPDATES_AT_MOST: i64 = 100;
/// Telegram holds a poll no longer than this, whatever it is asked for.
const POLL_AT_MOST_SECS: i64 = 50;
const MESSAGE_UNITS: usize = 4096;
const DATA_BYTES: usize = 64;
const TAP_ANSWER_CHARS: usize = 200;

/// `method` is in lower case.
pub async fn call(shared: &Shared, bot: &str, method: &str, params: &Params) -> Reply {
    let entered = shared.change(|telegram| enter(telegram, bot, method));
    let withhold = match entered {
        Err(reply) => return reply,
        Ok(fault) => fault == Some(Fault::Withhold),
    };
    let reply = match method {
        "getupdates" => get_updates(shared, params).await,
        other => shared.change(|telegram| carry_out(telegram, other, params)).into(),
    };
    if withhold { Reply::Broken } else { reply }
}

/// What comes before any method is looked at.
pub(super) fn enter(telegram: &mut Telegram, bot: &str, method: &str) -> Result<Option<Fault>, Reply> {
    if telegram.is_paused {
        return Err(Reply::Broken);
    }
    if method != "getupdates" {
        telegram.calls.push(method.to_owned());
    }
    let token = bot.strip_prefix("bot").unwrap_or_default();
    if !token.split_once(':').is_some_and(|(id, _)| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit())) {
        return Err(Reply::Refused(Refused::new(404, "Not Found")));
    }
    if token != telegram.token {
        return Err(Reply::Refused(Refused::new(401, "Unauthorized")));
    }
    let Some(at) = telegram.faults.iter().position(|(of, _)| of == method) else { return Ok(None) };
    match telegram.faults.remove(at).1 {
        Fault::Withhold => Ok(Some(Fault::Withhold)),
        Fault::Status(429) => Err(Reply::Refused(too_many_for_a_fault())),
        Fault::Status(status) => Err(Reply::Refused(Refused::new(status, description(status)))),
    }
}

fn description(status: u16) -> &'static str {
    match status {
        400 => "Bad Request: can't parse entities: asked for by a test",
        401 => "Unauthorized",
        403 => "Forbidden: bot was blocked by the user",
        404 => "Not Found",
        409 => "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        502 => "Bad Gateway",
        _ => "Internal Server Error",
    }
}

async fn get_updates(shared: &Shared, params: &Params) -> Reply {
    let offset = params.int("offset").unwrap_or(0);
    let limit = params.int("limit").unwrap_or(UPDATES_AT_MOST).clamp(1, UPDATES_AT_MOST) as usize;
    let wait = Duration::from_secs(params.int("timeout").unwrap_or(0).clamp(0, POLL_AT_MOST_SECS) as u64);
    let allowed = match params.json("allowed_updates") {
        Ok(allowed) => allowed,
        Err(refused) => return Reply::Refused(refused),
    };
    let begun = shared.change(|telegram| {
        if telegram.webhook.is_some() {
            let why = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
            return Err(Refused::new(409, why));
        }
        confirm(telegram, offset);
        // Telegram forgets what is not wanted when it happens; here, when it is asked for. Nobody can tell the difference.
        if let Some(kinds) = allowed.as_array().filter(|kinds| !kinds.is_empty()) {
            telegram.updates.retain(|update| kind(update).is_none_or(|kind| kinds.iter().any(|k| k == kind)));
        }
        telegram.poll += 1;
        Ok(telegram.poll)
    });
    let poll = match begun {
        Ok(poll) => poll,
        Err(refused) => return Reply::Refused(refused),
    };
    let ended = |telegram: &Telegram| {
        if telegram.is_paused {
            return Some(Reply::Broken);
        }
        if telegram.poll != poll {
            return Some(Reply::Refused(Refused::new(409, description(409))));
        }
        let page: Vec<Value> = telegram.updates.iter().take(limit).cloned().collect();
        (!page.is_empty()).then_some(Reply::Result(Value::Array(page)))
    };
    tokio::time::timeout(wait, shared.wait_for_ever(ended)).await.unwrap_or(Reply::Result(json!([])))
}

/// A negative offset keeps that many of the newest.
fn confirm(telegram: &mut Telegram, offset: i64) {
    let n_updates = telegram.updates.len();
    let n_confirmed = if offset < 0 {
        n_updates.saturating_sub(offset.unsigned_abs() as usize)
    } else {
        let is_before = |update: &Value| update["update_id"].as_i64().is_some_and(|id| id < offset);
        telegram.updates.iter().take_while(|update| is_before(update)).count()
    };
    telegram.confirmed = telegram.updates.drain(..n_confirmed).next_back().or(telegram.confirmed.take());
}

fn kind(update: &Value) -> Option<&str> {
    update.as_object()?.keys().map(String::as_str).find(|key| *key != "update_id")
}

fn carry_out(telegram: &mut Telegram, method: &str, params: &Params) -> Result<Value, Refused> {
    match method {
        "getme" => {
            let mut me = bot_json();
            me["can_join_groups"] = json!(true);
            me["can_read_all_group_messages"] = json!(false);
            me["supports_inline_queries"] = json!(false);
            me["has_main_web_app"] = json!(false);
            me["can_connect_to_business"] = json!(false);
            Ok(me)
        }
        "sendmessage" => send_message(telegram, params),
        "sendphoto" | "sendvoice" | "sendaudio" | "sendvideo" | "sendanimation" | "senddocument" => {
            files::send(telegram, method, params)
        }
        "getfile" => files::get_file(telegram, params),
        "sendchataction" => {
            let chat = chat(telegram, params)?;
            telegram.actions.push((chat, params.text("action").unwrap_or_default().to_owned()));
            Ok(json!(true))
        }
        "answercallbackquery" => answer_callback_query(telegram, params),
        "editmessagereplymarkup" => {
            let at = message_at(telegram, params)?;
            let buttons = keyboard(params)?;
            edit(telegram, at, None, buttons)
        }
        "deletemessage" => {
            let at = message_at(telegram, params).map_err(|refused| match refused.code {
                400 => Refused::bad_request("message to delete not found"),
                _ => refused,
            })?;
            telegram.messages.remove(at);
            Ok(json!(true))
        }
        "editmessagecaption" => {
            let at = message_at(telegram, params)?;
            if telegram.messages[at].file.is_none() {
                return Err(Refused::bad_request("there is no caption in the message to edit"));
            }
            let words = words_of(params, "caption", 1024, "message caption is too long")?;
            let buttons = keyboard(params)?;
            edit(telegram, at, Some(words), buttons)
        }
        "editmessagetext" => {
            let at = message_at(telegram, params)?;
            if telegram.messages[at].file.is_some() {
                return Err(Refused::bad_request("there is no text in the message to edit"));
            }
            let words = words(params)?;
            let buttons = keyboard(params)?;
            edit(telegram, at, Some(words), buttons)
        }
        "setwebhook" => webhook::set(telegram, params),
        "deletewebhook" => {
            telegram.webhook = None;
            Ok(json!(true))
        }
        "getwebhookinfo" => Ok(webhook::info(telegram)),
        "setmycommands" => {
            let language = params.text("language_code").unwrap_or_default().to_owned();
            telegram.commands.insert(language, params.json("commands")?);
            Ok(json!(true))
        }
        "getmycommands" => {
            let language = params.text("language_code").unwrap_or_default();
            Ok(telegram.commands.get(language).cloned().unwrap_or(json!([])))
        }
        _ => Err(Refused::new(404, "Not Found")),
    }
}

fn send_message(telegram: &mut Telegram, params: &Params) -> Result<Value, Refused> {
    let chat = chat(telegram, params)?;
    let words = words(params)?;
    let buttons = keyboard(params)?.unwrap_or_default();
    let preview = params.json("link_preview_options")?;
    let now = Instant::now();
    telegram.count_message(chat, now)?;
    let message = Message {
        message_id: telegram.new_message_id(),
        chat,
        text: words.text,
        sent: words.sent,
        is_html: words.is_html,
        buttons,
        has_preview: preview["is_disabled"] != true,
        file: None,
        at: now,
        n_edits: 0,
    };
    let answer = telegram.message_json(&message);
    telegram.messages.push(message);
    Ok(answer)
}

/// The chat, which must be known and must not have blocked the bot.
pub(super) fn chat(telegram: &Telegram, params: &Params) -> Result<i64, Refused> {
    let id = params.int("chat_id").ok_or_else(|| Refused::bad_request("chat_id is empty"))?;
    match telegram.chats.get(&id) {
        None => Err(Refused::bad_request("chat not found")),
        Some(chat) if chat.has_blocked => Err(Refused::new(403, "Forbidden: bot was blocked by the user")),
        Some(_) => Ok(id),
    }
}

pub(super) struct Words {
    pub text: String,
    pub sent: String,
    pub is_html: bool,
}

fn words(params: &Params) -> Result<Words, Refused> {
    let words = words_of(params, "text", MESSAGE_UNITS, "message is too long")?;
    if words.text.is_empty() {
        return Err(Refused::bad_request("message text is empty"));
    }
    Ok(words)
}

/// What stands in one field; `too_long` is what Telegram says of more than `most` units.
pub(super) fn words_of(params: &Params, field: &str, most: usize, too_long: &str) -> Result<Words, Refused> {
    let sent = params.text(field).unwrap_or_default();
    let mode = params.text("parse_mode").unwrap_or_default();
    let text = match mode.to_ascii_lowercase().as_str() {
        "" => sent.trim().to_owned(),
        "html" => html::read(sent).map_err(|why| Refused::bad_request(&format!("can't parse entities: {why}")))?,
        // Telegram knows two kinds of Markdown too; Firstline writes neither.
        _ => return Err(Refused::bad_request("unsupported parse_mode")),
    };
    if text.encode_utf16().count() > most {
        return Err(Refused::bad_request(too_long));
    }
    Ok(Words { text, sent: sent.to_owned(), is_html: !mode.is_empty() })
}

/// `None` when no keyboard is given.
pub(super) fn keyboard(params: &Params) -> Result<Option<Vec<Vec<Button>>>, Refused> {
    let markup = params.json("reply_markup")?;
    let Some(rows) = markup["inline_keyboard"].as_array() else { return Ok(None) };
    let not_an_array = || Refused::bad_request("can't parse inline keyboard: Expected an Array of Arrays");
    rows.iter()
        .map(|row| row.as_array().ok_or_else(not_an_array)?.iter().map(button).collect())
        .collect::<Result<_, _>>()
        .map(Some)
}

fn button(button: &Value) -> Result<Button, Refused> {
    let label = button["text"].as_str().unwrap_or_default();
    if label.trim().is_empty() {
        return Err(Refused::bad_request("can't parse inline keyboard button: Field \"text\" must be of type String"));
    }
    let data = match (button["callback_data"].as_str(), button["url"].as_str()) {
        (Some(data), _) if data.is_empty() || data.len() > DATA_BYTES => {
            return Err(Refused::bad_request("BUTTON_DATA_INVALID"));
        }
        (Some(data), _) => data,
        (None, Some(_)) => "",
        (None, None) => {
            let why = "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard";
            return Err(Refused::bad_request(why));
        }
    };
    Ok(Button { label: label.to_owned(), data: data.to_owned() })
}

fn answer_callback_query(telegram: &mut Telegram, params: &Params) -> Result<Value, Refused> {
    let line = params.text("text").filter(|line| !line.is_empty()).map(str::to_owned);
    if line.as_ref().is_some_and(|line| line.chars().count() > TAP_ANSWER_CHARS) {
        return Err(Refused::bad_request("MESSAGE_TOO_LONG"));
    }
    let query = params.text("callback_query_id").unwrap_or_default();
    match telegram.taps.get_mut(query) {
        // Stricter than Telegram, which takes a second answer for a while: answering twice is a mistake of ours.
        Some(answer @ None) => {
            *answer = Some(line);
            Ok(json!(true))
        }
        Some(Some(_)) | None => {
            Err(Refused::bad_request("query is too old and response timeout expired or query ID is invalid"))
        }
    }
}

fn message_at(telegram: &Telegram, params: &Params) -> Result<usize, Refused> {
    let chat = chat(telegram, params)?;
    let id = params.int("message_id").unwrap_or_default();
    let found = telegram.messages.iter().position(|message| message.chat == chat && message.message_id == id);
    found.ok_or_else(|| Refused::bad_request("message to edit not found"))
}

/// An edit without a keyboard takes it away.
fn edit(
    telegram: &mut Telegram,
    at: usize,
    words: Option<Words>,
    buttons: Option<Vec<Vec<Button>>>,
) -> Result<Value, Refused> {
    let message = &mut telegram.messages[at];
    let mut edited = message.clone();
    edited.buttons = buttons.unwrap_or_default();
    if let Some(Words { text, sent, is_html }) = words {
        (edited.text, edited.sent, edited.is_html) = (text, sent, is_html);
    }
    if edited == *message {
        return Err(Refused::bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same as a current \
             content and reply markup of the message",
        ));
    }
    edited.n_edits += 1;
    *message = edited.clone();
    Ok(telegram.message_json(&edited))
}
