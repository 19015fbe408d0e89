//! One update as Telegram sends it → what a customer did. Pure.
//!
//! Reads only the fields that are used, by itself: teloxide's `Update` gives up a whole message when one field in it is
//! newer than the crate (a new kind of entity is enough), and with it the customer's words.

use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, PartialEq)]
pub struct Update {
    pub id: i64,
    pub chat: i64,
    /// As the customer's app is set: an IETF tag.
    pub language_code: Option<String>,
    /// What Telegram knows of whoever wrote: `first_name`, `last_name`, `username`.
    pub known: Known,
    pub did: Did,
}

pub type Known = serde_json::Map<String, Value>;

#[derive(Debug, PartialEq)]
pub enum Did {
    Said {
        message: i64,
        text: String,
    },
    Commanded {
        command: Command,
    },
    /// `/start CODE`: a conversation of elsewhere is to go on here.
    Followed {
        code: String,
    },
    /// Sent what is not text. Several of one album have one `album`.
    Showed {
        message: i64,
        what: Unread,
        caption: Option<String>,
    },
    /// `message` is the one under which the button stood.
    Tapped {
        query: String,
        message: i64,
        data: String,
    },
    /// Anything at all in a group.
    WroteInGroup,
    /// What Telegram reports by itself: a pinned message, a changed timer.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Start,
    Help,
    Human,
    Forget,
}

/// What a customer can send that is not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    Photo,
    Voice,
    Video,
    File,
    Sticker,
    Location,
    Contact,
    Other,
}

/// What makes an update unreadable.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(String);

/// The id, even of an update that cannot be read otherwise: what is confirmed to Telegram.
pub fn id(raw: &Value) -> Option<i64> {
    raw.get("update_id")?.as_i64()
}

pub fn read(raw: &Value) -> Result<Update, Malformed> {
    let id = id(raw).ok_or_else(|| Malformed("it has no update_id".into()))?;
    if let Some(message) = raw.get("message") {
        let fields: RawMessage = read_fields(message)?;
        let did = if fields.chat.is_private() { what_was_sent(message, &fields) } else { Did::WroteInGroup };
        let (language_code, known) = who(fields.from);
        return Ok(Update { id, chat: fields.chat.id, language_code, known, did });
    }
    if let Some(query) = raw.get("callback_query") {
        let query: RawCallback = read_fields(query)?;
        let Some(message) = query.message else {
            return Err(Malformed("a button that stands under no message of a chat was tapped".into()));
        };
        let data = query.data.unwrap_or_default();
        let did = Did::Tapped { query: query.id, message: message.message_id, data };
        let (language_code, known) = who(query.from);
        return Ok(Update { id, chat: message.chat.id, language_code, known, did });
    }
    Err(Malformed("it is neither a message nor a tap".into()))
}

/// Of serde's message only what names no value: values are the customer's.
fn read_fields<'a, T: Deserialize<'a>>(raw: &'a Value) -> Result<T, Malformed> {
    T::deserialize(raw).map_err(|_| {
        let names: Vec<&str> = raw.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).take(20).collect();
        Malformed(format!("a field is missing or of another type; it has {}", names.join(", ")))
    })
}

#[derive(Deserialize)]
struct RawMessage {
    message_id: i64,
    chat: RawChat,
    from: Option<RawUser>,
    text: Option<String>,
    caption: Option<String>,
}

#[derive(Deserialize)]
struct RawChat {
    id: i64,
    #[serde(default, rename = "type")]
    kind: String,
}

impl RawChat {
    fn is_private(&self) -> bool {
        self.kind == "private"
    }
}

#[derive(Deserialize)]
struct RawUser {
    language_code: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    username: Option<String>,
}

#[derive(Deserialize)]
struct RawCallback {
    id: String,
    from: Option<RawUser>,
    message: Option<RawMessage>,
    data: Option<String>,
}

fn who(user: Option<RawUser>) -> (Option<String>, Known) {
    let Some(user) = user else { return (None, Known::new()) };
    let fields = [("first_name", user.first_name), ("last_name", user.last_name), ("username", user.username)];
    let known = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?))));
    (user.language_code, known.collect())
}

fn what_was_sent(raw: &Value, fields: &RawMessage) -> Did {
    let message = fields.message_id;
    if let Some(text) = &fields.text {
        return match command(text) {
            Some(Command::Start) if code(text).is_some() => Did::Followed { code: code(text).unwrap_or_default() },
            Some(command) => Did::Commanded { command },
            None => Did::Said { message, text: text.clone() },
        };
    }
    let has = |name: &&str| raw.get(*name).is_some();
    let caption = fields.caption.clone();
    if let Some((_, what)) = KINDS.iter().find(|(name, _)| has(name)) {
        return Did::Showed { message, what: *what, caption };
    }
    // An unknown kind is taken for something that the customer sent: a needless line is better than silence.
    if SERVICE.iter().any(has) { Did::Nothing } else { Did::Showed { message, what: Unread::Other, caption } }
}

/// Bot API, "Message". Animations come with a `document` too, so they stand first.
const KINDS: [(&str, Unread); 11] = [
    ("photo", Unread::Photo),
    ("voice", Unread::Voice),
    ("video_note", Unread::Video),
    ("video", Unread::Video),
    ("animation", Unread::Video),
    ("audio", Unread::File),
    ("document", Unread::File),
    ("sticker", Unread::Sticker),
    ("venue", Unread::Location),
    ("location", Unread::Location),
    ("contact", Unread::Contact),
];

