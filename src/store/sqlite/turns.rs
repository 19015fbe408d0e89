//! Reads one conversation. Each function is one statement, so it sees one whole transaction.

use super::rows::{self, Step};
use super::{Brief, Page, ReadMarks, StoreError, Trace, TurnPage};
use crate::domain::{Conversation, ConversationId, Seq, Turn};
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteExecutor, SqlitePool};

/// Turns in one page, whatever the caller asks for.
const PAGE_TURNS: u32 = 500;

pub async fn conversation(db: &SqlitePool, id: &ConversationId) -> Result<Option<Conversation>, StoreError> {
    let row = sqlx::query("select state from conversations where id = ?1").bind(id.as_str()).fetch_optional(db).await;
    found(row)
}

pub async fn conversation_by_token(db: &SqlitePool, token_hash: &str) -> Result<Option<Conversation>, StoreError> {
    let row = sqlx::query(
        "select c.state from conversation_tokens t join conversations c on c.id = t.conversation where t.token_hash = ?1",
    )
    .bind(token_hash)
    .fetch_optional(db)
    .await;
    found(row)
}

pub async fn conversation_by_address(db: &SqlitePool, address: &str) -> Result<Option<Conversation>, StoreError> {
    let row = sqlx::query("select state from conversations where address = ?1").bind(address).fetch_optional(db).await;
    found(row)
}

pub async fn conversation_by_client(
    db: &SqlitePool,
    site: &str,
    client_id: &str,
) -> Result<Option<Conversation>, StoreError> {
    let row = sqlx::query("select state from conversations where site = ?1 and client_id = ?2")
        .bind(site)
        .bind(client_id)
        .fetch_optional(db)
        .await;
    found(row)
}

pub async fn agent_said(db: impl SqliteExecutor<'_>, id: &ConversationId, client_id: &str) -> Result<bool, StoreError> {
    let found = sqlx::query("select 1 from turns where conversation = ?1 and client_id = ?2 and by_kind = 'agent'")
        .bind(id.as_str())
        .bind(client_id)
        .fetch_optional(db)
        .await
        .step("look for a reply")?;
    Ok(found.is_some())
}

fn found(row: Result<Option<SqliteRow>, sqlx::Error>) -> Result<Option<Conversation>, StoreError> {
    row.step("read a conversation")?.map(|row| rows::conversation(&row)).transpose()
}

pub async fn turns(db: &SqlitePool, id: &ConversationId, after: Seq, limit: u32) -> Result<TurnPage, StoreError> {
    let limit = limit.clamp(1, PAGE_TURNS) as usize;
    // The outer join gives one row even without turns: the version comes from the same moment as they do. One more than
    // asked for tells whether something was cut off.
    let rows = sqlx::query(concat!(
        "select c.version, c.read_by_agent, c.read_by_customer, ",
        rows::turn_columns!(),
        " from conversations c left join turns t on t.conversation = c.id and t.seq > ?2",
        rows::turn_joins!(),
        "where c.id = ?1 order by t.seq limit ?3"
    ))
    .bind(id.as_str())
    .bind(i64::try_from(after).unwrap_or(i64::MAX))
    .bind(limit as i64 + 1)
    .fetch_all(db)
    .await
    .step("read the turns")?;
    let version = rows.first().map(|row| rows::get::<i64>(row, "version")).transpose()?.unwrap_or(0) as Seq;
    let read = rows.first().map(read_marks).transpose()?.unwrap_or_default();
    let mut turns = Vec::with_capacity(rows.len().min(limit));
    for row in rows.iter().take(limit) {
        turns.extend(rows::turn(row)?);
    }
    let is_cut_off = rows.len() > limit;
    let through = if is_cut_off { turns.last().map_or(version, |turn| turn.seq) } else { version };
    Ok(TurnPage { turns, through, read })
}

/// The turn that was first said with this number.
pub async fn turn(db: impl SqliteExecutor<'_>, id: &ConversationId, first: Seq) -> Result<Option<Turn>, StoreError> {
    let row = sqlx::query(concat!(
        "select ",
        rows::turn_columns!(),
        " from turns t",
        rows::turn_joins!(),
        "where t.conversation = ?1 and t.first_seq = ?2"
    ))
    .bind(id.as_str())
    .bind(rows::number(first))
    .fetch_optional(db)
    .await
    .step("read a turn")?;
    row.map(|row| rows::turn(&row)).transpose().map(Option::flatten)
}

pub async fn channel_messages(db: &SqlitePool, id: &ConversationId, first: Seq) -> Result<Vec<i64>, StoreError> {
    sqlx::query_scalar(
        "select message from channel_messages where conversation = ?1 and turn = ?2 order by part, message",
    )
    .bind(id.as_str())
    .bind(rows::number(first))
    .fetch_all(db)
    .await
    .step("look for a turn's messages")
}

