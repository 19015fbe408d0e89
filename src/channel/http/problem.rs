//! Problem details (RFC 9457): how every refusal and every failure looks from outside. The only place that turns our errors
//! into statuses, codes and safe sentences.

use crate::desk::{DeskError, MAX_TEXT_CHARS};
use crate::domain::Refusal;
use crate::store::StoreError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use utoipa::{ToResponse, ToSchema};

/// What went wrong with one request. It becomes a response without a body; `frame` writes the body, because it knows the request's id.
#[derive(Clone, Debug)]
pub struct Problem {
    pub status: StatusCode,
    /// Stable; other programs match on it.
    pub code: &'static str,
    /// A sentence for whoever reads the response; never a raw error.
    pub detail: Cow<'static, str>,
    pub retry_after_secs: Option<u64>,
    extras: Map<String, Value>,
}

/// Long enough for a busy store, short enough that a customer does not notice.
pub const RETRY_UNAVAILABLE_SECS: u64 = 1;

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, detail: detail.into(), retry_after_secs: None, extras: Map::new() }
    }

    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extras.insert(name.to_owned(), value.into());
        self
    }

    pub fn retry_after(mut self, secs: u64) -> Self {
        self.retry_after_secs = Some(secs);
        self
    }

    pub fn bad_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "bad_token", "The bearer token opens no conversation.")
    }

    pub fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", "Sign in first.")
    }

    pub fn leads_only() -> Self {
        Self::new(StatusCode::FORBIDDEN, "leads_only", "This is for leads and admins.")
    }

    pub fn admins_only() -> Self {
        Self::new(StatusCode::FORBIDDEN, "admins_only", "This is for admins.")
    }

    pub fn missing_field(field: &str, sentence: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "missing_field", sentence).with("field", field)
    }

    pub fn unavailable(sentence: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", sentence).retry_after(RETRY_UNAVAILABLE_SECS)
    }

    pub fn internal() -> Self {
        let sentence = "Something broke on our side. The log has it under the request id.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", sentence)
    }

    /// For a response whose maker knew only a status: axum's own refusals and the layers around the handlers.
    pub fn for_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::new(status, "not_found", "There is nothing at this address."),
            StatusCode::METHOD_NOT_ALLOWED => {
                Self::new(status, "method_not_allowed", "This address does not take this method; see the Allow header.")
            }
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(status, "too_large", "The body is too large."),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Self::new(status, "not_json", "Send JSON: content-type: application/json.")
            }
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => {
                Self { status, ..Self::unavailable("This took too long. Try again.") }
            }
            status if status.is_server_error() => Self { status, ..Self::internal() },
            status => Self::new(status, "bad_request", "The request cannot be understood."),
        }
    }

    /// The whole response, with the members that every problem has.
    pub fn render(&self, request_id: &str) -> Response {
        let details = ProblemDetails {
            kind: "about:blank".to_owned(),
            // RFC 9457, section 4.2.1: with about:blank the title is the status phrase.
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.clone().into_owned(),
            code: self.code.to_owned(),
            request_id: request_id.to_owned(),
            extras: self.extras.clone(),
        };
        let mut response = (self.status, Json(details)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(secs) = self.retry_after_secs {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Problem details as they go out (RFC 9457). Some codes bring more members: `limit`, `agent`, `field`.
#[derive(Serialize, ToSchema, ToResponse)]
#[response(
    description = "A problem: `code` is stable, `detail` is a sentence.",
    content_type = "application/problem+json"
)]
pub struct ProblemDetails {
    /// Always `about:blank`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status phrase.
    pub title: String,
    pub status: u16,
    pub detail: String,
    /// Stable; match on this.
    pub code: String,
    /// Name it when you ask for help: the server's log has it too.
    pub request_id: String,
    #[serde(flatten)]
    #[schema(ignore)]
    pub extras: Map<String, Value>,
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        let sentence = sentence(&error);
        match error {
            DeskError::Refused(refusal) => refusal.into(),
            DeskError::NoSuchConversation => Self::new(StatusCode::NOT_FOUND, "unknown_conversation", sentence),
            DeskError::NoSuchCustomer => Self::new(StatusCode::NOT_FOUND, "unknown_customer", sentence),
            DeskError::NothingToJudge => Self::new(StatusCode::NOT_FOUND, "nothing_to_judge", sentence),
            DeskError::StillLoading => Self::unavailable(sentence),
            DeskError::NoSuchAgent => Self::new(StatusCode::NOT_FOUND, "unknown_agent", sentence),
            DeskError::NoSuchQueue => Self::new(StatusCode::NOT_FOUND, "unknown_queue", sentence),
            DeskError::NoSuchCanned => Self::new(StatusCode::NOT_FOUND, "unknown_canned_reply", sentence),
            DeskError::NoSuchSite => Self::new(StatusCode::NOT_FOUND, "unknown_site", sentence),
            DeskError::NoSuchView => Self::new(StatusCode::NOT_FOUND, "unknown_view", sentence),
            DeskError::NoSuchSignIn => Self::new(StatusCode::NOT_FOUND, "unknown_sign_in", sentence),
            DeskError::NoSuchPhrase => Self::new(StatusCode::NOT_FOUND, "unknown_phrase", sentence),
            DeskError::LeadsOnly => Self::leads_only(),
            DeskError::Blocked => Self::new(StatusCode::FORBIDDEN, "blocked", sentence),
            DeskError::NotYourQueue => Self::new(StatusCode::FORBIDDEN, "not_your_queue", sentence),
            DeskError::FixedInFile(_) => Self::new(StatusCode::CONFLICT, "fixed_in_file", sentence),
            DeskError::BadContact => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_contact", sentence),
            DeskError::OtherCustomer => Self::new(StatusCode::CONFLICT, "other_customer", sentence),
            DeskError::BadEmail => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_email", sentence),
            DeskError::NothingSaid => Self::new(StatusCode::CONFLICT, "nothing_said", sentence),
            DeskError::EmailTaken => Self::new(StatusCode::CONFLICT, "email_taken", sentence),
            DeskError::BadInput(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_input", sentence),
            DeskError::TextTooLong => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "text_too_long", sentence).with("limit", MAX_TEXT_CHARS)
            }
            DeskError::TextEmpty => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "empty_text", sentence),
            DeskError::FilesOff => Self::new(StatusCode::NOT_FOUND, "attachments_off", sentence),
            DeskError::FileTooLarge { max_bytes } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", sentence).with("max_bytes", max_bytes)
            }
            DeskError::TooManyPixels { max_pixels, max_side } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", sentence)
                    .with("max_pixels", max_pixels)
                    .with("max_side", max_side)
            }
            DeskError::BadFileType { types } => {
                Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "bad_type", sentence).with("types", types)
            }
            DeskError::ConversationFull { max_bytes } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "conversation_full", sentence).with("max_bytes", max_bytes)
            }
            DeskError::StorageFull => Self::new(StatusCode::INSUFFICIENT_STORAGE, "storage_full", sentence),
            DeskError::TooManyUploads => Self::unavailable(sentence),
            DeskError::UnknownAttachment(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_attachment", sentence)
            }
            DeskError::AttachmentUsed(_) => Self::new(StatusCode::CONFLICT, "attachment_used", sentence),
            DeskError::BadCredentials => Self::new(StatusCode::UNAUTHORIZED, "bad_credentials", sentence),
            DeskError::CodeWanted => Self::new(StatusCode::UNAUTHORIZED, "code_wanted", sentence),
            DeskError::BadCode => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_code", sentence),
            DeskError::WrongPassword => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_password", sentence),
            DeskError::LockedOut { secs } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "locked_out", sentence).retry_after(secs)
            }
            DeskError::Busy => Self::unavailable(sentence),
            DeskError::Store(failure) => failure.into(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal {
            Refusal::BadRating | Refusal::MomentPassed => StatusCode::UNPROCESSABLE_ENTITY,
            Refusal::ForLeads => StatusCode::FORBIDDEN,
            Refusal::NoSuchTurn => StatusCode::NOT_FOUND,
            Refusal::AlreadyClaimed { .. }
            | Refusal::NotYours
            | Refusal::NotWaiting
            | Refusal::NotWithBot
            | Refusal::AtCapacity
            | Refusal::AlreadyHandedOff
            | Refusal::Ended
            | Refusal::NotYourTurn
            | Refusal::TooLate
            | Refusal::CannotMerge
            | Refusal::NothingPromised
            | Refusal::NotResolved
            | Refusal::TooManyTags
            | Refusal::NoSuchAnswer
            | Refusal::Superseded => StatusCode::CONFLICT,
        };
        Self::new(status, refusal.code(), sentence(&refusal))
    }
}

