//! Letters in the outbox: wished or called for by a reply, leased by one carrier at a time, sealed when they are first sent.

use super::batch::Batch;
use super::outbox::{FAR_AHEAD_SECS, shortened};
use super::rows::{self, Step, moment, number, us};
use super::{Letter, LetterBounds, LetterKind, NewTranscript, Posted, Sealed, StoreError, WishKept};
use crate::domain::{Channel, Conversation, ConversationId, NewTurn, Rules, Seq, Speaker, Timestamp, TurnKind};
use jiff::SignedDuration;
use sqlx::sqlite::SqliteRow;
use sqlx::{Sqlite, SqliteConnection, SqlitePool};

const HOUR_SECS: i64 = 3_600;

/// A reply of an agent calls for a letter, unless one is already waiting that will tell it too. Whether the customer is away is judged when
/// it is due.
pub fn insert_after_reply(
    batch: &mut Batch,
    conversation: &Conversation,
    seq: Seq,
    turn: &NewTurn,
    rules: &Rules,
    now: Timestamp,
) {
    let (Channel::Web, Speaker::Agent(_), TurnKind::Text, Some(secs)) =
        (&conversation.channel, &turn.by, turn.kind, rules.mail_after_secs)
    else {
        return;
    };
    batch
        .then(
            "insert into outbox (conversation, turn, channel, letter, created, due_at) select ?, ?, 'mail', 'replies', ?, ? \
             where not exists (select 1 from outbox where conversation = ? and letter = 'replies' and state = 'due' \
             and through is null)",
        )
        .bind(conversation.id.as_str())
        .bind(number(seq))
        .bind(us(now))
        .bind(us(now + SignedDuration::from_secs(i64::from(secs))))
        .bind(conversation.id.as_str());
}

/// It tells what has been said until now, and says the same however often it is sent.
pub async fn keep_wish(db: &mut SqliteConnection, wish: NewTranscript) -> Result<WishKept, StoreError> {
    let row = sqlx::query(
        "select c.customer, coalesce((select max(id) from words), 0) as last_words, \
         (select max(first_seq) from turns where conversation = c.id and kind <> 'note') as through, \
         (select min(first_seq) from turns where conversation = c.id) as first \
         from conversations c where c.id = ?1 and c.erased_at is null",
    )
    .bind(wish.conversation.as_str())
    .fetch_optional(&mut *db)
    .await
    .step("read a conversation")?;
    let Some(row) = row else { return Ok(WishKept::NoSuchConversation) };
    let Some(through) = rows::get::<Option<i64>>(&row, "through")? else { return Ok(WishKept::NothingSaid) };
    let mut batch = Batch::after(rows::get(&row, "last_words")?);
    let customer = crate::domain::CustomerId(rows::get(&row, "customer")?);
    let address = batch.words(&customer, &wish.address);
    batch
        .then(
            "insert into outbox (conversation, turn, channel, letter, through, address, created, due_at) \
             values (?, ?, 'mail', 'transcript', ?, ?, ?, ?)",
        )
        .bind(wish.conversation.as_str())
        .bind(through)
        .bind(through)
        .bind(address)
        .bind(us(wish.now))
        .bind(us(wish.now));
    batch.write(db, "keep a wish for a transcript").await?;
    Ok(WishKept::Kept)
}

pub async fn lease(
    db: &mut SqliteConnection,
    bounds: LetterBounds,
    now: Timestamp,
    until: Timestamp,
) -> Result<Vec<Letter>, StoreError> {
    let (n_sent, _) = sent_within_the_hour(&mut *db, now).await?;
    let limit = bounds.per_hour.saturating_sub(n_sent).min(bounds.at_once);
    let rows = sqlx::query(
        "select o.id, o.conversation, o.letter, o.turn, o.through, o.created, o.attempts, w.text as address \
         from outbox o left join words w on w.id = o.address where o.channel = 'mail' and o.state = 'due' \
         and o.due_at not between ?1 + 1 and ?2 and (o.lease_until is null or o.lease_until not between ?1 + 1 and ?2) \
         order by o.due_at, o.id limit ?3",
    )
    .bind(us(now))
    .bind(us(now) + FAR_AHEAD_SECS * 1_000_000)
    .bind(limit)
    .fetch_all(&mut *db)
    .await
    .step("look for letters")?;
    let letters = rows.iter().map(letter).collect::<Result<Vec<_>, _>>()?;
    for letter in &letters {
        sqlx::query("update outbox set lease_until = ?2 where id = ?1")
            .bind(letter.id)
            .bind(us(until))
            .execute(&mut *db)
            .await
            .step("lease a letter")?;
    }
    Ok(letters)
}

