//! Words that are changed or taken back, on both sides of the chat.

#![cfg(all(test, feature = "testkit"))]

use super::tests::{Form, Shop, in_both_forms};
use crate::desk::DeskError;
use crate::domain::{Refusal, Turn};
use crate::testkit::telegram::{Customer, PNG, WAIT_AT_MOST};
use std::time::Duration;

in_both_forms! {
    an_edited_question_is_the_question
    a_later_edit_is_shown_and_asks_nothing
    what_an_agent_edits_changes_where_it_stands
    what_was_not_sent_yet_goes_as_edited_or_not_at_all
    only_ones_own_words_and_not_for_long
    of_a_blocked_customer_nothing_is_taken_but_the_wish_to_be_forgotten
}

impl Shop {
    async fn all_of(&self, customer: &Customer) -> Vec<Turn> {
        let id = self.conversation_of(customer).await.id;
        self.desk.update(&id, 0, 100).await.unwrap().turns
    }

    async fn turn_of(&self, customer: &Customer, text: &str) -> Turn {
        let begun = tokio::time::Instant::now();
        loop {
            if let Some(turn) = self.all_of(customer).await.into_iter().find(|turn| turn.text == text) {
                return turn;
            }
            assert!(begun.elapsed() < WAIT_AT_MOST, "{text:?} is nowhere in {:#?}", self.all_of(customer).await);
            tokio::task::yield_now().await;
        }
    }

    async fn ann_edits(&self, customer: &Customer, text: &str, new: Option<&str>) {
        let id = self.conversation_of(customer).await.id;
        let turn = self.turn_of(customer, text).await;
        self.desk.edit_turn(&id, &self.ann, &turn.id, new.map(str::to_owned)).await.unwrap();
    }

    async fn begins_with_ann(&self, customer: &Customer) {
        customer.says("/human");
        customer.hears().await;
        let id = self.conversation_of(customer).await.id;
        self.desk.claim(&id, &self.ann).await.unwrap();
        customer.hears_about("joined").await;
    }
}

async fn an_edited_question_is_the_question(form: Form) {
    let mut shop = Shop::opens_in(form).await;
    shop.is_killed().await;
    shop.burst = Duration::from_millis(400);
    shop.opens_again();
    let anna = shop.telegram.customer(7, "en");
    let message = anna.says("where is my refnud");
    anna.edits(message, "where is my refund");
    assert!(anna.hears().await.text.contains("next in line"));
    let turns = shop.all_of(&anna).await;
    let said: Vec<_> = turns.iter().map(|turn| (turn.text.as_str(), turn.rev)).collect();
    assert_eq!((said.len(), said[0]), (2, ("where is my refund", 1)), "{said:?}");
    assert!(turns[0].seq < turns[1].seq, "answered after the edit");
}

async fn a_later_edit_is_shown_and_asks_nothing(form: Form) {
    let shop = Shop::opens_in(form).await;
    let anna = shop.telegram.customer(7, "en");
    let message = anna.says("where is my refnud");
    anna.hears_about("next in line").await;
    anna.edits(message, "where is my refund");
    anna.edits(message, "where is my refund");
    anna.edits(9_999, "of a message that nobody knows");
    let turn = shop.turn_of(&anna, "where is my refund").await;
    shop.telegram.all_taken().await;
    assert_eq!((turn.rev, shop.all_of(&anna).await.len()), (1, 2), "the same words again change nothing");
    assert_eq!(anna.messages().len(), 1, "nothing is answered again");
    assert!(shop.conversation_of(&anna).await.unanswered.is_empty());
}

