//! The console's API: agents sign in, see the line, claim, answer, resolve, judge.

mod act;
mod judge;
mod list;
mod live;
mod privacy;
mod sign_in;
pub mod wire;

use super::Door;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    let desk = sign_in::routes().merge(list::routes()).merge(act::routes()).merge(judge::routes());
    OpenApiRouter::new().nest("/desk", desk.merge(privacy::routes()))
}

pub fn live_routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().nest("/desk", live::routes())
}
