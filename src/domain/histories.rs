//! Tables and random histories: what holds after any sequence of commands.

use super::decision::Decision;
use super::plan::{Heard, Place, Reaction};
use super::testing::{article, at, conversation_with_bot};
use super::*;
use proptest::prelude::*;
use std::sync::Arc;

fn agent(n: u8) -> AgentId {
    AgentId::new(format!("agent-{n}"))
}

fn hear(text: &str) -> Command {
    Command::Hear(Heard { client_id: format!("id-{text}"), text: text.into(), option: None })
}

fn react(conversation: &Conversation, decision: Decision) -> Command {
    Command::React(Reaction {
        through: conversation.unanswered.last().copied().unwrap_or(0),
        decision,
        confidence: 0.5,
        language: Language::En,
        policy: Policy::default(),
        place: Place(1),
        suggests: vec![],
    })
}

fn answer() -> Decision {
    Decision::Answer { article: Arc::new(article("a")), tapped: false }
}

fn hand_off() -> Decision {
    Decision::HandOff { reason: Reason::NotUnderstood, queue: None }
}

/// Plans and applies; a refusal changes nothing.
fn run(conversation: &mut Conversation, command: &Command, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    let events = plan(conversation, command, now)?;
    for event in &events {
        conversation.apply(event, now);
    }
    Ok(events)
}

fn said(events: &[Event]) -> Vec<(&Speaker, TurnKind)> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Said(turn) => Some((&turn.by, turn.kind)),
            _ => None,
        })
        .collect()
}

#[test]
fn the_life_of_one_conversation() {
    let mut c = conversation_with_bot();
    run(&mut c, &hear("where is my refund"), at(1)).unwrap();
    assert_eq!(c.unanswered, [1]);
    let command = react(&c, answer());
    let events = run(&mut c, &command, at(1)).unwrap();
    assert_eq!(said(&events), [(&Speaker::Bot, TurnKind::Answer)]);
    assert_eq!(c.unanswered, Vec::<Seq>::new());

    run(&mut c, &hear("and the weather"), at(2)).unwrap();
    let command = react(&c, hand_off());
    let events = run(&mut c, &command, at(2)).unwrap();
    assert_eq!(said(&events), [(&Speaker::System, TurnKind::Notice)]);
    assert_eq!(c.phase.name(), "waiting");

    let claim = |n| Command::Claim { agent: agent(n), agent_name: format!("Agent {n}") };
    run(&mut c, &claim(1), at(3)).unwrap();
    assert_eq!(run(&mut c, &claim(2), at(4)), Err(Refusal::AlreadyClaimed { by: agent(1) }));
    assert_eq!(run(&mut c, &claim(1), at(4)), Ok(vec![]), "claiming again is no error");

    let reply = |n| Command::Reply { agent: agent(n), client_id: "r".into(), text: "hello".into() };
    assert_eq!(run(&mut c, &reply(2), at(5)), Err(Refusal::NotYours));
    run(&mut c, &reply(1), at(5)).unwrap();
    run(&mut c, &Command::Resolve { agent: agent(1), outcome: Outcome::Solved }, at(6)).unwrap();
    assert_eq!(run(&mut c, &Command::Rate { score: 6, has_comment: false }, at(7)), Err(Refusal::BadRating));
    run(&mut c, &Command::Rate { score: 5, has_comment: false }, at(7)).unwrap();
    assert_eq!(c.rating, Some(5));

    run(&mut c, &hear("one more thing"), at(8)).unwrap();
    assert_eq!(c.phase.name(), "with_bot");
    assert_eq!(c.unanswered.len(), 1);
}

#[test]
fn a_bot_that_lost_the_race_is_refused() {
    let mut c = conversation_with_bot();
    run(&mut c, &hear("help"), at(1)).unwrap();
    let late = react(&c, answer());
    run(&mut c, &Command::AskForPerson { place: Place(1) }, at(1)).unwrap();
    run(&mut c, &Command::Claim { agent: agent(1), agent_name: "A".into() }, at(2)).unwrap();
    assert_eq!(plan(&c, &late, at(2)), Err(Refusal::Superseded));
}

