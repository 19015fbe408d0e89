//! The same story in Telegram, against a stand-in for its Bot API that refuses what Telegram refuses.

use crate::cast::{DEADLINE, Server, Setup};
use firstline::testkit::telegram::{Customer, Message, StandIn};

struct Lines {
    language: &'static str,
    refund: &'static str,
    stranger: &'static str,
    something_else: &'static str,
    in_line: &'static str,
    thanks: &'static str,
    small_talk: &'static str,
    /// Words of the article about refunds that have not come.
    answer: &'static str,
}

const STORY: [Lines; 4] = [
    Lines {
        language: "en",
        refund: "it has been two weeks and my refund is nowhere to be seen",
        stranger: "Do you know a good recipe for mushroom soup?",
        something_else: "Something else",
        in_line: "next in line",
        thanks: "thank you!",
        small_talk: "welcome",
        answer: "check its status",
    },
    Lines {
        language: "zh-hans",
        refund: "东西都退回去十天了，退款一直没看到",
        stranger: "今天北京的天气怎么样，要带伞吗？",
        something_else: "都不是",
        in_line: "第 1 位",
        thanks: "谢谢",
        small_talk: "不客气",
        answer: "退款流水号",
    },
    Lines {
        language: "zh-hant",
        refund: "退回去的東西你們都收到了，錢怎麼還沒退給我",
        stranger: "請問台北哪裡有好吃的牛肉麵？",
        something_else: "都不是",
        in_line: "第 1 位",
        thanks: "謝謝",
        small_talk: "不客氣",
        answer: "7 個工作天",
    },
    Lines {
        language: "ru",
        refund: "вернула вам блендер две недели назад, а деньги так и не пришли",
        stranger: "Посоветуйте рецепт грибного супа",
        something_else: "Другое",
        in_line: "следующий в очереди",
        thanks: "спасибо",
        small_talk: "Пожалуйста",
        answer: "пришлём подтверждение",
    },
];

/// How updates come to the server.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Polling,
    Webhook,
}

/// What the server calls its own address; `leads` says where it is.
const ADDRESS: &str = "https://support.example";

fn leads(telegram: &StandIn, server: &Server) {
    telegram.leads(ADDRESS, &server.url);
}

fn with_bot(telegram: &StandIn, form: Form) -> Setup {
    let webhook = match form {
        Form::Polling => String::new(),
        Form::Webhook => format!("webhook = {{ url = {ADDRESS:?} }}\n"),
    };
    let config = format!(
        "[[telegram]]\nname = \"shop\"\ntoken_env = \"SHOP_BOT_TOKEN\"\napi_url = {:?}\n{webhook}",
        telegram.url().as_str()
    );
    Setup { config, env: vec![("SHOP_BOT_TOKEN".into(), telegram.token())], ..Setup::default() }
}

/// Waits until a message fits; what stands in the chat is the customer's whole view.
async fn sees(customer: &Customer, what: &str, fits: impl Fn(&Message) -> bool) -> Message {
    let looking = async {
        loop {
            if let Some(found) = customer.messages().into_iter().rev().find(|message| fits(message)) {
                return found;
            }
            customer.hears().await;
        }
    };
    let seen = tokio::time::timeout(DEADLINE, looking).await;
    seen.unwrap_or_else(|_| panic!("{what} never came; the chat: {:#?}", customer.messages()))
}

