//! Secrets: the guest holds a placeholder, the host puts the value in on the way out and takes it
//! out again on the way back. A value is in no guest's memory, no log and no message (promise 3).

mod forms;
mod masker;
mod put_in;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use lockgate_core::egress::SecretGrant;
use lockgate_core::failure::Failure;
use lockgate_core::ports::Granted;

pub use masker::{MaskedStream, Masker};
pub use put_in::{BodyForm, PutIn};

/// What every placeholder begins with; 32 hexadecimal digits follow.
const PLACEHOLDER: &str = "lockgate-secret-";

/// The secrets of one task.
pub struct Secrets {
    granted: Arc<Granted>,
    /// By name; only what the guest has asked for has a placeholder.
    issued: Mutex<BTreeMap<String, String>>,
    /// Credentials as they were sent, and as the guest wrote them.
    sent: Mutex<Vec<(String, String)>>,
    forms: OnceLock<Vec<(String, String)>>,
}

impl Secrets {
    /// For one task.
    pub fn new(granted: Arc<Granted>) -> Self {
        Self { granted, issued: Mutex::default(), sent: Mutex::default(), forms: OnceLock::new() }
    }

    /// The placeholder for a secret, the same for the whole task; `None` if there is no such secret.
    pub fn placeholder(&self, name: &str) -> wasmtime::Result<Option<String>> {
        if !self.grants().contains_key(name) {
            return Ok(None);
        }
        let mut issued = lock(&self.issued);
        if let Some(placeholder) = issued.get(name) {
            return Ok(Some(placeholder.clone()));
        }
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| wasmtime::Error::msg(format!("no randomness: {error}")))?;
        let placeholder = format!("{PLACEHOLDER}{}", hex::encode(random));
        issued.insert(name.to_owned(), placeholder.clone());
        Ok(Some(placeholder))
    }

    /// Puts values in for the placeholders that the guest holds. `None`: it holds none.
    pub fn put_in(&self) -> Option<PutIn<'_>> {
        let issued = lock(&self.issued).clone();
        (!issued.is_empty()).then(|| PutIn::new(self, issued))
    }

    /// Takes values out of what comes back. `None`: there are no secrets.
    pub fn masker(&self) -> Option<Masker> {
        if self.grants().is_empty() {
            return None;
        }
        let issued = lock(&self.issued).clone();
        let values = self.grants().iter().flat_map(|(name, grant)| {
            let shown = issued.get(name).cloned().unwrap_or_else(|| mark(name));
            forms::of(grant.value.expose()).into_iter().map(move |form| (form, shown.clone()))
        });
        Masker::new(values.chain(lock(&self.sent).iter().cloned()))
    }

    /// A text for logs and messages, without any secret's value.
    pub fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        if self.grants().is_empty() {
            return text;
        }
        let forms = self.forms.get_or_init(|| {
            let of = |(name, grant): (&String, &SecretGrant)| {
                let shown = mark(name);
                forms::of(grant.value.expose()).into_iter().map(move |form| (form, shown.clone()))
            };
            let mut forms: Vec<_> = self.grants().iter().flat_map(of).collect();
            // A value that contains another one is replaced first.
            forms.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
            forms
        });
        for (form, shown) in lock(&self.sent).iter().chain(forms) {
            if text.contains(form.as_str()) {
                text = Cow::Owned(text.replace(form.as_str(), shown));
            }
        }
        text
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

    /// Remembers credentials that contain a value in a form of their own.
    fn remember(&self, sent: String, written: String) {
        let mut all = lock(&self.sent);
        if !all.iter().any(|(known, _)| *known == sent) {
            all.push((sent, written));
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
