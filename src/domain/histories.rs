//! Tables and random histories: what holds after any sequence of commands.

use super::decision::{Decision, Why};
use super::event::{ClaimCause, ReleaseCause, WakeCause};
use super::outlook::Outlook;
use super::plan::{Ending, Heard, Reaction, Target, Who};
use super::testing::{article, at, conversation_with_bot};
use super::*;
use proptest::prelude::*;
use std::sync::Arc;

fn agent(n: u8) -> AgentId {
    AgentId::new(format!("agent-{n}"))
}

fn who(n: u8) -> Who {
    // The last of them is a lead.
    Who { id: agent(n), name: format!("Agent {n}"), is_lead: n == 2 }
}

fn next_in_line() -> Outlook {
    Outlook::next_in_line(at(0))
}

fn claim(n: u8) -> Command {
    Command::Claim { agent: who(n), cause: ClaimCause::Claimed }
}

fn solve(n: u8) -> Command {
    Command::Resolve { agent: agent(n), ending: Ending::Solved { reason: None } }
}

fn ask_for_person() -> Command {
    Command::AskForPerson { outlook: next_in_line() }
}

fn tick() -> Command {
    Command::Tick { outlook: next_in_line() }
}

fn reply(n: u8) -> Command {
    Command::Reply { agent: agent(n), client_id: "r".into(), text: "hello".into(), attachments: vec![] }
}

fn hear(text: &str) -> Command {
    Command::Hear(Heard { client_id: format!("id-{text}"), text: text.into(), option: None, attachments: vec![] })
}

fn react(conversation: &Conversation, decision: Decision) -> Command {
    Command::React(Reaction {
        through: conversation.unanswered.last().copied().unwrap_or(0),
        decision,
        confidence: 0.5,
        language: Language::En,
        policy: Policy::default(),
        outlook: next_in_line(),
        suggests: vec![],
    })
}

fn answer() -> Decision {
    Decision::Answer { article: Arc::new(article("a")), why: Why::Confident }
}

fn hand_off() -> Decision {
    Decision::HandOff { reason: Reason::NotUnderstood, queue: None }
}

/// Plans and applies; a refusal changes nothing.
fn run(conversation: &mut Conversation, command: &Command, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    let events = plan(conversation, command, &Rules::default(), now)?;
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

    run(&mut c, &claim(1), at(3)).unwrap();
    assert_eq!(run(&mut c, &claim(2), at(4)), Err(Refusal::AlreadyClaimed { by: agent(1) }));
    assert_eq!(run(&mut c, &claim(1), at(4)), Ok(vec![]), "claiming again is no error");

    assert_eq!(run(&mut c, &reply(2), at(5)), Err(Refusal::NotYours));
    run(&mut c, &reply(1), at(5)).unwrap();
    run(&mut c, &solve(1), at(6)).unwrap();
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
    run(&mut c, &ask_for_person(), at(1)).unwrap();
    run(&mut c, &claim(1), at(2)).unwrap();
    assert_eq!(plan(&c, &late, &Rules::default(), at(2)), Err(Refusal::Superseded));
}

#[test]
fn a_waiting_customer_is_told_at_most_every_two_minutes() {
    let mut c = conversation_with_bot();
    run(&mut c, &ask_for_person(), at(0)).unwrap();
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
    let command = react(&c, Decision::Answer { article: Arc::new(needs_person), why: Why::Confident });
    let events = run(&mut c, &command, at(1)).unwrap();
    assert_eq!(said(&events), [(&Speaker::Bot, TurnKind::Answer), (&Speaker::System, TurnKind::Notice)]);
    let Phase::Waiting { reason, queue, .. } = &c.phase else { panic!("{:?}", c.phase) };
    assert_eq!((*reason, queue.as_str()), (Reason::TopicNeedsHuman, "complaints"));
}

