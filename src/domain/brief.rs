//! What an agent sees first about a handoff.

use super::contacts::{self, Found, MAX_FOUND};
use super::evidence::TracedCandidate;
use super::{
    ArticleId, Choice, Conversation, ConversationId, Detail, Language, QueueName, Reason, Seq, Speaker, Timestamp,
    Trace, Turn, TurnKind,
};
use serde::{Deserialize, Serialize};

/// Where the customer was when they wrote. All fields are the customer's own claim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub referrer: Option<String>,
    /// What they wrote with: `Safari, iPhone`.
    #[serde(default)]
    pub device: Option<String>,
}

/// Whom a site vouches for, or what the channel knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KnownCustomer {
    pub site: String,
    pub subject: String,
    pub attributes: serde_json::Map<String, serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastConversation {
    pub id: ConversationId,
    pub at: Timestamp,
    pub need: Option<String>,
    pub rating: Option<u8>,
}

/// An approved text that may fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SuggestedReply {
    pub article: ArticleId,
    pub title: String,
    pub text: String,
}

/// Composed once, at the handoff; the transcript is read beside it and keeps growing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Brief {
    pub reason: Reason,
    /// The customer's last real question in their own words, at most `NEED_CHARS`.
    pub need: String,
    pub queue: QueueName,
    pub language: Option<Language>,
    pub at: Timestamp,
    /// What the bot would have chosen from, best first.
    pub candidates: Vec<TracedCandidate>,
    /// The case plan of the likeliest article.
    pub plan: Option<String>,
    pub page: Option<Page>,
    /// How the last question was decided.
    pub trace: Option<Trace>,
    /// Addresses, phone numbers and order numbers in the customer's words.
    #[serde(default)]
    pub found: Vec<Found>,
    /// What the customer filled in before the first words; nobody has checked it.
    #[serde(default)]
    pub details: Vec<Detail>,
    #[serde(default)]
    pub customer: Option<KnownCustomer>,
    /// The latest first.
    #[serde(default)]
    pub past: Vec<PastConversation>,
    /// The likeliest first, at most three.
    #[serde(default)]
    pub suggested: Vec<SuggestedReply>,
    #[serde(default)]
    pub time_zone: Option<String>,
}

const NEED_CHARS: usize = 200;

/// What the brief is made of, beside the conversation itself.
pub struct BriefParts<'a> {
    pub reason: Reason,
    pub queue: QueueName,
    pub turns: &'a [Turn],
    /// Numbers of those among them that asked for nothing: a person, please; thanks; that did not help.
    pub asides: Vec<Seq>,
    pub trace: Option<Trace>,
    pub plan: Option<String>,
    pub page: Option<Page>,
    pub details: Vec<Detail>,
    pub customer: Option<KnownCustomer>,
    pub past: Vec<PastConversation>,
    pub suggested: Vec<SuggestedReply>,
    pub now: Timestamp,
}

pub fn compose(conversation: &Conversation, parts: BriefParts<'_>) -> Brief {
    Brief {
        reason: parts.reason,
        need: need(parts.turns, &parts.asides),
        queue: parts.queue,
        language: conversation.language,
        at: parts.now,
        candidates: parts.trace.as_ref().map(|t| t.candidates.clone()).unwrap_or_default(),
        plan: parts.plan,
        page: parts.page,
        trace: parts.trace,
        found: found(parts.turns),
        details: parts.details,
        customer: parts.customer,
        past: parts.past,
        suggested: parts.suggested,
        time_zone: conversation.time_zone.clone(),
    }
}

/// In all that the customer said, each once.
fn found(turns: &[Turn]) -> Vec<Found> {
    let mut all: Vec<Found> = vec![];
    for turn in turns.iter().filter(|turn| turn.by == Speaker::Customer && turn.kind == TurnKind::Text) {
        for found in contacts::found_in(&turn.text) {
            if all.len() < MAX_FOUND && all.iter().all(|other| other.normalised != found.normalised) {
                all.push(found);
            }
        }
    }
    all
}

/// A Chinese character says about as much as an English word.
fn is_long_enough(text: &str) -> bool {
    let n_han = text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count();
    n_han > 4 || text.chars().count() > 12
}

/// The last question; "hello?" or "none of these" only when nothing else was ever said.
fn need(turns: &[Turn], asides: &[Seq]) -> String {
    let said = |turn: &&Turn| turn.by == Speaker::Customer && !turn.text.trim().is_empty();
    let question = |turn: &&Turn| match turn.kind {
        // A tapped article is a question; a reserved choice says nothing about the need.
        TurnKind::Option => turn.article.as_ref().is_some_and(|article| !Choice::is_reserved(article.as_str())),
        _ => is_long_enough(&turn.text),
    };
    let said_last = || turns.iter().rev().filter(said);
    let chosen = said_last().filter(|turn| !asides.contains(&turn.seq)).find(question);
    let chosen = chosen.or_else(|| said_last().find(question)).or_else(|| said_last().next());
    // Who only sent files is known by them.
    let file = turns.iter().rev().filter(|turn| turn.by == Speaker::Customer).find_map(|turn| turn.attachments.first());
    let text = chosen.map(|turn| turn.text.trim()).or(file.map(|file| file.name.as_str())).unwrap_or_default();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= NEED_CHARS {
        return line;
    }
    let cut: String = line.chars().take(NEED_CHARS - 1).collect();
    cut + "…"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::TurnId;
    use crate::domain::testing::at;

    fn said(text: &str, tapped: Option<&str>) -> Turn {
        Turn {
            seq: 1,
            id: TurnId::of(&ConversationId::new("c"), 1),
            rev: 0,
            client_id: None,
            by: Speaker::Customer,
            agent_name: None,
            kind: if tapped.is_some() { TurnKind::Option } else { TurnKind::Text },
            text: text.into(),
            html: None,
            at: at(0),
            options: vec![],
            decision: None,
            article: tapped.map(ArticleId::new),
            agent_avatar: None,
            is_withdrawn: false,
            attachments: vec![],
        }
    }

    #[test]
    fn what_was_found_stands_once() {
        let turns = [said("order 12345, write to a@b.example", None), said("a@b.example again", None)];
        let found: Vec<_> = found(&turns).into_iter().map(|found| found.normalised).collect();
        assert_eq!(found, ["12345", "a@b.example"]);
    }

    #[test]
    fn the_need_is_the_last_real_question() {
        let check = |turns: &[Turn], expected: &str| assert_eq!(need(turns, &[]), expected);
        check(&[said("where is my refund?", None), said("hello?", None)], "where is my refund?");
        check(&[said("要带伞吗？今天", None), said("都不是", Some("something_else"))], "要带伞吗？今天");
        check(
            &[said("money", None), said("When will I get my refund?", Some("refund-time"))],
            "When will I get my refund?",
        );
        check(&[said("hello?", None)], "hello?");
        check(&[], "");
        assert_eq!(need(&[said(&"x".repeat(500), None)], &[]).chars().count(), NEED_CHARS);

        let mut human = said("I want to talk to a human", None);
        human.seq = 3;
        let turns = [said("where is my refund?", None), human.clone()];
        assert_eq!(need(&turns, &[3]), "where is my refund?");
        assert_eq!(need(&[human], &[3]), "I want to talk to a human", "nothing else was said");
    }
}
