//! The story that must run, in each of the four languages, through the public interfaces and a `kill -9`.

use crate::cast::{Customer, Server, Setup};
use serde_json::json;

struct Lines {
    language: &'static str,
    /// In words of their own, about money that does not come back.
    refund: &'static str,
    /// No article covers it.
    stranger: &'static str,
    /// After it is all over.
    thanks: &'static str,
}

const STORY: [Lines; 4] = [
    Lines {
        language: "en",
        refund: "it has been two weeks and my refund is nowhere to be seen",
        stranger: "Do you know a good recipe for mushroom soup?",
        thanks: "thank you!",
    },
    Lines {
        language: "zh-Hans",
        refund: "东西都退回去十天了，退款一直没看到",
        stranger: "今天北京的天气怎么样，要带伞吗？",
        thanks: "谢谢",
    },
    Lines {
        language: "zh-Hant",
        refund: "退回去的東西你們都收到了，錢怎麼還沒退給我",
        stranger: "請問台北哪裡有好吃的牛肉麵？",
        thanks: "謝謝",
    },
    Lines {
        language: "ru",
        refund: "вернула вам блендер две недели назад, а деньги так и не пришли",
        stranger: "Посоветуйте рецепт грибного супа",
        thanks: "спасибо",
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn the_story_in_four_languages() {
    let mut server = Server::start(Setup::default());
    let mut alice = server.agent("alice@shop.example", "Alice").await;
    let mut bob = server.agent("bob@shop.example", "Bob").await;

    for lines in &STORY {
        let language = lines.language;
        let mut customer = Customer::arrives(&server, &format!("browser-{language}"), language).await;

        // Answered from the right article, in the customer's language.
        customer.says(lines.refund).await;
        let answer = customer.hears("an answer", |turn| turn["kind"] == "answer").await;
        let cited = answer["article"]["id"].as_str().unwrap();
        assert!(cited == "refund-time" || cited == "refund-status", "{language}: {answer}");
        let in_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert_eq!(in_chinese(answer["text"].as_str().unwrap()), language.starts_with("zh"), "{language}: {answer}");

        // A stranger's question leads to a person, with a place in line.
        customer.says(lines.stranger).await;
        if customer.hears("a reaction", |turn| turn["decision"] == "hand_off" || turn["decision"] == "clarify").await["decision"]
            == "clarify"
        {
            customer.taps("something_else").await;
        }
        customer.is_in_phase("waiting").await;
        assert_eq!(customer.queue["position"], 1, "{language}: {:?}", customer.queue);
        let notice = customer.hears("a notice", |turn| turn["kind"] == "notice").await;
        assert!(notice["options"].as_array().unwrap().iter().any(|o| o["article"] == "back_to_bot"), "{notice}");

        // The agent sees why, what was said, and what the bot would have chosen from.
        let id = customer.conversation.clone();
        let row = alice.sees_waiting(&id).await;
        assert_eq!(row["phase"]["reason"], "not_understood", "{language}: {row}");
        let view = alice.opens(&id).await;
        assert!(view["brief"]["need"].as_str().unwrap().contains(lines.stranger), "{language}: {}", view["brief"]);
        let candidates = view["brief"]["candidates"].as_array().unwrap();
        assert!(!candidates.is_empty() && candidates[0]["scores"].is_object(), "{language}: {}", view["brief"]);
        assert!(view["turns"].as_array().unwrap().iter().any(|turn| turn["text"] == lines.refund), "{language}");

        // Two agents press "claim"; the second is refused and told who has it.
        assert_eq!(alice.claims(&id).await.0, 200);
        let (status, problem) = bob.claims(&id).await;
        assert_eq!((status, problem["code"].as_str()), (409, Some("already_claimed")), "{problem}");
        assert_eq!(problem["agent"]["name"], "Alice");
        assert_eq!(bob.replies(&id, "me too").await.0, 409);

        assert_eq!(alice.replies(&id, "Let me look into that.").await.0, 200);
        let heard = customer.hears_text("Let me look into that.").await;
        assert_eq!(heard["agent"]["name"], "Alice", "{heard}");

        // The machine dies. Nothing is lost, nothing is doubled.
        let before = customer.all_turns().await;
        server.kill_and_start_again();
        customer.finds(&server);
        alice.finds(&server);
        bob.finds(&server);
        assert_eq!(customer.all_turns().await, before, "{language}");
        // The client did not hear that its last words arrived, so it says them again.
        customer.sends(json!({ "client_id": "said-1", "text": lines.refund })).await;
        assert_eq!(customer.all_turns().await, before, "{language}");

        assert_eq!(alice.replies(&id, "All done.").await.0, 200);
        customer.hears_text("All done.").await;
        assert_eq!(alice.resolves(&id).await.0, 200);
        customer.is_in_phase("resolved").await;
        let (status, rated) = customer.post("rating", json!({ "score": 5, "comment": "quick" })).await;
        assert_eq!(status, 200, "{rated}");

        // The next question goes to the bot again.
        customer.says(lines.thanks).await;
        customer.hears("small talk", |turn| turn["kind"] == "small_talk").await;
        customer.is_in_phase("with_bot").await;

        let turns = customer.all_turns().await;
        let mut ids: Vec<_> = turns.iter().map(|turn| turn["id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), turns.len(), "{language}: a turn came twice");
    }
}

/// While it waits, the customer is told at most every two minutes, and everything said is kept for the agent.
#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_customer_can_go_back_to_the_bot() {
    let server = Server::start(Setup { without_encoder: true, ..Setup::default() });
    let alice = server.agent("alice@shop.example", "Alice").await;
    let mut customer = Customer::arrives(&server, "browser", "en").await;
    customer.says("I want to talk to a human").await;
    customer.is_in_phase("waiting").await;
    customer.says("are you there? my kettle leaks").await;
    customer.says("hello?").await;
    let notices = customer.all_turns().await.iter().filter(|turn| turn["kind"] == "notice").count();
    assert_eq!(notices, 1, "told once, not at every word");
    let view = alice.opens(&customer.conversation).await;
    assert_eq!(view["brief"]["reason"], "customer_asked");
    assert!(view["turns"].as_array().unwrap().iter().any(|turn| turn["text"] == "are you there? my kettle leaks"));

    let (status, page) = customer.post("back_to_bot", json!({})).await;
    assert_eq!((status, page["phase"]["name"].as_str()), (200, Some("with_bot")), "{page}");
    assert_eq!(alice.get("conversations?view=waiting").await["conversations"], json!([]));
    let (status, problem) = alice.claims(&customer.conversation).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("not_waiting")));
}
