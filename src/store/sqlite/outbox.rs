//! What must still be delivered: in order within a conversation, by one worker at a time, again after a crash.

use super::rows::{self, Step, moment, us};
use super::{Delivered, Delivery, StoreError};
use crate::domain::{Channel, ConversationId, Timestamp};
use crate::store::WaitingDeliveries;
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool};

/// Deliveries of one lease, whatever the caller asks for.
const LEASED: u32 = 100;
/// Nobody puts off a delivery for so long, or leases it: such a moment was written by a clock that has been put back since.
pub(super) const FAR_AHEAD_SECS: i64 = 3_600;
/// Characters of a reason that are kept.
const WHY_CHARS: usize = 300;

pub struct Lease {
    pub bot: String,
    pub now: Timestamp,
    pub until: Timestamp,
    pub limit: u32,
}

/// At the start: what a dead process was sending is due again, instead of a minute later.
pub async fn release_all(db: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("update outbox set lease_until = null where state = 'due'")
        .execute(db)
        .await
        .step("release the leases")?;
    Ok(())
}

pub async fn lease(db: &mut SqliteConnection, lease: Lease) -> Result<Vec<Delivery>, StoreError> {
    let deliveries = due(db, &lease).await?;
    for delivery in &deliveries {
        mark(db, delivery.id, lease.until).await?;
    }
    Ok(deliveries)
}

/// Only the first undelivered row of a conversation, and not while it is leased: so nothing overtakes.
async fn due(db: &mut SqliteConnection, lease: &Lease) -> Result<Vec<Delivery>, StoreError> {
    sqlx::query(concat!(
        "select o.id, o.conversation, o.bot, o.chat, o.attempts, o.parts_sent, c.state, ",
        rows::turn_columns!(),
        " from outbox o join conversations c on c.id = o.conversation \
         join turns t on t.conversation = o.conversation and t.first_seq = o.turn",
        rows::turn_joins!(),
        "where o.bot = ?1 and o.state = 'due' and o.due_at not between ?2 + 1 and ?4 \
         and (o.lease_until is null or o.lease_until not between ?2 + 1 and ?4) \
         and not exists (select 1 from outbox e where e.conversation = o.conversation and e.state = 'due' \
         and e.channel = o.channel and e.id < o.id) \
         order by o.due_at, o.id limit ?3"
    ))
    .bind(&lease.bot)
    .bind(us(lease.now))
    .bind(lease.limit.clamp(1, LEASED))
    .bind(us(lease.now) + FAR_AHEAD_SECS * 1_000_000)
    .fetch_all(db)
    .await
    .step("look for deliveries")?
    .iter()
    .map(delivery)
    .collect()
}

fn delivery(row: &SqliteRow) -> Result<Delivery, StoreError> {
    let turn = rows::turn(row)?
        .ok_or_else(|| StoreError::Corrupt { what: "a delivery", detail: "its turn has no number".into() })?;
    Ok(Delivery {
        id: rows::get(row, "id")?,
        conversation: ConversationId(rows::get(row, "conversation")?),
        address: Channel::Telegram { bot: rows::get(row, "bot")?, chat: rows::get(row, "chat")? },
        language: rows::conversation(row)?.language,
        turn,
        parts_sent: rows::get(row, "parts_sent")?,
        attempts: rows::get(row, "attempts")?,
    })
}

/// The attempt counts from here: one that crashes has been made.
async fn mark(db: &mut SqliteConnection, id: i64, until: Timestamp) -> Result<(), StoreError> {
    sqlx::query("update outbox set lease_until = ?2, attempts = attempts + 1 where id = ?1")
        .bind(id)
        .bind(us(until))
        .execute(db)
        .await
        .step("lease a delivery")?;
    Ok(())
}

