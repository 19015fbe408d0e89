//! An article as a page of its own, for links in replies: needs nothing else and runs nothing.

use super::Door;
use super::body::Asking;
use super::sites::Spoken;
use crate::channel::transcript::escaped;
use crate::domain::article::Article;
use crate::domain::{ArticleId, ChannelKind, Language, texts};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::{Arc, LazyLock};

pub fn routes() -> Router<Arc<Door>> {
    Router::new().route("/articles/{id}", get(article))
}

/// The article in the language that the address names, else in the one nearest to the browser's, if it may answer on the web today.
async fn article(
    State(door): State<Arc<Door>>,
    Path(id): Path<String>,
    Asking(spoken): Asking<Spoken>,
    headers: HeaderMap,
) -> Response {
    let wished = spoken.wish().or_else(|| preferred(&headers));
    let (id, language) = (ArticleId::new(&id), wished.unwrap_or(Language::En));
    let answering = door.desk.answering();
    let found = |language| answering.article(&id, language, ChannelKind::Web);
    let Some(shown) = found(language) else {
        let page = page(language, &texts::article_gone(language), "", &[]);
        return framed(StatusCode::NOT_FOUND, page);
    };
    let others: Vec<_> = Language::ALL.into_iter().filter(|other| *other != shown.language).filter_map(found).collect();
    let others: Vec<_> = others.iter().filter(|other| other.language != shown.language).map(AsRef::as_ref).collect();
    framed(StatusCode::OK, page(shown.language, &shown.title, &shown.html, &others))
}

/// The first of the browser's languages that is ours (RFC 9110, section 12.5.4; browsers list the preferred ones first).
fn preferred(headers: &HeaderMap) -> Option<Language> {
    let listed = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    listed.split(',').find_map(|range| Language::parse(range.split(';').next().unwrap_or_default().trim()))
}

/// `html` is sanitised; `others`: the same article in other languages, one each.
fn page(language: Language, title: &str, html: &str, others: &[&Article]) -> String {
    let title = escaped(title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{html}</main>\n",
        language.tag(),
    );
    if !others.is_empty() {
        out.push_str("<nav>\n");
        for other in others {
            // Writing to a String never fails.
            let _ = writeln!(
                out,
                "<a href=\"?language={tag}\" hreflang=\"{tag}\" lang=\"{tag}\">{}</a>",
                escaped(&other.title),
                tag = other.language.tag()
            );
        }
        out.push_str("</nav>\n");
    }
    out + "</body>\n</html>\n"
}

fn framed(status: StatusCode, page: String) -> Response {
    let headers = [
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY.as_str()),
        // Whoever reads it follows links as nobody in particular.
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    // Also where there is none: a page, no problem document.
    (status, headers, Extension(super::frame::AsItIs), Html(page)).into_response()
}

static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; img-src https:; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

const STYLE: &str = ":root{color-scheme:light dark}\
body{font:17px/1.6 system-ui,sans-serif;max-width:42em;margin:0 auto;padding:2em 1.2em 4em;color:light-dark(#1d2327,#e6e9eb);\
background:light-dark(#fff,#15191c);overflow-wrap:anywhere}h1{font-size:1.6em;line-height:1.25}a{color:light-dark(#0a6c74,#5cc4cc)}\
pre,table{display:block;overflow-x:auto}td,th{padding:.2em 1em .2em 0;text-align:start}img{max-width:100%;height:auto}\
blockquote{margin:1em 0;padding-left:1em;border-left:3px solid light-dark(#c3cbd1,#4a545b)}\
nav{display:grid;gap:.4em;margin-top:3em;padding-top:1em;border-top:1px solid light-dark(#dfe4e7,#2c3439)}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_languages_in_their_order() {
        let check = |listed: &'static str, expected| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, listed.parse().unwrap())]);
            assert_eq!(preferred(&headers), expected, "{listed}");
        };
        check("de-DE,de;q=0.9,ru;q=0.8,en;q=0.7", Some(Language::Ru));
        check("zh-TW,zh;q=0.9", Some(Language::ZhHant));
        check("fr", None);
        check("*", None);
        assert_eq!(preferred(&HeaderMap::new()), None);
    }
}