async fn what_an_agent_edits_changes_where_it_stands(form: Form) {
    let shop = Shop::opens_in(form).await;
    shop.telegram.lifts_limits();
    let anna = shop.telegram.customer(7, "en");
    shop.begins_with_ann(&anna).await;
    let begun: Vec<String> = anna.messages().iter().map(|message| message.text.clone()).collect();
    let with = |more: &[&str]| -> Vec<String> {
        begun.iter().cloned().chain(more.iter().map(|text| (*text).to_owned())).collect()
    };
    let check = async |more: &[&str]| anna.sees(&with(more).iter().map(String::as_str).collect::<Vec<_>>()).await;

    shop.ann_says(&anna, &["It coasts 5 < 6", "And more"]).await;
    check(&["Ann\nIt coasts 5 < 6", "Ann\nAnd more"]).await;
    shop.ann_edits(&anna, "It coasts 5 < 6", Some("It costs 5 < 6")).await;
    check(&["Ann\nIt costs 5 < 6", "Ann\nAnd more"]).await;
    shop.ann_edits(&anna, "And more", None).await;
    check(&["Ann\nIt costs 5 < 6"]).await;
    assert!(shop.all_of(&anna).await.iter().any(|turn| turn.is_withdrawn && turn.text.is_empty()));

    // Two parts become one, and the other is gone.
    let long = "🙂".repeat(3_000);
    shop.ann_says(&anna, &[&"😀".repeat(3_000)]).await;
    anna.hears_about("😀").await;
    shop.turn_of(&anna, &"😀".repeat(3_000)).await;
    while anna.messages().len() < begun.len() + 3 {
        tokio::task::yield_now().await;
    }
    shop.ann_edits(&anna, &"😀".repeat(3_000), Some("short")).await;
    check(&["Ann\nIt costs 5 < 6", "Ann\nshort"]).await;
    // And one becomes two.
    shop.ann_edits(&anna, "short", Some(&long)).await;
    while anna.messages().len() < begun.len() + 3 {
        tokio::task::yield_now().await;
    }
    shop.ann_edits(&anna, &long, None).await;
    check(&["Ann\nIt costs 5 < 6"]).await;

    shop.ann_sends(&anna, "this lmap", &[("lamp.png", PNG)]).await;
    check(&["Ann\nIt costs 5 < 6", "Ann\nthis lmap"]).await;
    shop.ann_edits(&anna, "this lmap", Some("this lamp")).await;
    check(&["Ann\nIt costs 5 < 6", "Ann\nthis lamp"]).await;
    shop.ann_edits(&anna, "this lamp", None).await;
    check(&["Ann\nIt costs 5 < 6"]).await;
}

async fn what_was_not_sent_yet_goes_as_edited_or_not_at_all(form: Form) {
    let mut shop = Shop::opens_in(form).await;
    let anna = shop.telegram.customer(7, "en");
    shop.begins_with_ann(&anna).await;
    shop.is_closed().await;
    shop.ann_says(&anna, &["one", "two"]).await;
    shop.ann_edits(&anna, "one", Some("uno")).await;
    shop.ann_edits(&anna, "two", None).await;
    shop.ann_says(&anna, &["three"]).await;
    shop.opens_again();
    assert_eq!(anna.hears_about("Ann\n").await.text, "Ann\nuno");
    assert_eq!(anna.hears().await.text, "Ann\nthree");
}

async fn only_ones_own_words_and_not_for_long(form: Form) {
    let shop = Shop::opens_in(form).await;
    let anna = shop.telegram.customer(7, "en");
    shop.begins_with_ann(&anna).await;
    shop.ann_says(&anna, &["Hello"]).await;
    let id = shop.conversation_of(&anna).await.id;
    let refused = async |turn: &Turn| match shop.desk.edit_turn(&id, &shop.ann, &turn.id, Some("other".into())).await {
        Err(DeskError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    let hello = shop.turn_of(&anna, "Hello").await;
    for turn in shop.all_of(&anna).await.iter().filter(|turn| turn.id != hello.id) {
        assert_eq!(refused(turn).await, Refusal::NotYourTurn, "{turn:?}");
    }
    let nowhere = Turn { id: crate::domain::TurnId::of(&id, 999), ..hello.clone() };
    assert_eq!(refused(&nowhere).await, Refusal::NoSuchTurn);
    shop.desk.clock().advance_secs(16 * 60);
    assert_eq!(refused(&hello).await, Refusal::TooLate);
    let empty = shop.desk.edit_turn(&id, &shop.ann, &hello.id, Some(" ".into())).await;
    assert!(matches!(empty, Err(DeskError::TextEmpty)));
}

async fn of_a_blocked_customer_nothing_is_taken_but_the_wish_to_be_forgotten(form: Form) {
    let shop = Shop::opens_in(form).await;
    let (anna, boris) = (shop.telegram.customer(7, "en"), shop.telegram.customer(8, "en"));
    anna.says("Buy my pills");
    anna.hears_about("next in line").await;
    let id = shop.conversation_of(&anna).await.id;
    shop.desk.block(&id, &shop.ann).await.unwrap();
    anna.hears_about("closed by our team").await;
    let before = shop.all_of(&anna).await.len();
    anna.says("More pills");
    let messages = anna.messages();
    let button = messages.iter().flat_map(|message| message.labels()).next().unwrap();
    anna.taps(button).is_answered().await;
    anna.says("/human");
    anna.says("/forget");
    anna.hears_about("erase").await;
    // Updates are taken in order: what stood before the wish was passed over.
    assert_eq!(shop.all_of(&anna).await.len(), before);
    boris.says("where is my refund");
    boris.hears().await;
    shop.desk.unblock(&id).await.unwrap();
    anna.says("I am sorry");
    shop.turn_of(&anna, "I am sorry").await;
}