#[test]
fn an_agent_who_falls_silent_gives_the_customer_back() {
    let mut c = conversation_with_bot();
    run(&mut c, &ask_for_person(), at(0)).unwrap();
    run(&mut c, &claim(1), at(10)).unwrap();
    // Late for the claim is told of; the customer still waits for a first word.
    assert_eq!(run(&mut c, &tick(), at(309)).unwrap(), vec![]);
    let events = run(&mut c, &tick(), at(310)).unwrap();
    assert!(matches!(events[0], Event::Released { cause: ReleaseCause::Silence, .. }), "{events:?}");
    let Phase::Waiting { in_front, since, .. } = c.phase else { panic!("{:?}", c.phase) };
    assert!(in_front);
    assert_eq!(since, at(0), "the wait goes on from where it began");

    run(&mut c, &claim(2), at(400)).unwrap();
    run(&mut c, &reply(2), at(410)).unwrap();
    assert_eq!(run(&mut c, &tick(), at(410 + 1799)).unwrap(), vec![]);
    let events = run(&mut c, &tick(), at(410 + 1800)).unwrap();
    assert!(matches!(events[0], Event::HandedBack { agent: Some(_), .. }), "nobody waited for the agent: {events:?}");
}

#[test]
fn what_is_set_aside_stays_until_its_moment_or_a_reply() {
    let mut c = conversation_with_bot();
    run(&mut c, &ask_for_person(), at(0)).unwrap();
    run(&mut c, &claim(1), at(1)).unwrap();
    run(&mut c, &reply(1), at(2)).unwrap();
    let snooze = |secs| Command::Snooze { agent: agent(1), until: Some(at(secs)) };
    assert_eq!(run(&mut c, &snooze(3), at(3)), Err(Refusal::MomentPassed));
    run(&mut c, &snooze(90_000), at(3)).unwrap();
    assert_eq!(run(&mut c, &tick(), at(89_999)).unwrap(), vec![], "no silence counts while it is set aside");
    let events = run(&mut c, &tick(), at(90_000)).unwrap();
    assert_eq!(events, vec![Event::Woken { cause: WakeCause::Time }]);
    run(&mut c, &snooze(190_000), at(90_001)).unwrap();
    let events = run(&mut c, &hear("any news?"), at(90_010)).unwrap();
    assert_eq!(events[0], Event::Woken { cause: WakeCause::Reply });
    assert_eq!(c.phase.snoozed(), None);
}

#[test]
fn a_turn_that_nothing_reacted_to_becomes_a_handoff() {
    let mut c = conversation_with_bot();
    run(&mut c, &hear("where is my refund"), at(0)).unwrap();
    assert_eq!(run(&mut c, &tick(), at(59)).unwrap(), vec![]);
    run(&mut c, &tick(), at(60)).unwrap();
    assert!(matches!(c.phase, Phase::Waiting { reason: Reason::BotUnavailable, .. }), "{:?}", c.phase);
    assert!(c.unanswered.is_empty());
}

#[test]
fn service_levels_warn_once_and_are_missed_once() {
    let mut c = conversation_with_bot();
    run(&mut c, &ask_for_person(), at(0)).unwrap();
    let check = |c: &mut Conversation, secs, expected: &[Event]| {
        assert_eq!(run(c, &tick(), at(secs)).unwrap(), expected, "after {secs} s");
    };
    check(&mut c, 14, &[]);
    check(&mut c, 15, &[Event::Warned { clock: Clock::Claim }]);
    check(&mut c, 16, &[]);
    check(&mut c, 20, &[Event::Breached { clock: Clock::Claim }]);
    check(&mut c, 30, &[]);
    check(&mut c, 675, &[Event::Warned { clock: Clock::FirstReply }]);
    check(&mut c, 900, &[Event::Breached { clock: Clock::FirstReply }]);
    check(&mut c, 901, &[]);
    assert_eq!(clocks::next_due(&c, &Rules::default()), Some(at(72 * 3600)), "only abandoning is left");
    run(&mut c, &tick(), at(72 * 3600)).unwrap();
    assert!(matches!(c.phase, Phase::Resolved { outcome: Outcome::Abandoned, .. }));
}

#[test]
fn out_of_hours_no_service_level_runs() {
    let mut rules = Rules::default();
    // 1800000000 is Friday, 15 January 2027, 08:00 UTC.
    let hours = serde_json::json!({ "zone": "UTC", "mon-fri": "09:00-17:00" });
    rules.queues[0].hours = Some(serde_json::from_value(hours).unwrap());
    let mut c = conversation_with_bot();
    run(&mut c, &ask_for_person(), at(0)).unwrap();
    let due = |c: &Conversation, clock| {
        clocks::deadlines(c, &rules).into_iter().find(|running| running.clock == clock).map(|running| running.due_at)
    };
    assert_eq!(due(&c, Clock::Claim), Some(at(3600 + 20)));
    assert_eq!(due(&c, Clock::FirstReply), Some(at(3600 + 900)));
}

