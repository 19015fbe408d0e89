//! Files, bursts, languages and closed doors, with a real desk and store between customers and agents.

#![cfg(all(test, feature = "testkit"))]

use super::tests::{Form, Shop, in_both_forms};
use crate::desk::{Reply, Sender};
use crate::domain::{AttachmentId, Channel, Language, Speaker, Turn};
use crate::testkit::telegram::{Customer, OGG, PNG};
use serde_json::json;

in_both_forms! {
    files_come_as_they_were_sent_and_an_album_is_one_turn
    what_cannot_be_taken_is_told_to_both
    a_slow_file_holds_up_nobody_and_outlives_a_death
    a_server_of_ones_own_lays_files_down_in_one_folder
    agents_files_go_as_what_they_are
    several_short_messages_are_one_question
    the_language_is_the_customers_choice
    whoever_blocks_the_bot_is_known_to_be_out_of_reach
    an_agents_hands_show
    a_reply_says_what_it_refers_to
}

impl Shop {
    async fn heard_from(&self, customer: &Customer) -> Vec<Turn> {
        let channel = Channel::Telegram { bot: "shop".into(), chat: customer.chat() };
        let Some(conversation) = self.desk.conversation_by_channel(&channel).await.unwrap() else { return vec![] };
        let turns = self.desk.update(&conversation.id, 0, 100).await.unwrap().turns;
        turns.into_iter().filter(|turn| turn.by == Speaker::Customer).collect()
    }

    /// Waits until the customer has said so many turns.
    async fn hears_turns(&self, customer: &Customer, n: usize) -> Vec<Turn> {
        let begun = tokio::time::Instant::now();
        loop {
            let turns = self.heard_from(customer).await;
            if turns.len() >= n {
                return turns;
            }
            assert!(begun.elapsed() < crate::testkit::telegram::WAIT_AT_MOST, "only {turns:#?} came");
            tokio::task::yield_now().await;
        }
    }

    async fn with_ann(&self, customer: &Customer) {
        customer.says("/human");
        customer.hears().await;
        self.ann_says(customer, &["Hello"]).await;
        customer.hears_about("Hello").await;
    }

    pub(super) async fn ann_sends(&self, customer: &Customer, text: &str, files: &[(&str, &[u8])]) {
        let conversation = self.conversation_of(customer).await;
        let mut attachments: Vec<AttachmentId> = vec![];
        for (name, bytes) in files {
            let client_id = self.desk.clock().new_id();
            let sender = Sender { agent: Some(self.ann.id.clone()), client_id, name: (*name).to_owned() };
            let mut incoming = self.desk.begin_upload(conversation.clone(), sender, None).await.unwrap();
            incoming.take(bytes).await.unwrap();
            attachments.push(self.desk.keep_upload(incoming).await.unwrap().0.id);
        }
        let reply = Reply { client_id: self.desk.clock().new_id(), text: text.into(), attachments };
        self.desk.reply_with(&conversation.id, &self.ann, reply).await.unwrap();
    }
}

fn shown(turn: &Turn) -> (String, Vec<(String, String)>) {
    let files = turn.attachments.iter().map(|file| (file.name.clone(), file.kind.clone())).collect();
    (turn.text.clone(), files)
}

fn file(name: &str, kind: &str) -> (String, String) {
    (name.to_owned(), kind.to_owned())
}

async fn files_come_as_they_were_sent_and_an_album_is_one_turn(form: Form) {
    let shop = Shop::opens_in(form).await;
    let anna = shop.telegram.customer(7, "en");
    shop.with_ann(&anna).await;
    anna.sends_photo_saying("this one");
    anna.sends_voice();
    anna.sends_file("document", "receipt.pdf", b"%PDF-1.7 the receipt");
    anna.sends_album(3);
    let mut turns: Vec<_> = shop.hears_turns(&anna, 4).await.iter().map(shown).collect();
    // Fetched side by side, so in no certain order.
    turns.sort();
    let photo = || file("photo.png", "image/png");
    let expected = [
        (String::new(), vec![photo(), photo(), photo()]),
        (String::new(), vec![file("receipt.pdf", "application/pdf")]),
        (String::new(), vec![file("voice.ogg", "audio/ogg")]),
        ("this one".to_owned(), vec![photo()]),
    ];
    assert_eq!(turns, expected);
    shop.telegram.all_taken().await;
    shop.telegram.repeats_last_update();
    shop.telegram.all_taken().await;
    anna.says("that is all");
    let turns = shop.hears_turns(&anna, 5).await;
    assert_eq!(turns.last().unwrap().text, "that is all");
    assert_eq!(turns.len(), 5, "an update that comes twice is one turn");
}

