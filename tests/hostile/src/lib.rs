//! Connectors that mean harm, one file each in `cases/`, against the whole host: the real store, the
//! real sandbox, the HTTP server on a loopback port. `README.md` says what holds after each of them.
#![expect(missing_docs, reason = "tests' code: names and the README say what there is to say")]

pub mod attack;
pub mod case;
pub mod connector;
pub mod discover;
pub mod http;
pub mod native;
pub mod probe;
pub mod process;
pub mod refuse;
pub mod rig;
pub mod script;
pub mod table;
pub mod upstream;
pub mod world;
