//! What agents read: lists of conversations, one conversation with all that is known about it, findings in the articles.

use super::super::Door;
use super::super::body::Asking;
use super::super::openapi::names;
use super::super::problem::{Problem, ProblemDetails};
use super::super::wire::{Read, Titles, Turn};
use super::sign_in::SignedIn;
use super::wire::{Brief, ClockShape, DetailShape, KnownShape, Names, NumberedTrace, Row, Trace};
use crate::answering::{Basis, PriorOnly};
use crate::desk::FullView;
use crate::domain::event::ContactKind;
use crate::domain::{AgentId, ConversationId, Language, QueueName, Seq, Tag, Timestamp};
use crate::store::{self, Cursor, Narrow, View};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(view))
        .routes(routes!(findings))
        .routes(routes!(confidence))
}

const DEFAULT_ROWS: u32 = 50;
const MAX_ROWS: u32 = 200;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// `waiting` when absent.
    #[serde(default)]
    #[param(inline)]
    pub(super) view: ViewName,
    /// Words to look for in what was said; with `all`. At most 200 characters.
    pub(super) q: Option<String>,
    /// Only this queue: where it is, or went last.
    pub(super) queue: Option<String>,
    /// `web` or `telegram`.
    pub(super) channel: Option<String>,
    /// en, zh-Hans, zh-Hant or ru.
    pub(super) language: Option<String>,
    /// Only with this tag.
    pub(super) tag: Option<String>,
    /// 1 to 200; 50 when absent.
    pub(super) limit: Option<u32>,
    /// `next` of the page before.
    pub(super) cursor: Option<String>,
}

#[derive(Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ViewName {
    Mine,
    /// Where a note called you and you have not looked since.
    Mentioned,
    #[default]
    Waiting,
    Bot,
    /// Set aside by you.
    Snoozed,
    /// Promised by you, the first that is due first.
    FollowUps,
    Resolved,
    /// Wherever it stands; needs `q`.
    All,
}

#[derive(Serialize, ToSchema)]
pub struct List {
    conversations: Vec<Row>,
    /// Give it as `cursor` to read on; null at the end.
    next: Option<String>,
    counts: Counts,
}

/// How many conversations stand in each view.
#[derive(Serialize, ToSchema)]
pub struct Counts {
    mine: u32,
    mentioned: u32,
    snoozed: u32,
    follow_ups: u32,
    waiting: u32,
    bot: u32,
    resolved: u32,
}

/// Conversations of one view.
#[utoipa::path(get, path = "/conversations", tag = "console", params(ListQuery), security(("agent_cookie" = [])), responses(
    (status = 200, description = "One page of rows, with the counts of all views", body = List),
    (status = 401, response = ProblemDetails),
))]
async fn list(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Asking(query): Asking<ListQuery>,
) -> Result<Json<List>, Problem> {
    let limit = query.limit.unwrap_or(DEFAULT_ROWS).clamp(1, MAX_ROWS);
    let after = query.cursor.as_deref().filter(|cursor| !cursor.is_empty()).map(cursor_from).transpose()?;
    let hidden = door.desk.sight_of(&agent).hidden().to_vec();
    let narrow = Narrow { hidden, ..query.narrow()? };
    let view = match query.view {
        ViewName::Mine => View::Mine(agent.id.clone()),
        ViewName::Mentioned => View::Mentioned(agent.id.clone()),
        ViewName::Waiting => View::Waiting(narrow.queue.clone().map(QueueName::new)),
        ViewName::Bot => View::Bot,
        ViewName::Snoozed => View::Snoozed(agent.id.clone()),
        ViewName::FollowUps => View::FollowUps(agent.id.clone()),
        ViewName::Resolved => View::Resolved,
        ViewName::All => View::Resolved,
    };
    let rows = match query.words_for_view()? {
        Some(words) => door.desk.search(words, narrow, limit, after).await?,
        None => door.desk.list(view, &narrow, limit, after).await?,
    };
    let counts = door.desk.counts(&agent).await?;
    let names = door.names_in(&rows).await?;
    let is_full = rows.len() == limit as usize;
    Ok(Json(List {
        next: rows.last().filter(|_| is_full).map(|row| cursor_text(&row.cursor)),
        conversations: rows.into_iter().map(|row| Row::of(row, &names, &door.desk)).collect(),
        counts: Counts {
            mine: counts.mine,
            mentioned: counts.mentioned,
            snoozed: counts.snoozed,
            follow_ups: counts.follow_ups,
            waiting: counts.waiting,
            bot: counts.bot,
            resolved: counts.resolved,
        },
    }))
}

