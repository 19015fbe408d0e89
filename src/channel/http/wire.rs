//! The shapes that go out over the customers' API, and how the domain's values become them. Fields may be added, never renamed.

use super::attachments::{Attachment, url_of};
use super::openapi::names;
use crate::channel::light;
use crate::desk::{Desk, Standing, Update};
use crate::domain::{
    self, ArticleId, ChannelKind, Conversation, DecisionKind, Language, Reason, Seq, Speaker, Timestamp, TurnKind,
};
use crate::store::ReadMarks;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// One thing said. An edit is the whole turn again with a higher `rev`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Turn {
    pub seq: Seq,
    pub id: String,
    pub rev: u32,
    /// The caller's own id of this turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    #[schema(value_type = names::Speaker)]
    pub by: &'static str,
    #[schema(value_type = names::TurnKind)]
    pub kind: TurnKind,
    pub text: String,
    /// Sanitised; answers from articles have it, and agents' words with marks in them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Named>,
    /// Buttons: article ids, or `human`, `something_else`, `back_to_bot`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::Decision>)]
    pub decision: Option<DecisionKind>,
    /// Of an answer its source; of an option what was tapped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<Source>,
    /// Files, in the order in which they were sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// It has other words than when it was said.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub edited: bool,
    /// It was taken back; `text` says so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Named {
    pub name: String,
    /// Where the agent's picture is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Choice {
    pub article: String,
    pub title: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Source {
    pub id: String,
    pub title: String,
}

/// Who has the conversation.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Phase {
    #[schema(value_type = names::PhaseName)]
    pub name: &'static str,
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Why it went to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::Reason>)]
    pub reason: Option<Reason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<PhaseAgent>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PhaseAgent {
    pub name: String,
    /// Where the agent's picture is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
}

/// The customer's place in line; only while waiting.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Queue {
    /// From 1.
    pub position: u32,
    /// At least and at most, from how long people waited here lately; null while too few did.
    pub expected_wait_secs: Option<u64>,
    pub longest_wait_secs: Option<u64>,
    /// The line is out of its hours, and nobody comes before it opens.
    pub is_closed: bool,
    /// When it opens; absent while it is open or when nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opens_at: Option<Timestamp>,
}

/// What changed after a number. Resume from `through`; numbers may be skipped.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page {
    pub turns: Vec<Turn>,
    pub through: Seq,
    pub phase: Phase,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<Queue>,
    pub read: Read,
    /// While somebody types.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typing: Option<TypingNow>,
    /// Changes whenever something without a number does: phase, place in line, marks of reading, typing. Opaque; give it back with
    /// `turns?wait`.
    pub standing: String,
}

/// How far each side has read; 0: nothing yet.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ReadMarks)]
pub struct Read {
    pub agent: Seq,
    pub customer: Seq,
}

/// Who is typing right now.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TypingNow {
    /// The one who has the conversation.
    pub agent: PhaseAgent,
}

impl Read {
    pub fn of(marks: ReadMarks) -> Self {
        Self { agent: marks.by_agent, customer: marks.by_customer }
    }
}

impl Phase {
    /// As the customer may know it: without the reason that is never said to their face.
    pub fn for_customer(phase: &domain::Phase, agent_name: Option<String>) -> Self {
        let reason = match phase {
            domain::Phase::Waiting { reason, .. } | domain::Phase::WithAgent { reason, .. } => reason.for_customer(),
            domain::Phase::WithBot { .. } | domain::Phase::Resolved { .. } => None,
        };
        let agent = agent_name.map(|name| PhaseAgent { name, avatar: None });
        Self { name: phase.name(), since: phase.since(), reason, agent }
    }

    /// `key` is that of the agent's picture.
    pub fn with_avatar(mut self, key: Option<String>) -> Self {
        if let Some(agent) = &mut self.agent {
            agent.avatar = key.as_deref().map(url_of);
        }
        self
    }
}

impl Queue {
    pub fn at(standing: Option<Standing>) -> Option<Self> {
        standing.map(|Standing { position, wait_secs, is_closed, opens_at }| Self {
            is_closed,
            opens_at,
            position,
            expected_wait_secs: wait_secs.map(|(low, _)| low),
            longest_wait_secs: wait_secs.map(|(_, high)| high),
        })
    }
}

impl Page {
    pub fn of(update: Update, titles: &Titles<'_>) -> Self {
        let phase = Phase::for_customer(&update.phase, update.agent_name).with_avatar(update.agent_avatar);
        let typist = phase.agent.clone().filter(|_| update.is_agent_typing);
        let mut page = Self {
            turns: update.turns.iter().map(|turn| titles.turn_for_customer(turn)).collect(),
            through: update.through,
            phase,
            read: Read::of(update.read),
            typing: typist.map(|agent| TypingNow { agent }),
            queue: Queue::at(update.standing),
            standing: String::new(),
        };
        page.standing = page.digest();
        page
    }

