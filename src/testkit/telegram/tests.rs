//! The stand-in as any client of the Bot API sees it.

use super::*;
use serde_json::{Value, json};
use tokio::time::Instant;

struct Client {
    http: reqwest::Client,
    base: String,
}

impl Client {
    fn of(telegram: &StandIn) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { http, base: format!("{}bot{}", telegram.url(), telegram.token()) }
    }

    /// Status and body; `None` when the connection broke.
    async fn call(&self, method: &str, params: Value) -> Option<(u16, Value)> {
        let response = self.http.post(format!("{}/{method}", self.base)).json(&params).send().await.ok()?;
        Some((response.status().as_u16(), response.json().await.ok()?))
    }

    async fn ok(&self, method: &str, params: Value) -> Value {
        let (status, body) = self.call(method, params).await.unwrap();
        assert_eq!((status, &body["ok"]), (200, &json!(true)), "{method}: {body}");
        body["result"].clone()
    }

    async fn refused(&self, method: &str, params: Value) -> String {
        let (status, body) = self.call(method, params).await.unwrap();
        assert_eq!((&body["ok"], &body["error_code"]), (&json!(false), &json!(status)), "{method}: {body}");
        format!("{status} {}", body["description"].as_str().unwrap())
    }

    async fn text(&self, chat: i64, text: &str) -> Value {
        self.ok("sendMessage", json!({"chat_id": chat, "text": text})).await
    }
}

#[tokio::test]
async fn a_conversation_both_ways() {
    let telegram = StandIn::start().await;
    let bot = Client::of(&telegram);
    assert_eq!(bot.ok("getMe", json!({})).await["is_bot"], true);
    assert_eq!(bot.ok("getUpdates", json!({})).await, json!([]));

    let anna = telegram.customer(7, "ru");
    anna.says("/start now");
    anna.says("Где деньги?");
    let updates = bot.ok("getUpdates", json!({"limit": 1})).await;
    assert_eq!(updates.as_array().unwrap().len(), 1);
    assert_eq!(updates[0]["message"]["entities"][0], json!({"type": "bot_command", "offset": 0, "length": 6}));
    assert_eq!(updates[0]["message"]["from"]["language_code"], "ru");
    assert_eq!(updates[0]["message"]["chat"]["type"], "private");
    let first = updates[0]["update_id"].as_i64().unwrap();
    assert_eq!(bot.ok("getUpdates", json!({})).await.as_array().unwrap().len(), 2, "nothing was confirmed yet");
    let rest = bot.ok("getUpdates", json!({"offset": first + 1})).await;
    assert_eq!(rest[0]["message"]["text"], "Где деньги?");
    assert_eq!(rest.as_array().unwrap().len(), 1);
    bot.ok("getUpdates", json!({"offset": first + 2})).await;
    telegram.all_taken().await;

    bot.ok("sendChatAction", json!({"chat_id": 7, "action": "typing"})).await;
    anna.sees_typing(1).await;
    let keyboard = json!({"inline_keyboard": [[{"text": "Позвать человека", "callback_data": "h"}]]});
    let sent = bot
        .ok(
            "sendMessage",
            json!({"chat_id": 7, "text": "<b>Пять</b> дней.", "parse_mode": "HTML", "reply_markup": keyboard}),
        )
        .await;
    let heard = anna.hears().await;
    assert_eq!((heard.text.as_str(), heard.labels()), ("Пять дней.", vec!["Позвать человека"]));
    assert_eq!(sent["message_id"], heard.message_id);
    assert_eq!(sent["reply_markup"], keyboard);

    let tapped = anna.taps("Позвать человека");
    let query = bot.ok("getUpdates", json!({"offset": 0})).await[0]["callback_query"].clone();
    assert_eq!((&query["data"], &query["message"]["message_id"]), (&json!("h"), &sent["message_id"]));
    bot.ok("answerCallbackQuery", json!({"callback_query_id": query["id"], "text": "Зову"})).await;
    assert_eq!(tapped.is_answered().await.as_deref(), Some("Зову"));
    bot.ok("editMessageReplyMarkup", json!({"chat_id": 7, "message_id": sent["message_id"]})).await;
    anna.sees_no_buttons_under(&heard).await;
    bot.ok("editMessageText", json!({"chat_id": 7, "message_id": sent["message_id"], "text": "Шесть"})).await;
    assert_eq!(anna.messages()[0].text, "Шесть");
}

