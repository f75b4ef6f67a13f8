//! Where things are, for whoever opens the address.

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use crate::state::App;

/// Places that are named, with what is there.
const PLACES: [(&str, &str); 7] = [
    ("/console", "the operators' console"),
    ("/v1/status", "how everything stands"),
    ("/v1/openapi.json", "the API, for programs"),
    ("/v1/failures", "what fails, and why"),
    ("/metrics", "numbers for Prometheus"),
    ("/healthz", "whether the process lives"),
    ("/readyz", "whether it takes tasks"),
];

pub(super) fn routes() -> Router<App> {
    Router::new().route("/", get(root))
}

/// Says nothing that is not in the documents: no token is asked for.
async fn root(headers: HeaderMap) -> Response {
    let wants_page = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"));
    if !wants_page {
        let places: serde_json::Map<_, _> = PLACES.iter().map(|(path, what)| ((*path).to_owned(), json!(what))).collect();
        return axum::Json(json!({ "lockgate": places })).into_response();
    }
    let mut page = String::from("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Lockgate</title><h1>Lockgate</h1><ul>");
    for (path, what) in PLACES {
        page.push_str(&format!("<li><a href=\"{path}\">{path}</a>: {what}</li>"));
    }
    page.push_str("</ul></html>");
    let mut response = axum::response::Html(page).into_response();
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}
