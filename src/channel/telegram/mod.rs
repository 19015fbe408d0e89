//! Telegram: updates in, outbox out.
//!
//! May: speak the Bot API and call the desk. The only place that names teloxide.
//! May not: touch the store, or decide what is said.
//!
//! Loops share one bot. `updates` takes what customers did one at a time and asks for the next only when the desk has
//! committed it. `files_in` fetches what they sent. `outbox` carries what was said, in order within a conversation, at Telegram's
//! pace. `typing` shows an agent's hands. What only Telegram needs said ("only text is read yet") goes past the outbox as a note, which may be lost with the process.

mod api;
mod buttons;
mod editing;
mod edits_tests;
mod files_in;
mod files_out;
mod files_tests;
mod forgetting;
mod from_html;
mod gate;
mod health;
mod notes;
mod outbox;
mod reading;
mod render;
mod rich;
mod speed;
mod taking;
mod taps;
mod texts;
mod typing;
mod updates;
mod webhook;

pub use health::{BotStanding, TelegramHealth, Transport};
pub use webhook::{Brought, WebhookDoor, WebhookOptions};

use super::backoff;
use crate::desk::Desk;
use crate::domain::{Language, QueueName};
use api::Api;
use gate::Gate;
use notes::Notes;
use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
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
    /// Where its customers wait when nothing they said leads elsewhere.
    pub queue: Option<QueueName>,
    /// One polite line a day in groups; else nothing.
    pub answers_groups: bool,
    /// `None`: long polling.
    pub webhook: Option<WebhookOptions>,
    /// Words that come within this of the ones before are read together with them as one question. Zero: each by itself.
    pub burst: Duration,
    /// Where a Bot API server of one's own lays files down; `None`: files are fetched over HTTP.
    pub local_files: Option<PathBuf>,
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
    run_through(desk, options, health, shutdown, Gate::new(tokio::time::Instant::now())).await;
}

async fn run_through(
    desk: Desk,
    options: TelegramOptions,
    health: Arc<TelegramHealth>,
    shutdown: CancellationToken,
    gate: Gate,
) {
    let gate = Arc::new(Mutex::new(gate));
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
        queue: options.queue,
        answers_groups: options.answers_groups,
        burst: options.burst,
        local_files: options.local_files,
        taken: Mutex::default(),
        file_bell: Notify::new(),
    };
    tracing::info!(bot = %bot.name, "the Telegram bot starts");
    tokio::join!(
        async {
            match options.webhook {
                Some(webhook) => webhook::run(&bot, webhook, &shutdown).await,
                None => updates::run(&bot, &shutdown).await,
            }
        },
        files_in::run(&bot, &shutdown),
        outbox::run(&bot, &shutdown),
        typing::run(&bot, &shutdown),
    );
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
    queue: Option<QueueName>,
    answers_groups: bool,
    /// Updates that were taken, so that one that comes again does nothing again.
    taken: Mutex<Taken>,
    burst: Duration,
    local_files: Option<PathBuf>,
    /// Rung when a file is to be fetched.
    file_bell: Notify,
}

/// The updates that were taken last. In memory alone: whatever a customer says is known by its own id in the store, and what a tap or a
/// command does again after a restart is at most a line said again.
#[derive(Default)]
struct Taken {
    ids: HashSet<i64>,
    order: VecDeque<i64>,
}

impl Taken {
    const AT_MOST: usize = 10_000;

    fn knows(&self, id: i64) -> bool {
        self.ids.contains(&id)
    }

    fn remember(&mut self, id: i64) {
        if self.ids.insert(id) {
            self.order.push_back(id);
        }
        if self.order.len() > Self::AT_MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }
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
    use axum::Json;
    use axum::http::{HeaderMap, StatusCode};
    use serde_json::{Value, json};
    use tokio::task::JoinHandle;

    pub struct Shop {
        hook: Option<Hook>,
        pub telegram: StandIn,
        pub desk: Desk,
        pub ann: AgentRecord,
        pub health: Arc<TelegramHealth>,
        pub shutdown: CancellationToken,
        pub running: JoinHandle<()>,
        store: Arc<SqliteStore>,
        pub burst: Duration,
        pub local_files: Option<PathBuf>,
        _folder: tempfile::TempDir,
    }

    /// How updates come.
    #[derive(Clone, Copy, Debug)]
    pub enum Form {
        Polling,
        Webhook,
    }

    /// The address that Telegram brings updates to; it outlives the bot behind it.
    pub struct Hook {
        door: Arc<Mutex<Option<WebhookDoor>>>,
    }

    impl Hook {
        const ADDRESS: &str = "https://support.example/telegram/shop/update";

        /// What `channel::http::webhook` does, without the rest of that room.
        async fn listens(telegram: &StandIn) -> Self {
            let door: Arc<Mutex<Option<WebhookDoor>>> = Arc::default();
            let behind = door.clone();
            let take = move |headers: HeaderMap, Json(update): Json<Value>| {
                let door = behind.lock().unwrap().clone();
                async move {
                    let secret = headers.get("x-telegram-bot-api-secret-token").map(|secret| secret.as_bytes());
                    match door {
                        Some(door) if !door.is_right(secret.unwrap_or_default()) => StatusCode::UNAUTHORIZED,
                        Some(door) if door.bring(update).await == Brought::Taken => StatusCode::OK,
                        Some(_) | None => StatusCode::SERVICE_UNAVAILABLE,
                    }
                }
            };
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            telegram.leads("https://support.example", &format!("http://{}", listener.local_addr().unwrap()));
            let router = axum::Router::new().route("/telegram/shop/update", axum::routing::post(take));
            tokio::spawn(async move { axum::serve(listener, router).await });
            Self { door }
        }

