//! Webhooks: what another service posts by itself, and how it is known that this service has sent it. What is signed is
//! verified over the bytes as they came, before anything else is done with them (promise 3).

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use lockgate_core::task::TaskType;
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// How old what is signed with a time may be, and how far ahead, when nothing is said: what the services recommend.
pub const TOLERANCE_MS: u64 = 300_000;
/// Signatures in one header that are looked at, at most: a sender that rotates its secret gives two.
const SIGNATURES_MAX: usize = 16;

/// One connector's webhook.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    /// How it is signed.
    pub verify: Verify,
    /// Any of them: a secret is changed by having two for a while.
    pub secrets: Vec<String>,
    /// How old what is signed with a time may be, in ms.
    pub tolerance_ms: u64,
    /// The header, or the member of the JSON body (`/id`), that tells one event from another.
    pub id: Option<Place>,
    /// The same that says what has happened.
    pub event: Option<Place>,
    /// What is to be done by what has happened; events that are not named get `default`.
    pub types: BTreeMap<String, Do>,
    /// What is to be done with the others.
    pub default: Do,
    /// Where in the JSON body stands what the event is about.
    pub subject: Option<Place>,
}

/// How what is sent is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verify {
    /// Name and password, as `Authorization: Basic`: each secret is `name:password`.
    Basic,
    /// A keyed hash.
    Hmac(Box<Signed>),
    /// Stripe's header, which holds time and signatures.
    Stripe,
    /// <https://www.standardwebhooks.com>: headers with id, time and signatures.
    Standard,
}

/// A keyed hash in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Which header.
    pub header: String,
    /// What stands before the hash in it.
    pub prefix: String,
    /// How the hash is written.
    pub encoding: Encoding,
    /// What is signed: text with `{body}`, `{timestamp}` and `{id}`.
    pub text: String,
    /// The header with the time, in seconds since 1970.
    pub timestamp: Option<String>,
}

/// How bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Hexadecimal, of either case.
    Hex,
    /// Base64.
    Base64,
}

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a header.
    Header(String),
    /// In the JSON body, as a JSON pointer.
    Body(String),
}

/// What is done with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Do {
    /// It becomes a task of this type.
    Task(TaskType),
    /// It is acknowledged, and nothing else: a ping.
    Ignore,
}

/// Why something is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// A header is not there, or is not what it should be.
    #[error("what should say who has sent this is missing, or cannot be read")]
    Missing,
    /// It is signed by something else.
    #[error("the signature is not by one of the secrets that are configured")]
    Wrong,
    /// It was sent long ago, or the clocks differ.
    #[error("the time that is signed is too far from this server's")]
    TooOld,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook").field("verify", &self.verify).field("secrets", &self.secrets.len()).finish_non_exhaustive()
    }
}

impl Webhook {
    /// As a service sends them, by its name in the configuration; `None`: none has it.
    pub fn of(service: &str, secrets: Vec<String>) -> Option<Self> {
        let header = |name: &str| Some(Place::Header(name.to_owned()));
        let body = |pointer: &str| Some(Place::Body(pointer.to_owned()));
        let signed = |header: &str, prefix: &str, encoding| {
            let (header, prefix, text) = (header.to_owned(), prefix.to_owned(), "{body}".to_owned());
            Verify::Hmac(Box::new(Signed { header, prefix, encoding, text, timestamp: None }))
        };
        let (verify, id, event) = match service {
            "shopify" => (signed("x-shopify-hmac-sha256", "", Encoding::Base64), header("x-shopify-webhook-id"), header("x-shopify-topic")),
            "github" => (signed("x-hub-signature-256", "sha256=", Encoding::Hex), header("x-github-delivery"), header("x-github-event")),
            "stripe" => (Verify::Stripe, body("/id"), body("/type")),
            "standard-webhooks" => (Verify::Standard, header("webhook-id"), body("/type")),
            "hmac" => (signed("x-signature", "", Encoding::Hex), None, None),
            "basic" => (Verify::Basic, None, None),
            _ => return None,
        };
        let default = Do::Task(TaskType::CreateObject);
        Some(Self { verify, secrets, tolerance_ms: TOLERANCE_MS, id, event, types: BTreeMap::new(), default, subject: None })
    }

