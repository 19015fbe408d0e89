//! What is said past the outbox: lines that only Telegram needs, typing, answers to taps, keyboards taken away.
//!
//! Laws: nothing here blocks the caller; all of it may be lost when the process ends or Telegram refuses; how much is under
//! way at once is bounded; the same line is not said twice in a row to one chat.

use super::api::{Api, ApiError, Outgoing, Text};
use super::backoff::{backoff, dice};
use super::buttons::Keyboard;
use super::gate::Gate;
use crate::clock::Clock;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Note {
    Greeting,
    Help,
    /// Where the conversation stands: in line, or with a person.
    Standing,
    OnlyText,
    OnlyTextForPerson,
    WasCut,
    PrivateOnly,
    Trouble,
    AskToForget,
    NothingToForget,
    Forgotten,
    Stopped,
    Language,
    LanguageChosen,
    FileLost,
    Typing,
}

impl Note {
    /// Said again to the same chat only after this long. An album is many messages, and a customer may type fast.
    fn quiet(self) -> Duration {
        match self {
            Self::Greeting
            | Self::Help
            | Self::Standing
            | Self::OnlyText
            | Self::WasCut
            | Self::Trouble
            | Self::AskToForget
            | Self::NothingToForget
            | Self::Forgotten
            | Self::Stopped
            | Self::Language
            | Self::Typing => Duration::from_secs(3),
            // Each says something else.
            Self::LanguageChosen | Self::FileLost => Duration::ZERO,
            Self::OnlyTextForPerson => Duration::from_secs(60),
            Self::PrivateOnly => Duration::from_secs(24 * 3600),
        }
    }
}

const UNDER_WAY_AT_MOST: usize = 64;
const ATTEMPTS: u32 = 4;
/// Asked to wait longer than this, a note is dropped: it would answer something long past.
const WAIT_AT_MOST: Duration = Duration::from_secs(30);
const RECENT_AT_MOST: usize = 10_000;

pub struct Notes {
    carrier: Carrier,
    room: Arc<Semaphore>,
    tasks: TaskTracker,
    recent: Mutex<HashMap<(i64, Note), Instant>>,
}

#[derive(Clone)]
struct Carrier {
    api: Api,
    gate: Arc<Mutex<Gate>>,
    clock: Clock,
    shutdown: CancellationToken,
}

impl Notes {
    pub fn new(api: Api, gate: Arc<Mutex<Gate>>, clock: Clock, shutdown: CancellationToken) -> Self {
        Self {
            carrier: Carrier { api, gate, clock, shutdown },
            room: Arc::new(Semaphore::new(UNDER_WAY_AT_MOST)),
            tasks: TaskTracker::new(),
            recent: Mutex::default(),
        }
    }

    pub fn say(&self, chat: i64, note: Note, text: String, keyboard: Keyboard) {
        if !self.was_said_just_now(chat, note) {
            let outgoing = Outgoing { text: Text::Plain(text), keyboard };
            self.begin(|carrier| async move { carrier.say(chat, note, outgoing).await });
        }
    }

    /// Lasts five seconds, or until the next message (Bot API, sendChatAction).
    pub fn show_typing(&self, chat: i64) {
        if !self.was_said_just_now(chat, Note::Typing) {
            self.begin(|carrier| async move {
                let _ = carrier.api.show_typing(chat).await;
            });
        }
    }

    /// Stops the turning circle on the button, with a line shown over the chat or without, and takes the keyboard away.
    /// Neither is a message, so neither takes a message's place at the gate.
    pub fn answer_tap(&self, query: String, line: Option<String>, chat: i64, message: i64) {
        self.begin(|carrier| async move {
            if let Err(error) = carrier.api.answer_tap(&query, line).await {
                tracing::debug!(chat, %error, "a tap could not be answered");
            }
            if let Err(error) = carrier.api.remove_keyboard(chat, message).await {
                // The usual reason: somebody was faster and it is gone.
                tracing::debug!(chat, %error, "a keyboard could not be taken away");
            }
        });
    }

    /// Waits for what is under way.
    pub async fn finish(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn begin<F: Future<Output = ()> + Send + 'static>(&self, work: impl FnOnce(Carrier) -> F) {
        let Ok(room) = self.room.clone().try_acquire_owned() else {
            tracing::warn!("too many notes to Telegram are under way; one is dropped");
            return;
        };
        let work = work(self.carrier.clone());
        self.tasks.spawn(async move {
            let _room = room;
            work.await;
        });
    }

    fn was_said_just_now(&self, chat: i64, note: Note) -> bool {
        let now = Instant::now();
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() >= RECENT_AT_MOST {
            recent.retain(|(_, note), said| now.duration_since(*said) < note.quiet());
        }
        let is_recent = recent.get(&(chat, note)).is_some_and(|said| now.duration_since(*said) < note.quiet());
        if !is_recent {
            recent.insert((chat, note), now);
        }
        is_recent
    }
}

impl Carrier {
    async fn say(&self, chat: i64, note: Note, outgoing: Outgoing) {
        for attempt in 0..ATTEMPTS {
            self.admitted(chat).await;
            let Err(error) = self.api.send(chat, &outgoing).await else { return };
            let pause = match &error {
                ApiError::Refused { retry_after: Some(pause), .. } => *pause,
                ApiError::Refused { code, .. } if *code < 500 => {
                    tracing::info!(chat, ?note, %error, "a note is not wanted");
                    return;
                }
                ApiError::Refused { .. } | ApiError::Unanswered(_) => {
                    backoff(attempt, Duration::from_secs(1), Duration::from_secs(10), dice(&self.clock))
                }
            };
            if pause > WAIT_AT_MOST || attempt + 1 == ATTEMPTS {
                tracing::warn!(chat, ?note, %error, "a note could not be said");
                return;
            }
            self.wait(tokio::time::sleep(pause)).await;
            if self.shutdown.is_cancelled() {
                return;
            }
        }
    }

    /// Returns when a message may go to the chat, or when all is shut down.
    async fn admitted(&self, chat: i64) {
        while !self.shutdown.is_cancelled() {
            let admitted = self.gate.lock().unwrap_or_else(PoisonError::into_inner).admit(chat, Instant::now());
            match admitted {
                Ok(()) => return,
                Err(free) => self.wait(tokio::time::sleep_until(free)).await,
            }
        }
    }

    async fn wait(&self, pause: tokio::time::Sleep) {
        tokio::select! {
            () = pause => {}
            () = self.shutdown.cancelled() => {}
        }
    }
}
