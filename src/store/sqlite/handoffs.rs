//! The rows of a move to people, and the line they stand in. Called by `record` as the phase changes.

use super::record::insert_words;
use super::rows::{self, Step, number, us};
use super::{Brief, StoreError};
use crate::domain::{Conversation, Phase, QueueName, Reason, Seq, Timestamp};
use sqlx::SqliteConnection;

pub struct NewHandoff<'a> {
    pub reason: Reason,
    pub queue: &'a QueueName,
    pub brief: Option<&'a Brief>,
    pub now: Timestamp,
}

pub async fn insert(
    db: &mut SqliteConnection,
    conversation: &Conversation,
    seq: Seq,
    new: NewHandoff<'_>,
) -> Result<(), StoreError> {
    let brief = match new.brief {
        Some(brief) => Some(insert_words(db, conversation, &rows::to_json(brief, "a brief")?).await?),
        None => None,
    };
    sqlx::query("insert into handoffs (conversation, seq, reason, queue, at, brief) values (?1, ?2, ?3, ?4, ?5, ?6)")
        .bind(conversation.id.as_str())
        .bind(number(seq))
        .bind(new.reason.name())
        .bind(new.queue.as_str())
        .bind(us(new.now))
        .bind(brief)
        .execute(db)
        .await
        .step("keep a handoff")?;
    Ok(())
}

pub async fn claim(
    db: &mut SqliteConnection,
    conversation: &Conversation,
    agent: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "update handoffs set claimed_at = coalesce(claimed_at, ?3), claimed_by = ?2 \
         where conversation = ?1 and closed_at is null",
    )
    .bind(conversation.id.as_str())
    .bind(agent)
    .bind(us(now))
    .execute(db)
    .await
    .step("claim a handoff")?;
    Ok(())
}

pub async fn close(
    db: &mut SqliteConnection,
    conversation: &Conversation,
    outcome: &'static str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("update handoffs set closed_at = ?3, outcome = ?2 where conversation = ?1 and closed_at is null")
        .bind(conversation.id.as_str())
        .bind(outcome)
        .bind(us(now))
        .execute(db)
        .await
        .step("close a handoff")?;
    Ok(())
}

/// A row in the queue exactly while it waits.
pub async fn stand_in_line(
    db: &mut SqliteConnection,
    before: &Conversation,
    after: &Conversation,
) -> Result<(), StoreError> {
    if before.phase == after.phase {
        return Ok(());
    }
    match (&before.phase, &after.phase) {
        (_, Phase::Waiting { queue, since, .. }) => sqlx::query(
            "insert into queue_entries (conversation, queue, priority, since) \
             select id, ?2, priority, ?3 from conversations where id = ?1 \
             on conflict (conversation) do update set queue = excluded.queue, since = excluded.since",
        )
        .bind(after.id.as_str())
        .bind(queue.as_str())
        .bind(us(*since))
        .execute(db)
        .await
        .step("put a conversation in line")?,
        (Phase::Waiting { .. }, Phase::WithBot { .. } | Phase::WithAgent { .. } | Phase::Resolved { .. }) => {
            sqlx::query("delete from queue_entries where conversation = ?1")
                .bind(after.id.as_str())
                .execute(db)
                .await
                .step("take a conversation out of the line")?
        }
        (
            Phase::WithBot { .. } | Phase::WithAgent { .. } | Phase::Resolved { .. },
            Phase::WithBot { .. } | Phase::WithAgent { .. } | Phase::Resolved { .. },
        ) => return Ok(()),
    };
    Ok(())
}
