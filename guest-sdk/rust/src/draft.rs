//! What the contract's version 1.1 adds: what a connector says beside its answers. With the feature `draft`.

/// What an object does not have.
pub mod children {
    /// Says that the object that is being prepared has no children or bindings of this type, apart from
    /// those in its list. A `snapshot` deletes those that are stored and not listed, of types that are
    /// declared `complete`; a type of which the list has none, and of which this is not said, counts as not
    /// stated, and its children stay.
    pub fn none(object_type: &str) {
        #[cfg(target_family = "wasm")]
        crate::bindings::lockgate::connector::children::none(object_type);
        #[cfg(not(target_family = "wasm"))]
        SAID.with_borrow_mut(|said| said.push(object_type.to_owned()));
    }

    /// Natively only, for unit tests: the types for which [`none`] was called on this thread since this
    /// was asked last.
    #[cfg(not(target_family = "wasm"))]
    #[must_use]
    pub fn said() -> Vec<String> {
        SAID.take()
    }

    #[cfg(not(target_family = "wasm"))]
    thread_local! {
        static SAID: std::cell::RefCell<Vec<String>> = const { std::cell::RefCell::new(Vec::new()) };
    }
}

/// Objects that are known by their GUID.
pub mod identity {
    /// Says the GUID of the object that [`get_internal_object_params`](crate::Connector::get_internal_object_params)
    /// is asked for, before that answers. The object is found by it alone; the answer's code name may be
    /// empty. Hexadecimal with hyphens.
    pub fn by_guid(guid: &str) {
        #[cfg(target_family = "wasm")]
        crate::bindings::lockgate::connector::identity::by_guid(guid);
        #[cfg(not(target_family = "wasm"))]
        SAID.set(Some(guid.to_owned()));
    }

    /// Natively only, for unit tests: what [`by_guid`] was called with last on this thread since this was
    /// asked last.
    #[cfg(not(target_family = "wasm"))]
    #[must_use]
    pub fn said() -> Option<String> {
        SAID.take()
    }

    #[cfg(not(target_family = "wasm"))]
    thread_local! {
        static SAID: std::cell::RefCell<Option<String>> = const { std::cell::RefCell::new(None) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stand_ins_keep_what_was_said() {
        children::none("shop.variant");
        identity::by_guid("018f0000-0000-7000-8000-000000000001");
        assert_eq!(children::said(), ["shop.variant"]);
        assert_eq!(children::said(), [""; 0]);
        assert_eq!(identity::said().as_deref(), Some("018f0000-0000-7000-8000-000000000001"));
    }
}
