//! The customers' API: open a conversation, say something, read what changed.

use super::Door;
use super::address::Caller;
use super::body::{Asking, JsonBody};
use super::identity::identity_required;
use super::poll::{self, Wish};
use super::problem::{Problem, ProblemDetails};
use super::signs::{DetailsBody, attributes, missing, missing_detail};
use super::sites::SiteSeen;
use super::visitor::{Visitor, within_range};
use super::wire::{self, Page, Phase, Queue, Titles};
use crate::desk::{Opening, Update};
use crate::domain::plan::Heard;
use crate::domain::{self, ArticleId, AttachmentId, Channel, Conversation, IdentityRule, Language, Seq};
use crate::store::ReadMarks;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    let of_customers = OpenApiRouter::new().routes(routes!(open)).routes(routes!(say, read));
    of_customers.merge(super::sites::routes()).merge(super::signs::routes())
}

/// A turn's call waits at most this long for replies.
const MAX_WAIT_SECS: u64 = 10;
/// Turns of a page when nobody says how many.
const DEFAULT_PAGE: u32 = 100;
const MAX_PAGE: u32 = 500;
/// Characters of a site's name; of a page's address; of its title. Longer ones are cut: they are context, not content.
const MAX_SITE_CHARS: usize = 100;
const MAX_URL_CHARS: usize = 2_000;
const MAX_TITLE_CHARS: usize = 300;
const MAX_ZONE_CHARS: usize = 100;

#[derive(Deserialize, ToSchema)]
pub struct OpenBody {
    /// Made by the client, hard to guess, kept by it: whoever repeats it gets the same conversation. 1 to 200 characters.
    client_id: String,
    /// Which of the operator's sites the widget stands on.
    site: Option<String>,
    /// A BCP 47 tag such as `en-GB`; one that Firstline does not speak is passed over.
    language: Option<String>,
    page: Option<PageBody>,
    /// IANA name, such as `Asia/Taipei`, as the browser knows it; one that nobody knows is passed over.
    time_zone: Option<String>,
    /// A token that the site signed for its own user (HS256); see `docs/widget.md`.
    identity: Option<String>,
    /// What the customer filled in before the first words.
    details: Option<DetailsBody>,
    /// What the page knows of its visitor: see `…/attributes`.
    #[schema(value_type = Option<HashMap<String, Object>>)]
    attributes: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The page that the customer was on.
#[derive(Deserialize, ToSchema)]
pub struct PageBody {
    url: Option<String>,
    title: Option<String>,
    referrer: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Opened {
    conversation: String,
    /// Send it as `Authorization: Bearer TOKEN` with every call below.
    token: String,
    #[serde(flatten)]
    page: Page,
}

/// Opens a conversation, or returns to the one that this client id opened before.
#[utoipa::path(post, path = "/conversations", tag = "customer", request_body = OpenBody, responses(
    (status = 201, description = "A new conversation", body = Opened),
    (status = 200, description = "The conversation of this client id", body = Opened),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
    (status = 429, response = ProblemDetails),
))]
async fn open(
    State(door): State<Arc<Door>>,
    caller: Caller,
    seen: SiteSeen,
    headers: HeaderMap,
    JsonBody(body): JsonBody<OpenBody>,
) -> Result<(StatusCode, Json<Opened>), Problem> {
    door.gates.conversation(caller)?;
    let device = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).and_then(device);
    let page = body.page.map(|page| domain::Page {
        url: page.url.map(|url| cut(url, MAX_URL_CHARS)),
        title: page.title.map(|title| cut(title, MAX_TITLE_CHARS)),
        referrer: page.referrer.map(|referrer| cut(referrer, MAX_URL_CHARS)),
        device,
    });
    let site = cut(body.site.unwrap_or_default(), MAX_SITE_CHARS);
    seen.set(&site);
    let rules = door.admit(&site, &headers)?;
    let vouched = body.identity.as_deref().map(|token| door.vouched(&site, token)).transpose()?;
    if vouched.is_none() && rules.identity == IdentityRule::Required {
        return Err(identity_required());
    }
    let mut details = body.details.unwrap_or_default().details()?;
    details.extend(attributes(&body.attributes.unwrap_or_default())?);
    let signed = vouched.as_ref().map(|vouched| vouched.attributes.clone()).unwrap_or_default();
    if let Some(field) = missing(&rules, &details, &signed) {
        // Whoever comes back has been asked before.
        if !door.desk.has_begun(&site, &body.client_id).await? {
            return Err(missing_detail(field));
        }
    }
    let opening = Opening {
        queue: None,
        client_id: body.client_id,
        site,
        channel: Channel::Web,
        language: body.language.as_deref().and_then(Language::parse),
        page,
        time_zone: body.time_zone.map(|name| cut(name, MAX_ZONE_CHARS)),
        vouched,
    };
    let started = door.desk.open(opening).await?;
    door.desk.fill_in(&started.conversation.id, details).await?;
    door.presence.is_here(&started.conversation.id, door.desk.clock().now());
    let update = door.desk.update(&started.conversation.id, 0, MAX_PAGE).await?;
    let opened = Opened {
        conversation: started.conversation.id.to_string(),
        token: started.token,
        page: Page::of(update, &Titles::for_conversation(&door.desk, &started.conversation)),
    };
    Ok((if started.is_new { StatusCode::CREATED } else { StatusCode::OK }, Json(opened)))
}

