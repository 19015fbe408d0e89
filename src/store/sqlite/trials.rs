//! The laws under load, chance and violence: many callers at once, random commands, and `kill -9`.

use super::testing::*;
use super::*;
use crate::domain::event::{ContactKind, WakeCause};
use crate::domain::plan::{Ending, Reaction, Target};
use crate::domain::testing::{article, at};
use crate::domain::{ArticleId, Builtin, Command, Decision, Event, HandoffRule, Phase, Policy, Reason, Why, plan};
use proptest::prelude::*;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_callers_at_once_leave_no_gap() {
    let Fixture { store, folder: _folder } = Fixture::new().await;
    let id = open_web(&store, "a").await;
    let keeps = (0..50).map(|n| keep(&store, &id, customer_says(&n.to_string(), &format!("Turn {n}"))));
    let commits = (0..50).map(|_| async {
        // Reads, plans and tries again, as the desk does.
        loop {
            let read = store.conversation(&id).await.unwrap().unwrap();
            match store.commit(change(&read, bot_answers(&read, "Five days."), at(2))).await {
                Ok(_) => break,
                Err(StoreError::Conflict) => continue,
                Err(other) => panic!("{other}"),
            }
        }
    });
    let (kept, _) = tokio::join!(futures::future::join_all(keeps), futures::future::join_all(commits));
    let mut numbers: Vec<Seq> = kept.iter().map(|kept| kept.turn.seq).collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 50, "each turn has a number of its own");
    let read = store.conversation(&id).await.unwrap().unwrap();
    assert_eq!(read.version, 50 + 50 * 2);
    let events = events(&store, &id).await;
    assert!(events.iter().map(|(seq, ..)| *seq).eq(1..=150));
}

/// Number, time and event of every change.
async fn events(store: &SqliteStore, id: &ConversationId) -> Vec<(Seq, Timestamp, Event)> {
    let rows: Vec<(i64, i64, String)> =
        sqlx::query_as("select seq, at, event from events where conversation = ?1 order by seq")
            .bind(id.as_str())
            .fetch_all(&store.readers)
            .await
            .unwrap();
    rows.into_iter()
        .map(|(seq, at, event)| (seq as Seq, rows::moment(at, "at").unwrap(), serde_json::from_str(&event).unwrap()))
        .collect()
}

/// What people and the bot may do next; plans that are refused do nothing.
fn any_command() -> impl Strategy<Value = Command> {
    let agent = prop_oneof![Just(AgentId::new("anna")), Just(AgentId::new("boris"))];
    let decision = prop_oneof![
        Just(Decision::Answer { article: Arc::new(article("refund-time")), why: Why::Confident }),
        Just(Decision::Answer {
            article: Arc::new(crate::domain::Article {
                handoff: HandoffRule::Always,
                queue: Some(QueueName::new("payments")),
                ..article("account-hacked")
            }),
            why: Why::Tapped
        }),
        Just(Decision::Clarify { options: vec![Arc::new(article("a")), Arc::new(article("b"))] }),
        Just(Decision::HandOff { reason: Reason::NotUnderstood, queue: Some(QueueName::new("returns")) }),
        Just(Decision::SmallTalk { builtin: Builtin::Thanks }),
        Just(Decision::StaySilent),
    ];
    prop_oneof![
        4 => (0..40u32, any::<bool>()).prop_map(|(n, tapped)| Command::Hear(Heard {
            client_id: format!("turn-{n}"),
            text: format!("Words {n}"),
            option: tapped.then(|| ArticleId::new("refund-time")),
            attachments: vec![],
        })),
        4 => (decision, 0..60u64).prop_map(|(decision, through)| Command::React(Reaction {
            through,
            decision,
            confidence: 0.5,
            language: Language::Ru,
            policy: Policy::default(),
            outlook: next_in_line(),
            suggests: vec![],
        })),
        1 => Just(asks_for_person()),
        1 => Just(Command::BackToBot),
        1 => Just(Command::Speak { language: crate::domain::Language::Ru }),
        1 => (1..=5u8).prop_map(|score| Command::Rate { score, has_comment: false }),
        1 => (1..20u64, any::<bool>()).prop_map(|(seq, helped)| Command::Feedback { seq, helped, outlook: next_in_line() }),
        2 => agent.clone().prop_map(|agent| claims(agent.as_str())),
        2 => (agent.clone(), 0..9u32).prop_map(|(agent, n)| Command::Reply {
            agent,
            client_id: format!("reply-{n}"),
            text: format!("Reply {n}"),
            attachments: vec![],
        }),
        1 => agent.clone().prop_map(|agent| releases(agent.as_str())),
        1 => agent.clone().prop_map(|agent| Command::HandBack { agent }),
        1 => agent.clone().prop_map(|agent| Command::Resolve {
            agent,
            ending: Ending::Unsolved { reason: Some("Why".into()), plan: "We look again.".into(), due_at: at(90_000) },
        }),
        1 => agent.clone().prop_map(|agent| Command::TakeOver { agent: who(agent.as_str()) }),
        1 => agent.clone().prop_map(|agent| Command::Snooze { agent, until: Some(at(80_000)) }),
        1 => agent.clone().prop_map(|agent| Command::Wake { agent, cause: WakeCause::Agent }),
        1 => (agent.clone(), agent.clone()).prop_map(|(agent, next)| Command::Transfer {
            agent: who(agent.as_str()),
            to: Target::Agent(who(next.as_str())),
            note: None,
            outlook: next_in_line(),
        }),
        1 => agent.clone().prop_map(|agent| Command::Transfer {
            agent: who(agent.as_str()),
            to: Target::Queue { name: QueueName::new("returns"), title: "Returns".into() },
            note: Some("Please look.".into()),
            outlook: next_in_line(),
        }),
        1 => agent.prop_map(|agent| Command::Escalate {
            agent: who(agent.as_str()),
            note: None,
            outlook: next_in_line(),
        }),
        1 => Just(Command::LeaveContact { kind: ContactKind::Email, contact: "a@b.example".into() }),
        2 => Just(Command::Tick { outlook: next_in_line() }),
    ]
}

