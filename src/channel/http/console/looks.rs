//! The sites on which the widget stands: what the config file says of them, and how the widget looks there.

use super::super::Door;
use super::super::body::JsonBody;
use super::super::openapi::names;
use super::super::problem::{Problem, ProblemDetails};
use super::super::sites::{AskedShape, SitePage};
use super::sign_in::{SignedInAdmin, SignedInLead};
use crate::desk::{KeptLook, has_look};
use crate::domain::site::{IdentityRule, Look, OriginPattern, Proactive, Site};
use crate::domain::{Language, Timestamp};
use crate::store::Audited;
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(sites)).routes(routes!(preview)).routes(routes!(keep_look, forget_look))
}

#[derive(Serialize, ToSchema)]
pub struct DressedSite {
    name: String,
    /// False: no `[[sites]]` stands in the config file, and this is the site of pages that name none.
    is_configured: bool,
    /// As the config file says them; empty: any page.
    origins: Vec<String>,
    #[schema(value_type = names::IdentityRule)]
    identity: IdentityRule,
    keep_days: u32,
    pre_chat: Vec<AskedShape>,
    #[schema(value_type = Vec<Object>)]
    proactive: Vec<Proactive>,
    /// What holds now.
    #[schema(value_type = WidgetLook)]
    look: Look,
    /// The look stands in the config file, so the console cannot change it.
    is_fixed: bool,
    /// Null: nothing was set in the console.
    #[schema(value_type = Option<String>, format = DateTime)]
    changed_at: Option<Timestamp>,
    /// The name of the admin who set it.
    changed_by: Option<String>,
    /// The address of the site's Telegram bot.
    telegram: Option<String>,
}

/// How the widget looks on a site. Texts by language: `en`, `zh-Hans`, `zh-Hant`, `ru`.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes domain::site::Look, which knows nothing of OpenAPI")]
pub struct WidgetLook {
    /// `#rrggbb`; null: the widget's own.
    colour: Option<String>,
    colour_dark: Option<String>,
    position: names::Side,
    theme: names::Theme,
    title: BTreeMap<String, String>,
    /// The words beside the button.
    launcher: BTreeMap<String, String>,
    greeting: BTreeMap<String, String>,
    /// Pixels from the edge, 0 to 400.
    offset_x: u32,
    offset_y: u32,
}

impl DressedSite {
    fn of(door: &Door, site: Site) -> Self {
        let kept = door.desk.kept_look(&site.name);
        let telegram = door.offers.bot_of(&site.name);
        let (look, changed_at, changed_by) = match kept {
            Some(KeptLook { look, at, by }) => (look, Some(at), Some(by)),
            None => (site.look.clone(), None, None),
        };
        Self {
            is_configured: door.is_configured(&site.name),
            origins: site.origins.iter().map(OriginPattern::text).collect(),
            identity: site.identity,
            keep_days: site.keep_days,
            pre_chat: site.pre_chat.iter().map(AskedShape::of).collect(),
            look,
            is_fixed: has_look(&site),
            changed_at,
            changed_by,
            telegram,
            proactive: site.proactive,
            name: site.name,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct DressedSites {
    sites: Vec<DressedSite>,
}

/// The sites, with what holds there.
#[utoipa::path(get, path = "/sites", tag = "console", security(("agent_cookie" = [])), responses(
    (status = 200, description = "In the order of the config file", body = DressedSites),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
))]
async fn sites(State(door): State<Arc<Door>>, _: SignedInLead) -> Json<DressedSites> {
    let sites = door.desk.sites().into_iter().map(|site| DressedSite::of(&door, site)).collect();
    Json(DressedSites { sites })
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewBody {
    site: String,
    #[schema(value_type = WidgetLook)]
    look: Look,
    /// A BCP 47 tag.
    language: Option<String>,
}

/// What the widget of a site would be told if it looked so. Nothing is kept.
#[utoipa::path(post, path = "/sites/preview", tag = "console", request_body = PreviewBody, security(("agent_cookie" = [])),
    responses(
    (status = 200, description = "As /sites/{site} would answer", body = SitePage),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn preview(
    State(door): State<Arc<Door>>,
    _: SignedInLead,
    JsonBody(body): JsonBody<PreviewBody>,
) -> Result<Json<SitePage>, Problem> {
    let site = door.desk.check_look(&body.site, &body.look)?;
    let language = body.language.as_deref().and_then(Language::parse);
    Ok(Json(SitePage::of(&site, language, &door.offers)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LookBody {
    #[schema(value_type = WidgetLook)]
    look: Look,
}

/// Sets how the widget looks on a site of whose look the config file says nothing. Pages see it within a minute.
#[utoipa::path(post, path = "/sites/{site}/look", tag = "console", request_body = LookBody, params(("site" = String, Path)),
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "What holds now", body = DressedSite),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn keep_look(
    State(door): State<Arc<Door>>,
    SignedInAdmin(admin): SignedInAdmin,
    Path(name): Path<String>,
    JsonBody(body): JsonBody<LookBody>,
) -> Result<Json<DressedSite>, Problem> {
    door.desk.keep_look(&admin, &name, body.look).await?;
    door.desk.note_audit(Some(&admin), Audited::LookSet, &name).await;
    door.dressed(&name)
}

/// Back to the widget's own look.
#[utoipa::path(delete, path = "/sites/{site}/look", tag = "console", params(("site" = String, Path)),
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "What holds now", body = DressedSite),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
))]
async fn forget_look(
    State(door): State<Arc<Door>>,
    SignedInAdmin(admin): SignedInAdmin,
    Path(name): Path<String>,
) -> Result<Json<DressedSite>, Problem> {
    door.desk.forget_look(&admin, &name).await?;
    door.desk.note_audit(Some(&admin), Audited::LookUnset, &name).await;
    door.dressed(&name)
}

impl Door {
    fn dressed(&self, name: &str) -> Result<Json<DressedSite>, Problem> {
        let site = self.desk.site(name)?;
        Ok(Json(DressedSite::of(self, site)))
    }
}
