//! Erases words: a customer's at a wish, a resolved conversation's by age. Rows, numbers and events stay, so figures stay right.
//!
//! `secure_delete` clears what a row frees, but when rows go SQLite also moves their neighbours between pages, and where it moved
//! them from may keep their bytes, out of reach of their own erasure: of 150 random databases whose words were deleted customer by
//! customer, 22 kept some. So words are overwritten where they lie, with blanks of the same length: `words` is only appended to,
//! and nothing in it ever moves. The rows stay behind, blank, and nothing points to them.

use super::batch::Batch;
use super::record::{Extras, Stored, record, stored_columns};
use super::rows::{Step, us};
use super::{Erased, OneCustomer, StoreError};
use crate::domain::{Conversation, ConversationId, CustomerId, Event, Phase, Rules, Timestamp};
use sqlx::SqliteConnection;

/// Conversations of one transaction by age, whatever the caller asks for.
const MAX_BY_AGE: u32 = 200;

pub async fn erase_customer(
    db: &mut SqliteConnection,
    one: OneCustomer,
    now: Timestamp,
) -> Result<Option<Erased>, StoreError> {
    let Some(customer) = customer(db, &one).await? else { return Ok(None) };
    let mut erased = Erased::default();
    for id in conversations_with_words(db, &customer).await? {
        erase(db, id, now, &mut erased).await?;
    }
    let mut batch = Batch::after(0);
    // Whatever is no conversation's.
    batch
        .then("update words set text = printf('%*s', octet_length(text), '') where customer = ? and trim(text) <> ''")
        .bind(customer.as_str());
    batch
        .then(
            "update customers set erased_at = coalesce(erased_at, ?), site = null, subject = null, profile = null \
             where id = ?",
        )
        .bind(us(now))
        .bind(customer.as_str());
    batch.write(db, "erase a customer").await?;
    Ok(Some(erased))
}

pub async fn erase_resolved(
    db: &mut SqliteConnection,
    before: Timestamp,
    limit: u32,
    now: Timestamp,
) -> Result<Erased, StoreError> {
    let mut erased = Erased::default();
    for id in resolved(db, before, limit).await? {
        erase(db, id, now, &mut erased).await?;
    }
    Ok(erased)
}

/// What ends an open conversation whose customer is gone, so that nobody waits for a ghost, and what was promised to them.
fn ending(conversation: &Conversation) -> Vec<Event> {
    let end = match &conversation.phase {
        Phase::Resolved { .. } => None,
        Phase::WithAgent { .. } | Phase::WithBot { .. } | Phase::Waiting { .. } => Some(Event::Abandoned),
    };
    let promised = conversation.follow_up.as_ref();
    let promised = promised.map(|follow_up| Event::FollowUpDone { agent: follow_up.agent.clone() });
    end.into_iter().chain(promised).collect()
}

async fn erase(
    db: &mut SqliteConnection,
    id: ConversationId,
    now: Timestamp,
    erased: &mut Erased,
) -> Result<(), StoreError> {
    let stored = state(db, &id).await?;
    let customer = stored.conversation.customer.clone();
    let ending = ending(&stored.conversation);
    if !ending.is_empty() {
        // An end has no deadline, so no rule matters.
        record(db, stored, &ending, Extras::default(), &Rules::default(), now).await?;
    }
    let (n_words, n_judged, n_files, last_words) = counts(db, &id).await?;
    let mut batch = Batch::after(last_words);
    blank(&mut batch, &id);
    let nothing = batch.words(&customer, "");
    cut_off(&mut batch, &id, nothing, now);
    batch.write(db, "erase a conversation").await?;
    erased.n_words += n_words.unsigned_abs();
    erased.n_judged += n_judged.unsigned_abs();
    erased.n_files += n_files.unsigned_abs();
    erased.conversations.push(id);
    Ok(())
}

