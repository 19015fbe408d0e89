//! Reads over many conversations: the line, the views of the console, who still waits for a reaction.

use super::rows::{self, Step, us};
use super::{Counts, Cursor, Narrow, Row, StoreError, View};
use crate::domain::{AgentId, ConversationId, QueueName, Timestamp};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Sqlite, SqlitePool};

/// Rows of one page, whatever the caller asks for.
const PAGE_ROWS: u32 = 500;

/// How many stand before it (higher priority, let down by an agent, or longer, or by id), plus one.
pub async fn place(db: &SqlitePool, id: &ConversationId, queue: &QueueName) -> Result<u32, StoreError> {
    sqlx::query_scalar(
        // Whoever is not in this line stands behind everybody. A range of the index: with a join it looked each of them up.
        "select count(*) + 1 from queue_entries e where e.queue = ?2 and (e.rank, e.conversation) \
         < (coalesce((select rank from queue_entries where conversation = ?1 and queue = ?2), 9223372036854775807), ?1)",
    )
    .bind(id.as_str())
    .bind(queue.as_str())
    .fetch_one(db)
    .await
    .step("find a place in line")
}

/// What every view selects; the view adds its order key and its rows.
macro_rules! rows_of {
    ($key:literal, $from:literal) => {
        concat!(
            "select c.id, c.state, ",
            $key,
            " as key, ",
            rows::turn_columns!(),
            ", (select json_extract(b.text, '$.need') from handoffs f join words b on b.id = f.brief \
               where f.conversation = c.id order by f.seq desc limit 1) as need from ",
            $from
        )
    };
}
/// Joins the last thing said to `conversations c`.
macro_rules! last_turn {
    () => {
        concat!(
            " left join turns t on t.conversation = c.id \
              and t.first_seq = (select max(first_seq) from turns where conversation = c.id)",
            rows::turn_joins!()
        )
    };
}

/// Leaves out what is not asked for; a conversation without a person is in the queue that it went to last.
macro_rules! narrowed {
    () => {
        " and (?5 is null or c.last_queue = ?5) and (?6 is null or c.channel = ?6) \
          and (?7 is null or json_extract(c.state, '$.language') = ?7) \
          and (?8 is null or exists (select 1 from conversation_tags g where g.tag = ?8 and g.conversation = c.id)) \
          and (?9 is null or c.last_queue is null or c.last_queue not in (select value from json_each(?9)))"
    };
}

/// Rows of one page.
pub fn bounded(limit: u32) -> u32 {
    limit.clamp(1, PAGE_ROWS)
}

pub async fn list(
    db: &SqlitePool,
    view: &View,
    narrow: &Narrow,
    limit: u32,
    after: Option<Cursor>,
) -> Result<Vec<Row>, StoreError> {
    let (sql, of, first) = match view {
        View::Mine(agent) => (MINE, Some(agent.as_str()), before_all()),
        View::Waiting(None) => (WAITING, None, before_all()),
        View::Waiting(Some(queue)) => (WAITING_IN, Some(queue.as_str()), before_all()),
        View::Mentioned(agent) => (MENTIONED, Some(agent.as_str()), before_all()),
        View::Snoozed(agent) => (SNOOZED, Some(agent.as_str()), before_all()),
        View::FollowUps(agent) => (FOLLOW_UPS, Some(agent.as_str()), before_all()),
        View::Bot => (WITH_BOT, None, after_all()),
        View::Resolved => (RESOLVED, None, after_all()),
    };
    let own = of_one_agent(view);
    let narrow = if own { &Narrow { hidden: vec![], ..narrow.clone() } } else { narrow };
    page(db, sql, of, narrow, bounded(limit), after.unwrap_or(first)).await?.iter().map(line).collect()
}

fn of_one_agent(view: &View) -> bool {
    match view {
        View::Mine(_) | View::Mentioned(_) | View::Snoozed(_) | View::FollowUps(_) => true,
        View::Waiting(_) | View::Bot | View::Resolved => false,
    }
}

/// Those of these conversations that are there, in this order.
pub async fn those(db: &SqlitePool, ids: &[&str], narrow: &Narrow) -> Result<Vec<Row>, StoreError> {
    let ids = rows::to_json(&ids, "a list of ids")?;
    let rows = narrowed(sqlx::query(THOSE).bind(ids).bind("").bind(0_i64).bind(""), narrow)?;
    rows.fetch_all(db).await.step("read what was found")?.iter().map(line).collect()
}

