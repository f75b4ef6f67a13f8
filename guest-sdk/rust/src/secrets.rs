//! Credentials that the operator set for this connector.

use std::fmt;

/// A placeholder for a credential: never its value, which stays with the host.
///
/// Put it where the value belongs in an outgoing request: a header, the query, the body, also inside
/// `Basic` credentials. The host replaces it there, towards the hosts that the secret was granted
/// for; towards others the call is denied. It is another text for each task, so it is worth nothing
/// in a field, a log or the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The placeholder.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The placeholder for a secret. `None`: not asked for in the manifest, or not granted. Natively,
/// what [`set`] set on this thread.
#[must_use]
pub fn get(name: &str) -> Option<Secret> {
    #[cfg(target_family = "wasm")]
    {
        crate::bindings::lockgate::connector::secrets::get(name).map(Secret)
    }
    #[cfg(not(target_family = "wasm"))]
    {
        SECRETS.with_borrow(|secrets| secrets.get(name).cloned().map(Secret))
    }
}

/// Natively only, for unit tests: the placeholder that [`get`] answers on this thread from now on.
#[cfg(not(target_family = "wasm"))]
pub fn set(name: impl Into<String>, placeholder: impl Into<String>) {
    SECRETS.with_borrow_mut(|secrets| secrets.insert(name.into(), placeholder.into()));
}

#[cfg(not(target_family = "wasm"))]
thread_local! {
    static SECRETS: std::cell::RefCell<std::collections::BTreeMap<String, String>> =
        const { std::cell::RefCell::new(std::collections::BTreeMap::new()) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_there_once_it_is_set_and_displays_its_placeholder() {
        assert_eq!(get("token"), None);
        set("token", "placeholder");
        let secret = get("token").unwrap();
        assert_eq!((secret.as_str(), format!("Bearer {secret}").as_str()), ("placeholder", "Bearer placeholder"));
    }
}