/// The words that a conversation's rows point to, as `?` names it. A test compares it with what the tables say.
macro_rules! words_of_conversation {
    () => {
        "with this (id) as (select ?) \
         select words from turns where conversation = (select id from this) \
         union select html from turns where conversation = (select id from this) \
         union select words from traces where conversation = (select id from this) \
         union select brief from handoffs where conversation = (select id from this) \
         union select comment from ratings where conversation = (select id from this) \
         union select words from drafts where conversation = (select id from this) \
         union select words from contacts where conversation = (select id from this) \
         union select words from details where conversation = (select id from this) \
         union select address from outbox where conversation = (select id from this) \
         union select name from attachments where conversation = (select id from this) \
         union select words from phrases where conversation = (select id from this) \
         union select name from coming_files where conversation = (select id from this) \
         union select caption from coming_files where conversation = (select id from this) \
         union select page from conversations where id = (select id from this)"
    };
}

fn blank(batch: &mut Batch, id: &ConversationId) {
    batch
        .then(concat!(
            "update words set text = printf('%*s', octet_length(text), '') where id in (",
            words_of_conversation!(),
            ")"
        ))
        .bind(id.as_str());
}

/// Nothing points to the blank words any more, and nothing leads to the person. `nothing` is an empty text for the turns.
fn cut_off(batch: &mut Batch, id: &ConversationId, nothing: i64, now: Timestamp) {
    let id = id.as_str();
    batch
        .then("update turns set words = ?, html = null, client_id = null where conversation = ?")
        .bind(nothing)
        .bind(id);
    batch.then("update handoffs set brief = null where conversation = ? and brief is not null").bind(id);
    batch.then("update ratings set comment = null where conversation = ? and comment is not null").bind(id);
    batch.then("insert or ignore into unwanted_files select key from attachments where conversation = ?").bind(id);
    batch.then("delete from attachments where conversation = ?").bind(id);
    batch.then("delete from coming_files where conversation = ?").bind(id);
    batch.then("delete from channel_messages where conversation = ?").bind(id);
    batch.then("delete from traces where conversation = ?").bind(id);
    batch.then("delete from drafts where conversation = ?").bind(id);
    batch.then("delete from contacts where conversation = ?").bind(id);
    batch.then("delete from details where conversation = ?").bind(id);
    batch.then("delete from phrases where conversation = ?").bind(id);
    batch.then("delete from links where conversation = ?").bind(id);
    batch.then("delete from draws where conversation = ?").bind(id);
    batch.then("delete from outbox where conversation = ?").bind(id);
    batch.then("delete from conversation_tokens where conversation = ?").bind(id);
    // The same expression as in the trigger that lets nothing else through.
    batch
        .then(
            "update events set event = json_replace(json_remove(event, '$.client_id'), '$.from.chat', 0, '$.to.chat', 0) \
             where conversation = ?",
        )
        .bind(id);
    batch
        .then(
            "update conversations set client_id = 'erased:' || id, \
             address = case when address is null then null else 'erased/' || id end, \
             state = json_remove(json_replace(state, '$.channel.chat', 0), '$.time_zone'), page = null, erased_at = ? where id = ?",
        )
        .bind(us(now))
        .bind(id);
}

pub async fn customer(db: &mut SqliteConnection, one: &OneCustomer) -> Result<Option<CustomerId>, StoreError> {
    let query = match one {
        OneCustomer::Customer(id) => {
            sqlx::query_scalar("select id from customers where id = ?1").bind(id.as_str().to_owned())
        }
        OneCustomer::OfConversation(id) => {
            sqlx::query_scalar("select customer from conversations where id = ?1").bind(id.as_str().to_owned())
        }
    };
    let found: Option<String> = query.fetch_optional(db).await.step("look for a customer")?;
    Ok(found.map(CustomerId))
}

async fn conversations_with_words(
    db: &mut SqliteConnection,
    customer: &CustomerId,
) -> Result<Vec<ConversationId>, StoreError> {
    let ids: Vec<String> = sqlx::query_scalar(
        "select id from conversations where customer = ?1 and erased_at is null order by created_at, id",
    )
    .bind(customer.as_str())
    .fetch_all(db)
    .await
    .step("look for a customer's conversations")?;
    Ok(ids.into_iter().map(ConversationId).collect())
}

