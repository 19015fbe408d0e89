//! What one write to a conversation does, inside the writer's transaction: read the state, judge, record.

use super::attachments;
use super::batch::Batch;
use super::judged;
use super::record::{Extras, Stored, record, stored_columns};
use super::rows::{self, Step, number, us};
use super::turns;
use super::{Change, Expect, Kept, NewConversation, Opened, StoreError};
use crate::domain::plan::Heard;
use crate::domain::{
    Attachment, Command, Conversation, ConversationId, Event, NewTurn, Rules, Speaker, Timestamp, Turn, plan,
};
use sqlx::SqliteConnection;

pub async fn open_conversation(db: &mut SqliteConnection, new: NewConversation) -> Result<Opened, StoreError> {
    let before = opened_before(db, &new).await?;
    let is_new = before.is_none();
    let conversation = match before {
        Some(conversation) => conversation,
        None => {
            insert_conversation(db, &new).await?;
            new.conversation
        }
    };
    if !new.token_hash.is_empty() {
        insert_token(db, &conversation.id, &new.token_hash, new.now).await?;
    }
    Ok(Opened { conversation, is_new })
}

pub async fn keep(
    db: &mut SqliteConnection,
    id: ConversationId,
    heard: Heard,
    rules: &Rules,
    now: Timestamp,
) -> Result<Option<Kept>, StoreError> {
    let Some((before, kept)) = state_and_repeat(db, &id, &heard.client_id).await? else { return Ok(None) };
    if let Some(first_seq) = kept {
        let turn = turns::turn(db, &id, first_seq.unsigned_abs()).await?;
        let turn = turn.ok_or(StoreError::Corrupt { what: "a turn", detail: "it has no number".into() })?;
        return Ok(Some(Kept { turn, conversation: before.conversation, repeated: true }));
    }
    let client_id = heard.client_id.clone();
    let files = attachments::to_be_said(db, &id, None, &heard.attachments).await?;
    // Hearing is never refused: that is a law of the plan.
    let events = plan(&before.conversation, &Command::Hear(heard), rules, now)
        .map_err(|refusal| StoreError::Unavailable { step: "keep a turn", source: refusal.into() })?;
    let said = events.iter().zip(before.conversation.version + 1..).find_map(|(event, seq)| match event {
        Event::Said(turn) if turn.client_id.as_ref() == Some(&client_id) => Some((turn, seq)),
        _ => None,
    });
    let (turn, seq) =
        said.ok_or(StoreError::Unavailable { step: "keep a turn", source: "hearing it said nothing".into() })?;
    let turn = said_turn(&id, turn, seq, files, now);
    let conversation = record(db, before, &events, Extras::default(), rules, now).await?;
    Ok(Some(Kept { turn, conversation, repeated: false }))
}

pub async fn commit(db: &mut SqliteConnection, change: Change) -> Result<Conversation, StoreError> {
    // A conversation that is gone is certainly not what the change expected.
    let before = state(db, &change.conversation).await?.ok_or(StoreError::Conflict)?;
    // Looked for before `expect`: a reply sent again is answered again, whatever happened since.
    if agent_said_before(db, &change).await? {
        return Ok(before.conversation);
    }
    let holds = match change.expect {
        Expect::Version(version) => before.conversation.version == version,
        Expect::Epoch(epoch) => before.conversation.owner_epoch == epoch,
    };
    if !holds {
        return Err(StoreError::Conflict);
    }
    for event in &change.events {
        if let Event::Said(NewTurn { by: Speaker::Agent(agent), attachments: files, .. }) = event {
            attachments::to_be_said(db, &change.conversation, Some(agent), files).await?;
        }
    }
    if change.events.is_empty() {
        return Ok(before.conversation);
    }
    let question = match change.lot {
        Some(lot) => Some(judged::draw(db, lot, change.now).await?),
        None => None,
    };
    let extras =
        Extras { trace: change.trace, brief: change.brief, comment: change.comment, contact: change.contact, question };
    record(db, before, &change.events, extras, &change.rules, change.now).await
}

/// All or none: the writer takes the whole group back when one fails.
pub async fn commit_together(db: &mut SqliteConnection, changes: Vec<Change>) -> Result<Vec<Conversation>, StoreError> {
    let mut after = Vec::with_capacity(changes.len());
    for change in changes {
        after.push(commit(db, change).await?);
    }
    Ok(after)
}

