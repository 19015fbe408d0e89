//! Questions, the draw among their answers, and what people judged of them.

use super::batch::Batch;
use super::rows::{self, Step, number, us};
use super::{ArticleUse, Judgement, StoreError, ToJudge};
use crate::domain::judged::{ANSWERS_THAT_COUNT, DRAW_WAITS_SECS, Picked, Strata, WEEK_SECS, draw_rate, is_drawn};
use crate::domain::{
    AgentId, ArticleId, Conversation, ConversationId, DecisionKind, Event, JudgedCase, Language, Seq, Speaker,
    Timestamp, TurnKind,
};
use jiff::SignedDuration;
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool};

/// Cases of one reading, whatever the caller asks for.
const MAX_CASES: u32 = 20_000;
/// Drawn answers of one page, whatever the caller asks for.
const PAGE_DRAWS: u32 = 100;

/// What the lot of a change came to.
pub enum Draw {
    Missed,
    Drawn { chance: f64 },
}

/// Inside the transaction that keeps the answer, so neither is ever kept without the other.
pub async fn draw(db: &mut SqliteConnection, lot: f64, now: Timestamp) -> Result<Draw, StoreError> {
    let chance = draw_rate(n_answers_since(db, now - SignedDuration::from_secs(WEEK_SECS)).await?);
    Ok(if is_drawn(lot, chance) { Draw::Drawn { chance } } else { Draw::Missed })
}

async fn n_answers_since(db: &mut SqliteConnection, since: Timestamp) -> Result<u32, StoreError> {
    sqlx::query_scalar("select count(*) from (select 1 from questions where answer is not null and at > ?1 limit ?2)")
        .bind(us(since))
        .bind(ANSWERS_THAT_COUNT)
        .fetch_one(db)
        .await
        .step("count the answers of a week")
}

/// The question that `events` react to, and its draw if they answer it.
pub fn asked(
    batch: &mut Batch,
    before: &Conversation,
    events: &[Event],
    draw: Draw,
    now: Timestamp,
) -> Result<(), StoreError> {
    let numbered = || events.iter().zip(before.version + 1..);
    let reacted = numbered().find_map(|(event, seq)| match event {
        Event::Decided { through, decision, language, .. } => Some((seq, *through, *decision, *language)),
        _ => None,
    });
    let Some((decided, question, decision, language)) = reacted else { return Ok(()) };
    let is_answer =
        |event: &Event| matches!(event, Event::Said(turn) if turn.by == Speaker::Bot && turn.kind == TurnKind::Answer);
    let answer = numbered().find(|(event, _)| decision == DecisionKind::Answer && is_answer(event)).map(|(_, seq)| seq);
    let first = before.unanswered.first().copied().unwrap_or(question);
    batch
        .then("insert into questions (conversation, question, first, decided, answer, language, at) values (?, ?, ?, ?, ?, ?, ?)")
        .bind(before.id.as_str())
        .bind(number(question))
        .bind(number(first))
        .bind(number(decided))
        .bind(answer.map(number))
        .bind(rows::name_of(&language, "a language")?)
        .bind(us(now));
    if let (Draw::Drawn { chance }, Some(_)) = (draw, answer) {
        insert_draw(batch, before, question, chance, now);
    }
    Ok(())
}

fn insert_draw(batch: &mut Batch, conversation: &Conversation, question: Seq, chance: f64, now: Timestamp) {
    // Who draws also clears away what waited too long, so that what nobody judges does not pile up.
    batch.then("delete from draws where at <= ?").bind(us(now - SignedDuration::from_secs(DRAW_WAITS_SECS)));
    batch
        .then("insert into draws (conversation, question, chance, at) values (?, ?, ?, ?)")
        .bind(conversation.id.as_str())
        .bind(number(question))
        .bind(chance)
        .bind(us(now));
}

/// "That helped" judges the question, unless a person did; "it did not" only takes that back, because it names no right article.
pub fn helped(batch: &mut Batch, conversation: &Conversation, answer: Seq, helped: bool, now: Timestamp) {
    if helped {
        batch
            .then(
                "insert into judged (conversation, question, article, picked, at) \
                 select q.conversation, q.question, t.article, 'helped', ? from questions q \
                 join turns t on t.conversation = q.conversation and t.first_seq = q.answer \
                 where q.conversation = ? and q.answer = ? and t.article is not null \
                 on conflict (conversation, question) do nothing",
            )
            .bind(us(now))
            .bind(conversation.id.as_str())
            .bind(number(answer));
    } else {
        batch
            .then(
                "delete from judged where conversation = ? and picked = 'helped' \
                 and question = (select question from questions where conversation = ? and answer = ?)",
            )
            .bind(conversation.id.as_str())
            .bind(conversation.id.as_str())
            .bind(number(answer));
    }
}

