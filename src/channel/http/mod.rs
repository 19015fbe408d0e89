//! The HTTP door: the customers' API and live socket, the console's API, the pages, and what watches over the server.
//!
//! May: know axum, headers, cookies, JSON shapes, and call the desk.
//! May not: let anyone past without token, cookie or key, or pass on an error as it is.

mod address;
mod article_page;
mod ask;
mod assets;
mod attachments;
mod body;
mod commands;
mod console;
mod cors;
mod customer;
mod frame;
mod health;
mod hub;
mod identity;
mod keys;
mod limits;
mod live;
mod oidc;
pub mod openapi;
mod origin;
mod poll;
mod presence;
mod problem;
mod qr;
mod serve;
mod signs;
mod sites;
mod socket;
mod transcript;
mod visitor;
mod webhook;
mod wire;

pub use address::Network;
pub use console::SSO_CALLBACK;
pub use health::Metrics;
pub use identity::SiteKeys;
pub use keys::KeyHash;
pub use limits::Limits;
pub use oidc::{Oidc, OidcOptions};
pub use presence::Presence;
pub use serve::serve;
pub use sites::{AttachmentOffer, HostedSite, Offers, TelegramLink};

use crate::channel::telegram::{BotStanding, WebhookDoor};
use crate::desk::Desk;
use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;
use url::Url;

pub type BotStandings = Arc<dyn Fn() -> Vec<BotStanding> + Send + Sync>;

/// What the composition root gives to the door.
#[derive(Clone)]
pub struct HttpState {
    pub desk: Desk,
    pub limits: Limits,
    /// Where browsers reach this server, when that is not what their `Host` header says. With https the agents' cookie is `Secure`.
    pub public_url: Option<Url>,
    /// Whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<Network>,
    /// Whoever has one of these may call `/ask` from another machine.
    pub api_keys: Vec<KeyHash>,
    /// Where the widget may stand; empty: anywhere.
    pub sites: Vec<HostedSite>,
    /// What the widget may offer beside talking.
    pub offers: Offers,
    /// `None`: there is no `/metrics`.
    pub metrics: Option<Metrics>,
    /// How the Telegram bots are doing; `None` when there is none.
    pub telegram: Option<BotStandings>,
    /// Of the bots that have updates brought, by name.
    pub webhooks: HashMap<String, WebhookDoor>,
    /// How mail is doing, for `/readyz`; `None` when none is sent.
    pub mail: Option<Arc<dyn Fn() -> serde_json::Value + Send + Sync>>,
    /// Where agents may sign in beside e-mail and password.
    pub oidc: Option<Arc<Oidc>>,
    /// Where customers' signs of life are kept.
    pub presence: Arc<Presence>,
    /// Cancelled at shutdown, so that live sockets say goodbye; give `closing.clone().cancelled_owned()` to `serve`.
    pub closing: CancellationToken,
}

/// What every handler can reach.
struct Door {
    desk: Desk,
    public_url: Option<Url>,
    trusted_proxies: Vec<Network>,
    api_keys: Vec<KeyHash>,
    sites: Vec<HostedSite>,
    offers: Offers,
    metrics: Option<Metrics>,
    webhooks: HashMap<String, WebhookDoor>,
    telegram: Option<BotStandings>,
    mail: Option<Arc<dyn Fn() -> serde_json::Value + Send + Sync>>,
    oidc: Option<Arc<Oidc>>,
    presence: Arc<Presence>,
    closing: CancellationToken,
    gates: limits::Gates,
    places: Arc<socket::Places>,
    hub: Arc<hub::Hub>,
    probe: health::Probe,
}

/// A request without an answer by then is given up; sockets are not requests.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Everything that is served.
pub fn router(state: HttpState) -> Router {
    let door = Arc::new(Door {
        gates: limits::Gates::new(&state.limits),
        places: Arc::new(socket::Places::new(&state.limits)),
        hub: Arc::default(),
        probe: health::Probe::default(),
        desk: state.desk,
        public_url: state.public_url,
        trusted_proxies: state.trusted_proxies,
        api_keys: state.api_keys,
        sites: state.sites,
        offers: state.offers,
        metrics: state.metrics,
        telegram: state.telegram,
        webhooks: state.webhooks,
        mail: state.mail,
        oidc: state.oidc,
        presence: state.presence,
        closing: state.closing,
    });
    let for_customers: Router<Arc<Door>> =
        customer::routes().merge(commands::routes()).merge(transcript::routes()).merge(ask::routes()).into();
    let for_agents: Router<Arc<Door>> = console::routes().into();
    let for_customers = bounded(for_customers.merge(openapi::route()))
        .merge(attachments::uploading(attachments::routes().into()))
        .layer(from_fn_with_state(door.clone(), cors::open_to_pages));
    let for_agents = bounded(for_agents)
        .merge(attachments::uploading(console::upload_routes().into()))
        .layer(from_fn_with_state(door.clone(), console::keep_to_own))
        .layer(from_fn_with_state(door.clone(), origin::refuse_foreign));
    let sockets: Router<Arc<Door>> = live::routes().merge(console::live_routes()).into();
    let files: Router<Arc<Door>> = attachments::file_routes().into();
    let api = for_customers.merge(for_agents).merge(sockets).merge(files).layer(from_fn(frame::never_cached));
    Router::new()
        .nest("/api/v1", api)
        .merge(bounded(
            health::routes().merge(assets::routes()).merge(article_page::routes()).fallback(assets::anything_else),
        ))
        .merge(bounded(webhook::routes()))
        .layer(CatchPanicLayer::custom(frame::panicked))
        .layer(from_fn_with_state(door.clone(), frame::frame))
        .with_state(door)
}

/// For everything that is answered once: a limit of time, and gzip. `JsonBody` limits what comes in.
fn bounded(router: Router<Arc<Door>>) -> Router<Arc<Door>> {
    router
        .layer(CatchPanicLayer::custom(frame::panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIMEOUT))
        .layer(CompressionLayer::new())
}