    /// Of everything that has no number.
    fn digest(&self) -> String {
        let said = serde_json::to_vec(&(&self.phase, &self.queue, &self.read, &self.typing));
        hex::encode(&Sha256::digest(said.expect("names, numbers and times are always JSON"))[..8])
    }
}

/// Knows what the sources of answers are called. Turns keep only their ids.
pub struct Titles<'a> {
    desk: &'a Desk,
    language: Option<Language>,
    channel: ChannelKind,
}

impl<'a> Titles<'a> {
    pub fn for_conversation(desk: &'a Desk, conversation: &Conversation) -> Self {
        Self { desk, language: conversation.language, channel: conversation.channel.kind() }
    }

    pub fn in_language(desk: &'a Desk, language: Language) -> Self {
        Self { desk, language: Some(language), channel: ChannelKind::Web }
    }

    /// As customers see it: what agents call their own turns is nobody else's business.
    pub fn turn_for_customer(&self, turn: &domain::Turn) -> Turn {
        let mut shown = self.turn(turn);
        if turn.by != Speaker::Customer {
            shown.client_id = None;
        }
        shown
    }

    pub fn turn(&self, turn: &domain::Turn) -> Turn {
        Turn {
            // Its place: an edit changes it where it stands.
            seq: turn.id.parts().map_or(turn.seq, |(_, first)| first),
            id: turn.id.to_string(),
            rev: turn.rev,
            client_id: turn.client_id.clone(),
            by: speaker(&turn.by),
            kind: turn.kind,
            text: match turn.is_withdrawn {
                true => domain::texts::withdrawn(self.language.unwrap_or(Language::En)),
                false => turn.text.clone(),
            },
            html: light::shown(turn),
            at: turn.at,
            agent: turn.agent_name.clone().map(|name| Named { name, avatar: turn.agent_avatar.as_deref().map(url_of) }),
            options: turn.options.iter().map(choice).collect(),
            decision: turn.decision,
            article: turn.article.as_ref().map(|id| Source { id: id.to_string(), title: self.title(id, turn) }),
            attachments: turn.attachments.iter().map(Attachment::of).collect(),
            edited: turn.rev > 0 && !turn.is_withdrawn,
            withdrawn: turn.is_withdrawn,
        }
    }

    /// A tap's words are the title. An answer's words are the article's text, which tells the language that it was given in;
    /// an article that changed since goes by its title in the conversation's language, and one that is gone by its id.
    fn title(&self, id: &ArticleId, turn: &domain::Turn) -> String {
        if turn.kind == TurnKind::Option {
            return turn.text.clone();
        }
        let answering = self.desk.answering();
        let mine = self.language.into_iter().chain(Language::ALL);
        let mut found = mine.filter_map(|language| answering.article(id, language, self.channel)).peekable();
        let nearest = found.peek().map(|article| article.title.clone());
        let same = found.find(|article| article.text == turn.text).map(|article| article.title.clone());
        same.or(nearest).unwrap_or_else(|| id.to_string())
    }
}

pub fn speaker(by: &Speaker) -> &'static str {
    match by {
        Speaker::Customer => "customer",
        Speaker::Bot => "bot",
        Speaker::Agent(_) => "agent",
        Speaker::System => "system",
    }
}

fn choice(choice: &domain::Choice) -> Choice {
    Choice { article: choice.article.to_string(), title: choice.title.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::at;
    use crate::domain::{AgentId, QueueName};

    #[test]
    fn customers_never_read_that_they_lost_patience() {
        let check = |reason: Reason, shown: Option<Reason>| {
            let waiting = domain::Phase::Waiting {
                reason,
                queue: QueueName::new("q"),
                since: at(0),
                in_front: false,
                for_lead: false,
            };
            assert_eq!(Phase::for_customer(&waiting, None).reason, shown);
            let with_agent = domain::Phase::WithAgent {
                agent: AgentId::new("a"),
                reason,
                queue: QueueName::new("q"),
                since: at(1),
                waiting_since: at(0),
                snoozed: None,
            };
            assert_eq!(Phase::for_customer(&with_agent, Some("Ann".into())).reason, shown);
        };
        check(Reason::CustomerAsked, Some(Reason::CustomerAsked));
        check(Reason::OutOfPatience, None);
    }

    #[test]
    fn a_phase_on_the_wire() {
        let phase = domain::Phase::Waiting {
            reason: Reason::NotUnderstood,
            queue: QueueName::new("q"),
            since: at(0),
            in_front: false,
            for_lead: false,
        };
        let json = serde_json::to_value(Phase::for_customer(&phase, None)).unwrap();
        let expected =
            serde_json::json!({"name": "waiting", "since": "2027-01-15T08:00:00Z", "reason": "not_understood"});
        assert_eq!(json, expected);
    }
}
