//! For whoever watches over the server: is it alive, can it take turns, what are its figures.

use super::Door;
use super::address::Caller;
use super::frame::AsItIs;
use super::keys::{KeyHash, bearer};
use super::problem::{Problem, RETRY_UNAVAILABLE_SECS};
use crate::channel::telegram::BotStanding;
use crate::domain::Timestamp;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;

pub fn routes() -> Router<Arc<Door>> {
    Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz)).route("/metrics", get(metrics))
}

/// The process runs.
async fn healthz() -> &'static str {
    "ok\n"
}

/// 200 once turns are taken, with all the evidence there will be; 503 before, or while the store cannot write.
async fn readyz(State(door): State<Arc<Door>>) -> Response {
    let health = door.desk.answering().health();
    let can_keep = door.probe.can_keep(&door).await;
    let mut missing = vec![];
    if !health.is_ready {
        missing.push("the articles are still being loaded");
    }
    if !can_keep {
        missing.push("the store cannot write");
    }
    let is_ready = missing.is_empty();
    let mut said = json!({"ready": is_ready, "degraded": health.degraded});
    if !is_ready {
        said["missing"] = json!(missing);
    }
    if door.telegram.is_some() {
        let of_one = |bot: BotStanding| json!({"bot": bot.name, "username": bot.username, "degraded": bot.troubles});
        said["telegram"] = door.bots().into_iter().map(of_one).collect();
    }
    if let Some(mail) = &door.mail {
        said["mail"] = mail();
    }
    let no_store = (header::CACHE_CONTROL, "no-store".to_owned());
    if is_ready {
        return ([no_store], Json(said)).into_response();
    }
    let retry = (header::RETRY_AFTER, RETRY_UNAVAILABLE_SECS.to_string());
    // A monitor reads the same members in both cases, so this is no problem document.
    (StatusCode::SERVICE_UNAVAILABLE, [no_store, retry], Extension(AsItIs), Json(said)).into_response()
}

/// Asks the store whether it can write, at most once a second, because asking costs a write.
pub struct Probe {
    last: Mutex<Option<(Timestamp, bool)>>,
    one_at_a_time: Semaphore,
}

/// An answer this young is repeated.
const PROBE_MS: i64 = 1_000;

impl Default for Probe {
    fn default() -> Self {
        Self { last: Mutex::new(None), one_at_a_time: Semaphore::new(1) }
    }
}

impl Probe {
    async fn can_keep(&self, door: &Door) -> bool {
        let _turn = self.one_at_a_time.acquire().await;
        let now = door.desk.clock().now();
        let last = *self.last.lock().expect("nobody panics while holding it");
        if let Some((at, can_keep)) = last
            && (0..PROBE_MS).contains(&(now.as_millisecond() - at.as_millisecond()))
        {
            return can_keep;
        }
        let probed = door.desk.can_keep().await;
        if let Err(failure) = &probed {
            tracing::error!(error = %failure, "the store cannot write");
        }
        *self.last.lock().expect("nobody panics while holding it") = Some((now, probed.is_ok()));
        probed.is_ok()
    }
}

/// The recorder's handle, and who may read its figures besides callers on this machine.
#[derive(Clone)]
pub struct Metrics {
    pub handle: PrometheusHandle,
    pub token: Option<KeyHash>,
}

/// How often figures that nobody fetched are folded together, so that they do not pile up.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

impl Metrics {
    /// Makes this process's figures go to Prometheus. Once per process, within a tokio runtime.
    pub fn install(token: Option<KeyHash>) -> Result<Self, BuildError> {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
            .install_recorder()?;
        describe_counter!("firstline_http_requests_total", "Requests answered, by method, route and status");
        describe_histogram!("firstline_http_request_seconds", Unit::Seconds, "Time until a request was answered");
        describe_gauge!("firstline_http_sockets", "Live sockets that are open");
        describe_gauge!(
            "firstline_broken_invariants",
            "Rows that break an invariant of conversations, at the last look"
        );
        let upkeep = handle.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(UPKEEP_EVERY).await;
                upkeep.run_upkeep();
            }
        });
        Ok(Self { handle, token })
    }

    /// What the watchdog found.
    pub fn broken_invariants(n: u64) {
        gauge!("firstline_broken_invariants").set(n as f64);
    }
}

/// From a tap that is answered in milliseconds to a request that is given up.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 30.0];

/// Prometheus' text format.
async fn metrics(State(door): State<Arc<Door>>, caller: Caller, headers: HeaderMap) -> Result<Response, Problem> {
    let Some(metrics) = &door.metrics else {
        return Err(Problem::for_status(StatusCode::NOT_FOUND));
    };
    let has_token = metrics.token.is_some_and(|token| bearer(&headers).is_some_and(|given| token.fits(given)));
    if !caller.is_local && !has_token {
        let sentence = "Figures are for this machine only, or for Authorization: Bearer with the metrics token.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", sentence));
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.handle.render()).into_response())
}
