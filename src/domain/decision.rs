//! Decides what to do with what a customer asked. Pure: the same values give the same decision.

use super::{Article, Builtin, Conversation, Evidence, Phase, Policy, QueueName, Reason};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What was asked, in words or by a tap.
#[derive(Clone, Debug)]
pub enum Asked {
    Words(Evidence),
    /// A question that was offered.
    Article(Arc<Article>),
    Human,
    SomethingElse,
    /// A file without a word about it.
    File,
    /// A stale "back to the bot": the bot has it already.
    BackToBot,
    /// Evidence could not be gathered at all.
    Unknown,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    Answer {
        article: Arc<Article>,
        why: Why,
    },
    /// Two to four questions, best first.
    Clarify {
        options: Vec<Arc<Article>>,
    },
    HandOff {
        reason: Reason,
        queue: Option<QueueName>,
    },
    SmallTalk {
        builtin: Builtin,
    },
    /// Other words, or a person: the last answer did not help.
    OfferPerson,
    /// What the file is about, in words, or a person: no article answers a picture.
    AskAboutFile,
    StaySilent,
}

/// Why an article is the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It was offered and chosen.
    Tapped,
    /// The question is one of its phrases, or its title.
    WordForWord,
    /// The confidence is beyond the threshold.
    Confident,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    Answer,
    Clarify,
    HandOff,
    SmallTalk,
    StaySilent,
}

impl Decision {
    pub fn kind(&self) -> DecisionKind {
        match self {
            Self::Answer { .. } => DecisionKind::Answer,
            Self::Clarify { .. } | Self::OfferPerson | Self::AskAboutFile => DecisionKind::Clarify,
            Self::HandOff { .. } => DecisionKind::HandOff,
            Self::SmallTalk { .. } => DecisionKind::SmallTalk,
            Self::StaySilent => DecisionKind::StaySilent,
        }
    }

    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::HandOff { reason, .. } => Some(*reason),
            Self::Answer { article, .. } if article.handoff == super::HandoffRule::Always => {
                Some(Reason::TopicNeedsHuman)
            }
            Self::Answer { .. }
            | Self::Clarify { .. }
            | Self::SmallTalk { .. }
            | Self::OfferPerson
            | Self::AskAboutFile
            | Self::StaySilent => None,
        }
    }

    /// The rule that decided, where it was not the confidence.
    pub fn rule(&self) -> Option<&'static str> {
        match self {
            Self::Answer { why: Why::Tapped, .. } => Some("option_tapped"),
            Self::Answer { why: Why::WordForWord, .. } => Some("word_for_word"),
            Self::HandOff { reason: Reason::CustomerAsked, .. } => Some("wants_person"),
            Self::HandOff { reason: Reason::BotUnavailable, .. } => Some("bot_unavailable"),
            Self::HandOff { reason: Reason::OutOfPatience, .. } => Some("out_of_patience"),
            Self::HandOff { reason: Reason::DidNotHelp, .. } | Self::OfferPerson => Some("did_not_help"),
            Self::AskAboutFile => Some("file_without_words"),
            Self::SmallTalk { .. } => Some("small_talk"),
            Self::StaySilent => Some("not_the_bots_turn"),
            Self::Answer { why: Why::Confident, .. } | Self::Clarify { .. } | Self::HandOff { .. } => None,
        }
    }
}