/// Longer than any search is meant; a page that was pasted by mistake.
const MAX_WORDS_CHARS: usize = 200;

impl ListQuery {
    fn narrow(&self) -> Result<Narrow, Problem> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let channel = given(&self.channel);
        if let Some(channel) = channel.as_ref().filter(|channel| !["web", "telegram"].contains(&channel.as_str())) {
            return Err(bad_query(format!("channel: {channel:?} is neither web nor telegram.")));
        }
        let language = given(&self.language).map(|tag| {
            let unknown = || bad_query(format!("language: {tag:?} is none of en, zh-Hans, zh-Hant, ru."));
            Language::parse(&tag).ok_or_else(unknown)
        });
        let tag = given(&self.tag).map(|text| {
            let wrong = || bad_query(format!("tag: {text:?} is not 1 to 40 characters without comma and #."));
            Tag::parse(&text).ok_or_else(wrong)
        });
        let (language, tag) = (language.transpose()?, tag.transpose()?);
        Ok(Narrow { queue: given(&self.queue), channel, language, tag, hidden: vec![] })
    }

    /// Whether a list could be asked so.
    pub(super) fn check(&self) -> Result<(), Problem> {
        self.narrow()?;
        self.words_for_view()?;
        Ok(())
    }

    /// The view `all` needs words, and no other takes any.
    fn words_for_view(&self) -> Result<Option<&str>, Problem> {
        match (self.view, self.words()?) {
            (ViewName::All, None) => Err(bad_query("q: the view `all` lists what words are found in.")),
            (ViewName::All, words) => Ok(words),
            (_, Some(_)) => Err(bad_query("q: words are looked for in the view `all`.")),
            (_, None) => Ok(None),
        }
    }

    fn words(&self) -> Result<Option<&str>, Problem> {
        let words = self.q.as_deref().filter(|words| !words.trim().is_empty());
        match words {
            Some(words) if words.chars().count() > MAX_WORDS_CHARS => {
                Err(bad_query(format!("q: at most {MAX_WORDS_CHARS} characters.")))
            }
            words => Ok(words),
        }
    }
}

fn bad_query(sentence: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_query", sentence.into())
}

/// Hexadecimal JSON: opaque, and safe in an address.
fn cursor_text(cursor: &Cursor) -> String {
    hex::encode(serde_json::to_vec(cursor).expect("a number and a string are always JSON"))
}

fn cursor_from(text: &str) -> Result<Cursor, Problem> {
    let json = hex::decode(text).ok();
    json.and_then(|json| serde_json::from_slice(&json).ok()).ok_or_else(|| {
        Problem::new(StatusCode::BAD_REQUEST, "bad_cursor", "cursor: give back what `next` held, unchanged.")
    })
}

/// Everything about one conversation.
#[derive(Serialize, ToSchema)]
pub struct Whole {
    conversation: Row,
    /// Of the last handoff.
    brief: Option<Brief>,
    turns: Vec<Turn>,
    through: Seq,
    /// Of the bot's decisions, oldest first.
    traces: Vec<NumberedTrace>,
    /// The place in line, from 1, while it waits.
    position: Option<u32>,
    /// What was merged into it, oldest first.
    absorbed: Vec<Absorbed>,
    /// What the customer left to be reached by, newest first.
    contacts: Vec<ContactShape>,
    /// What the customer filled in before the first words; nobody has checked it.
    details: Vec<DetailShape>,
    /// Whom the site vouches for; absent for a stranger.
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<KnownShape>,
    /// Other conversations of the customer, the latest first; 20 at most.
    past: Vec<PastShape>,
    /// Every clock that runs.
    clocks: Vec<ClockShape>,
    /// Turns that will never reach the customer, and why.
    undelivered: Vec<Undelivered>,
    #[schema(value_type = Option<String>, format = DateTime)]
    /// Since when the customer has blocked the bot: nothing that is said arrives. Absent: it does, as far as is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    unreachable_since: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    /// Since when the customer is blocked; absent: may write.
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked_at: Option<Timestamp>,
    /// How far each side has read.
    read: Read,
    /// The customer is typing right now.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_customer_typing: bool,
}

