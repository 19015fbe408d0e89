//! The rows of phrases, and the judged questions that propose them.

use super::batch::Batch;
use super::judged::text_of_question;
use super::rows::{self, Step, moment, us};
use super::{KeptPhrase, PhraseDecision, PhraseVersion, ProposedPhrase, StoreError};
use crate::domain::{ArticleId, ConversationId, CustomerId, Language, Seq, TaughtPhrase};
use sqlx::{SqliteConnection, SqlitePool};

/// Of one reading; more would take longer to train than anybody reviews in a year.
const MAX_TAUGHT: u32 = 10_000;
const MAX_PROPOSED: u32 = 500;

pub async fn proposed(db: &SqlitePool, limit: u32) -> Result<Vec<ProposedPhrase>, StoreError> {
    let found: Vec<(String, i64, String, String, Option<String>, i64)> = sqlx::query_as(concat!(
        "select q.conversation, q.question, j.article, q.language, ",
        text_of_question!(),
        " as text, j.at from judged j \
         join questions q on q.conversation = j.conversation and q.question = j.question \
         left join turns a on a.conversation = q.conversation and a.first_seq = q.answer \
         where j.article is not null and j.picked <> 'helped' and a.article is not j.article \
         and not exists (select 1 from phrases p where p.conversation = j.conversation and p.question = j.question) \
         order by j.at desc, j.conversation, j.question limit ?"
    ))
    .bind(limit.clamp(1, MAX_PROPOSED))
    .fetch_all(db)
    .await
    .step("read proposed phrases")?;
    let phrase = |(conversation, question, article, language, text, at): (String, i64, String, String, String, i64)| {
        Ok(ProposedPhrase {
            conversation: ConversationId(conversation),
            question: question as Seq,
            article: ArticleId(article),
            language: named(&language)?,
            text,
            judged_at: moment(at, "a judgement's moment")?,
        })
    };
    // A question without words is one whose words were erased.
    let with_words = found.into_iter().filter_map(|(conversation, question, article, language, text, at)| {
        let text = text.filter(|text| !text.trim().is_empty())?;
        Some((conversation, question, article, language, text, at))
    });
    with_words.map(phrase).collect()
}

/// Whether the table is: a reader brings nothing up to date.
pub async fn is_there(db: &SqlitePool) -> Result<bool, StoreError> {
    sqlx::query_scalar("select exists (select 1 from sqlite_master where type = 'table' and name = 'phrases')")
        .fetch_one(db)
        .await
        .step("look for phrases")
}

pub async fn taught(db: &SqlitePool) -> Result<Vec<KeptPhrase>, StoreError> {
    let found: Vec<(String, i64, String, String, String, bool, i64)> = sqlx::query_as(
        "select p.conversation, p.question, p.article, p.language, w.text, p.state = 'exported', p.at \
         from phrases p join words w on w.id = p.words where p.article is not null \
         order by p.at desc, p.conversation, p.question limit ?",
    )
    .bind(MAX_TAUGHT)
    .fetch_all(db)
    .await
    .step("read taught phrases")?;
    let phrase = |(conversation, question, article, language, text, is_exported, at): (
        String,
        i64,
        String,
        String,
        String,
        bool,
        i64,
    )| {
        Ok(KeptPhrase {
            conversation: ConversationId(conversation),
            question: question as Seq,
            phrase: TaughtPhrase { article: ArticleId(article), language: named(&language)?, text },
            is_exported,
            at: moment(at, "a phrase's moment")?,
        })
    };
    found.into_iter().map(phrase).collect()
}

fn named(language: &str) -> Result<Language, StoreError> {
    rows::named(language, "a phrase's language")
}

/// `false`: nobody judged such a question, or its words are gone.
pub async fn decide(db: &mut SqliteConnection, decision: PhraseDecision) -> Result<bool, StoreError> {
    let PhraseDecision { conversation, question, taught, lead, now } = decision;
    let question = i64::try_from(question).unwrap_or(i64::MAX);
    let found: Option<(String, String, Option<i64>, i64)> = sqlx::query_as(
        "select c.customer, q.language, p.words, (select coalesce(max(id), 0) from words) from judged j \
         join questions q on q.conversation = j.conversation and q.question = j.question \
         join conversations c on c.id = j.conversation \
         left join phrases p on p.conversation = j.conversation and p.question = j.question \
         where j.conversation = ? and j.question = ? and c.erased_at is null",
    )
    .bind(conversation.as_str())
    .bind(question)
    .fetch_optional(&mut *db)
    .await
    .step("look for a judged question")?;
    let Some((customer, language, former, last_words)) = found else { return Ok(false) };
    let mut batch = Batch::after(last_words);
    let words = taught.as_ref().map(|(_, text)| batch.words(&CustomerId(customer), text));
    batch
        .then(
            "insert into phrases (conversation, question, state, article, language, words, agent, at) \
             values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (conversation, question) do update set state = excluded.state, \
             article = excluded.article, words = excluded.words, agent = excluded.agent, at = excluded.at",
        )
        .bind(conversation.as_str())
        .bind(question)
        .bind(if taught.is_some() { "taught" } else { "rejected" })
        .bind(taught.map(|(article, _)| article.0))
        .bind(language)
        .bind(words)
        .bind(lead.0)
        .bind(us(now));
    if let Some(former) = former {
        // Nothing points to it any more, so nothing would ever erase it.
        batch.then("update words set text = printf('%*s', octet_length(text), '') where id = ?").bind(former);
    }
    batch.write(db, "decide about a phrase").await?;
    Ok(true)
}

/// The files have them from now on. What was changed meanwhile stays as it is.
pub async fn exported(db: &mut SqliteConnection, phrases: Vec<PhraseVersion>) -> Result<(), StoreError> {
    for kept in phrases {
        sqlx::query("update phrases set state = 'exported' where conversation = ? and question = ? and at = ? and state = 'taught'")
            .bind(kept.conversation.0)
            .bind(i64::try_from(kept.question).unwrap_or(i64::MAX))
            .bind(us(kept.at))
            .execute(&mut *db)
            .await
            .step("note that a phrase was exported")?;
    }
    Ok(())
}
