//! Secrets: the guest holds a placeholder, the host puts the value in on the way out and takes it
//! out again on the way back. A value is in no guest's memory, no log and no message (promise 3).

mod escapes;
mod forms;
mod masker;
mod put_in;
mod values;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chacha20::ChaCha20Rng;
use chacha20::rand_core::Rng as _;
use lockgate_core::egress::{Origin, SecretGrant, SecretText};
use lockgate_core::failure::Failure;
use lockgate_core::ports::Granted;

use crate::guest_random::{Purpose, random};

pub use masker::{MaskedStream, Masker};
pub use put_in::{BodyForm, PutIn};

/// What every placeholder begins with; 32 hexadecimal digits follow.
const PLACEHOLDER: &str = "lockgate-secret-";

/// The secrets of one task.
///
/// In what a server sends, a value is looked for only if it was granted for that server's origin: anywhere else it can only be
/// a guess, and a mask would tell guest and server that the guess is right. Neither of them sees logs and messages, where
/// nothing may remain, wherever it comes from.
pub struct Secrets {
    granted: Arc<Granted>,
    /// By name; only what the guest has asked for has a placeholder.
    issued: Mutex<BTreeMap<String, String>>,
    random: Mutex<ChaCha20Rng>,
    history: Mutex<History>,
}

/// What the task has sent so far.
#[derive(Default)]
struct History {
    /// Credentials that hold values in a form of their own.
    sent: Vec<Credentials>,
    /// For texts; made anew when there are more of those.
    masker: Option<Option<Masker>>,
}

/// Credentials, as they were sent, and as the guest wrote them.
struct Credentials {
    sent: SecretText,
    written: String,
    /// Names of the secrets in them.
    secrets: Vec<String>,
}

impl Secrets {
    /// For one task, whose run has this seed.
    pub fn new(granted: Arc<Granted>, seed: [u8; 32]) -> Self {
        let random = Mutex::new(random(seed, Purpose::Placeholders));
        Self { granted, issued: Mutex::default(), random, history: Mutex::default() }
    }

    /// The placeholder for a secret, the same for the whole task; `None` if there is no such secret.
    pub fn placeholder(&self, name: &str) -> Option<String> {
        if !self.grants().contains_key(name) {
            return None;
        }
        let mut issued = lock(&self.issued);
        let placeholder = issued.entry(name.to_owned()).or_insert_with(|| {
            let mut bytes = [0; 16];
            lock(&self.random).fill_bytes(&mut bytes);
            format!("{PLACEHOLDER}{}", hex::encode(bytes))
        });
        Some(placeholder.clone())
    }

    /// Puts values in for the placeholders that the guest holds. `None`: it holds none.
    pub fn put_in(&self) -> Option<PutIn<'_>> {
        let issued = lock(&self.issued).clone();
        (!issued.is_empty()).then(|| PutIn::new(self, issued))
    }

    /// Takes values out of what this origin sends. `None`: no secret is granted for it, and nothing is looked for.
    pub fn masker(&self, origin: &Origin) -> Option<Masker> {
        let issued = lock(&self.issued).clone();
        let shown = |name: &str| issued.get(name).cloned().unwrap_or_else(|| mark(name));
        let history = lock(&self.history);
        Masker::new(self.pairs(&history.sent, |grant| grant.origins.contains(origin), shown))
    }

    /// A text for logs and messages, without any secret's value.
    pub fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut history = lock(&self.history);
        let History { sent, masker } = &mut *history;
        let masker = masker.get_or_insert_with(|| Masker::new(self.pairs(sent, |_| true, mark)));
        let masked = masker.as_ref().and_then(|masker| masker.masked(text.as_bytes()));
        masked.map_or(Cow::Borrowed(text), |masked| Cow::Owned(String::from_utf8_lossy(&masked).into_owned()))
    }

    /// A failure without any secret's value.
    pub fn masked_failure(&self, mut failure: Failure) -> Failure {
        if let Cow::Owned(masked) = self.masked(&failure.message) {
            failure.message = masked.into();
        }
        if let Some(Cow::Owned(masked)) = failure.path.as_deref().map(|path| self.masked(path)) {
            failure.path = Some(masked.into());
        }
        failure
    }

    fn grants(&self) -> &BTreeMap<String, SecretGrant> {
        &self.granted.egress.secrets
    }

    /// The values of these secrets, and what is shown instead of each.
    fn pairs(
        &self,
        sent: &[Credentials],
        is_meant: impl Fn(&SecretGrant) -> bool,
        shown: impl Fn(&str) -> String,
    ) -> Vec<(SecretText, String)> {
        let values = self.grants().iter().filter(|(_, grant)| is_meant(grant)).map(|(name, grant)| (grant.value.clone(), shown(name)));
        let all_meant = |sent: &&Credentials| sent.secrets.iter().all(|name| self.grants().get(name).is_some_and(&is_meant));
        let sent = sent.iter().filter(all_meant).map(|it| (it.sent.clone(), it.written.clone()));
        values.chain(sent).collect()
    }

    /// Remembers credentials that contain values in a form of their own.
    fn remember(&self, sent: &str, written: &str, secrets: Vec<String>) {
        let mut history = lock(&self.history);
        if !history.sent.iter().any(|known| known.sent.expose() == sent) {
            history.sent.push(Credentials { sent: SecretText::new(sent), written: written.to_owned(), secrets });
            history.masker = None;
        }
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

/// What stands in a log instead of a value.
fn mark(name: &str) -> String {
    format!("(secret {name})")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
