//! Keys of what stands beside the rows.

use lockgate_core::key::{FormerKey, TombBy, TombKey};
use lockgate_core::names::SiteName;
use lockgate_core::rows::Scope;
use lockgate_store_rows as rows;

/// Parts of a key, each with its length: no two keys have the same bytes.
#[derive(Default)]
struct Parts(Vec<u8>);

impl Parts {
    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    fn id(mut self, id: Option<u64>) -> Self {
        self.0.extend_from_slice(&rows::place(id).to_be_bytes());
        self
    }

    fn scope(self, Scope { site, parent, group }: &Scope) -> Self {
        let site = site.as_ref().map_or("", SiteName::as_str);
        self.bytes(site.as_bytes()).id(parent.map(|id| id.0)).id(group.map(|id| id.0))
    }
}

/// A former name as it is stored.
pub(crate) fn former_key(FormerKey(object_type, scope, name): &FormerKey) -> Vec<u8> {
    Parts::default().bytes(object_type.as_str().as_bytes()).scope(scope).bytes(name.as_bytes()).0
}

/// What was deleted, as it is stored.
pub(crate) fn tomb_key(key: &TombKey) -> Vec<u8> {
    let parts = Parts::default().bytes(key.type_name.as_str().as_bytes());
    let parts = parts.bytes(key.culture.as_ref().map_or("", |culture| culture.as_str()).as_bytes());
    match &key.by {
        TombBy::Guid(guid) => parts.bytes(b"guid").bytes(guid.as_bytes()),
        TombBy::Page(site, guid) => parts.bytes(b"page").bytes(site.as_str().as_bytes()).bytes(guid.as_bytes()),
        TombBy::Name(scope, name) => parts.bytes(b"name").scope(scope).bytes(name.as_bytes()),
        TombBy::Alias(site, parent, alias) => {
            parts.bytes(b"alias").bytes(site.as_str().as_bytes()).id(parent.map(|id| id.0)).bytes(alias.as_bytes())
        }
    }
    .0
}

#[cfg(test)]
mod tests {
    use super::*;
    use lockgate_core::names::TypeName;

    #[test]
    fn keys_of_other_names_are_other_keys() {
        let key = |site: &str, name: &str| {
            let scope = Scope { site: SiteName::new(site).ok(), ..Scope::default() };
            former_key(&FormerKey(TypeName::new("cms.user").unwrap(), scope, name.into()))
        };
        assert_ne!(key("main", "a"), key("main", "b"));
        assert_ne!(key("main", "a\0b"), key("maina", "\0b"));
        assert_eq!(key("main", "a"), key("main", "a"));
    }
}