/// The whole decision: rules first, then the confidence against the policy.
pub fn decide(conversation: &Conversation, asked: &Asked, policy: &Policy) -> Decision {
    match conversation.phase {
        Phase::WithBot { .. } | Phase::Resolved { .. } => {}
        Phase::Waiting { .. } | Phase::WithAgent { .. } => return Decision::StaySilent,
    }
    let last_queue = conversation.topic_queue();
    match asked {
        Asked::Article(article) => Decision::Answer { article: article.clone(), why: Why::Tapped },
        Asked::Human => Decision::HandOff { reason: Reason::CustomerAsked, queue: last_queue },
        Asked::SomethingElse => Decision::HandOff { reason: Reason::NotUnderstood, queue: last_queue },
        // Asked once; who sends another file instead of words gets a person.
        Asked::File if conversation.clarifications < policy.max_clarifications => Decision::AskAboutFile,
        Asked::File => Decision::HandOff { reason: Reason::NotUnderstood, queue: last_queue },
        Asked::BackToBot => Decision::SmallTalk { builtin: Builtin::Greeting },
        Asked::Unknown => Decision::HandOff { reason: Reason::BotUnavailable, queue: last_queue },
        Asked::Words(evidence) => match evidence.builtin {
            Some(Builtin::Human) => {
                let queue = last_queue.or_else(|| likely_queue(evidence));
                Decision::HandOff { reason: Reason::CustomerAsked, queue }
            }
            // Who swears and asks gets the answer; nobody in a rage is asked what they meant.
            Some(Builtin::Anger) => sure_answer(evidence, policy).unwrap_or_else(|| {
                let queue = last_queue.or_else(|| likely_queue(evidence));
                Decision::HandOff { reason: Reason::OutOfPatience, queue }
            }),
            Some(
                builtin @ (Builtin::Greeting
                | Builtin::Thanks
                | Builtin::Goodbye
                | Builtin::WhoAreYou
                | Builtin::Wordless),
            ) => Decision::SmallTalk { builtin },
            Some(Builtin::DidNotHelp) => did_not_help(conversation, evidence, policy),
            None => patiently(conversation, by_confidence(conversation, evidence, policy)),
        },
    }
}

/// "That did not help", in words: a person is offered first, and called the second time. Before any answer it is a question.
fn did_not_help(conversation: &Conversation, evidence: &Evidence, policy: &Policy) -> Decision {
    if conversation.last_answer.is_none() {
        return by_confidence(conversation, evidence, policy);
    }
    if conversation.did_not_help == 0 {
        return Decision::OfferPerson;
    }
    Decision::HandOff { reason: Reason::DidNotHelp, queue: conversation.topic_queue() }
}

/// Who is given the same answer a third time, or once more after saying that it did not help, gets a person instead.
fn patiently(conversation: &Conversation, decision: Decision) -> Decision {
    let (Decision::Answer { article, .. }, Some(last)) = (&decision, &conversation.last_answer) else {
        return decision;
    };
    if article.id != last.article {
        return decision;
    }
    let queue = conversation.topic_queue();
    if last.helped == Some(false) {
        return Decision::HandOff { reason: Reason::DidNotHelp, queue };
    }
    if conversation.repeats >= MAX_REPEATS {
        return Decision::HandOff { reason: Reason::OutOfPatience, queue };
    }
    decision
}

/// The same answer once more is help for who overlooked it; after that it is an insult.
const MAX_REPEATS: u8 = 1;

/// What somebody wrote as this article's question; else at or above the threshold, and clear of the runner-up.
fn sure_answer(evidence: &Evidence, policy: &Policy) -> Option<Decision> {
    if let Some(article) = &evidence.word_for_word {
        return Some(Decision::Answer { article: article.clone(), why: Why::WordForWord });
    }
    let first = evidence.candidates.first()?;
    let second = evidence.candidates.get(1).map_or(0.0, |c| c.confidence);
    let is_sure = first.confidence >= policy.answer_at && first.confidence - second >= policy.margin;
    is_sure.then(|| Decision::Answer { article: first.article.clone(), why: Why::Confident })
}

fn by_confidence(conversation: &Conversation, evidence: &Evidence, policy: &Policy) -> Decision {
    if let Some(answer) = sure_answer(evidence, policy) {
        return answer;
    }
    let competing = evidence.candidates.iter().filter(|c| c.confidence >= policy.option_at).take(policy.max_options);
    let options: Vec<_> = competing.clone().map(|c| c.article.clone()).collect();
    // Confidences are shares of one whole, so their sum says how likely the right article is among those offered.
    let is_among_them: f64 = competing.map(|c| c.confidence).sum();
    let may_ask = conversation.clarifications < policy.max_clarifications;
    if may_ask && !options.is_empty() && is_among_them >= policy.clarify_floor {
        return Decision::Clarify { options };
    }
    Decision::HandOff { reason: Reason::NotUnderstood, queue: likely_queue(evidence) }
}

