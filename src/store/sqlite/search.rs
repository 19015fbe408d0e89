//! Full-text search over turns: an FTS5 index in a file of its own, `search.db`.
//!
//! Everything in it follows from `firstline.db` and can be made again, so it is written behind the turns, without waiting for the
//! disk, and thrown away when anything is wrong with it. Tokens come from outside and are kept as hexadecimal, so that FTS5 neither
//! cuts nor folds them and no query has a syntax of its own.
//!
//! Erased words leave it with SQLite's own secure deletion and a `vacuum`: what is small and derived may be written anew.

use super::rows::{self, Step, number, us};
use super::{Cursor, Narrow, Row, StoreError, Term, ToIndex, Unindexed, lists};
use crate::domain::ConversationId;
use crate::store::Indexed;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection, SqlitePool};
use std::path::Path;
use std::time::Duration;
use tokio::sync::Mutex;

pub const FILE: &str = "search.db";
/// Rises when what is indexed, or how, changes: an older file is made anew.
const FORM: i64 = 1;
const BUSY_SECS: u64 = 5;
/// Hits looked at for one page, whatever the filters leave of them: bounds the time of one call.
const MAX_LOOKED_AT: u32 = 2_000;
/// Hits read at once.
const HITS_AT_ONCE: u32 = 200;

const TABLES: &str = "
    create table if not exists progress (form integer not null, through integer not null, holds_erased integer not null);
    create table if not exists spots (
        id           integer primary key,
        conversation text    not null,
        turn         integer not null,
        at           integer not null,
        unique (conversation, turn)
    );
    create virtual table if not exists said using fts5(tokens, detail = none, tokenize = 'ascii');
    insert into said (said, rank) values ('secure-delete', 1);
";

pub struct Index(Mutex<SqliteConnection>);

/// A conversation that was found, by the newest of its turns that fit.
struct Hit {
    conversation: String,
    at: i64,
}

impl Index {
    /// Opens the index, makes it where it is missing, of another form, damaged, or ahead of the store.
    pub async fn open(folder: &Path, newest_words: i64) -> Result<Self, StoreError> {
        let file = folder.join(FILE);
        let mut db = match connect(&file).await {
            Ok(db) => db,
            Err(failure) => {
                tracing::warn!(%failure, "the search index cannot be read and is made anew");
                remove(&file);
                connect(&file).await.step("open the search index")?
            }
        };
        let progress: Option<(i64, i64, bool)> = sqlx::query_as("select form, through, holds_erased from progress")
            .fetch_optional(&mut db)
            .await
            .unwrap_or(None);
        match progress {
            Some((FORM, through, holds_erased)) if through <= newest_words => {
                if holds_erased {
                    tidy(&mut db).await?;
                }
            }
            _ => {
                // A backup was put back, or this is the first start.
                db.close().await.ok();
                remove(&file);
                db = connect(&file).await.step("open the search index")?;
                sqlx::query("insert into progress values (?, 0, 0)")
                    .bind(FORM)
                    .execute(&mut db)
                    .await
                    .step("make the search index")?;
            }
        }
        Ok(Self(Mutex::new(db)))
    }

    pub async fn through(&self) -> Result<i64, StoreError> {
        let mut db = self.0.lock().await;
        sqlx::query_scalar("select through from progress").fetch_one(&mut *db).await.step("read how far the index is")
    }

    pub async fn add(&self, turns: Vec<Indexed>, through: i64) -> Result<(), StoreError> {
        let mut db = self.0.lock().await;
        let mut all = db.begin().await.step("write the search index")?;
        for Indexed { turn, tokens } in turns {
            let (conversation, seq) = (turn.conversation.as_str(), number(turn.turn));
            forget_where(&mut all, "conversation = ?1 and turn = ?2", &[conversation.to_owned()], Some(seq)).await?;
            if tokens.is_empty() {
                continue;
            }
            let id = sqlx::query("insert into spots (conversation, turn, at) values (?, ?, ?)")
                .bind(conversation)
                .bind(seq)
                .bind(us(turn.at))
                .execute(&mut *all)
                .await
                .step("write the search index")?
                .last_insert_rowid();
            sqlx::query("insert into said (rowid, tokens) values (?, ?)")
                .bind(id)
                .bind(tokens.iter().map(hex::encode).collect::<Vec<_>>().join(" "))
                .execute(&mut *all)
                .await
                .step("write the search index")?;
        }
        sqlx::query("update progress set through = max(through, ?)")
            .bind(through)
            .execute(&mut *all)
            .await
            .step("write the search index")?;
        all.commit().await.step("write the search index")
    }

