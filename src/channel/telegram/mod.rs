//! Telegram: updates in, outbox out.
//!
//! May: speak the Bot API and call the desk. The only place that names teloxide.
//! May not: touch the store, or decide what is said.
//!
//! Two loops share one bot. `updates` takes what customers did one at a time and asks for the next only when the desk has
//! committed it. `outbox` carries what was said, in order within a conversation, at Telegram's pace. What only Telegram
//! needs said ("only text is read yet") goes past the outbox as a note, which may be lost with the process.

mod api;
mod backoff;
mod buttons;
mod forgetting;
mod from_html;
mod gate;
mod health;
mod notes;
mod outbox;
mod reading;
mod render;
mod rich;
mod taking;
mod taps;
mod texts;
mod updates;

pub use health::TelegramHealth;

use crate::desk::Desk;
use crate::domain::Language;
use api::Api;
use gate::Gate;
use notes::Notes;
use std::fmt;
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;
use url::Url;

#[derive(Clone, Debug)]
pub struct TelegramOptions {
    /// Stands in addresses and ids, so it stays when the token changes.
    pub name: String,
    pub token: Token,
    /// A Bot API server of one's own; `None` is Telegram's.
    pub api_url: Option<Url>,
    /// The site that conversations of this bot belong to.
    pub site: String,
    /// Spoken to customers whose app and words name no language we know.
    pub language: Language,
}

/// What @BotFather gave. Whoever has it is the bot, so it is never shown.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into().trim().to_owned())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Runs one bot until `shutdown`. Trouble with Telegram is told in `health` and never ends it. Before it returns, what is
/// being sent is sent and settled (at most about `api::SEND_WITHIN`), so nothing is sent twice after a planned restart.
pub async fn run(desk: Desk, options: TelegramOptions, health: Arc<TelegramHealth>, shutdown: CancellationToken) {
    let gate = Arc::new(Mutex::new(Gate::new(tokio::time::Instant::now())));
    let api = Api::new(options.token, options.api_url);
    let bot = TelegramBot {
        notes: Notes::new(api.clone(), gate.clone(), desk.clock().clone(), shutdown.clone()),
        desk,
        name: options.name,
        site: options.site,
        default_language: options.language,
        api,
        gate,
        health,
    };
    tracing::info!(bot = %bot.name, "the Telegram bot starts");
    tokio::join!(updates::run(&bot, &shutdown), outbox::run(&bot, &shutdown));
    bot.notes.finish().await;
    tracing::info!(bot = %bot.name, "the Telegram bot has stopped");
}

struct TelegramBot {
    desk: Desk,
    name: String,
    site: String,
    default_language: Language,
    api: Api,
    /// Telegram's limits hold for the bot as a whole: the outbox and the notes pass through one gate.
    gate: Arc<Mutex<Gate>>,
    notes: Notes,
    health: Arc<TelegramHealth>,
}

#[cfg(feature = "testkit")]
#[cfg(test)]
mod tests {
    //! The channel with a real desk and store between customers and agents. No article is loaded, so the bot hands off
    //! whatever it is asked: what matters here is how things travel, not what the answer is.

    use super::*;
    use crate::answering::{Answering, Options};
    use crate::bus::Bus;
    use crate::clock::Clock;
    use crate::desk::{EndingWish, NewAgent, Settings};
    use crate::domain::{Channel, Conversation, PolicyWish};
    use crate::store::sqlite::SqliteStore;
    use crate::store::{AgentRecord, Role};
    use crate::testkit::telegram::{Customer, StandIn};
    use serde_json::json;
    use std::time::Duration;
    use tokio::task::JoinHandle;

    struct Shop {
        telegram: StandIn,
        desk: Desk,
        ann: AgentRecord,
        health: Arc<TelegramHealth>,
        shutdown: CancellationToken,
        running: JoinHandle<()>,
        store: Arc<SqliteStore>,
        _folder: tempfile::TempDir,
    }

