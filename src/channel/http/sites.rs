//! The operator's sites: which pages may call for them, and what their widget is told before it shows itself.

use super::Door;
use super::body::Asking;
use super::identity::SiteKeys;
use super::origin;
use super::problem::{Problem, ProblemDetails};
use crate::domain::colour::{Colour, Ground};
use crate::domain::site::{AskedField, DetailField, IdentityRule, Look, Side, Site, Texts, Theme, pick};
use crate::domain::{Conversation, Language};
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(site))
}

/// A site and the secrets with which it vouches for its users.
#[derive(Clone)]
pub struct HostedSite {
    pub site: Site,
    pub keys: SiteKeys,
}

/// What else the server can do for customers, whatever the site.
#[derive(Clone, Default)]
pub struct Offers {
    /// `None`: no files are taken.
    pub attachments: Option<AttachmentOffer>,
    /// Transcripts and replies can be sent by e-mail.
    pub mail: bool,
    /// The address of a site's Telegram bot, once it is known.
    pub telegram: Option<TelegramLink>,
}

impl Offers {
    /// The address of the site's Telegram bot.
    pub fn bot_of(&self, site: &str) -> Option<String> {
        self.telegram.as_ref().and_then(|link| link(site))
    }
}

pub type TelegramLink = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttachmentOffer {
    pub max_bytes: u64,
    /// Media types, such as `image/png`.
    pub types: Vec<String>,
}

/// What the widget needs to know before it shows itself.
#[derive(Serialize, ToSchema)]
pub struct SitePage {
    site: String,
    /// Whether the site vouches for its users: `off`, `optional`, or `required`.
    #[schema(value_type = super::openapi::names::IdentityRule)]
    identity: IdentityRule,
    /// A conversation survives closing the browser for so long.
    keep_days: u32,
    look: LookShape,
    proactive: Vec<ProactiveShape>,
    /// Asked before the first words.
    pre_chat: Vec<AskedShape>,
    /// Null: no files are taken.
    attachments: Option<AttachmentOffer>,
    /// Transcripts and replies can be sent by e-mail.
    mail: bool,
    /// The address of the site's Telegram bot.
    telegram: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SiteLook)]
pub struct LookShape {
    /// `#rrggbb` or `#rgb`; absent: the widget's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    colour: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    colour_dark: Option<String>,
    #[schema(value_type = super::openapi::names::Side)]
    position: Side,
    #[schema(value_type = super::openapi::names::Theme)]
    theme: Theme,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// The words beside the button.
    #[serde(skip_serializing_if = "Option::is_none")]
    launcher: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    greeting: Option<String>,
    /// Pixels.
    offset_x: u32,
    offset_y: u32,
    /// CSS custom properties of the widget: the place, and the colour made readable on each ground.
    style: StyleShape,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SiteStyle)]
pub struct StyleShape {
    light: BTreeMap<&'static str, String>,
    dark: BTreeMap<&'static str, String>,
}

impl StyleShape {
    fn of(look: &Look) -> Self {
        let on = |ground, wish: Option<&String>| {
            let place = [("--x", format!("{}px", look.offset_x)), ("--y", format!("{}px", look.offset_y))];
            let accents = wish.and_then(|wish| Colour::parse(wish)).map(|wish| wish.accents(ground));
            let colours = accents.into_iter().flat_map(|made| {
                [
                    ("--accent", made.accent.to_string()),
                    ("--accent-strong", made.strong.to_string()),
                    ("--on-accent", made.on_accent.to_string()),
                    ("--accent-soft", made.soft.to_string()),
                    ("--on-accent-soft", made.on_soft.to_string()),
                ]
            });
            place.into_iter().chain(colours).collect()
        };
        Self {
            light: on(Ground::Light, look.colour.as_ref()),
            dark: on(Ground::Dark, look.colour_dark.as_ref().or(look.colour.as_ref())),
        }
    }
}

/// Said by the widget itself, once a visit, when all the conditions that are there hold.
#[derive(Serialize, ToSchema)]
#[schema(as = Proactive)]
pub struct ProactiveShape {
    /// The page's path; a star stands for anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_secs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scroll_percent: Option<u32>,
    text: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AskedField)]
pub struct AskedShape {
    #[schema(value_type = super::openapi::names::DetailField)]
    field: DetailField,
    required: bool,
}

impl AskedShape {
    pub fn of(&AskedField { field, required }: &AskedField) -> Self {
        Self { field, required }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Spoken {
    /// A BCP 47 tag; texts come in it, else in English, else in any language that they are written in.
    language: Option<String>,
}

impl Spoken {
    /// `None`: none is named, or none that is ours.
    pub fn wish(&self) -> Option<Language> {
        self.language.as_deref().and_then(Language::parse)
    }
}

/// A widget asks at each page; a change is there after a minute.
const CACHE: &str = "max-age=60";

/// What the widget of a site needs to know before it shows itself.
#[utoipa::path(get, path = "/sites/{site}", tag = "customer", params(("site" = String, Path), Spoken), responses(
    (status = 200, description = "Kept for a minute, with an ETag", body = SitePage),
    (status = 304, description = "As it was"),
    (status = 403, response = ProblemDetails),
))]
async fn site(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    Asking(spoken): Asking<Spoken>,
    seen: SiteSeen,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    seen.set(&name);
    let site = door.site(&name).map_or_else(|| door.unconfigured(&name, &headers), |site| Ok(Cow::Borrowed(site)))?;
    let site = door.dress(site);
    let page = serde_json::to_vec(&SitePage::of(&site, spoken.wish(), &door.offers)).map_err(|error| {
        tracing::error!(%error, "a site could not be written as JSON");
        Problem::internal()
    })?;
    let tag = format!("\"{}\"", &hex::encode(Sha256::digest(&page))[..16]);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).unwrap_or("");
    let is_known = known.split(',').any(|other| other.trim().trim_start_matches("W/") == tag);
    let mut response = match is_known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => ([(header::CONTENT_TYPE, "application/json")], page).into_response(),
    };
    let tag = HeaderValue::from_str(&tag).expect("hexadecimal digits in quotes make a header");
    response.headers_mut().insert(header::ETAG, tag);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHE));
    Ok(response)
}

