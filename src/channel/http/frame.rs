//! Around every request: its id, its span in the log, its figures, and the body of what went wrong. Bodies, tokens and query
//! strings are never logged.

use super::Door;
use super::address::Caller;
use super::problem::Problem;
use super::serve::Peer;
use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, header};
use axum::middleware::Next;
use axum::response::IntoResponse;
use std::any::Any;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A caller's own request id is taken up to this length.
const MAX_REQUEST_ID_CHARS: usize = 64;

pub async fn frame(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response<Body> {
    let id = given_id(request.headers()).unwrap_or_else(|| door.desk.clock().new_id());
    let caller = match peer(&request) {
        Some(peer) => Caller::of(peer, request.headers(), &door.trusted_proxies),
        None => Caller::UNKNOWN,
    };
    request.extensions_mut().insert(caller);
    let method = method_name(request.method());
    // The pattern and not the path: paths hold ids.
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();

    let span = tracing::info_span!("request", request_id = %id, method, route);
    let begun = Instant::now();
    let answered = next.run(request).instrument(span.clone()).await;
    let response = with_body(answered, &id);

    let (status, took) = (response.status(), begun.elapsed());
    span.in_scope(|| tracing::debug!(status = status.as_u16(), us = took.as_micros() as u64, "a request was answered"));
    metrics::counter!("firstline_http_requests_total", "method" => method, "route" => route.clone(), "status" => status.as_u16().to_string())
        .increment(1);
    metrics::histogram!("firstline_http_request_seconds", "method" => method, "route" => route)
        .record(took.as_secs_f64());
    signed(response, &id)
}

/// Where the connection comes from: our own listener says it in its way, axum's in another.
fn peer(request: &Request) -> Option<IpAddr> {
    let ours = request.extensions().get::<ConnectInfo<Peer>>().map(|ConnectInfo(Peer(socket))| socket.ip());
    ours.or_else(|| request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(socket)| socket.ip()))
}

/// Letters, digits, `-`, `_`, `.`: what cannot break a log line.
fn given_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let is_sane = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    ((1..=MAX_REQUEST_ID_CHARS).contains(&id.len()) && id.chars().all(is_sane)).then(|| id.to_owned())
}

/// A label with few values, whatever a caller makes up.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Marks a response with an error status whose body is meant as it is.
#[derive(Clone, Copy)]
pub struct AsItIs;

/// Writes the body of a problem, and makes problems of refusals that axum and the layers made by themselves.
fn with_body(mut response: Response<Body>, id: &str) -> Response<Body> {
    let status = response.status();
    let said = response.extensions_mut().remove::<Problem>();
    let is_meant = response.extensions().get::<AsItIs>().is_some();
    let problem = match said {
        Some(problem) => problem,
        None if (status.is_client_error() || status.is_server_error()) && !is_meant => Problem::for_status(status),
        None => return response,
    };
    let mut rendered = problem.render(id);
    for (name, value) in response.headers() {
        let is_of_the_body = [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING].contains(name);
        if !is_of_the_body && !rendered.headers().contains_key(name) {
            rendered.headers_mut().append(name, value.clone());
        }
    }
    rendered
}

/// What every response carries.
fn signed(mut response: Response<Body>, id: &str) -> Response<Body> {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Conversations are no business of any cache.
pub async fn never_cached(request: Request, next: Next) -> Response<Body> {
    let mut response = next.run(request).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// A handler panicked. The hook has printed where; the caller learns only that it was us.
pub fn panicked(panic: Box<dyn Any + Send>) -> Response<Body> {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    // A message made at the time of the panic could quote a customer, so only fixed ones are repeated.
    let text = if panic.is::<&str>() { text.unwrap_or("") } else { "see the panic's own line" };
    tracing::error!(panic = text, "a request handler panicked");
    Problem::internal().into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;

    #[test]
    fn request_ids_that_are_taken() {
        let check = |value: &str, taken: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, value.parse().unwrap());
            assert_eq!(given_id(&headers).is_some(), taken, "{value:?}");
        };
        check("4711", true);
        check("01j9z-a_b.c", true);
        check(&"a".repeat(64), true);
        check(&"a".repeat(65), false);
        check("", false);
        check("a b", false);
        check("a=b", false);
    }

    #[tokio::test]
    async fn whatever_fails_has_the_same_shape() {
        let plain = (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET")], "no").into_response();
        let response = signed(with_body(plain, "r-1"), "r-1");
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()[header::ALLOW], "GET");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.headers()["x-request-id"], "r-1");
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((body["code"].as_str(), body["request_id"].as_str()), (Some("method_not_allowed"), Some("r-1")));
    }

    #[tokio::test]
    async fn extras_and_retry_after_come_along() {
        let problem = Problem::unavailable("Later.").with("limit", 4000);
        let response = with_body(problem.into_response(), "r-2");
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((body["limit"].as_u64(), body["type"].as_str()), (Some(4000), Some("about:blank")));
    }
}