/// Does the command to the store and to a plain value; both must say the same.
async fn act(store: &SqliteStore, model: &mut Conversation, said: &mut Vec<String>, command: &Command, now: Timestamp) {
    if let Command::Hear(heard) = command {
        let kept = store.keep(&model.id, heard.clone(), &usual(), now).await.unwrap().unwrap();
        assert_eq!(kept.repeated, said.contains(&heard.client_id));
        if !kept.repeated {
            said.push(heard.client_id.clone());
            for event in plan(model, command, &usual(), now).unwrap() {
                model.apply(&event, now);
            }
        }
        assert_eq!(&kept.conversation, model);
        return;
    }
    let Ok(events) = plan(model, command, &usual(), now) else { return };
    let mut change = change(model, events.clone(), now);
    // A reaction is to turns that were said; the commands here are made up and may name any number.
    change.lot = match command {
        Command::React(reaction) if reaction.through <= model.version => Some(0.5),
        _ => None,
    };
    let stored = store.commit(change).await.unwrap();
    match command {
        Command::Reply { client_id, .. } if said.contains(client_id) => {}
        Command::Reply { .. }
        | Command::React(_)
        | Command::AskForPerson { .. }
        | Command::BackToBot
        | Command::Speak { .. }
        | Command::Rate { .. }
        | Command::Feedback { .. }
        | Command::Claim { .. }
        | Command::Release { .. }
        | Command::HandBack { .. }
        | Command::Resolve { .. }
        | Command::LeaveContact { .. }
        | Command::Move { .. }
        | Command::TakeOver { .. }
        | Command::Note { .. }
        | Command::Transfer { .. }
        | Command::Escalate { .. }
        | Command::Snooze { .. }
        | Command::Wake { .. }
        | Command::Merge { .. }
        | Command::Absorb { .. }
        | Command::FollowUp { .. }
        | Command::FollowUpDone { .. }
        | Command::Tag { .. }
        | Command::Block { .. }
        | Command::Tick { .. }
        | Command::Hear(_) => {
            if let Command::Reply { client_id, .. } = command {
                said.push(client_id.clone());
            }
            for event in &events {
                model.apply(event, now);
            }
        }
    }
    assert_eq!(&stored, model);
}