/// No id is empty, and no moment is the first or last number: the two ends need no query of their own.
fn before_all() -> Cursor {
    Cursor { key: i64::MIN, id: ConversationId::new("") }
}

pub fn after_all() -> Cursor {
    Cursor { key: i64::MAX, id: ConversationId::new("") }
}

const MINE: &str = concat!(
    rows_of!("c.phase_since", "conversations c"),
    last_turn!(),
    "where c.phase = 'with_agent' and c.agent = ?4 and c.is_snoozed = 0 and (c.phase_since, c.id) > (?1, ?2)",
    narrowed!(),
    " order by c.phase_since, c.id limit ?3"
);

const MENTIONED: &str = concat!(
    rows_of!("m.at", "mentions m join conversations c on c.id = m.conversation"),
    last_turn!(),
    "where m.agent = ?4 and (m.at, m.conversation) > (?1, ?2)",
    narrowed!(),
    " order by m.at, m.conversation limit ?3"
);

const SNOOZED: &str = concat!(
    rows_of!("c.phase_since", "conversations c"),
    last_turn!(),
    "where c.is_snoozed = 1 and c.agent = ?4 and (c.phase_since, c.id) > (?1, ?2)",
    narrowed!(),
    " order by c.phase_since, c.id limit ?3"
);

const FOLLOW_UPS: &str = concat!(
    rows_of!("c.follow_up_at", "conversations c"),
    last_turn!(),
    "where c.follow_up_at is not null and c.follow_up_by = ?4 and (c.follow_up_at, c.id) > (?1, ?2)",
    narrowed!(),
    " order by c.follow_up_at, c.id limit ?3"
);

const WAITING: &str = concat!(
    rows_of!("e.rank", "queue_entries e join conversations c on c.id = e.conversation"),
    last_turn!(),
    "where (e.rank, e.conversation) > (?1, ?2)",
    narrowed!(),
    " order by e.rank, e.conversation limit ?3"
);

const WAITING_IN: &str = concat!(
    rows_of!("e.rank", "queue_entries e join conversations c on c.id = e.conversation"),
    last_turn!(),
    "where e.queue = ?4 and (e.rank, e.conversation) > (?1, ?2)",
    narrowed!(),
    " order by e.rank, e.conversation limit ?3"
);

const WITH_BOT: &str = concat!(
    rows_of!("c.updated_at", "conversations c"),
    last_turn!(),
    "where c.phase = 'with_bot' and (c.updated_at, c.id) < (?1, ?2)",
    narrowed!(),
    " order by c.updated_at desc, c.id desc limit ?3"
);

const RESOLVED: &str = concat!(
    rows_of!("c.phase_since", "conversations c"),
    last_turn!(),
    "where c.phase = 'resolved' and (c.phase_since, c.id) < (?1, ?2)",
    narrowed!(),
    " order by c.phase_since desc, c.id desc limit ?3"
);

/// The ids come as a JSON array; the parameters between stand where the views have theirs.
const THOSE: &str = concat!(
    rows_of!("0", "json_each(?1) j join conversations c on c.id = j.value"),
    last_turn!(),
    "where ?2 = ?4 and ?3 = 0",
    narrowed!(),
    " order by j.key"
);

/// One page of a view's rows. `of` is the agent or queue that the view is about, where it is about one.
async fn page(
    db: &SqlitePool,
    view: &'static str,
    of: Option<&str>,
    narrow: &Narrow,
    limit: u32,
    after: Cursor,
) -> Result<Vec<SqliteRow>, StoreError> {
    let query = sqlx::query(view).bind(after.key).bind(after.id.0).bind(limit).bind(of.map(str::to_owned));
    narrowed(query, narrow)?.fetch_all(db).await.step("read a list")
}

type Asking = Query<'static, Sqlite, SqliteArguments>;

fn narrowed(query: Asking, narrow: &Narrow) -> Result<Asking, StoreError> {
    let hidden = Some(&narrow.hidden).filter(|hidden| !hidden.is_empty());
    Ok(query
        .bind(narrow.queue.clone())
        .bind(narrow.channel.clone())
        .bind(narrow.language.map(|language| language.tag().to_owned()))
        .bind(narrow.tag.as_ref().map(|tag| tag.as_str().to_owned()))
        .bind(hidden.map(|hidden| rows::to_json(hidden, "names of queues")).transpose()?))
}

