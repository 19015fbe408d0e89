//! The pages: the widget's script, the demo, the console. Built by `make web` into `web/dist` and embedded in release builds;
//! debug builds read the folder as it is.

use super::Door;
use super::frame::AsItIs;
use super::problem::Problem;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use bytes::Bytes;
use rust_embed::{EmbeddedFile, RustEmbed};
use std::borrow::Cow;
use std::sync::Arc;

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Dist;

/// No path leaves the folder, whatever the library would say to it.
fn find(path: &str) -> Option<EmbeddedFile> {
    let is_plain = path.split('/').all(|part| !matches!(part, "" | "." | "..") && !part.contains('\\'));
    if is_plain { Dist::get(path) } else { None }
}

/// Where `make web` puts things, under `web/dist`.
const WIDGET: &str = "widget/widget.js";
const WIDGET_TYPES: &str = "widget/widget.d.ts";
const DEMO: &str = "demo/index.html";
const CONSOLE: &str = "console/index.html";

pub fn routes() -> Router<Arc<Door>> {
    Router::new()
        .route("/", get(demo))
        .route("/widget.js", get(widget))
        .route("/widget.d.ts", get(widget_types))
        .route("/widget/{part}", get(widget_part))
        .route("/console", get(console))
        .route("/console/", get(console))
        .route("/console/{*path}", get(console_file))
}

/// One script tag on any page.
async fn widget(headers: HeaderMap) -> Response {
    let Some(file) = find(WIDGET) else {
        let sentence = "The widget is not built into this server. Run `make web`, then build again.";
        return Problem::new(StatusCode::NOT_FOUND, "not_found", sentence).into_response();
    };
    for_other_pages(given(&headers, WIDGET, file, Policy::Widget))
}

/// What the script loads later. Another version's page asks for a part that is gone, and loads the script anew.
async fn widget_part(Path(part): Path<String>, headers: HeaderMap) -> Response {
    let path = format!("{WIDGET_PARTS}{part}");
    match find(&path) {
        Some(file) => for_other_pages(given(&headers, &path, file, Policy::Widget)),
        None => for_other_pages(Problem::for_status(StatusCode::NOT_FOUND).into_response()),
    }
}

async fn widget_types(headers: HeaderMap) -> Response {
    match find(WIDGET_TYPES) {
        Some(file) => given(&headers, WIDGET_TYPES, file, Policy::Widget),
        None => not_built(),
    }
}

/// Pages of other origins load it, some of them with strict rules of their own.
fn for_other_pages(mut response: Response) -> Response {
    let free = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"), (CORP, "cross-origin")];
    for (name, value) in free {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

const CORP: header::HeaderName = header::HeaderName::from_static("cross-origin-resource-policy");

async fn demo(headers: HeaderMap) -> Response {
    match find(DEMO) {
        Some(file) => given(&headers, DEMO, file, Policy::Demo),
        None => not_built(),
    }
}

/// What no route takes: the demo page's own files, else nothing.
pub async fn anything_else(uri: Uri, headers: HeaderMap) -> Response {
    let path = format!("demo/{}", uri.path().trim_start_matches('/'));
    match find(&path) {
        Some(file) => given(&headers, &path, file, Policy::Demo),
        None => Problem::for_status(StatusCode::NOT_FOUND).into_response(),
    }
}

async fn console(headers: HeaderMap) -> Response {
    match find(CONSOLE) {
        Some(file) => given(&headers, CONSOLE, file, Policy::Console),
        None => not_built(),
    }
}

/// The console's addresses are its own business: whatever is no file gets the page, which knows what to show.
async fn console_file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let path = format!("console/{path}");
    match find(&path) {
        Some(file) => given(&headers, &path, file, Policy::Console),
        // A page of an older version asks for a script that is gone; the page itself would not do.
        None if path.starts_with(HASHED) => Problem::for_status(StatusCode::NOT_FOUND).into_response(),
        None => console(headers).await,
    }
}

/// Files in these have a hash in their name and never change.
const HASHED: &str = "console/assets/";
const WIDGET_PARTS: &str = "widget/parts/";

/// What a page may load and who may frame it (Content Security Policy level 3).
#[derive(Clone, Copy)]
enum Policy {
    /// A script has no page of its own.
    Widget,
    Demo,
    Console,
}

impl Policy {
    fn text(self) -> Option<&'static str> {
        match self {
            Self::Widget => None,
            // The strictest that a shop may have: the widget must do without styles in the page.
            Self::Demo => Some(
                "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; \
                 frame-ancestors 'self'",
            ),
            Self::Console => Some(
                "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
            ),
        }
    }
}

