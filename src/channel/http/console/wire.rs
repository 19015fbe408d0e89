//! The shapes that agents see: rows, briefs, traces.

use super::super::attachments::url_of;
use super::super::openapi::names;
use super::super::wire::speaker;
use crate::answering::Health;
use crate::desk::Desk;
use crate::domain::evidence::TracedCandidate;
use crate::domain::{self, AgentId, ConversationId, DecisionKind, Language, QueueName, Reason, Seq, Timestamp};
use crate::store::{self, AgentRecord, Role};
use serde::Serialize;
use std::collections::HashMap;
use url::Url;
use utoipa::ToSchema;

/// Names of the agents in a list.
pub type Names = HashMap<AgentId, String>;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AgentName {
    pub id: String,
    pub name: String,
}

impl AgentName {
    /// An agent whose record is gone goes by the id.
    pub fn of(id: &AgentId, names: &Names) -> Self {
        Self { id: id.to_string(), name: names.get(id).cloned().unwrap_or_else(|| id.to_string()) }
    }
}

/// Who is signed in, and how the answering side is doing.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    pub agent: Agent,
    pub health: HealthShape,
    /// Where customers reach this server, without a slash at the end; null: where you do.
    pub public_url: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Agent {
    pub id: String,
    pub email: String,
    pub name: String,
    #[schema(value_type = names::Role)]
    pub role: Role,
    /// Where your picture is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// A code is wanted at each sign-in.
    pub has_second_factor: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub struct HealthShape {
    pub degraded: Vec<String>,
    pub articles: usize,
    pub findings: usize,
    pub knowledge_version: String,
    pub encoder: Option<String>,
    /// Those that the confidence in force was calibrated with.
    pub judged_cases: usize,
}

impl Me {
    pub fn of(agent: &AgentRecord, health: Health, public_url: Option<&Url>) -> Self {
        Self {
            public_url: public_url.map(|url| url.as_str().trim_end_matches('/').to_owned()),
            agent: Agent {
                id: agent.id.to_string(),
                email: agent.email.clone(),
                name: agent.name.clone(),
                role: agent.role,
                avatar: agent.avatar.as_deref().map(url_of),
                has_second_factor: agent.totp_secret.is_some(),
            },
            health: HealthShape {
                degraded: health.degraded,
                articles: health.articles,
                findings: health.findings,
                knowledge_version: health.knowledge_version,
                encoder: health.encoder,
                judged_cases: health.judged_cases,
            },
        }
    }
}

/// One conversation as a list shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Row {
    pub id: String,
    pub site: String,
    #[schema(value_type = names::ChannelKind)]
    pub channel: domain::ChannelKind,
    #[schema(value_type = Option<names::Language>)]
    pub language: Option<Language>,
    pub phase: RowPhase,
    /// What the customer needs, from the brief.
    pub need: Option<String>,
    /// The last thing anyone said.
    pub last: Option<LastTurn>,
    pub customer: Customer,
    /// Rises when phase or owner changes.
    pub owner_epoch: u64,
    pub rating: Option<u8>,
    /// Higher stands further in front; only signed attributes raise it.
    pub priority: i32,
    /// Of a promise to come back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow_up: Option<FollowUp>,
    /// Service levels that were missed.
    #[schema(value_type = Vec<names::Clock>)]
    pub breached: Vec<domain::Clock>,
    /// The service level that ends next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<ClockShape>,
    /// The conversation that this one goes on in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub merged_into: Option<ConversationId>,
    pub tags: Vec<String>,
}

/// A clock that runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClockShape {
    #[schema(value_type = names::Clock)]
    clock: domain::Clock,
    #[schema(value_type = Option<String>, format = DateTime)]
    warn_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    due_at: Timestamp,
}