impl From<StoreError> for Problem {
    fn from(failure: StoreError) -> Self {
        match &failure {
            StoreError::AtCapacity => Refusal::AtCapacity.into(),
            StoreError::UnknownAttachment(id) => DeskError::UnknownAttachment(id.clone()).into(),
            StoreError::AttachmentUsed(id) => DeskError::AttachmentUsed(id.clone()).into(),
            StoreError::Conflict => {
                tracing::warn!("a change kept meeting other changes and was given up");
                Self::unavailable("The conversation is changing too fast right now. Try again.")
            }
            StoreError::Unavailable { step, source } => {
                tracing::error!(step, source = %source, "the store is unavailable");
                Self::unavailable("Nothing was saved: the server cannot write right now. Try again.")
            }
            StoreError::Corrupt { what, detail } => {
                tracing::error!(what, detail, "the store holds something unreadable");
                Self::internal()
            }
        }
    }
}

/// Our errors are written for the middle of a sentence; a reader gets a whole one.
fn sentence(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    // "text: must not be empty" names a field first; that name keeps its case.
    if text.split_once(": ").is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_lowercase() || c == '_')) {
        return format!("{text}.");
    }
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), chars.as_str()),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AgentId;

    #[test]
    fn statuses_and_codes() {
        let check = |error: DeskError, status: u16, code: &str, retry: Option<u64>| {
            let problem = Problem::from(error);
            assert_eq!((problem.status.as_u16(), problem.code, problem.retry_after_secs), (status, code, retry));
        };
        check(Refusal::AlreadyClaimed { by: AgentId::new("a") }.into(), 409, "already_claimed", None);
        check(Refusal::NotYours.into(), 409, "not_yours", None);
        check(Refusal::NotWaiting.into(), 409, "not_waiting", None);
        check(Refusal::NotResolved.into(), 409, "not_resolved", None);
        check(Refusal::BadRating.into(), 422, "bad_rating", None);
        check(Refusal::NoSuchAnswer.into(), 409, "no_such_answer", None);
        check(DeskError::NoSuchConversation, 404, "unknown_conversation", None);
        check(DeskError::NoSuchCustomer, 404, "unknown_customer", None);
        check(DeskError::OtherCustomer, 409, "other_customer", None);
        check(DeskError::NothingToJudge, 404, "nothing_to_judge", None);
        check(DeskError::StillLoading, 503, "unavailable", Some(RETRY_UNAVAILABLE_SECS));
        check(DeskError::BadInput("client_id: is too long".into()), 422, "bad_input", None);
        check(DeskError::TextTooLong, 422, "text_too_long", None);
        check(DeskError::TextEmpty, 422, "empty_text", None);
        check(DeskError::BadCredentials, 401, "bad_credentials", None);
        check(DeskError::Busy, 503, "unavailable", Some(1));
        check(StoreError::Conflict.into(), 503, "unavailable", Some(1));
        let full = StoreError::Unavailable { step: "commit", source: "disk is full".into() };
        check(full.into(), 503, "unavailable", Some(1));
        let corrupt = StoreError::Corrupt { what: "events", detail: "where is my parcel".into() };
        check(corrupt.into(), 500, "internal", None);
    }

    #[test]
    fn what_broke_is_never_shown_raw() {
        let corrupt = StoreError::Corrupt { what: "events", detail: "where is my parcel".into() };
        assert!(!Problem::from(corrupt).detail.contains("parcel"));
        let full = StoreError::Unavailable { step: "commit", source: "/var/lib is full".into() };
        assert!(!Problem::from(full).detail.contains("/var"));
    }

    #[test]
    fn statuses_alone_become_problems() {
        let check = |status: u16, code: &str| {
            let problem = Problem::for_status(StatusCode::from_u16(status).unwrap());
            assert_eq!((problem.status.as_u16(), problem.code), (status, code));
        };
        check(404, "not_found");
        check(405, "method_not_allowed");
        check(413, "too_large");
        check(415, "not_json");
        check(418, "bad_request");
        check(502, "internal");
        check(503, "unavailable");
    }

    #[test]
    fn sentences_are_whole() {
        assert_eq!(sentence(&DeskError::NoSuchConversation), "There is no such conversation.");
        assert_eq!(sentence(&DeskError::TextEmpty), "text: must not be empty.");
    }
}