async fn what_cannot_be_taken_is_told_to_both(form: Form) {
    let shop = Shop::opens_in(form).await;
    let anna = shop.telegram.customer(7, "en");
    anna.sends_file("document", "lottery.exe", b"MZ\x90\0\x03\0\0\0");
    let line = anna.hears().await;
    assert!(line.text.contains("lottery.exe: this kind of file"), "{}", line.text);
    assert_eq!(line.labels(), ["Talk to a person"]);
    assert!(shop.heard_from(&anna).await.is_empty(), "the bot is not asked about it");

    shop.with_ann(&anna).await;
    anna.sends_file("video", "tour.mp4", &vec![0; 20 * 1024 * 1024 + 1]);
    assert!(anna.hears_about("too large").await.text.contains("video tour.mp4"));
    let turns = shop.hears_turns(&anna, 1).await;
    assert_eq!(turns[0].text, "[video tour.mp4: it is too large]");

    shop.telegram.fail_next_of("getFile", 1, 502);
    anna.sends_photo_saying("second try");
    let turns = shop.hears_turns(&anna, 2).await;
    assert_eq!((turns[1].text.as_str(), turns[1].attachments.len()), ("second try", 1));
}

async fn a_slow_file_holds_up_nobody_and_outlives_a_death(form: Form) {
    let mut shop = Shop::opens_in(form).await;
    let (anna, boris) = (shop.telegram.customer(7, "en"), shop.telegram.customer(8, "ru"));
    shop.with_ann(&anna).await;
    shop.telegram.holds_files();
    anna.sends_photo_saying("look");
    anna.says("are you there?");
    boris.says("/human");
    assert!(boris.hears().await.text.contains("следующий"));
    assert_eq!(shop.hears_turns(&anna, 1).await[0].text, "are you there?");
    shop.telegram.all_taken().await;
    shop.is_killed().await;
    shop.telegram.gives_files();
    shop.opens_again();
    let turns = shop.hears_turns(&anna, 2).await;
    assert_eq!((turns[1].text.as_str(), turns[1].attachments.len()), ("look", 1));
}

async fn a_server_of_ones_own_lays_files_down_in_one_folder(form: Form) {
    let folder = tempfile::tempdir().unwrap();
    let mut shop = Shop::opens_in(form).await;
    shop.is_killed().await;
    shop.telegram.lays_files_down_in(folder.path());
    shop.local_files = Some(folder.path().to_owned());
    std::fs::write(folder.path().join("file-1"), PNG).unwrap();
    shop.opens_again();
    let anna = shop.telegram.customer(7, "en");
    anna.sends_photo_saying("look");
    assert_eq!(shown(&shop.hears_turns(&anna, 1).await[0]).1, [file("photo.png", "image/png")]);

    anna.hears_about("next in line").await;

    // Nothing else on this machine is given to anybody.
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("file-2"), PNG).unwrap();
    shop.telegram.lays_files_down_in(elsewhere.path());
    anna.sends_photo_saying("and this");
    shop.telegram.called("getFile", 2).await;
    shop.telegram.lays_files_down_in(folder.path());
    std::fs::write(folder.path().join("file-2"), PNG).unwrap();
    let turns = shop.hears_turns(&anna, 2).await;
    assert_eq!((turns[1].text.as_str(), turns[1].attachments.len()), ("and this", 1), "it was tried again");
}

async fn agents_files_go_as_what_they_are(form: Form) {
    let shop = Shop::opens_in(form).await;
    let anna = shop.telegram.customer(7, "en");
    shop.with_ann(&anna).await;
    shop.ann_sends(&anna, "Here <it> is", &[("lamp.png", PNG), ("says.ogg", OGG)]).await;
    let photo = anna.hears().await;
    assert_eq!(photo.text, "Ann\nHere <it> is");
    let sent = photo.file.unwrap();
    assert_eq!((sent.way.as_str(), sent.name.as_str(), sent.bytes.as_slice()), ("photo", "lamp.png", PNG));
    let voice = anna.hears().await;
    assert_eq!((voice.text.as_str(), voice.file.unwrap().way.as_str()), ("", "voice"));

    shop.telegram.fail_next_of("sendPhoto", 1, 400);
    shop.ann_sends(&anna, "", &[("лампа.png", PNG)]).await;
    let document = anna.hears().await;
    let sent = document.file.unwrap();
    assert_eq!((document.text.as_str(), sent.way.as_str(), sent.name.as_str()), ("Ann", "document", "лампа.png"));

    let long = "word ".repeat(400);
    shop.ann_sends(&anna, &long, &[("notes.txt", b"as agreed")]).await;
    assert!(anna.hears().await.text.starts_with("Ann\nword word"));
    assert_eq!(anna.hears().await.file.unwrap().way, "document");
}

