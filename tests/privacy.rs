//! A customer's data in the real program: read out, erased until no data file holds a word, backed up and restored.

use crate::cast::{Customer, DEADLINE, Server, Setup, binary};
use firstline::testkit::telegram::StandIn;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// In every text of the customer who will be erased, and nowhere else.
const MARK: &str = "Zanzibar";

/// Two articles, and the shipped encoder: its caches lie in the data folder too.
fn shop(folder: &Path, config: &str) -> Setup {
    for (id, title, phrase) in [
        ("hours", "Opening hours", "when are you open"),
        ("refund-time", "When will I get my refund?", "where is my money"),
    ] {
        let article =
            format!("---\nid: {id}\nlanguage: en\ntitle: {title}\nphrases:\n  - {phrase}\n---\nAbout {id}.\n");
        std::fs::write(folder.join(format!("{id}.md")), article).unwrap();
    }
    Setup {
        config: format!("{config}\n[policy]\nanswer_at = 0.5\n"),
        knowledge: Some(folder.to_owned()),
        ..Setup::default()
    }
}

fn data(server: &Server) -> PathBuf {
    server.config_file().parent().unwrap().join("data")
}

/// A command on the server's data. It has no terminal, so whoever asks there would wait for ever.
fn run(server: &Server, args: &[&str]) -> Output {
    binary().args(args).arg("--config").arg(server.config_file()).env("SHOP_BOT_TOKEN", "1:any").output().unwrap()
}

#[track_caller]
fn done(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{:?}: {stderr}", output.status);
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn refused(output: &Output, words: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains(words), "{stderr}");
}

/// The files under `folder` in which `mark` stands, in whatever encoding a program here could use.
fn files_with(folder: &Path, mark: &str) -> Vec<PathBuf> {
    let (mut found, mut n_files) = (vec![], 0);
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if entry.file_type().unwrap().is_file() {
                n_files += 1;
                let bytes = std::fs::read(entry.path()).unwrap();
                if bytes.windows(mark.len()).any(|window| window.eq_ignore_ascii_case(mark.as_bytes())) {
                    found.push(entry.path());
                }
            }
        }
    }
    assert!(n_files >= 3, "the data folder was not found");
    found
}