fn line(row: &SqliteRow) -> Result<Row, StoreError> {
    Ok(Row {
        conversation: rows::conversation(row)?,
        last_turn: rows::turn(row)?,
        need: rows::get(row, "need")?,
        cursor: Cursor { key: rows::get(row, "key")?, id: ConversationId(rows::get(row, "id")?) },
    })
}

/// Waiting, with the bot, resolved: the same for everybody who may see the same.
pub type OfAll = (u32, u32, u32);

pub async fn counts_of_all(db: &SqlitePool, hidden: &[QueueName]) -> Result<OfAll, StoreError> {
    let counted: Vec<(String, u32)> = sqlx::query_as(
        "select phase, count(*) from conversations where phase in ('waiting', 'with_bot', 'resolved') \
         and (last_queue is null or last_queue not in (select value from json_each(?1))) group by phase",
    )
    .bind(rows::to_json(&hidden, "names of queues")?)
    .fetch_all(db)
    .await
    .step("count the views")?;
    let of = |phase: &str| counted.iter().find(|(name, _)| name == phase).map_or(0, |(_, n)| *n);
    Ok((of("waiting"), of("with_bot"), of("resolved")))
}

pub async fn counts(db: &SqlitePool, agent: &AgentId, of_all: OfAll) -> Result<Counts, StoreError> {
    let (mine, snoozed, follow_ups, mentioned) = sqlx::query_as(
        "select (select count(*) from conversations where phase = 'with_agent' and agent = ?1 and is_snoozed = 0), \
         (select count(*) from conversations where is_snoozed = 1 and agent = ?1), \
         (select count(*) from conversations where follow_up_at is not null and follow_up_by = ?1), \
         (select count(*) from mentions where agent = ?1)",
    )
    .bind(agent.as_str())
    .fetch_one(db)
    .await
    .step("count an agent's views")?;
    let (waiting, bot, resolved) = of_all;
    Ok(Counts { mine, mentioned, snoozed, follow_ups, waiting, bot, resolved })
}

pub async fn unanswered(db: &SqlitePool, since: Timestamp, limit: u32) -> Result<Vec<ConversationId>, StoreError> {
    let ids: Vec<String> = sqlx::query_scalar(
        "select id from conversations where oldest_unanswered_at < ?1 order by oldest_unanswered_at, id limit ?2",
    )
    .bind(us(since))
    .bind(limit.clamp(1, PAGE_ROWS))
    .fetch_all(db)
    .await
    .step("look for turns without a reaction")?;
    Ok(ids.into_iter().map(ConversationId).collect())
}

#[cfg(test)]
mod tests {
    use super::super::SqliteStore;
    use super::super::testing::*;
    use super::*;
    use crate::domain::testing::at;
    use crate::store::Store;

    async fn waits(store: &SqliteStore, client_id: &str, queue: &str, secs: i64) -> ConversationId {
        let id = open_web(store, client_id).await;
        let read = keep(store, &id, customer_says("1", &format!("Words of {client_id}"))).await.conversation;
        let mut change = change(&read, handed_off(queue), at(secs));
        change.brief = Some(brief(&format!("Need of {client_id}")));
        store.commit(change).await.unwrap();
        id
    }

    async fn ids(store: &SqliteStore, view: View, limit: u32, after: Option<Cursor>) -> Vec<String> {
        let rows = store.list(view, &Narrow::default(), limit, after).await.unwrap();
        rows.into_iter().map(|row| row.conversation.id.0).collect()
    }

    #[tokio::test]
    async fn places_in_line() {
        let Fixture { store, folder: _folder } = Fixture::new().await;
        let payments = QueueName::new("payments");
        let outside = open_web(&store, "outside").await;
        assert_eq!(store.place(&outside, &payments).await.unwrap(), 1, "an empty line");
        let second = waits(&store, "second", "payments", 20).await;
        let first = waits(&store, "first", "payments", 10).await;
        let same_time = waits(&store, "third", "payments", 20).await;
        let elsewhere = waits(&store, "elsewhere", "returns", 1).await;
        for (id, place) in [(&first, 1), (&second, 2), (&same_time, 3), (&outside, 4), (&elsewhere, 4)] {
            assert_eq!(store.place(id, &payments).await.unwrap(), place, "{id}");
        }
        does(&store, &first, claims("anna"), 30).await;
        assert_eq!(store.place(&second, &payments).await.unwrap(), 1);
        let back = does(&store, &first, releases("anna"), 40);
        back.await;
        assert_eq!(store.place(&first, &payments).await.unwrap(), 1, "a release does not send anyone to the end");
    }