fn given(headers: &HeaderMap, path: &str, file: EmbeddedFile, policy: Policy) -> Response {
    // Weak, because gzip changes the bytes and not the meaning.
    let tag = format!("W/\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let is_hashed = [HASHED, WIDGET_PARTS].iter().any(|folder| path.starts_with(folder));
    let cache = if is_hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = if is_known(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let bytes = match file.data {
            Cow::Borrowed(embedded) => Bytes::from_static(embedded),
            Cow::Owned(read) => Bytes::from(read),
        };
        ([(header::CONTENT_TYPE, content_type(path))], bytes).into_response()
    };
    let out = response.headers_mut();
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    out.insert(header::ETAG, HeaderValue::from_str(&tag).expect("hexadecimal is a header value"));
    out.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if let Some(policy) = policy.text() {
        out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    response
}

/// RFC 9110, section 13.1.2: weak comparison, any of a list.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let lines = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let mut known = lines.flat_map(|line| line.split(','));
    known.any(|known| known.trim() == "*" || opaque(known) == opaque(tag))
}

fn content_type(path: &str) -> String {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let is_text = kind.type_() == mime_guess::mime::TEXT || kind.subtype() == "javascript";
    if is_text { format!("{}; charset=utf-8", kind.essence_str()) } else { kind.essence_str().to_owned() }
}

fn not_built() -> Response {
    const PAGE: &str = "<!doctype html><meta charset=utf-8><title>Firstline</title>\
        <h1>The pages are not built</h1>\
        <p>The server runs and its API answers under <a href=\"/api/v1/openapi.json\">/api/v1</a>, but the widget, this demo and \
        the console are not part of it yet.</p>\
        <p>In the project's folder run <code>make web</code> (it needs Node), then <code>make build</code> and start again.</p>\n";
    (StatusCode::SERVICE_UNAVAILABLE, [(header::CACHE_CONTROL, "no-store")], Extension(AsItIs), Html(PAGE))
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_tags() {
        let check = |given: &str, known: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, given.parse().unwrap());
            assert_eq!(is_known(&headers, "W/\"abc\""), known, "{given}");
        };
        check("W/\"abc\"", true);
        check("\"abc\"", true);
        check("\"x\", W/\"abc\"", true);
        check("*", true);
        check("\"abcd\"", false);
        assert!(!is_known(&HeaderMap::new(), "W/\"abc\""));
    }

    #[test]
    fn no_path_leaves_the_folder() {
        for path in ["demo/../../Cargo.toml", "../../Cargo.toml", "demo//etc/passwd", "demo/./x", "demo/..\\x", "demo/"]
        {
            assert!(find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn kinds_of_files() {
        let check = |path: &str, kind: &str| assert_eq!(content_type(path), kind, "{path}");
        check("widget/widget.js", "text/javascript; charset=utf-8");
        check("console/index.html", "text/html; charset=utf-8");
        check("console/assets/a.css", "text/css; charset=utf-8");
        check("console/assets/a.woff2", "font/woff2");
        check("demo/a.svg", "image/svg+xml");
        check("demo/a.unknown", "application/octet-stream");
    }

    #[test]
    fn scripts_from_elsewhere_run_on_no_page_of_ours() {
        for policy in [Policy::Demo, Policy::Console] {
            let text = policy.text().unwrap();
            assert!(text.starts_with("default-src 'self'") && !text.contains("script-src"), "{text}");
        }
        assert!(Policy::Console.text().unwrap().contains("frame-ancestors 'none'"));
    }
}
