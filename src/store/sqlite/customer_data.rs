//! Reads everything that is held about one customer, of one moment. Each function is one statement and one kind of row.

use super::privacy;
use super::rows::{self, Step, get, moment};
use super::{
    AttachmentData, ConversationData, CustomerData, DeliveryData, DetailData, EventData, HandoffData, JudgedData,
    LetterData, OneCustomer, RatingData, StoreError, TraceData, TurnData,
};
use crate::domain::attachment::file_type;
use crate::domain::{ArticleId, AttachmentId, ConversationId, CustomerId, Timestamp};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool};

pub async fn customer_data(db: &SqlitePool, one: &OneCustomer) -> Result<Option<CustomerData>, StoreError> {
    let mut one_moment = db.begin().await.step("begin to read")?;
    let db = &mut *one_moment;
    let Some(customer) = privacy::customer(db, one).await? else { return Ok(None) };
    let (created_at, erased_at) = customer_row(db, &customer).await?;
    let mut conversations = conversations(db, &customer).await?;
    for conversation in &mut conversations {
        let id = conversation.id.clone();
        conversation.details = details(db, &id).await?;
        conversation.turns = turns(db, &id).await?;
        conversation.attachments = attachments(db, &id).await?;
        conversation.handoffs = handoffs(db, &id).await?;
        conversation.traces = traces(db, &id).await?;
        conversation.ratings = ratings(db, &id).await?;
        conversation.judged = judged(db, &id).await?;
        conversation.deliveries = deliveries(db, &id).await?;
        conversation.letters = letters(db, &id).await?;
        conversation.events = events(db, &id).await?;
    }
    Ok(Some(CustomerData { customer, created_at, erased_at, conversations }))
}

async fn customer_row(
    db: &mut SqliteConnection,
    customer: &CustomerId,
) -> Result<(Timestamp, Option<Timestamp>), StoreError> {
    let row = sqlx::query("select created_at, erased_at from customers where id = ?1")
        .bind(customer.as_str())
        .fetch_one(db)
        .await
        .step("read a customer")?;
    Ok((at(&row, "created_at")?, perhaps_at(&row, "erased_at")?))
}

async fn conversations(db: &mut SqliteConnection, customer: &CustomerId) -> Result<Vec<ConversationData>, StoreError> {
    let rows = sqlx::query(
        "select c.id, c.site, c.client_id, c.channel, c.address, c.created_at, c.updated_at, c.erased_at, c.state, \
         w.text as page, (select count(*) from conversation_tokens where conversation = c.id) as n_tokens \
         from conversations c left join words w on w.id = c.page where c.customer = ?1 order by c.created_at, c.id",
    )
    .bind(customer.as_str())
    .fetch_all(db)
    .await
    .step("read a customer's conversations")?;
    rows.iter().map(conversation).collect()
}

fn conversation(row: &SqliteRow) -> Result<ConversationData, StoreError> {
    Ok(ConversationData {
        id: ConversationId(get(row, "id")?),
        site: get(row, "site")?,
        client_id: get(row, "client_id")?,
        channel: get(row, "channel")?,
        address: get(row, "address")?,
        created_at: at(row, "created_at")?,
        updated_at: at(row, "updated_at")?,
        erased_at: perhaps_at(row, "erased_at")?,
        state: json(row, "state")?,
        page: perhaps_json(row, "page")?,
        details: vec![],
        turns: vec![],
        attachments: vec![],
        handoffs: vec![],
        traces: vec![],
        ratings: vec![],
        judged: vec![],
        deliveries: vec![],
        letters: vec![],
        events: vec![],
        n_tokens: number(row, "n_tokens")?,
    })
}

async fn details(db: &mut SqliteConnection, id: &ConversationId) -> Result<Vec<DetailData>, StoreError> {
    let rows = sqlx::query(
        "select d.field, d.at, w.text from details d join words w on w.id = d.words where d.conversation = ?1 \
         order by d.field",
    )
    .bind(id.as_str())
    .fetch_all(db)
    .await
    .step("read what was filled in")?;
    rows.iter()
        .map(|row| Ok(DetailData { field: get(row, "field")?, text: get(row, "text")?, at: at(row, "at")? }))
        .collect()
}