/// Bot API, "Message": what nobody said, as far as it happens in private chats.
const SERVICE: [&str; 15] = [
    "pinned_message",
    "message_auto_delete_timer_changed",
    "write_access_allowed",
    "connected_website",
    "users_shared",
    "chat_shared",
    "chat_background_set",
    "successful_payment",
    "refunded_payment",
    "passport_data",
    "proximity_alert_triggered",
    "web_app_data",
    "boost_added",
    "gift",
    "unique_gift",
];

/// `/help`, `/help@the_bot`, `/start payload`. Other commands are words like any others.
/// What follows `/start`, where it is such a code as the desk makes; anything else is a site's own mark.
fn code(text: &str) -> Option<String> {
    const DIGITS: usize = 32;
    let code = text.split_whitespace().nth(1)?;
    (code.len() == DIGITS && code.chars().all(|c| c.is_ascii_hexdigit())).then(|| code.to_ascii_lowercase())
}

fn command(text: &str) -> Option<Command> {
    let word = text.strip_prefix('/')?.split_whitespace().next()?;
    let name = word.split('@').next()?;
    match name.to_ascii_lowercase().as_str() {
        "start" => Some(Command::Start),
        "help" => Some(Command::Help),
        "human" => Some(Command::Human),
        "forget" => Some(Command::Forget),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn anna() -> Known {
        Known::from_iter([("first_name".to_owned(), json!("Анна"))])
    }

    fn message(fields: Value) -> Value {
        let mut message = json!({
            "message_id": 5, "date": 1_760_000_000,
            "from": {"id": 7, "is_bot": false, "first_name": "Анна", "language_code": "ru"},
            "chat": {"id": 7, "type": "private", "first_name": "Анна"},
        });
        message.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!({"update_id": 100, "message": message})
    }

    #[test]
    fn what_customers_do_in_private() {
        let check = |fields: Value, did: Did| {
            let expected = Update { id: 100, chat: 7, language_code: Some("ru".into()), known: anna(), did };
            assert_eq!(read(&message(fields.clone())), Ok(expected), "{fields}");
        };
        let said = |text: &str| Did::Said { message: 5, text: text.into() };
        let showed =
            |what, caption: Option<&str>| Did::Showed { message: 5, what, caption: caption.map(str::to_owned) };
        check(json!({"text": "Где деньги?"}), said("Где деньги?"));
        check(json!({"text": "hm", "entities": [{"type": "of_the_future", "offset": 0, "length": 2}]}), said("hm"));
        check(json!({"text": "/start"}), Did::Commanded { command: Command::Start });
        check(json!({"text": "/start from_site"}), Did::Commanded { command: Command::Start });
        let code = "0123456789abcdef0123456789abcdef".to_owned();
        check(json!({"text": format!("/start {code}")}), Did::Followed { code });
        check(json!({"text": "/HELP@firstline_bot"}), Did::Commanded { command: Command::Help });
        check(json!({"text": "/human please"}), Did::Commanded { command: Command::Human });
        check(json!({"text": "/forget"}), Did::Commanded { command: Command::Forget });
        check(json!({"text": "/refund"}), said("/refund"));
        check(json!({"text": "/"}), said("/"));
        check(json!({"text": "and/human"}), said("and/human"));
        check(json!({"photo": [], "caption": "this"}), showed(Unread::Photo, Some("this")));
        check(json!({"animation": {}, "document": {}}), showed(Unread::Video, None));
        check(json!({"venue": {}, "location": {}}), showed(Unread::Location, None));
        check(json!({"dice": {"value": 3}}), showed(Unread::Other, None));
        check(json!({"hologram_of_the_future": {}}), showed(Unread::Other, None));
        check(json!({"pinned_message": {}}), Did::Nothing);
    }

    #[test]
    fn groups_are_told_apart() {
        let mut raw = message(json!({"text": "hello all"}));
        raw["message"]["chat"] = json!({"id": -100, "type": "supergroup", "title": "t"});
        let update = read(&raw).unwrap();
        assert_eq!((update.chat, update.did), (-100, Did::WroteInGroup));
    }

    #[test]
    fn taps() {
        let mut raw = json!({"update_id": 3, "callback_query": {
            "id": "q", "from": {"id": 7, "language_code": "en"}, "chat_instance": "x", "data": "o:1:0",
            "message": {"message_id": 9, "date": 0, "chat": {"id": 7, "type": "private"}},
        }});
        let tapped = |data: &str| Did::Tapped { query: "q".into(), message: 9, data: data.into() };
        let (language_code, known) = (Some("en".into()), Known::new());
        assert_eq!(read(&raw), Ok(Update { id: 3, chat: 7, language_code, known, did: tapped("o:1:0") }));
        raw["callback_query"].as_object_mut().unwrap().remove("data");
        assert_eq!(read(&raw).unwrap().did, tapped(""));
        raw["callback_query"].as_object_mut().unwrap().remove("message");
        assert!(read(&raw).is_err());
    }

    #[test]
    fn malformed_updates_are_refused_without_the_words_in_them() {
        let check = |raw: Value, id_found: Option<i64>| {
            assert_eq!(id(&raw), id_found, "{raw}");
            let refused = read(&raw).unwrap_err().to_string();
            assert!(!refused.contains("secret"), "{refused}");
        };
        check(json!({}), None);
        check(json!("secret"), None);
        check(json!({"update_id": "secret"}), None);
        check(json!({"update_id": 1}), Some(1));
        check(json!({"update_id": 1, "poll": {}}), Some(1));
        check(json!({"update_id": 1, "message": "secret"}), Some(1));
        check(json!({"update_id": 1, "message": {"message_id": 1, "text": "secret"}}), Some(1));
        check(
            json!({"update_id": 1, "message": {"message_id": 1, "chat": {"id": "secret", "type": "private"}}}),
            Some(1),
        );
    }
}
