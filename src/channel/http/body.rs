//! What comes in with a request: JSON bodies and query strings, with refusals that say which field is wrong and why.

use super::MAX_BODY_BYTES;
use super::problem::Problem;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde::Deserialize;
use std::error::Error;
use utoipa::ToSchema;

/// A JSON body. Fields that we do not know are passed over, so that clients may be newer than the server.
pub struct JsonBody<T>(pub T);

/// The body of a command that needs no more than its address: `{}`.
#[derive(Deserialize, ToSchema)]
pub struct Nothing {}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(what_is_wrong(rejection)),
        }
    }
}

fn what_is_wrong(rejection: JsonRejection) -> Problem {
    match rejection {
        JsonRejection::JsonDataError(error) => wrong_field(cause(&error)),
        JsonRejection::JsonSyntaxError(error) => {
            Problem::new(StatusCode::BAD_REQUEST, "bad_json", format!("The body is no JSON: {}.", cause(&error)))
        }
        JsonRejection::MissingJsonContentType(_) => Problem::for_status(StatusCode::UNSUPPORTED_MEDIA_TYPE),
        other if other.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let sentence = format!("The body may have at most {MAX_BODY_BYTES} bytes.");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", sentence).with("limit", MAX_BODY_BYTES)
        }
        _ => Problem::new(StatusCode::BAD_REQUEST, "bad_json", "The body could not be read to its end."),
    }
}

/// `message` is serde's, after the path of the field: `page.url: invalid type: integer …`, or `missing field `text` at line …`.
fn wrong_field(message: String) -> Problem {
    let missing = message.split("missing field `").nth(1).and_then(|rest| rest.split('`').next()).map(str::to_owned);
    match missing {
        Some(field) => Problem::missing_field(&field, format!("The body lacks something: {message}.")),
        None => Problem::new(StatusCode::BAD_REQUEST, "wrong_type", format!("A field of the body is wrong: {message}.")),
    }
}

/// axum wraps the error that knows the field; its own text says only that something was wrong.
fn cause(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

/// A query string.
pub struct Asking<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Asking<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match Query::<T>::try_from_uri(&parts.uri) {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(rejection) => {
                let sentence = format!("A parameter after the question mark is wrong: {}.", cause(&rejection));
                Err(Problem::new(StatusCode::BAD_REQUEST, "wrong_type", sentence))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Outer {
        text: String,
        page: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Inner {
        url: String,
    }

    async fn refused(content_type: &str, body: &str) -> Problem {
        let request = Request::post("/").header("content-type", content_type).body(Body::from(body.to_owned())).unwrap();
        JsonBody::<Outer>::from_request(request, &()).await.err().expect("a refusal")
    }

    #[tokio::test]
    async fn refusals_name_the_field() {
        let check = async |body: &str, status: u16, code: &str, names: &str| {
            let problem = refused("application/json", body).await;
            assert_eq!((problem.status.as_u16(), problem.code), (status, code), "{body}");
            assert!(problem.detail.contains(names), "{body}: {}", problem.detail);
        };
        check("{", 400, "bad_json", "line 1").await;
        check("", 400, "bad_json", "line 1").await;
        check("{}", 400, "missing_field", "text").await;
        check(r#"{"text": 7}"#, 400, "wrong_type", "text").await;
        check(r#"{"text": "a", "page": {"url": 7}}"#, 400, "wrong_type", "page.url").await;
        check(r#"{"text": "a", "page": {}}"#, 400, "missing_field", "url").await;
        check(r#"["a"]"#, 400, "missing_field", "page").await;
        check(r#""text""#, 400, "wrong_type", "expected").await;
        check(r#"{"text": "a"} x"#, 400, "bad_json", "line 1").await;
    }

    #[tokio::test]
    async fn only_json() {
        let check = async |content_type: &str| assert_eq!(refused(content_type, r#"{"text": "a"}"#).await.status, 415);
        check("text/plain").await;
        check("application/x-www-form-urlencoded").await;
    }
}