fn letter(row: &SqliteRow) -> Result<Letter, StoreError> {
    let kind = match rows::get::<&str>(row, "letter")? {
        "replies" => LetterKind::Replies,
        "transcript" => LetterKind::Transcript,
        other => return Err(StoreError::Corrupt { what: "a letter", detail: other.to_owned() }),
    };
    let turn: Seq = rows::get::<i64>(row, "turn")?.unsigned_abs();
    let through: Option<i64> = rows::get(row, "through")?;
    let from = match kind {
        LetterKind::Replies => turn,
        LetterKind::Transcript => 0,
    };
    let address: Option<String> = rows::get(row, "address")?;
    let sealed =
        through.zip(address).map(|(through, address)| Sealed { from, through: through.unsigned_abs(), address });
    Ok(Letter {
        id: rows::get(row, "id")?,
        conversation: ConversationId(rows::get(row, "conversation")?),
        kind,
        created_at: moment(rows::get(row, "created")?, "a letter's time")?,
        attempts: rows::get(row, "attempts")?,
        turn,
        sealed,
    })
}

/// The replies from `from` to the last one said go to `address`, and later replies call for another letter. Counts an attempt. A sealed
/// letter stays as it is. `None`: it is gone, with its customer's words.
pub async fn seal(
    db: &mut SqliteConnection,
    id: i64,
    from: Seq,
    address: String,
) -> Result<Option<Sealed>, StoreError> {
    let row = sqlx::query(
        "select o.conversation, o.letter, o.turn, o.through, w.text as address, c.customer, \
         coalesce((select max(id) from words), 0) as last_words, \
         (select max(first_seq) from turns where conversation = o.conversation and by_kind = 'agent' and kind = 'text') as last_reply \
         from outbox o join conversations c on c.id = o.conversation left join words w on w.id = o.address \
         where o.id = ?1 and o.state = 'due'",
    )
    .bind(id)
    .fetch_optional(&mut *db)
    .await
    .step("read a letter")?;
    let Some(row) = row else { return Ok(None) };
    let mut batch = Batch::after(rows::get(&row, "last_words")?);
    batch.then("update outbox set attempts = attempts + 1 where id = ?").bind(id);
    let before: Option<i64> = rows::get(&row, "through")?;
    let known: Option<String> = rows::get(&row, "address")?;
    let sealed = match before.zip(known) {
        Some((through, address)) => {
            let is_transcript = rows::get::<&str>(&row, "letter")? == "transcript";
            let from = if is_transcript { 0 } else { rows::get::<i64>(&row, "turn")?.unsigned_abs() };
            Sealed { from, through: through.unsigned_abs(), address }
        }
        None => {
            let through: i64 = rows::get::<Option<i64>>(&row, "last_reply")?.unwrap_or(number(from));
            let customer = crate::domain::CustomerId(rows::get(&row, "customer")?);
            let words = batch.words(&customer, &address);
            batch
                .then("update outbox set turn = ?, through = ?, address = ? where id = ?")
                .bind(number(from))
                .bind(through)
                .bind(words)
                .bind(id);
            Sealed { from, through: through.unsigned_abs(), address }
        }
    };
    batch.write(db, "seal a letter").await?;
    Ok(Some(sealed))
}

