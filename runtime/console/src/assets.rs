//! What pages load: embedded, and kept by browsers under an address that changes with the content.

use std::sync::LazyLock;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use sha2::{Digest as _, Sha256};

use crate::answer::HEADERS;
use crate::session::Console;

/// One file.
pub(crate) struct Asset {
    name: &'static str,
    media_type: &'static str,
    content: &'static str,
    digest: LazyLock<String>,
}

macro_rules! asset {
    ($name:literal, $media_type:literal) => {
        Asset {
            name: $name,
            media_type: $media_type,
            content: include_str!(concat!("assets/", $name)),
            digest: LazyLock::new(|| hex::encode(Sha256::digest(include_str!(concat!("assets/", $name)))).chars().take(12).collect()),
        }
    };
}

pub(crate) static STYLE: Asset = asset!("style.css", "text/css; charset=utf-8");
pub(crate) static SCRIPT: Asset = asset!("console.js", "text/javascript; charset=utf-8");
pub(crate) static WORKER: Asset = asset!("live.js", "text/javascript; charset=utf-8");
pub(crate) static ICON: Asset = asset!("icon.svg", "image/svg+xml");

impl Asset {
    /// Where a page finds it.
    pub(crate) fn address(&self) -> String {
        format!("/console/assets/{}?{}", self.name, *self.digest)
    }

    fn answer(&self) -> Response {
        let own = [
            (header::CONTENT_TYPE, HeaderValue::from_static(self.media_type)),
            (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        ];
        (HEADERS, own, self.content).into_response()
    }
}

/// Nobody needs a token for them.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/assets/style.css", get(async || STYLE.answer()))
        .route("/console/assets/console.js", get(async || SCRIPT.answer()))
        .route("/console/assets/live.js", get(async || WORKER.answer()))
        .route("/console/assets/icon.svg", get(async || ICON.answer()))
}
