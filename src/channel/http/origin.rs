//! Which pages may use an agent's cookie: only our own. A page elsewhere that makes the browser send a request is refused.
//! Which pages may talk for a customer is each site's own rule (`sites`).

use super::Door;
use super::problem::Problem;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use url::Url;

/// Lets reading pass, because nothing is changed by it and the cookie (SameSite=Strict) stays at home anyway; the sockets call
/// `check` themselves.
pub async fn refuse_foreign(State(door): State<Arc<Door>>, request: Request, next: Next) -> Result<Response, Problem> {
    match *request.method() {
        Method::GET | Method::HEAD | Method::OPTIONS => {}
        _ => check(request.headers(), door.public_url.as_ref())?,
    }
    Ok(next.run(request).await)
}

pub fn check(headers: &HeaderMap, public_url: Option<&Url>) -> Result<(), Problem> {
    if is_ours(headers, public_url) {
        return Ok(());
    }
    let sentence =
        "This page may not act for the agent who is signed in. If it is the console behind a proxy, set public_url.";
    Err(Problem::new(StatusCode::FORBIDDEN, "bad_origin", sentence))
}

/// Browsers send `Origin` with every POST and socket, and a page cannot forge it or `Sec-Fetch-Site`. Whoever sends neither is
/// no browser, and then no page can have made it.
pub fn is_ours(headers: &HeaderMap, public_url: Option<&Url>) -> bool {
    if headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return false;
    }
    if !headers.contains_key(header::ORIGIN) {
        return true;
    }
    of(headers).is_some_and(|origin| is_here(&origin, headers, public_url))
}

/// Whether one of our own pages asks. Reading from the same origin brings no `Origin`, so what else browsers say of the page counts.
pub fn is_own_page(headers: &HeaderMap, public_url: Option<&Url>) -> bool {
    if headers.contains_key(header::ORIGIN) {
        return is_ours(headers, public_url);
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    let referrer = headers.get(header::REFERER).and_then(|page| page.to_str().ok());
    let referrer = referrer.and_then(|page| Url::parse(page).ok()).filter(is_web);
    referrer.is_some_and(|page| is_here(&page, headers, public_url))
}

/// The page's origin; `None` where there is none, or none of the web, such as `null`.
pub fn of(headers: &HeaderMap) -> Option<Url> {
    let origin = headers.get(header::ORIGIN)?.to_str().ok()?;
    Url::parse(origin).ok().filter(is_web)
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

fn is_here(origin: &Url, headers: &HeaderMap, public_url: Option<&Url>) -> bool {
    if public_url.is_some_and(|url| url.origin() == origin.origin()) {
        return true;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    // The Host header has no scheme; with the origin's, a default port means the same on both sides.
    let here = host.and_then(|host| Url::parse(&format!("{}://{host}", origin.scheme())).ok());
    here.is_some_and(|here| here.origin() == origin.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_page_asks() {
        let check = |lines: &[(&str, &str)], expected: bool| {
            let mut headers = HeaderMap::new();
            headers.insert("host", "desk.example".parse().unwrap());
            for (name, value) in lines {
                headers.insert(header::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
            }
            assert_eq!(is_own_page(&headers, None), expected, "{lines:?}");
        };
        check(&[("origin", "https://desk.example")], true);
        check(&[("origin", "https://shop.example")], false);
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[("sec-fetch-site", "cross-site")], false);
        check(&[("referer", "http://desk.example/demo")], true);
        check(&[("referer", "http://shop.example/desk.example")], false);
        check(&[], false);
    }

    #[test]
    fn our_pages_and_foreign_ones() {
        let check = |origin: &str, site: &str, host: &str, public_url: &str, expected: bool| {
            let mut headers = HeaderMap::new();
            for (name, value) in [("origin", origin), ("sec-fetch-site", site), ("host", host)] {
                if !value.is_empty() {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            let public_url = Url::parse(public_url).ok();
            assert_eq!(is_ours(&headers, public_url.as_ref()), expected, "{origin} {site} {host} {public_url:?}");
        };
        check("http://127.0.0.1:8080", "same-origin", "127.0.0.1:8080", "", true);
        check("http://desk.example", "", "desk.example", "", true);
        check("http://desk.example", "", "desk.example:80", "", true);
        check("https://desk.example", "", "desk.example:443", "", true);
        check("http://DESK.example", "", "desk.EXAMPLE", "", true);
        check("", "", "127.0.0.1:8080", "", true); // no browser
        check("", "none", "127.0.0.1:8080", "", true);
        // Behind a proxy that changes the host, public_url speaks.
        check("https://desk.example", "same-origin", "127.0.0.1:8080", "https://desk.example/", true);
        check("https://desk.example", "same-origin", "127.0.0.1:8080", "", false);
        check("https://desk.example:444", "", "127.0.0.1:8080", "https://desk.example/", false);
        // Foreign pages.
        check("https://evil.example", "", "desk.example", "", false);
        check("https://evil.example", "cross-site", "desk.example", "https://desk.example", false);
        check("", "cross-site", "desk.example", "", false);
        check("http://127.0.0.1:3000", "same-site", "127.0.0.1:8080", "", false);
        check("https://desk.example.evil.example", "", "desk.example", "", false);
        check("null", "", "desk.example", "", false);
        check("chrome-extension://abc", "", "abc", "", false);
        check("https://desk.example", "", "", "", false);
    }
}