#[test]
fn a_missed_next_reply_is_said_and_gives_the_place_in_front() {
    let mut c = conversation_with_bot();
    let mut rules = Rules::default();
    rules.silence.agent_while_waited_for_secs = 3_600;
    let go = |c: &mut Conversation, command: &Command, secs| {
        let events = plan(c, command, &rules, at(secs)).unwrap();
        events.iter().for_each(|event| {
            c.apply(event, at(secs));
        });
        events
    };
    go(&mut c, &ask_for_person(), 0);
    go(&mut c, &claim(1), 1);
    go(&mut c, &reply(1), 2);
    go(&mut c, &hear("and now?"), 100);
    go(&mut c, &tick(), 100 + 675);
    let events = go(&mut c, &tick(), 100 + 900);
    assert_eq!(events[0], Event::Breached { clock: Clock::NextReply });
    assert!(matches!(events[1], Event::Released { cause: ReleaseCause::Breach, .. }));
    assert_eq!(said(&events), [(&Speaker::System, TurnKind::Notice)]);
    assert!(matches!(c.phase, Phase::Waiting { in_front: true, .. }));
}

#[test]
fn passing_on() {
    let mut c = conversation_with_bot();
    run(&mut c, &ask_for_person(), at(0)).unwrap();
    run(&mut c, &claim(0), at(1)).unwrap();
    let to_queue = |n| Command::Transfer {
        agent: who(n),
        to: Target::Queue { name: QueueName::new("returns"), title: "Returns".into() },
        note: Some("He has two orders.".into()),
        outlook: next_in_line(),
    };
    assert_eq!(run(&mut c, &to_queue(1), at(2)), Err(Refusal::NotYours));
    let events = run(&mut c, &to_queue(0), at(2)).unwrap();
    assert_eq!(said(&events), [(&Speaker::Agent(agent(0)), TurnKind::Note), (&Speaker::System, TurnKind::Notice)]);
    assert_eq!(c.phase.queue().map(QueueName::as_str), Some("returns"));

    run(&mut c, &claim(1), at(3)).unwrap();
    let to_agent = |n, next| Command::Transfer {
        agent: who(n),
        to: Target::Agent(who(next)),
        note: None,
        outlook: next_in_line(),
    };
    run(&mut c, &to_agent(2, 0), at(4)).unwrap();
    assert_eq!(c.phase.agent(), Some(&agent(0)), "a lead moves what others have");

    let escalate = Command::Escalate { agent: who(0), note: None, outlook: next_in_line() };
    run(&mut c, &escalate, at(5)).unwrap();
    assert!(matches!(c.phase, Phase::Waiting { in_front: true, for_lead: true, .. }));
    assert_eq!(run(&mut c, &claim(1), at(6)), Err(Refusal::ForLeads));
    run(&mut c, &claim(2), at(6)).unwrap();
}

#[test]
fn an_unsolved_end_tells_the_plan_and_comes_back() {
    let mut c = conversation_with_bot();
    run(&mut c, &ask_for_person(), at(0)).unwrap();
    run(&mut c, &claim(1), at(1)).unwrap();
    let ending = Ending::Unsolved { reason: None, plan: "We ask the carrier.".into(), due_at: at(5_000) };
    let events = run(&mut c, &Command::Resolve { agent: agent(1), ending }, at(2)).unwrap();
    let Some(Event::Said(told)) = events.last() else { panic!("{events:?}") };
    assert!(told.text.contains("We ask the carrier."), "{}", told.text);
    assert_eq!(clocks::next_due(&c, &Rules::default()), Some(at(5_000)));
    assert_eq!(run(&mut c, &tick(), at(5_000)).unwrap(), [Event::FollowUpDue]);
    assert_eq!(run(&mut c, &tick(), at(5_001)).unwrap(), []);
    run(&mut c, &Command::FollowUpDone { agent: agent(1) }, at(5_002)).unwrap();
    assert_eq!(c.follow_up, None);
}