/// A row that is settled stays as it is: a late answer of an expired lease changes nothing.
pub async fn settle(db: &mut SqliteConnection, id: i64, result: Delivered) -> Result<(), StoreError> {
    if let Delivered::Whole { message: Some(message) } | Delivered::Part { message: Some(message) } = &result {
        note_message(&mut *db, id, None, *message).await?;
    }
    let query = match result {
        Delivered::Whole { message } => sqlx::query(
            "update outbox set state = 'done', message = ?2, lease_until = null, why = null where id = ?1 and state = 'due'",
        )
        .bind(id)
        .bind(message.map(|message| message.to_string())),
        Delivered::Part { .. } => {
            sqlx::query("update outbox set parts_sent = parts_sent + 1 where id = ?1 and state = 'due'").bind(id)
        }
        Delivered::Later { due, why } => sqlx::query(
            "update outbox set due_at = ?2, lease_until = null, why = ?3 where id = ?1 and state = 'due'",
        )
        .bind(id)
        .bind(us(due))
        .bind(shortened(&why)),
        Delivered::Dead { why } => sqlx::query(
            "update outbox set state = 'dead', why = ?2, lease_until = null where id = ?1 and state = 'due'",
        )
        .bind(id)
        .bind(shortened(&why)),
    };
    query.execute(db).await.step("settle a delivery")?;
    Ok(())
}

pub async fn forget_message(db: &mut SqliteConnection, bot: String, chat: i64, message: i64) -> Result<(), StoreError> {
    sqlx::query("delete from channel_messages where bot = ?1 and chat = ?2 and message = ?3")
        .bind(bot)
        .bind(chat)
        .bind(message)
        .execute(db)
        .await
        .step("forget a message")?;
    Ok(())
}

/// As which message a part of a delivery under way stands in the chat; `None`: the part that is next to be settled.
pub async fn note_message(
    db: &mut SqliteConnection,
    delivery: i64,
    part: Option<u32>,
    message: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert or ignore into channel_messages (bot, chat, message, conversation, turn, part) \
         select bot, chat, ?2, conversation, turn, coalesce(?3, parts_sent) from outbox where id = ?1 and state = 'due'",
    )
    .bind(delivery)
    .bind(message)
    .bind(part)
    .execute(db)
    .await
    .step("note a message")?;
    Ok(())
}

/// Rows behind the first of their conversation do not count: they cannot go before it, and would wake the caller for nothing.
pub async fn next_at(db: &SqlitePool, bot: &str) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<i64> = sqlx::query_scalar(
        "select min(max(o.due_at, coalesce(o.lease_until, o.due_at))) from outbox o where o.bot = ?1 and o.state = 'due' \
         and not exists (select 1 from outbox e where e.conversation = o.conversation and e.state = 'due' \
         and e.channel = o.channel and e.id < o.id)",
    )
    .bind(bot)
    .fetch_one(db)
    .await
    .step("look for the next delivery")?;
    at.map(|at| moment(at, "a delivery's time")).transpose()
}

/// What waits for a bot, and what could not be delivered of what was said after `since`.
pub async fn waiting(db: &SqlitePool, bot: &str, since: Timestamp) -> Result<WaitingDeliveries, StoreError> {
    let (n_due, oldest, n_dead): (i64, Option<i64>, i64) = sqlx::query_as(
        "select count(*), min(created), (select count(*) from outbox where bot = ?1 and state = 'dead' and created > ?2) \
         from outbox where bot = ?1 and state = 'due'",
    )
    .bind(bot)
    .bind(us(since))
    .fetch_one(db)
    .await
    .step("count deliveries")?;
    let oldest_at = oldest.map(|at| moment(at, "a delivery's time")).transpose()?;
    Ok(WaitingDeliveries { n_due: n_due as u64, oldest_at, n_dead: n_dead as u64 })
}

