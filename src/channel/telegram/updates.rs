//! Updates in: asks Telegram, takes what came one at a time, and asks for more only when all of it is committed.

use super::api::ApiError;
use super::backoff::{backoff, dice};
use super::notes::Note;
use super::reading;
use super::{TelegramBot, texts};
use crate::desk::DeskError;
use crate::domain::Language;
use crate::store::StoreError;
use futures::FutureExt;
use serde_json::Value;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::PoisonError;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long Telegram holds a poll that has nothing to tell.
const POLL_SECS: u32 = 25;
/// Between two polls that brought nothing.
const SHORTEST_POLL: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// What only a person can put right is tried again this seldom.
const SLOW_PAUSE: Duration = Duration::from_secs(60);

/// Until `shutdown`. What is being taken at that moment is dropped: it was not confirmed, so Telegram tells it again.
pub async fn run(bot: &TelegramBot, shutdown: &CancellationToken) {
    tokio::select! {
        () = shutdown.cancelled() => {}
        never = bot.poll() => match never {},
    }
}

impl TelegramBot {
    async fn poll(&self) -> Infallible {
        let mut offset = None;
        let mut failures = 0;
        let mut is_introduced = false;
        loop {
            // The first call, and the first after trouble, comes back at once: health is known now, not in 25 seconds.
            let is_well = is_introduced && failures == 0;
            let asked = tokio::time::Instant::now();
            match self.api.updates(offset, if is_well { POLL_SECS } else { 0 }).await {
                Ok(updates) => {
                    failures = 0;
                    self.health.updates_come();
                    offset = self.take_all(&updates).await;
                    if offset.is_none() && !updates.is_empty() {
                        failures = 1;
                        tokio::time::sleep(SLOW_PAUSE).await;
                    }
                    // A server that holds no poll would be asked thousands of times a second.
                    if updates.is_empty() && is_well {
                        tokio::time::sleep_until(asked + SHORTEST_POLL).await;
                    }
                    if !is_introduced {
                        is_introduced = true;
                        self.introduce().await;
                    }
                }
                Err(ApiError::Refused { code: 409, .. }) if self.takes_own_webhook_away().await => {}
                Err(error) => {
                    let (sentence, pause) = self.trouble(&error, failures);
                    failures += 1;
                    self.health.updates_fail(sentence);
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    /// The offset that confirms them. `None` when there was nothing to confirm: the call itself confirmed all before, and a
    /// number kept longer could skip updates when Telegram begins to count anew (after a week without any).
    async fn take_all(&self, updates: &[Value]) -> Option<i32> {
        let mut offset = None;
        for raw in updates {
            let Some(id) = reading::id(raw) else {
                tracing::error!(bot = %self.name, "an update without a number came from Telegram and is skipped");
                continue;
            };
            self.take_surely(id, raw).await;
            offset = i32::try_from(id).ok().and_then(|id| id.checked_add(1)).or(offset);
        }
        offset
    }

    /// Returns when the update is committed, or when trying again cannot help. While the store is away it waits here: an
    /// update is never skipped for that.
    pub(super) async fn take_surely(&self, id: i64, raw: &Value) {
        if self.taken.lock().unwrap_or_else(PoisonError::into_inner).knows(id) {
            return;
        }
        self.health.heard(self.desk.clock().now());
        self.take_new(id, raw).await;
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).remember(id);
    }

    async fn take_new(&self, id: i64, raw: &Value) {
        let update = match reading::read(raw) {
            Ok(update) => update,
            Err(malformed) => {
                tracing::warn!(bot = %self.name, update = id, %malformed, "an update from Telegram cannot be read and is skipped");
                return;
            }
        };
        let mut failures = 0;
        loop {
            let failure = match AssertUnwindSafe(self.take(&update)).catch_unwind().await {
                Ok(Ok(())) => break,
                Ok(Err(failure)) if may_pass(&failure) => {
                    self.health.updates_fail(format!("Telegram: updates of bot {} wait, because {failure}", self.name));
                    let pause = backoff(failures, FIRST_PAUSE, LONGEST_PAUSE, dice(self.desk.clock()));
                    failures += 1;
                    tokio::time::sleep(pause).await;
                    continue;
                }
                Ok(Err(failure)) => failure.to_string(),
                Err(_) => "taking it panicked".to_owned(),
            };
            tracing::error!(bot = %self.name, update = id, %failure, "an update from Telegram could not be taken and is skipped");
            let text = texts::trouble(self.language_of(None, &update));
            self.notes.say(update.chat, Note::Trouble, text, vec![]);
            break;
        }
        if failures > 0 {
            self.health.updates_come();
        }
    }

    /// Polling is refused while a webhook is set. One that this program has set, in another form of its config, is its to take away.
    async fn takes_own_webhook_away(&self) -> bool {
        let Ok(info) = self.api.webhook_info().await else { return false };
        if !info.url.ends_with(&format!("/telegram/{}/update", self.name)) {
            return false;
        }
        tracing::info!(bot = %self.name, "the webhook of an earlier start is taken away");
        self.api.delete_webhook().await.is_ok()
    }

    /// What is wrong and what to do about it, and when to try again.
    pub(super) fn trouble(&self, error: &ApiError, failures: u32) -> (String, Duration) {
        let bot = &self.name;
        let soon = || backoff(failures, FIRST_PAUSE, LONGEST_PAUSE, dice(self.desk.clock()));
        match error {
            ApiError::Refused { code: 401 | 404, .. } => (
                format!(
                    "Telegram: the token of bot {bot} is refused. Check it with @BotFather, set the right one and restart; \
                     until then it is tried every {} s",
                    SLOW_PAUSE.as_secs()
                ),
                SLOW_PAUSE,
            ),
            ApiError::Refused { code: 409, description, .. } => (
                format!(
                    "Telegram: somebody else takes the updates of bot {bot} ({description}). Stop the other program that \
                     uses this token, or remove its webhook with deleteWebhook; this one keeps trying"
                ),
                soon().max(Duration::from_secs(5)),
            ),
            ApiError::Refused { retry_after: Some(pause), .. } => {
                (format!("Telegram: asked bot {bot} to poll less often"), *pause)
            }
            ApiError::Refused { .. } | ApiError::Unanswered(_) => {
                (format!("Telegram: no updates for bot {bot} ({error}); it keeps trying"), soon())
            }
        }
    }

    /// The name for links, and the commands in the menu of Telegram's apps. The bot works without either.
    pub(super) async fn introduce(&self) {
        match self.api.username().await {
            Ok(Some(username)) => {
                tracing::info!(bot = %self.name, %username, "connected to Telegram");
                self.health.is_called(username);
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(bot = %self.name, %error, "the bot could not learn its public name"),
        }
        // Telegram knows languages by two letters, so both scripts of Chinese share one menu.
        let menus = [
            (self.default_language, None),
            (Language::En, Some("en")),
            (Language::ZhHans, Some("zh")),
            (Language::Ru, Some("ru")),
        ];
        for (language, code) in menus {
            let commands = [
                ("human", texts::command_human(language)),
                ("help", texts::command_help(language)),
                ("language", texts::command_language(language)),
                ("stop", texts::command_stop(language)),
                ("forget", texts::command_forget(language)),
            ];
            if let Err(error) = self.api.set_commands(&commands, code).await {
                tracing::warn!(bot = %self.name, %error, "the command menu could not be set");
                return;
            }
        }
    }
}

/// The same update may succeed later.
fn may_pass(failure: &DeskError) -> bool {
    matches!(failure, DeskError::Store(StoreError::Unavailable { .. } | StoreError::Conflict) | DeskError::Busy)
}
