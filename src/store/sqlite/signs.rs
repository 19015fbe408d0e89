//! Whose conversation it turns out to be, what was filled in before it, and how far each side has read.

use super::batch::Batch;
use super::customers;
use super::rows::{self, Step, named, number, us};
use super::{Identified, Reader, StoreError};
use crate::domain::brief::KnownCustomer;
use crate::domain::{ConversationId, CustomerId, Detail, Seq, Timestamp};
use sqlx::{SqliteConnection, SqlitePool};

pub async fn identify(
    db: &mut SqliteConnection,
    id: ConversationId,
    profile: KnownCustomer,
    priority: i32,
    now: Timestamp,
) -> Result<Identified, StoreError> {
    let row = sqlx::query(
        "select c.customer, k.site, k.subject, (select id from customers where site = ?2 and subject = ?3) as known \
         from conversations c join customers k on k.id = c.customer where c.id = ?1 and c.erased_at is null",
    )
    .bind(id.as_str())
    .bind(&profile.site)
    .bind(&profile.subject)
    .fetch_optional(&mut *db)
    .await
    .step("look for a conversation's customer")?;
    let Some(row) = row else { return Ok(Identified::NoSuchConversation) };
    let customer = CustomerId(rows::get(&row, "customer")?);
    let known: Option<String> = rows::get(&row, "known")?;
    let is_anonymous = rows::get::<Option<String>>(&row, "subject")?.is_none();
    if !is_anonymous && known.as_deref() != Some(customer.as_str()) {
        return Ok(Identified::OtherCustomer);
    }
    match known.map(CustomerId) {
        Some(known) if is_anonymous => customers::unite(db, customer.clone(), known).await?,
        Some(_) => {}
        None => name_customer(db, &customer, &profile).await?,
    }
    let customer = customers::vouch(db, profile, customer, now).await?;
    set_priority(db, &id, priority).await?;
    Ok(Identified::As(customer))
}

async fn name_customer(
    db: &mut SqliteConnection,
    customer: &CustomerId,
    profile: &KnownCustomer,
) -> Result<(), StoreError> {
    sqlx::query("update customers set site = ?2, subject = ?3 where id = ?1")
        .bind(customer.as_str())
        .bind(&profile.site)
        .bind(&profile.subject)
        .execute(db)
        .await
        .step("name a customer")?;
    Ok(())
}

/// Of the conversation and of its place in line, to which the queue's own was added.
async fn set_priority(db: &mut SqliteConnection, id: &ConversationId, priority: i32) -> Result<(), StoreError> {
    sqlx::query(
        "update queue_entries set priority = priority + ?2 - (select priority from conversations where id = ?1) \
         where conversation = ?1",
    )
    .bind(id.as_str())
    .bind(priority)
    .execute(&mut *db)
    .await
    .step("set a place in line")?;
    sqlx::query(
        "update conversations set priority = ?2, state = json_set(state, '$.priority', ?2) \
         where id = ?1 and priority <> ?2",
    )
    .bind(id.as_str())
    .bind(priority)
    .execute(db)
    .await
    .step("set a priority")?;
    Ok(())
}

pub async fn keep_details(
    db: &mut SqliteConnection,
    id: ConversationId,
    details: Vec<Detail>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "select customer, coalesce((select max(id) from words), 0) as last from conversations \
         where id = ?1 and erased_at is null",
    )
    .bind(id.as_str())
    .fetch_optional(&mut *db)
    .await
    .step("look for a conversation")?;
    let Some(row) = row else { return Ok(false) };
    let customer = CustomerId(rows::get(&row, "customer")?);
    let before = details_with_words(&mut *db, &id).await?;
    let mut batch = Batch::after(rows::get(&row, "last")?);
    let fresh = details.iter().filter(|detail| !before.iter().any(|(_, other)| other == *detail));
    let mut is_news = false;
    for detail in fresh {
        is_news = true;
        if let Some((words, _)) = before.iter().find(|(_, other)| other.field == detail.field) {
            batch
                .then("delete from details where conversation = ? and field = ?")
                .bind(id.as_str())
                .bind(detail.field.name());
            // Blanked where it lies, as `privacy` says.
            batch.then("update words set text = printf('%*s', octet_length(text), '') where id = ?").bind(*words);
        }
        let words = batch.words(&customer, &detail.text);
        batch
            .then("insert into details (conversation, field, words, at) values (?, ?, ?, ?)")
            .bind(id.as_str())
            .bind(detail.field.name())
            .bind(words)
            .bind(us(now));
    }
    if is_news {
        batch.write(db, "keep what was filled in").await?;
    }
    Ok(true)
}