#[derive(Serialize, ToSchema)]
pub struct Absorbed {
    id: String,
    turns: Vec<Turn>,
}

#[derive(Serialize, ToSchema)]
pub struct ContactShape {
    #[schema(value_type = names::ContactKind)]
    kind: ContactKind,
    text: String,
}

#[derive(Serialize, ToSchema)]
pub struct PastShape {
    id: String,
    #[schema(value_type = names::PhaseName)]
    phase: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    need: Option<String>,
    rating: Option<u8>,
}

#[derive(Serialize, ToSchema)]
pub struct Undelivered {
    turn: Seq,
    why: String,
}

/// One conversation with its brief, turns and traces.
#[utoipa::path(get, path = "/conversations/{id}", tag = "console", params(("id" = String, Path)),
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "All that is known", body = Whole),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
))]
async fn view(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Whole>, Problem> {
    let id = ConversationId::new(id);
    let whole = door.desk.full_view(&id).await?;
    let past = door.desk.past(&id, &agent).await?;
    let blocked_at = door.desk.blocked_at(&whole.row.conversation.customer).await?;
    let names = names_of(&whole);
    let titles = Titles::for_conversation(&door.desk, &whole.row.conversation);
    Ok(Json(Whole {
        turns: whole.turns.iter().map(|turn| titles.turn(turn)).collect(),
        conversation: Row::of(whole.row.clone(), &names, &door.desk),
        brief: whole.brief.map(Brief::of),
        through: whole.through,
        traces: whole.traces.iter().map(|(seq, trace)| NumberedTrace { seq: *seq, trace: Trace::of(trace) }).collect(),
        position: whole.position,
        absorbed: whole
            .absorbed
            .iter()
            .map(|(id, turns)| Absorbed {
                id: id.to_string(),
                turns: turns.iter().map(|turn| titles.turn(turn)).collect(),
            })
            .collect(),
        contacts: whole.contacts.into_iter().map(|(kind, text)| ContactShape { kind, text }).collect(),
        details: whole.details.into_iter().map(DetailShape::of).collect(),
        profile: whole.profile.map(KnownShape::of),
        past: past.into_iter().map(PastShape::of).collect(),
        clocks: whole.deadlines.iter().map(ClockShape::of).collect(),
        undelivered: whole.undelivered.into_iter().map(|(turn, why)| Undelivered { turn, why }).collect(),
        unreachable_since: whole.unreachable_since,
        blocked_at,
        read: Read::of(whole.read),
        is_customer_typing: whole.is_customer_typing,
    }))
}

impl PastShape {
    fn of(past: store::Past) -> Self {
        Self { id: past.id.to_string(), phase: past.phase, at: past.at, need: past.need, rating: past.rating }
    }
}

/// The view knows the name of the one agent in its row.
pub fn names_of(whole: &FullView) -> Names {
    let agent = whole.row.conversation.phase.agent().cloned();
    agent.zip(whole.agent_name.clone()).into_iter().collect()
}

impl Door {
    async fn names_in(&self, rows: &[store::Row]) -> Result<Names, Problem> {
        let mut names = Names::new();
        for agent in rows.iter().filter_map(|row| row.conversation.phase.agent()) {
            if !names.contains_key(agent) {
                names.insert(agent.clone(), self.name_of(agent).await?);
            }
        }
        Ok(names)
    }

    pub(super) async fn name_of(&self, agent: &AgentId) -> Result<String, Problem> {
        Ok(self.desk.agent_name(agent).await?.unwrap_or_else(|| agent.to_string()))
    }
}

#[derive(Serialize, ToSchema)]
pub struct Findings {
    #[schema(value_type = Vec<names::Finding>)]
    findings: serde_json::Value,
}

/// What is wrong in the folder of articles.
#[utoipa::path(get, path = "/findings", tag = "console", security(("agent_cookie" = [])), responses(
    (status = 200, description = "As `firstline check` reports them", body = Findings),
    (status = 401, response = ProblemDetails),
))]
async fn findings(State(door): State<Arc<Door>>, _: SignedIn) -> Result<Json<Findings>, Problem> {
    let findings = serde_json::to_value(door.desk.answering().findings()).map_err(|error| {
        tracing::error!(%error, "findings could not be written as JSON");
        Problem::internal()
    })?;
    Ok(Json(Findings { findings }))
}

