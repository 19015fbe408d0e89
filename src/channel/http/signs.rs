//! Signs of the customer: has read so far, is typing. And whose conversation it is, when the page learns that later.

use super::Door;
use super::address::Caller;
use super::body::{JsonBody, Nothing};
use super::problem::{Problem, ProblemDetails};
use super::visitor::Visitor;
use crate::desk::MAX_DETAIL_CHARS;
use crate::domain::site::{DetailField, Site};
use crate::domain::{Detail, Seq};
use crate::store::Reader;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new()
        .routes(routes!(mark_read))
        .routes(routes!(types))
        .routes(routes!(identify))
        .routes(routes!(describe))
}

/// What the page's script may say of its visitor.
const MAX_ATTRIBUTES: usize = 30;
const MAX_ATTRIBUTE_NAME_CHARS: usize = 60;

#[derive(Deserialize, ToSchema)]
pub struct ReadBody {
    /// The number of the last change that was on the screen.
    pub through: Seq,
}

/// Says how far the customer has read. A lower number than before changes nothing.
#[utoipa::path(post, path = "/conversations/{id}/read", tag = "customer", request_body = ReadBody,
    params(("id" = String, Path)), security(("conversation_token" = [])), responses(
    (status = 204, description = "Noted"),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
))]
async fn mark_read(
    State(door): State<Arc<Door>>,
    Visitor(conversation): Visitor,
    JsonBody(body): JsonBody<ReadBody>,
) -> Result<StatusCode, Problem> {
    door.desk.mark_read(&conversation.id, Reader::Customer, body.through).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct TypingBody {
    /// Say `true` again every few seconds: after six without it the hands are taken to rest.
    pub typing: bool,
}

/// Says that the customer is typing, or has ceased to. Never what.
#[utoipa::path(post, path = "/conversations/{id}/typing", tag = "customer", request_body = TypingBody,
    params(("id" = String, Path)), security(("conversation_token" = [])), responses(
    (status = 204, description = "Told to agents, at most once a second"),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
))]
async fn types(
    State(door): State<Arc<Door>>,
    Visitor(conversation): Visitor,
    JsonBody(body): JsonBody<TypingBody>,
) -> Result<StatusCode, Problem> {
    door.desk.customer_types(&conversation.id, body.typing);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct IdentityBody {
    /// A token that the site signed for its own user (HS256); see `docs/widget.md`.
    identity: String,
}

/// Names the customer of a conversation that began before the page knew them. The same customer again brings newer attributes.
#[utoipa::path(post, path = "/conversations/{id}/identify", tag = "customer", request_body = IdentityBody,
    params(("id" = String, Path)), security(("conversation_token" = [])), responses(
    (status = 200, description = "Known from now on", body = Nothing),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
    (status = 429, response = ProblemDetails),
))]
async fn identify(
    State(door): State<Arc<Door>>,
    caller: Caller,
    Visitor(conversation): Visitor,
    JsonBody(body): JsonBody<IdentityBody>,
) -> Result<Json<Nothing>, Problem> {
    door.gates.question(caller, Some(&conversation.id))?;
    let vouched = door.vouched(&conversation.site, &body.identity)?;
    door.desk.identify(&conversation, vouched).await?;
    Ok(Json(Nothing {}))
}

/// What the page knows of its visitor, by name: texts, numbers, or true and false; null takes none. At most 30, each text at most 200
/// characters. All of them each time.
#[derive(Deserialize, ToSchema)]
pub struct AttributesBody {
    #[schema(value_type = HashMap<String, Object>)]
    pub attributes: serde_json::Map<String, Value>,
}