/// The browser and the machine, as an agent would say them; what names neither is nothing.
fn device(user_agent: &str) -> Option<String> {
    let first = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    // In this order: Edge and Opera also call themselves Chrome, and Chrome calls itself Safari.
    let browser = first(&[
        ("MicroMessenger/", "WeChat"),
        ("YaBrowser/", "Yandex Browser"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let machine = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ]);
    let known: Vec<&str> = browser.into_iter().chain(machine).collect();
    (!known.is_empty()).then(|| known.join(", "))
}

/// Words, files, both, or a tap.
#[derive(Deserialize, ToSchema)]
pub struct TurnBody {
    /// The client's own id of this turn: sent again, it is the same turn. 1 to 200 characters.
    client_id: String,
    /// 1 to 4000 characters; may be missing or empty beside files.
    text: Option<String>,
    /// What was tapped: an article id, or `human`, `something_else`, `back_to_bot`.
    option: Option<String>,
    /// Ids of files uploaded before, at most 10; each can be sent once.
    #[serde(default)]
    attachments: Vec<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Waiting {
    /// Seconds to wait for replies, 0 to 10; 10 when absent.
    wait: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct Said {
    turn: wire::Turn,
    /// What the bot and the system said to it; empty when nobody did in time.
    replies: Vec<wire::Turn>,
    /// The number that `phase` is as of. No place to resume from: turns before this one may be unknown to the client.
    through: Seq,
    phase: Phase,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<Queue>,
}

/// Says something. When this returns the words are safe; the same client id again is the same turn and the same answer.
#[utoipa::path(post, path = "/conversations/{id}/turns", tag = "customer", request_body = TurnBody,
    params(("id" = String, Path), Waiting), security(("conversation_token" = [])), responses(
    (status = 200, description = "Kept, with the replies so far", body = Said),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
    (status = 429, response = ProblemDetails),
))]
async fn say(
    State(door): State<Arc<Door>>,
    caller: Caller,
    Visitor(conversation): Visitor,
    Asking(Waiting { wait }): Asking<Waiting>,
    JsonBody(body): JsonBody<TurnBody>,
) -> Result<Json<Said>, Problem> {
    door.gates.question(caller, Some(&conversation.id))?;
    let id = &conversation.id;
    let taken = door.desk.hear(id, body.heard()?).await?;

    let wait = Duration::from_secs(wait.unwrap_or(MAX_WAIT_SECS).min(MAX_WAIT_SECS));
    let looked = if wait.is_zero() {
        door.desk.update(id, taken.conversation.version, 1).await.map(|update| (vec![], update))
    } else {
        door.desk.replies_to(id, &taken.turn, wait).await
    };
    // The words are kept, so a failure to look at the replies is no failure of this call; the socket brings them later.
    let (replies, update) = looked.unwrap_or_else(|failure| {
        tracing::warn!(conversation = %id, error = %failure, "a turn was kept but its replies could not be read");
        (vec![], without_news(&taken.conversation))
    });
    let titles = Titles::for_conversation(&door.desk, &taken.conversation);
    Ok(Json(Said {
        turn: titles.turn_for_customer(&taken.turn),
        replies: replies.iter().map(|turn| titles.turn_for_customer(turn)).collect(),
        through: update.through,
        phase: Phase::for_customer(&update.phase, update.agent_name).with_avatar(update.agent_avatar),
        queue: Queue::at(update.standing),
    }))
}

impl TurnBody {
    fn heard(self) -> Result<Heard, Problem> {
        let attachments: Vec<AttachmentId> = self.attachments.into_iter().map(AttachmentId).collect();
        match (self.text, self.option) {
            (Some(text), None) => Ok(Heard { client_id: self.client_id, text, option: None, attachments }),
            (None, None) if !attachments.is_empty() => {
                Ok(Heard { client_id: self.client_id, text: String::new(), option: None, attachments })
            }
            (None, Some(option)) if attachments.is_empty() => Ok(Heard {
                client_id: self.client_id,
                text: String::new(),
                option: Some(ArticleId::new(option)),
                attachments: vec![],
            }),
            (None, None) => Err(Problem::missing_field("text", "The body lacks something: text, or option for a tap.")),
            (Some(_) | None, Some(_)) => {
                let sentence = "A turn is words and files, or a tap: send text and attachments, or option alone.";
                Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_input", sentence))
            }
        }
    }
}

fn without_news(conversation: &Conversation) -> Update {
    Update {
        turns: vec![],
        through: conversation.version,
        phase: conversation.phase.clone(),
        standing: None,
        agent_name: None,
        read: ReadMarks::default(),
        is_agent_typing: false,
        agent_avatar: None,
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Since {
    /// Changes up to this number are known; 0 or absent: none.
    after: Option<Seq>,
    /// 1 to 500; 100 when absent.
    limit: Option<u32>,
    /// Seconds to wait for something to change, 0 to 25; 0 when absent. Then the answer may have no turns.
    wait: Option<u64>,
    /// What the last page said of it, so that nothing that changed between two calls waits; absent: as it is now.
    standing: Option<String>,
}

/// What changed after a number. With `wait` the answer comes as soon as something changes: turns, phase, place in line, marks of
/// reading, typing.
#[utoipa::path(get, path = "/conversations/{id}/turns", tag = "customer", params(("id" = String, Path), Since),
    security(("conversation_token" = [])), responses(
    (status = 200, description = "New and changed turns, and where to resume", body = Page),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
))]
async fn read(
    State(door): State<Arc<Door>>,
    caller: Caller,
    Visitor(conversation): Visitor,
    Asking(since): Asking<Since>,
) -> Result<Json<Page>, Problem> {
    let wish = Wish {
        after: within_range(since.after),
        limit: since.limit.unwrap_or(DEFAULT_PAGE).clamp(1, MAX_PAGE),
        wait: Duration::from_secs(since.wait.unwrap_or(0)).min(poll::MAX_WAIT),
        standing: since.standing,
    };
    Ok(Json(door.poll(caller, &conversation, wish).await?))
}

fn cut(text: String, max_chars: usize) -> String {
    match text.char_indices().nth(max_chars) {
        Some((end, _)) => text[..end].to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_words_or_a_tap() {
        let check = |json: &str, code: Option<&str>| {
            let body: TurnBody = serde_json::from_str(json).unwrap();
            assert_eq!(body.heard().err().map(|problem| problem.code), code, "{json}");
        };
        check(r#"{"client_id": "1", "text": "hi"}"#, None);
        check(r#"{"client_id": "1", "option": "human"}"#, None);
        check(r#"{"client_id": "1", "text": null, "option": "human"}"#, None);
        check(r#"{"client_id": "1", "attachments": ["a"]}"#, None);
        check(r#"{"client_id": "1", "option": "human", "attachments": ["a"]}"#, Some("bad_input"));
        check(r#"{"client_id": "1"}"#, Some("missing_field"));
        check(r#"{"client_id": "1", "text": "hi", "option": "human"}"#, Some("bad_input"));
    }

    #[test]
    fn devices_by_name() {
        let check = |agent: &str, expected: Option<&str>| assert_eq!(device(agent).as_deref(), expected);
        check(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1",
            Some("Safari, iPhone"),
        );
        check(
            "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
            Some("Edge, Windows"),
        );
        check("curl/8.5", None);
    }

    #[test]
    fn long_context_is_cut_between_characters() {
        assert_eq!(cut("退款多久到账".into(), 2), "退款");
        assert_eq!(cut("ab".into(), 2), "ab");
    }
}
