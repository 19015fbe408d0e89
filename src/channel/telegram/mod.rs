//! Telegram: updates in, outbox out.
//!
//! May: speak the Bot API and call the desk. The only place that names teloxide.
//! May not: touch the store, or decide what is said.
//!
//! Two loops share one bot. `updates` takes what customers did one at a time and asks for the next only when the desk has
//! committed it. `outbox` carries what was said, in order within a conversation, at Telegram's pace. What only Telegram
//! needs said ("only text is read yet") goes past the outbox as a note, which may be lost with the process.

mod api;
mod backoff;
mod buttons;
mod from_html;
mod gate;
mod health;
mod notes;
mod outbox;
mod reading;
mod render;
mod rich;
mod taking;
mod taps;
mod texts;
mod updates;

pub use health::TelegramHealth;

use crate::desk::Desk;
use crate::domain::Language;
use api::Api;
use gate::Gate;
use notes::Notes;
use std::fmt;
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;
use url::Url;

#[derive(Clone, Debug)]
pub struct TelegramOptions {
    /// Stands in addresses and ids, so it stays when the token changes.
    pub name: String,
    pub token: Token,
    /// A Bot API server of one's own; `None` is Telegram's.
    pub api_url: Option<Url>,
    /// The site that conversations of this bot belong to.
    pub site: String,
    /// Spoken to customers whose app and words name no language we know.
    pub language: Language,
}

/// What @BotFather gave. Whoever has it is the bot, so it is never shown.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into().trim().to_owned())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Runs one bot until `shutdown`. Trouble with Telegram is told in `health` and never ends it. Before it returns, what is
/// being sent is sent and settled (at most about `api::SEND_WITHIN`), so nothing is sent twice after a planned restart.
pub async fn run(desk: Desk, options: TelegramOptions, health: Arc<TelegramHealth>, shutdown: CancellationToken) {
    let gate = Arc::new(Mutex::new(Gate::new(tokio::time::Instant::now())));
    let api = Api::new(options.token, options.api_url);
    let bot = TelegramBot {
        notes: Notes::new(api.clone(), gate.clone(), desk.clock().clone(), shutdown.clone()),
        desk,
        name: options.name,
        site: options.site,
        default_language: options.language,
        api,
        gate,
        health,
    };
    tracing::info!(bot = %bot.name, "the Telegram bot starts");
    tokio::join!(updates::run(&bot, &shutdown), outbox::run(&bot, &shutdown));
    bot.notes.finish().await;
    tracing::info!(bot = %bot.name, "the Telegram bot has stopped");
}

struct TelegramBot {
    desk: Desk,
    name: String,
    site: String,
    default_language: Language,
    api: Api,
    /// Telegram's limits hold for the bot as a whole: the outbox and the notes pass through one gate.
    gate: Arc<Mutex<Gate>>,
    notes: Notes,
    health: Arc<TelegramHealth>,
}
