//! Write Lockgate connectors in Rust.
//!
//! A connector implements [`Connector`] and names itself in [`export!`]; everything else here builds
//! what it answers. Knows nothing of the host beyond `wit/connector.wit` and, with the feature
//! `http`, plain `wasi:http`; and nothing of any external format: bring the parser that suits the
//! external application.
//!
//! The crate also builds for the machine it is written on, so that translations are unit tested with
//! plain `cargo test`; see [`mod@log`], [`settings`], [`secrets`], [`state`], [`clock`] and [`random`]
//! for what stands in for the host there.
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
mod allocator;
mod child;
mod connector;
#[cfg(feature = "draft")]
pub mod draft;
mod error;
mod external;
mod guid;
mod host;
#[cfg(feature = "http")]
pub mod http;
mod object;
mod page;
mod panic;
mod params;
pub mod secrets;
pub mod state;
mod value;

/// What `wit-bindgen` makes of the contract; [`export!`] needs it to be public.
#[doc(hidden)]
#[allow(missing_docs, unsafe_code, clippy::all, clippy::indexing_slicing, clippy::unwrap_used, reason = "generated")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "connector",
        pub_export_macro: true,
        default_bindings_module: "lockgate_guest::bindings",
        additional_derives: [PartialEq],
    });
}

pub use bindings::lockgate::connector::types::{
    Child, ConnectorError as Error, DataType, DocumentParams, ExternalObject as External, ExternalPage, Field, InfoObject as Object,
    ObjectParams, Outage, PageParent, Prepared, Problem, TaskType, TreeNode as Page, Value,
};
#[doc(hidden)]
#[cfg(not(target_family = "wasm"))]
pub use connector::used;
pub use connector::{Adapter, Connector, Task};
pub use guid::guid_from_name;
pub use host::{clock, log, random, settings};
pub use secrets::{Secret, get as secret};

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
