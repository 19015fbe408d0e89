//! Records planned events: numbers each, writes its rows, then the conversation's own. Called by the writer alone.

use super::handoffs::{self, NewHandoff};
use super::rows::{self, Step, name_of, number, us};
use super::{Brief, StoreError, Trace};
use crate::domain::conversation::NewTurn;
use crate::domain::{Channel, Conversation, Event, Outcome, Phase, Seq, Speaker, Timestamp};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

/// A conversation with what only its row knows.
pub struct Stored {
    pub conversation: Conversation,
    oldest_unanswered_at: Option<i64>,
}

impl Stored {
    /// From `state` and `oldest_unanswered_at`.
    pub fn of(row: &SqliteRow) -> Result<Self, StoreError> {
        Ok(Self {
            conversation: rows::conversation(row)?,
            oldest_unanswered_at: rows::get(row, "oldest_unanswered_at")?,
        })
    }
}

/// What a change brings beside its events; each is stored with the first event that it belongs to.
#[derive(Default)]
pub struct Extras {
    pub trace: Option<Trace>,
    pub brief: Option<Brief>,
    pub comment: Option<String>,
}

pub async fn record(
    db: &mut SqliteConnection,
    before: Stored,
    events: &[Event],
    mut extras: Extras,
    now: Timestamp,
) -> Result<Conversation, StoreError> {
    let mut after = before.conversation.clone();
    for event in events {
        let seq = after.apply(event, now);
        insert_event(db, &after, seq, event, now).await?;
        match event {
            Event::Said(turn) => {
                insert_turn(db, &after, seq, turn, now).await?;
                if turn.by != Speaker::Customer {
                    insert_delivery(db, &after, seq, now).await?;
                }
            }
            Event::Decided { .. } => {
                if let Some(trace) = extras.trace.take() {
                    insert_trace(db, &after, seq, &trace).await?;
                }
            }
            Event::HandedOff { reason, queue } => {
                handoffs::close(db, &after, "superseded", now).await?;
                let brief = extras.brief.take();
                handoffs::insert(db, &after, seq, NewHandoff { reason: *reason, queue, brief: brief.as_ref(), now })
                    .await?;
            }
            Event::Claimed { agent } => handoffs::claim(db, &after, agent.as_str(), now).await?,
            Event::HandedBack { agent: Some(_) } => handoffs::close(db, &after, "handed_back", now).await?,
            Event::HandedBack { agent: None } => handoffs::close(db, &after, "did_not_wait", now).await?,
            Event::Resolved { outcome: Outcome::Solved, .. } => handoffs::close(db, &after, "solved", now).await?,
            Event::Resolved { outcome: Outcome::Unsolved, .. } => handoffs::close(db, &after, "unsolved", now).await?,
            Event::Reopened => handoffs::close(db, &after, "superseded", now).await?,
            Event::Rated { score } => insert_rating(db, &after, seq, *score, extras.comment.take(), now).await?,
            Event::Released { .. } | Event::Reminded | Event::Helped { .. } => {}
        }
    }
    handoffs::stand_in_line(db, &before.conversation, &after).await?;
    update_conversation(db, &before, &after, now).await?;
    Ok(after)
}

/// Every text of or about a customer goes through here. Returns what other tables point with.
pub async fn insert_words(
    db: &mut SqliteConnection,
    conversation: &Conversation,
    text: &str,
) -> Result<i64, StoreError> {
    let done = sqlx::query("insert into words (customer, text) values (?1, ?2)")
        .bind(conversation.customer.as_str())
        .bind(text)
        .execute(db)
        .await
        .step("keep words")?;
    Ok(done.last_insert_rowid())
}

async fn insert_event(
    db: &mut SqliteConnection,
    conversation: &Conversation,
    seq: Seq,
    event: &Event,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("insert into events (conversation, seq, at, event) values (?1, ?2, ?3, ?4)")
        .bind(conversation.id.as_str())
        .bind(number(seq))
        .bind(us(now))
        .bind(rows::to_json(event, "an event")?)
        .execute(db)
        .await
        .step("keep an event")?;
    Ok(())
}

