//! Write Lockgate connectors in Rust.
//!
//! A connector implements [`Connector`] and names itself in [`export!`]; everything else here builds
//! what it answers. Knows nothing of the host beyond `wit/connector.wit` and, with the feature
//! `http`, plain `wasi:http`; and nothing of any external format: bring the parser that suits the
//! external application.
//!
//! The crate also builds for the machine it is written on, so that translations are unit tested with
//! plain `cargo test`; `testing` sets what stands in for the host there.
//!
//! ```
//! use lockgate_guest::{Connector, Error, External, Object, Prepared, Task};
//!
//! struct Roles;
//!
//! impl Connector for Roles {
//!     fn prepare_internal_object(external: External, _task: Task) -> Result<Prepared, Error> {
//!         let name = external.text()?.trim();
//!         Ok(Object::new("cms.role", name).display_name(name).into())
//!     }
//! }
//!
//! lockgate_guest::export!(Roles);
//! ```

#[cfg(all(target_arch = "wasm32", feature = "allocator"))]
#[doc(hidden)]
pub mod allocator;
/// Without the feature `allocator` the toolchain's stays.
#[cfg(not(all(target_arch = "wasm32", feature = "allocator")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __allocator {
    () => {};
}
mod child;
mod connector;
mod edge;
mod error;
mod external;
mod guid;
mod host;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "log")]
mod logger;
mod object;
mod page;
mod panic;
mod params;
pub mod secrets;
pub mod state;
pub mod task;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
mod value;
pub mod warnings;

/// What `wit-bindgen` makes of the contract; [`export!`] needs it to be public.
#[doc(hidden)]
#[allow(missing_docs, unsafe_code, clippy::all, clippy::indexing_slicing, clippy::unwrap_used, reason = "generated")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "wit",
        world: "connector",
        pub_export_macro: true,
        default_bindings_module: "lockgate_guest::bindings",
        additional_derives: [PartialEq],
    });
}

pub use child::Child;
#[doc(hidden)]
#[cfg(not(target_family = "wasm"))]
pub use connector::used;
pub use connector::{Adapter, Connector, DataType, Task, TaskType};
pub use error::{Error, Outage, Problem};
pub use external::External;
pub use guid::guid_from_name;
pub use host::{clock, log, random, settings};
pub use object::{Object, Prepared};
pub use page::{ExternalPage, Page, PageParent};
pub use params::{DocumentParams, ObjectParams};
pub use secrets::{Secret, get as secret};
pub use value::{Field, Value};

/// The README's blocks are compiled. Its first one is the example `role`, which is compiled as that.
#[cfg(all(doctest, feature = "http", feature = "json"))]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(test)]
mod tests {
    #[test]
    fn the_readme_shows_the_example_as_it_is() {
        // In a connector's own crate the manifest is beside its Cargo.toml.
        let example = include_str!("../examples/role.rs").replace("examples/role.toml", "manifest.toml");
        let readme = include_str!("../README.md");
        assert!(readme.contains(&example));
        assert!(readme.contains(include_str!("../examples/role.toml")));
    }
}
