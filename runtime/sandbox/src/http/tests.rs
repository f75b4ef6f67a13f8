//! The client against servers on this machine. Nothing is sent beyond it: where a public address is
//! needed, resolver and connector are others.

mod calls;
mod guess;
mod hostile;
mod pooled;
mod secret;
mod server;
mod tls;
mod vetted;