async fn insert_turn(
    db: &mut SqliteConnection,
    conversation: &Conversation,
    seq: Seq,
    turn: &NewTurn,
    now: Timestamp,
) -> Result<(), StoreError> {
    let words = insert_words(db, conversation, &turn.text).await?;
    let html = match &turn.html {
        Some(html) => Some(insert_words(db, conversation, html).await?),
        None => None,
    };
    let (by_kind, agent) = match &turn.by {
        Speaker::Customer => ("customer", None),
        Speaker::Bot => ("bot", None),
        Speaker::System => ("system", None),
        Speaker::Agent(agent) => ("agent", Some(agent.as_str())),
    };
    let decision = turn.decision.map(|decision| name_of(&decision, "a turn's decision")).transpose()?;
    sqlx::query(
        "insert into turns (conversation, first_seq, seq, by_kind, agent, kind, client_id, words, html, options, \
         decision, article, queue, at) values (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )
    .bind(conversation.id.as_str())
    .bind(number(seq))
    .bind(by_kind)
    .bind(agent)
    .bind(name_of(&turn.kind, "a turn's kind")?)
    .bind(turn.client_id.as_deref())
    .bind(words)
    .bind(html)
    .bind(rows::to_json(&turn.options, "a turn's options")?)
    .bind(decision)
    .bind(turn.article.as_ref().map(|article| article.as_str()))
    .bind(turn.queue.as_ref().map(|queue| queue.as_str()))
    .bind(us(now))
    .execute(db)
    .await
    .step("keep a turn")?;
    Ok(())
}

/// Nothing for a channel that fetches by itself.
async fn insert_delivery(
    db: &mut SqliteConnection,
    conversation: &Conversation,
    seq: Seq,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Channel::Telegram { bot, chat } = &conversation.channel else { return Ok(()) };
    sqlx::query(
        "insert into outbox (conversation, turn, channel, bot, chat, created, due_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
    )
    .bind(conversation.id.as_str())
    .bind(number(seq))
    .bind(rows::channel_kind(&conversation.channel))
    .bind(bot)
    .bind(*chat)
    .bind(us(now))
    .execute(db)
    .await
    .step("put a turn into the outbox")?;
    Ok(())
}

async fn insert_trace(
    db: &mut SqliteConnection,
    conversation: &Conversation,
    seq: Seq,
    trace: &Trace,
) -> Result<(), StoreError> {
    let words = insert_words(db, conversation, &rows::to_json(trace, "a trace")?).await?;
    sqlx::query("insert into traces (conversation, seq, words) values (?1, ?2, ?3)")
        .bind(conversation.id.as_str())
        .bind(number(seq))
        .bind(words)
        .execute(db)
        .await
        .step("keep a trace")?;
    Ok(())
}

async fn insert_rating(
    db: &mut SqliteConnection,
    conversation: &Conversation,
    seq: Seq,
    score: u8,
    comment: Option<String>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let comment = match comment {
        Some(comment) => Some(insert_words(db, conversation, &comment).await?),
        None => None,
    };
    sqlx::query("insert into ratings (conversation, seq, score, comment, at) values (?1, ?2, ?3, ?4, ?5)")
        .bind(conversation.id.as_str())
        .bind(number(seq))
        .bind(score)
        .bind(comment)
        .bind(us(now))
        .execute(db)
        .await
        .step("keep a rating")?;
    Ok(())
}

async fn update_conversation(
    db: &mut SqliteConnection,
    before: &Stored,
    after: &Conversation,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (queue, waiting_since) = match &after.phase {
        Phase::Waiting { queue, since, .. } => (Some(queue.as_str()), Some(us(*since))),
        Phase::WithAgent { queue, waiting_since, .. } => (Some(queue.as_str()), Some(us(*waiting_since))),
        Phase::WithBot { .. } | Phase::Resolved { .. } => (None, None),
    };
    let oldest_unanswered_at = oldest_unanswered_at(db, before, after, now).await?;
    let done = sqlx::query(
        "update conversations set state = ?3, phase = ?4, phase_since = ?5, agent = ?6, queue = ?7, waiting_since = ?8, \
         version = ?9, owner_epoch = ?10, oldest_unanswered_at = ?11, updated_at = ?12 where id = ?1 and version = ?2",
    )
    .bind(after.id.as_str())
    .bind(number(before.conversation.version))
    .bind(rows::to_json(after, "a conversation's state")?)
    .bind(after.phase.name())
    .bind(us(after.phase.since()))
    .bind(after.phase.agent().map(|agent| agent.as_str()))
    .bind(queue)
    .bind(waiting_since)
    .bind(number(after.version))
    .bind(number(after.owner_epoch))
    .bind(oldest_unanswered_at)
    .bind(us(now))
    .execute(db)
    .await
    .step("keep a conversation's state")?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// When the first turn without a reaction was said. Only answering a part of several asks the database.
async fn oldest_unanswered_at(
    db: &mut SqliteConnection,
    before: &Stored,
    after: &Conversation,
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let Some(&oldest) = after.unanswered.first() else { return Ok(None) };
    if before.conversation.unanswered.first() == Some(&oldest) {
        return Ok(before.oldest_unanswered_at);
    }
    if oldest > before.conversation.version {
        return Ok(Some(us(now)));
    }
    sqlx::query_scalar("select at from turns where conversation = ?1 and first_seq = ?2")
        .bind(after.id.as_str())
        .bind(number(oldest))
        .fetch_one(db)
        .await
        .map(Some)
        .step("read when a turn was said")
}