/// A letter that is settled stays as it is.
pub async fn settle(db: &mut SqliteConnection, id: i64, posted: Posted, now: Timestamp) -> Result<(), StoreError> {
    let (state, message, why, due) = match &posted {
        Posted::Sent { message } => ("done", Some(message.as_str()), None, None),
        Posted::Later { due, why } => ("due", None, Some(why.as_str()), Some(us(*due))),
        Posted::Dead { why } => ("dead", None, Some(why.as_str()), None),
        Posted::Moot { why } => ("moot", None, Some(why.as_str()), None),
    };
    sqlx::query(
        "update outbox set state = ?2, message = ?3, why = ?4, due_at = coalesce(?5, due_at), lease_until = null, \
         settled_at = case when ?2 = 'due' then null else ?6 end where id = ?1 and state = 'due'",
    )
    .bind(id)
    .bind(state)
    .bind(message)
    .bind(why.map(shortened))
    .bind(due)
    .bind(us(now))
    .execute(db)
    .await
    .step("settle a letter")?;
    Ok(())
}

/// `None`: no letter waits. Where the hour's letters are used up, when the next may go.
pub async fn next_at(db: &SqlitePool, per_hour: u32, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<i64> = sqlx::query_scalar(
        "select min(max(due_at, coalesce(lease_until, due_at))) from outbox where channel = 'mail' and state = 'due'",
    )
    .fetch_one(db)
    .await
    .step("look for the next letter")?;
    let Some(at) = at else { return Ok(None) };
    let due = moment(at, "a letter's time")?;
    Ok(Some(match sent_within_the_hour(db, now).await? {
        (n_sent, Some(first)) if n_sent >= per_hour => due.max(first + SignedDuration::from_secs(HOUR_SECS)),
        _ => due,
    }))
}

/// How many, and when the first of them went.
async fn sent_within_the_hour<'e>(
    db: impl sqlx::Executor<'e, Database = Sqlite>,
    now: Timestamp,
) -> Result<(u32, Option<Timestamp>), StoreError> {
    let (n_sent, first): (u32, Option<i64>) = sqlx::query_as(
        "select count(*), min(settled_at) from outbox \
         where channel = 'mail' and state = 'done' and settled_at between ?1 and ?2",
    )
    .bind(us(now) - HOUR_SECS * 1_000_000 + 1)
    .bind(us(now))
    .fetch_one(db)
    .await
    .step("count the letters of the hour")?;
    Ok((n_sent, first.map(|us| moment(us, "a letter's time")).transpose()?))
}

#[cfg(test)]
mod tests {
    use super::super::SqliteStore;
    use super::super::testing::*;
    use super::*;
    use crate::domain::testing::at;
    use crate::store::{Change, Store};
    use std::sync::Arc;

    const BOUNDS: LetterBounds = LetterBounds { at_once: 10, per_hour: 3 };

    /// A conversation with an agent, under rules that send letters.
    async fn with_anna(store: &SqliteStore, client_id: &str) -> ConversationId {
        let id = open_web(store, client_id).await;
        does(store, &id, asks_for_person(), 1).await;
        does(store, &id, claims("anna"), 2).await;
        id
    }

    async fn anna_says(store: &SqliteStore, id: &ConversationId, text: &str, secs: i64) -> Seq {
        let rules = Arc::new(Rules { mail_after_secs: Some(300), ..Rules::default() });
        let read = store.conversation(id).await.unwrap().unwrap();
        let events = crate::domain::plan(&read, &replies("anna", text, text), &rules, at(secs)).unwrap();
        store.commit(Change { rules, ..change(&read, events, at(secs)) }).await.unwrap().version
    }

    async fn lease(store: &SqliteStore, secs: i64) -> Vec<Letter> {
        store.lease_letters(BOUNDS, at(secs), at(secs + 60)).await.unwrap()
    }

