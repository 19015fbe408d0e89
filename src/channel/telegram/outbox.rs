//! Outbox out: leases what must be delivered, sends it at Telegram's pace, and settles each row with what became of it.
//!
//! The rows are the truth. What is leased waits here only for a free moment of its chat, a page at most, and a row whose
//! lease would run out under it goes back. Rows of one conversation come one at a time, so order needs no care here.

use super::TelegramBot;
use super::api::{ApiError, FILE_WITHIN, Outgoing, SEND_WITHIN, Text};
use super::backoff::{backoff, dice};
use super::render::{Rendered, render};
use super::rich::Rich;
use crate::bus::Hint;
use crate::domain::{Channel, Timestamp};
use crate::store::{Delivered, Delivery};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Conversations served at the same time.
const SENDING_AT_MOST: usize = 8;
/// Leased rows that wait for their chat's next free moment; more are leased below this.
const HELD_AT_MOST: usize = 50;
/// A row that would wait longer for its chat goes back to the outbox.
const HOLD_AT_MOST: Duration = Duration::from_secs(5);
/// A lease lasts 60 s (`desk::deliver`). After this long no send is begun under it: there must be time to finish and settle.
const LEASE_USED_AT_MOST: Duration = Duration::from_secs(20);
/// With nothing due, the outbox is looked at this often: hints may be lost, and a driven clock wakes nobody.
const IDLE: Duration = Duration::from_secs(5);
const IDLE_WITH_SOMETHING_DUE: Duration = Duration::from_secs(1);
/// A row may be due and not be had, because another of its conversation is under way.
const SHORTEST_IDLE: Duration = Duration::from_millis(100);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// However long Telegram asks to wait: the store takes a later moment for one of a clock that was wrong.
const LONGEST_REST: Duration = Duration::from_secs(3_000);
/// What only a person can put right (the token) is tried again this seldom.
const SLOW_PAUSE: Duration = Duration::from_secs(60);
/// A row that makes this program panic so often will always do so.
const PANICS_AT_MOST: u32 = 5;

struct Held {
    delivery: Delivery,
    leased: Instant,
}

impl Held {
    fn is_stale(&self) -> bool {
        self.leased.elapsed() > LEASE_USED_AT_MOST
    }
}