/// A message's number is the end of the id under which it was kept: `tg:BOT:UPDATE.MESSAGE`, `tg:BOT:files.MESSAGE`.
pub async fn heard_as(
    db: &SqlitePool,
    id: &ConversationId,
    bot: &str,
    message: i64,
) -> Result<Option<Seq>, StoreError> {
    let first: Option<i64> = sqlx::query_scalar(
        "select first_seq from turns where conversation = ?1 and by_kind = 'customer' \
         and client_id >= ?2 and client_id < ?3 and substr(client_id, -length(?4)) = ?4 order by first_seq desc limit 1",
    )
    .bind(id.as_str())
    .bind(format!("tg:{bot}:"))
    .bind(format!("tg:{bot};"))
    .bind(format!(".{message}"))
    .fetch_optional(db)
    .await
    .step("look for a message's turn")?;
    Ok(first.map(i64::unsigned_abs))
}

fn read_marks(row: &SqliteRow) -> Result<ReadMarks, StoreError> {
    let seq = |column| Ok::<_, StoreError>(rows::get::<i64>(row, column)?.unsigned_abs());
    Ok(ReadMarks { by_agent: seq("read_by_agent")?, by_customer: seq("read_by_customer")? })
}

pub async fn page(db: &SqlitePool, id: &ConversationId) -> Result<Option<Page>, StoreError> {
    let json: Option<String> =
        sqlx::query_scalar("select w.text from conversations c join words w on w.id = c.page where c.id = ?1")
            .bind(id.as_str())
            .fetch_optional(db)
            .await
            .step("read the page")?;
    json.map(|json| rows::from_json(&json, "a page")).transpose()
}

pub async fn traces(db: &SqlitePool, id: &ConversationId) -> Result<Vec<(Seq, Trace)>, StoreError> {
    let rows: Vec<(i64, String)> = sqlx::query_as(
        "select t.seq, w.text from traces t join words w on w.id = t.words where t.conversation = ?1 order by t.seq",
    )
    .bind(id.as_str())
    .fetch_all(db)
    .await
    .step("read the traces")?;
    rows.into_iter().map(|(seq, json)| Ok((seq as Seq, rows::from_json(&json, "a trace")?))).collect()
}

pub async fn brief(db: &SqlitePool, id: &ConversationId) -> Result<Option<Brief>, StoreError> {
    let json: Option<Option<String>> = sqlx::query_scalar(
        "select w.text from handoffs h left join words w on w.id = h.brief where h.conversation = ?1 \
         order by h.seq desc limit 1",
    )
    .bind(id.as_str())
    .fetch_optional(db)
    .await
    .step("read the brief")?;
    json.flatten().map(|json| rows::from_json(&json, "a brief")).transpose()
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::store::Store;

    #[tokio::test]
    async fn pages_follow_one_another_without_gap_or_repeat() {
        let Fixture { store, folder: _folder } = Fixture::new().await;
        let id = open_web(&store, "a").await;
        for n in 1..=5 {
            keep(&store, &id, customer_says(&n.to_string(), &format!("Turn {n}"))).await;
        }
        // A change that is no turn: the last page accounts for it.
        let read = does(&store, &id, asks_for_person(), 9).await;
        let seqs = |page: &TurnPage| page.turns.iter().map(|turn| turn.seq).collect::<Vec<_>>();
        let first = store.turns(&id, 0, 2).await.unwrap();
        assert_eq!((seqs(&first), first.through), (vec![1, 2], 2));
        let second = store.turns(&id, first.through, 3).await.unwrap();
        assert_eq!((seqs(&second), second.through), (vec![3, 4, 5], 5));
        let third = store.turns(&id, second.through, 9).await.unwrap();
        assert_eq!((seqs(&third), third.through), (vec![read.version], read.version));
        assert_eq!(third.turns[0].options.len(), 1, "back to the bot");
        let nothing = store.turns(&id, third.through, 9).await.unwrap();
        assert_eq!((seqs(&nothing), nothing.through), (vec![], read.version));
        let exact = store.turns(&id, 0, 6).await.unwrap();
        assert_eq!((exact.turns.len(), exact.through), (6, read.version), "full, but nothing cut off");
        let nowhere = store.turns(&ConversationId::new("nowhere"), 0, 9).await.unwrap();
        assert_eq!((nowhere.turns.len(), nowhere.through), (0, 0));
    }

    #[tokio::test]
    async fn what_is_not_there_is_none() {
        let Fixture { store, folder: _folder } = Fixture::new().await;
        let id = open_web(&store, "a").await;
        assert_eq!(store.page(&id).await.unwrap(), None);
        assert_eq!(store.brief(&id).await.unwrap(), None);
        assert_eq!(store.traces(&id).await.unwrap(), []);
        assert_eq!(store.conversation(&ConversationId::new("nowhere")).await.unwrap(), None);
    }
}