#[test]
fn somebody_comes_back_without_ending_it() {
    let mut c = conversation_with_bot();
    let promise = |due_at, note: Option<&str>| Command::FollowUp {
        agent: agent(1),
        due_at: at(due_at),
        note: note.map(str::to_owned),
    };
    assert_eq!(run(&mut c, &promise(10, None), at(10)), Err(Refusal::MomentPassed));
    let events = run(&mut c, &promise(100, Some("Ask the carrier")), at(10)).unwrap();
    assert!(
        matches!(&events[..], [Event::Said(turn), Event::FollowUpSet { .. }] if turn.kind == TurnKind::Note),
        "{events:?}"
    );
    assert!(matches!(c.phase, Phase::WithBot { .. }));
    // A later word counts.
    run(&mut c, &promise(200, None), at(20)).unwrap();
    assert_eq!(run(&mut c, &tick(), at(100)).unwrap(), []);
    assert_eq!(run(&mut c, &tick(), at(200)).unwrap(), [Event::FollowUpDue]);
    run(&mut c, &promise(300, None), at(210)).unwrap();
    assert!(!c.follow_up.as_ref().unwrap().is_due);
}

#[test]
fn patience_runs_out() {
    let mut c = conversation_with_bot();
    let ask = |c: &mut Conversation, text: &str, secs| {
        run(c, &hear(text), at(secs)).unwrap();
        let evidence = decision::testing::sure_of("a");
        let decision = decide(c, &decision::Asked::Words(evidence), &Policy::default());
        let command = react(c, decision.clone());
        run(c, &command, at(secs)).unwrap();
        decision
    };
    assert_eq!(ask(&mut c, "where is it", 1).kind(), DecisionKind::Answer);
    assert_eq!(ask(&mut c, "where is it??", 2).kind(), DecisionKind::Answer, "once more may help");
    assert_eq!(ask(&mut c, "WHERE IS IT", 3).reason(), Some(Reason::OutOfPatience));

    let mut c = conversation_with_bot();
    ask(&mut c, "where is it", 1);
    let not_helped = |c: &Conversation| {
        let mut evidence = decision::testing::sure_of("a");
        evidence.builtin = Some(Builtin::DidNotHelp);
        decide(c, &decision::Asked::Words(evidence), &Policy::default())
    };
    run(&mut c, &hear("that did not help"), at(2)).unwrap();
    assert_eq!(not_helped(&c), Decision::OfferPerson);
    let command = react(&c, not_helped(&c));
    run(&mut c, &command, at(2)).unwrap();
    assert_eq!(c.did_not_help, 1);
    run(&mut c, &hear("still not"), at(3)).unwrap();
    assert_eq!(not_helped(&c).reason(), Some(Reason::DidNotHelp));
    let again = decide(&c, &decision::Asked::Words(decision::testing::sure_of("a")), &Policy::default());
    assert_eq!(again.reason(), Some(Reason::DidNotHelp), "what did not help is not said again");
}

/// A command as a number of small choices, so that histories shrink well. The last number moves the clock on.
fn any_command() -> impl Strategy<Value = (u8, u8, u32)> {
    let pause = prop_oneof![4 => 0u32..30, 2 => 30u32..2_000, 1 => 2_000u32..400_000];
    (0u8..25, 0u8..3, pause)
}

fn command_of(c: &Conversation, kind: u8, n: u8, now: Timestamp) -> Command {
    let outlook = next_in_line();
    match kind {
        0 | 1 => hear("words"),
        2 => react(c, answer()),
        3 => react(c, hand_off()),
        4 => react(c, Decision::Clarify { options: vec![Arc::new(article("a")), Arc::new(article("b"))] }),
        5 => react(c, Decision::StaySilent),
        6 => ask_for_person(),
        7 => Command::BackToBot,
        8 | 9 => claim(n),
        10 => reply(n),
        11 => Command::Release { agent: who(n), cause: ReleaseCause::Released, outlook },
        12 => Command::Release { agent: who(n), cause: ReleaseCause::Vanished, outlook },
        13 => Command::HandBack { agent: agent(n) },
        14 => solve(n),
        15 => {
            let due_at = now + jiff::SignedDuration::from_secs(3_600);
            let ending = Ending::Unsolved { reason: Some("why".into()), plan: "what".into(), due_at };
            Command::Resolve { agent: agent(n), ending }
        }
        16 => Command::TakeOver { agent: who(n) },
        17 => {
            Command::Transfer { agent: who(n), to: Target::Agent(who((n + 1) % 3)), note: Some("note".into()), outlook }
        }
        18 => {
            let to = Target::Queue { name: QueueName::new("returns"), title: "Returns".into() };
            Command::Transfer { agent: who(n), to, note: None, outlook }
        }
        19 => Command::Escalate { agent: who(n), note: None, outlook },
        20 => Command::Snooze { agent: agent(n), until: Some(now + jiff::SignedDuration::from_secs(600)) },
        21 => Command::Wake { agent: agent(n), cause: WakeCause::Agent },
        22 => react(c, Decision::OfferPerson),
        23 => react(c, Decision::AskAboutFile),
        _ => tick(),
    }
}

