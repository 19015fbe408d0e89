//! How fast the store is, beside what the disk and SQLite allow in the same run. On a quiet machine:
//! `cargo test --release --features testkit --lib sqlite::speed -- --nocapture --test-threads 1`; a debug build does a little of each, so
//! that this stays right.

use super::testing::*;
use super::*;
use crate::domain::NewTurn;
use crate::domain::testing::at;
use crate::domain::{Event, Speaker, TurnKind, plan};
use futures::StreamExt;
use sqlx::Connection;
use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

const CALLERS: usize = 64;
/// Turns that one caller keeps, ten in each of its conversations.
const TURNS: usize = if cfg!(debug_assertions) { 20 } else { 500 };
const TURNS_OF_ONE: usize = 10;
const TEXT: &str = "Where is my refund? I sent the parcel back two weeks ago and have heard nothing.";
/// What one turn of a customer writes.
const ROWS_OF_A_TURN: &str = "insert into words (id, customer, text) values (?, ?, ?);\
    insert into events (conversation, seq, at, event) values (?, ?, ?, ?);\
    insert into turns (conversation, first_seq, seq, by_kind, kind, client_id, words, at) values (?, ?, ?, 'customer', 'text', ?, ?, ?);\
    update conversations set state = ?, version = ?, updated_at = ?, oldest_unanswered_at = ? where id = ?;";

/// Many callers at once, against one connection that writes the same rows, 64 turns to a transaction, with nothing around it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_many_turns_a_second() {
    // Each once to warm up; then by turns, because the disk has moods.
    let (mut bare, mut grouped) = (vec![], vec![]);
    for round in 0..if cfg!(debug_assertions) { 1 } else { 4 } {
        let pair = (bare_turns_a_second().await, turns_a_second().await);
        if round > 0 || cfg!(debug_assertions) {
            bare.push(pair.0);
            grouped.push(pair.1);
        }
    }
    let (bare, grouped) = (median(bare), median(grouped));
    println!(
        "{grouped:.0} durable turns a second with {CALLERS} callers; a bare loop keeps {bare:.0}: {:.0} %",
        100.0 * grouped / bare
    );
}

async fn turns_a_second() -> f64 {
    let fixture = Fixture::new().await;
    let store = Arc::new(fixture.store);
    open_all(&store).await;
    let begun = Instant::now();
    let callers = (0..CALLERS).map(|caller| {
        let store = store.clone();
        tokio::spawn(async move {
            for n in 0..TURNS {
                keep(&store, &nth_of(caller, n), customer_says(&n.to_string(), TEXT)).await;
            }
        })
    });
    futures::future::join_all(callers).await.into_iter().for_each(|caller| caller.unwrap());
    let speed = (CALLERS * TURNS) as f64 / begun.elapsed().as_secs_f64();
    let kept: i64 = sqlx::query_scalar("select count(*) from turns").fetch_one(&store.readers).await.unwrap();
    assert_eq!(kept as usize, CALLERS * TURNS);
    speed
}

/// At once, so that this takes a second and not one sync each.
async fn open_all(store: &SqliteStore) {
    let opening = (0..CALLERS * TURNS / TURNS_OF_ONE).map(async |n| open_web(store, &n.to_string()).await);
    futures::stream::iter(opening).buffer_unordered(CALLERS).collect::<Vec<_>>().await;
}

/// The conversation of a caller's nth turn.
fn nth_of(caller: usize, n: usize) -> ConversationId {
    ConversationId::new(format!("c-{}", caller * TURNS / TURNS_OF_ONE + n / TURNS_OF_ONE))
}

/// One call a transaction: SQLite's own work, the disk's, and next to nothing of the driver's.
async fn bare_turns_a_second() -> f64 {
    let fixture = Fixture::new().await;
    open_all(&fixture.store).await;
    let folder = fixture.close().await;
    let ((mut db, _), readers) = open::open(folder.path()).await.unwrap();
    // As long as the real ones.
    let state = rows::to_json(&begun("c-1000", Channel::Web), "a state").unwrap();
    let event = rows::to_json(&Event::Said(NewTurn::new(Speaker::Customer, TurnKind::Text, "")), "an event").unwrap();
    let transaction = format!("begin immediate; {} commit", ROWS_OF_A_TURN.repeat(CALLERS));
    let start = Instant::now();
    for n in 0..TURNS {
        let mut turns = sqlx::query(sqlx::AssertSqlSafe(transaction.clone()));
        let (seq, at) = ((n % TURNS_OF_ONE) as i64 + 1, n as i64);
        for caller in 0..CALLERS {
            let (id, words) = (nth_of(caller, n).0, (n * CALLERS + caller) as i64 + 1);
            turns = turns.bind(words).bind(format!("customer-{id}")).bind(TEXT);
            turns = turns.bind(id.clone()).bind(seq).bind(at).bind(&event);
            turns = turns.bind(id.clone()).bind(seq).bind(seq).bind(n.to_string()).bind(words).bind(at);
            turns = turns.bind(&state).bind(seq).bind(at).bind(at).bind(id);
        }
        turns.execute(&mut db).await.unwrap();
    }
    let speed = (CALLERS * TURNS) as f64 / start.elapsed().as_secs_f64();
    let kept: i64 = sqlx::query_scalar("select count(*) from turns").fetch_one(&mut db).await.unwrap();
    assert_eq!(kept as usize, CALLERS * TURNS);
    readers.close().await;
    db.close().await.unwrap();
    speed
}

const IN_LINE: usize = if cfg!(debug_assertions) { 300 } else { 10_000 };
const CLAIMS: usize = if cfg!(debug_assertions) { 20 } else { 1_000 };

/// An agent takes the first of a long line, beside a file of the same disk that is written and synced.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_long_a_claim_takes_with_a_long_line() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let joining = futures::stream::iter(0..IN_LINE).map(|n| async move {
        let id = open_web(store, &n.to_string()).await;
        let read = keep(store, &id, customer_says("1", TEXT)).await.conversation;
        let mut change = change(&read, handed_off("payments"), at(2 + n as i64));
        change.brief = Some(brief(TEXT));
        store.commit(change).await.unwrap();
    });
    joining.buffer_unordered(CALLERS).collect::<Vec<()>>().await;

    let (mut claims, mut syncs) = (vec![], vec![]);
    let mut file = File::create(fixture.folder.path().join("synced")).unwrap();
    for n in 0..CLAIMS {
        let begun = Instant::now();
        let first = store.list(View::Waiting(None), &Narrow::default(), 1, None).await.unwrap().remove(0).conversation;
        let events = plan(&first, &testing::claims("anna"), &testing::usual(), at(20_000 + n as i64)).unwrap();
        store.commit(change(&first, events, at(20_000 + n as i64))).await.unwrap();
        claims.push(begun.elapsed());
        let begun = Instant::now();
        file.write_all(&[0; 4096]).unwrap();
        file.sync_data().unwrap();
        syncs.push(begun.elapsed());
    }
    let waiting: i64 =
        sqlx::query_scalar("select count(*) from queue_entries").fetch_one(&store.readers).await.unwrap();
    assert_eq!(waiting as usize, IN_LINE - CLAIMS);
    let at = |times: &mut Vec<Duration>, share: f64| {
        times.sort();
        times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3
    };
    println!(
        "with {IN_LINE} in line, looking and claiming takes {:.2} ms (p50), {:.2} ms (p99); writing 4 KiB and syncing {:.2} ms, {:.2} ms",
        at(&mut claims, 0.5),
        at(&mut claims, 0.99),
        at(&mut syncs, 0.5),
        at(&mut syncs, 0.99)
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
