//! What Telegram knows: chats, messages, updates not yet confirmed, faults to come. Plain, behind one lock.

use super::files::SentFile;
use super::webhook::Webhook;
use super::{Refused, WAIT_AT_MOST};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// Any second of all chats together (Bot API FAQ).
const MESSAGES_A_SECOND: usize = 30;
/// Of one chat: one a second, where short bursts pass (Bot API FAQ). How short is not documented.
const CHAT_EVERY: Duration = Duration::from_secs(1);
const CHAT_BURST: u32 = 5;
/// The stand-in has no clock; nothing it is used for looks at dates.
const DATE: i64 = 1_760_000_000;

/// A message of the bot in a chat.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub message_id: i64,
    pub chat: i64,
    /// As the customer reads it: without tags.
    pub text: String,
    /// As it was sent.
    pub sent: String,
    pub is_html: bool,
    /// Rows; empty when there is no keyboard, or no longer.
    pub buttons: Vec<Vec<Button>>,
    pub has_preview: bool,
    pub file: Option<SentFile>,
    pub at: Instant,
    pub n_edits: u32,
}

impl Message {
    pub fn labels(&self) -> Vec<&str> {
        self.buttons.iter().flatten().map(|button| button.label.as_str()).collect()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Button {
    pub label: String,
    /// Empty for a button that opens an address.
    pub data: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    Status(u16),
    /// Done, but the connection breaks before the answer.
    Withhold,
}

#[derive(Debug)]
pub struct Telegram {
    pub token: String,
    pub chats: BTreeMap<i64, Chat>,
    pub messages: Vec<Message>,
    pub updates: VecDeque<Value>,
    /// The last one that was confirmed.
    pub confirmed: Option<Value>,
    /// Rises with each getUpdates: the newest one ends the others.
    pub poll: u64,
    pub webhook: Option<Webhook>,
    /// Where addresses lead to.
    pub behind: BTreeMap<String, String>,
    pub commands: BTreeMap<String, Value>,
    /// By query id: how it was answered, if it was.
    pub taps: HashMap<String, Option<Option<String>>>,
    /// Chat and action, in order.
    pub actions: Vec<(i64, String)>,
    pub calls: Vec<String>,
    pub faults: Vec<(String, Fault)>,
    pub is_paused: bool,
    pub has_no_limits: bool,
    /// What customers sent, by id.
    pub files: HashMap<String, Vec<u8>>,
    pub holds_files: bool,
    pub local_files: Option<std::path::PathBuf>,
    last_second: VecDeque<Instant>,
    next_update: i64,
    next_message: i64,
}

#[derive(Clone, Debug)]
pub struct Chat {
    pub kind: String,
    pub language_code: Option<String>,
    pub has_blocked: bool,
    /// When its allowance is whole again.
    whole: Option<Instant>,
}

impl Default for Telegram {
    fn default() -> Self {
        Self {
            token: "123456789:stand-in-for-a-token_of-35-characters".into(),
            chats: BTreeMap::new(),
            messages: vec![],
            updates: VecDeque::new(),
            confirmed: None,
            poll: 0,
            webhook: None,
            behind: BTreeMap::new(),
            commands: BTreeMap::new(),
            taps: HashMap::new(),
            actions: vec![],
            calls: vec![],
            faults: vec![],
            is_paused: false,
            has_no_limits: false,
            files: HashMap::new(),
            holds_files: false,
            local_files: None,
            last_second: VecDeque::new(),
            // Like the real ones: from a number that says nothing.
            next_update: 700_000_001,
            next_message: 1,
        }
    }
}

impl Telegram {
    pub fn meet(&mut self, chat: i64, kind: &str, language_code: Option<&str>) {
        let new = Chat { kind: kind.into(), language_code: None, has_blocked: false, whole: None };
        let known = self.chats.entry(chat).or_insert(new);
        known.language_code = language_code.map(str::to_owned);
    }

    pub fn push_update(&mut self, mut update: Value) {
        if let Some(fields) = update.as_object_mut() {
            fields.insert("update_id".into(), json!(self.next_update));
        }
        self.next_update += 1;
        self.updates.push_back(update);
    }

    /// What a customer sends, with its sender and chat around it.
    /// Returns its number.
    pub fn push_message(&mut self, chat: i64, content: Value) -> i64 {
        let id = self.new_message_id();
        self.push_message_as("message", id, chat, content);
        id
    }

    /// `kind`: `message` or `edited_message`.
    pub fn push_message_as(&mut self, kind: &str, id: i64, chat: i64, content: Value) {
        let mut message = json!({
            "message_id": id,
            "from": self.sender(chat),
            "chat": self.chat_json(chat),
            "date": DATE,
        });
        if let (Some(message), Value::Object(content)) = (message.as_object_mut(), content) {
            message.extend(content);
        }
        self.push_update(json!({ kind: message }));
    }

    /// The bot's place in a chat has changed.
    pub fn push_membership(&mut self, chat: i64, status: &str) {
        let update = json!({"my_chat_member": {
            "chat": self.chat_json(chat),
            "from": self.sender(chat),
            "date": DATE,
            "new_chat_member": {"user": bot_json(), "status": status},
        }});
        self.push_update(update);
    }

    /// A tap on a button under `message`. Returns the query's id.
    pub fn push_tap(&mut self, message: &Message, data: &str) -> String {
        let query = format!("{}{:06}", 4_000_000_000_000_u64 + message.chat.unsigned_abs(), self.taps.len());
        self.taps.insert(query.clone(), None);
        let update = json!({"callback_query": {
            "id": query,
            "from": self.sender(message.chat),
            "message": self.message_json(message),
            "chat_instance": "-1",
            "data": data,
        }});
        self.push_update(update);
        query
    }

    pub fn new_message_id(&mut self) -> i64 {
        self.next_message += 1;
        self.next_message - 1
    }

    /// Counts one message to `chat`, or says how fast Telegram wants it.
    pub fn count_message(&mut self, chat: i64, now: Instant) -> Result<(), Refused> {
        if self.has_no_limits {
            return Ok(());
        }
        while self.last_second.front().is_some_and(|at| now.duration_since(*at) >= Duration::from_secs(1)) {
            self.last_second.pop_front();
        }
        if self.last_second.len() >= MESSAGES_A_SECOND {
            return Err(too_many(1));
        }
        let whole = &mut self.chats.get_mut(&chat).expect("the chat was looked up before").whole;
        let next = whole.unwrap_or(now).max(now) + CHAT_EVERY;
        if next > now + CHAT_EVERY * CHAT_BURST {
            return Err(too_many((next - now - CHAT_EVERY * CHAT_BURST).as_secs() + 1));
        }
        *whole = Some(next);
        self.last_second.push_back(now);
        Ok(())
    }

    pub fn message_json(&self, message: &Message) -> Value {
        let mut value = json!({
            "message_id": message.message_id,
            "from": bot_json(),
            "chat": self.chat_json(message.chat),
            "date": DATE,
            "text": message.text,
        });
        if !message.buttons.is_empty() {
            let button = |b: &Button| json!({"text": b.label, "callback_data": b.data});
            let rows: Vec<Vec<Value>> = message.buttons.iter().map(|row| row.iter().map(button).collect()).collect();
            value["reply_markup"] = json!({ "inline_keyboard": rows });
        }
        value
    }

    fn sender(&self, chat: i64) -> Value {
        let mut sender = json!({"id": chat.abs(), "is_bot": false, "first_name": format!("Customer {chat}")});
        if let Some(code) = self.chats.get(&chat).and_then(|chat| chat.language_code.as_ref()) {
            sender["language_code"] = json!(code);
        }
        sender
    }

    fn chat_json(&self, chat: i64) -> Value {
        match self.chats.get(&chat).map(|chat| chat.kind.as_str()) {
            Some("private") | None => json!({"id": chat, "type": "private", "first_name": format!("Customer {chat}")}),
            Some(kind) => json!({"id": chat, "type": kind, "title": format!("Group {chat}")}),
        }
    }
}

pub fn bot_json() -> Value {
    json!({"id": 123_456_789, "is_bot": true, "first_name": "Firstline", "username": "firstline_stand_in_bot"})
}

fn too_many(secs: u64) -> Refused {
    Refused { code: 429, description: format!("Too Many Requests: retry after {secs}"), retry_after_secs: Some(secs) }
}

pub fn too_many_for_a_fault() -> Refused {
    too_many(1)
}

/// One lock, and a number that rises with each change, so that waiting needs no sleep.
pub struct Shared {
    telegram: Mutex<Telegram>,
    changes: watch::Sender<u64>,
}

impl Default for Shared {
    fn default() -> Self {
        Self { telegram: Mutex::default(), changes: watch::channel(0).0 }
    }
}

impl Shared {
    pub fn read<R>(&self, read: impl FnOnce(&Telegram) -> R) -> R {
        read(&self.telegram.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn change<R>(&self, change: impl FnOnce(&mut Telegram) -> R) -> R {
        let result = change(&mut self.telegram.lock().unwrap_or_else(PoisonError::into_inner));
        self.changes.send_modify(|n| *n += 1);
        result
    }

    /// Looks again after each change, until `look` finds something. `None` after `WAIT_AT_MOST`.
    pub async fn wait_for<R>(&self, look: impl Fn(&Telegram) -> Option<R>) -> Option<R> {
        tokio::time::timeout(WAIT_AT_MOST, self.wait_for_ever(look)).await.ok()
    }

    pub async fn wait_for_ever<R>(&self, look: impl Fn(&Telegram) -> Option<R>) -> R {
        let mut changes = self.changes.subscribe();
        loop {
            changes.borrow_and_update();
            if let Some(found) = self.read(&look) {
                return found;
            }
            changes.changed().await.expect("the sender is in this struct");
        }
    }
}
