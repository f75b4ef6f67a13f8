//! Whether the process lives, and whether it can take tasks.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

use tokio::time::timeout;

use crate::state::App;
use crate::wire::problem::Problem;

/// How long the store may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(5);

pub(super) fn routes() -> Router<App> {
    Router::new().route("/healthz", get(async || "ok")).route("/readyz", get(ready))
}

async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    if app.stopping.load(Ordering::Relaxed) {
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", "the server is ending"));
    }
    let asking = async {
        // One asks at a time: a store that hangs would take a thread for each who asks.
        let one = app.readiness.clone().acquire_owned().await;
        let asked = tokio::task::spawn_blocking(move || {
            let answered = app.bus.can_write().and_then(|()| app.bus.counts());
            drop(one);
            answered
        });
        asked.await
    };
    match timeout(ANSWER_MAX, asking).await {
        Ok(Ok(answered)) => Ok(answered.map(|_| "ready")?),
        _ => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "store-unavailable", "the store does not answer")),
    }
}
