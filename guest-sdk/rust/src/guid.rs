//! GUIDs that come out the same for every task.

use uuid::Uuid;

/// The UUIDv5 of `name` in the namespace that `namespace_text` names, so that the same external
/// object has the same GUID in every task, and in connectors of every language.
///
/// The namespace is itself the UUIDv5 of its text in RFC 9562's URL namespace.
#[must_use]
pub fn guid_from_name(namespace_text: &str, name: &str) -> String {
    let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, namespace_text.as_bytes());
    Uuid::new_v5(&namespace, name.as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with Python: `uuid5(uuid5(NAMESPACE_URL, "https://shop.example"), "product/17")`.
    #[test]
    fn a_guid_is_the_one_that_other_languages_compute() {
        assert_eq!(guid_from_name("https://shop.example", "product/17"), "26394b70-74b5-505e-b7a4-e8e4b6642ce5");
    }

    #[test]
    fn namespaces_keep_equal_names_apart() {
        assert_ne!(guid_from_name("a", "1"), guid_from_name("b", "1"));
    }
}
