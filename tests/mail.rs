//! Letters: to customers who went away, and transcripts to keep. The real server on one side, a mail server that fails on the other.

use crate::cast::{Agent, Customer, DEADLINE, Server, Setup, binary, http, send};
use crate::hardship::means::Faults;
use crate::lines::{SECRET, signed};
use firstline::testkit::mail::{Fault, Security, StandIn};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;

const ANNA: &str = "anna.zanzibar@mail.example";
/// Longer than a customer has to come back by themselves.
const AWAY: i64 = 310;
/// Longer than any pause before a letter is tried again.
const PAUSE: i64 = 1_801;

struct Shop {
    server: Server,
    clock: Faults,
    ahead_secs: i64,
    agent: Agent,
}

impl Shop {
    async fn opens(mail: &StandIn, config: &str) -> Self {
        let clock = Faults::none_yet();
        let config = format!(
            "{config}\n[mail]\nhost = \"localhost\"\nport = {}\ntls = \"none\"\nfrom = \"The Shop <help@shop.example>\"\n",
            mail.port()
        );
        Self::with(clock, config).await
    }

    async fn with(clock: Faults, config: String) -> Self {
        // The clock jumps by hours, and Ann's conversations stay hers.
        let config = format!(
            "{config}[silence]\nagent_secs = 604800\nagent_while_waited_for_secs = 86400\nvanished_secs = 86400\n"
        );
        let env = vec![("SHOP_SECRET".to_owned(), SECRET.to_owned())];
        let server = Server::start(clock.let_into(Setup { config, env, without_encoder: true, ..Setup::default() }));
        let agent = server.agent("ann@shop.example", "Ann").await;
        Self { server, clock, ahead_secs: 0, agent }
    }

    fn time_passes(&mut self, secs: i64) {
        self.ahead_secs += secs;
        self.clock.put_clock_ahead(self.ahead_secs);
    }

    /// Somebody who asked for a person, left an address, and is with Ann.
    async fn customer(&self, client_id: &str, email: &str) -> Customer {
        let customer = Customer::arrives(&self.server, client_id, "en").await;
        assert_eq!(customer.post("handoff", json!({})).await.0, 200);
        assert_eq!(customer.post("contact", json!({ "contact": email })).await.0, 200);
        assert_eq!(self.agent.claims(&customer.conversation).await.0, 200);
        customer
    }

    async fn ann_says(&mut self, customer: &Customer, text: &str) {
        let (status, said) = self.agent.replies(&customer.conversation, text).await;
        assert_eq!(status, 200, "{said}");
    }

