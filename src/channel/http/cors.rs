//! The widget lives on other people's pages: the customers' API answers those that the operator lists, or any page, without cookies.

use super::Door;
use super::sites::{Readable, SiteSeen};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Tokens travel in a header that a page must have been given, so where no pages are listed any may ask. Credentials are never
/// allowed, which keeps the agents' cookie out.
pub async fn open_to_pages(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    let asked = request.headers().clone();
    let is_preflight = request.method() == Method::OPTIONS && asked.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let seen = SiteSeen::default();
    request.extensions_mut().insert(seen.clone());
    let mut response = if is_preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    // A preflight says nothing of the site; whoever is no page of any learns from it that it need not go on.
    let readable = door.readable(seen.get(), &asked);
    sign(response.headers_mut(), readable, asked.get(header::ORIGIN), is_preflight);
    response
}

fn sign(headers: &mut HeaderMap, readable: Readable, origin: Option<&HeaderValue>, is_preflight: bool) {
    match (readable, origin) {
        (Readable::Everywhere, _) => set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (Readable::Here, Some(origin)) => {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.append(header::VARY, HeaderValue::from_static("origin"));
        }
        (Readable::Here, None) | (Readable::Nowhere, _) => {
            headers.append(header::VARY, HeaderValue::from_static("origin"));
            return;
        }
    }
    set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, "retry-after, x-request-id");
    if is_preflight {
        set(headers, header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST");
        set(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type");
        // Browsers cap it at two hours or a day; each saves a round trip per question.
        set(headers, header::ACCESS_CONTROL_MAX_AGE, "86400");
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_read_what() {
        let check = |readable: Readable, origin: Option<&'static str>, allowed: Option<&str>, varies: bool| {
            for is_preflight in [false, true] {
                let mut headers = HeaderMap::new();
                sign(&mut headers, readable, origin.map(HeaderValue::from_static).as_ref(), is_preflight);
                let said = headers.get("access-control-allow-origin").map(|value| value.to_str().unwrap());
                assert_eq!(said, allowed, "{readable:?} {origin:?}");
                assert_eq!(headers.contains_key("vary"), varies, "{readable:?} {origin:?}");
                let methods = headers.contains_key("access-control-allow-methods");
                assert_eq!(methods, is_preflight && allowed.is_some(), "{readable:?} {origin:?}");
                assert!(!headers.contains_key("access-control-allow-credentials"));
            }
        };
        let shop = "https://shop.example";
        check(Readable::Everywhere, Some(shop), Some("*"), false);
        check(Readable::Everywhere, None, Some("*"), false);
        check(Readable::Here, Some(shop), Some(shop), true);
        check(Readable::Here, None, None, true);
        check(Readable::Nowhere, Some(shop), None, true);
    }
}
