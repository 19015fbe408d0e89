//! One update as Telegram sends it → what a customer did. Pure.
//!
//! Reads only the fields that are used, by itself: teloxide's `Update` gives up a whole message when one field in it is
//! newer than the crate (a new kind of entity is enough), and with it the customer's words.

use crate::domain::Language;
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
    /// `refers_to`: the words of the message that this one replies to.
    Said {
        message: i64,
        text: String,
        refers_to: Option<String>,
    },
    /// Gave a message other words.
    Edited {
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
    /// Sent a file. Several of one album have one `album`.
    Sent {
        message: i64,
        file: SentFile,
        caption: Option<String>,
        album: Option<String>,
    },
    /// Sent what is neither text nor a file. `detail` is what an agent can use of it.
    Showed {
        message: i64,
        what: Unread,
        detail: String,
    },
    /// `message` is the one under which the button stood.
    Tapped {
        query: String,
        message: i64,
        data: String,
    },
    /// Blocked the bot, or deleted the chat with it.
    Left,
    /// Unblocked it.
    CameBack,
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
    Stop,
    /// `None`: asks which there are.
    Language(Option<Language>),
}

/// A file as Telegram tells of it; its bytes are fetched later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentFile {
    pub kind: FileKind,
    /// Good for this bot alone (Bot API, `file_id`).
    pub id: String,
    pub name: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Photo,
    Voice,
    Video,
    Audio,
    Document,
}

impl FileKind {
    pub const ALL: [Self; 5] = [Self::Photo, Self::Voice, Self::Video, Self::Audio, Self::Document];

    /// Stable: it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What a customer can send that is neither text nor a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
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
    if let Some(message) = raw.get("edited_message") {
        let fields: RawMessage = read_fields(message)?;
        let words = fields.text.clone().or_else(|| fields.caption.clone());
        let did = match words.filter(|_| fields.chat.is_private()) {
            Some(text) => Did::Edited { message: fields.message_id, text },
            // A live location that moves on, an edit in a group.
            None => Did::Nothing,
        };
        let (language_code, known) = who(fields.from);
        return Ok(Update { id, chat: fields.chat.id, language_code, known, did });
    }
    if let Some(change) = raw.get("my_chat_member") {
        let change: RawMembership = read_fields(change)?;
        let (language_code, known) = who(change.from);
        let did = match change.new_chat_member.status.as_str() {
            _ if !change.chat.is_private() => Did::Nothing,
            "kicked" | "left" => Did::Left,
            _ => Did::CameBack,
        };
        return Ok(Update { id, chat: change.chat.id, language_code, known, did });
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
    Err(Malformed("it is neither a message nor a tap nor about the bot's place in a chat".into()))
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
    media_group_id: Option<String>,
}

#[derive(Deserialize)]
struct RawMembership {
    chat: RawChat,
    from: Option<RawUser>,
    new_chat_member: RawMember,
}

#[derive(Deserialize)]
struct RawMember {
    status: String,
}

#[derive(Deserialize)]
struct RawFile {
    file_id: String,
    file_name: Option<String>,
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
    id: Option<i64>,
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
            None => Did::Said { message, text: text.clone(), refers_to: refers_to(raw) },
        };
    }
    if let Some(file) = sent_file(raw) {
        let (caption, album) = (fields.caption.clone(), fields.media_group_id.clone());
        return Did::Sent { message, file, caption, album };
    }
    if let Some(phone) = own_phone(raw, fields) {
        return Did::Said { message, text: phone, refers_to: None };
    }
    let has = |name: &&str| raw.get(*name).is_some();
    if let Some((name, what)) = KINDS.iter().find(|(name, _)| has(name)) {
        return Did::Showed { message, what: *what, detail: detail(*what, &raw[*name], raw) };
    }
    // An unknown kind is taken for something that the customer sent: a needless line is better than silence.
    if SERVICE.iter().any(has) {
        Did::Nothing
    } else {
        Did::Showed { message, what: Unread::Other, detail: fields.caption.clone().unwrap_or_default() }
    }
}

