//! Whether the process lives, and whether it can take tasks.

use std::sync::atomic::Ordering;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

use crate::state::App;
use crate::wire::problem::Problem;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/healthz", get(async || "ok")).route("/readyz", get(ready))
}

async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    if app.stopping.load(Ordering::Relaxed) {
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", "the server is ending"));
    }
    let asked = tokio::task::spawn_blocking(move || {
        app.bus.can_write()?;
        app.bus.counts()
    });
    match asked.await {
        Ok(answered) => Ok(answered.map(|_| "ready")?),
        Err(_) => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "store-unavailable", "the store does not answer")),
    }
}
