//! Files that are still to be fetched from a channel: kept once, fetched, said, and known for a while after.

use super::batch::Batch;
use super::rows::{self, Step, get, moment, us};
use super::{ComingFile, Fetched, NewComingFile, Progress, StoreError};
use crate::domain::{AttachmentId, ConversationId, CustomerId, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool};

/// Channels repeat what was not confirmed for a day (Telegram Bot API, getUpdates).
const KNOWN_FOR_SECS: i64 = 3 * 24 * 3600;
const READ_AT_ONCE: u32 = 200;

/// Nothing when the message is known already, or the conversation is gone.
pub async fn keep(db: &mut SqliteConnection, new: NewComingFile) -> Result<(), StoreError> {
    let row: Option<(String, i64, bool)> = sqlx::query_as(
        "select customer, coalesce((select max(id) from words), 0), \
         exists (select 1 from coming_files where bot = ?2 and chat = ?3 and message = ?4) \
         from conversations where id = ?1 and erased_at is null",
    )
    .bind(new.conversation.as_str())
    .bind(&new.bot)
    .bind(new.chat)
    .bind(new.message)
    .fetch_optional(&mut *db)
    .await
    .step("read a conversation")?;
    let Some((customer, last_words, false)) = row else { return Ok(()) };
    let customer = CustomerId(customer);
    let mut batch = Batch::after(last_words);
    let name = new.name.as_ref().map(|name| batch.words(&customer, name));
    let caption = new.caption.as_ref().map(|caption| batch.words(&customer, caption));
    batch
        .then("delete from coming_files where state = 'said' and at < ?")
        .bind(us(new.now) - KNOWN_FOR_SECS * 1_000_000);
    batch
        .then(
            "insert into coming_files (bot, chat, message, conversation, album, kind, file, name, caption, due_at, at) \
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(new.bot)
        .bind(new.chat)
        .bind(new.message)
        .bind(new.conversation.as_str())
        .bind(new.album)
        .bind(new.kind)
        .bind(new.file)
        .bind(name)
        .bind(caption)
        .bind(us(new.now))
        .bind(us(new.now));
    batch.write(db, "keep that a file comes").await
}

/// Of one bot, in the order of their messages within a chat.
pub async fn coming(db: &SqlitePool, bot: &str) -> Result<Vec<ComingFile>, StoreError> {
    sqlx::query(
        "select f.chat, f.message, f.conversation, f.album, f.kind, f.file, f.attachment, f.lost, f.attempts, f.due_at, f.at, \
         n.text as name, c.text as caption \
         from coming_files f left join words n on n.id = f.name left join words c on c.id = f.caption \
         where f.bot = ?1 and f.state = 'due' order by f.at, f.chat, f.message limit ?2",
    )
    .bind(bot)
    .bind(READ_AT_ONCE)
    .fetch_all(db)
    .await
    .step("look for files that come")?
    .iter()
    .map(coming_file)
    .collect()
}

fn coming_file(row: &SqliteRow) -> Result<ComingFile, StoreError> {
    let progress = match (get::<Option<String>>(row, "attachment")?, get::<Option<String>>(row, "lost")?) {
        (Some(attachment), _) => Progress::Fetched(AttachmentId(attachment)),
        (None, Some(why)) => Progress::Lost(why),
        (None, None) => Progress::Coming,
    };
    Ok(ComingFile {
        chat: get(row, "chat")?,
        message: get(row, "message")?,
        conversation: ConversationId(get(row, "conversation")?),
        album: get(row, "album")?,
        kind: get(row, "kind")?,
        file: get(row, "file")?,
        name: get(row, "name")?,
        caption: get(row, "caption")?,
        progress,
        attempts: get(row, "attempts")?,
        due_at: moment(get(row, "due_at")?, "a file's time")?,
        at: moment(get(row, "at")?, "a file's time")?,
    })
}

pub async fn settle(
    db: &mut SqliteConnection,
    bot: String,
    chat: i64,
    message: i64,
    fetched: Fetched,
) -> Result<(), StoreError> {
    let query = match fetched {
        Fetched::Whole(attachment) => sqlx::query(
            "update coming_files set attachment = ?4 where bot = ?1 and chat = ?2 and message = ?3 and lost is null",
        )
        .bind(bot)
        .bind(chat)
        .bind(message)
        .bind(attachment.0),
        Fetched::Later { due } => sqlx::query(
            "update coming_files set attempts = attempts + 1, due_at = ?4 where bot = ?1 and chat = ?2 and message = ?3",
        )
        .bind(bot)
        .bind(chat)
        .bind(message)
        .bind(us(due)),
        Fetched::Never { why } => sqlx::query(
            "update coming_files set lost = ?4 where bot = ?1 and chat = ?2 and message = ?3 and attachment is null",
        )
        .bind(bot)
        .bind(chat)
        .bind(message)
        .bind(super::outbox::shortened(&why)),
    };
    query.execute(db).await.step("settle a file that came")?;
    Ok(())
}

pub async fn said(db: &mut SqliteConnection, bot: String, chat: i64, messages: Vec<i64>) -> Result<(), StoreError> {
    let messages = rows::to_json(&messages, "messages")?;
    sqlx::query(
        "update coming_files set state = 'said' where bot = ?1 and chat = ?2 \
         and message in (select value from json_each(?3))",
    )
    .bind(bot)
    .bind(chat)
    .bind(messages)
    .execute(db)
    .await
    .step("settle files that were said")?;
    Ok(())
}

/// Whether that was news.
pub async fn set_reachable(
    db: &mut SqliteConnection,
    id: ConversationId,
    unreachable_since: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let changed = sqlx::query(
        "update conversations set unreachable_since = ?2 \
         where id = ?1 and (unreachable_since is null) = (?2 is not null) and erased_at is null",
    )
    .bind(id.as_str())
    .bind(unreachable_since.map(us))
    .execute(db)
    .await
    .step("keep whether a customer can be reached")?;
    Ok(changed.rows_affected() > 0)
}

pub async fn unreachable_since(db: &SqlitePool, id: &ConversationId) -> Result<Option<Timestamp>, StoreError> {
    let since: Option<Option<i64>> = sqlx::query_scalar("select unreachable_since from conversations where id = ?1")
        .bind(id.as_str())
        .fetch_optional(db)
        .await
        .step("read whether a customer can be reached")?;
    since.flatten().map(|since| moment(since, "a time")).transpose()
}