/// The client id made it before, or the channel's address has it already.
async fn opened_before(db: &mut SqliteConnection, new: &NewConversation) -> Result<Option<Conversation>, StoreError> {
    // What was merged is opened where it goes on.
    sqlx::query(
        "select coalesce(m.state, c.state) as state from conversations c \
         left join conversations m on m.id = c.merged_into \
         where (c.site = ?1 and c.client_id = ?2) or c.address = ?3",
    )
    .bind(&new.conversation.site)
    .bind(&new.client_id)
    .bind(rows::address(&new.conversation.channel))
    .fetch_optional(db)
    .await
    .step("look for a conversation")?
    .map(|row| rows::conversation(&row))
    .transpose()
}

async fn insert_conversation(db: &mut SqliteConnection, new: &NewConversation) -> Result<(), StoreError> {
    let conversation = &new.conversation;
    let mut batch = Batch::after(last_words(db).await?);
    batch
        .then("insert into customers (id, created_at) values (?, ?) on conflict (id) do nothing")
        .bind(conversation.customer.as_str())
        .bind(us(new.now));
    let page = new.page.as_ref().map(|page| rows::to_json(page, "a page")).transpose()?;
    let page = page.map(|page| batch.words(&conversation.customer, &page));
    batch
        .then(
            "insert into conversations (id, customer, site, client_id, channel, address, state, phase, phase_since, \
             version, owner_epoch, priority, page, created_at, updated_at) \
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(conversation.id.as_str())
        .bind(conversation.customer.as_str())
        .bind(&new.conversation.site)
        .bind(&new.client_id)
        .bind(rows::channel_kind(&conversation.channel))
        .bind(rows::address(&conversation.channel))
        .bind(rows::to_json(conversation, "a conversation's state")?)
        .bind(conversation.phase.name())
        .bind(us(conversation.phase.since()))
        .bind(number(conversation.version))
        .bind(number(conversation.owner_epoch))
        .bind(conversation.priority)
        .bind(page)
        .bind(us(new.now))
        .bind(us(new.now));
    batch.write(db, "open a conversation").await
}

async fn last_words(db: &mut SqliteConnection) -> Result<i64, StoreError> {
    let last = sqlx::query_scalar("select coalesce(max(id), 0) from words").fetch_one(db).await;
    last.step("find the last words")
}

async fn insert_token(
    db: &mut SqliteConnection,
    conversation: &ConversationId,
    token_hash: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into conversation_tokens (token_hash, conversation, created_at) values (?1, ?2, ?3) \
         on conflict (token_hash) do nothing",
    )
    .bind(token_hash)
    .bind(conversation.as_str())
    .bind(us(now))
    .execute(db)
    .await
    .step("keep a token")?;
    Ok(())
}

async fn state(db: &mut SqliteConnection, id: &ConversationId) -> Result<Option<Stored>, StoreError> {
    sqlx::query(concat!("select ", stored_columns!(), " from conversations c where c.id = ?1 and c.erased_at is null"))
        .bind(id.as_str())
        .fetch_optional(db)
        .await
        .step("read a conversation")?
        .map(|row| Stored::of(&row))
        .transpose()
}

/// The state, and the number of the customer's turn that has this client id already.
async fn state_and_repeat(
    db: &mut SqliteConnection,
    id: &ConversationId,
    client_id: &str,
) -> Result<Option<(Stored, Option<i64>)>, StoreError> {
    let row = sqlx::query(concat!(
        "select ",
        stored_columns!(),
        ", t.first_seq as kept from conversations c left join turns t \
         on t.conversation = c.id and t.client_id = ?2 and t.by_kind = 'customer' where c.id = ?1 and c.erased_at is null"
    ))
    .bind(id.as_str())
    .bind(client_id)
    .fetch_optional(db)
    .await
    .step("read a conversation")?;
    row.map(|row| Ok((Stored::of(&row)?, rows::get(&row, "kept")?))).transpose()
}

