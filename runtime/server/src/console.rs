//! The console beside the HTTP surface: it asks it in this process, and knows nothing else.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::Extensions;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use lockgate_console::Carried;

use crate::caller::Peer;
use crate::places::Place;
use crate::state::App;
use crate::{access, refused, routes, surround};

/// The surface, and the console's pages. A page takes no permit: what it asks the surface for does.
pub(crate) fn beside(app: &App) -> Router {
    let surface = routes::all(app.clone());
    let bus = app.bus.clone();
    let console = lockgate_console::routes(surface.clone(), Arc::new(move || bus.random()))
        .layer(from_fn(carry))
        .layer(from_fn_with_state(app.clone(), access::check_page))
        .layer(from_fn(surround::head))
        .layer(from_fn_with_state(app.clone(), refused::count))
        .layer(from_fn(surround::connection));
    console.fallback_service(surface)
}

/// What the surface wants to know of a connection comes along when a page asks it.
async fn carry(mut request: Request, next: Next) -> Response {
    let mut known = Extensions::new();
    if let Some(place) = request.extensions().get::<Arc<Place>>() {
        known.insert(place.clone());
    }
    if let Some(peer) = request.extensions().get::<Peer>() {
        known.insert(*peer);
    }
    request.extensions_mut().insert(Carried(known));
    next.run(request).await
}