async fn turns(db: &mut SqliteConnection, id: &ConversationId) -> Result<Vec<TurnData>, StoreError> {
    let rows = sqlx::query(
        "select t.first_seq, t.rev, t.by_kind, t.kind, t.at, t.options, t.decision, t.article, t.client_id, \
         a.name as agent, w.text as text, h.text as html from turns t join words w on w.id = t.words \
         left join words h on h.id = t.html left join agents a on a.id = t.agent \
         where t.conversation = ?1 order by t.first_seq",
    )
    .bind(id.as_str())
    .fetch_all(db)
    .await
    .step("read the turns")?;
    let turn = |row: &SqliteRow| {
        Ok(TurnData {
            seq: number(row, "first_seq")?,
            rev: get(row, "rev")?,
            by: get(row, "by_kind")?,
            agent: get(row, "agent")?,
            kind: get(row, "kind")?,
            at: at(row, "at")?,
            text: get(row, "text")?,
            html: get(row, "html")?,
            options: json(row, "options")?,
            decision: get(row, "decision")?,
            article: get::<Option<String>>(row, "article")?.map(ArticleId),
            client_id: get(row, "client_id")?,
        })
    };
    rows.iter().map(turn).collect()
}

async fn attachments(db: &mut SqliteConnection, id: &ConversationId) -> Result<Vec<AttachmentData>, StoreError> {
    let rows = sqlx::query(
        "select f.id, f.turn, f.key, f.type, f.bytes, f.width, f.height, f.at, w.text as name, a.name as agent \
         from attachments f join words w on w.id = f.name left join agents a on a.id = f.agent \
         where f.conversation = ?1 order by f.at, f.id",
    )
    .bind(id.as_str())
    .fetch_all(db)
    .await
    .step("read the files")?;
    let attachment = |row: &SqliteRow| {
        let (id, kind) = (get::<String>(row, "id")?, get::<String>(row, "type")?);
        let ending = file_type(&kind).map_or("bin", |known| known.endings[0]);
        Ok(AttachmentData {
            file: format!("{id}.{ending}"),
            id: AttachmentId(id),
            turn: get::<Option<i64>>(row, "turn")?.map(i64::unsigned_abs),
            agent: get(row, "agent")?,
            name: get(row, "name")?,
            kind,
            bytes: number(row, "bytes")?,
            width: get(row, "width")?,
            height: get(row, "height")?,
            at: at(row, "at")?,
            key: get(row, "key")?,
        })
    };
    rows.iter().map(attachment).collect()
}

async fn handoffs(db: &mut SqliteConnection, id: &ConversationId) -> Result<Vec<HandoffData>, StoreError> {
    let rows = sqlx::query(
        "select h.seq, h.reason, h.queue, h.at, h.claimed_at, h.closed_at, h.outcome, w.text as brief from handoffs h \
         left join words w on w.id = h.brief where h.conversation = ?1 order by h.seq",
    )
    .bind(id.as_str())
    .fetch_all(db)
    .await
    .step("read the handoffs")?;
    let handoff = |row: &SqliteRow| {
        Ok(HandoffData {
            seq: number(row, "seq")?,
            reason: get(row, "reason")?,
            queue: get(row, "queue")?,
            at: at(row, "at")?,
            claimed_at: perhaps_at(row, "claimed_at")?,
            closed_at: perhaps_at(row, "closed_at")?,
            outcome: get(row, "outcome")?,
            brief: perhaps_json(row, "brief")?,
        })
    };
    rows.iter().map(handoff).collect()
}

async fn traces(db: &mut SqliteConnection, id: &ConversationId) -> Result<Vec<TraceData>, StoreError> {
    let rows = sqlx::query(
        "select t.seq, w.text as trace from traces t join words w on w.id = t.words where t.conversation = ?1 order by t.seq",
    )
    .bind(id.as_str())
    .fetch_all(db)
    .await
    .step("read the traces")?;
    rows.iter().map(|row| Ok(TraceData { seq: number(row, "seq")?, trace: json(row, "trace")? })).collect()
}