pub async fn details(db: &SqlitePool, id: &ConversationId) -> Result<Vec<Detail>, StoreError> {
    let mut details: Vec<Detail> = details_with_words(db, id).await?.into_iter().map(|(_, detail)| detail).collect();
    details.sort_by_key(|detail| detail.field);
    Ok(details)
}

async fn details_with_words(
    db: impl sqlx::SqliteExecutor<'_>,
    id: &ConversationId,
) -> Result<Vec<(i64, Detail)>, StoreError> {
    let rows: Vec<(i64, String, String)> = sqlx::query_as(
        "select d.words, d.field, w.text from details d join words w on w.id = d.words where d.conversation = ?1",
    )
    .bind(id.as_str())
    .fetch_all(db)
    .await
    .step("read what was filled in")?;
    let detail = |(words, field, text): (i64, String, String)| {
        Ok((words, Detail { field: named(&field, "a field that was filled in")?, text }))
    };
    rows.into_iter().map(detail).collect()
}

/// A number that no conversation reaches is as good as any beyond it.
fn bounded(through: Seq) -> i64 {
    number(through.min(i64::MAX as Seq))
}

pub async fn is_news(db: &SqlitePool, id: &ConversationId, by: Reader, through: Seq) -> Result<bool, StoreError> {
    let sql = match by {
        Reader::Agent => "select 1 from conversations where id = ?1 and read_by_agent < min(?2, version)",
        Reader::Customer => "select 1 from conversations where id = ?1 and read_by_customer < min(?2, version)",
    };
    let found = sqlx::query(sql).bind(id.as_str()).bind(bounded(through)).fetch_optional(db).await;
    Ok(found.step("read how far was read")?.is_some())
}

