//! The operators' console: pages under `/console` for a browser, drawn by the server.
//!
//! This crate must not know the bus, a store, an engine or a configuration: it is a client of the public HTTP
//! surface alone, whose router it asks in this process, with the token of whoever looks. So it can show and do
//! nothing that this token may not. Every text that comes from outside is written by `html::text`. It must not
//! log tokens, and keeps them in memory only, as long as their sessions live.

mod answer;
mod api;
mod assets;
mod events;
mod html;
mod look;
mod page;
mod pages;
mod pairs;
mod payload;
mod session;

use std::sync::Arc;

use axum::Router;
use axum::http::Extensions;

/// Gives 32 bytes that nobody can guess, at every call.
pub type Random = Arc<dyn Fn() -> [u8; 32] + Send + Sync>;

/// What whoever mounts the pages knows of a connection, as an extension of its requests: it goes along with each question
/// to the HTTP surface.
#[derive(Debug, Clone, Default)]
pub struct Carried(pub Extensions);

/// All pages. `api` is the router of the HTTP surface, which decides who may do what; whoever mounts these pages
/// refuses requests across sites before they come here.
pub fn routes(api: Router, random: Random) -> Router {
    pages::routes().with_state(session::Console::new(api, random))
}
