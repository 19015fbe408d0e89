//! The audit after the kills: the clients' own books against what the server says, and Telegram's chats against the outbox.

use super::load::Widget;
use crate::cast::DEADLINE;
use firstline::testkit::telegram::{Customer, Message};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

/// The carrier sends so many at once; what it has leased beyond them has not left.
const SENDING_AT_MOST: usize = 8;

/// What the clients know of.
pub struct Books {
    pub widgets: Vec<Widget>,
    pub replies: Vec<String>,
    pub chats: Vec<Customer>,
    pub said_in_telegram: HashMap<i64, Vec<String>>,
    /// Deliveries that a kill may have met between the sending and the settling, over all kills.
    pub n_in_flight: usize,
    pub n_withheld: usize,
}

/// For people: how much there was to lose.
pub struct Found {
    n_conversations: usize,
    n_turns: usize,
    n_replies: usize,
    n_messages: usize,
    n_doubled: usize,
    n_doubled_at_most: usize,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { n_conversations, n_turns, n_replies, n_messages, n_doubled, n_doubled_at_most } = self;
        write!(
            f,
            "{n_conversations} conversations, {n_turns} turns acknowledged and there once, {n_replies} agents' replies there once, \
             {n_messages} messages in Telegram, {n_doubled} of them twice (at most {n_doubled_at_most} may be), none missing"
        )
    }
}

impl Books {
    pub async fn compare(mut self, data: &Path) -> Found {
        let mut n_heard: HashMap<String, u32> = self.replies.iter().map(|text| (text.clone(), 0)).collect();
        let mut n_turns = 0;
        for widget in &mut self.widgets {
            if !widget.conversation.is_empty() {
                n_turns += widget.acknowledged.len();
                of_one_widget(widget, &mut n_heard).await;
            }
        }
        let mut db = open(data).await;
        let (mut n_messages, mut n_doubled) = (0, 0);
        for customer in &self.chats {
            let said = self.said_in_telegram.get(&customer.chat()).map_or(&[][..], Vec::as_slice);
            assert_eq!(kept_of_chat(&mut db, customer.chat()).await, said, "chat {}", customer.chat());
            n_turns += said.len();
            let sent = sent_to_chat(&mut db, customer.chat()).await;
            for text in &sent {
                n_heard.entry(text.clone()).and_modify(|n| *n += 1);
            }
            n_messages += sent.len();
            n_doubled += n_repeated(&sent, &customer.messages());
        }
        for (reply, n) in &n_heard {
            assert_eq!(*n, 1, "the reply {reply:?} was heard {n} times");
        }
        let n_doubled_at_most = self.n_in_flight + self.n_withheld;
        assert!(n_doubled <= n_doubled_at_most, "{n_doubled} messages came twice, at most {n_doubled_at_most} may");
        let whole: String = sqlx::query_scalar("pragma integrity_check").fetch_one(&mut db).await.unwrap();
        assert_eq!(whole, "ok");
        let n_conversations = self.widgets.iter().filter(|widget| !widget.conversation.is_empty()).count();
        assert!(n_conversations + self.chats.len() > 20 && n_turns > 100, "too little load to say anything");
        Found {
            n_conversations: n_conversations + self.chats.len(),
            n_turns,
            n_replies: self.replies.len(),
            n_messages,
            n_doubled,
            n_doubled_at_most,
        }
    }
}

/// Each turn that was acknowledged is there once, under its number; each turn that is there came to the widget once.
async fn of_one_widget(widget: &mut Widget, n_heard: &mut HashMap<String, u32>) {
    widget.reads().await;
    let turns = widget.reads_all().await;
    let by_customer: Vec<_> = turns.iter().filter(|turn| turn["by"] == "customer").collect();
    assert_eq!(by_customer.len(), widget.acknowledged.len(), "{}: {by_customer:#?}", widget.conversation);
    for (kept, turn) in widget.acknowledged.iter().zip(by_customer) {
        let stored = (turn["client_id"].as_str(), turn["text"].as_str(), turn["seq"].as_u64());
        assert_eq!(stored, (Some(&*kept.client_id), Some(&*kept.text), Some(kept.seq)), "{}", widget.conversation);
    }
    assert_eq!(turns.len(), widget.seen.len(), "{}", widget.conversation);
    for turn in &turns {
        let (n, seen) = &widget.seen[turn["id"].as_str().unwrap()];
        assert_eq!((*n, seen), (1, turn), "{}", widget.conversation);
        let text = turn["text"].as_str().unwrap();
        n_heard.entry(text.to_owned()).and_modify(|n| *n += 1);
    }
}

/// Walks the chat along what was sent to it: in order, none missing, and what stands there twice stands there in a row.
fn n_repeated(sent: &[String], messages: &[Message]) -> usize {
    let (mut next, mut n_repeated) = (0, 0);
    let fits = |at: usize, message: &Message| sent.get(at).is_some_and(|text| message.text.contains(text.trim()));
    for message in messages {
        if fits(next, message) {
            next += 1;
        } else if next > 0 && fits(next - 1, message) {
            n_repeated += 1;
        } else {
            panic!("{:?} does not come after {:?} of {sent:#?}", message.text, next.checked_sub(1));
        }
    }
    assert_eq!(next, sent.len(), "the chat lacks {:?}", &sent[next..]);
    n_repeated
}

/// Deliveries that were leased when the server died: sent perhaps, and not settled.
pub async fn deliveries_in_flight(data: &Path) -> usize {
    let mut db = open(data).await;
    let leased = "select count(*) from outbox where state = 'due' and lease_until is not null";
    let n: i64 = sqlx::query_scalar(leased).fetch_one(&mut db).await.unwrap();
    (n as usize).min(SENDING_AT_MOST)
}

/// Waits until every customer has had a reaction and all that Telegram must be told was told.
pub async fn all_is_done(data: &Path) {
    let begun = Instant::now();
    let mut db = open(data).await;
    loop {
        let open = "select (select count(*) from conversations where oldest_unanswered_at is not null), \
                    (select count(*) from outbox where state = 'due'), (select count(*) from outbox where state = 'dead')";
        let (n_unanswered, n_due, n_dead): (i64, i64, i64) = sqlx::query_as(open).fetch_one(&mut db).await.unwrap();
        assert_eq!(n_dead, 0, "nothing here is undeliverable");
        if n_unanswered + n_due == 0 {
            return;
        }
        // The server needs the processor more than this loop does.
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(
            begun.elapsed() < 2 * DEADLINE,
            "{n_unanswered} conversations unanswered, {n_due} messages undelivered"
        );
    }
}

/// What the customer said, as it is kept.
async fn kept_of_chat(db: &mut SqliteConnection, chat: i64) -> Vec<String> {
    let sql = "select w.text from turns t join words w on w.id = t.words join conversations c on c.id = t.conversation \
               where c.address = 'shop/' || ?1 and t.by_kind = 'customer' order by t.first_seq";
    sqlx::query_scalar(sql).bind(chat).fetch_all(db).await.unwrap()
}

/// What was to be told to the customer.
async fn sent_to_chat(db: &mut SqliteConnection, chat: i64) -> Vec<String> {
    let sql = "select w.text from outbox o join turns t on t.conversation = o.conversation and t.first_seq = o.turn \
               join words w on w.id = t.words where o.chat = ?1 and o.bot = 'shop' order by o.id";
    sqlx::query_scalar(sql).bind(chat).fetch_all(db).await.unwrap()
}

/// To read only, so that a dead server's files are left to the next one as they are.
pub async fn open(data: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(data.join("firstline.db")).read_only(true).connect().await.unwrap()
}
