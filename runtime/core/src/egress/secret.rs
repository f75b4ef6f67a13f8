//! A value that is never printed.

use std::fmt;

use zeroize::Zeroizing;

use super::Origin;

/// A secret's value: neither `Debug` nor `Display` shows it, and its memory is overwritten when it
/// is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes the value over.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// The value, for the one place that sends or masks it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}

impl fmt::Display for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// A secret and where it may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretGrant {
    /// What the host puts in for the guest's placeholder.
    pub value: SecretText,
    /// Where it may be sent; these origins must be granted for calls too.
    pub origins: Vec<Origin>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let grant = SecretGrant { value: SecretText::new("hunter2"), origins: Vec::new() };
        assert!(!format!("{grant:?} {}", grant.value).contains("hunter2"));
        assert_eq!(grant.value.expose(), "hunter2");
    }
}