#[tokio::test]
async fn what_is_refused() {
    let telegram = StandIn::start().await;
    let bot = Client::of(&telegram);
    let anna = telegram.customer(7, "en");
    let send = |more: Value| {
        let mut params = json!({"chat_id": 7, "text": "x"});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        bot.refused("sendMessage", params)
    };
    assert_eq!(send(json!({"chat_id": 8})).await, "400 Bad Request: chat not found");
    assert_eq!(send(json!({"chat_id": null})).await, "400 Bad Request: chat_id is empty");
    assert_eq!(send(json!({"text": " \n"})).await, "400 Bad Request: message text is empty");
    assert_eq!(send(json!({"text": "<b></b>", "parse_mode": "HTML"})).await, "400 Bad Request: message text is empty");
    assert_eq!(send(json!({"text": "😀".repeat(2049)})).await, "400 Bad Request: message is too long");
    assert_eq!(
        send(json!({"text": "<p>a</p>", "parse_mode": "HTML"})).await,
        "400 Bad Request: can't parse entities: Unsupported start tag \"p\" at byte offset 0"
    );
    let with = |button: Value| send(json!({"reply_markup": {"inline_keyboard": [[button]]}}));
    assert_eq!(
        with(json!({"text": "x", "callback_data": "d".repeat(65)})).await,
        "400 Bad Request: BUTTON_DATA_INVALID"
    );
    assert_eq!(with(json!({"text": "x", "callback_data": ""})).await, "400 Bad Request: BUTTON_DATA_INVALID");
    assert!(
        with(json!({"text": "", "callback_data": "d"}))
            .await
            .starts_with("400 Bad Request: can't parse inline keyboard")
    );
    assert!(with(json!({"text": "x"})).await.ends_with("Text buttons are unallowed in the inline keyboard"));
    assert!(
        bot.refused("answerCallbackQuery", json!({"callback_query_id": "1"}))
            .await
            .starts_with("400 Bad Request: query is too old")
    );
    let edit = json!({"chat_id": 7, "message_id": 99});
    assert_eq!(bot.refused("editMessageReplyMarkup", edit).await, "400 Bad Request: message to edit not found");
    let sent = bot.text(7, "x").await;
    let edit = json!({"chat_id": 7, "message_id": sent["message_id"]});
    assert!(bot.refused("editMessageReplyMarkup", edit).await.starts_with("400 Bad Request: message is not modified"));
    assert_eq!(bot.refused("flyToTheMoon", json!({})).await, "404 Not Found");
    anna.blocks();
    assert_eq!(send(json!({})).await, "403 Forbidden: bot was blocked by the user");
    anna.unblocks();

    telegram.revoke_token();
    assert_eq!(bot.refused("getMe", json!({})).await, "401 Unauthorized");
    let malformed = Client { base: format!("{}botx", telegram.url()), ..bot };
    assert_eq!(malformed.refused("getMe", json!({})).await, "404 Not Found");
}

#[tokio::test]
async fn too_fast_is_refused() {
    let telegram = StandIn::start().await;
    let bot = Client::of(&telegram);
    telegram.customer(7, "en");
    for _ in 0..5 {
        bot.text(7, "x").await;
    }
    let (status, body) = bot.call("sendMessage", json!({"chat_id": 7, "text": "x"})).await.unwrap();
    assert_eq!(status, 429);
    assert!(body["parameters"]["retry_after"].as_u64().is_some_and(|secs| (1..=2).contains(&secs)), "{body}");

    let now = Instant::now();
    telegram.shared.change(|telegram| {
        let refused = (100..131).filter(|chat| {
            telegram.meet(*chat, "private", None);
            telegram.count_message(*chat, now).is_err()
        });
        assert!(refused.count() >= 6, "five of this second's thirty went to the first customer");
    });
}

#[tokio::test]
async fn polls_wait_and_end_each_other() {
    let telegram = StandIn::start().await;
    let bot = Client::of(&telegram);
    let anna = telegram.customer(7, "en");
    let (found, _) = tokio::join!(bot.ok("getUpdates", json!({"timeout": 30})), async { anna.says("hi") });
    assert_eq!(found[0]["message"]["text"], "hi");
    bot.ok("getUpdates", json!({"offset": found[0]["update_id"].as_i64().unwrap() + 1})).await;

    // Whichever of the two came first is ended by the other.
    let one = bot.call("getUpdates", json!({"timeout": 30}));
    let other = bot.call("getUpdates", json!({"timeout": 30}));
    let ((status, body), left) = match futures::future::select(Box::pin(one), Box::pin(other)).await {
        futures::future::Either::Left((ended, left)) | futures::future::Either::Right((ended, left)) => {
            (ended.unwrap(), left)
        }
    };
    assert_eq!(status, 409, "{body}");
    assert!(body["description"].as_str().unwrap().starts_with("Conflict: terminated by other getUpdates request"));
    anna.says("still there?");
    assert_eq!(left.await.unwrap().1["result"][0]["message"]["text"], "still there?");

    telegram.sets_webhook("https://a.example/hook");
    assert!(bot.refused("getUpdates", json!({})).await.starts_with("409 Conflict: can't use getUpdates"));
    assert_eq!(bot.ok("getWebhookInfo", json!({})).await["url"], "https://a.example/hook");
    bot.ok("deleteWebhook", json!({})).await;
    bot.ok("getUpdates", json!({})).await;
}

#[tokio::test]
async fn only_wanted_updates_come() {
    let telegram = StandIn::start().await;
    let bot = Client::of(&telegram);
    let anna = telegram.customer(7, "en");
    telegram.pushes(json!({"edited_message": {"message_id": 1}}));
    anna.sends_photo();
    let updates = bot.ok("getUpdates", json!({"allowed_updates": ["message", "callback_query"]})).await;
    assert_eq!(updates.as_array().unwrap().len(), 1);
    assert!(updates[0]["message"]["photo"].is_array());
}

#[tokio::test]
async fn faults_on_demand() {
    let telegram = StandIn::start().await;
    let bot = Client::of(&telegram);
    let anna = telegram.customer(7, "en");
    let send = || bot.call("sendMessage", json!({"chat_id": 7, "text": "x"}));
    telegram.fail_next(1, 502);
    assert_eq!(send().await.unwrap().0, 502);
    telegram.fail_next(1, 429);
    assert_eq!(send().await.unwrap().1["parameters"]["retry_after"], 1);
    assert!(anna.messages().is_empty(), "what failed did not arrive");

    telegram.withhold_next_answers(1);
    assert_eq!(send().await, None);
    assert_eq!(anna.messages().len(), 1, "it arrived, but nobody told");

    telegram.pause();
    assert_eq!(send().await, None);
    telegram.resume();
    assert_eq!(send().await.unwrap().0, 200);
    telegram.called("sendMessage", 4).await;

    telegram.fail_next_of("getUpdates", 1, 500);
    assert_eq!(bot.call("getUpdates", json!({})).await.unwrap().0, 500);
    bot.ok("getUpdates", json!({})).await;
}