impl ClockShape {
    pub fn of(running: &domain::clocks::Deadline) -> Self {
        Self { clock: running.clock, warn_at: running.warn_at, due_at: running.due_at }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FollowUp {
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    pub is_due: bool,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct RowPhase {
    #[schema(value_type = names::PhaseName)]
    pub name: &'static str,
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::Reason>)]
    pub reason: Option<Reason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub queue: Option<QueueName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub waiting_since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    /// An agent let this customer down, who stands in front of the line.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub in_front: bool,
    /// Only a lead may take it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub for_lead: bool,
    /// Set aside until then, or until the customer writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snoozed: Option<Snoozed>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::Outcome>)]
    pub outcome: Option<domain::Outcome>,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct Snoozed {
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LastTurn {
    #[schema(value_type = names::Speaker)]
    pub by: &'static str,
    pub text: String,
    /// The name of the first file, where there are no words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Customer {
    pub id: String,
}

impl Row {
    pub fn of(row: store::Row, names: &Names, desk: &Desk) -> Self {
        let conversation = row.conversation;
        let due = desk.next_level(&conversation).as_ref().map(ClockShape::of);
        Self {
            id: conversation.id.to_string(),
            site: conversation.site,
            channel: conversation.channel.kind(),
            language: conversation.language,
            phase: RowPhase::of(&conversation.phase, names),
            need: row.need,
            last: row.last_turn.map(|turn| LastTurn {
                by: speaker(&turn.by),
                text: turn.text,
                file: turn.attachments.into_iter().next().map(|file| file.name),
                at: turn.at,
            }),
            customer: Customer { id: conversation.customer.to_string() },
            owner_epoch: conversation.owner_epoch,
            rating: conversation.rating,
            priority: conversation.priority,
            follow_up: conversation
                .follow_up
                .map(|promised| FollowUp { due_at: promised.due_at, is_due: promised.is_due }),
            breached: conversation.told.iter().filter(|told| told.is_breach).map(|told| told.clock).collect(),
            due,
            merged_into: conversation.merged_into,
            tags: conversation.tags.iter().map(ToString::to_string).collect(),
        }
    }
}

impl RowPhase {
    pub fn of(phase: &domain::Phase, names: &Names) -> Self {
        let bare = Self {
            name: phase.name(),
            since: phase.since(),
            reason: None,
            queue: None,
            waiting_since: None,
            agent: None,
            in_front: false,
            for_lead: false,
            snoozed: phase.snoozed().map(|snooze| Snoozed { until: snooze.until }),
            outcome: None,
        };
        match phase {
            domain::Phase::WithBot { .. } => bare,
            domain::Phase::Resolved { outcome, .. } => Self { outcome: Some(*outcome), ..bare },
            domain::Phase::Waiting { reason, queue, since, in_front, for_lead } => Self {
                reason: Some(*reason),
                queue: Some(queue.clone()),
                waiting_since: Some(*since),
                in_front: *in_front,
                for_lead: *for_lead,
                ..bare
            },
            domain::Phase::WithAgent { agent, reason, queue, waiting_since, .. } => Self {
                reason: Some(*reason),
                queue: Some(queue.clone()),
                waiting_since: Some(*waiting_since),
                agent: Some(AgentName::of(agent, names)),
                ..bare
            },
        }
    }
}

/// What an agent sees first about a handoff.
#[derive(Debug, Serialize, ToSchema)]
pub struct Brief {
    #[schema(value_type = names::Reason)]
    reason: Reason,
    need: String,
    queue: String,
    #[schema(value_type = Option<names::Language>)]
    language: Option<Language>,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    candidates: Vec<Candidate>,
    plan: Option<String>,
    page: Option<PageShape>,
    trace: Option<Trace>,
    /// Addresses, phone numbers and order numbers in the customer's words.
    found: Vec<FoundShape>,
    /// What the customer filled in before the first words; nobody has checked it.
    details: Vec<DetailShape>,
    /// Whom the site vouches for, or what Telegram knows.
    customer: Option<KnownShape>,
    /// Earlier conversations, the latest first.
    past: Vec<PastBrief>,
    /// Approved texts that may fit, the likeliest first.
    suggested: Vec<SuggestedShape>,
    /// IANA name, as the customer's browser tells it.
    time_zone: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Detail)]
pub struct DetailShape {
    #[schema(value_type = names::DetailField)]
    field: domain::DetailField,
    text: String,
}

impl DetailShape {
    pub fn of(detail: domain::Detail) -> Self {
        Self { field: detail.field, text: detail.text }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FoundInWords)]
pub struct FoundShape {
    /// `email`, `phone`, `order` or `tracking`.
    #[schema(value_type = String)]
    kind: domain::contacts::FoundKind,
    text: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KnownCustomer)]
pub struct KnownShape {
    site: String,
    subject: String,
    #[schema(value_type = Object)]
    attributes: serde_json::Map<String, serde_json::Value>,
}

impl KnownShape {
    pub fn of(known: domain::brief::KnownCustomer) -> Self {
        Self { site: known.site, subject: known.subject, attributes: known.attributes }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PastBrief {
    #[schema(value_type = String)]
    id: ConversationId,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    need: Option<String>,
    rating: Option<u8>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SuggestedReply)]
pub struct SuggestedShape {
    article: String,
    title: String,
    text: String,
}

/// Where the customer was, by their own account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerPage)]
pub struct PageShape {
    url: Option<String>,
    title: Option<String>,
    referrer: Option<String>,
    device: Option<String>,
}

impl Brief {
    pub fn of(brief: domain::Brief) -> Self {
        Self {
            reason: brief.reason,
            need: brief.need,
            queue: brief.queue.to_string(),
            language: brief.language,
            at: brief.at,
            candidates: brief.candidates.iter().map(Candidate::of).collect(),
            plan: brief.plan,
            page: brief.page.map(|page| PageShape {
                url: page.url,
                title: page.title,
                referrer: page.referrer,
                device: page.device,
            }),
            trace: brief.trace.as_ref().map(Trace::of),
            details: brief.details.into_iter().map(DetailShape::of).collect(),
            found: brief.found.into_iter().map(|found| FoundShape { kind: found.kind, text: found.text }).collect(),
            customer: brief.customer.map(KnownShape::of),
            past: brief
                .past
                .into_iter()
                .map(|past| PastBrief { id: past.id, at: past.at, need: past.need, rating: past.rating })
                .collect(),
            suggested: brief
                .suggested
                .into_iter()
                .map(|reply| SuggestedShape { article: reply.article.0, title: reply.title, text: reply.text })
                .collect(),
            time_zone: brief.time_zone,
        }
    }
}

/// Why a decision came out as it did.
#[derive(Debug, Serialize, ToSchema)]
pub struct Trace {
    #[schema(value_type = names::Decision)]
    decision: DecisionKind,
    #[schema(value_type = Option<names::Reason>)]
    reason: Option<Reason>,
    /// The rule that decided, or null when the confidence did.
    rule: Option<String>,
    #[schema(value_type = names::Language)]
    language: Language,
    #[schema(minimum = 0, maximum = 1)]
    confidence: f64,
    candidates: Vec<Candidate>,
    /// What would answer the turn's other questions.
    also: Vec<Candidate>,
    #[schema(value_type = Thresholds)]
    thresholds: domain::Policy,
    /// What was missing; empty when all parts spoke.
    degraded: Vec<String>,
    knowledge_version: String,
    #[schema(value_type = Timings)]
    timings: domain::evidence::Timings,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Candidate {
    article: String,
    title: String,
    #[schema(value_type = names::Language)]
    language: Language,
    #[schema(minimum = 0, maximum = 1)]
    confidence: f64,
    #[schema(value_type = Scores)]
    scores: domain::Scores,
}

/// Raw scores; null where that part found nothing or did not run.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes domain::Scores, which knows nothing of OpenAPI")]
pub struct Scores {
    /// BM25, 0 and up.
    lexical: Option<f32>,
    /// Cosine, -1 to 1.
    semantic: Option<f32>,
    /// Probability, 0 to 1.
    classifier: Option<f32>,
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes domain::Policy")]
pub struct Thresholds {
    answer_at: f64,
    margin: f64,
    clarify_floor: f64,
    option_at: f64,
    max_options: usize,
    max_clarifications: u8,
    notice_every_secs: i64,
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes domain::evidence::Timings")]
pub struct Timings {
    lexical_us: u64,
    encoder_us: u64,
    total_us: u64,
}

impl Trace {
    pub fn of(trace: &domain::Trace) -> Self {
        Self {
            decision: trace.decision,
            reason: trace.reason,
            rule: trace.rule.clone(),
            language: trace.language,
            confidence: trace.confidence,
            candidates: trace.candidates.iter().map(Candidate::of).collect(),
            also: trace.also.iter().map(Candidate::of).collect(),
            thresholds: trace.thresholds,
            degraded: trace.degraded.clone(),
            knowledge_version: trace.knowledge_version.clone(),
            timings: trace.timings,
        }
    }
}

impl Candidate {
    pub fn of(candidate: &TracedCandidate) -> Self {
        Self {
            article: candidate.article.to_string(),
            title: candidate.title.clone(),
            language: candidate.language,
            confidence: candidate.confidence,
            scores: candidate.scores,
        }
    }
}

/// A decision's trace with the number of the change that it belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub struct NumberedTrace {
    pub seq: Seq,
    pub trace: Trace,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::at;

