//! The three methods, and the way from the exported interface to them.

use std::marker::PhantomData;

use crate::bindings::exports::lockgate::connector::translator::Guest;
use crate::bindings::lockgate::connector::types as wit;
use crate::{DocumentParams, Error, External, ObjectParams, Prepared, edge, panic};

/// What an external application asks to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words say it; wit/connector.wit lists them")]
pub enum TaskType {
    CreateObject,
    UpdateObject,
    DeleteObject,
    AddToSite,
    RemoveFromSite,
    CreateDocument,
    UpdateDocument,
    DeleteDocument,
    DeleteAllCultures,
    PublishDocument,
    ArchiveDocument,
    MoveDocument,
}

/// How much of the data is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataType {
    /// The object alone with internal ids.
    Simple,
    /// The object alone with references to be translated.
    SimpleSnapshot,
    /// With children and bindings.
    Snapshot,
}

/// What the external application wants done with the object that it handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// What to do. Most connectors translate alike for all of them.
    pub task_type: TaskType,
    /// How much of the object is meant; children and bindings are read for `Snapshot` only.
    pub data_type: DataType,
    /// External id of the site that the task belongs to; `None` for global objects.
    pub site_name: Option<String>,
}

/// Translates the objects of one external application.
///
/// Each task gets a fresh instance and its calls run one after the other, so a `static` lasts from
/// `prepare_internal_object` to the params calls of the same task, and no further.
pub trait Connector {
    /// Translates the external object. Called once a task, deletes included.
    fn prepare_internal_object(external: External, task: Task) -> Result<Prepared, Error>;

    /// Where the object with this external id is found. Called for each reference to an object type,
    /// and with `cms.site` for a site. Not implemented, it answers [`Error::unsupported`].
    fn get_internal_object_params(id: &str, object_type: &str) -> Result<ObjectParams, Error> {
        let _ = id;
        Err(Error::unsupported(format!("this connector translates no references to object type {object_type:?}")))
    }

    /// Where the page with this external id is found. Called for each reference to a page type.
    /// Not implemented, it answers [`Error::unsupported`].
    fn get_internal_document_params(id: &str, class_name: &str) -> Result<DocumentParams, Error> {
        let _ = id;
        Err(Error::unsupported(format!("this connector translates no references to page type {class_name:?}")))
    }
}

/// The exported interface on top of a connector; [`export!`](crate::export) uses it.
#[doc(hidden)]
pub struct Adapter<C>(PhantomData<C>);

impl<C: Connector> Guest for Adapter<C> {
    fn prepare_internal_object(
        external: wit::ExternalObject,
        task_type: wit::TaskType,
        data_type: wit::DataType,
        site_name: Option<String>,
    ) -> Result<wit::Prepared, wit::ConnectorError> {
        begin();
        let task = Task { task_type: edge::task_type(task_type), data_type: edge::data_type(data_type), site_name };
        C::prepare_internal_object(edge::external(external), task).map(edge::prepared).map_err(edge::error)
    }

    fn get_internal_object_params(id: String, object_type: String) -> Result<wit::ObjectParams, wit::ConnectorError> {
        begin();
        C::get_internal_object_params(&id, &object_type).map_err(edge::error).and_then(edge::object_params)
    }

    fn get_internal_document_params(id: String, class_name: String) -> Result<wit::DocumentParams, wit::ConnectorError> {
        begin();
        C::get_internal_document_params(&id, &class_name).map(edge::document_params).map_err(edge::error)
    }
}

/// Before each call: what goes wrong, and what dependencies say, reaches the task's log.
fn begin() {
    panic::report_to_log();
    #[cfg(feature = "log")]
    crate::logger::install();
}

/// Makes the named [`Connector`] the one that this component exports. Once a crate, and only in the
/// crate that becomes the component.
///
/// With a second argument the component carries its manifest, which says what it asks its operator
/// for: `export!(Teams, manifest = "manifest.toml")`. The path starts at the crate's root, where
/// `Cargo.toml` is. Without a manifest it asks for every write and setting that is granted, and for
/// no hosts, secrets or state.
#[macro_export]
macro_rules! export {
    ($connector:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Exported = $crate::Adapter<$connector>;
            $crate::__allocator!();
    $crate::bindings::export!(Exported with_types_in $crate::bindings);
        };
        // Natively nothing is exported, but the connector counts as used.
        #[cfg(not(target_family = "wasm"))]
        const _: fn() = $crate::used::<$connector>;
    };
    ($connector:ty, manifest = $path:literal) => {
        $crate::export!($connector);
        // Natively the file is read all the same: one that is missing fails there too.
        const _: () = {
            const TEXT: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path));
            // A custom section of the core module. It is no part of the memory, so nothing there
            // keeps or collects it, and the component has the module as it is.
            #[cfg(target_family = "wasm")]
            #[used]
            #[unsafe(link_section = "lockgate:manifest")]
            static MANIFEST: [u8; TEXT.len()] = *include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path));
            #[cfg(not(target_family = "wasm"))]
            let _ = TEXT;
        };
    };
}

/// Keeps a connector's methods alive natively; [`export!`](crate::export) uses it.
#[doc(hidden)]
#[cfg(not(target_family = "wasm"))]
pub fn used<C: Connector>() {
    let _ = (C::prepare_internal_object, C::get_internal_object_params, C::get_internal_document_params);
}