impl SitePage {
    pub fn of(site: &Site, language: Option<Language>, offers: &Offers) -> Self {
        let text = |texts: &Texts| pick(texts, language).map(str::to_owned);
        let look = &site.look;
        Self {
            site: site.name.clone(),
            identity: site.identity,
            keep_days: site.keep_days,
            look: LookShape {
                colour: look.colour.clone(),
                colour_dark: look.colour_dark.clone(),
                position: look.position,
                theme: look.theme,
                title: text(&look.title),
                launcher: text(&look.launcher),
                greeting: text(&look.greeting),
                offset_x: look.offset_x,
                offset_y: look.offset_y,
                style: StyleShape::of(look),
            },
            proactive: site
                .proactive
                .iter()
                .map(|proactive| ProactiveShape {
                    page: proactive.page.clone(),
                    after_secs: proactive.after_secs,
                    scroll_percent: proactive.scroll_percent,
                    text: text(&proactive.text).unwrap_or_default(),
                })
                .collect(),
            pre_chat: site.pre_chat.iter().map(AskedShape::of).collect(),
            attachments: offers.attachments.clone(),
            mail: offers.mail,
            telegram: offers.bot_of(&site.name),
        }
    }
}

impl Door {
    fn site(&self, name: &str) -> Option<&Site> {
        self.sites.iter().map(|hosted| &hosted.site).find(|site| site.name == name)
    }

    pub(super) fn is_configured(&self, name: &str) -> bool {
        self.site(name).is_some()
    }

    /// With the look that was set in the console.
    fn dress<'a>(&self, site: Cow<'a, Site>) -> Cow<'a, Site> {
        match self.desk.kept_look(&site.name) {
            Some(kept) => Cow::Owned(Site { look: kept.look, ..site.into_owned() }),
            None => site,
        }
    }

    /// The rules for a site that nobody configured: the usual ones where none is, or on our own page.
    fn unconfigured(&self, name: &str, headers: &HeaderMap) -> Result<Cow<'_, Site>, Problem> {
        if self.sites.is_empty() || origin::is_own_page(headers, self.public_url.as_ref()) {
            return Ok(Cow::Owned(Site::usual(name)));
        }
        let sentence =
            "There is no such site here. The operator names sites in firstline.toml, and the page in data-site.";
        Err(Problem::new(StatusCode::FORBIDDEN, "unknown_site", sentence))
    }

    /// The site's rules, if the page that calls may call for it. A request that no page made passes.
    ///
    /// Errors: 403 `unknown_site`, 403 `bad_origin`.
    pub(super) fn admit(&self, name: &str, headers: &HeaderMap) -> Result<Cow<'_, Site>, Problem> {
        let Some(site) = self.site(name) else { return self.unconfigured(name, headers) };
        let is_foreign = headers.contains_key(header::ORIGIN) && !self.lets_in(site, headers);
        if is_foreign {
            let sentence =
                "This page may not talk for that site. The operator lists the pages that may under `origins`.";
            return Err(Problem::new(StatusCode::FORBIDDEN, "bad_origin", sentence));
        }
        Ok(Cow::Borrowed(site))
    }

    /// Whoever has the conversation's token, from a page that may have it or from no page at all.
    pub(super) fn admit_to(&self, conversation: &Conversation, headers: &HeaderMap) -> Result<(), Problem> {
        match headers.contains_key(header::ORIGIN) {
            true => self.admit(&conversation.site, headers).map(|_| ()),
            false => Ok(()),
        }
    }

    fn lets_in(&self, site: &Site, headers: &HeaderMap) -> bool {
        let is_allowed = origin::of(headers).map_or(site.allows_any_page(), |origin| site.allows(&origin));
        is_allowed || origin::is_ours(headers, self.public_url.as_ref())
    }

    /// Who may read an answer that is about this site; `None`: it is about none that is known yet.
    pub(super) fn readable(&self, site: Option<&str>, headers: &HeaderMap) -> Readable {
        let mut candidates = self.sites.iter().map(|hosted| &hosted.site);
        match site.and_then(|name| self.site(name)) {
            Some(site) if site.allows_any_page() => Readable::Everywhere,
            Some(site) if self.lets_in(site, headers) => Readable::Here,
            Some(_) => Readable::Nowhere,
            None if self.sites.is_empty() || candidates.clone().any(Site::allows_any_page) => Readable::Everywhere,
            None if candidates.any(|site| self.lets_in(site, headers)) => Readable::Here,
            None => Readable::Nowhere,
        }
    }
}

/// Where scripts may read an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readable {
    Everywhere,
    /// On the page that asked, and on another one perhaps not.
    Here,
    Nowhere,
}

/// Which site a request turned out to be about: told by whoever finds out, read by `cors` when the answer goes out.
#[derive(Clone, Default)]
pub struct SiteSeen(Arc<OnceLock<String>>);

impl SiteSeen {
    pub fn set(&self, name: &str) {
        self.0.get_or_init(|| name.to_owned());
    }

    pub fn get(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }
}

impl<S: Sync> FromRequestParts<S> for SiteSeen {
    type Rejection = Infallible;

    /// One that nobody reads where `cors` does not stand in the way: with sockets.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}