    /// Every trace of these conversations goes, on the disk too.
    pub async fn forget(&self, conversations: &[ConversationId]) -> Result<(), StoreError> {
        if conversations.is_empty() {
            return Ok(());
        }
        let mut db = self.0.lock().await;
        sqlx::query("update progress set holds_erased = 1").execute(&mut *db).await.step("clear the search index")?;
        let mut all = db.begin().await.step("clear the search index")?;
        for conversation in conversations {
            forget_where(&mut all, "conversation = ?1", &[conversation.to_string()], None).await?;
        }
        all.commit().await.step("clear the search index")?;
        tidy(&mut db).await
    }

    async fn hits(&self, query: &str, limit: u32, after: &Cursor) -> Result<Vec<Hit>, StoreError> {
        let mut db = self.0.lock().await;
        let found: Vec<(String, i64)> = sqlx::query_as(
            "select s.conversation, max(s.at) as newest from said join spots s on s.id = said.rowid where said match ?1 \
             group by s.conversation having (newest, s.conversation) < (?2, ?3) \
             order by newest desc, s.conversation desc limit ?4",
        )
        .bind(query)
        .bind(after.key)
        .bind(after.id.as_str())
        .bind(limit)
        .fetch_all(&mut *db)
        .await
        .step("search")?;
        Ok(found.into_iter().map(|(conversation, at)| Hit { conversation, at }).collect())
    }
}

/// Conversations in which all terms stand in one turn, whose fitting turn is newest first. Sees what the index has.
pub async fn find(
    index: &Index,
    readers: &SqlitePool,
    terms: &[Term],
    narrow: &Narrow,
    limit: u32,
    after: Cursor,
) -> Result<Vec<Row>, StoreError> {
    let query = query_of(terms);
    if query.is_empty() {
        return Ok(vec![]);
    }
    let (mut after, mut rows) = (after, vec![]);
    for _ in 0..MAX_LOOKED_AT / HITS_AT_ONCE {
        let hits = index.hits(&query, HITS_AT_ONCE, &after).await?;
        let is_end = hits.len() < HITS_AT_ONCE as usize;
        if let Some(last) = hits.last() {
            after = Cursor { key: last.at, id: ConversationId::new(last.conversation.clone()) };
        }
        let cursors: std::collections::HashMap<String, i64> =
            hits.iter().map(|hit| (hit.conversation.clone(), hit.at)).collect();
        let ids: Vec<&str> = hits.iter().map(|hit| hit.conversation.as_str()).collect();
        for mut row in lists::those(readers, &ids, narrow).await? {
            row.cursor.key = cursors.get(row.conversation.id.as_str()).copied().unwrap_or_default();
            rows.push(row);
        }
        rows.truncate(limit as usize);
        if is_end || rows.len() == limit as usize {
            break;
        }
    }
    Ok(rows)
}

/// The turns whose words are among the next `limit` after what the index has. Turns that share their words come together.
pub async fn unindexed(readers: &SqlitePool, after: i64, limit: u32) -> Result<ToIndex, StoreError> {
    let ids: Vec<i64> = sqlx::query_scalar("select id from words where id > ? order by id limit ?")
        .bind(after)
        .bind(limit)
        .fetch_all(readers)
        .await
        .step("read what is not indexed")?;
    let through = ids.last().copied().unwrap_or(after);
    let rows = sqlx::query(
        "select t.conversation, t.first_seq, t.at, w.text, json_extract(c.state, '$.language') as language \
         from words w join turns t on t.words = w.id join conversations c on c.id = t.conversation \
         where w.id > ?1 and w.id <= ?2 order by w.id",
    )
    .bind(after)
    .bind(through)
    .fetch_all(readers)
    .await
    .step("read what is not indexed")?;
    let turns = rows.iter().map(|row| {
        let language: Option<String> = rows::get(row, "language")?;
        Ok(Unindexed {
            conversation: ConversationId(rows::get(row, "conversation")?),
            turn: rows::get::<i64>(row, "first_seq")?.unsigned_abs(),
            at: rows::moment(rows::get(row, "at")?, "a turn's moment")?,
            language: language.as_deref().and_then(crate::domain::Language::parse),
            text: rows::get::<&str>(row, "text")?.trim().to_owned(),
        })
    });
    let turns = turns.collect::<Result<_, StoreError>>()?;
    Ok(ToIndex { turns, through, is_all: ids.len() < limit as usize })
}