async fn ratings(db: &mut SqliteConnection, id: &ConversationId) -> Result<Vec<RatingData>, StoreError> {
    let rows = sqlx::query(
        "select r.seq, r.score, r.at, w.text as comment from ratings r left join words w on w.id = r.comment \
         where r.conversation = ?1 order by r.seq",
    )
    .bind(id.as_str())
    .fetch_all(db)
    .await
    .step("read the ratings")?;
    let rating = |row: &SqliteRow| {
        Ok(RatingData {
            seq: number(row, "seq")?,
            score: get(row, "score")?,
            comment: get(row, "comment")?,
            at: at(row, "at")?,
        })
    };
    rows.iter().map(rating).collect()
}

async fn judged(db: &mut SqliteConnection, id: &ConversationId) -> Result<Vec<JudgedData>, StoreError> {
    let rows =
        sqlx::query("select question, article, picked, at from judged where conversation = ?1 order by question")
            .bind(id.as_str())
            .fetch_all(db)
            .await
            .step("read the judged cases")?;
    let case = |row: &SqliteRow| {
        Ok(JudgedData {
            question: number(row, "question")?,
            article: get::<Option<String>>(row, "article")?.map(ArticleId),
            picked: get(row, "picked")?,
            at: at(row, "at")?,
        })
    };
    rows.iter().map(case).collect()
}

async fn deliveries(db: &mut SqliteConnection, id: &ConversationId) -> Result<Vec<DeliveryData>, StoreError> {
    let rows = sqlx::query(
        "select turn, channel, bot, chat, created, state, attempts, message, why from outbox \
         where conversation = ?1 and channel = 'telegram' order by id",
    )
    .bind(id.as_str())
    .fetch_all(db)
    .await
    .step("read the deliveries")?;
    let delivery = |row: &SqliteRow| {
        Ok(DeliveryData {
            turn: number(row, "turn")?,
            channel: get(row, "channel")?,
            bot: get(row, "bot")?,
            chat: get(row, "chat")?,
            created_at: at(row, "created")?,
            state: get(row, "state")?,
            attempts: get(row, "attempts")?,
            message: get(row, "message")?,
            why: get(row, "why")?,
        })
    };
    rows.iter().map(delivery).collect()
}

async fn letters(db: &mut SqliteConnection, id: &ConversationId) -> Result<Vec<LetterData>, StoreError> {
    let rows = sqlx::query(
        "select o.letter, o.turn, o.through, w.text as address, o.created, o.settled_at, o.state, o.attempts, o.message, o.why \
         from outbox o left join words w on w.id = o.address where o.conversation = ?1 and o.channel = 'mail' order by o.id",
    )
    .bind(id.as_str())
    .fetch_all(db)
    .await
    .step("read the letters")?;
    let letter = |row: &SqliteRow| {
        Ok(LetterData {
            letter: get(row, "letter")?,
            turn: number(row, "turn")?,
            through: get::<Option<i64>>(row, "through")?.map(i64::unsigned_abs),
            address: get(row, "address")?,
            created_at: at(row, "created")?,
            settled_at: perhaps_at(row, "settled_at")?,
            state: get(row, "state")?,
            attempts: get(row, "attempts")?,
            message: get(row, "message")?,
            why: get(row, "why")?,
        })
    };
    rows.iter().map(letter).collect()
}

async fn events(db: &mut SqliteConnection, id: &ConversationId) -> Result<Vec<EventData>, StoreError> {
    let rows = sqlx::query("select seq, at, event from events where conversation = ?1 order by seq")
        .bind(id.as_str())
        .fetch_all(db)
        .await
        .step("read the events")?;
    rows.iter()
        .map(|row| Ok(EventData { seq: number(row, "seq")?, at: at(row, "at")?, event: json(row, "event")? }))
        .collect()
}

fn at(row: &SqliteRow, column: &'static str) -> Result<Timestamp, StoreError> {
    moment(get(row, column)?, column)
}

fn perhaps_at(row: &SqliteRow, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
    get::<Option<i64>>(row, column)?.map(|us| moment(us, column)).transpose()
}

fn json(row: &SqliteRow, column: &'static str) -> Result<Value, StoreError> {
    rows::from_json(get(row, column)?, column)
}

fn perhaps_json(row: &SqliteRow, column: &'static str) -> Result<Option<Value>, StoreError> {
    get::<Option<&str>>(row, column)?.map(|text| rows::from_json(text, column)).transpose()
}

fn number(row: &SqliteRow, column: &'static str) -> Result<u64, StoreError> {
    Ok(get::<i64>(row, column)?.unsigned_abs())
}
