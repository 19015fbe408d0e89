//! How fast one bot is, with Telegram's limits lifted on both sides. On a quiet machine:
//! `cargo test --release --features testkit --lib telegram::speed -- --nocapture --test-threads 1`; a debug build does a little of each, so
//! that this stays right.

#![cfg(all(test, feature = "testkit"))]

use super::gate::Gate;
use super::tests::Shop;
use super::{TelegramOptions, Token, run_through};
use crate::domain::{Channel, ConversationId, Language};
use crate::store::AgentWork;
use crate::testkit::telegram::{Customer, WAIT_AT_MOST};
use std::time::Duration;
use tokio::time::Instant;

const CHATS: i64 = if cfg!(debug_assertions) { 20 } else { 500 };
const REPLIES: usize = if cfg!(debug_assertions) { 2 } else { 10 };
/// Replies one at a time, to see how long each is on its way.
const ALONE: usize = if cfg!(debug_assertions) { 20 } else { 1_000 };

impl Shop {
    /// Open, without limits, with everyone in a conversation with Ann.
    async fn full() -> (Self, Vec<(Customer, ConversationId)>) {
        let mut shop = Self::opens().await;
        shop.is_killed().await;
        shop.telegram.lifts_limits();
        let work = AgentWork { capacity: Some(1_000), languages: None };
        shop.desk.set_agent_work(&shop.ann.email, work).await.unwrap();
        shop.opens_wide();
        let customers: Vec<Customer> = (1..=CHATS).map(|chat| shop.telegram.customer(chat, "en")).collect();
        let begun = Instant::now();
        for customer in &customers {
            customer.says("Where is my refund?");
        }
        let n_said = |shop: &Self| shop.telegram.messages().len();
        while n_said(&shop) < customers.len() {
            assert!(begun.elapsed() < 10 * WAIT_AT_MOST, "only {} were told their place", n_said(&shop));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let secs = begun.elapsed().as_secs_f64();
        println!("{:.0} updates a second were taken, kept and answered", CHATS as f64 / secs);
        let mut conversations = vec![];
        for customer in customers {
            let channel = Channel::Telegram { bot: "shop".into(), chat: customer.chat() };
            let id = shop.desk.conversation_by_channel(&channel).await.unwrap().unwrap().id;
            shop.desk.claim(&id, &shop.ann).await.unwrap();
            conversations.push((customer, id));
        }
        shop.telegram.called("sendMessage", 2 * CHATS as usize).await;
        (shop, conversations)
    }

    fn opens_wide(&mut self) {
        let options = TelegramOptions {
            name: "shop".into(),
            token: Token::new(self.telegram.token()),
            api_url: Some(self.telegram.url()),
            site: "telegram".into(),
            language: Language::En,
            queue: None,
            answers_groups: true,
            webhook: None,
            burst: Duration::ZERO,
            local_files: None,
        };
        let (desk, health, shutdown) = (self.desk.clone(), self.health.clone(), self.shutdown.clone());
        self.running = tokio::spawn(run_through(desk, options, health, shutdown, Gate::wide_open(Instant::now())));
    }

    async fn reply(&self, id: &ConversationId, text: String) {
        self.desk.reply(id, &self.ann, self.desk.clock().new_id(), text).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_many_messages_a_second() {
    let (mut shop, conversations) = Shop::full().await;
    // All of it waits before the first goes.
    shop.is_killed().await;
    shop.desk.release_leases().await.unwrap();
    for n in 0..REPLIES {
        for (_, id) in &conversations {
            shop.reply(id, format!("Reply {n}")).await;
        }
    }
    let n = conversations.len() * REPLIES;
    let begun = Instant::now();
    shop.opens_wide();
    let last = loop {
        // Other words may be on their way too: a customer is told who has come.
        let messages = shop.telegram.messages();
        let replies: Vec<_> = messages.iter().filter(|message| message.text.starts_with("Ann\nReply ")).collect();
        if replies.len() >= n {
            break replies.into_iter().map(|message| message.at).max().unwrap();
        }
        assert!(begun.elapsed() < 20 * WAIT_AT_MOST, "only {} of {n} went", replies.len());
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    println!("{:.0} messages a second through one bot ({n} messages)", n as f64 / (last - begun).as_secs_f64());
    for (customer, _) in &conversations {
        let replies = customer.messages().into_iter().filter_map(|m| m.text.strip_prefix("Ann\n").map(str::to_owned));
        let expected: Vec<String> = (0..REPLIES).map(|n| format!("Reply {n}")).collect();
        assert_eq!(replies.collect::<Vec<_>>(), expected, "each once, in order");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_long_a_reply_is_on_its_way() {
    let (shop, conversations) = Shop::full().await;
    let mut delays = vec![];
    for n in 0..ALONE {
        let (customer, id) = &conversations[n % conversations.len()];
        shop.reply(id, format!("Alone {n}")).await;
        let kept = Instant::now();
        let message = customer.hears_about(&format!("Alone {n}")).await;
        delays.push(message.at.saturating_duration_since(kept).as_secs_f64() * 1e3);
    }
    delays.sort_by(f64::total_cmp);
    let at = |share: f64| delays[((delays.len() - 1) as f64 * share) as usize];
    println!("from the kept reply to sendMessage: p50 {:.2} ms, p99 {:.2} ms ({ALONE} replies)", at(0.5), at(0.99));
}