async fn check_rows(store: &SqliteStore, model: &Conversation) {
    assert_eq!(store.conversation(&model.id).await.unwrap().as_ref(), Some(model));
    let mut replayed = begun(model.id.as_str(), model.channel.clone());
    let (mut turns, mut questions) = (0, 0);
    for (seq, at, event) in events(store, &model.id).await {
        assert_eq!(replayed.apply(&event, at), seq);
        // Who presses the button for a person asked nothing that the bot judged; nor did whoever the bot left hanging.
        questions += i64::from(matches!(&event, Event::Decided { through, confidence, .. }
            if *through < seq && *confidence > 0.0));
        turns += usize::from(matches!(event, Event::Said(_)));
    }
    assert_eq!(&replayed, model, "the events alone give the same conversation");
    let page = store.turns(&model.id, 0, 500).await.unwrap();
    assert_eq!((page.turns.len(), page.through), (turns, model.version));

    let count = async |sql: &'static str| -> i64 {
        sqlx::query_scalar(sql).bind(model.id.as_str()).fetch_one(&store.readers).await.unwrap()
    };
    let (is_waiting, is_handed_off) = match model.phase {
        Phase::Waiting { .. } => (1, 1),
        Phase::WithAgent { .. } => (0, 1),
        Phase::WithBot { .. } | Phase::Resolved { .. } => (0, 0),
    };
    assert_eq!(count("select count(*) from queue_entries where conversation = ?1").await, is_waiting);
    assert_eq!(
        count("select count(*) from handoffs where conversation = ?1 and closed_at is null").await,
        is_handed_off
    );
    assert_eq!(count("select count(*) from questions where conversation = ?1").await, questions);
    let nowhere = "select count(*) from questions q where conversation = ?1 and answer is not null and not exists \
                   (select 1 from turns t where t.conversation = q.conversation and t.first_seq = q.answer and t.kind = 'answer')";
    assert_eq!(count(nowhere).await, 0);
    let not_said_by_customer =
        count("select count(*) from turns where conversation = ?1 and by_kind <> 'customer' and kind <> 'note'").await;
    let deliveries = count("select count(*) from outbox where conversation = ?1").await;
    assert_eq!(deliveries, if model.channel.is_pushed_to() { not_said_by_customer } else { 0 });
    let unanswered = store.unanswered(at(1_000_000), 500).await.unwrap().contains(&model.id);
    assert_eq!(unanswered, !model.unanswered.is_empty());
}

#[test]
fn the_store_and_a_plain_value_never_disagree() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let fixture = runtime.block_on(Fixture::new());
    let cases = std::sync::atomic::AtomicI64::new(0);
    let config = ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(commands in prop::collection::vec(any_command(), 1..60), is_pushed_to: bool)| {
        let case = cases.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        runtime.block_on(async {
            let store = &fixture.store;
            let id = match is_pushed_to {
                true => open_telegram(store, case).await,
                false => open_web(store, &case.to_string()).await,
            };
            let mut model = store.conversation(&id).await.unwrap().unwrap();
            let mut said = vec![];
            for (n, command) in commands.iter().enumerate() {
                act(store, &mut model, &mut said, command, at(n as i64 * 50)).await;
            }
            check_rows(store, &model).await;
        });
    });
}

#[tokio::test]
async fn dropped_without_a_word_it_opens_with_everything() {
    let fixture = Fixture::new().await;
    let id = open_telegram(&fixture.store, 7).await;
    let read = keep(&fixture.store, &id, customer_says("1", "Where is my refund?")).await.conversation;
    let after = fixture.store.commit(change(&read, handed_off("payments"), at(2))).await.unwrap();
    let Fixture { store, folder } = fixture;
    drop(store);
    let store = SqliteStore::open(folder.path()).await.unwrap();
    assert_eq!(store.conversation(&id).await.unwrap(), Some(after));
    assert_eq!(store.place(&id, &QueueName::new("payments")).await.unwrap(), 1);
    assert!(store.next_delivery_at("shop_bot").await.unwrap().is_some());
    assert!(keep(&store, &id, customer_says("1", "Where is my refund?")).await.repeated);
}

const FOLDER_OF_THE_VICTIM: &str = "FIRSTLINE_TEST_VICTIM";