/// What confidences are worth with the articles that answer now. Shares and thresholds are 0 to 1.
#[derive(Serialize, ToSchema)]
pub struct Confidence {
    /// 16 hexadecimal digits.
    knowledge_version: String,
    basis: BasisName,
    /// Questions made of the articles' own phrases that it was cross-validated on.
    n_questions: usize,
    /// Judged conversations that it was calibrated on.
    n_judged: usize,
    target_precision: f64,
    /// Answers are given at or above this confidence …
    answer_at: f64,
    /// … that leads the second by this much.
    margin: f64,
    /// Of the two, some were set by hand instead of for the target.
    is_by_hand: bool,
    /// What the target's threshold comes to; absent where there is too little data to promise it.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<Expected>,
    /// What other thresholds would come to, lowest first; empty where nothing was measured.
    curve: Vec<CurveShape>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CurvePoint)]
pub struct CurveShape {
    answer_at: f64,
    /// Share of questions answered.
    coverage: f64,
    /// Share of answers right.
    precision: f64,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BasisName {
    /// The shipped weights: cross-validation has not ended yet.
    ShippedForNow,
    /// The shipped weights: no or few phrases.
    Shipped,
    /// On the articles' own phrases, on judged conversations, or both.
    Calibrated,
}

#[derive(Serialize, ToSchema)]
pub struct Expected {
    /// Share of questions answered.
    coverage: f64,
    /// Share of answers right, with its 95 % interval.
    precision: f64,
    precision_low: f64,
    precision_high: f64,
}

/// How sure the bot must be, and what that promises.
#[utoipa::path(get, path = "/confidence", tag = "console", security(("agent_cookie" = [])), responses(
    (status = 200, description = "As `firstline check` prints it", body = Confidence),
    (status = 401, response = ProblemDetails),
    (status = 503, response = ProblemDetails),
))]
async fn confidence(State(door): State<Arc<Door>>, _: SignedIn) -> Result<Json<Confidence>, Problem> {
    let answering = door.desk.answering();
    let calibration = answering.calibration().ok_or_else(|| Problem::unavailable("The articles are being loaded."))?;
    let (promise, policy) = (calibration.promise, answering.policy());
    let (basis, n_questions) = match calibration.basis {
        Basis::Prior { why: PriorOnly::NotYet } => (BasisName::ShippedForNow, 0),
        Basis::Prior { why: PriorOnly::NoPhrases | PriorOnly::FewPhrases | PriorOnly::OtherLanguages } => {
            (BasisName::Shipped, 0)
        }
        Basis::Blended { n_questions, .. } => (BasisName::Calibrated, n_questions),
    };
    Ok(Json(Confidence {
        knowledge_version: answering.health().knowledge_version,
        basis,
        n_questions,
        n_judged: calibration.basis.n_judged(),
        curve: calibration
            .curve
            .iter()
            .map(|point| CurveShape {
                answer_at: point.answer_at,
                coverage: point.coverage,
                precision: point.precision,
            })
            .collect(),
        target_precision: promise.target_precision,
        answer_at: policy.answer_at,
        margin: policy.margin,
        is_by_hand: (policy.answer_at, policy.margin) != (promise.answer_at, promise.margin),
        expected: promise.expected.map(|expected| Expected {
            coverage: expected.coverage,
            precision: expected.precision,
            precision_low: expected.precision_low,
            precision_high: expected.precision_high,
        }),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_as_they_went() {
        let check = |key: i64, id: &str| {
            let cursor = Cursor { key, id: ConversationId::new(id) };
            let text = cursor_text(&cursor);
            assert!(text.chars().all(|c| c.is_ascii_alphanumeric()), "{text}");
            assert_eq!(cursor_from(&text).ok(), Some(cursor));
        };
        check(0, "c");
        check(-1_800_000_000_000_000, "01j9zq");
        check(i64::MAX, "ünïcode \"quoted\"");
        for wrong in ["zz", "7b7d", "abc"] {
            assert_eq!(cursor_from(wrong).err().map(|problem| problem.code), Some("bad_cursor"), "{wrong}");
        }
    }
}