async fn waiting_conversation(agent: &crate::cast::Agent, need: &str) -> String {
    let begun = std::time::Instant::now();
    loop {
        let list = agent.get("conversations?view=waiting&limit=100").await;
        let rows = list["conversations"].as_array().unwrap();
        if let Some(row) = rows.iter().find(|row| row["need"].as_str().is_some_and(|n| n.contains(need))) {
            return row["id"].as_str().unwrap().to_owned();
        }
        assert!(begun.elapsed() < DEADLINE, "{need:?} is not in line: {list}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_in_telegram() {
    story(Form::Polling, &STORY).await;
}

/// Two languages are enough: the words take the same way from where they came in.
#[tokio::test(flavor = "multi_thread")]
async fn the_story_in_telegram_with_a_webhook() {
    story(Form::Webhook, &STORY[..2]).await;
}

async fn story(form: Form, story: &[Lines]) {
    let telegram = StandIn::start().await;
    let mut server = Server::start(with_bot(&telegram, form));
    leads(&telegram, &server);
    let mut alice = server.agent("alice@shop.example", "Alice").await;
    let mut bob = server.agent("bob@shop.example", "Bob").await;
    let lena = server.lead("lena@shop.example", "Lena").await;
    assert_eq!(alice.asks("bots").await.0, 403);

    for (i, lines) in story.iter().enumerate() {
        let language = lines.language;
        let customer = telegram.customer(1001 + i as i64, language);

        customer.says(lines.refund);
        sees(&customer, "the answer", |m| m.text.contains(lines.answer)).await;

        customer.says(lines.stranger);
        let reaction = sees(&customer, "a reaction", |m| {
            m.text.contains(lines.in_line) || m.labels().contains(&lines.something_else)
        })
        .await;
        if reaction.labels().contains(&lines.something_else) {
            customer.taps(lines.something_else).is_answered().await;
        }
        sees(&customer, "the place in line", |m| m.text.contains(lines.in_line)).await;

        let id = waiting_conversation(&alice, lines.stranger).await;
        let view = alice.opens(&id).await;
        assert_eq!(view["conversation"]["channel"], "telegram", "{language}");
        assert!(!view["brief"]["candidates"].as_array().unwrap().is_empty(), "{language}: {}", view["brief"]);
        assert!(view["turns"].as_array().unwrap().iter().any(|turn| turn["text"] == lines.refund), "{language}");
        assert_eq!(alice.claims(&id).await.0, 200);
        assert_eq!(bob.claims(&id).await.0, 409);
        assert_eq!(alice.replies(&id, "Let me **look** into that.").await.0, 200);
        customer.hears_about("Let me look into that.").await;

        server.kill_and_start_again();
        leads(&telegram, &server);
        alice.finds(&server);
        bob.finds(&server);

        // Both ways still work, and nothing came twice.
        customer.says("9 + 1");
        let begun = std::time::Instant::now();
        let n_heard = loop {
            let view = alice.opens(&id).await;
            let n = view["turns"].as_array().unwrap().iter().filter(|turn| turn["text"] == "9 + 1").count();
            if n > 0 {
                break n;
            }
            assert!(begun.elapsed() < DEADLINE, "{language}: the words never reached the agent");
        };
        assert_eq!(n_heard, 1, "{language}");
        assert_eq!(alice.replies(&id, "All done.").await.0, 200);
        customer.hears_about("All done.").await;
        assert_eq!(alice.resolves(&id).await.0, 200);

        // The rating's buttons stand under the farewell.
        let farewell =
            sees(&customer, "the rating", |m| m.buttons.iter().flatten().any(|b| b.data.starts_with("r:"))).await;
        let best = farewell.buttons.iter().flatten().last().unwrap().data.clone();
        customer.taps(&best).is_answered().await;
        let begun = std::time::Instant::now();
        while alice.opens(&id).await["conversation"]["rating"] != 5 {
            assert!(begun.elapsed() < DEADLINE, "{language}: the rating never arrived");
        }

        customer.says(lines.thanks);
        sees(&customer, "small talk", |m| m.text.contains(lines.small_talk)).await;

        let n_heard = |words: &str| customer.messages().iter().filter(|m| m.text.contains(words)).count();
        assert_eq!(n_heard("All done."), 1, "{language}");
        // The process may have died between the send and the stored answer; then, and only then, it comes again.
        assert!((1..=2).contains(&n_heard("Let me look into that.")), "{language}");
    }

    let mut lena = lena;
    lena.finds(&server);
    // What the customer sees is settled a moment later.
    let begun = std::time::Instant::now();
    let bot = loop {
        let bots = lena.get("bots").await;
        let bot = bots["bots"][0].clone();
        if bot["n_due"] == 0 {
            break bot;
        }
        assert!(begun.elapsed() < DEADLINE, "something is never delivered: {bot}");
    };
    let transport = if form == Form::Polling { "polling" } else { "webhook" };
    assert_eq!((bot["name"].as_str(), bot["site"].as_str()), (Some("shop"), Some("shop")), "{bot}");
    assert_eq!((bot["transport"].as_str(), &bot["troubles"]), (Some(transport), &serde_json::json!([])), "{bot}");
    assert_eq!(bot["link"], format!("https://t.me/{}", bot["username"].as_str().unwrap()));
    assert!(bot["last_update_at"].is_string() && bot["last_sent_at"].is_string(), "{bot}");
    assert_eq!((&bot["n_dead"], &bot["oldest_due_at"]), (&0.into(), &serde_json::Value::Null), "{bot}");
}

/// The stand-in hands out the same update again; Telegram does that after a broken connection.
#[tokio::test(flavor = "multi_thread")]
async fn an_update_twice_is_one_turn() {
    let telegram = StandIn::start().await;
    let server = Server::start(Setup { without_encoder: true, ..with_bot(&telegram, Form::Polling) });
    let alice = server.agent("alice@shop.example", "Alice").await;
    let customer = telegram.customer(7, "en");
    customer.says("I want to talk to a human");
    let id = waiting_conversation(&alice, "human").await;
    telegram.repeats_last_update();
    telegram.all_taken().await;
    let view = alice.opens(&id).await;
    let n = view["turns"].as_array().unwrap().iter().filter(|turn| turn["by"] == "customer").count();
    assert_eq!(n, 1, "{view}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_said_and_nothing_else_stops() {
    let telegram = StandIn::start().await;
    let mut setup = with_bot(&telegram, Form::Polling);
    setup.env[0].1 = "1:wrong".into();
    let server = Server::start(Setup { without_encoder: true, ..setup });
    let begun = std::time::Instant::now();
    loop {
        let (status, ready) = crate::cast::send(crate::cast::http().get(format!("{}/readyz", server.url))).await;
        assert_eq!(status, 200, "{ready}");
        if ready["telegram"].to_string().contains("token") {
            break;
        }
        assert!(begun.elapsed() < DEADLINE, "the token is not mentioned: {ready}");
    }
    let alice = server.agent("alice@shop.example", "Alice").await;
    assert!(alice.get("me").await["health"]["degraded"].to_string().contains("@BotFather"), "agents are told too");
    let bots = server.lead("lena@shop.example", "Lena").await.get("bots").await;
    assert!(
        bots["bots"][0]["troubles"].to_string().contains("token") && bots["bots"][0]["last_update_at"].is_null(),
        "{bots}"
    );
}

/// Nobody but Telegram brings updates, and what Telegram tells of its own trouble is said with what to do.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_knows_telegram_by_its_secret() {
    let telegram = StandIn::start().await;
    let server = Server::start(Setup { without_encoder: true, ..with_bot(&telegram, Form::Webhook) });
    let customer = telegram.customer(7, "en");
    let secret = telegram.secret().await;
    leads(&telegram, &server);
    let forged = serde_json::json!({"update_id": 1, "message": {"message_id": 1, "text": "/human",
        "from": {"id": 7}, "chat": {"id": 7, "type": "private"}}});
    for wrong in [None, Some(""), Some("wrong"), Some(secret[1..].to_owned()).as_deref()] {
        assert_eq!(telegram.brings(&forged, wrong).await, 401, "{wrong:?}");
    }
    assert!(customer.messages().is_empty(), "nothing was taken");
    assert!(!secret.contains(&telegram.token()));
    assert_eq!(telegram.brings(&serde_json::json!("no update"), Some(&secret)).await, 200, "or it comes for ever");
    assert_eq!(telegram.brings(&forged, Some(&secret)).await, 200);
    assert_eq!(telegram.brings(&forged, Some(&secret)).await, 200);
    customer.hears_about("next in line").await;
    let unknown = crate::cast::http().post(format!("{}/telegram/other/update", server.url)).body("{}");
    assert_eq!(unknown.send().await.unwrap().status(), 401, "nobody learns which bots there are");

    // Another form of the config: the webhook that was ours goes, and polling begins.
    drop(server);
    let server = Server::start(Setup { without_encoder: true, ..with_bot(&telegram, Form::Polling) });
    customer.says("/help");
    telegram.all_taken().await;
    drop(server);
}

/// Each bot has its own site, language and line, and words of its own.
#[tokio::test(flavor = "multi_thread")]
async fn two_bots_are_two_doors() {
    let (one, other) = (StandIn::start().await, StandIn::start().await);
    let bot = |name: &str, telegram: &StandIn, more: &str| {
        let url = telegram.url();
        format!("[[telegram]]\nname = {name:?}\ntoken_env = \"TOKEN_{name}\"\napi_url = {:?}\n{more}", url.as_str())
    };
    let config =
        bot("one", &one, "") + &bot("other", &other, "language = \"ru\"\nqueue = \"payments\"\ngroups = \"ignore\"\n");
    let env = vec![("TOKEN_one".into(), one.token()), ("TOKEN_other".into(), other.token())];
    let server = Server::start(Setup { without_encoder: true, config, env, ..Setup::default() });
    let alice = server.agent("alice@shop.example", "Alice").await;
    let (anna, boris) = (one.customer(7, "en"), other.customer(7, "xx"));
    let group = other.group(-5);
    group.says("anybody?");
    anna.says("/human");
    boris.says("/human");
    anna.hears_about("next in line").await;
    boris.hears_about("следующий").await;
    let list = alice.get("conversations?view=waiting&limit=10").await;
    let mut rows: Vec<(String, String)> = list["conversations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["site"].as_str().unwrap().to_owned(), row["phase"]["queue"].as_str().unwrap().to_owned()))
        .collect();
    rows.sort();
    assert_eq!(rows, [("one".into(), "general".into()), ("other".into(), "payments".into())]);
    other.all_taken().await;
    assert!(group.messages().is_empty(), "as its config says");
}
