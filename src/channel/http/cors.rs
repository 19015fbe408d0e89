//! The widget lives on other people's pages: the customers' API answers any page, without cookies.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Tokens travel in a header that a page must have been given, so any origin may ask. Credentials are never allowed, which keeps
/// the agents' cookie out.
pub async fn open_to_every_page(request: Request, next: Next) -> Response {
    let is_preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, "retry-after, x-request-id");
    if is_preflight {
        set(headers, header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST");
        set(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type");
        // Browsers cap it at two hours or a day; each saves a round trip per question.
        set(headers, header::ACCESS_CONTROL_MAX_AGE, "86400");
    }
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::routing::post;
    use axum::{Router, middleware};
    use tower::ServiceExt;

    async fn answer(method: &str, headers: &[(&str, &str)]) -> Response {
        let router = Router::new().route("/", post(|| async { "ok" })).layer(middleware::from_fn(open_to_every_page));
        let request = headers.iter().fold(Request::builder().method(method).uri("/"), |r, (k, v)| r.header(*k, *v));
        router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn preflights_are_answered_here() {
        let asked = [("origin", "https://shop.example"), ("access-control-request-method", "POST")];
        let response = answer("OPTIONS", &asked).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert_eq!(response.headers()["access-control-allow-headers"], "authorization, content-type");
        assert!(!response.headers().contains_key("access-control-allow-credentials"));
        assert_eq!(answer("OPTIONS", &[]).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    }

    #[tokio::test]
    async fn answers_may_be_read_by_any_page() {
        let response = answer("POST", &[("origin", "https://shop.example")]).await;
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        assert_eq!(response.headers()["access-control-expose-headers"], "retry-after, x-request-id");
    }
}
