//! What comes in with a request: JSON bodies and query strings, with refusals that say which field is wrong and why.

use super::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use futures::StreamExt;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::error::Error;
use utoipa::ToSchema;

/// A JSON body. Fields that we do not know are passed over, so that clients may be newer than the server.
pub struct JsonBody<T>(pub T);

/// The body of a command that needs no more than its address: `{}`.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct Nothing {}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::for_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let bytes = whole(request.into_body()).await?;
        match Json::<T>::from_bytes(&bytes) {
            Ok(Json(body)) => Ok(Self(body)),
            Err(JsonRejection::JsonDataError(error)) => Err(wrong_field(cause(&error))),
            Err(other) => Err(no_json(format!("The body is no JSON: {}.", cause(&other)))),
        }
    }
}

/// Bytes of a request's body.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// Of a body that is too large this much is still read and thrown away: a client that is cut off while it sends never reads why.
const MAX_DISCARDED_BYTES: usize = 1024 * 1024;

async fn whole(body: Body) -> Result<Vec<u8>, Problem> {
    let mut stream = body.into_data_stream();
    let (mut bytes, mut n_read) = (vec![], 0);
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|_| no_json("The body could not be read to its end."))?;
        n_read += piece.len();
        if n_read <= MAX_BODY_BYTES {
            bytes.extend_from_slice(&piece);
        } else if n_read > MAX_DISCARDED_BYTES {
            break;
        }
    }
    if n_read <= MAX_BODY_BYTES {
        return Ok(bytes);
    }
    let sentence = format!("The body may have at most {MAX_BODY_BYTES} bytes.");
    Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", sentence).with("limit", MAX_BODY_BYTES))
}

/// `application/json` or `application/…+json`, with or without parameters. No form and no plain `fetch` of a page elsewhere can
/// send that without asking first.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    kind == "application/json" || kind.starts_with("application/") && kind.ends_with("+json")
}

fn no_json(sentence: impl Into<Cow<'static, str>>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_json", sentence)
}

/// `message` is serde's, after the path of the field: `page.url: invalid type: integer …`, or `missing field `text` at line …`.
fn wrong_field(message: String) -> Problem {
    let message = without_type_names(&message);
    let missing = message.split("missing field `").nth(1).and_then(|rest| rest.split('`').next()).map(str::to_owned);
    match missing {
        Some(field) => Problem::missing_field(&field, format!("The body lacks something: {message}.")),
        None => {
            Problem::new(StatusCode::BAD_REQUEST, "wrong_type", format!("A field of the body is wrong: {message}."))
        }
    }
}

/// serde says "expected struct TurnBody", which means nothing to whoever calls.
fn without_type_names(message: &str) -> String {
    let Some((before, after)) = message.split_once("struct ") else { return message.to_owned() };
    let rest = after.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
    format!("{before}an object{rest}")
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
        let request =
            Request::post("/").header("content-type", content_type).body(Body::from(body.to_owned())).unwrap();
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
        check(r#"["a"]"#, 400, "wrong_type", "an object").await;
        check(r#""text""#, 400, "wrong_type", "an object").await;
        check(r#"{"text": "a"} x"#, 400, "bad_json", "line 1").await;
    }

    #[tokio::test]
    async fn large_bodies_are_read_to_the_end_and_refused() {
        let body = |n: usize| Body::from(format!(r#"{{"text": "{}"}}"#, "x".repeat(n)));
        assert!(whole(body(60_000)).await.is_ok());
        let problem = whole(body(200_000)).await.unwrap_err();
        assert_eq!((problem.status.as_u16(), problem.code), (413, "too_large"));
    }

    #[tokio::test]
    async fn only_json() {
        let check = async |content_type: &str| assert_eq!(refused(content_type, r#"{"text": "a"}"#).await.status, 415);
        check("text/plain").await;
        check("").await;
        check("application/x-www-form-urlencoded").await;
    }
}
