//! Files that people send: their rows, and what belongs to none.

use super::batch::Batch;
use super::rows::{self, Step, get, us};
use super::{Held, KeptAttachment, NewAttachment, StoreError};
use crate::domain::{AgentId, Attachment, AttachmentId, ConversationId, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqliteExecutor, SqlitePool};

/// A row and its name.
macro_rules! attachment_columns {
    () => {
        "f.id, f.key, f.type, f.bytes, f.width, f.height, f.turn, w.text as name \
         from attachments f join words w on w.id = f.name"
    };
}

/// `None`: there is no such conversation, or it was erased.
pub async fn keep(
    db: &mut SqliteConnection,
    new: NewAttachment,
    key: String,
    bytes: u64,
) -> Result<Option<KeptAttachment>, StoreError> {
    let row: Option<(String, i64)> = sqlx::query_as(
        "select customer, coalesce((select max(id) from words), 0) from conversations where id = ?1 and erased_at is null",
    )
    .bind(new.conversation.as_str())
    .fetch_optional(&mut *db)
    .await
    .step("read a conversation")?;
    let Some((customer, last_words)) = row else { return Ok(None) };
    if let Some(attachment) = by_client_id(&mut *db, &new.conversation, new.agent.as_ref(), &new.client_id).await? {
        return Ok(Some(KeptAttachment { attachment, repeated: true }));
    }
    let mut batch = Batch::after(last_words);
    let name = batch.words(&crate::domain::CustomerId(customer), &new.name);
    batch
        .then(
            "insert into attachments (id, conversation, agent, client_id, key, type, bytes, width, height, name, at) \
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(new.id.as_str())
        .bind(new.conversation.as_str())
        .bind(new.agent.as_ref().map(AgentId::as_str))
        .bind(&new.client_id)
        .bind(&key)
        .bind(new.kind)
        .bind(rows::number(bytes))
        .bind(new.width)
        .bind(new.height)
        .bind(name)
        .bind(us(new.now));
    batch.write(db, "keep a file").await?;
    let attachment = Attachment {
        id: new.id,
        key,
        name: new.name,
        kind: new.kind.to_owned(),
        bytes,
        width: new.width,
        height: new.height,
    };
    Ok(Some(KeptAttachment { attachment, repeated: false }))
}

pub async fn by_client_id(
    db: impl SqliteExecutor<'_>,
    conversation: &ConversationId,
    agent: Option<&AgentId>,
    client_id: &str,
) -> Result<Option<Attachment>, StoreError> {
    let row = sqlx::query(concat!(
        "select ",
        attachment_columns!(),
        " where f.conversation = ?1 and f.client_id = ?2 and coalesce(f.agent, '') = ?3"
    ))
    .bind(conversation.as_str())
    .bind(client_id)
    .bind(agent.map_or("", AgentId::as_str))
    .fetch_optional(db)
    .await
    .step("look for a file")?;
    row.map(|row| attachment(&row)).transpose()
}

/// Those that a new turn names, in its order. `agent` is who says it; `None`: the customer.
pub async fn to_be_said(
    db: &mut SqliteConnection,
    conversation: &ConversationId,
    agent: Option<&AgentId>,
    ids: &[AttachmentId],
) -> Result<Vec<Attachment>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let row = sqlx::query(concat!(
            "select ",
            attachment_columns!(),
            " where f.id = ?1 and f.conversation = ?2 and coalesce(f.agent, '') = ?3"
        ))
        .bind(id.as_str())
        .bind(conversation.as_str())
        .bind(agent.map_or("", AgentId::as_str))
        .fetch_optional(&mut *db)
        .await
        .step("look for a file")?;
        let row = row.ok_or_else(|| StoreError::UnknownAttachment(id.clone()))?;
        if get::<Option<i64>>(&row, "turn")?.is_some() {
            return Err(StoreError::AttachmentUsed(id.clone()));
        }
        found.push(attachment(&row)?);
    }
    Ok(found)
}