    #[test]
    fn phases_of_rows() {
        let names = Names::from([(AgentId::new("a"), "Ann".to_owned())]);
        let check = |phase: domain::Phase, json: serde_json::Value| {
            assert_eq!(serde_json::to_value(RowPhase::of(&phase, &names)).unwrap(), json);
        };
        let (reason, queue) = (Reason::OutOfPatience, QueueName::new("payments"));
        check(
            domain::Phase::Waiting { reason, queue: queue.clone(), since: at(0), in_front: false, for_lead: false },
            serde_json::json!({"name": "waiting", "since": "2027-01-15T08:00:00Z", "reason": "out_of_patience",
                "queue": "payments", "waiting_since": "2027-01-15T08:00:00Z"}),
        );
        check(
            domain::Phase::WithAgent {
                agent: AgentId::new("a"),
                reason,
                queue,
                since: at(60),
                waiting_since: at(0),
                snoozed: None,
            },
            serde_json::json!({"name": "with_agent", "since": "2027-01-15T08:01:00Z", "reason": "out_of_patience",
                "queue": "payments", "waiting_since": "2027-01-15T08:00:00Z", "agent": {"id": "a", "name": "Ann"}}),
        );
        check(
            domain::Phase::WithBot { since: at(0) },
            serde_json::json!({"name": "with_bot", "since": "2027-01-15T08:00:00Z"}),
        );
    }
}
