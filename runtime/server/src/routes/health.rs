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
        app.bus.counts()?;
        // After a submission that could not be written, a write tells whether writing works again.
        if app.cannot_write.load(Ordering::Relaxed) {
            let _switching = app.switching.blocking_lock();
            app.bus.put_switches(app.bus.switches())?;
            app.cannot_write.store(false, Ordering::Relaxed);
        }
        Ok::<_, lockgate_core::ports::StoreError>(())
    });
    match asked.await {
        Ok(answered) => Ok(answered.map(|()| "ready")?),
        Err(_) => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "store-unavailable", "the store does not answer")),
    }
}