async fn agent_said_before(db: &mut SqliteConnection, change: &Change) -> Result<bool, StoreError> {
    for event in &change.events {
        let Event::Said(turn) = event else { continue };
        let (Speaker::Agent(_), Some(client_id)) = (&turn.by, &turn.client_id) else { continue };
        if turns::agent_said(&mut *db, &change.conversation, client_id).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The turn as it will read; the same as `turns` gives later.
fn said_turn(id: &ConversationId, turn: &NewTurn, seq: u64, attachments: Vec<Attachment>, now: Timestamp) -> Turn {
    Turn {
        seq,
        id: crate::domain::TurnId::of(id, seq),
        rev: 0,
        client_id: turn.client_id.clone(),
        by: turn.by.clone(),
        agent_name: None,
        agent_avatar: None,
        is_withdrawn: false,
        kind: turn.kind,
        text: turn.text.clone(),
        html: turn.html.clone(),
        at: now,
        options: turn.options.clone(),
        decision: turn.decision,
        article: turn.article.clone(),
        attachments,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use crate::domain::testing::at;
    use crate::domain::{AgentId, Channel, ConversationId, Event, Page, Phase, TurnKind};
    use crate::store::{Expect, Store, StoreError};

    #[tokio::test]
    async fn opening_again_finds_the_same_conversation_and_adds_a_token() {
        let Fixture { store, folder: _folder } = Fixture::new().await;
        let mut new = new_web("browser");
        new.page = Some(Page { url: Some("https://shop.example/cart".into()), ..Page::default() });
        let first = store.open_conversation(new.clone()).await.unwrap();
        assert!(first.is_new);
        let mut again = new.clone();
        again.conversation = begun("another-id", Channel::Web);
        again.token_hash = "second-token".into();
        let second = store.open_conversation(again).await.unwrap();
        assert!(!second.is_new);
        assert_eq!(second.conversation, first.conversation);
        for token in ["token-browser", "second-token"] {
            assert_eq!(store.conversation_by_token(token).await.unwrap().unwrap().id, first.conversation.id);
        }
        assert_eq!(store.conversation_by_token("third").await.unwrap(), None);
        assert_eq!(store.page(&first.conversation.id).await.unwrap(), new.page);
    }

    #[tokio::test]
    async fn a_telegram_chat_has_one_conversation() {
        let Fixture { store, folder: _folder } = Fixture::new().await;
        let id = open_telegram(&store, -42).await;
        assert_eq!(open_telegram(&store, -42).await, id);
        let channel = |chat| Channel::Telegram { bot: "shop_bot".into(), chat };
        assert_eq!(store.conversation_by_channel(&channel(-42)).await.unwrap().unwrap().id, id);
        assert_eq!(store.conversation_by_channel(&channel(7)).await.unwrap(), None);
        assert_eq!(store.conversation_by_channel(&Channel::Web).await.unwrap(), None);
        assert!(keep(&store, &id, customer_says("tg:shop_bot:12345", "Hi")).await.turn.client_id.is_some());
        assert!(keep(&store, &id, customer_says("tg:shop_bot:12345", "Hi")).await.repeated);
    }

    #[tokio::test]
    async fn a_turn_sent_twice_is_kept_once() {
        let Fixture { store, folder: _folder } = Fixture::new().await;
        let id = open_web(&store, "a").await;
        let first = keep(&store, &id, customer_says("1", "Where is my refund?")).await;
        assert!(!first.repeated);
        let answered = store
            .commit(change(&first.conversation, bot_answers(&first.conversation, "Five days."), at(2)))
            .await
            .unwrap();
        let again = keep(&store, &id, customer_says("1", "other words, the same id")).await;
        assert!(again.repeated);
        assert_eq!(again.turn, first.turn);
        assert_eq!(again.conversation, answered, "the conversation as it is now");
        let page = store.turns(&id, 0, 100).await.unwrap();
        assert_eq!(page.turns[0], first.turn, "read back as it was acknowledged");
        assert_eq!((page.turns.len(), page.through), (2, answered.version));
        assert_eq!(page.turns[1].html.as_deref(), Some("<p>Five days.</p>"));
    }

    #[tokio::test]
    async fn nobody_keeps_what_has_no_conversation() {
        let Fixture { store, folder: _folder } = Fixture::new().await;
        let nowhere = ConversationId::new("nowhere");
        assert!(store.keep(&nowhere, customer_says("1", "Hello?"), &usual(), at(1)).await.unwrap().is_none());
        let lost = store.commit(change(&begun("nowhere", Channel::Web), vec![Event::Reminded], at(1))).await;
        assert!(matches!(lost, Err(StoreError::Conflict)));
    }

    #[tokio::test]
    async fn a_bots_reply_loses_to_any_change() {
        let Fixture { store, folder: _folder } = Fixture::new().await;
        let id = open_web(&store, "a").await;
        let read = keep(&store, &id, customer_says("1", "Where is my refund?")).await.conversation;
        keep(&store, &id, customer_says("2", "It has been a week!")).await;
        let late = store.commit(change(&read, bot_answers(&read, "Five days."), at(3))).await;
        assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
        let page = store.turns(&id, 0, 100).await.unwrap();
        assert_eq!((page.turns.len(), page.through), (2, 2), "it wrote nothing");
    }

    #[tokio::test]
    async fn typing_never_refuses_an_agent_but_a_new_owner_does() {
        let Fixture { store, folder: _folder } = Fixture::new().await;
        let id = open_web(&store, "a").await;
        does(&store, &id, asks_for_person(), 1).await;
        let read = does(&store, &id, claims("anna"), 2).await;
        keep(&store, &id, customer_says("1", "Are you there?")).await;
        let reply = |client_id: &str| {
            let events = crate::domain::plan(&read, &replies("anna", client_id, "Yes!"), &usual(), at(3)).unwrap();
            let mut change = change(&read, events, at(3));
            change.expect = Expect::Epoch(read.owner_epoch);
            change
        };
        let after = store.commit(reply("r1")).await.unwrap();
        assert_eq!(store.commit(reply("r1")).await.unwrap(), after, "sent again, kept once");
        does(&store, &id, crate::domain::Command::HandBack { agent: AgentId::new("anna") }, 4).await;
        assert!(matches!(store.commit(reply("r2")).await, Err(StoreError::Conflict)));
        assert_eq!(store.commit(reply("r1")).await.unwrap().owner_epoch, after.owner_epoch + 1, "still no second copy");
        let said_yes = store.turns(&id, 0, 100).await.unwrap().turns.into_iter().filter(|t| t.text == "Yes!").count();
        assert_eq!(said_yes, 1);
    }

    #[tokio::test]
    async fn a_customers_id_never_swallows_an_agents_reply() {
        let Fixture { store, folder: _folder } = Fixture::new().await;
        store.add_agent(agent("anna")).await.unwrap();
        let id = open_web(&store, "a").await;
        does(&store, &id, asks_for_person(), 1).await;
        does(&store, &id, claims("anna"), 2).await;
        keep(&store, &id, customer_says("same", "Hello?")).await;
        does(&store, &id, replies("anna", "same", "Hello!"), 3).await;
        let turns = store.turns(&id, 0, 100).await.unwrap().turns;
        let last = turns.last().unwrap();
        assert_eq!(
            (last.text.as_str(), last.agent_name.as_deref(), last.kind),
            ("Hello!", Some("Anna"), TurnKind::Text)
        );
    }

    #[tokio::test]
    async fn trace_brief_and_comment_come_with_their_events() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let id = open_web(store, "a").await;
        let read = keep(store, &id, customer_says("1", "Where is my refund?")).await.conversation;
        let mut answer = change(&read, bot_answers(&read, "Five days."), at(2));
        answer.trace = Some(trace("first"));
        let read = store.commit(answer).await.unwrap();
        let mut to_people = change(&read, handed_off("payments"), at(3));
        to_people.brief = Some(brief("Where is my refund?"));
        let read = store.commit(to_people).await.unwrap();
        assert_eq!(store.traces(&id).await.unwrap(), [(2, trace("first"))]);
        assert_eq!(store.brief(&id).await.unwrap(), Some(brief("Where is my refund?")));
        assert_eq!(read.phase.name(), "waiting");

        does(store, &id, claims("anna"), 9).await;
        let solved = Event::Resolved { agent: AgentId::new("anna"), outcome: crate::domain::Outcome::Solved };
        let read = store.conversation(&id).await.unwrap().unwrap();
        let read = store.commit(change(&read, vec![solved], at(20))).await.unwrap();
        assert!(matches!(read.phase, Phase::Resolved { .. }));
        let mut rated = change(&read, vec![Event::Rated { score: 5 }], at(21));
        rated.comment = Some("So kind!".into());
        assert_eq!(store.commit(rated).await.unwrap().rating, Some(5));
        assert_eq!(
            fixture.look::<String>("select text from ratings join words on words.id = comment").await,
            ["So kind!"]
        );
        let handoff = "select reason || ' ' || ((claimed_at - at) / 1000000) || ' ' || ((closed_at - at) / 1000000) || ' ' || outcome \
                       from handoffs";
        assert_eq!(fixture.look::<String>(handoff).await, ["not_understood 6 17 solved"]);
    }
}