pub async fn mark_read(
    db: &mut SqliteConnection,
    id: ConversationId,
    by: Reader,
    through: Seq,
) -> Result<bool, StoreError> {
    let sql = match by {
        Reader::Agent => {
            "update conversations set read_by_agent = min(?2, version) \
             where id = ?1 and read_by_agent < min(?2, version) and erased_at is null"
        }
        Reader::Customer => {
            "update conversations set read_by_customer = min(?2, version) \
             where id = ?1 and read_by_customer < min(?2, version) and erased_at is null"
        }
    };
    let marked = sqlx::query(sql).bind(id.as_str()).bind(bounded(through)).execute(db).await;
    Ok(marked.step("keep how far was read")?.rows_affected() > 0)
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::domain::testing::at;
    use crate::domain::{AgentId, DetailField};
    use crate::store::{ReadMarks, Store};

    fn known(subject: &str, name: &str) -> KnownCustomer {
        let attributes = serde_json::json!({ "name": name }).as_object().unwrap().clone();
        KnownCustomer { site: "shop".into(), subject: subject.into(), attributes }
    }

    #[tokio::test]
    async fn a_stranger_turns_out_to_be_somebody() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let (first, second) = (open_web(store, "a").await, open_web(store, "b").await);
        keep(store, &first, customer_says("1", "Hello?")).await;
        let identify =
            async |id: &ConversationId, who: KnownCustomer| store.identify(id, who, 10, at(2)).await.unwrap();

        // Nobody of that name is known: the stranger is.
        let customer = store.conversation(&first).await.unwrap().unwrap().customer;
        assert_eq!(identify(&first, known("u-1", "Anna")).await, Identified::As(customer.clone()));
        assert_eq!(store.profile(&customer).await.unwrap(), Some(known("u-1", "Anna")));
        // The other browser's stranger is the same person.
        assert_eq!(identify(&second, known("u-1", "Anna")).await, Identified::As(customer.clone()));
        assert_eq!(store.conversation(&second).await.unwrap().unwrap().customer, customer);
        assert_eq!(fixture.look::<i64>("select count(*) from customers").await, [1]);
        // Again, with other attributes.
        assert_eq!(identify(&first, known("u-1", "Anna K.")).await, Identified::As(customer.clone()));
        assert_eq!(store.profile(&customer).await.unwrap(), Some(known("u-1", "Anna K.")));
        // Somebody else is refused, and nothing changes.
        assert_eq!(identify(&first, known("u-2", "Boris")).await, Identified::OtherCustomer);
        assert_eq!(store.profile(&customer).await.unwrap(), Some(known("u-1", "Anna K.")));
        assert_eq!(fixture.look::<i64>("select count(*) from customers").await, [1]);
        let nowhere = ConversationId::new("nowhere");
        assert_eq!(identify(&nowhere, known("u-1", "Anna")).await, Identified::NoSuchConversation);
    }

    #[tokio::test]
    async fn who_is_named_while_waiting_moves_up_the_line() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let (first, second) = (open_web(store, "a").await, open_web(store, "b").await);
        does(store, &first, asks_for_person(), 1).await;
        let waiting = does(store, &second, asks_for_person(), 2).await;
        let queue = match &waiting.phase {
            crate::domain::Phase::Waiting { queue, .. } => queue.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(store.place(&second, &queue).await.unwrap(), 2);
        store.identify(&second, known("u-1", "Anna"), 10, at(3)).await.unwrap();
        assert_eq!(store.place(&second, &queue).await.unwrap(), 1);
        assert_eq!(store.conversation(&second).await.unwrap().unwrap().priority, 10);
        // Twice is once.
        store.identify(&second, known("u-1", "Anna"), 10, at(4)).await.unwrap();
        assert_eq!(fixture.look::<i64>("select priority from queue_entries order by priority").await, [0, 10]);
        assert_eq!(does(store, &second, claims("anna"), 5).await.phase.agent(), Some(&AgentId::new("anna")));
    }

    #[tokio::test]
    async fn what_was_filled_in_is_kept_and_replaced() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let id = open_web(store, "a").await;
        let detail = |field, text: &str| Detail { field, text: text.into() };
        let (name, email) = (detail(DetailField::Name, "Anna"), detail(DetailField::Email, "anna@mail.example"));
        assert!(store.keep_details(&id, vec![email.clone(), name.clone()], at(1)).await.unwrap());
        assert_eq!(store.details(&id).await.unwrap(), [name.clone(), email.clone()]);
        let other = detail(DetailField::Name, "Anna Zanzibar");
        assert!(store.keep_details(&id, vec![other.clone(), email.clone()], at(2)).await.unwrap());
        assert_eq!(store.details(&id).await.unwrap(), [other, email]);
        assert_eq!(fixture.look::<i64>("select count(*) from words where text = 'Anna'").await, [0], "blanked");
        assert!(!store.keep_details(&ConversationId::new("nowhere"), vec![name], at(3)).await.unwrap());
    }

    #[tokio::test]
    async fn reading_never_goes_back_nor_beyond_the_end() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let id = open_web(store, "a").await;
        for n in 1..=3 {
            keep(store, &id, customer_says(&n.to_string(), "Hello?")).await;
        }
        let marks = async || store.turns(&id, 99, 1).await.unwrap().read;
        assert!(store.mark_read(&id, Reader::Agent, 2).await.unwrap());
        assert!(!store.mark_read(&id, Reader::Agent, 2).await.unwrap());
        assert!(!store.mark_read(&id, Reader::Agent, 1).await.unwrap());
        assert_eq!(marks().await, ReadMarks { by_agent: 2, by_customer: 0 });
        assert!(store.mark_read(&id, Reader::Customer, u64::MAX).await.unwrap());
        assert!(!store.mark_read(&id, Reader::Customer, 4).await.unwrap());
        assert_eq!(marks().await, ReadMarks { by_agent: 2, by_customer: 3 });
        assert!(!store.mark_read(&ConversationId::new("nowhere"), Reader::Agent, 1).await.unwrap());
    }
}