        fn opens(&self, token: &Token) -> WebhookOptions {
            let door = WebhookDoor::new(None, token);
            *self.door.lock().unwrap() = Some(door.clone());
            WebhookOptions { url: Url::parse(Self::ADDRESS).unwrap(), max_connections: 40, door }
        }
    }

    /// Each story twice: updates are polled for, and brought.
    macro_rules! in_both_forms {
        ($($story:ident)*) => {
            mod polling {
                $(#[tokio::test]
                async fn $story() {
                    super::$story(super::Form::Polling).await;
                })*
            }
            mod webhook {
                $(#[tokio::test]
                async fn $story() {
                    super::$story(super::Form::Webhook).await;
                })*
            }
        };
    }
    pub(super) use in_both_forms;

    in_both_forms! {
        from_the_first_word_to_the_rating
        whatever_telegram_does_the_words_arrive_in_order
        long_words_come_in_parts_and_marks_are_given_up_before_words
        a_death_loses_nothing_and_repeats_no_turn
        while_the_store_is_away_updates_wait
        what_is_no_text_gets_a_kind_line
        a_customer_who_blocks_the_bot_holds_up_nobody
        who_wants_to_be_forgotten_is
        a_hundred_customers_at_once_stay_within_telegrams_pace
    }

    impl Shop {
        pub async fn opens() -> Self {
            Self::opens_in(Form::Polling).await
        }

        pub async fn opens_in(form: Form) -> Self {
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
            let (burst, local_files) = (Duration::ZERO, None);
            let hook = match form {
                Form::Polling => None,
                Form::Webhook => Some(Hook::listens(&telegram).await),
            };
            let running = start(&telegram, &desk, &health, &shutdown, (burst, local_files.clone(), hook.as_ref()));
            Self { hook, telegram, desk, ann, health, shutdown, running, store, burst, local_files, _folder: folder }
        }

        /// As `kill -9` would, at whatever it is doing.
        pub async fn is_killed(&mut self) {
            self.running.abort();
            let _ = (&mut self.running).await;
        }

        pub async fn is_closed(&mut self) {
            self.shutdown.cancel();
            (&mut self.running).await.unwrap();
        }

        pub fn opens_again(&mut self) {
            self.shutdown = CancellationToken::new();
            let files = self.local_files.clone();
            self.running = start(
                &self.telegram,
                &self.desk,
                &self.health,
                &self.shutdown,
                (self.burst, files, self.hook.as_ref()),
            );
        }

        pub async fn conversation_of(&self, customer: &Customer) -> Conversation {
            let channel = Channel::Telegram { bot: "shop".into(), chat: customer.chat() };
            self.desk.conversation_by_channel(&channel).await.unwrap().unwrap()
        }

        pub async fn turns_of(&self, customer: &Customer) -> Vec<String> {
            let id = self.conversation_of(customer).await.id;
            self.desk.update(&id, 0, 100).await.unwrap().turns.into_iter().map(|turn| turn.text).collect()
        }

        /// Ann takes the conversation and says these things.
        pub async fn ann_says(&self, customer: &Customer, texts: &[&str]) {
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
        (burst, local_files, hook): (Duration, Option<PathBuf>, Option<&Hook>),
    ) -> JoinHandle<()> {
        let options = TelegramOptions {
            name: "shop".into(),
            token: Token::new(telegram.token()),
            api_url: Some(telegram.url()),
            site: "telegram".into(),
            language: Language::En,
            queue: None,
            answers_groups: true,
            webhook: hook.map(|hook| hook.opens(&Token::new(telegram.token()))),
            burst,
            local_files,
        };
        assert!(!format!("{options:?}").contains(&telegram.token()), "the token is never shown");
        tokio::spawn(run(desk.clone(), options, health.clone(), shutdown.clone()))
    }

    async fn from_the_first_word_to_the_rating(form: Form) {
        let shop = Shop::opens_in(form).await;
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

        anna.sends(json!({"sticker": {"file_id": "s", "emoji": "🤷"}}));
        anna.says("number 2");
        shop.telegram.all_taken().await;
        let turns = shop.turns_of(&anna).await;
        assert_eq!(turns[turns.len() - 2..], ["[sticker] 🤷", "number 2"]);

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

    async fn whatever_telegram_does_the_words_arrive_in_order(form: Form) {
        let shop = Shop::opens_in(form).await;
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

    async fn long_words_come_in_parts_and_marks_are_given_up_before_words(form: Form) {
        let shop = Shop::opens_in(form).await;
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

    async fn a_death_loses_nothing_and_repeats_no_turn(form: Form) {
        let mut shop = Shop::opens_in(form).await;
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

    async fn while_the_store_is_away_updates_wait(form: Form) {
        let shop = Shop::opens_in(form).await;
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

    async fn what_is_no_text_gets_a_kind_line(form: Form) {
        let shop = Shop::opens_in(form).await;
        let anna = shop.telegram.customer(7, "zh-hant");
        for _ in 0..5 {
            anna.sends(json!({"dice": {"emoji": "🎲", "value": 1}}));
        }
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
            anna.messages().iter().filter(|message| message.text.contains("無法處理")).count(),
            1,
            "five dice, one line"
        );
    }

    async fn a_customer_who_blocks_the_bot_holds_up_nobody(form: Form) {
        let shop = Shop::opens_in(form).await;
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

    async fn who_wants_to_be_forgotten_is(form: Form) {
        let shop = Shop::opens_in(form).await;
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

    async fn a_hundred_customers_at_once_stay_within_telegrams_pace(form: Form) {
        let shop = Shop::opens_in(form).await;
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