    impl Shop {
        async fn opens() -> Self {
            let telegram = StandIn::start().await;
            let folder = tempfile::tempdir().unwrap();
            let store = Arc::new(SqliteStore::open(folder.path()).await.unwrap());
            let clock = Clock::system();
            let options = Options {
                knowledge: folder.path().to_owned(),
                model: None,
                cache: None,
                threads: 0,
                encoder_wait: Duration::ZERO,
                policy: PolicyWish::default(),
            };
            let answering = Answering::unloaded(options, clock.clone());
            let settings = Settings { gather_timeout: Duration::from_millis(1), ..Settings::default() };
            let desk = Desk::new(store.clone(), Bus::in_process(), answering, clock, settings);
            let (email, password) = ("ann@shop.example".into(), "correct horse".into());
            let ann =
                desk.add_agent(NewAgent { email, name: "Ann".into(), role: Role::Agent, password }).await.unwrap();
            let (health, shutdown) = (Arc::default(), CancellationToken::new());
            let running = start(&telegram, &desk, &health, &shutdown);
            Self { telegram, desk, ann, health, shutdown, running, store, _folder: folder }
        }

        /// As `kill -9` would, at whatever it is doing.
        async fn is_killed(&mut self) {
            self.running.abort();
            let _ = (&mut self.running).await;
        }

        async fn is_closed(&mut self) {
            self.shutdown.cancel();
            (&mut self.running).await.unwrap();
        }

        fn opens_again(&mut self) {
            self.shutdown = CancellationToken::new();
            self.running = start(&self.telegram, &self.desk, &self.health, &self.shutdown);
        }

        async fn conversation_of(&self, customer: &Customer) -> Conversation {
            let channel = Channel::Telegram { bot: "shop".into(), chat: customer.chat() };
            self.desk.conversation_by_channel(&channel).await.unwrap().unwrap()
        }

        async fn turns_of(&self, customer: &Customer) -> Vec<String> {
            let id = self.conversation_of(customer).await.id;
            self.desk.update(&id, 0, 100).await.unwrap().turns.into_iter().map(|turn| turn.text).collect()
        }

        /// Ann takes the conversation and says these things.
        async fn ann_says(&self, customer: &Customer, texts: &[&str]) {
            let id = self.conversation_of(customer).await.id;
            self.desk.claim(&id, &self.ann).await.unwrap();
            for text in texts {
                let client_id = self.desk.clock().new_id();
                self.desk.reply(&id, &self.ann, client_id, (*text).to_owned()).await.unwrap();
            }
        }
    }

    fn start(
        telegram: &StandIn,
        desk: &Desk,
        health: &Arc<TelegramHealth>,
        shutdown: &CancellationToken,
    ) -> JoinHandle<()> {
        let options = TelegramOptions {
            name: "shop".into(),
            token: Token::new(telegram.token()),
            api_url: Some(telegram.url()),
            site: "telegram".into(),
            language: Language::En,
        };
        assert!(!format!("{options:?}").contains(&telegram.token()), "the token is never shown");
        tokio::spawn(run(desk.clone(), options, health.clone(), shutdown.clone()))
    }

    #[tokio::test]
    async fn from_the_first_word_to_the_rating() {
        let shop = Shop::opens().await;
        let anna = shop.telegram.customer(7, "en");
        anna.says("/start from_the_shop");
        assert!(anna.hears().await.text.contains("/human"));

        anna.says("Where is my refund?");
        let in_line = anna.hears().await;
        assert!(in_line.text.contains("next in line"), "{}", in_line.text);
        anna.sees_typing(1).await;
        assert_eq!(anna.taps("Back to the bot").is_answered().await, None);
        assert!(anna.hears().await.text.contains("back with the bot"));
        anna.sees_no_buttons_under(&in_line).await;
        let data = &in_line.buttons[0][0].data;
        let line = anna.taps_on(&in_line, data).is_answered().await.expect("a button from earlier is answered");
        assert!(line.contains("from earlier"), "{line}");

        anna.says("/human");
        assert!(anna.hears().await.text.contains("next in line"));
        shop.ann_says(&anna, &["Is it <order> 1 & 2?"]).await;
        assert!(anna.hears().await.text.contains("Ann has joined"));
        assert_eq!(anna.hears().await.text, "Ann\nIs it <order> 1 & 2?");

        anna.sends_photo_saying("this one");
        assert!(anna.hears().await.text.contains("put it into words"));
        anna.says("number 2");
        shop.telegram.all_taken().await;
        let turns = shop.turns_of(&anna).await;
        assert_eq!(turns[turns.len() - 2..], ["[photo] this one", "number 2"]);

        let id = shop.conversation_of(&anna).await.id;
        shop.desk.resolve(&id, &shop.ann, EndingWish::solved()).await.unwrap();
        let farewell = anna.hears().await;
        assert_eq!(farewell.labels(), ["1 ⭐", "2 ⭐", "3 ⭐", "4 ⭐", "5 ⭐"]);
        anna.taps("4 ⭐").is_answered().await;
        let thanks = anna.hears().await;
        assert_eq!((thanks.text.as_str(), thanks.buttons.len()), ("Thank you for the rating!", 0));
        assert_eq!(shop.conversation_of(&anna).await.rating, Some(4));
        assert_eq!(shop.health.degraded(), [""; 0]);
    }