#[test]
fn a_waiting_customer_is_told_at_most_every_two_minutes() {
    let mut c = conversation_with_bot();
    run(&mut c, &Command::AskForPerson { place: Place(1) }, at(0)).unwrap();
    let check = |c: &mut Conversation, secs: i64, n_notices: usize| {
        run(c, &hear("hello?"), at(secs)).unwrap();
        let command = react(c, Decision::StaySilent);
        let events = run(c, &command, at(secs)).unwrap();
        assert_eq!(said(&events).len(), n_notices, "after {secs} s");
    };
    check(&mut c, 10, 0);
    check(&mut c, 119, 0);
    check(&mut c, 120, 1);
    check(&mut c, 180, 0);
    check(&mut c, 240, 1);
}

#[test]
fn an_article_that_needs_a_person_brings_one() {
    let mut c = conversation_with_bot();
    run(&mut c, &hear("my account was stolen"), at(1)).unwrap();
    let mut needs_person = article("account-hacked");
    needs_person.handoff = HandoffRule::Always;
    needs_person.queue = Some(QueueName::new("complaints"));
    let command = react(&c, Decision::Answer { article: Arc::new(needs_person), tapped: false });
    let events = run(&mut c, &command, at(1)).unwrap();
    assert_eq!(said(&events), [(&Speaker::Bot, TurnKind::Answer), (&Speaker::System, TurnKind::Notice)]);
    let Phase::Waiting { reason, queue, .. } = &c.phase else { panic!("{:?}", c.phase) };
    assert_eq!((*reason, queue.as_str()), (Reason::TopicNeedsHuman, "complaints"));
}

/// A command as a number of small choices, so that histories shrink well.
fn any_command() -> impl Strategy<Value = (u8, u8)> {
    (0u8..12, 0u8..3)
}

fn command_of(c: &Conversation, (kind, n): (u8, u8)) -> Command {
    match kind {
        0 | 1 => hear("words"),
        2 => react(c, answer()),
        3 => react(c, hand_off()),
        4 => react(c, Decision::Clarify { options: vec![Arc::new(article("a")), Arc::new(article("b"))] }),
        5 => react(c, Decision::StaySilent),
        6 => Command::AskForPerson { place: Place(1) },
        7 => Command::BackToBot,
        8 => Command::Claim { agent: agent(n), agent_name: "A".into() },
        9 => Command::Reply { agent: agent(n), client_id: "r".into(), text: "t".into() },
        10 if n == 0 => Command::Release { agent: agent(n), place: Place(1) },
        10 => Command::HandBack { agent: agent(n) },
        _ => Command::Resolve { agent: agent(n), outcome: Outcome::Solved },
    }
}

proptest! {
    #[test]
    fn laws_of_every_history(choices in prop::collection::vec(any_command(), 0..60)) {
        let mut c = conversation_with_bot();
        let mut log = vec![];
        for (secs, choice) in choices.into_iter().enumerate() {
            let now = at(secs as i64);
            let before = c.clone();
            let command = command_of(&c, choice);
            match run(&mut c, &command, now) {
                Err(_) => prop_assert_eq!(&c, &before, "a refusal changes nothing"),
                Ok(events) => {
                    prop_assert_eq!(c.version, before.version + events.len() as u64, "numbers have no gaps");
                    let owner = |c: &Conversation| (c.phase.name(), c.phase.agent().cloned());
                    if owner(&c) != owner(&before) {
                        prop_assert!(c.owner_epoch > before.owner_epoch, "a new owner raises the epoch");
                    }
                    for event in &events {
                        if let Event::Said(turn) = event {
                            match &turn.by {
                                Speaker::Agent(by) => prop_assert_eq!(before.phase.agent(), Some(by), "only the owner speaks as an agent"),
                                Speaker::Bot => prop_assert_eq!(before.phase.name(), "with_bot", "the bot speaks only while it owns"),
                                Speaker::Customer | Speaker::System => {}
                            }
                        }
                    }
                    if let Command::React(_) = command {
                        prop_assert!(c.unanswered.is_empty(), "a reaction leaves nothing unanswered");
                        if before.phase.name() == "with_bot" {
                            prop_assert!(!said(&events).is_empty(), "never silent while the bot owns it");
                        }
                    }
                    log.extend(events.into_iter().map(|event| (event, now)));
                }
            }
            if c.phase.agent().is_some() {
                prop_assert!(c.unanswered.is_empty(), "with an agent nothing waits for the bot");
            }
        }
        let mut replayed = conversation_with_bot();
        for (event, now) in &log {
            let stored = serde_json::to_string(event).unwrap();
            prop_assert!(!stored.contains("\"text\":"), "events hold no words: {stored}");
            replayed.apply(&serde_json::from_str(&stored).unwrap(), *now);
        }
        prop_assert_eq!(replayed, c, "stored events give the same conversation");
    }
}
