//! The console's API: agents sign in, see the line, claim, answer, resolve, judge.

mod act;
mod agents;
mod bots;
mod canned;
mod edit;
mod files;
mod judge;
mod knowledge;
mod list;
mod live;
mod looks;
mod pass_on;
mod phrases;
mod privacy;
mod saved_views;
mod security;
mod sight;
mod sign_in;
mod signs;
mod sso;
mod staff;
pub mod wire;
mod writing;

pub use sight::keep_to_own;
pub use sso::CALLBACK as SSO_CALLBACK;

use super::Door;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    let with_conversations =
        list::routes().merge(act::routes()).merge(pass_on::routes()).merge(writing::routes()).merge(edit::routes());
    let all = sign_in::routes()
        .merge(with_conversations)
        .merge(judge::routes())
        .merge(staff::routes())
        .merge(knowledge::routes())
        .merge(canned::routes())
        .merge(phrases::routes())
        .merge(agents::routes())
        .merge(sight::routes())
        .merge(security::routes())
        .merge(saved_views::routes())
        .merge(looks::routes())
        .merge(bots::routes())
        .merge(sso::routes());
    OpenApiRouter::new().nest("/desk", all.merge(privacy::routes()).merge(signs::routes()))
}

/// Those that take a file.
pub fn upload_routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().nest("/desk", files::routes())
}

pub fn live_routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().nest("/desk", live::routes())
}