pub async fn newest_words(readers: &SqlitePool) -> Result<i64, StoreError> {
    sqlx::query_scalar("select coalesce(max(id), 0) from words")
        .fetch_one(readers)
        .await
        .step("look for the newest words")
}

/// FTS5's language for it: letters and digits of hexadecimal, brackets, and its two words.
fn query_of(terms: &[Term]) -> String {
    let term = |term: &Term| {
        let whole = term.whole.iter().map(|token| format!("\"{}\"", hex::encode(token)));
        let beginning = term.beginning.iter().map(|beginning| format!("\"{}\"*", hex::encode(beginning)));
        let any: Vec<String> = whole.chain(beginning).collect();
        (!any.is_empty()).then(|| format!("({})", any.join(" OR ")))
    };
    terms.iter().filter_map(term).collect::<Vec<_>>().join(" AND ")
}

async fn forget_where(
    db: &mut SqliteConnection,
    which: &'static str,
    texts: &[String],
    turn: Option<i64>,
) -> Result<(), StoreError> {
    for sql in [
        format!("delete from said where rowid in (select id from spots where {which})"),
        format!("delete from spots where {which}"),
    ] {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for text in texts {
            query = query.bind(text.clone());
        }
        if let Some(turn) = turn {
            query = query.bind(turn);
        }
        query.execute(&mut *db).await.step("clear the search index")?;
    }
    Ok(())
}

/// Writes the file anew, without what was deleted.
async fn tidy(db: &mut SqliteConnection) -> Result<(), StoreError> {
    for step in ["insert into said (said) values ('optimize')", "vacuum", "update progress set holds_erased = 0"] {
        sqlx::query(step).execute(&mut *db).await.step("clear the search index")?;
    }
    Ok(())
}

async fn connect(file: &Path) -> Result<SqliteConnection, sqlx::Error> {
    let mut db = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .busy_timeout(Duration::from_secs(BUSY_SECS))
        .journal_mode(SqliteJournalMode::Truncate)
        .synchronous(SqliteSynchronous::Off)
        .pragma("secure_delete", "on")
        .pragma("temp_store", "memory")
        .disable_statement_logging()
        .connect()
        .await?;
    sqlx::raw_sql(TABLES).execute(&mut db).await?;
    #[cfg(unix)]
    std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(sqlx::Error::Io)?;
    Ok(db)
}