    #[tokio::test]
    async fn views_pages_and_counts() {
        let Fixture { store, folder: _folder } = Fixture::new().await;
        for (name, queue, secs) in
            [("a", "payments", 30), ("b", "payments", 10), ("c", "returns", 20), ("d", "payments", 40)]
        {
            waits(&store, name, queue, secs).await;
        }
        assert_eq!(ids(&store, View::Waiting(None), 10, None).await, ["c-b", "c-c", "c-a", "c-d"]);
        assert_eq!(ids(&store, View::Waiting(Some(QueueName::new("payments"))), 10, None).await, ["c-b", "c-a", "c-d"]);
        let page = store.list(View::Waiting(None), &Narrow::default(), 3, None).await.unwrap();
        let row = &page[0];
        assert_eq!(row.need.as_deref(), Some("Need of b"));
        assert_eq!(row.last_turn.as_ref().unwrap().text, "A person will take over.");
        assert_eq!(ids(&store, View::Waiting(None), 3, Some(page[2].cursor.clone())).await, ["c-d"]);

        let anna = AgentId::new("anna");
        does(&store, &ConversationId::new("c-a"), claims("anna"), 50).await;
        does(&store, &ConversationId::new("c-b"), claims("anna"), 60).await;
        does(&store, &ConversationId::new("c-c"), claims("boris"), 55).await;
        assert_eq!(ids(&store, View::Mine(anna.clone()), 10, None).await, ["c-a", "c-b"]);
        for (name, secs) in [("a", 70), ("b", 80)] {
            does(&store, &ConversationId::new(format!("c-{name}")), solves("anna"), secs).await;
        }
        let page = store.list(View::Resolved, &Narrow::default(), 1, None).await.unwrap();
        assert_eq!(page[0].conversation.id.as_str(), "c-b");
        assert_eq!(ids(&store, View::Resolved, 9, Some(page[0].cursor.clone())).await, ["c-a"]);

        for name in ["x", "y", "z"] {
            open_web(&store, name).await;
        }
        keep(&store, &ConversationId::new("c-x"), customer_says("1", "Hello?")).await;
        let page = store.list(View::Bot, &Narrow::default(), 2, None).await.unwrap();
        assert_eq!(page.iter().map(|row| row.conversation.id.as_str()).collect::<Vec<_>>(), ["c-x", "c-z"]);
        assert_eq!(ids(&store, View::Bot, 2, Some(page[1].cursor.clone())).await, ["c-y"]);
        assert_eq!(
            store.counts(&anna, &[]).await.unwrap(),
            Counts { mine: 0, mentioned: 0, snoozed: 0, follow_ups: 0, waiting: 1, bot: 3, resolved: 2 }
        );
        assert_eq!(store.counts(&AgentId::new("boris"), &[]).await.unwrap().mine, 1);
    }

    #[tokio::test]
    async fn turns_without_a_reaction_are_found_oldest_first() {
        let Fixture { store, folder: _folder } = Fixture::new().await;
        let says = async |id: &ConversationId, client_id: &str, secs| {
            store.keep(id, customer_says(client_id, "Hello?"), &usual(), at(secs)).await.unwrap().unwrap().conversation
        };
        let (late, early, agents) =
            (open_web(&store, "late").await, open_web(&store, "early").await, open_web(&store, "agents").await);
        says(&late, "1", 20).await;
        let read = says(&early, "1", 10).await;
        does(&store, &agents, asks_for_person(), 1).await;
        does(&store, &agents, claims("anna"), 2).await;
        says(&agents, "1", 3).await;
        assert_eq!(store.unanswered(at(100), 10).await.unwrap(), [early.clone(), late.clone()]);
        assert_eq!(store.unanswered(at(20), 10).await.unwrap(), std::slice::from_ref(&early), "before, not at");

        // Answering a part of a burst leaves the rest with its own time.
        says(&early, "2", 30).await;
        let mut read_later = store.conversation(&early).await.unwrap().unwrap();
        read_later.version = read.version;
        let events = bot_answers(&read_later, "Five days.");
        read_later.version += 1;
        let after = store.commit(change(&read_later, events, at(31))).await.unwrap();
        assert_eq!(after.unanswered, [2]);
        assert_eq!(store.unanswered(at(100), 10).await.unwrap(), [late.clone(), early.clone()]);
        let events = bot_answers(&after, "Five days.");
        store.commit(change(&after, events, at(32))).await.unwrap();
        assert_eq!(store.unanswered(at(100), 10).await.unwrap(), [late]);
    }
}