    #[tokio::test]
    async fn whatever_telegram_does_the_words_arrive_in_order() {
        let shop = Shop::opens().await;
        let anna = shop.telegram.customer(7, "en");
        shop.telegram.fail_next_of("getUpdates", 2, 502);
        anna.says("Hello?");
        shop.telegram.fail_next(1, 502);
        assert!(anna.hears().await.text.contains("next in line"));
        shop.telegram.fail_next(1, 429);
        shop.ann_says(&anna, &["one", "two", "three"]).await;
        assert!(anna.hears().await.text.contains("joined"));
        shop.telegram.withhold_next_answers(1);
        let mut heard = vec![];
        while heard.last().is_none_or(|text| text != "Ann\nthree") {
            heard.push(anna.hears().await.text);
        }
        heard.dedup();
        assert_eq!(heard, ["Ann\none", "Ann\ntwo", "Ann\nthree"], "the one whose answer was lost may come twice");
    }

    #[tokio::test]
    async fn long_words_come_in_parts_and_marks_are_given_up_before_words() {
        let shop = Shop::opens().await;
        let anna = shop.telegram.customer(7, "en");
        anna.says("/human");
        anna.hears().await;
        // 4,000 characters, but 8,000 of the units that Telegram counts.
        shop.ann_says(&anna, &[&"😀".repeat(4000)]).await;
        anna.hears_about("joined").await;
        let (first, second) = (anna.hears().await.text, anna.hears().await.text);
        assert_eq!(format!("{first}{second}").replace("Ann\n", ""), "😀".repeat(4000));

        shop.telegram.fail_next(1, 400);
        shop.ann_says(&anna, &["plain"]).await;
        let heard = anna.hears().await;
        assert_eq!((heard.text.as_str(), heard.is_html), ("Ann\nplain", false));
    }

    #[tokio::test]
    async fn a_death_loses_nothing_and_repeats_no_turn() {
        let mut shop = Shop::opens().await;
        let anna = shop.telegram.customer(7, "en");
        anna.says("Hello?");
        anna.hears().await;
        shop.telegram.all_taken().await;
        shop.is_killed().await;
        shop.telegram.repeats_last_update();
        anna.says("Anyone there?");
        shop.ann_says(&anna, &["I am"]).await;
        // What was leased is free again when its lease has run out.
        shop.desk.clock().advance_secs(61);
        shop.opens_again();
        anna.hears_about("I am").await;
        shop.telegram.all_taken().await;
        let said = |turns: Vec<String>, text: &str| turns.iter().filter(|turn| *turn == text).count();
        assert_eq!(said(shop.turns_of(&anna).await, "Hello?"), 1);
        assert_eq!(said(shop.turns_of(&anna).await, "Anyone there?"), 1);

        // A planned end leaves nothing leased, so nothing waits after it.
        shop.is_closed().await;
        shop.ann_says(&anna, &["Still here"]).await;
        shop.opens_again();
        anna.hears_about("Still here").await;
    }

    #[tokio::test]
    async fn while_the_store_is_away_updates_wait() {
        let shop = Shop::opens().await;
        let anna = shop.telegram.customer(7, "en");
        anna.says("/start");
        anna.hears().await;
        shop.telegram.all_taken().await;
        shop.store.close().await;
        anna.says("Is this kept?");
        shop.telegram.pushes(json!({"message": {}}));
        let told = || shop.health.degraded().iter().any(|sentence| sentence.contains("updates of bot shop wait"));
        while !told() {
            tokio::task::yield_now().await;
        }
        assert_eq!(shop.telegram.n_waiting(), 2, "nothing is confirmed that is not kept");
    }

