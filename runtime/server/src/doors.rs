//! Who gets in: tokens and webhooks. Replaced whole when the configuration is read again.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use lockgate_core::names::ConnectorName;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use crate::options::ServerOptions;
use crate::rights::Holder;
use crate::webhook::Webhook;

/// The doors of a running server. Cheap to clone: all clones are the same.
#[derive(Clone, Default)]
pub struct Doors(Arc<RwLock<Arc<Ways>>>);

/// How one gets in at one moment.
#[derive(Default)]
pub(crate) struct Ways {
    pub tokens: Tokens,
    pub webhooks: BTreeMap<ConnectorName, Webhook>,
}

impl Doors {
    /// From now on those that the options name get in, and no others. What else they say is not looked at.
    pub fn replace(&self, options: &ServerOptions) {
        let ways = Ways { tokens: Tokens::new(options), webhooks: options.webhooks.clone() };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ways);
    }

    pub(crate) fn now(&self) -> Arc<Ways> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What the configuration has of a token's value.
pub fn digest_of_token(value: &str) -> [u8; 32] {
    Sha256::digest(value).into()
}

/// Digests of the tokens: comparing digests takes as long whatever is compared, and of whatever
/// length.
#[derive(Default)]
pub(crate) struct Tokens(Vec<([u8; 32], Arc<Holder>)>);

impl Tokens {
    fn new(options: &ServerOptions) -> Self {
        let old = (1u32..).zip(&options.tokens);
        let old = old.map(|(number, token)| (Sha256::digest(token).into(), Arc::new(Holder::admin(format!("tokens-{number}")))));
        let named = options.named_tokens.iter().map(|token| (token.digest, Arc::new(Holder::of(token))));
        Self(old.chain(named).collect())
    }

    /// Whether anybody who reaches the server may do everything.
    pub(crate) fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Whose token it is.
    pub(crate) fn holder(&self, given: &str) -> Option<Arc<Holder>> {
        let given: [u8; 32] = Sha256::digest(given).into();
        // All are compared, so that the time does not tell which one it was.
        let mut found = u32::MAX;
        for (at, (token, _)) in (0u32..).zip(&self.0) {
            let same: Choice = token.ct_eq(&given);
            found.conditional_assign(&at, same);
        }
        self.0.get(usize::try_from(found).unwrap_or(usize::MAX)).map(|(_, holder)| holder.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_of_the_tokens_opens_and_nothing_else() {
        let options = ServerOptions { tokens: vec!["0123456789abcdef".into(), "fedcba9876543210".into()], ..ServerOptions::default() };
        let tokens = Tokens::new(&options);
        let name = |given: &str| tokens.holder(given).map(|holder| holder.name.clone());
        assert_eq!(name("0123456789abcdef").as_deref(), Some("tokens-1"));
        assert_eq!(name("fedcba9876543210").as_deref(), Some("tokens-2"));
        assert_eq!([name(""), name("0123456789abcde"), name("0123456789abcdeff")], [None, None, None]);
        assert_eq!(Tokens::default().holder(""), None);
    }
}