    #[tokio::test]
    async fn replies_gather_in_one_letter_until_it_is_sealed() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let id = with_anna(store, "a").await;
        let first = anna_says(store, &id, "one", 10).await;
        let second = anna_says(store, &id, "two", 20).await;
        assert!(lease(store, 309).await.is_empty(), "not yet");
        assert_eq!(store.next_letter_at(3, at(20)).await.unwrap(), Some(at(310)));
        let [letter] = lease(store, 310).await.try_into().unwrap();
        assert_eq!((letter.kind, letter.turn, letter.attempts, &letter.sealed), (LetterKind::Replies, first, 0, &None));
        assert!(lease(store, 311).await.is_empty(), "leased");
        // Said while the first is being written: it is in it.
        let third = anna_says(store, &id, "three", 312).await;
        let sealed = store.seal_letter(letter.id, second, "a@mail.example".into()).await.unwrap().unwrap();
        assert_eq!(sealed, Sealed { from: second, through: third, address: "a@mail.example".into() });
        // Said after that: another letter, and a repeat stays as it was.
        let fourth = anna_says(store, &id, "four", 313).await;
        let again = store.seal_letter(letter.id, fourth, "b@mail.example".into()).await.unwrap();
        assert_eq!(again, Some(sealed.clone()));
        let later = Posted::Later { due: at(400), why: "away".into() };
        store.settle_letter(letter.id, later, at(320)).await.unwrap();
        let [repeat] = lease(store, 400).await.try_into().unwrap();
        assert_eq!((repeat.id, repeat.attempts, repeat.sealed), (letter.id, 2, Some(sealed)));
        store.settle_letter(letter.id, Posted::Sent { message: "<1>".into() }, at(401)).await.unwrap();
        store.settle_letter(letter.id, Posted::Dead { why: "late".into() }, at(402)).await.unwrap();
        let [other] = lease(store, 613).await.try_into().unwrap();
        assert_eq!(other.turn, fourth);
        assert_eq!(fixture.look::<String>("select state from outbox order by id").await, ["done", "due"]);
    }

    #[tokio::test]
    async fn an_hour_is_full() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let id = with_anna(store, "a").await;
        for n in 0..5 {
            let wish = NewTranscript { conversation: id.clone(), address: format!("{n}@mail.example"), now: at(n) };
            assert_eq!(store.keep_transcript_wish(wish).await.unwrap(), WishKept::Kept);
        }
        let letters = lease(store, 10).await;
        assert_eq!(letters.len(), 3);
        for letter in &letters {
            store.settle_letter(letter.id, Posted::Sent { message: "<1>".into() }, at(20 + letter.id)).await.unwrap();
        }
        assert!(lease(store, 100).await.is_empty());
        let first = at(20 + letters[0].id);
        let free = first + SignedDuration::from_secs(HOUR_SECS);
        assert_eq!(store.next_letter_at(3, at(100)).await.unwrap(), Some(free));
        let leased = store.lease_letters(BOUNDS, free, free + SignedDuration::from_secs(60)).await.unwrap();
        assert_eq!(leased.len(), 1, "the second of the hour is still too young");
    }

    #[tokio::test]
    async fn who_is_pushed_to_and_who_said_nothing_gets_none() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let chat = open_telegram(store, 7).await;
        does(store, &chat, asks_for_person(), 1).await;
        does(store, &chat, claims("anna"), 2).await;
        anna_says(store, &chat, "one", 10).await;
        assert_eq!(store.next_letter_at(3, at(11)).await.unwrap(), None);
        let silent = open_web(store, "silent").await;
        let wish = |conversation| NewTranscript { conversation, address: "a@mail.example".into(), now: at(1) };
        assert_eq!(store.keep_transcript_wish(wish(silent)).await.unwrap(), WishKept::NothingSaid);
        let nowhere = ConversationId::new("nowhere");
        assert_eq!(store.keep_transcript_wish(wish(nowhere)).await.unwrap(), WishKept::NoSuchConversation);
        assert_eq!(store.seal_letter(99, 1, "a@mail.example".into()).await.unwrap(), None);
        // A letter never stands in the way of a chat.
        let leased = store.lease_deliveries("shop_bot", at(20), at(60), 10).await.unwrap();
        assert_eq!(leased.len(), 1);
    }
}
