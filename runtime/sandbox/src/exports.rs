//! The three methods of a component. Their types are compared with the contract's in the component's
//! first instance and not in each, which would be a tenth of a short task.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use wasmtime::component::{ComponentExportIndex, ComponentNamedList, Func, Instance, InstancePre, Lift, Lower, TypedFunc};
use wasmtime::{Engine, Result, Store, format_err};

use crate::bindings::exports::lockgate::connector::translator as wit;
use crate::state::State;

/// What a method answers.
type Answer<T> = (std::result::Result<T, wit::ConnectorError>,);
/// What `prepare-internal-object` is asked.
pub type PrepareAsked<'a> = (wit::ExternalObject<'a>, wit::TaskType, wit::DataType, Option<&'a str>);
/// What the params methods are asked.
pub type ParamsAsked<'a> = (&'a str, &'a str);

/// A component that is ready to be instantiated, and where its methods are.
pub struct Exports {
    pre: InstancePre<State>,
    prepare: ComponentExportIndex,
    object_params: ComponentExportIndex,
    document_params: ComponentExportIndex,
    compared: AtomicBool,
}

/// The methods of one instance, each found when it is first called.
pub struct Methods {
    exports: Arc<Exports>,
    instance: Instance,
}

impl Exports {
    /// Finds them, in whatever served version of the contract the component was built with.
    pub fn of(pre: InstancePre<State>) -> Result<Self> {
        let component = pre.component();
        let engine = pre.engine();
        let names = component.component_type();
        let translator = names
            .exports(engine)
            .map(|(name, _)| name)
            .find(|name| name.starts_with("lockgate:connector/translator@"))
            .and_then(|name| component.get_export_index(None, name))
            .ok_or_else(|| format_err!("there is no translator"))?;
        let method = |name: &str| component.get_export_index(Some(&translator), name).ok_or_else(|| format_err!("there is no {name}"));
        let prepare = method("prepare-internal-object")?;
        let object_params = method("get-internal-object-params")?;
        let document_params = method("get-internal-document-params")?;
        Ok(Self { pre, prepare, object_params, document_params, compared: AtomicBool::new(false) })
    }

    /// The engine that it was loaded into.
    pub fn engine(&self) -> &Engine {
        self.pre.engine()
    }

    /// A fresh instance. Its start functions run here.
    pub fn instantiate(self: &Arc<Self>, store: &mut Store<State>) -> Result<Methods> {
        let instance = self.pre.instantiate(&mut *store)?;
        if !self.compared.load(Ordering::Acquire) {
            instance.get_typed_func::<PrepareAsked<'_>, Answer<wit::Prepared>>(&mut *store, &self.prepare)?;
            instance.get_typed_func::<ParamsAsked<'_>, Answer<wit::ObjectParams>>(&mut *store, &self.object_params)?;
            instance.get_typed_func::<ParamsAsked<'_>, Answer<wit::DocumentParams>>(&mut *store, &self.document_params)?;
            self.compared.store(true, Ordering::Release);
        }
        Ok(Methods { exports: Arc::clone(self), instance })
    }
}

impl Methods {
    /// `prepare-internal-object`.
    pub fn prepare(
        &self,
        store: &mut Store<State>,
        asked: PrepareAsked<'_>,
    ) -> Result<std::result::Result<wit::Prepared, wit::ConnectorError>> {
        self.call(store, &self.exports.prepare, asked)
    }

    /// `get-internal-object-params`.
    pub fn object_params(
        &self,
        store: &mut Store<State>,
        asked: ParamsAsked<'_>,
    ) -> Result<std::result::Result<wit::ObjectParams, wit::ConnectorError>> {
        self.call(store, &self.exports.object_params, asked)
    }

    /// `get-internal-document-params`.
    pub fn document_params(
        &self,
        store: &mut Store<State>,
        asked: ParamsAsked<'_>,
    ) -> Result<std::result::Result<wit::DocumentParams, wit::ConnectorError>> {
        self.call(store, &self.exports.document_params, asked)
    }

    fn call<Asked, T>(
        &self,
        store: &mut Store<State>,
        export: &ComponentExportIndex,
        asked: Asked,
    ) -> Result<std::result::Result<T, wit::ConnectorError>>
    where
        Asked: ComponentNamedList + Lower,
        Answer<T>: ComponentNamedList + Lift,
    {
        let func: Func = self.instance.get_func(&mut *store, export).ok_or_else(|| format_err!("an export is gone"))?;
        #[expect(
            unsafe_code,
            reason = "the types belong to the component, and `Exports::instantiate` has compared them in its first instance"
        )]
        let typed = unsafe { TypedFunc::<Asked, Answer<T>>::new_unchecked(func) };
        typed.call(store, asked).map(|(answer,)| answer)
    }
}