    /// Whether one of the secrets has signed this. Compares in a time that tells nothing of them.
    pub(crate) fn verify(&self, headers: &HeaderMap, body: &[u8], now_ms: i64) -> Result<(), NotVerified> {
        match &self.verify {
            Verify::Basic => self.basic(text(headers, "authorization")?),
            Verify::Hmac(signed) => {
                let given = text(headers, &signed.header)?;
                let given = given.strip_prefix(&signed.prefix).and_then(|given| signed.encoding.read(given)).ok_or(NotVerified::Missing)?;
                let timestamp = match &signed.timestamp {
                    Some(header) => text(headers, header)?,
                    None => "",
                };
                let id = match &self.id {
                    Some(Place::Header(name)) if signed.text.contains("{id}") => text(headers, name)?,
                    _ => "",
                };
                let parts = pieces(&signed.text, timestamp, id, body);
                self.any_has_signed(&parts, &[given], |secret| Some(secret.as_bytes().to_vec()))?;
                if signed.timestamp.is_some() { self.is_new(timestamp, now_ms) } else { Ok(()) }
            }
            Verify::Stripe => {
                let header = text(headers, "stripe-signature")?;
                let of = |key: &'static str| header.split(',').filter_map(move |pair| pair.trim().strip_prefix(key)?.strip_prefix('='));
                let timestamp = of("t").next().ok_or(NotVerified::Missing)?;
                let given: Vec<Vec<u8>> = of("v1").take(SIGNATURES_MAX).filter_map(|given| Encoding::Hex.read(given)).collect();
                self.any_has_signed(&[timestamp.as_bytes(), b".", body], &given, |secret| Some(secret.as_bytes().to_vec()))?;
                self.is_new(timestamp, now_ms)
            }
            Verify::Standard => {
                let (id, timestamp) = (text(headers, "webhook-id")?, text(headers, "webhook-timestamp")?);
                let header = text(headers, "webhook-signature")?;
                let given = header.split(' ').filter_map(|one| one.strip_prefix("v1,"));
                let given: Vec<Vec<u8>> = given.take(SIGNATURES_MAX).filter_map(|given| Encoding::Base64.read(given)).collect();
                let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
                self.any_has_signed(&parts, &given, |secret| STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)).ok())?;
                self.is_new(timestamp, now_ms)
            }
        }
    }

    fn basic(&self, authorization: &str) -> Result<(), NotVerified> {
        let (scheme, given) = authorization.split_once(' ').ok_or(NotVerified::Missing)?;
        let given = Some(given.trim()).filter(|_| scheme.eq_ignore_ascii_case("basic")).and_then(|given| STANDARD.decode(given).ok());
        // Digests: of one length, whatever is compared.
        let given: [u8; 32] = Sha256::digest(given.ok_or(NotVerified::Missing)?).into();
        let same = self.secrets.iter().fold(Choice::from(0), |same, secret| {
            let secret: [u8; 32] = Sha256::digest(secret).into();
            same | secret.ct_eq(&given)
        });
        if same.into() { Ok(()) } else { Err(NotVerified::Wrong) }
    }

    /// All secrets and all signatures are tried, so that the time does not tell which one fits.
    fn any_has_signed(&self, parts: &[&[u8]], given: &[Vec<u8>], key: impl Fn(&str) -> Option<Vec<u8>>) -> Result<(), NotVerified> {
        if given.is_empty() {
            return Err(NotVerified::Missing);
        }
        let mut same = Choice::from(0);
        for key in self.secrets.iter().filter_map(|secret| key(secret)) {
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { continue };
            parts.iter().for_each(|part| mac.update(part));
            let mac: [u8; 32] = mac.finalize().into_bytes().into();
            for given in given {
                same |= mac.as_slice().ct_eq(given);
            }
        }
        if same.into() { Ok(()) } else { Err(NotVerified::Wrong) }
    }

    /// Only asked of what is signed: others learn nothing of the clock.
    fn is_new(&self, timestamp: &str, now_ms: i64) -> Result<(), NotVerified> {
        let seconds: i64 = timestamp.parse().map_err(|_| NotVerified::Missing)?;
        let away_ms = now_ms.abs_diff(seconds.saturating_mul(1_000));
        if away_ms <= self.tolerance_ms { Ok(()) } else { Err(NotVerified::TooOld) }
    }

    /// What is to be done with a verified event.
    pub(crate) fn event(&self, headers: &HeaderMap, body: &[u8]) -> Event {
        let in_body = [&self.id, &self.event, &self.subject].into_iter().flatten().any(|place| matches!(place, Place::Body(_)));
        let json = if in_body { serde_json::from_slice(body).unwrap_or(Value::Null) } else { Value::Null };
        let at = |place: &Option<Place>| match place.as_ref()? {
            Place::Header(name) => text(headers, name).ok().map(ToOwned::to_owned),
            Place::Body(pointer) => match json.pointer(pointer)? {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            },
        };
        let kind = at(&self.event);
        let what = kind.as_ref().and_then(|kind| self.types.get(kind)).copied().unwrap_or(self.default);
        Event { what, id: at(&self.id), kind, subject: at(&self.subject) }
    }
}

/// A verified event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub what: Do,
    pub id: Option<String>,
    /// What has happened, in the service's words.
    pub kind: Option<String>,
    pub subject: Option<String>,
}

impl Encoding {
    fn read(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Base64 => STANDARD.decode(text).ok(),
            Self::Hex => {
                let digits = text.as_bytes();
                let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
                let is_hex = digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit);
                is_hex.then(|| digits.chunks(2).map(byte).collect()).flatten()
            }
        }
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Result<&'h str, NotVerified> {
    let mut given = headers.get_all(name).iter();
    match (given.next().map(|value| value.to_str()), given.next()) {
        (Some(Ok(text)), None) if !text.is_empty() => Ok(text),
        _ => Err(NotVerified::Missing),
    }
}

/// What is signed, with its parts in their places.
fn pieces<'p>(template: &'p str, timestamp: &'p str, id: &'p str, body: &'p [u8]) -> Vec<&'p [u8]> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        parts.push(before.as_bytes());
        let known = [("{body}", body), ("{timestamp}", timestamp.as_bytes()), ("{id}", id.as_bytes())];
        match known.iter().find(|(name, _)| from.starts_with(name)) {
            Some((name, part)) => {
                parts.push(*part);
                rest = from.get(name.len()..).unwrap_or_default();
            }
            None => {
                parts.push(b"{");
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    parts.push(rest.as_bytes());
    parts
}

#[cfg(test)]
mod tests;