/// Answers that use is counted over, so that a busy month stays a short look.
const COUNTED_ANSWERS: u32 = 5_000;

pub async fn article_use(db: &SqlitePool, since: Timestamp) -> Result<Vec<(ArticleId, ArticleUse)>, StoreError> {
    let rows: Vec<(String, u32, u32, u32)> = sqlx::query_as(
        "select t.article, count(*), sum(said.event ->> '$.helped' = 1), sum(said.event ->> '$.helped' = 0) from ( \
           select conversation, answer from questions where answer is not null and at >= ?1 order by at desc limit ?2) q \
         join turns t on t.conversation = q.conversation and t.first_seq = q.answer \
         left join events said on said.conversation = q.conversation and said.seq = ( \
           select max(e.seq) from events e where e.conversation = q.conversation and e.seq > q.answer \
           and e.event ->> '$.event' = 'helped' and e.event ->> '$.seq' = q.answer) \
         where t.article is not null group by t.article",
    )
    .bind(us(since))
    .bind(COUNTED_ANSWERS)
    .fetch_all(db)
    .await
    .step("count how articles did")?;
    let of = |(article, n_used, n_helped, n_did_not_help)| {
        (ArticleId(article), ArticleUse { n_used, n_helped, n_did_not_help })
    };
    Ok(rows.into_iter().map(of).collect())
}

pub async fn judge(db: &mut SqliteConnection, judgement: Judgement) -> Result<Option<Seq>, StoreError> {
    let Some((question, chance)) = question_of(db, &judgement).await? else { return Ok(None) };
    if judgement.only_drawn && chance.is_none() {
        return Ok(None);
    }
    let mut batch = Batch::after(0);
    batch
        .then(
            "insert into judged (conversation, question, article, picked, chance, judge, at) values (?, ?, ?, ?, ?, ?, ?) \
             on conflict (conversation, question) do update set article = excluded.article, picked = excluded.picked, \
             chance = excluded.chance, judge = excluded.judge, at = excluded.at",
        )
        .bind(judgement.conversation.as_str())
        .bind(question)
        .bind(judgement.right.as_ref().map(|article| article.as_str()))
        .bind(if chance.is_some() { "random" } else { "agent_chose" })
        .bind(chance)
        .bind(judgement.judge.as_str())
        .bind(us(judgement.now));
    batch
        .then("delete from draws where conversation = ? and question = ?")
        .bind(judgement.conversation.as_str())
        .bind(question);
    batch.write(db, "keep a judgement").await?;
    Ok(Some(question as Seq))
}

/// The question that a turn of the bot, or its handing off, reacted to; and the chance of its draw, whether it still waits or was judged.
async fn question_of(
    db: &mut SqliteConnection,
    judgement: &Judgement,
) -> Result<Option<(i64, Option<f64>)>, StoreError> {
    sqlx::query_as(
        "select q.question, coalesce(d.chance, j.chance) from questions q \
         join turns t on t.conversation = q.conversation and t.first_seq = ?2 \
         left join draws d on d.conversation = q.conversation and d.question = q.question and d.at > ?3 \
         left join judged j on j.conversation = q.conversation and j.question = q.question \
         where q.conversation = ?1 and (t.by_kind = 'bot' or t.decision = 'hand_off') \
         and q.decided < ?2 order by q.decided desc limit 1",
    )
    .bind(judgement.conversation.as_str())
    .bind(i64::try_from(judgement.seq).unwrap_or(i64::MAX))
    .bind(us(judgement.now - SignedDuration::from_secs(DRAW_WAITS_SECS)))
    .fetch_optional(db)
    .await
    .step("look for a question")
}

/// The customer's words of a question of `questions q`: the turns of a burst, a line each.
macro_rules! text_of_question {
    () => {
        "(select group_concat(text, char(10)) from (select w.text from turns t join words w on w.id = t.words \
          where t.conversation = q.conversation and t.first_seq between q.first and q.question \
          and t.by_kind = 'customer' and t.kind = 'text' order by t.first_seq))"
    };
}
pub(super) use text_of_question;