const NOWHERE: [PathBuf; 0] = [];

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_customer_stands_in_no_file() {
    let (knowledge, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let telegram = StandIn::start().await;
    let bot = format!(
        "[[telegram]]\nname = \"shop\"\ntoken_env = \"SHOP_BOT_TOKEN\"\napi_url = {:?}\n",
        telegram.url().as_str()
    );
    let setup = shop(knowledge.path(), &bot);
    let mut server = Server::start(Setup { env: vec![("SHOP_BOT_TOKEN".into(), telegram.token())], ..setup });
    let mut lead = server.lead("lead@shop.example", "Lena").await;
    let anna = server.agent("agent@shop.example", "Anna").await;

    // On the web: an answer that is judged, a handoff, a reply, a rating with a comment.
    let mut web = Customer::arrives(&server, "browser-of-the-one", "en").await;
    let answered = web.says(&format!("when are you open in {MARK}")).await;
    let answer = answered["replies"][0]["seq"].as_u64().unwrap();
    let judgement = json!({ "seq": answer, "article": "hours" });
    let (status, judged) = lead.post(&format!("conversations/{}/judge", web.conversation), judgement).await;
    assert_eq!(status, 200, "{judged}");
    assert_eq!(web.post("handoff", json!({})).await.0, 200);
    web.says(&format!("It is about {MARK}")).await;
    assert_eq!(lead.claims(&web.conversation).await.0, 200);
    assert_eq!(lead.replies(&web.conversation, &format!("{MARK} it is.")).await.0, 200);
    assert_eq!(lead.resolves(&web.conversation).await.0, 200);
    let (status, rated) = web.post("rating", json!({ "score": 2, "comment": format!("Not {MARK}!") })).await;
    assert_eq!(status, 200, "{rated}");

    // In Telegram two: one asks to be forgotten, one waits in line when the operator erases.
    let (forgotten, waiting) = (telegram.customer(777_000_111_222, "en"), telegram.customer(777_000_333_444, "en"));
    for customer in [&forgotten, &waiting] {
        customer.says(&format!("where is my money in {MARK}"));
        customer.hears().await;
        customer.says("/human");
        customer.hears_about("in line").await;
    }
    let list = lead.get("conversations?view=waiting&limit=100").await;
    assert_eq!(list["counts"]["waiting"], 2, "{list}");
    forgotten.says("/forget");
    forgotten.hears_about("for good").await;
    forgotten.taps("Erase everything").is_answered().await;
    forgotten.hears_about("erased").await;
    let list = lead.get("conversations?view=waiting&limit=100").await;
    assert_eq!(list["counts"]["waiting"], 1, "{list}");
    let in_line = list["conversations"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(files_with(&data(&server), "777000111222"), NOWHERE, "nor does its chat");

    // Read out, beside the running server and at the console.
    let export: Value =
        serde_json::from_str(&done(&run(&server, &["export", "--conversation", &web.conversation]))).unwrap();
    assert_eq!((&export["format"], &export["version"]), (&json!("firstline.customer"), &json!(1)));
    let customer = export["customer"].as_str().unwrap().to_owned();
    let whole = &export["conversations"][0];
    assert_eq!(whole["turns"][0]["text"], format!("when are you open in {MARK}"));
    assert_eq!(whole["ratings"][0]["comment"], format!("Not {MARK}!"));
    assert_eq!(whole["judged"][0]["article"], "hours");
    assert_eq!(whole["page"]["url"], "https://shop.example/orders");
    let at_console = lead.get(&format!("customers/{customer}/export")).await;
    assert_eq!(at_console["conversations"], export["conversations"]);
    let (status, problem) = anna.asks(&format!("customers/{customer}/export")).await;
    assert_eq!((status, &problem["code"]), (403, &json!("leads_only")));
    let (status, problem) = anna.post(&format!("customers/{customer}/erase"), json!({})).await;
    assert_eq!((status, &problem["code"]), (403, &json!("leads_only")));
    let (status, problem) = lead.post("customers/nobody/erase", json!({})).await;
    assert_eq!((status, &problem["code"]), (404, &json!("unknown_customer")));

    // A copy from before is out of reach; that is said, and why it may not lie among the data.
    let copy = elsewhere.path().join("copy.db");
    done(&run(&server, &["backup", "--out", copy.to_str().unwrap()]));
    refused(&run(&server, &["backup", "--out", data(&server).join("copy.db").to_str().unwrap()]), "data folder");
    refused(&run(&server, &["backup", "--out", copy.to_str().unwrap()]), "not overwritten");

    refused(&run(&server, &["erase", "--customer", "nobody", "--yes"]), "no customer");
    refused(&run(&server, &["erase", "--customer", &customer]), "--yes");
    let erased = done(&run(&server, &["erase", "--customer", &customer, "--yes"]));
    assert!(erased.contains("backups made before still hold them"), "{erased}");
    assert!(!files_with(&data(&server), MARK).is_empty(), "of the one who waits");
    assert_eq!(files_with(&data(&server), "browser-of-the-one"), NOWHERE);

    // Nobody sees a ghost: not the browser, not the console, and the same browser is somebody new.
    let (status, _) = web.post("turns", json!({ "client_id": "late", "text": MARK })).await;
    assert_eq!(status, 401);
    let left = lead.opens(&web.conversation).await;
    assert!(left["turns"].as_array().unwrap().iter().all(|turn| turn["text"] == ""), "{left}");
    let again = Customer::arrives(&server, "browser-of-the-one", "en").await;
    assert_ne!(again.conversation, web.conversation);

    // The server is gone without goodbye; the command does it alone.
    server.kill();
    let erased: Value =
        serde_json::from_str(&done(&run(&server, &["erase", "--conversation", &in_line, "--yes", "--json"]))).unwrap();
    assert_eq!((&erased["conversations"], &erased["is_log_clear"]), (&json!([in_line]), &json!(true)));
    assert_eq!(files_with(&data(&server), MARK), NOWHERE);
    assert_eq!(files_with(&data(&server), "777000333444"), NOWHERE);

    server.kill_and_start_again();
    lead.finds(&server);
    assert_eq!(lead.get("conversations?view=waiting").await["counts"]["waiting"], 0);
    assert_eq!(files_with(&data(&server), MARK), NOWHERE);
    waiting.says("Hello again");
    waiting.hears().await;
    assert!(std::fs::read(&copy).unwrap().windows(MARK.len()).any(|window| window == MARK.as_bytes()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_before_a_backup_is_in_it() {
    let (knowledge, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let setup = shop(knowledge.path(), "[limits]\nquestions_per_minute = 100000\n");
    let mut server = Server::start(Setup { without_encoder: true, ..setup });
    let lead_password = "correct horse";
    server.lead("lead@shop.example", "Lena").await;

    // Four customers talk all the time; each turn counts once it was acknowledged.
    let acknowledged: Vec<_> = (0..4).map(|_| Arc::new(AtomicU64::new(0))).collect();
    let mut talking = vec![];
    let mut known = vec![];
    for (n, count) in acknowledged.iter().enumerate() {
        let mut customer = Customer::arrives(&server, &format!("browser-{n}"), "en").await;
        known.push((customer.conversation.clone(), customer.token.clone()));
        let count = count.clone();
        talking.push(tokio::spawn(async move {
            for said in 1..=u64::MAX {
                customer.says(&format!("when are you open, for the {said}. time")).await;
                count.store(said, Ordering::SeqCst);
            }
        }));
    }
    let until = async |least: u64| {
        let begun = std::time::Instant::now();
        while acknowledged.iter().any(|count| count.load(Ordering::SeqCst) < least) {
            assert!(begun.elapsed() < DEADLINE, "the customers fell silent");
            tokio::task::yield_now().await;
        }
    };
    until(10).await;
    let before: Vec<u64> = acknowledged.iter().map(|count| count.load(Ordering::SeqCst)).collect();
    let copy = elsewhere.path().join("copy.db");
    let made = {
        let (config, copy) = (server.config_file(), copy.clone());
        let backup =
            move || binary().args(["backup", "--json", "--out"]).arg(copy).arg("--config").arg(config).output();
        tokio::task::spawn_blocking(backup).await.unwrap().unwrap()
    };
    let made: Value = serde_json::from_str(&done(&made)).unwrap();
    assert_eq!(made["n_conversations"], 4, "{made}");
    let during: Vec<u64> = acknowledged.iter().map(|count| count.load(Ordering::SeqCst)).collect();
    assert!(during.iter().sum::<u64>() > before.iter().sum::<u64>(), "turns were taken during the backup");
    until(during.iter().min().unwrap() + 1).await;
    talking.iter().for_each(tokio::task::JoinHandle::abort);
    assert!(done(&run(&server, &["backup", "--verify", copy.to_str().unwrap()])).contains("sound"));

    // The machine is lost; the copy is put into an empty data folder.
    server.kill();
    std::fs::remove_dir_all(data(&server)).unwrap();
    std::fs::create_dir(data(&server)).unwrap();
    std::fs::copy(&copy, data(&server).join("firstline.db")).unwrap();
    server.kill_and_start_again();
    for ((conversation, token), before) in known.iter().zip(&before) {
        let url = format!("{}/api/v1/conversations/{conversation}/turns?limit=500", server.url);
        let (status, page) = crate::cast::send(crate::cast::http().get(url).bearer_auth(token)).await;
        assert_eq!(status, 200, "{page}");
        for said in 1..=*before {
            let text = format!("when are you open, for the {said}. time");
            let n = page["turns"].as_array().unwrap().iter().filter(|turn| turn["text"] == text).count();
            assert_eq!(n, 1, "{text}");
        }
    }
    crate::cast::Agent::signs_in(&server.url, "lead@shop.example", lead_password).await;
}

#[test]
fn commands_without_data_say_what_is_wrong() {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let data = home.path().join("nothing");
        binary().args(args).arg("--data").arg(data).output().unwrap()
    };
    refused(&run(&["export", "--customer", "c"]), "no customer \"c\"");
    refused(&run(&["export"]), "--conversation");
    refused(&run(&["export", "--customer", "c", "--conversation", "d"]), "cannot be used with");
    refused(&run(&["erase", "--conversation", "c", "--yes"]), "no conversation \"c\"");
    refused(&run(&["backup", "--out", home.path().join("copy.db").to_str().unwrap()]), "holds no firstline.db");
    refused(&run(&["backup", "--verify", home.path().join("copy.db").to_str().unwrap()]), "cannot be read");
    assert!(!home.path().join("nothing").exists(), "who only reads makes nothing");
}
