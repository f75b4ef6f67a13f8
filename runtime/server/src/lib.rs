//! The HTTP surface of the bus, as `API.md` beside this crate specifies it.
//!
//! This crate must not know how anything is stored or sandboxed: no redb, no wasmtime, no file, no
//! configuration format. It decides nothing about tasks, objects or connectors (promise 6): it
//! reads a request into the words of `lockgate_core`, calls the bus on a thread that may block, and
//! writes down the answer. It must not log bodies, tokens or queries.

mod access;
mod body;
mod caller;
mod console;
mod doors;
mod encoding;
mod filter;
mod gather;
mod json;
mod linger;
mod options;
mod places;
mod query;
mod references;
mod refusals;
mod refused;
mod rights;
mod routes;
mod serve;
mod state;
mod surround;
mod webhook;
mod wire;

use axum::Router;
use lockgate_bus::Bus;

pub use doors::{Doors, digest_of_token};
pub use options::{OptionsError, Reload, Reloaded, ServerOptions, TOKEN_CHARS_MIN, check_options};
pub use rights::{NamedToken, Needs, ROUTES, Right, Route};
pub use serve::serve;
pub use webhook::{Do, Encoding as WebhookEncoding, Place as WebhookPlace, Signed, TOLERANCE_MS, Verify, Webhook};

/// All routes, the console's among them. Needs no socket: `lockgate` calls it in its own process, too. What `options` says
/// of sockets (the address, connections, the time for headers) is not looked at here.
pub fn router(bus: Bus, options: &ServerOptions) -> Router {
    console::beside(&state::App::new(bus, options))
}
