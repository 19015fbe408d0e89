//! A customer with the Telegram app in hand.

use super::files::{self, OGG, PNG};
use super::state::{Message, Shared, Telegram};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

pub struct Customer {
    shared: Arc<Shared>,
    chat: i64,
    /// The last message that a test has looked at.
    heard: AtomicI64,
}

/// A tap under way.
pub struct Tapped {
    shared: Arc<Shared>,
    query: String,
}

impl Customer {
    pub(super) fn new(shared: Arc<Shared>, chat: i64) -> Self {
        Self { shared, chat, heard: AtomicI64::new(0) }
    }

    pub fn chat(&self) -> i64 {
        self.chat
    }

    /// Returns the message's number.
    pub fn says(&self, text: &str) -> i64 {
        let mut content = json!({ "text": text });
        if text.starts_with('/') {
            let length = text.split_whitespace().next().unwrap_or(text).encode_utf16().count();
            content["entities"] = json!([{"type": "bot_command", "offset": 0, "length": length}]);
        }
        self.sends(content)
    }

    /// Gives a message of their own other words.
    pub fn edits(&self, message: i64, text: &str) {
        let content = json!({"text": text, "edit_date": 1_760_000_060});
        self.shared.change(|telegram| telegram.push_message_as("edited_message", message, self.chat, content));
    }

    pub fn sends_photo(&self) {
        let photo = self.photo();
        self.sends(json!({ "photo": photo }));
    }

    pub fn sends_photo_saying(&self, caption: &str) {
        let photo = self.photo();
        self.sends(json!({ "photo": photo, "caption": caption }));
    }

    pub fn sends_album(&self, n_photos: usize) {
        for _ in 0..n_photos {
            let photo = self.photo();
            self.sends(json!({ "photo": photo, "media_group_id": "13" }));
        }
    }

    pub fn sends_voice(&self) {
        let id = self.gives(OGG.to_vec());
        self.sends(json!({ "voice": {"file_id": id, "file_unique_id": id, "duration": 3} }));
    }

    /// `kind` as the Bot API calls it: `document`, `video`, …
    pub fn sends_file(&self, kind: &str, name: &str, bytes: &[u8]) {
        let id = self.gives(bytes.to_vec());
        self.sends(json!({ kind: {"file_id": id, "file_unique_id": id, "file_name": name} }));
    }

    fn photo(&self) -> Value {
        let id = self.gives(PNG.to_vec());
        json!([{"file_id": "a smaller one", "width": 1, "height": 1}, {"file_id": id, "file_unique_id": id, "width": 1, "height": 1}])
    }

    fn gives(&self, bytes: Vec<u8>) -> String {
        self.shared.change(|telegram| files::keep(telegram, bytes))
    }

    /// A message with this content, as the Bot API describes it.
    pub fn sends(&self, content: Value) -> i64 {
        self.shared.change(|telegram| telegram.push_message(self.chat, content))
    }

    /// Taps the newest button with this label or this data.
    #[track_caller]
    pub fn taps(&self, label_or_data: &str) -> Tapped {
        let found = self.shared.read(|telegram| {
            let mine = telegram.messages.iter().rev().filter(|message| message.chat == self.chat);
            let mut buttons =
                mine.flat_map(|message| message.buttons.iter().flatten().map(move |button| (message, button)));
            buttons
                .find(|(_, button)| button.label == label_or_data || button.data == label_or_data)
                .map(|(message, button)| (message.clone(), button.data.clone()))
        });
        let (message, data) =
            found.unwrap_or_else(|| panic!("there is no button {label_or_data:?} in {}", self.seen()));
        self.taps_on(&message, &data)
    }

    /// Taps a button of a message as it was once, whatever stands there now.
    pub fn taps_on(&self, message: &Message, data: &str) -> Tapped {
        let query = self.shared.change(|telegram| telegram.push_tap(message, data));
        Tapped { shared: self.shared.clone(), query }
    }