async fn resolved(db: &mut SqliteConnection, before: Timestamp, limit: u32) -> Result<Vec<ConversationId>, StoreError> {
    let ids: Vec<String> = sqlx::query_scalar(
        "select id from conversations where phase = 'resolved' and erased_at is null and phase_since < ?1 \
         order by phase_since, id limit ?2",
    )
    .bind(us(before))
    .bind(limit.clamp(1, MAX_BY_AGE))
    .fetch_all(db)
    .await
    .step("look for what is old")?;
    Ok(ids.into_iter().map(ConversationId).collect())
}

async fn state(db: &mut SqliteConnection, id: &ConversationId) -> Result<Stored, StoreError> {
    let row = sqlx::query(concat!("select ", stored_columns!(), " from conversations c where c.id = ?1"))
        .bind(id.as_str())
        .fetch_one(db)
        .await
        .step("read a conversation")?;
    Stored::of(&row)
}

/// Words, judged cases and files of a conversation, and the highest id of words.
async fn counts(db: &mut SqliteConnection, id: &ConversationId) -> Result<(i64, i64, i64, i64), StoreError> {
    sqlx::query_as(concat!(
        "select (select count(*) from words where id in (",
        words_of_conversation!(),
        ")), (select count(*) from judged where conversation = ?), \
         (select count(*) from attachments where conversation = ?), (select max(id) from words)"
    ))
    .bind(id.as_str())
    .bind(id.as_str())
    .bind(id.as_str())
    .fetch_one(db)
    .await
    .step("count what is erased")
}

#[cfg(test)]
mod tests {
    use super::super::log;
    use super::super::testing::*;
    use super::super::{SqliteStore, open};
    use super::*;
    use crate::domain::event::ContactKind;
    use crate::domain::plan::Heard;
    use crate::domain::testing::at;
    use crate::domain::{AgentId, ArticleId, Channel, Detail, DetailField, Page};
    use crate::store::{Delivered, Judgement, NewComingFile, NewConversation, NewTranscript, PhraseDecision, Store};
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    const MARK: &str = "Zanzibar";

    fn whose(customer: &str) -> OneCustomer {
        OneCustomer::Customer(CustomerId::new(customer))
    }