/// Says what the page knows of its visitor. Agents see it as unproven, and nothing is decided by it.
#[utoipa::path(post, path = "/conversations/{id}/attributes", tag = "customer", request_body = AttributesBody,
    params(("id" = String, Path)), security(("conversation_token" = [])), responses(
    (status = 204, description = "Kept in place of what was said before"),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
    (status = 429, response = ProblemDetails),
))]
async fn describe(
    State(door): State<Arc<Door>>,
    caller: Caller,
    Visitor(conversation): Visitor,
    JsonBody(body): JsonBody<AttributesBody>,
) -> Result<StatusCode, Problem> {
    door.gates.question(caller, Some(&conversation.id))?;
    door.desk.fill_in(&conversation.id, attributes(&body.attributes)?.into_iter().collect()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// As agents read it, a line each; `None` when nothing is said.
pub fn attributes(given: &serde_json::Map<String, Value>) -> Result<Option<Detail>, Problem> {
    let wrong = |name: &str, why: String| {
        let sentence = format!("attributes.{name}: {why}.");
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_input", sentence).with("field", name)
    };
    if given.len() > MAX_ATTRIBUTES {
        return Err(wrong("*", format!("there are {}, and at most {MAX_ATTRIBUTES} are kept", given.len())));
    }
    let mut lines = vec![];
    for (name, value) in given {
        if !(1..=MAX_ATTRIBUTE_NAME_CHARS).contains(&name.chars().count()) {
            return Err(wrong(name, format!("a name has 1 to {MAX_ATTRIBUTE_NAME_CHARS} characters")));
        }
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            Value::Array(_) | Value::Object(_) => {
                return Err(wrong(name, "must be a text, a number, true, false or null".into()));
            }
        };
        if text.chars().count() > MAX_DETAIL_CHARS {
            return Err(wrong(name, format!("must have at most {MAX_DETAIL_CHARS} characters")));
        }
        // A line break would make one attribute look like two.
        lines.push(format!("{}: {}", one_line(name), one_line(&text)));
    }
    let text = lines.join("\n");
    Ok(Some(Detail { field: DetailField::Attributes, text }).filter(|detail| !detail.text.is_empty()))
}

fn one_line(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ")
}

/// What the customer filled in before the first words. Each 1 to 200 characters.
#[derive(Default, Deserialize, ToSchema)]
pub struct DetailsBody {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    order: Option<String>,
    topic: Option<String>,
}

impl DetailsBody {
    /// What was left blank was not filled in: forms send it all the same.
    pub fn details(self) -> Result<Vec<Detail>, Problem> {
        let all = [
            (DetailField::Name, self.name),
            (DetailField::Email, self.email),
            (DetailField::Phone, self.phone),
            (DetailField::Order, self.order),
            (DetailField::Topic, self.topic),
        ];
        let mut details = vec![];
        for (field, text) in all {
            let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
            let Some(text) = text else { continue };
            if text.chars().count() > MAX_DETAIL_CHARS {
                let name = field.name();
                let sentence = format!("details.{name}: must have at most {MAX_DETAIL_CHARS} characters.");
                let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_input", sentence);
                return Err(problem.with("field", name).with("limit", MAX_DETAIL_CHARS));
            }
            details.push(Detail { field, text });
        }
        Ok(details)
    }
}

/// The first field that the site wants filled in and that nobody did: neither the customer, nor the site in what it signed.
pub fn missing(
    site: &Site,
    details: &[Detail],
    signed: &serde_json::Map<String, serde_json::Value>,
) -> Option<DetailField> {
    let is_signed = |field: DetailField| {
        signed.get(field.name()).and_then(|value| value.as_str()).is_some_and(|text| !text.trim().is_empty())
    };
    let is_there = |field: DetailField| details.iter().any(|detail| detail.field == field) || is_signed(field);
    site.pre_chat.iter().find(|asked| asked.required && !is_there(asked.field)).map(|asked| asked.field)
}

pub fn missing_detail(field: DetailField) -> Problem {
    let name = field.name();
    let sentence = format!("The site asks for something before the first words: details.{name}.");
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "missing_field", sentence).with("field", name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::site::AskedField;
    use serde_json::json;

    #[test]
    fn what_was_filled_in() {
        let details = |body: serde_json::Value| serde_json::from_value::<DetailsBody>(body).unwrap().details();
        let filled = details(json!({ "name": " Anna ", "email": "", "topic": null, "other": 1 })).unwrap();
        assert_eq!(filled, [Detail { field: DetailField::Name, text: "Anna".into() }]);
        let problem = details(json!({ "order": "x".repeat(201) })).unwrap_err();
        assert_eq!((problem.status.as_u16(), problem.code), (422, "bad_input"));
        assert!(problem.detail.contains("details.order"), "{}", problem.detail);
    }

    #[test]
    fn what_a_page_says_of_its_visitor() {
        let said = |body: Value| attributes(body.as_object().unwrap());
        let text =
            said(json!({ "cart": 3, "plan": "pro\nadmin: true", "vip": true, "gone": null })).unwrap().unwrap().text;
        assert_eq!(text, "cart: 3\nplan: pro admin: true\nvip: true");
        assert!(said(json!({ "gone": null })).unwrap().is_none());
        let check = |body: Value, words: &str| {
            let problem = said(body).unwrap_err();
            assert_eq!((problem.status.as_u16(), problem.code), (422, "bad_input"));
            assert!(problem.detail.contains(words), "{}", problem.detail);
        };
        check(json!({ "cart": [1] }), "attributes.cart: must be a text");
        check(json!({ "note": "x".repeat(201) }), "attributes.note: must have at most 200");
        check(json!({ "": 1 }), "1 to 60");
        check(
            (0..31).map(|n| (n.to_string(), json!(n))).collect::<serde_json::Map<_, _>>().into(),
            "31, and at most 30",
        );
    }

    #[test]
    fn what_is_missing() {
        let asked = |field, required| AskedField { field, required };
        let pre_chat = vec![asked(DetailField::Topic, false), asked(DetailField::Name, true)];
        let site = Site { pre_chat, ..Site::usual("shop") };
        let check = |field: DetailField, signed: serde_json::Value, expected: Option<DetailField>| {
            let details = [Detail { field, text: "x".into() }];
            assert_eq!(missing(&site, &details, signed.as_object().unwrap()), expected, "{field:?} {signed}");
        };
        check(DetailField::Name, json!({}), None);
        check(DetailField::Email, json!({}), Some(DetailField::Name));
        check(DetailField::Email, json!({ "name": "Anna" }), None);
        check(DetailField::Email, json!({ "name": " " }), Some(DetailField::Name));
        check(DetailField::Email, json!({ "name": 7 }), Some(DetailField::Name));
        assert_eq!(missing_detail(DetailField::Name).status, 422);
    }
}
