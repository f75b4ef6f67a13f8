//! What every request passes through: a permit on the way in, headers and a line in the log on the
//! way out.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::OwnedSemaphorePermit;

use crate::state::App;
use crate::wire::problem::Problem;

/// Held until the request's work is over, also when the client has gone meanwhile.
#[derive(Clone)]
pub(crate) struct Permit(#[expect(dead_code, reason = "held for its drop")] Arc<OwnedSemaphorePermit>);

/// Takes a permit before the work, or says that there are too many requests (promise 5).
pub(crate) async fn permit(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match app.requests.clone().try_acquire_owned() {
        Ok(permit) => {
            request.extensions_mut().insert(Permit(Arc::new(permit)));
            next.run(request).await
        }
        Err(_) => Problem::too_many("more requests are at work than may be; try again in a moment").into_response(),
    }
}

/// No answer is guessed at or kept by a browser or a proxy.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// One line for each request: no query, which may hold a token, and no body.
pub(crate) async fn trace(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let begun = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(%method, path, status, ms, "request");
    response
}