/// Bot API, "Message". Animations come with a `document` too, so they stand first.
const FILES: [(&str, FileKind); 7] = [
    ("photo", FileKind::Photo),
    ("voice", FileKind::Voice),
    ("video_note", FileKind::Video),
    ("video", FileKind::Video),
    ("animation", FileKind::Video),
    ("audio", FileKind::Audio),
    ("document", FileKind::Document),
];

fn sent_file(raw: &Value) -> Option<SentFile> {
    let (name, kind) = FILES.iter().find(|(name, _)| raw.get(*name).is_some())?;
    // A photo comes in several sizes, the largest last.
    let file = raw[*name].as_array().map_or(Some(&raw[*name]), |sizes| sizes.last())?;
    let RawFile { file_id, file_name } = RawFile::deserialize(file).ok()?;
    Some(SentFile { kind: *kind, id: file_id, name: file_name })
}

/// The part that the customer marked, or else the whole message.
fn refers_to(raw: &Value) -> Option<String> {
    let words = |value: &Value, name: &str| {
        value[name].as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let replied = &raw["reply_to_message"];
    words(&raw["quote"], "text").or_else(|| words(replied, "text")).or_else(|| words(replied, "caption"))
}

/// A number that somebody sends of themselves is as good as typed.
fn own_phone(raw: &Value, fields: &RawMessage) -> Option<String> {
    let contact = raw.get("contact")?;
    let sender = fields.from.as_ref()?.id?;
    let phone = contact["phone_number"].as_str().filter(|_| contact["user_id"].as_i64() == Some(sender))?;
    Some(if phone.starts_with('+') { phone.to_owned() } else { format!("+{phone}") })
}

/// Bot API, "Message". A venue comes with a `location` too, so it stands first.
const KINDS: [(&str, Unread); 4] = [
    ("sticker", Unread::Sticker),
    ("venue", Unread::Location),
    ("location", Unread::Location),
    ("contact", Unread::Contact),
];

fn detail(what: Unread, content: &Value, raw: &Value) -> String {
    let word = |name: &str| content[name].as_str().map(str::trim).filter(|word| !word.is_empty());
    match what {
        Unread::Sticker => word("emoji").unwrap_or_default().to_owned(),
        Unread::Location => {
            let place = &raw["location"];
            let point = (place["latitude"].as_f64()).zip(place["longitude"].as_f64());
            let point = point.map(|(latitude, longitude)| {
                format!("{latitude:.6}, {longitude:.6} https://www.openstreetmap.org/?mlat={latitude:.6}&mlon={longitude:.6}#map=17")
            });
            let words = [word("title"), word("address"), point.as_deref()];
            words.into_iter().flatten().collect::<Vec<_>>().join(", ")
        }
        Unread::Contact => {
            let words = [word("first_name"), word("last_name"), word("phone_number")];
            words.into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
        Unread::Other => String::new(),
    }
}

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

/// What follows `/start`, where it is such a code as the desk makes; anything else is a site's own mark.
fn code(text: &str) -> Option<String> {
    const DIGITS: usize = 32;
    let code = text.split_whitespace().nth(1)?;
    (code.len() == DIGITS && code.chars().all(|c| c.is_ascii_hexdigit())).then(|| code.to_ascii_lowercase())
}

/// `/help`, `/help@the_bot`, `/start payload`. Other commands are words like any others.
fn command(text: &str) -> Option<Command> {
    let word = text.strip_prefix('/')?.split_whitespace().next()?;
    let name = word.split('@').next()?;
    match name.to_ascii_lowercase().as_str() {
        "start" => Some(Command::Start),
        "help" => Some(Command::Help),
        "human" => Some(Command::Human),
        "forget" => Some(Command::Forget),
        "stop" => Some(Command::Stop),
        "language" => Some(Command::Language(text.split_whitespace().nth(1).and_then(Language::parse))),
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
        let said = |text: &str| Did::Said { message: 5, text: text.into(), refers_to: None };
        let showed = |what, detail: &str| Did::Showed { message: 5, what, detail: detail.into() };
        let sent = |kind, id: &str, name: Option<&str>, caption: Option<&str>| Did::Sent {
            message: 5,
            file: SentFile { kind, id: id.into(), name: name.map(str::to_owned) },
            caption: caption.map(str::to_owned),
            album: None,
        };
        check(json!({"text": "Где деньги?"}), said("Где деньги?"));
        check(json!({"text": "hm", "entities": [{"type": "of_the_future", "offset": 0, "length": 2}]}), said("hm"));
        let replies =
            |refers_to: &str| Did::Said { message: 5, text: "this one".into(), refers_to: Some(refers_to.into()) };
        let replied = json!({"message_id": 4, "text": "Five euro. Ten euro."});
        check(json!({"text": "this one", "reply_to_message": replied}), replies("Five euro. Ten euro."));
        check(
            json!({"text": "this one", "reply_to_message": replied, "quote": {"text": "Ten euro.", "position": 11}}),
            replies("Ten euro."),
        );
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
        check(json!({"text": "/stop"}), Did::Commanded { command: Command::Stop });
        check(json!({"text": "/language"}), Did::Commanded { command: Command::Language(None) });
        check(json!({"text": "/language ru"}), Did::Commanded { command: Command::Language(Some(Language::Ru)) });
        check(json!({"text": "/language klingon"}), Did::Commanded { command: Command::Language(None) });
        let sizes = json!([{"file_id": "small"}, {"file_id": "large"}]);
        check(json!({"photo": sizes, "caption": "this"}), sent(FileKind::Photo, "large", None, Some("this")));
        check(
            json!({"animation": {"file_id": "a", "file_name": "cat.mp4"}, "document": {"file_id": "d"}}),
            sent(FileKind::Video, "a", Some("cat.mp4"), None),
        );
        check(json!({"voice": {"file_id": "v"}}), sent(FileKind::Voice, "v", None, None));
        let album = json!({"document": {"file_id": "d"}, "media_group_id": "13"});
        let mut of_album = sent(FileKind::Document, "d", None, None);
        if let Did::Sent { album, .. } = &mut of_album {
            *album = Some("13".into());
        }
        check(album, of_album);
        check(json!({"photo": []}), showed(Unread::Other, ""));
        check(json!({"sticker": {"file_id": "s", "emoji": "👍"}}), showed(Unread::Sticker, "👍"));
        let place = json!({"latitude": 55.75, "longitude": 37.61});
        let point = "55.750000, 37.610000 https://www.openstreetmap.org/?mlat=55.750000&mlon=37.610000#map=17";
        check(json!({ "location": place }), showed(Unread::Location, point));
        let venue = json!({"venue": {"location": place, "title": "Shop", "address": "1 Main St"}, "location": place});
        check(venue, showed(Unread::Location, &format!("Shop, 1 Main St, {point}")));
        let friend = json!({"first_name": "Olga", "phone_number": "+79000000000", "user_id": 8});
        check(json!({ "contact": friend }), showed(Unread::Contact, "Olga +79000000000"));
        let own = json!({"first_name": "Анна", "phone_number": "79000000000", "user_id": 7});
        check(json!({ "contact": own }), said("+79000000000"));
        check(json!({"dice": {"value": 3}}), showed(Unread::Other, ""));
        check(json!({"hologram_of_the_future": {}}), showed(Unread::Other, ""));
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
    fn edits() {
        let did = |fields: Value| {
            let mut edited = message(fields);
            let inside = edited["message"].take();
            read(&json!({"update_id": 1, "edited_message": inside})).unwrap().did
        };
        assert_eq!(did(json!({"text": "better"})), Did::Edited { message: 5, text: "better".into() });
        assert_eq!(did(json!({"photo": [], "caption": "better"})), Did::Edited { message: 5, text: "better".into() });
        assert_eq!(did(json!({"location": {"latitude": 1.0, "longitude": 1.0}})), Did::Nothing);
    }

    #[test]
    fn whoever_blocks_the_bot_has_left() {
        let did = |status: &str, kind: &str| {
            let member = json!({"status": status, "user": {"id": 1, "is_bot": true, "first_name": "b"}});
            let change =
                json!({"chat": {"id": 7, "type": kind}, "from": {"id": 7}, "date": 0, "new_chat_member": member});
            read(&json!({"update_id": 1, "my_chat_member": change})).unwrap().did
        };
        assert_eq!(did("kicked", "private"), Did::Left);
        assert_eq!(did("member", "private"), Did::CameBack);
        assert_eq!(did("kicked", "group"), Did::Nothing);
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