pub async fn to_judge(db: &SqlitePool, now: Timestamp, limit: u32) -> Result<Vec<ToJudge>, StoreError> {
    sqlx::query(concat!(
        "select d.at as drawn_at, q.language as question_language, tw.text as trace, ",
        text_of_question!(),
        " as question_text, ",
        rows::turn_columns!(),
        " from draws d join questions q on q.conversation = d.conversation and q.question = d.question \
         join turns t on t.conversation = q.conversation and t.first_seq = q.answer \
         left join traces r on r.conversation = q.conversation and r.seq = q.decided left join words tw on tw.id = r.words",
        rows::turn_joins!(),
        "where d.at > ?1 order by d.at, d.conversation, d.question limit ?2"
    ))
    .bind(us(now - SignedDuration::from_secs(DRAW_WAITS_SECS)))
    .bind(limit.clamp(1, PAGE_DRAWS))
    .fetch_all(db)
    .await
    .step("read what waits to be judged")?
    .iter()
    .map(one_to_judge)
    .collect()
}

fn one_to_judge(row: &SqliteRow) -> Result<ToJudge, StoreError> {
    let answer = rows::turn(row)?
        .ok_or_else(|| StoreError::Corrupt { what: "a drawn answer", detail: "its turn has no number".into() })?;
    let trace = rows::get::<Option<&str>>(row, "trace")?;
    Ok(ToJudge {
        conversation: ConversationId(rows::get(row, "turn_conversation")?),
        text: rows::get::<Option<String>>(row, "question_text")?.unwrap_or_default(),
        language: language(row, "question_language")?,
        answer,
        trace: trace.map(|json| rows::from_json(json, "a trace")).transpose()?,
        drawn_at: rows::moment(rows::get(row, "drawn_at")?, "a draw's time")?,
    })
}

/// Whether the tables are: a reader brings nothing up to date.
pub async fn is_there(db: &SqlitePool) -> Result<bool, StoreError> {
    sqlx::query_scalar("select exists (select 1 from sqlite_master where type = 'table' and name = 'judged')")
        .fetch_one(db)
        .await
        .step("look for judged cases")
}

/// The newest, oldest of them first.
pub async fn cases(db: &SqlitePool, limit: u32) -> Result<Vec<JudgedCase>, StoreError> {
    let strata = strata(db).await?;
    let rows = sqlx::query(concat!(
        "select j.article, j.picked, j.chance, q.language, ",
        text_of_question!(),
        " as text from judged j join questions q on q.conversation = j.conversation and q.question = j.question \
         order by j.at desc, j.conversation, j.question limit ?1"
    ))
    .bind(limit.clamp(1, MAX_CASES))
    .fetch_all(db)
    .await
    .step("read the judged cases")?;
    // A question without words is one whose words were erased.
    let with_words = rows.iter().rev().filter_map(|row| case(row, &strata).transpose());
    with_words.collect()
}

fn case(row: &SqliteRow, strata: &Strata) -> Result<Option<JudgedCase>, StoreError> {
    let text = rows::get::<Option<String>>(row, "text")?.filter(|text| !text.trim().is_empty());
    let Some(text) = text else { return Ok(None) };
    let picked: Picked = rows::named(rows::get(row, "picked")?, "how a case was picked")?;
    let chance = match picked {
        Picked::Random => rows::get(row, "chance")?,
        Picked::AgentChose => strata.chance_of_chosen(),
        Picked::Helped => strata.chance_of_helped(),
    };
    let right = rows::get::<Option<String>>(row, "article")?.map(ArticleId);
    Ok(Some(JudgedCase { text, language: language(row, "language")?, right, picked, chance }))
}

fn language(row: &SqliteRow, column: &'static str) -> Result<Language, StoreError> {
    rows::named(rows::get(row, column)?, "a question's language")
}