pub(super) fn shortened(why: &str) -> String {
    why.chars().take(WHY_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::super::SqliteStore;
    use super::super::testing::*;
    use super::*;
    use crate::domain::testing::at;
    use crate::store::Store;

    /// The customer asks something and the bot answers with `text`.
    async fn bot_says(store: &SqliteStore, id: &ConversationId, text: &str, secs: i64) {
        let read = keep(store, id, customer_says(text, "A question")).await.conversation;
        store.commit(change(&read, bot_answers(&read, text), at(secs))).await.unwrap();
    }

    async fn lease(store: &SqliteStore, secs: i64) -> Vec<Delivery> {
        store.lease_deliveries("shop_bot", at(secs), at(secs + 30), 10).await.unwrap()
    }

    async fn next(store: &SqliteStore) -> Option<Timestamp> {
        store.next_delivery_at("shop_bot").await.unwrap()
    }

    fn texts(deliveries: &[Delivery]) -> Vec<&str> {
        deliveries.iter().map(|delivery| delivery.turn.text.as_str()).collect()
    }

    #[tokio::test]
    async fn only_what_is_pushed_and_only_what_we_said() {
        let fixture = Fixture::new().await;
        let web = open_web(&fixture.store, "a").await;
        bot_says(&fixture.store, &web, "For the widget", 1).await;
        assert_eq!(next(&fixture.store).await, None);
        let chat = open_telegram(&fixture.store, -42).await;
        bot_says(&fixture.store, &chat, "For the chat", 2).await;
        let leased = lease(&fixture.store, 3).await;
        assert_eq!(texts(&leased), ["For the chat"]);
        assert_eq!(leased[0].address, Channel::Telegram { bot: "shop_bot".into(), chat: -42 });
        assert_eq!(leased[0].language, Some(crate::domain::Language::En));
        assert!(fixture.store.lease_deliveries("other_bot", at(3), at(9), 10).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn nothing_overtakes_in_a_conversation() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let (one, two) = (open_telegram(store, 1).await, open_telegram(store, 2).await);
        bot_says(store, &one, "first", 1).await;
        bot_says(store, &one, "second", 2).await;
        bot_says(store, &two, "other", 3).await;
        let leased = lease(store, 10).await;
        assert_eq!(texts(&leased), ["first", "other"]);
        assert!(lease(store, 11).await.is_empty(), "leased");
        assert_eq!(next(store).await, Some(at(40)), "when the lease ends");

        store
            .settle_delivery(leased[0].id, Delivered::Later { due: at(60), why: "too many requests".into() })
            .await
            .unwrap();
        store.settle_delivery(leased[1].id, Delivered::Whole { message: Some(77) }).await.unwrap();
        assert_eq!(next(store).await, Some(at(60)));
        assert!(lease(store, 59).await.is_empty(), "the second waits for the first");

        let leased = lease(store, 60).await;
        assert_eq!((texts(&leased), leased[0].attempts), (vec!["first"], 1));
        store.settle_delivery(leased[0].id, Delivered::Part { message: None }).await.unwrap();
        // The worker dies; another takes over when the lease has ended, from the second part.
        let leased = lease(store, 90).await;
        assert_eq!((texts(&leased), leased[0].attempts, leased[0].parts_sent), (vec!["first"], 2, 1));
        store.settle_delivery(leased[0].id, Delivered::Whole { message: None }).await.unwrap();
        // A late answer to the lost lease changes nothing.
        store.settle_delivery(leased[0].id, Delivered::Later { due: at(99), why: "late".into() }).await.unwrap();

        let leased = lease(store, 91).await;
        assert_eq!(texts(&leased), ["second"]);
        store
            .settle_delivery(leased[0].id, Delivered::Dead { why: "the customer blocked the bot".into() })
            .await
            .unwrap();
        assert_eq!(next(store).await, None);
        let states =
            "select state || ' ' || coalesce(message, '-') || ' ' || coalesce(why, '-') from outbox order by id";
        assert_eq!(
            fixture.look::<String>(states).await,
            ["done - -", "dead - the customer blocked the bot", "done 77 -"]
        );
    }
}