/// They stand in this turn from now on; looked at by `to_be_said` before, in the same transaction.
pub fn say(batch: &mut Batch, conversation: &ConversationId, seq: i64, ids: &[AttachmentId]) {
    for (place, id) in (0i64..).zip(ids) {
        batch
            .then("update attachments set turn = ?, place = ? where id = ? and conversation = ? and turn is null")
            .bind(seq)
            .bind(place)
            .bind(id.as_str())
            .bind(conversation.as_str());
    }
}

/// The files of a turn that was taken back.
pub fn withdraw(batch: &mut Batch, conversation: &ConversationId, seq: i64) {
    batch
        .then("insert or ignore into unwanted_files select key from attachments where conversation = ? and turn = ?")
        .bind(conversation.as_str())
        .bind(seq);
    batch
        .then(
            "update words set text = printf('%*s', octet_length(text), '') \
             where id in (select name from attachments where conversation = ? and turn = ?)",
        )
        .bind(conversation.as_str())
        .bind(seq);
    batch.then("delete from attachments where conversation = ? and turn = ?").bind(conversation.as_str()).bind(seq);
}

/// What was uploaded and not said yet goes along into another conversation.
pub fn follow(batch: &mut Batch, merged: &ConversationId, into: &ConversationId) {
    batch
        .then("update or ignore attachments set conversation = ? where conversation = ? and turn is null")
        .bind(into.as_str())
        .bind(merged.as_str());
}

pub async fn held(db: &SqlitePool, conversation: &ConversationId) -> Result<Held, StoreError> {
    let (n, of_conversation, of_all): (i64, i64, i64) = sqlx::query_as(
        "select count(*), coalesce(sum(bytes), 0), (select coalesce(sum(bytes), 0) from attachments) \
         from attachments where conversation = ?1",
    )
    .bind(conversation.as_str())
    .fetch_one(db)
    .await
    .step("count files")?;
    Ok(Held {
        n_of_conversation: n.unsigned_abs(),
        bytes_of_conversation: of_conversation.unsigned_abs(),
        bytes_of_all: of_all.unsigned_abs(),
    })
}

/// What a file is called and what it is; of an agent's picture only what it is.
pub async fn by_key(db: &SqlitePool, key: &str) -> Result<Option<(Option<String>, String)>, StoreError> {
    sqlx::query_as(
        "select w.text, f.type from attachments f join words w on w.id = f.name where f.key = ?1 \
         union all select null, avatar_type from agents where avatar = ?1",
    )
    .bind(key)
    .fetch_optional(db)
    .await
    .step("look for a file")
}

/// Uploads that no turn named until `before`: their rows go, and their names are blanked as `privacy` says.
pub async fn forget_unsaid(db: &mut SqliteConnection, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let ids: Vec<(String, i64)> =
        sqlx::query_as("select id, name from attachments where turn is null and at < ?1 order by at limit ?2")
            .bind(us(before))
            .bind(limit)
            .fetch_all(&mut *db)
            .await
            .step("look for files that nobody sent")?;
    let mut batch = Batch::after(0);
    for (id, name) in &ids {
        batch.then("update words set text = printf('%*s', octet_length(text), '') where id = ?").bind(*name);
        batch.then("insert or ignore into unwanted_files select key from attachments where id = ?").bind(id);
        batch.then("delete from attachments where id = ?").bind(id);
    }
    if !ids.is_empty() {
        batch.write(db, "forget files that nobody sent").await?;
    }
    Ok(ids.len() as u64)
}