    /// The files under `folder` in which `mark` stands.
    fn files_with(folder: &Path, mark: &str) -> Vec<String> {
        let mut found = vec![];
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                found.extend(files_with(&entry.path(), mark));
            } else if let Ok(bytes) = std::fs::read(entry.path())
                && bytes.windows(mark.len()).any(|window| window == mark.as_bytes())
            {
                found.push(entry.path().display().to_string());
            }
        }
        found
    }

    /// A conversation in which the mark stands everywhere that words can stand, with a person.
    async fn marked(store: &SqliteStore, new: NewConversation) -> ConversationId {
        let page = Page { url: Some(format!("https://shop.example/{MARK}")), ..Page::default() };
        let opened = store.open_conversation(NewConversation { page: Some(page), ..new }).await.unwrap();
        let id = opened.conversation.id;
        let read = keep(store, &id, customer_says(&format!("{MARK} 1"), MARK)).await.conversation;
        let mut answer = change(&read, bot_answers(&read, &format!("{MARK} is far.")), at(2));
        (answer.trace, answer.lot) = (Some(trace(MARK)), Some(0.0));
        let read = store.commit(answer).await.unwrap();
        let judgement = Judgement {
            conversation: id.clone(),
            seq: read.version,
            right: Some(ArticleId::new("refund")),
            judge: AgentId::new("anna"),
            only_drawn: false,
            now: at(2),
        };
        let question = store.judge(judgement).await.unwrap().unwrap();
        for text in [format!("{MARK} first"), format!("{MARK} then")] {
            let taught = Some((ArticleId::new("refund"), text));
            let (conversation, lead) = (id.clone(), AgentId::new("anna"));
            let decision = PhraseDecision { conversation, question, taught, lead, now: at(2) };
            assert!(store.decide_phrase(decision).await.unwrap());
        }
        let mut to_people = change(&read, handed_off("payments"), at(3));
        to_people.brief = Some(brief(MARK));
        store.commit(to_people).await.unwrap();
        does(store, &id, claims("anna"), 4).await;
        does(store, &id, replies("anna", &format!("{MARK} 2"), MARK), 5).await;
        for text in [format!("{MARK} and more"), MARK.to_owned()] {
            assert!(store.keep_draft(&id, &AgentId::new("anna"), text, at(5)).await.unwrap());
        }
        let read = store.conversation(&id).await.unwrap().unwrap();
        let mut left = change(&read, vec![Event::ContactLeft { kind: ContactKind::Email }], at(5));
        left.contact = Some(format!("{MARK}@mail.example"));
        store.commit(left).await.unwrap();
        let name = Detail { field: DetailField::Name, text: MARK.into() };
        assert!(store.keep_details(&id, vec![name], at(5)).await.unwrap());
        let address = format!("{MARK}@letters.example");
        store.keep_transcript_wish(NewTranscript { conversation: id.clone(), address, now: at(5) }).await.unwrap();
        let coming = NewComingFile {
            bot: "shop_bot".into(),
            chat: 7,
            message: 1,
            conversation: id.clone(),
            album: None,
            kind: "photo".into(),
            file: "f".into(),
            name: Some(format!("{MARK}.png")),
            caption: Some(format!("{MARK} 6")),
            now: at(5),
        };
        store.keep_coming_file(coming).await.unwrap();
        let sent = kept_file(store, &id, &format!("{MARK} 3"), MARK.as_bytes()).await;
        kept_file(store, &id, &format!("{MARK} 4"), MARK.as_bytes()).await;
        let mut said = customer_says(&format!("{MARK} 5"), "");
        said.attachments = vec![sent.id.clone()];
        assert_eq!(keep(store, &id, said).await.turn.attachments, [sent]);
        id
    }

    async fn resolved_and_rated(store: &SqliteStore, id: &ConversationId, secs: i64) {
        let read = does(store, id, solves("anna"), secs).await;
        let mut rated = change(&read, vec![Event::Rated { score: 2 }], at(secs + 1));
        rated.comment = Some(MARK.into());
        store.commit(rated).await.unwrap();
    }

    fn telegram(chat: i64) -> NewConversation {
        let channel = Channel::Telegram { bot: "shop_bot".into(), chat };
        NewConversation {
            conversation: begun("telegram", channel),
            client_id: format!("tg:shop_bot:{chat}"),
            token_hash: String::new(),
            page: None,
            now: at(0),
        }
    }

    const EVERY_EVENT: &str =
        "select seq || ' ' || json_remove(event, '$.client_id') from events order by conversation, seq";

    #[tokio::test]
    async fn no_file_holds_the_words_of_an_erased_customer_and_figures_stay() {
        let fixture = Fixture::new().await;
        let (store, folder) = (&fixture.store, fixture.folder.path());
        let other = open_web(store, "other").await;
        keep(store, &other, customer_says("1", "Not about that island")).await;
        let id = marked(store, new_web("a")).await;
        resolved_and_rated(store, &id, 10).await;
        assert!(!files_with(folder, MARK).is_empty());
        let figures = "select count(*) || ' ' || (select count(*) from turns) || ' ' || (select sum(score) from ratings) || ' ' || \
                       (select outcome from handoffs) || ' ' || (select count(*) from questions) from events";
        let (before, events) = (fixture.look::<String>(figures).await, fixture.look::<String>(EVERY_EVENT).await);

        let erased = store.erase_customer(&whose("customer-c-a"), at(20)).await.unwrap().unwrap();
        assert_eq!(erased.conversations, std::slice::from_ref(&id));
        assert!(erased.n_words >= 8 && erased.is_log_clear, "{erased:?}");
        assert_eq!(files_with(folder, MARK), [""; 0]);
        assert_eq!(files_with(folder, "token-a"), [""; 0]);
        assert_eq!(fixture.look::<String>(figures).await, before);
        assert_eq!(fixture.look::<String>(EVERY_EVENT).await, events);

        // What is left can be read.
        let turns = store.turns(&id, 0, 100).await.unwrap().turns;
        assert!(turns.len() >= 4 && turns.iter().all(|turn| turn.text.is_empty() && turn.html.is_none()));
        assert_eq!(store.page(&id).await.unwrap(), None);
        assert_eq!(store.brief(&id).await.unwrap(), None);
        assert_eq!(store.traces(&id).await.unwrap(), []);
        assert_eq!(store.conversation_by_token("token-a").await.unwrap(), None);
        assert_eq!(store.to_judge(at(21), 10).await.unwrap().len(), 0);
        assert_eq!(store.turns(&other, 0, 100).await.unwrap().turns[0].text, "Not about that island");

        // Nothing is ever written to it again, and the browser that comes back is somebody new.
        assert!(store.keep(&id, customer_says("9", MARK), &usual(), at(21)).await.unwrap().is_none());
        let read = store.conversation(&id).await.unwrap().unwrap();
        let late = store.commit(change(&read, vec![Event::Rated { score: 1 }], at(22))).await;
        assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
        let mut again = new_web("a");
        again.conversation.id = ConversationId::new("c-new");
        again.conversation.customer = CustomerId::new("customer-new");
        assert!(store.open_conversation(again).await.unwrap().is_new);

        let twice = store.erase_customer(&OneCustomer::OfConversation(id), at(30)).await.unwrap().unwrap();
        assert_eq!((twice.conversations.len(), twice.n_words), (0, 0));
        assert_eq!(store.erase_customer(&whose("nobody"), at(30)).await.unwrap(), None);
    }

    #[tokio::test]
    async fn an_open_conversation_ends_and_gives_up_its_address() {
        let fixture = Fixture::new().await;
        let (store, folder) = (&fixture.store, fixture.folder.path());
        let chat = 987_654_321_012;
        let id = marked(store, telegram(chat)).await;
        let leased = store.lease_deliveries("shop_bot", at(6), at(60), 10).await.unwrap();
        store
            .settle_delivery(leased[0].id, Delivered::Later { due: at(9), why: format!("{chat} is away") })
            .await
            .unwrap();
        store.erase_customer(&whose("customer-telegram"), at(20)).await.unwrap().unwrap();
        assert_eq!(files_with(folder, MARK), [""; 0]);
        assert_eq!(files_with(folder, &chat.to_string()), [""; 0]);
        let read = store.conversation(&id).await.unwrap().unwrap();
        assert_eq!((read.phase.name(), read.unanswered.len()), ("resolved", 0));
        assert_eq!(store.next_delivery_at("shop_bot").await.unwrap(), None);
        assert_eq!(store.counts(&AgentId::new("anna"), &[]).await.unwrap().mine, 0);
        assert_eq!(fixture.look::<i64>("select count(*) from handoffs where closed_at is null").await, [0]);
        let channel = Channel::Telegram { bot: "shop_bot".into(), chat };
        assert_eq!(store.conversation_by_channel(&channel).await.unwrap(), None);
        let mut again = telegram(chat);
        again.conversation.id = ConversationId::new("telegram-new");
        assert!(store.open_conversation(again).await.unwrap().is_new);

        // Waiting, and with the bot in mid-thought.
        let waiting = open_web(store, "w").await;
        keep(store, &waiting, customer_says("1", "Hello?")).await;
        does(store, &waiting, asks_for_person(), 30).await;
        let with_bot = open_web(store, "b").await;
        let thinking = keep(store, &with_bot, customer_says("1", "Hello?")).await.conversation;
        for id in [&waiting, &with_bot] {
            store.erase_customer(&OneCustomer::OfConversation(id.clone()), at(40)).await.unwrap().unwrap();
        }
        assert_eq!(fixture.look::<i64>("select count(*) from queue_entries").await, [0]);
        assert_eq!(store.unanswered(at(99), 10).await.unwrap(), []);
        let late = store.commit(change(&thinking, bot_answers(&thinking, MARK), at(41))).await;
        assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    }

    #[tokio::test]
    async fn a_judged_case_without_words_has_no_say() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let id = marked(store, new_web("a")).await;
        let judgement = super::super::Judgement {
            conversation: id.clone(),
            seq: 3,
            right: None,
            judge: AgentId::new("anna"),
            only_drawn: false,
            now: at(9),
        };
        assert!(store.judge(judgement).await.unwrap().is_some());
        assert_eq!(store.judged_cases(10).await.unwrap()[0].text, MARK);
        let erased = store.erase_customer(&OneCustomer::OfConversation(id), at(20)).await.unwrap().unwrap();
        assert_eq!(erased.n_judged, 1);
        assert_eq!(store.judged_cases(10).await.unwrap(), []);
        assert_eq!(fixture.look::<i64>("select count(*) from judged").await, [1], "it still counts");
    }

    #[tokio::test]
    async fn by_age_the_oldest_go_first_and_a_batch_is_bounded() {
        let fixture = Fixture::new().await;
        let (store, folder) = (&fixture.store, fixture.folder.path());
        let (old, older) = (marked(store, new_web("old")).await, marked(store, new_web("older")).await);
        let (young, open) = (open_web(store, "young").await, marked(store, new_web("open")).await);
        resolved_and_rated(store, &old, 200).await;
        resolved_and_rated(store, &older, 100).await;
        does(store, &young, asks_for_person(), 290).await;
        does(store, &young, claims("anna"), 295).await;
        does(store, &young, solves("anna"), 300).await;
        let sweep = async |before| store.erase_resolved(at(before), 1, at(1000)).await.unwrap().conversations;
        assert_eq!(sweep(100).await, []);
        assert_eq!(sweep(300).await, [older]);
        assert_eq!(sweep(300).await, [old]);
        assert_eq!(sweep(300).await, [], "what is young or open stays");
        assert!(!files_with(folder, MARK).is_empty());
        assert!(store.erase_customer(&OneCustomer::OfConversation(open), at(1001)).await.unwrap().is_some());
        assert_eq!(files_with(folder, MARK), [""; 0]);
    }

    #[tokio::test]
    async fn a_reader_holds_the_log_back_but_not_for_ever() {
        let fixture = Fixture::new().await;
        let (store, folder) = (&fixture.store, fixture.folder.path());
        let id = marked(store, new_web("a")).await;
        let mut reader = store.readers.begin().await.unwrap();
        let n: i64 = sqlx::query_scalar("select count(*) from words").fetch_one(&mut *reader).await.unwrap();
        assert!(n > 0);
        let erased = store.erase_customer(&OneCustomer::OfConversation(id), at(20)).await.unwrap().unwrap();
        assert!(!erased.is_log_clear);
        assert!(!store.clear_log().await.unwrap());
        drop(reader);
        while !store.clear_log().await.unwrap() {}
        assert_eq!(files_with(folder, MARK), [""; 0]);
        assert!(store.clear_log().await.unwrap(), "nothing to do");
    }

    #[tokio::test]
    async fn a_death_between_erasing_and_clearing_is_made_good_by_the_next_start() {
        let fixture = Fixture::new().await;
        let id = marked(&fixture.store, new_web("a")).await;
        let one = OneCustomer::OfConversation(id);
        // Without the clearing.
        fixture.store.writer.write(move |db| Box::pin(erase_customer(db, one, at(20)))).await.unwrap().unwrap();
        let died = tempfile::tempdir().unwrap();
        for name in ["firstline.db", "firstline.db-wal"] {
            std::fs::copy(fixture.folder.path().join(name), died.path().join(name)).unwrap();
        }
        assert!(!files_with(died.path(), MARK).is_empty(), "the log still holds what was there before");
        let _store = SqliteStore::open(died.path()).await.unwrap();
        assert_eq!(files_with(died.path(), MARK), [""; 0]);
    }

    /// Of columns and tables that are added later this test asks: do they hold words, or lead to a person?
    #[tokio::test]
    async fn every_column_is_known_to_erasing() {
        const WITHOUT_A_PERSON: &[&str] = &[
            "agents.avatar",
            "agents.avatar_type",
            "agents.email",
            "agents.id",
            "agents.languages",
            "agents.name",
            "agents.password_hash",
            "agents.presence",
            "agents.role",
            "agents.totp_secret",
            "audit.about",
            "audit.agent",
            "audit.what",
            "canned_replies.id",
            "canned_replies.name",
            "canned_replies.owner",
            "canned_replies.tags",
            "canned_replies.text",
            "conversation_tags.conversation",
            "conversation_tags.tag",
            "conversations.agent",
            "conversations.channel",
            "conversations.customer",
            "conversations.follow_up_by",
            "conversations.id",
            "conversations.last_queue",
            "conversations.merged_into",
            "conversations.phase",
            "conversations.queue",
            "conversations.site",
            "customers.id",
            "events.conversation",
            "failed_sign_ins.email_hash",
            "handoffs.claimed_by",
            "handoffs.conversation",
            "handoffs.outcome",
            "handoffs.queue",
            "handoffs.reason",
            "judged.article",
            "judged.conversation",
            "judged.judge",
            "judged.picked",
            "mentions.agent",
            "mentions.conversation",
            "questions.conversation",
            "questions.language",
            "queue_entries.conversation",
            "queue_entries.queue",
            "ratings.conversation",
            "saved_views.id",
            "saved_views.name",
            "saved_views.owner",
            "saved_views.query",
            "settings.agent",
            "settings.key",
            "settings.value",
            "sign_ins.agent",
            "sign_ins.token_hash",
            "turns.agent",
            "turns.article",
            "turns.by_kind",
            "turns.conversation",
            "turns.decision",
            "turns.kind",
            "turns.options",
            "turns.queue",
            "unwanted_files.key",
            "words.customer",
        ];
        const ERASED: &[&str] = &[
            "attachments.agent",
            "attachments.client_id",
            "attachments.conversation",
            "attachments.id",
            "attachments.key",
            "attachments.type",
            "contacts.conversation",
            "contacts.kind",
            "conversation_tokens.conversation",
            "conversation_tokens.token_hash",
            "conversations.address",
            "conversations.client_id",
            "conversations.state",
            "channel_messages.bot",
            "channel_messages.conversation",
            "coming_files.album",
            "coming_files.attachment",
            "coming_files.bot",
            "coming_files.conversation",
            "coming_files.file",
            "coming_files.kind",
            "coming_files.lost",
            "coming_files.state",
            "customers.site",
            "customers.subject",
            "details.conversation",
            "details.field",
            "drafts.agent",
            "drafts.conversation",
            "draws.conversation",
            "events.event",
            "links.code_hash",
            "links.conversation",
            "phrases.agent",
            "phrases.article",
            "phrases.conversation",
            "phrases.language",
            "phrases.state",
            "outbox.bot",
            "outbox.channel",
            "outbox.conversation",
            "outbox.letter",
            "outbox.message",
            "outbox.state",
            "outbox.why",
            "traces.conversation",
            "turns.client_id",
            "words.text",
        ];
        const POINTERS: &[&str] = &[
            "attachments.name",
            "coming_files.caption",
            "coming_files.name",
            "contacts.words",
            "conversations.page",
            "customers.profile",
            "details.words",
            "drafts.words",
            "handoffs.brief",
            "outbox.address",
            "phrases.words",
            "ratings.comment",
            "traces.words",
            "turns.html",
            "turns.words",
        ];
        let fixture = Fixture::new().await;
        let columns = fixture
            .look::<String>(
                "select t.name || '.' || c.name from pragma_table_list t, pragma_table_xinfo(t.name) c \
                 where t.schema = 'main' and t.type = 'table' and t.name not like 'sqlite_%' and t.name not like '\\_sqlx%' escape '\\' \
                 and lower(c.type) not in ('integer', 'real') order by 1",
            )
            .await;
        let known: BTreeSet<&str> = WITHOUT_A_PERSON.iter().chain(ERASED).copied().collect();
        for column in &columns {
            assert!(
                known.contains(column.as_str()),
                "{column}: erase it in `cut_off`, or say here that it needs no erasing"
            );
        }
        assert_eq!(columns.len(), known.len());
        let pointers = fixture
            .look::<String>(
                "select t.name || '.' || k.\"from\" from pragma_table_list t, pragma_foreign_key_list(t.name) k \
                 where t.schema = 'main' and k.\"table\" = 'words' order by 1",
            )
            .await;
        assert_eq!(pointers, POINTERS, "`words_of_conversation` and `cut_off` follow every pointer to words");
    }

    #[tokio::test]
    async fn everything_about_a_customer_can_be_read() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let chat = 987_654_321_012;
        let id = marked(store, telegram(chat)).await;
        resolved_and_rated(store, &id, 10).await;
        let one = OneCustomer::OfConversation(id.clone());
        let data = store.customer_data(&one).await.unwrap().unwrap();
        let beside = super::super::customer_data_in(fixture.folder.path(), &one).await.unwrap();
        assert_eq!(beside.as_ref(), Some(&data), "beside the server that writes");
        let [conversation] = data.conversations.as_slice() else { panic!("{data:?}") };
        let texts: Vec<_> = conversation.turns.iter().map(|turn| (turn.by.as_str(), turn.text.as_str())).collect();
        assert_eq!(texts[0], ("customer", MARK));
        assert!(texts.contains(&("agent", MARK)), "{texts:?}");
        assert_eq!(conversation.events.len() as u64, store.conversation(&id).await.unwrap().unwrap().version);
        assert_eq!((conversation.traces.len(), conversation.handoffs.len()), (1, 1));
        assert_eq!(conversation.ratings[0].comment.as_deref(), Some(MARK));
        assert_eq!(conversation.deliveries[0].chat, chat);
        assert_eq!((conversation.details[0].field.as_str(), conversation.details[0].text.as_str()), ("name", MARK));
        assert_eq!(conversation.letters[0].address, Some(format!("{MARK}@letters.example")));
        let json = serde_json::to_string(&data).unwrap();
        assert!(json.contains("https://shop.example/Zanzibar") && json.contains(&format!("shop_bot/{chat}")), "{json}");
        assert_eq!(store.customer_data(&whose("nobody")).await.unwrap(), None);

        store.erase_customer(&one, at(20)).await.unwrap().unwrap();
        let left = serde_json::to_string(&store.customer_data(&one).await.unwrap().unwrap()).unwrap();
        assert!(!left.contains(MARK) && !left.contains(&chat.to_string()), "{left}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

        /// Texts of all lengths, of many customers at once, erased in any order: SQLite moves rows between pages, and nothing of an
        /// erased one may stay where it was.
        #[test]
        fn whatever_lay_beside_it(
            lengths in prop::collection::vec(0..9_000usize, 20..120),
            order in prop::collection::vec(0..8usize, 1..8),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let fixture = Fixture::new().await;
                let (store, folder) = (&fixture.store, fixture.folder.path());
                let mut ids = vec![];
                for n in 0..8 {
                    ids.push(open_web(store, &n.to_string()).await);
                }
                for (n, length) in lengths.iter().enumerate() {
                    let whose = n % 8;
                    let text = format!("secret-of-{whose}-").repeat(length / 12 + 1);
                    let heard = Heard { client_id: n.to_string(), text, option: None, attachments: vec![] };
                    store.keep(&ids[whose], heard, &usual(), at(1)).await.unwrap();
                }
                let mut gone = BTreeSet::new();
                for whose in order {
                    store.erase_customer(&OneCustomer::OfConversation(ids[whose].clone()), at(9)).await.unwrap();
                    gone.insert(whose);
                    for whose in &gone {
                        assert_eq!(files_with(folder, &format!("secret-of-{whose}-")), [""; 0]);
                    }
                    // Life goes on between two erasures.
                    let beside = (0..8).find(|n| !gone.contains(n));
                    if let Some(beside) = beside {
                        let text = format!("secret-of-{beside}-").repeat(40);
                        let heard = Heard { client_id: format!("later-{}", gone.len()), text, option: None, attachments: vec![] };
                        store.keep(&ids[beside], heard, &usual(), at(10)).await.unwrap();
                    }
                }
                let mut db = sqlx::ConnectOptions::connect(&open::writing(&folder.join(open::FILE))).await.unwrap();
                assert!(log::clear(&mut db).await.unwrap());
                let sound: String = sqlx::query_scalar("pragma integrity_check").fetch_one(&mut db).await.unwrap();
                assert_eq!(sound, "ok");
            });
        }
    }
}