    pub fn blocks(&self) {
        self.set_blocked(true);
    }

    pub fn unblocks(&self) {
        self.set_blocked(false);
    }

    /// The next message in this chat that was not looked at before.
    pub async fn hears(&self) -> Message {
        self.hears_one("a message", |_| true).await
    }

    /// The next message with these words in it; those before it are passed over.
    pub async fn hears_about(&self, words: &str) -> Message {
        self.hears_one(&format!("a message with {words:?}"), |message| message.text.contains(words)).await
    }

    /// Waits until the bot's messages in the chat are these, in order.
    pub async fn sees(&self, texts: &[&str]) {
        let shown = |telegram: &Telegram| {
            let mine = telegram.messages.iter().filter(|message| message.chat == self.chat);
            mine.map(|message| message.text.clone()).collect::<Vec<_>>()
        };
        let seen = self.shared.wait_for(|telegram| (shown(telegram) == texts).then_some(())).await;
        seen.unwrap_or_else(|| panic!("{texts:?} is not what stands in {}", self.seen()));
    }

    /// All that stands in the chat from the bot.
    pub fn messages(&self) -> Vec<Message> {
        let mine = |telegram: &Telegram| telegram.messages.iter().filter(|m| m.chat == self.chat).cloned().collect();
        self.shared.read(mine)
    }

    /// Waits until the bot has shown that it is typing here, `n` times in all.
    pub async fn sees_typing(&self, n: usize) {
        let count = |telegram: &Telegram| telegram.actions.iter().filter(|(chat, _)| *chat == self.chat).count();
        let seen = self.shared.wait_for(|telegram| (count(telegram) >= n).then_some(())).await;
        seen.unwrap_or_else(|| panic!("typing was shown {} times, not {n}", self.shared.read(count)));
    }

    /// Waits until no button is left under the message.
    pub async fn sees_no_buttons_under(&self, message: &Message) {
        let now = |telegram: &Telegram| telegram.messages.iter().find(|m| m.message_id == message.message_id).cloned();
        let gone = |telegram: &Telegram| now(telegram).filter(|m| m.buttons.is_empty()).map(|_| ());
        self.shared.wait_for(gone).await.unwrap_or_else(|| panic!("buttons are still there in {}", self.seen()));
    }

    async fn hears_one(&self, what: &str, is_it: impl Fn(&Message) -> bool) -> Message {
        let heard = self.heard.load(Ordering::SeqCst);
        let mine = |message: &&Message| message.chat == self.chat && message.message_id > heard && is_it(message);
        let next = self.shared.wait_for(|telegram| telegram.messages.iter().find(mine).cloned()).await;
        let message = next.unwrap_or_else(|| panic!("no {what} came after number {heard} in {}", self.seen()));
        self.heard.store(message.message_id, Ordering::SeqCst);
        message
    }

    fn set_blocked(&self, has_blocked: bool) {
        self.shared.change(|telegram| {
            if let Some(chat) = telegram.chats.get_mut(&self.chat) {
                chat.has_blocked = has_blocked;
            }
            let status = if has_blocked { "kicked" } else { "member" };
            telegram.push_membership(self.chat, status);
        });
    }

    /// The chat, for a test that fails.
    fn seen(&self) -> String {
        let line = |m: &Message| format!("\n  {}: {:?} {:?}", m.message_id, m.text, m.labels());
        format!("chat {}:{}", self.chat, self.messages().iter().map(line).collect::<String>())
    }
}

impl Tapped {
    /// Waits until the bot has answered the tap; the line that it shows, if any.
    pub async fn is_answered(&self) -> Option<String> {
        let answered = self.shared.wait_for(|telegram| telegram.taps.get(&self.query).cloned().flatten()).await;
        answered.unwrap_or_else(|| panic!("the tap {} was never answered", self.query))
    }
}