/// Run by the next test in a process of its own: says each number once its turn was acknowledged, until it is killed.
#[tokio::test]
#[ignore = "the victim of the next test"]
async fn victim() {
    let Some(folder) = std::env::var_os(FOLDER_OF_THE_VICTIM) else { return };
    let folder = std::path::PathBuf::from(folder);
    let _lock = DataLock::take(&folder).unwrap();
    let store = SqliteStore::open(&folder).await.unwrap();
    let id = open_web(&store, "a").await;
    for n in 0.. {
        keep(&store, &id, customer_says(&n.to_string(), &format!("Turn {n}"))).await;
        println!("acknowledged {n}");
    }
}

#[tokio::test]
async fn what_was_acknowledged_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    for round in 1..=3 {
        let mut victim = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["store::sqlite::trials::victim", "--exact", "--ignored", "--nocapture"])
            .env(FOLDER_OF_THE_VICTIM, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(victim.stdout.take().unwrap()).lines();
        let enough = format!("acknowledged {}", 40 * round);
        assert!(said.by_ref().any(|line| line.unwrap().ends_with(&enough)), "the victim ended by itself");
        let refused = DataLock::take(folder.path()).unwrap_err().to_string();
        assert!(refused.contains(&format!("process {}", victim.id())), "{refused}");
        victim.kill().unwrap();
        victim.wait().unwrap();
        let acknowledged = said.map_while(Result::ok).filter(|line| line.contains("acknowledged")).count() as i64;

        let _lock = DataLock::take(folder.path()).expect("a killed process holds nothing");
        let store = SqliteStore::open(folder.path()).await.unwrap();
        let page = store.turns(&ConversationId::new("c-a"), 0, 500).await.unwrap();
        let all = 40 * round + acknowledged;
        for n in 0..=all.min(499) {
            assert_eq!(page.turns[n as usize].text, format!("Turn {n}"));
        }
        store.close().await;
    }
}

/// Every column of every table except `words`, as text.
#[tokio::test]
async fn words_stand_in_one_table() {
    const MARKER: &str = "Schnurrbart";
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let mut new = new_web("a");
    new.page = Some(Page {
        url: Some(MARKER.into()),
        title: Some(MARKER.into()),
        referrer: Some(MARKER.into()),
        ..Page::default()
    });
    let id = store.open_conversation(new).await.unwrap().conversation.id;
    let read = keep(store, &id, customer_says("1", MARKER)).await.conversation;
    let mut events = bot_answers(&read, MARKER);
    events.extend(handed_off("payments"));
    let mut change = change(&read, events, at(2));
    (change.trace, change.brief, change.lot) = (Some(trace(MARKER)), Some(brief(MARKER)), Some(0.0));
    let answer = store.commit(change).await.unwrap().last_answer.unwrap().seq;
    does(store, &id, helps(answer, true), 2).await;
    does(store, &id, claims("anna"), 3).await;
    does(store, &id, replies("anna", "r1", MARKER), 4).await;
    store.keep_draft(&id, &AgentId::new("anna"), MARKER.into(), at(4)).await.unwrap();
    let mut left = testing::change(
        &store.conversation(&id).await.unwrap().unwrap(),
        vec![Event::ContactLeft { kind: ContactKind::Email }],
        at(4),
    );
    left.contact = Some(MARKER.into());
    store.commit(left).await.unwrap();
    let read = does(store, &id, solves("anna"), 5).await;
    let mut rated = testing::change(&read, vec![Event::Rated { score: 1 }], at(6));
    rated.comment = Some(MARKER.into());
    store.commit(rated).await.unwrap();

    let holding: Vec<String> = fixture
        .look("select m.name from sqlite_master m where m.type = 'table' and m.name not like 'sqlite%' order by m.name")
        .await;
    let mut found = vec![];
    for table in holding {
        let sql = sqlx::AssertSqlSafe(format!("select * from {table}"));
        for row in sqlx::query(sql).fetch_all(&store.readers).await.unwrap() {
            let columns = 0..sqlx::Row::len(&row);
            let texts = columns.filter_map(|n| sqlx::Row::try_get_unchecked::<String, _>(&row, n).ok());
            found.extend(texts.filter(|text| text.contains(MARKER)).map(|_| table.clone()));
        }
    }
    assert_eq!(found, ["words"; 10], "page, turn, trace, answer, its HTML, brief, reply, draft, contact, comment");
}