    #[tokio::test]
    async fn what_is_no_text_gets_a_kind_line() {
        let shop = Shop::opens().await;
        let anna = shop.telegram.customer(7, "zh-hant");
        anna.sends_album(5);
        let line = anna.hears().await;
        assert_eq!((line.text.contains("文字"), line.labels()), (true, vec!["轉真人客服"]));
        anna.taps("轉真人客服").is_answered().await;
        assert!(anna.hears().await.text.contains("第 1 位"));

        anna.says(&"字".repeat(4096));
        assert!(anna.hears_about("4000").await.text.contains("太長"));
        assert_eq!(shop.turns_of(&anna).await.iter().map(|turn| turn.chars().count()).max(), Some(4000));

        let group = shop.telegram.group(-100);
        group.says("hi all");
        group.says("anyone?");
        assert!(group.hears().await.text.contains("private"));
        shop.telegram.pushes(json!({"message": {"text": "no chat"}}));
        anna.says("/help");
        anna.hears_about("第 1 位").await;
        shop.telegram.all_taken().await;
        assert_eq!(group.messages().len(), 1, "said once");
        assert_eq!(
            anna.messages().iter().filter(|message| message.text.contains("只能看文字")).count(),
            1,
            "one album, one line"
        );
    }

    #[tokio::test]
    async fn a_customer_who_blocks_the_bot_holds_up_nobody() {
        let shop = Shop::opens().await;
        let (anna, boris) = (shop.telegram.customer(7, "en"), shop.telegram.customer(8, "ru"));
        anna.says("/human");
        boris.says("/human");
        anna.hears().await;
        boris.hears().await;
        anna.blocks();
        shop.ann_says(&anna, &["one", "two"]).await;
        shop.ann_says(&boris, &["раз"]).await;
        boris.hears_about("раз").await;
        shop.telegram.called("sendMessage", 7).await;
        anna.unblocks();
        shop.ann_says(&anna, &["welcome back"]).await;
        assert_eq!(anna.hears().await.text, "Ann\nwelcome back");
    }

    #[tokio::test]
    async fn who_wants_to_be_forgotten_is() {
        let shop = Shop::opens().await;
        let anna = shop.telegram.customer(7, "ru");
        anna.says("/forget");
        assert!(anna.hears().await.text.contains("нечего"), "nobody is known yet");
        anna.says("Где мой Занзибар?");
        assert!(anna.hears().await.text.contains("следующий"));
        let before = shop.conversation_of(&anna).await;
        shop.ann_says(&anna, &["Занзибар далеко"]).await;
        anna.hears_about("далеко").await;

        anna.says("/forget");
        let asked = anna.hears().await;
        assert_eq!(asked.labels(), ["Стереть всё"]);
        assert_eq!(shop.conversation_of(&anna).await.phase.name(), "with_agent", "asking does nothing yet");
        assert_eq!(anna.taps("Стереть всё").is_answered().await, None);
        assert!(anna.hears_about("стёрто").await.buttons.is_empty());
        anna.sees_no_buttons_under(&asked).await;
        let channel = Channel::Telegram { bot: "shop".into(), chat: 7 };
        assert_eq!(shop.desk.conversation_by_channel(&channel).await.unwrap(), None, "the farewell made nothing new");
        let left = shop.desk.update(&before.id, 0, 100).await.unwrap();
        assert!(left.turns.iter().all(|turn| turn.text.is_empty()) && left.phase.name() == "resolved");

        let data = &asked.buttons[0][0].data;
        let line = anna.taps_on(&asked, data).is_answered().await.expect("a used button says so");
        assert!(line.contains("уже"), "{line}");
        anna.says("Снова я");
        anna.hears().await;
        let after = shop.conversation_of(&anna).await;
        assert!(after.id != before.id && after.customer != before.customer);
        let line = anna.taps_on(&asked, data).is_answered().await.expect("nor does it erase what came after");
        assert!(line.contains("уже"), "{line}");
        assert_eq!(shop.conversation_of(&anna).await.id, after.id);
    }

    #[tokio::test]
    async fn a_hundred_customers_at_once_stay_within_telegrams_pace() {
        let shop = Shop::opens().await;
        let crowd: Vec<_> = (100..200).map(|chat| shop.telegram.customer(chat, "en")).collect();
        for customer in &crowd {
            customer.says("/human");
        }
        for customer in &crowd {
            assert!(customer.hears().await.text.contains("in line"));
        }
        let n_calls = shop.telegram.calls().iter().filter(|call| *call == "sendmessage").count();
        assert_eq!(n_calls, crowd.len(), "none was refused as too fast");
    }
}