fn remove(file: &Path) {
    for name in [file.to_owned(), file.with_extension("db-journal")] {
        if let Err(error) = std::fs::remove_file(&name)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, file = %name.display(), "the search index cannot be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::SqliteStore;
    use super::super::testing::*;
    use super::*;
    use crate::store::{OneCustomer, Store};

    fn whole(tokens: &[&str]) -> Vec<Term> {
        tokens.iter().map(|token| Term { whole: vec![(*token).to_owned()], beginning: None }).collect()
    }

    /// Indexes everything, each word of a text as a token.
    async fn catch_up(store: &SqliteStore, at_once: u32) {
        loop {
            let step = store.unindexed(at_once).await.unwrap();
            let token = |turn: Unindexed| Indexed {
                tokens: turn.text.split_whitespace().map(str::to_lowercase).collect(),
                turn,
            };
            store.index(step.turns.into_iter().map(token).collect(), step.through).await.unwrap();
            if step.is_all {
                return;
            }
        }
    }

    async fn found(store: &SqliteStore, terms: Vec<Term>, narrow: Narrow) -> Vec<String> {
        let rows = store.search(terms, narrow, 10, None).await.unwrap();
        rows.into_iter().map(|row| row.conversation.id.0).collect()
    }

    #[tokio::test]
    async fn what_was_said_is_found_newest_first() {
        let Fixture { store, folder: _folder } = Fixture::new().await;
        for (client, words) in [("a", "order 88123 is late"), ("b", "my order 88124"), ("c", "hello")] {
            let id = open_web(&store, client).await;
            keep(&store, &id, customer_says("1", words)).await;
        }
        assert_eq!(found(&store, whole(&["order"]), Narrow::default()).await, Vec::<String>::new(), "not indexed yet");
        catch_up(&store, 1).await;
        assert_eq!(found(&store, whole(&["order"]), Narrow::default()).await.len(), 2);
        assert_eq!(found(&store, whole(&["order", "late"]), Narrow::default()).await, ["c-a"]);
        assert_eq!(found(&store, whole(&["order", "hello"]), Narrow::default()).await, Vec::<String>::new());
        let beginning = vec![Term { whole: vec![], beginning: Some("8812".to_owned()) }];
        assert_eq!(found(&store, beginning, Narrow::default()).await.len(), 2);
        assert_eq!(found(&store, vec![], Narrow::default()).await, Vec::<String>::new());
        let telegram = Narrow { channel: Some("telegram".to_owned()), ..Narrow::default() };
        assert_eq!(found(&store, whole(&["order"]), telegram).await, Vec::<String>::new());
        let syntax = vec![Term { whole: vec!["\" OR tokens:*) NEAR(".to_owned()], beginning: None }];
        assert_eq!(found(&store, syntax, Narrow::default()).await, Vec::<String>::new());
    }

    #[tokio::test]
    async fn pages_follow_each_other_without_gaps() {
        let Fixture { store, folder: _folder } = Fixture::new().await;
        for i in 0..7 {
            let id = open_web(&store, &i.to_string()).await;
            keep(&store, &id, customer_says("1", "the same words")).await;
        }
        catch_up(&store, 3).await;
        let (mut seen, mut after) = (vec![], None);
        loop {
            let page = store.search(whole(&["same"]), Narrow::default(), 3, after).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.cursor.clone());
            seen.extend(page.into_iter().map(|row| row.conversation.id.0));
        }
        let unique: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!((seen.len(), unique.len()), (7, 7), "{seen:?}");
    }

    #[tokio::test]
    async fn erased_words_leave_the_file() {
        let Fixture { store, folder } = Fixture::new().await;
        let id = open_web(&store, "a").await;
        let read = keep(&store, &id, customer_says("1", "verysecretword")).await.conversation;
        let other = open_web(&store, "b").await;
        keep(&store, &other, customer_says("1", "ordinary")).await;
        catch_up(&store, 100).await;
        assert_eq!(found(&store, whole(&["verysecretword"]), Narrow::default()).await, ["c-a"]);
        let bytes = |what: &str| {
            let file = std::fs::read(folder.path().join(FILE)).unwrap();
            let what = hex::encode(what);
            file.windows(what.len()).any(|part| part == what.as_bytes())
        };
        assert!(bytes("verysecretword"));
        let one = OneCustomer::Customer(read.customer);
        store.erase_customer(&one, crate::domain::testing::at(100)).await.unwrap().unwrap();
        assert!(!bytes("verysecretword"));
        assert!(bytes("ordinary"));
        catch_up(&store, 100).await;
        assert_eq!(found(&store, whole(&["verysecretword"]), Narrow::default()).await, Vec::<String>::new());
        assert_eq!(found(&store, whole(&["ordinary"]), Narrow::default()).await, ["c-b"]);
    }

    #[tokio::test]
    async fn a_broken_index_is_made_anew_and_a_good_one_is_kept() {
        let fixture = Fixture::new().await;
        let id = open_web(&fixture.store, "a").await;
        keep(&fixture.store, &id, customer_says("1", "findable")).await;
        catch_up(&fixture.store, 100).await;
        fixture.store.close().await;
        let file = fixture.folder.path().join(FILE);
        let open = || SqliteStore::open(fixture.folder.path());

        let store = open().await.unwrap();
        assert_eq!(found(&store, whole(&["findable"]), Narrow::default()).await, ["c-a"]);
        store.close().await;

        for damage in [b"not a database at all, but long enough to be read as one".as_slice(), b""] {
            std::fs::write(&file, damage).unwrap();
            let store = open().await.unwrap();
            assert_eq!(found(&store, whole(&["findable"]), Narrow::default()).await, Vec::<String>::new());
            catch_up(&store, 100).await;
            assert_eq!(found(&store, whole(&["findable"]), Narrow::default()).await, ["c-a"]);
            store.close().await;
        }
    }
}