proptest! {
    #[test]
    fn laws_of_every_history(choices in prop::collection::vec(any_command(), 0..60)) {
        let rules = Rules::default();
        let mut c = conversation_with_bot();
        let mut log = vec![];
        let mut secs = 0;
        for (kind, n, pause) in choices {
            secs += i64::from(pause);
            let now = at(secs);
            let before = c.clone();
            let command = command_of(&c, kind, n, now);
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
                                Speaker::Agent(by) if turn.kind != TurnKind::Note => {
                                    prop_assert_eq!(before.phase.agent(), Some(by), "only the owner speaks as an agent");
                                }
                                Speaker::Bot => prop_assert_eq!(before.phase.name(), "with_bot", "the bot speaks only while it owns"),
                                Speaker::Customer | Speaker::System | Speaker::Agent(_) => {}
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
            laws_of_a_state(&c, &rules)?;
        }
        never_silent_for_ever(c.clone(), &rules, at(secs))?;
        let mut replayed = conversation_with_bot();
        for (event, now) in &log {
            let stored = serde_json::to_string(event).unwrap();
            prop_assert!(!stored.contains("\"text\":"), "events hold no words: {stored}");
            replayed.apply(&serde_json::from_str(&stored).unwrap(), *now);
        }
        prop_assert_eq!(replayed, c, "stored events give the same conversation");
    }
}

fn laws_of_a_state(c: &Conversation, rules: &Rules) -> Result<(), TestCaseError> {
    if c.phase.agent().is_some() {
        prop_assert!(c.unanswered.is_empty(), "with an agent nothing waits for the bot");
    }
    prop_assert_eq!(c.unanswered.is_empty(), c.unanswered_since.is_none(), "what is unanswered has a time");
    let runs = clocks::next_due(c, rules).is_some();
    match &c.phase {
        Phase::Waiting { .. } => {
            prop_assert!(runs, "a waiting conversation has a running clock");
            prop_assert!(c.reply_wanted_since.is_some() || c.first_reply_at.is_some(), "somebody owes a reply");
        }
        Phase::WithAgent { snoozed: None, .. } => prop_assert!(runs, "an agent's silence is measured"),
        Phase::WithAgent { snoozed: Some(_), .. } => prop_assert!(runs, "what is set aside comes back"),
        Phase::WithBot { .. } => prop_assert!(runs || c.last_said_at.is_none(), "what was begun ends"),
        Phase::Resolved { .. } => {
            prop_assert!(c.unanswered.is_empty() && c.reply_wanted_since.is_none(), "the end leaves nothing open");
        }
    }
    Ok(())
}

/// Promise 1: with no person and no bot acting any more, the clocks alone bring every conversation to an end or a handoff, in a
/// bounded number of steps, and the customer is told.
fn never_silent_for_ever(mut c: Conversation, rules: &Rules, mut now: Timestamp) -> Result<(), TestCaseError> {
    for _ in 0..40 {
        let Some(due) = clocks::next_due(&c, rules) else { break };
        now = now.max(due);
        let before = c.phase.clone();
        let events = plan(&c, &tick(), rules, now).expect("a tick is never refused");
        prop_assert!(!events.is_empty(), "what is due happens: {c:?}");
        events.iter().for_each(|event| {
            c.apply(event, now);
        });
        let was_told = !said(&events).is_empty();
        match (&before, &c.phase) {
            (Phase::WithAgent { .. } | Phase::Waiting { .. }, after) if after.name() != before.name() => {
                prop_assert!(was_told, "the customer is told of {events:?}");
            }
            (Phase::WithBot { .. }, Phase::Waiting { .. }) => {
                prop_assert!(was_told, "the customer is told of {events:?}")
            }
            _ => {}
        }
    }
    prop_assert_eq!(clocks::next_due(&c, rules), None, "it comes to rest: {:?}", c);
    let is_at_rest = matches!(c.phase, Phase::Resolved { .. }) || c.last_said_at.is_none();
    prop_assert!(is_at_rest, "nobody is left waiting for ever: {c:?}");
    Ok(())
}