/// Until `shutdown`; then what is being sent is finished and what waits goes back.
pub async fn run(bot: &TelegramBot, shutdown: &CancellationToken) {
    let mut hints = bot.desk.bus().listen();
    let mut held: Vec<Held> = vec![];
    let mut under_way: HashSet<i64> = HashSet::new();
    let mut tasks = FuturesUnordered::new();
    let mut look_at = Instant::now();
    let mut failures = 0;
    loop {
        if Instant::now() >= look_at && held.len() < HELD_AT_MOST {
            let here: HashSet<i64> =
                under_way.iter().copied().chain(held.iter().map(|held| held.delivery.id)).collect();
            let (leased, finished) = meanwhile(bot.lease(&here), &mut tasks).await;
            for id in &finished {
                under_way.remove(id);
            }
            look_at = match leased {
                Ok(Leased { new, look_at }) => {
                    failures = 0;
                    held.extend(new);
                    if finished.is_empty() { look_at } else { Instant::now() }
                }
                Err(pause) => {
                    failures += 1;
                    Instant::now() + backoff(failures, pause, LONGEST_PAUSE / 10, dice(bot.desk.clock()))
                }
            };
        }
        let mut wake_at = if held.len() < HELD_AT_MOST { look_at } else { Instant::now() + IDLE };
        let mut at = 0;
        while at < held.len() && tasks.len() < SENDING_AT_MOST {
            match bot.next_step(&held[at]) {
                Step::Wait(free) => {
                    wake_at = wake_at.min(free);
                    at += 1;
                }
                Step::Send => {
                    let next = held.remove(at);
                    under_way.insert(next.delivery.id);
                    tasks.push(bot.deliver(next, shutdown).boxed());
                }
                Step::Return { due, why } => {
                    let next = held.remove(at);
                    under_way.insert(next.delivery.id);
                    tasks.push(bot.give_back(next, due, why, shutdown).boxed());
                }
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => break,
            Some(id) = tasks.next(), if !tasks.is_empty() => {
                under_way.remove(&id);
                // The next row of that conversation is free now.
                look_at = Instant::now();
            }
            () = outbox_hint(&mut hints) => look_at = Instant::now(),
            () = tokio::time::sleep_until(wake_at) => {}
        }
    }
    let now = bot.desk.clock().now();
    for held in held {
        tasks.push(bot.give_back(held, now, "the server is shutting down".into(), shutdown).boxed());
    }
    while tasks.next().await.is_some() {}
}

/// Waits for `this` while what is being sent goes on, and says what was finished. A send that stands still may hold a connection to
/// the store, and `this` may wait for one: all of them stood still together for seconds after each start with a full outbox.
async fn meanwhile<T>(
    this: impl Future<Output = T>,
    tasks: &mut FuturesUnordered<impl Future<Output = i64>>,
) -> (T, Vec<i64>) {
    let mut this = std::pin::pin!(this);
    let mut finished = vec![];
    loop {
        tokio::select! {
            done = &mut this => return (done, finished),
            Some(id) = tasks.next(), if !tasks.is_empty() => finished.push(id),
        }
    }
}

/// Returns when something may wait in the outbox.
async fn outbox_hint(hints: &mut broadcast::Receiver<Hint>) {
    loop {
        match hints.recv().await {
            Ok(Hint::Outbox) | Err(RecvError::Lagged(_)) => return,
            Ok(
                Hint::Conversation(_)
                | Hint::Typing { .. }
                | Hint::Lookers(_)
                | Hint::Queue
                | Hint::Knowledge
                | Hint::Judged,
            ) => {}
            // The desk holds the bus, so this comes only with the end of everything.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

struct Leased {
    new: Vec<Held>,
    look_at: Instant,
}

enum Step {
    Send,
    /// The chat, or the bot, must rest until then.
    Wait(Instant),
    Return {
        due: Timestamp,
        why: String,
    },
}

impl TelegramBot {
    /// Leases a page without what is here already, and says when to look again. `Err`: the store is away; the pause to begin with.
    async fn lease(&self, here: &HashSet<i64>) -> Result<Leased, Duration> {
        let leased = Instant::now();
        let look = async {
            let deliveries = self.desk.lease_deliveries(&self.name).await?;
            let due = if deliveries.is_empty() { self.desk.next_delivery_at(&self.name).await? } else { None };
            Ok::<_, crate::store::StoreError>((deliveries, due))
        };
        match look.await {
            Ok((deliveries, due)) => {
                let new = deliveries.into_iter().filter(|delivery| !here.contains(&delivery.id));
                let new: Vec<Held> = new.map(|delivery| Held { delivery, leased }).collect();
                let idle = match due {
                    _ if !new.is_empty() => Duration::ZERO,
                    None => IDLE,
                    Some(due) => from_now(due, self.desk.clock().now()).clamp(SHORTEST_IDLE, IDLE_WITH_SOMETHING_DUE),
                };
                Ok(Leased { new, look_at: Instant::now() + idle })
            }
            Err(failure) => {
                tracing::error!(bot = %self.name, error = %failure, "the outbox cannot be read");
                Err(FIRST_PAUSE / 2)
            }
        }
    }

    fn next_step(&self, held: &Held) -> Step {
        let now = self.desk.clock().now();
        if held.is_stale() {
            return Step::Return { due: now, why: "its turn did not come while it was leased".into() };
        }
        // Anything but a chat is refused in `carry`, without going through the gate.
        let Channel::Telegram { chat, .. } = held.delivery.address else { return Step::Send };
        let asked = Instant::now();
        match self.gate.lock().unwrap_or_else(PoisonError::into_inner).admit(chat, asked) {
            Ok(()) => Step::Send,
            Err(free) if free - asked > HOLD_AT_MOST => {
                Step::Return { due: later(now, free - asked), why: "Telegram wants the chat to rest".into() }
            }
            Err(free) => Step::Wait(free),
        }
    }

    async fn give_back(&self, held: Held, due: Timestamp, why: String, shutdown: &CancellationToken) -> i64 {
        let id = held.delivery.id;
        self.settle(id, Delivered::Later { due, why }, shutdown).await;
        id
    }

    async fn deliver(&self, held: Held, shutdown: &CancellationToken) -> i64 {
        let delivery = &held.delivery;
        let result = AssertUnwindSafe(self.carry(&held, shutdown)).catch_unwind().await.unwrap_or_else(|_| {
            let why = "carrying it panicked".to_owned();
            if delivery.attempts >= PANICS_AT_MOST {
                Delivered::Dead { why }
            } else {
                self.try_later(delivery, None, why)
            }
        });
        match &result {
            Delivered::Whole { .. } | Delivered::Part { .. } => {}
            Delivered::Later { why, .. } => tracing::warn!(
                conversation = %delivery.conversation, seq = delivery.turn.seq, attempts = delivery.attempts, %why,
                "a turn has not reached Telegram yet"
            ),
            Delivered::Dead { why } => tracing::error!(
                conversation = %delivery.conversation, seq = delivery.turn.seq, %why,
                "a turn will never reach Telegram"
            ),
        }
        self.settle(delivery.id, result, shutdown).await;
        delivery.id
    }

    /// Sends the parts that are still to be sent. Its first send has passed the gate already.
    async fn carry(&self, held: &Held, shutdown: &CancellationToken) -> Delivered {
        let delivery = &held.delivery;
        let Channel::Telegram { chat, .. } = delivery.address else {
            return Delivered::Dead { why: "its address is no Telegram chat".into() };
        };
        let phase = match self.desk.update(&delivery.conversation, delivery.turn.seq, 1).await {
            Ok(update) => update.phase,
            Err(failure) => return self.try_later(delivery, None, failure.to_string()),
        };
        let rendered = render(&delivery.turn, &phase, delivery.language.unwrap_or(self.default_language));
        if let Some(done) = self.carry_edit(delivery, chat, &rendered).await {
            return done;
        }
        let Rendered { parts, files, caption, keyboard } = rendered;
        let n_parts = parts.len() + files.len();
        if n_parts == 0 {
            return Delivered::Dead { why: "it has no words".into() };
        }
        let first = delivery.parts_sent as usize;
        for at in first..n_parts {
            let is_last = at + 1 == n_parts;
            if at > first && !self.may_go_on(held, chat, shutdown).await {
                return Delivered::Later {
                    due: self.desk.clock().now(),
                    why: "its lease was used up between two parts".into(),
                };
            }
            let keyboard = if is_last { keyboard.clone() } else { vec![] };
            let sent = match parts.get(at) {
                Some(part) => self.send(chat, part, keyboard).await.map(Some),
                None => {
                    let place = at - parts.len();
                    let caption = caption.as_ref().filter(|_| place == 0);
                    self.send_file(chat, &files[place], caption, &keyboard).await
                }
            };
            let message = match sent {
                Ok(id) => id,
                Err(error) => return self.judge(delivery, chat, &error).await,
            };
            self.health.outbox_flows();
            self.health.sent(self.desk.clock().now());
            if is_last {
                return Delivered::Whole { message };
            }
            self.settle(delivery.id, Delivered::Part { message }, shutdown).await;
        }
        // All of it went under an earlier lease.
        Delivered::Whole { message: None }
    }

    /// What to do with a turn that was changed after it was said; `None`: it must be sent like any other.
    async fn carry_edit(&self, delivery: &Delivery, chat: i64, rendered: &Rendered) -> Option<Delivered> {
        if delivery.turn.rev == 0 {
            return None;
        }
        let messages = match self.desk.messages_of(&delivery.turn).await {
            Ok(messages) => messages,
            Err(failure) => return Some(self.try_later(delivery, None, failure.to_string())),
        };
        let done = match (delivery.turn.is_withdrawn, messages.is_empty()) {
            (true, _) => self.delete_parts(chat, &messages).await,
            (false, true) => return None,
            (false, false) => self.edit_parts(delivery, chat, &messages, rendered).await,
        };
        Some(match done {
            Ok(()) => Delivered::Whole { message: None },
            Err(error) => self.judge(delivery, chat, &error).await,
        })
    }

    /// Once more without marks when Telegram cannot read them: the words matter more.
    pub(super) async fn send(
        &self,
        chat: i64,
        part: &Rich,
        keyboard: super::buttons::Keyboard,
    ) -> Result<i64, ApiError> {
        let plain = Outgoing { text: Text::Plain(part.plain()), keyboard };
        if !part.has_marks() {
            return self.api.send(chat, &plain).await;
        }
        let marked = Outgoing { text: Text::Html(part.html()), keyboard: plain.keyboard.clone() };
        match self.api.send(chat, &marked).await {
            Err(error) if verdict(&error) == Verdict::Unreadable => {
                tracing::error!(chat, %error, "Telegram cannot read the marks of a text; it goes without");
                self.api.send(chat, &plain).await
            }
            sent => sent,
        }
    }

    /// Waits for the chat's next free moment between two parts. `false`: the rest belongs to another lease.
    async fn may_go_on(&self, held: &Held, chat: i64, shutdown: &CancellationToken) -> bool {
        while !held.is_stale() && !shutdown.is_cancelled() {
            let admitted = self.gate.lock().unwrap_or_else(PoisonError::into_inner).admit(chat, Instant::now());
            match admitted {
                Ok(()) => return true,
                Err(free) => tokio::select! {
                    () = tokio::time::sleep_until(free) => {}
                    () = shutdown.cancelled() => {}
                },
            }
        }
        false
    }

    async fn judge(&self, delivery: &Delivery, chat: i64, error: &ApiError) -> Delivered {
        let why = error.to_string();
        match verdict(error) {
            Verdict::TooFast(pause) => {
                self.gate.lock().unwrap_or_else(PoisonError::into_inner).refused(chat, pause, Instant::now());
                Delivered::Later { due: later(self.desk.clock().now(), pause), why }
            }
            Verdict::Away => {
                self.health.outbox_fails(format!("Telegram: messages of bot {} wait ({why})", self.name));
                self.try_later(delivery, None, why)
            }
            Verdict::WrongToken => {
                self.health.outbox_fails(format!(
                    "Telegram: messages of bot {} wait, because its token is refused",
                    self.name
                ));
                self.try_later(delivery, Some(SLOW_PAUSE), why)
            }
            Verdict::Gone => {
                if let Err(failure) = self.desk.set_reachable(&delivery.address, false).await {
                    tracing::error!(chat, error = %failure, "that a customer cannot be reached could not be kept");
                }
                Delivered::Dead { why }
            }
            Verdict::Unreadable | Verdict::Never => Delivered::Dead { why },
        }
    }

    fn try_later(&self, delivery: &Delivery, pause: Option<Duration>, why: String) -> Delivered {
        let clock = self.desk.clock();
        let pause = pause.unwrap_or_else(|| backoff(delivery.attempts, FIRST_PAUSE, LONGEST_PAUSE, dice(clock)));
        Delivered::Later { due: later(clock.now(), pause), why }
    }

    /// What was sent must not be sent again, so this tries until the store has it; only a shutdown ends it.
    async fn settle(&self, id: i64, result: Delivered, shutdown: &CancellationToken) {
        let mut failures = 0;
        while let Err(failure) = self.desk.settle_delivery(id, result.clone()).await {
            tracing::error!(bot = %self.name, delivery = id, error = %failure, "a delivery cannot be settled yet");
            if shutdown.is_cancelled() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(backoff(failures, FIRST_PAUSE / 2, SLOW_PAUSE, dice(self.desk.clock()))) => {}
                () = shutdown.cancelled() => {}
            }
            failures += 1;
        }
    }
}

#[derive(Debug, PartialEq)]
enum Verdict {
    TooFast(Duration),
    /// Down, or not to be reached.
    Away,
    WrongToken,
    /// It says something about the text; without marks it may pass.
    Unreadable,
    /// The customer blocked the bot, or is no longer in Telegram.
    Gone,
    /// There is no such chat.
    Never,
}

fn verdict(error: &ApiError) -> Verdict {
    match error {
        ApiError::Unanswered(_) => Verdict::Away,
        ApiError::Refused { retry_after: Some(pause), .. } => Verdict::TooFast(*pause),
        ApiError::Refused { code: 429, .. } => Verdict::TooFast(FIRST_PAUSE),
        ApiError::Refused { code: 500.., .. } => Verdict::Away,
        ApiError::Refused { code: 401 | 404, .. } => Verdict::WrongToken,
        ApiError::Refused { code: 400, description, .. } if !description.contains("chat not found") => {
            Verdict::Unreadable
        }
        ApiError::Refused { code: 403, .. } => Verdict::Gone,
        ApiError::Refused { .. } => Verdict::Never,
    }
}

fn later(now: Timestamp, pause: Duration) -> Timestamp {
    let pause = jiff::SignedDuration::from_millis(pause.min(LONGEST_REST).as_millis() as i64);
    now.checked_add(pause).unwrap_or(now)
}

fn from_now(due: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(due.duration_since(now)).unwrap_or(Duration::ZERO)
}

// A lease must outlast the latest send that may begin under it, with its fallback and its settling.
const _: () = assert!(LEASE_USED_AT_MOST.as_secs() + 2 * SEND_WITHIN.as_secs() <= 60);
const _: () = assert!(LEASE_USED_AT_MOST.as_secs() + 2 * FILE_WITHIN.as_secs() <= 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_error_means() {
        let check = |code: u16, description: &str, retry_after: Option<u64>, expected: Verdict| {
            let retry_after = retry_after.map(Duration::from_secs);
            let error = ApiError::Refused { code, description: description.into(), retry_after };
            assert_eq!(verdict(&error), expected, "{error}");
        };
        check(429, "Too Many Requests: retry after 5", Some(5), Verdict::TooFast(Duration::from_secs(5)));
        check(429, "Too Many Requests", None, Verdict::TooFast(Duration::from_secs(1)));
        check(500, "Internal Server Error", None, Verdict::Away);
        check(502, "Bad Gateway", None, Verdict::Away);
        check(401, "Unauthorized", None, Verdict::WrongToken);
        check(404, "Not Found", None, Verdict::WrongToken);
        check(400, "Bad Request: can't parse entities: …", None, Verdict::Unreadable);
        check(400, "Bad Request: chat not found", None, Verdict::Never);
        check(403, "Forbidden: bot was blocked by the user", None, Verdict::Gone);
        assert_eq!(verdict(&ApiError::Unanswered("connection refused".into())), Verdict::Away);
    }
}