/// Who is not sure enough to answer is often sure enough to say what it is about.
pub const SURE_ENOUGH: f64 = 0.25;

/// The line to stand in.
fn likely_queue(evidence: &Evidence) -> Option<QueueName> {
    evidence.candidates.first().filter(|c| c.confidence >= SURE_ENOUGH).and_then(|c| c.article.queue.clone())
}

#[cfg(test)]
pub mod testing {
    //! Evidence that leaves no doubt.
    use super::*;
    use crate::domain::evidence::{Candidate, Scores, Timings};

    pub fn sure_of(article: &str) -> Evidence {
        let article = Arc::new(crate::domain::testing::article(article));
        Evidence {
            language: crate::domain::Language::En,
            candidates: vec![Candidate { article, confidence: 0.99, scores: Scores::default() }],
            also: vec![],
            word_for_word: None,
            builtin: None,
            degraded: vec![],
            knowledge_version: "v".into(),
            timings: Timings::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::conversation::LastAnswer;
    use crate::domain::evidence::{Candidate, Scores, Timings};
    use crate::domain::testing::{article, conversation_with_bot};
    use crate::domain::{ArticleId, HandoffRule, Language};

    fn evidence(confidences: &[f64]) -> Evidence {
        Evidence {
            language: Language::En,
            candidates: confidences
                .iter()
                .enumerate()
                .map(|(i, &confidence)| Candidate {
                    article: Arc::new(article(&format!("article-{i}"))),
                    confidence,
                    scores: Scores::default(),
                })
                .collect(),
            also: vec![],
            word_for_word: None,
            builtin: None,
            degraded: vec![],
            knowledge_version: "v".into(),
            timings: Timings::default(),
        }
    }

    #[test]
    fn confidence_against_the_policy() {
        let check = |confidences: &[f64], clarified: u8, expected: DecisionKind| {
            let mut conversation = conversation_with_bot();
            conversation.clarifications = clarified;
            let decision = decide(&conversation, &Asked::Words(evidence(confidences)), &Policy::default());
            assert_eq!(decision.kind(), expected, "{confidences:?} after {clarified} clarifications");
        };
        check(&[0.9, 0.02], 0, DecisionKind::Answer);
        check(&[0.80], 0, DecisionKind::Answer);
        check(&[0.82, 0.75], 0, DecisionKind::Clarify); // too near the runner-up
        check(&[0.4, 0.3], 0, DecisionKind::Clarify);
        check(&[0.4, 0.3], 1, DecisionKind::HandOff); // one round only
        check(&[0.2, 0.1], 0, DecisionKind::HandOff);
        check(&[], 0, DecisionKind::HandOff);
    }

    #[test]
    fn a_phrase_word_for_word_is_answered_whatever_the_confidence() {
        let mut found = evidence(&[0.3, 0.29]);
        found.word_for_word = Some(found.candidates[1].article.clone());
        let conversation = conversation_with_bot();
        let decision = decide(&conversation, &Asked::Words(found.clone()), &Policy::default());
        assert_eq!((decision.kind(), decision.rule()), (DecisionKind::Answer, Some("word_for_word")));
        assert!(matches!(decision, Decision::Answer { article, .. } if article.id == ArticleId::new("article-1")));
        found.builtin = Some(Builtin::Human);
        let decision = decide(&conversation, &Asked::Words(found), &Policy::default());
        assert_eq!(decision.reason(), Some(Reason::CustomerAsked));
    }

    #[test]
    fn rules_come_before_confidence() {
        let conversation = conversation_with_bot();
        let mut sure = evidence(&[0.99]);
        sure.builtin = Some(Builtin::Human);
        let decision = decide(&conversation, &Asked::Words(sure.clone()), &Policy::default());
        assert_eq!(decision.reason(), Some(Reason::CustomerAsked));
        sure.builtin = Some(Builtin::Thanks);
        let decision = decide(&conversation, &Asked::Words(sure), &Policy::default());
        assert_eq!(decision, Decision::SmallTalk { builtin: Builtin::Thanks });
    }

    #[test]
    fn anger_gets_an_answer_or_a_person() {
        let check = |builtin, confidences: &[f64], kind: DecisionKind, reason: Option<Reason>| {
            let mut found = evidence(confidences);
            found.builtin = Some(builtin);
            let decision = decide(&conversation_with_bot(), &Asked::Words(found), &Policy::default());
            assert_eq!((decision.kind(), decision.reason()), (kind, reason), "{builtin:?} {confidences:?}");
        };
        check(Builtin::Anger, &[], DecisionKind::HandOff, Some(Reason::OutOfPatience));
        check(Builtin::Anger, &[0.1], DecisionKind::HandOff, Some(Reason::OutOfPatience));
        check(Builtin::Anger, &[0.9, 0.1], DecisionKind::Answer, None);
        check(Builtin::Anger, &[0.4, 0.3], DecisionKind::HandOff, Some(Reason::OutOfPatience)); // no clarifying
        check(Builtin::Anger, &[0.82, 0.75], DecisionKind::HandOff, Some(Reason::OutOfPatience));
        check(Builtin::Wordless, &[], DecisionKind::SmallTalk, None);
        check(Builtin::Wordless, &[0.9], DecisionKind::SmallTalk, None);
    }

    #[test]
    fn an_angry_customer_stands_in_the_line_of_the_topic() {
        let queue_of = |conversation: &Conversation, confidence: f64| {
            let mut found = evidence(&[confidence]);
            let mut complaint = article("complaint-make");
            complaint.queue = Some(QueueName::new("complaints"));
            found.candidates[0].article = Arc::new(complaint);
            found.builtin = Some(Builtin::Anger);
            match decide(conversation, &Asked::Words(found), &Policy::default()) {
                Decision::HandOff { queue, .. } => queue.map(|queue| queue.as_str().to_owned()),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(queue_of(&conversation_with_bot(), 0.5).as_deref(), Some("complaints"));
        assert_eq!(queue_of(&conversation_with_bot(), 0.01), None);
        let mut about_payments = conversation_with_bot();
        let answered = (ArticleId::new("refund-time"), Some(QueueName::new("payments")));
        about_payments.last_answer = Some(LastAnswer { seq: 2, article: answered.0, queue: answered.1, helped: None });
        assert_eq!(queue_of(&about_payments, 0.5).as_deref(), Some("payments"));
    }

    #[test]
    fn taps_and_failures() {
        let conversation = conversation_with_bot();
        let check = |asked: Asked, kind: DecisionKind, reason: Option<Reason>| {
            let decision = decide(&conversation, &asked, &Policy::default());
            assert_eq!((decision.kind(), decision.reason()), (kind, reason), "{asked:?}");
        };
        let mut needs_person = article("account-hacked");
        needs_person.handoff = HandoffRule::Always;
        check(Asked::Article(Arc::new(article("a"))), DecisionKind::Answer, None);
        check(Asked::Article(Arc::new(needs_person)), DecisionKind::Answer, Some(Reason::TopicNeedsHuman));
        check(Asked::Human, DecisionKind::HandOff, Some(Reason::CustomerAsked));
        check(Asked::SomethingElse, DecisionKind::HandOff, Some(Reason::NotUnderstood));
        check(Asked::File, DecisionKind::Clarify, None);
        check(Asked::Unknown, DecisionKind::HandOff, Some(Reason::BotUnavailable));
    }
}