/// `false`: no such agent. The picture before is unwanted.
pub async fn set_avatar(
    db: &mut SqliteConnection,
    agent: AgentId,
    picture: Option<(String, &'static str)>,
) -> Result<bool, StoreError> {
    sqlx::query("insert or ignore into unwanted_files select avatar from agents where id = ?1 and avatar is not null")
        .bind(agent.as_str())
        .execute(&mut *db)
        .await
        .step("take a picture away")?;
    let (key, kind) = picture.unzip();
    let changed = sqlx::query("update agents set avatar = ?1, avatar_type = ?2 where id = ?3")
        .bind(key)
        .bind(kind)
        .bind(agent.as_str())
        .execute(db)
        .await
        .step("change a picture")?;
    Ok(changed.rows_affected() > 0)
}

pub async fn unwanted(db: &SqlitePool, limit: u32) -> Result<Vec<String>, StoreError> {
    let keys = sqlx::query_scalar("select key from unwanted_files limit ?1").bind(limit).fetch_all(db).await;
    keys.step("look for files to remove")
}

pub async fn removed(db: &mut SqliteConnection, keys: Vec<String>) -> Result<(), StoreError> {
    for key in keys {
        sqlx::query("delete from unwanted_files where key = ?1")
            .bind(key)
            .execute(&mut *db)
            .await
            .step("note that a file was removed")?;
    }
    Ok(())
}

/// The keys that rows name and that begin so.
pub async fn keys_beginning(db: &SqlitePool, beginning: &str) -> Result<Vec<String>, StoreError> {
    sqlx::query_scalar(
        "select key from attachments where key between ?1 and ?1 || 'g' \
         union all select avatar from agents where avatar between ?1 and ?1 || 'g'",
    )
    .bind(beginning)
    .fetch_all(db)
    .await
    .step("read the keys of files")
}

fn attachment(row: &SqliteRow) -> Result<Attachment, StoreError> {
    Ok(Attachment {
        id: AttachmentId(get(row, "id")?),
        key: get(row, "key")?,
        name: get(row, "name")?,
        kind: get(row, "type")?,
        bytes: get::<i64>(row, "bytes")?.unsigned_abs(),
        width: get(row, "width")?,
        height: get(row, "height")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::SqliteStore;
    use super::super::testing::*;
    use crate::domain::testing::at;
    use crate::store::files::Files;
    use crate::store::{Store, StoreError};

    #[tokio::test]
    async fn what_nobody_sent_is_forgotten_and_what_died_halfway_is_tidied() {
        let fixture = Fixture::new().await;
        let (store, files) = (&fixture.store, Files::of(fixture.folder.path()));
        let id = open_web(store, "a").await;
        let (sent, unsent) = (kept_file(store, &id, "1", b"sent").await, kept_file(store, &id, "2", b"not").await);
        let mut said = customer_says("1", "");
        said.attachments = vec![sent.id.clone()];
        assert_eq!(keep(store, &id, said.clone()).await.turn.attachments, std::slice::from_ref(&sent));
        assert_eq!(keep(store, &id, said.clone()).await.turn.attachments, std::slice::from_ref(&sent), "repeated");
        said.client_id = "2".into();
        let again = store.keep(&id, said, &usual(), at(3)).await;
        assert!(matches!(again, Err(StoreError::AttachmentUsed(used)) if used == sent.id));

        assert_eq!(store.forget_unsaid(at(1), 10).await.unwrap(), 0, "its time has not come");
        assert_eq!(store.forget_unsaid(at(2), 10).await.unwrap(), 1);
        assert!(store.open_file(&unsent.key).await.unwrap().is_none() && !files.path(&unsent.key).exists());
        assert!(store.open_file(&sent.key).await.unwrap().is_some());

        // Died between the file and its row, and in the middle of an upload.
        let orphan = files.path(&"ab".repeat(32));
        let half = fixture.folder.path().join("attachments/new").join("cd".repeat(32));
        for file in [&orphan, &half] {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "nobody's").unwrap();
        }
        let folder = fixture.close().await;
        let store = SqliteStore::open(folder.path()).await.unwrap();
        assert!(!orphan.exists() && !half.exists());
        assert!(store.open_file(&sent.key).await.unwrap().is_some());
    }
}