async fn several_short_messages_are_one_question(form: Form) {
    let mut shop = Shop::opens_in(form).await;
    shop.is_killed().await;
    shop.burst = std::time::Duration::from_millis(300);
    shop.opens_again();
    let anna = shop.telegram.customer(7, "en");
    for line in ["hi", "my lamp", "does not shine"] {
        anna.says(line);
    }
    assert!(anna.hears().await.text.contains("next in line"));
    let turns = shop.turns_of(&anna).await;
    assert_eq!(turns[..3], ["hi", "my lamp", "does not shine"], "answered after the last: {turns:?}");
    assert_eq!(turns.len(), 4);
}

async fn the_language_is_the_customers_choice(form: Form) {
    let shop = Shop::opens_in(form).await;
    let anna = shop.telegram.customer(7, "en");
    anna.says("/language");
    let asked = anna.hears().await;
    assert_eq!(asked.labels(), ["English", "简体中文", "繁體中文", "Русский"]);
    anna.taps("Русский").is_answered().await;
    assert!(anna.hears().await.text.contains("по-русски"));
    anna.sees_no_buttons_under(&asked).await;
    anna.says("/human");
    assert!(anna.hears().await.text.contains("следующий"));
    anna.says("/stop");
    anna.hears_about("бот").await;
    assert_eq!(shop.conversation_of(&anna).await.phase.name(), "with_bot", "whoever stops leaves the line");
    anna.says("/language zh-TW");
    assert!(anna.hears().await.text.contains("繁體"));
    assert_eq!(shop.conversation_of(&anna).await.language, Some(Language::ZhHant));
    anna.says("/stop");
    assert!(anna.hears().await.text.contains("/forget"));
}

async fn whoever_blocks_the_bot_is_known_to_be_out_of_reach(form: Form) {
    let shop = Shop::opens_in(form).await;
    let anna = shop.telegram.customer(7, "en");
    shop.with_ann(&anna).await;
    let id = shop.conversation_of(&anna).await.id;
    anna.blocks();
    shop.telegram.all_taken().await;
    assert!(shop.desk.unreachable_since(&id).await.unwrap().is_some());
    anna.unblocks();
    shop.telegram.all_taken().await;
    assert_eq!(shop.desk.unreachable_since(&id).await.unwrap(), None);

    // Where that was never told, the first message that is refused tells.
    shop.telegram.fail_next(1, 403);
    shop.ann_says(&anna, &["Are you there?"]).await;
    let begun = tokio::time::Instant::now();
    while shop.desk.unreachable_since(&id).await.unwrap().is_none() {
        assert!(begun.elapsed() < crate::testkit::telegram::WAIT_AT_MOST, "nobody noticed");
        tokio::task::yield_now().await;
    }
    anna.says("/start");
    anna.hears_about("person").await;
    assert_eq!(shop.desk.unreachable_since(&id).await.unwrap(), None);
}

async fn an_agents_hands_show(form: Form) {
    let shop = Shop::opens_in(form).await;
    let anna = shop.telegram.customer(7, "en");
    anna.sends(json!({"text": "/human"}));
    anna.hears().await;
    let id = shop.conversation_of(&anna).await.id;
    shop.desk.claim(&id, &shop.ann).await.unwrap();
    anna.hears_about("joined").await;
    anna.sees_typing(0).await;
    shop.desk.agent_types(&id, &shop.ann, true).await.unwrap();
    anna.sees_typing(1).await;
}

async fn a_reply_says_what_it_refers_to(form: Form) {
    let shop = Shop::opens_in(form).await;
    let anna = shop.telegram.customer(7, "en");
    let replied = json!({"message_id": 1, "text": "Ann\nFive euro."});
    anna.sends(json!({"text": "/human"}));
    anna.hears().await;
    anna.sends(json!({"text": "is that all?", "reply_to_message": replied}));
    let turns = shop.hears_turns(&anna, 1).await;
    assert_eq!(turns[0].text, "> Ann\n> Five euro.\nis that all?");
}