async fn strata(db: &SqlitePool) -> Result<Strata, StoreError> {
    let (n_answers, n_helped, n_handed_off, n_chosen): (i64, i64, i64, i64) = sqlx::query_as(
        "with handed_off as (select distinct h.conversation from handoffs h \
         where exists (select 1 from questions q where q.conversation = h.conversation)) \
         select (select count(*) from questions where answer is not null), \
         (select count(*) from judged where picked = 'helped'), \
         (select count(*) from handed_off), \
         (select count(*) from handed_off h where exists \
          (select 1 from judged j where j.conversation = h.conversation and j.picked = 'agent_chose'))",
    )
    .fetch_one(db)
    .await
    .step("count what was judged")?;
    let count = |n: i64| n.unsigned_abs();
    Ok(Strata {
        n_answers: count(n_answers),
        n_helped: count(n_helped),
        n_handed_off: count(n_handed_off),
        n_chosen: count(n_chosen),
    })
}

pub async fn has_had(db: &SqlitePool, conversation: &ConversationId, agent: &AgentId) -> Result<bool, StoreError> {
    sqlx::query_scalar("select exists (select 1 from handoffs where conversation = ?1 and claimed_by = ?2)")
        .bind(conversation.as_str())
        .bind(agent.as_str())
        .fetch_one(db)
        .await
        .step("look for a handoff")
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::domain::Phase;
    use crate::domain::testing::at;
    use crate::store::sqlite::{SqliteStore, judged_cases_in};
    use crate::store::{Change, Store};
    use futures::FutureExt;

    /// The customer asks, and the bot answers with a lot.
    async fn answered(store: &SqliteStore, id: &ConversationId, text: &str, lot: f64, secs: i64) -> Seq {
        let read = keep(store, id, customer_says(&format!("{text} {secs}"), text)).await.conversation;
        store.commit(drawing(&read, lot, secs)).await.unwrap().version
    }

    fn drawing(read: &Conversation, lot: f64, secs: i64) -> Change {
        let mut change = change(read, bot_answers(read, "Five days."), at(secs));
        (change.lot, change.trace) = (Some(lot), Some(trace("by confidence")));
        change
    }

    fn judgement(id: &ConversationId, seq: Seq, right: Option<&str>, secs: i64) -> Judgement {
        Judgement {
            conversation: id.clone(),
            seq,
            right: right.map(ArticleId::new),
            judge: AgentId::new("anna"),
            only_drawn: false,
            now: at(secs),
        }
    }

    async fn n_waiting(store: &SqliteStore, secs: i64) -> usize {
        store.to_judge(at(secs), 100).await.unwrap().len()
    }

    async fn only_case(store: &SqliteStore) -> JudgedCase {
        let cases = store.judged_cases(10).await.unwrap();
        assert_eq!(cases.len(), 1, "{cases:?}");
        cases.into_iter().next().unwrap()
    }

    #[tokio::test]
    async fn an_answer_is_drawn_with_its_commit_or_not_at_all() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let id = open_web(store, "a").await;
        let read = keep(store, &id, customer_says("1", "Where is my refund?")).await.conversation;
        keep(store, &id, customer_says("2", "It has been a week!")).await;
        assert!(matches!(store.commit(drawing(&read, 0.0, 3)).await, Err(StoreError::Conflict)));
        assert_eq!(n_waiting(store, 3).await, 0, "a conflict draws nothing");
        let read = store.conversation(&id).await.unwrap().unwrap();
        store.commit(drawing(&read, 0.0, 4)).await.unwrap();
        assert!(matches!(store.commit(drawing(&read, 0.0, 4)).await, Err(StoreError::Conflict)), "nor does it twice");

        // What was decided survives a death without goodbye, once.
        let Fixture { store, folder } = fixture;
        drop(store);
        let store = SqliteStore::open(folder.path()).await.unwrap();
        let waiting = store.to_judge(at(5), 100).await.unwrap();
        assert_eq!(waiting.len(), 1);
        let drawn = &waiting[0];
        assert_eq!((drawn.conversation.as_str(), drawn.language, drawn.drawn_at), ("c-a", Language::En, at(4)));
        assert_eq!(drawn.text, "Where is my refund?\nIt has been a week!");
        assert_eq!((drawn.answer.seq, drawn.answer.text.as_str()), (4, "Five days."));
        assert_eq!(drawn.trace, Some(trace("by confidence")));
    }

    #[tokio::test]
    async fn the_rate_falls_as_the_week_fills() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let id = open_web(store, "a").await;
        for n in 0..40 {
            answered(store, &id, "Where is my refund?", 0.999, n).await;
        }
        assert_eq!(n_waiting(store, 50).await, 21, "of the first twenty and one all, then a lot this high misses");
        answered(store, &id, "And now?", 0.49, 51).await;
        assert_eq!(n_waiting(store, 51).await, 22, "half of them, after forty answers");
        let chances = fixture.look::<f64>("select chance from draws order by question").await;
        assert_eq!((chances[0], chances[21]), (1.0, 0.5));
        // A quiet week later everything is drawn again.
        answered(store, &id, "Hello again, is it here?", 0.999, 50 + WEEK_SECS + 60).await;
        assert_eq!(n_waiting(store, 50 + WEEK_SECS + 60).await, 23);
    }

    #[tokio::test]
    async fn only_what_the_bot_judged_is_a_question() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let id = open_web(store, "a").await;
        let read = keep(store, &id, customer_says("1", "thanks!")).await.conversation;
        let after = store.commit(change(&read, bot_answers(&read, "You are welcome."), at(2))).await.unwrap();
        assert_eq!(store.judge(judgement(&id, after.version, None, 3)).await.unwrap(), None);
        assert_eq!(fixture.look::<i64>("select count(*) from questions").await, [0]);
    }

    #[tokio::test]
    async fn judging_again_replaces_and_what_was_drawn_stays_random() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let id = open_web(store, "a").await;
        let drawn = answered(store, &id, "Where is my refund?", 0.0, 2).await;
        assert_eq!(store.judge(judgement(&id, drawn, Some("refund-time"), 3)).await.unwrap(), Some(1));
        assert_eq!(n_waiting(store, 3).await, 0);
        let first = only_case(store).await;
        assert_eq!((first.text.as_str(), first.picked, first.chance), ("Where is my refund?", Picked::Random, 1.0));
        let again = Judgement { only_drawn: true, ..judgement(&id, drawn, None, 4) };
        assert_eq!(store.judge(again).await.unwrap(), Some(1), "a lead may think again");
        let replaced = only_case(store).await;
        assert_eq!((replaced.right, replaced.picked, replaced.chance), (None, Picked::Random, 1.0));
    }

    #[tokio::test]
    async fn a_judgement_needs_a_turn_of_the_bot() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let id = open_web(store, "a").await;
        let seq = answered(store, &id, "Where is my refund?", 0.0, 2).await;
        let missed = answered(store, &id, "Where is my parcel?", 2.0, 3).await;
        for wrong in [0, 1, seq - 1, 99, Seq::MAX] {
            assert_eq!(store.judge(judgement(&id, wrong, None, 4)).await.unwrap(), None, "{wrong}");
        }
        let elsewhere = ConversationId::new("nowhere");
        assert_eq!(store.judge(judgement(&elsewhere, seq, None, 4)).await.unwrap(), None);
        let not_drawn = Judgement { only_drawn: true, ..judgement(&id, missed, None, 4) };
        assert_eq!(store.judge(not_drawn).await.unwrap(), None);
        assert_eq!(store.judged_cases(10).await.unwrap(), []);
        assert_eq!(store.judge(judgement(&id, missed, None, 4)).await.unwrap(), Some(4));
        assert_eq!(only_case(store).await.picked, Picked::AgentChose);
    }

    #[tokio::test]
    async fn what_nobody_judges_is_let_go() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let id = open_web(store, "a").await;
        let old = answered(store, &id, "Where is my refund?", 0.0, 2).await;
        assert_eq!(n_waiting(store, 1 + DRAW_WAITS_SECS).await, 1);
        let late = 2 + DRAW_WAITS_SECS;
        assert_eq!(n_waiting(store, late).await, 0);
        let too_late = Judgement { only_drawn: true, ..judgement(&id, old, None, late) };
        assert_eq!(store.judge(too_late).await.unwrap(), None);
        answered(store, &id, "Where is my parcel?", 0.0, late).await;
        assert_eq!(fixture.look::<i64>("select question from draws").await, [4], "the next draw clears it away");
    }

    #[tokio::test]
    async fn thanks_are_a_case_until_a_person_knows_better() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let id = open_web(store, "a").await;
        let seq = answered(store, &id, "Where is my refund?", 2.0, 2).await;
        let says = async |helped, secs| does(store, &id, helps(seq, helped), secs).await;
        says(false, 3).await;
        assert_eq!(store.judged_cases(10).await.unwrap(), [], "it does not say what would have been right");
        says(true, 4).await;
        let case = only_case(store).await;
        assert_eq!((case.right, case.picked), (Some(ArticleId::new("refund-time")), Picked::Helped));
        assert_eq!(case.chance, 1.0, "one answer, and it helped");
        says(false, 5).await;
        assert_eq!(store.judged_cases(10).await.unwrap(), []);
        says(true, 6).await;
        store.judge(judgement(&id, seq, Some("refund-status"), 7)).await.unwrap();
        says(false, 8).await;
        says(true, 9).await;
        let case = only_case(store).await;
        assert_eq!((case.right, case.picked), (Some(ArticleId::new("refund-status")), Picked::AgentChose));
    }

    #[tokio::test]
    async fn chances_are_the_shares_of_what_is_picked_from() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        for n in 0..4 {
            let id = open_web(store, &n.to_string()).await;
            let seq = answered(store, &id, "Where is my refund?", 2.0, 2).await;
            if n == 0 {
                does(store, &id, helps(seq, true), 3).await;
            }
            if n > 1 {
                let waiting = does(store, &id, asks_for_person(), 4).await;
                assert!(matches!(waiting.phase, Phase::Waiting { .. }));
            }
            if n == 3 {
                // The notice of the handoff speaks of the question before it.
                assert!(store.judge(judgement(&id, seq + 2, None, 5)).await.unwrap().is_some());
            }
        }
        let cases = store.judged_cases(10).await.unwrap();
        let found: Vec<_> = cases.iter().map(|case| (case.picked, case.chance)).collect();
        assert_eq!(found, [(Picked::Helped, 0.25), (Picked::AgentChose, 0.5)], "oldest first");
        assert_eq!(store.judged_cases(1).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_command_reads_beside_the_server_and_after_it() {
        let nobody = tempfile::tempdir().unwrap();
        assert_eq!(judged_cases_in(nobody.path(), 10).await.unwrap(), []);
        assert!(std::fs::read_dir(nobody.path()).unwrap().next().is_none(), "it makes nothing");
        let fixture = Fixture::new().await;
        let id = open_web(&fixture.store, "a").await;
        let seq = answered(&fixture.store, &id, "Where is my refund?", 0.0, 2).await;
        fixture.store.judge(judgement(&id, seq, None, 3)).await.unwrap();
        assert_eq!(judged_cases_in(fixture.folder.path(), 10).await.unwrap().len(), 1);
        let folder = fixture.close().await;
        assert_eq!(judged_cases_in(folder.path(), 10).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn who_had_it_is_remembered_after_the_end() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let id = open_web(store, "a").await;
        does(store, &id, asks_for_person(), 1).await;
        does(store, &id, claims("anna"), 2).await;
        does(store, &id, solves("anna"), 3).await;
        assert!(store.has_had(&id, &AgentId::new("anna")).await.unwrap());
        assert!(!store.has_had(&id, &AgentId::new("boris")).await.unwrap());
    }

    async fn fill(db: &mut SqliteConnection, sql: &'static str) -> Result<(), StoreError> {
        sqlx::query(sql).execute(db).await.step("fill").map(|_| ())
    }

    #[tokio::test]
    async fn questions_of_before_are_found_in_the_events() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let id = open_web(store, "a").await;
        let read = keep(store, &id, customer_says("1", "Where is my refund?")).await.conversation;
        store.commit(change(&read, bot_answers(&read, "Five days."), at(2))).await.unwrap();
        let mut tap = customer_says("2", "When will I get my refund?");
        tap.option = Some(ArticleId::new("refund-time"));
        let read = keep(store, &id, tap).await.conversation;
        store.commit(change(&read, bot_answers(&read, "Five days."), at(3))).await.unwrap();
        let migration = include_str!("../../../migrations/sqlite/0002_judged.sql");
        let filling: &'static str = &migration[migration.find("insert into questions").unwrap()..];
        store.writer.write(move |db| fill(db, filling).boxed()).await.unwrap();
        assert_eq!(fixture.look::<i64>("select question * 100 + decided * 10 + answer from questions").await, [123]);
        assert_eq!(store.judge(judgement(&id, 3, None, 4)).await.unwrap(), Some(1));
        assert_eq!(only_case(store).await.text, "Where is my refund?");
    }
}