    fn export(&self, customer: &Customer) -> Value {
        let mut command = binary();
        command.args(["export", "--conversation", &customer.conversation, "--config"]).arg(self.server.config_file());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Waits until the letters of a conversation stand so.
    async fn letters_are(&self, customer: &Customer, states: &[&str]) -> Vec<Value> {
        let begun = Instant::now();
        loop {
            let export = self.export(customer);
            let letters = export["conversations"][0]["letters"].as_array().unwrap().clone();
            let found: Vec<_> = letters.iter().map(|letter| letter["state"].as_str().unwrap()).collect();
            if found == states {
                return letters;
            }
            assert!(begun.elapsed() < DEADLINE, "{states:?} never came: {letters:#?}");
        }
    }

    /// Waits until the first letter that still waits was tried so often in all, and the last try came to its end.
    async fn was_tried(&self, customer: &Customer, n: u64, why_before: &str) -> String {
        let begun = Instant::now();
        loop {
            let export = self.export(customer);
            let letters = export["conversations"][0]["letters"].as_array().unwrap();
            let waiting = letters.iter().find(|letter| letter["state"] == "due").expect("one waits");
            let why = waiting["why"].as_str().unwrap_or_default();
            if waiting["attempts"] == n && why != why_before {
                return why.to_owned();
            }
            assert!(begun.elapsed() < DEADLINE, "it was not tried {n} times: {letters:#?}");
        }
    }

    async fn mail_health(&self) -> Value {
        let ready = http().get(format!("{}/readyz", self.server.url)).send().await.unwrap();
        ready.json::<Value>().await.unwrap()["mail"]["degraded"].clone()
    }

    async fn is_degraded(&self, words: &str) {
        let begun = Instant::now();
        loop {
            let told = self.mail_health().await;
            if told.to_string().contains(words) {
                return;
            }
            assert!(begun.elapsed() < DEADLINE, "/readyz never says {words:?}: {told}");
        }
    }
}

#[track_caller]
fn refused((status, problem): (u16, Value), expected: u16, code: &str) {
    assert_eq!((status, problem["code"].as_str()), (expected, Some(code)), "{problem}");
}

/// Anybody can claim to have been on any page, and leave anybody's address.
#[tokio::test(flavor = "multi_thread")]
async fn a_letter_leads_to_no_page_that_the_site_does_not_name() {
    let mail = StandIn::start(Security::None).await;
    let site =
        "[[sites]]\nname = \"shop\"\norigins = [\"https://other.example\"]\nidentity_secret_env = \"SHOP_SECRET\"\n";
    let mut shop = Shop::opens(&mail, site).await;
    let customer = shop.customer("browser", ANNA).await;
    shop.ann_says(&customer, "Hello?").await;
    shop.time_passes(AWAY);
    let letter = mail.gets(1).await;
    assert!(letter.text().contains("> Hello?") && !letter.text().contains("http"), "{}", letter.text());
    assert!(!letter.html().contains("href"), "{}", letter.html());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_letter_gathers_what_an_absent_customer_missed() {
    let mail = StandIn::start(Security::None).await;
    let site =
        "[[sites]]\nname = \"shop\"\norigins = [\"https://shop.example\"]\nidentity_secret_env = \"SHOP_SECRET\"\n";
    let mut shop = Shop::opens(&mail, site).await;
    let customer = shop.customer("browser", ANNA).await;
    shop.ann_says(&customer, "Is it <order> 1\n& 2?").await;
    let note = json!({ "client_id": "n", "text": "She sounds annoyed." });
    assert_eq!(shop.agent.post(&format!("conversations/{}/note", customer.conversation), note).await.0, 200);
    shop.ann_says(&customer, "I have found it.").await;
    shop.time_passes(AWAY);
    let letter = mail.gets(1).await;
    assert_eq!((letter.from.as_str(), letter.to.as_str()), ("help@shop.example", ANNA));
    assert_eq!(letter.header("From").unwrap(), "\"The Shop\" <help@shop.example>");
    assert_eq!(letter.header("Subject").unwrap(), "Ann has answered you");
    assert_eq!(letter.header("Auto-Submitted").unwrap(), "auto-generated");
    let text = letter.text();
    assert!(text.contains("> Is it <order> 1\n> & 2?\n") && text.contains("> I have found it.\n"), "{text}");
    assert!(text.contains("https://shop.example/orders"), "{text}");
    assert!(!text.contains("annoyed") && !text.contains("joined"), "{text}");
    assert!(letter.html().contains("Is it &lt;order&gt; 1\n&amp; 2?"), "{}", letter.html());
    let sent = shop.letters_are(&customer, &["done"]).await;
    assert_eq!((&sent[0]["address"], &sent[0]["message"]), (&json!(ANNA), &json!(letter.message_id())));

    // What comes later is another letter, which tells only what is new.
    shop.ann_says(&customer, "It is on its way.").await;
    shop.time_passes(AWAY);
    let second = mail.gets(2).await;
    assert!(second.text().contains("on its way") && !second.text().contains("found it"), "{}", second.text());
    assert_ne!(second.message_id(), letter.message_id());
    assert_eq!(second.header("References"), letter.header("References"), "they belong together");

    // Whoever comes back in between gets none.
    shop.ann_says(&customer, "Are you there?").await;
    shop.time_passes(AWAY / 2);
    assert!(customer.all_turns().await.iter().any(|turn| turn["text"] == "Are you there?"));
    shop.time_passes(AWAY);
    let letters = shop.letters_are(&customer, &["done", "done", "moot"]).await;
    assert!(letters[2]["why"].as_str().unwrap().contains("came back"), "{letters:?}");

    // Nor does anyone whose address nobody knows.
    let unknown = Customer::arrives(&shop.server, "other", "en").await;
    assert_eq!(unknown.post("handoff", json!({})).await.0, 200);
    assert_eq!(shop.agent.claims(&unknown.conversation).await.0, 200);
    shop.ann_says(&unknown, "Hello?").await;
    shop.time_passes(AWAY);
    let letters = shop.letters_are(&unknown, &["moot"]).await;
    assert!(letters[0]["why"].as_str().unwrap().contains("no address"), "{letters:?}");
    assert_eq!(mail.letters().len(), 2);

    // What the site signed counts for more than what was typed.
    let body = json!({ "client_id": "signed", "site": "shop", "language": "en",
        "identity": signed("u-7", json!({ "email": "Mei@mail.example" })) });
    let url = format!("{}/api/v1/conversations", shop.server.url);
    let (status, opened) = send(http().post(&url).json(&body)).await;
    assert_eq!(status, 201, "{opened}");
    let (id, token) = (opened["conversation"].as_str().unwrap(), opened["token"].as_str().unwrap());
    for (path, body) in [("handoff", json!({})), ("contact", json!({ "contact": ANNA }))] {
        let (status, page) = send(http().post(format!("{url}/{id}/{path}")).bearer_auth(token).json(&body)).await;
        assert_eq!(status, 200, "{page}");
    }
    assert_eq!(shop.agent.claims(id).await.0, 200);
    assert_eq!(shop.agent.replies(id, "Hello!").await.0, 200);
    shop.time_passes(AWAY);
    let letter = mail.gets(3).await;
    assert_eq!(letter.to, "Mei@mail.example");
    assert!(letter.text().contains("open the chat on our website again"), "{}", letter.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_may_have_been_taken_goes_again_as_the_same() {
    let mail = StandIn::start(Security::None).await;
    let mut shop = Shop::opens(&mail, "").await;
    let customer = shop.customer("browser", ANNA).await;
    shop.ann_says(&customer, "One.").await;
    mail.fails_next(Fault::HangsUpAfterLetter);
    mail.fails_next(Fault::HangsUpInLetter);
    shop.time_passes(AWAY);
    let first = mail.gets(1).await;
    let why = shop.was_tried(&customer, 1, "").await;
    assert!(why.contains("may have been taken"), "{why}");
    // Said since then: it belongs to the next letter, or whoever has the first would never read it.
    shop.ann_says(&customer, "Two.").await;
    shop.letters_are(&customer, &["due", "due"]).await;
    // The death of the process between the two changes nothing.
    shop.server.kill_and_start_again();
    shop.agent.finds(&shop.server);
    shop.time_passes(AWAY + PAUSE);
    shop.letters_are(&customer, &["due", "done"]).await;
    assert_eq!(mail.n_connections(), 3);
    shop.time_passes(PAUSE);
    shop.letters_are(&customer, &["done", "done"]).await;
    let taken = mail.letters();
    assert_eq!(taken.len(), 3, "{taken:#?}");
    let again = taken.iter().skip(1).find(|letter| letter.message_id() == first.message_id()).expect("it came again");
    assert_eq!(again.raw, first.raw, "to the last byte");
    let other = taken.iter().find(|letter| letter.message_id() != first.message_id()).unwrap();
    assert!(other.text().contains("> Two.") && !other.text().contains("> One."), "{}", other.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_wait_for_a_server_that_is_away_and_end_with_a_refusal() {
    let mail = StandIn::start(Security::None).await;
    let mut shop = Shop::opens(&mail, "").await;
    let customer = shop.customer("browser", ANNA).await;
    for fault in [Fault::Closing, Fault::HangsUp, Fault::Greylists, Fault::CannotTakeLetterNow] {
        mail.fails_next(fault);
    }
    shop.ann_says(&customer, "It waits.").await;
    shop.time_passes(AWAY);
    let mut why = shop.was_tried(&customer, 1, "").await;
    assert_eq!(shop.mail_health().await, json!([]), "a moment is no trouble");
    for n in 2..=4 {
        shop.time_passes(PAUSE);
        why = shop.was_tried(&customer, n, &why).await;
    }
    assert!(why.contains("451"), "{why}");
    shop.is_degraded("letters wait").await;
    shop.time_passes(PAUSE);
    assert!(mail.gets(1).await.text().contains("It waits."));
    let letters = shop.letters_are(&customer, &["done"]).await;
    assert_eq!((&letters[0]["attempts"], mail.n_connections()), (&json!(5), 5));
    assert_eq!(shop.mail_health().await, json!([]));

    mail.fails_next(Fault::RefusesRecipient);
    shop.ann_says(&customer, "It never comes.").await;
    shop.time_passes(AWAY);
    shop.letters_are(&customer, &["done", "dead"]).await;
    let view = shop.agent.opens(&customer.conversation).await;
    assert!(view["undelivered"][0]["why"].as_str().unwrap().contains("550"), "{}", view["undelivered"]);
    shop.time_passes(PAUSE);
    shop.ann_says(&customer, "But this does.").await;
    shop.time_passes(AWAY);
    assert!(mail.gets(2).await.text().contains("But this does."));
    assert_eq!(mail.n_connections(), 7, "what was refused is not tried again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transcript_is_a_file_or_a_letter() {
    let mail = StandIn::start(Security::None).await;
    let mut shop = Shop::opens(&mail, "[limits]\ninclude_loopback = true\nconversations_per_minute = 0\n").await;
    let body = json!({ "client_id": "b", "site": "shop", "language": "zh-Hant", "time_zone": "Asia/Taipei" });
    let opened = http().post(format!("{}/api/v1/conversations", shop.server.url)).json(&body).send().await.unwrap();
    let opened: Value = opened.json().await.unwrap();
    let mut customer = Customer::arrives(&shop.server, "b", "zh-Hant").await;
    assert_eq!(customer.conversation, opened["conversation"].as_str().unwrap());
    refused(customer.post("transcript", json!({ "email": ANNA })).await, 409, "nothing_said");
    customer.says("退款 <script>alert(1)</script>").await;
    assert_eq!(customer.post("handoff", json!({})).await.0, 200);
    assert_eq!(shop.agent.claims(&customer.conversation).await.0, 200);
    let note = json!({ "client_id": "n", "text": "She sounds annoyed." });
    assert_eq!(shop.agent.post(&format!("conversations/{}/note", customer.conversation), note).await.0, 200);
    shop.ann_says(&customer, "您好").await;

    let url = format!("{}/api/v1/conversations/{}/transcript", shop.server.url, customer.conversation);
    let get = async |query: &str| {
        let answer = http().get(format!("{url}{query}")).bearer_auth(&customer.token).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        let headers = (header("content-type"), header("content-disposition"));
        assert_eq!(header("x-content-type-options"), "nosniff");
        (headers, answer.text().await.unwrap())
    };
    let ((kind, name), text) = get("").await;
    assert_eq!(kind, "text/plain; charset=utf-8");
    assert!(name.starts_with("attachment; filename=\"conversation-") && name.ends_with(".txt\""), "{name}");
    assert!(text.starts_with("您的對話\n時間：Asia/Taipei\n"), "{text}");
    assert!(text.contains("] 您\n退款 <script>alert(1)</script>\n") && text.contains("] Ann\n您好\n"), "{text}");
    assert!(!text.contains("annoyed"), "{text}");
    let ((kind, name), html) = get("?format=html").await;
    assert_eq!(kind, "text/html; charset=utf-8");
    assert!(name.ends_with(".html\"") && html.starts_with("<!doctype html>\n<html lang=\"zh-Hant\">"), "{name} {html}");
    assert!(html.contains("退款 &lt;script&gt;") && !html.contains("<script") && !html.contains("annoyed"), "{html}");
    let answer = http().get(format!("{url}?format=pdf")).bearer_auth(&customer.token).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert_eq!(http().get(&url).send().await.unwrap().status(), 401);

    for wrong in ["", "anna", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example", "Anna <a@b.example>"] {
        refused(customer.post("transcript", json!({ "email": wrong })).await, 422, "bad_email");
    }
    assert_eq!(customer.post("transcript", json!({ "email": format!(" {ANNA} ") })).await.0, 202);
    let letter = mail.gets(1).await;
    assert_eq!(letter.to, ANNA);
    assert!(letter.header("Subject").unwrap().starts_with("=?utf-8?b?"), "{:?}", letter.header("Subject"));
    assert!(letter.text().starts_with(&text), "{}", letter.text());
    assert!(letter.text().contains("不必理會"), "{}", letter.text());
    assert!(!letter.html().contains("<script"));
    // The refusal before anything was said counted too.
    assert_eq!(customer.post("transcript", json!({ "email": "b@mail.example" })).await.0, 202);
    refused(customer.post("transcript", json!({ "email": "c@mail.example" })).await, 429, "too_many_requests");
    mail.gets(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_mail_server_none_is_promised() {
    let mut shop = Shop::with(Faults::none_yet(), String::new()).await;
    let customer = shop.customer("browser", ANNA).await;
    refused(customer.post("transcript", json!({ "email": ANNA })).await, 404, "mail_off");
    shop.ann_says(&customer, "Hello?").await;
    assert_eq!(shop.export(&customer)["conversations"][0]["letters"], json!([]));
    let ready = http().get(format!("{}/readyz", shop.server.url)).send().await.unwrap();
    assert_eq!(ready.json::<Value>().await.unwrap().get("mail"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_has_only_so_many_letters() {
    let mail = StandIn::start(Security::None).await;
    let clock = Faults::none_yet();
    let config = format!(
        "[mail]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"help@shop.example\"\nper_hour = 2\n",
        mail.port()
    );
    let mut shop = Shop::with(clock, config).await;
    let customer = shop.customer("browser", ANNA).await;
    for n in 0..3 {
        assert_eq!(customer.post("transcript", json!({ "email": format!("{n}@mail.example") })).await.0, 202);
    }
    shop.letters_are(&customer, &["done", "done", "due"]).await;
    shop.time_passes(3_500);
    shop.letters_are(&customer, &["done", "done", "due"]).await;
    assert_eq!(mail.letters().len(), 2);
    shop.time_passes(200);
    mail.gets(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_with_the_login_holds_letters_back_and_is_told_at_once() {
    let mail = StandIn::start(Security::Starttls).await;
    mail.wants_login("shop", "correct horse");
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name)
    };
    let (certificate, password) = (write("ca.pem", mail.certificate()), write("password", "wrong\n"));
    let config = format!(
        "[mail]\nhost = \"localhost\"\nport = {}\nfrom = \"help@shop.example\"\nca_file = {certificate:?}\n\
         username = \"shop\"\npassword_file = {password:?}\n",
        mail.port()
    );
    let mut shop = Shop::with(Faults::none_yet(), config).await;
    let customer = shop.customer("browser", ANNA).await;
    assert_eq!(customer.post("transcript", json!({ "email": ANNA })).await.0, 202);
    shop.is_degraded("535").await;
    shop.letters_are(&customer, &["due"]).await;
    write("password", "correct horse\n");
    shop.server.kill_and_start_again();
    shop.time_passes(PAUSE);
    let letter = mail.gets(1).await;
    assert!(letter.was_encrypted);
    shop.letters_are(&customer, &["done"]).await;
    assert_eq!(shop.mail_health().await, json!([]));
}

/// The files under `folder` in which `mark` stands.
fn files_with(folder: &Path, mark: &str) -> Vec<PathBuf> {
    let (mut found, mut folders) = (vec![], vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if let Ok(bytes) = std::fs::read(entry.path())
                && bytes.windows(mark.len()).any(|window| window.eq_ignore_ascii_case(mark.as_bytes()))
            {
                found.push(entry.path());
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_customers_words_their_letters_and_addresses_go() {
    let mail = StandIn::start(Security::None).await;
    let mut shop = Shop::opens(&mail, "").await;
    let customer = shop.customer("browser", ANNA).await;
    assert_eq!(customer.post("transcript", json!({ "email": ANNA })).await.0, 202);
    mail.gets(1).await;
    shop.letters_are(&customer, &["done"]).await;
    mail.fails_next(Fault::RefusesRecipient);
    assert_eq!(customer.post("transcript", json!({ "email": ANNA })).await.0, 202);
    shop.letters_are(&customer, &["done", "dead"]).await;
    shop.ann_says(&customer, "Never sent.").await;
    assert!(!files_with(&shop.server.data(), ANNA).is_empty());

    let mut command = binary();
    command.args(["erase", "--conversation", &customer.conversation, "--yes", "--config"]);
    let erased = command.arg(shop.server.config_file()).output().unwrap();
    assert!(erased.status.success(), "{}", String::from_utf8_lossy(&erased.stderr));
    shop.letters_are(&customer, &[]).await;
    assert!(files_with(&shop.server.data(), ANNA).is_empty());
    shop.time_passes(AWAY);
    let other = shop.customer("other", "boris@mail.example").await;
    assert_eq!(other.post("transcript", json!({ "email": "boris@mail.example" })).await.0, 202);
    assert_eq!(mail.gets(2).await.to, "boris@mail.example", "nothing of the erased one went before it");
}
