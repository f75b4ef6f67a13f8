//! Puts values in for placeholders, towards the origins that they were granted for.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::{alphabet, engine::DecodePaddingMode};
use http::HeaderValue;
use lockgate_core::egress::{Denied, Origin, SecretGrant};

use super::{Secrets, forms};

/// Reads `Basic` credentials with or without padding.
const TOLERANT: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// How a value is written into a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyForm {
    /// Inside a string of JSON.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// As a text of XML.
    Xml,
    /// As it is.
    Plain,
}

impl BodyForm {
    /// By the header `content-type`.
    pub fn of(content_type: &str) -> Self {
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/x-www-form-urlencoded" => Self::Form,
            "text/xml" | "application/xml" => Self::Xml,
            _ if essence.ends_with("/json") || essence.ends_with("+json") => Self::Json,
            _ if essence.ends_with("+xml") => Self::Xml,
            _ => Self::Plain,
        }
    }

    fn write(self, value: &str) -> String {
        match self {
            Self::Json => forms::json(value),
            Self::Form => forms::percent(value),
            Self::Xml => forms::xml(value),
            Self::Plain => value.to_owned(),
        }
    }
}

/// The placeholders that a guest holds.
pub struct PutIn<'a> {
    secrets: &'a Secrets,
    issued: BTreeMap<String, String>,
}

impl<'a> PutIn<'a> {
    pub(super) fn new(secrets: &'a Secrets, issued: BTreeMap<String, String>) -> Self {
        Self { secrets, issued }
    }

    /// A header's value; `None`: nothing to put in.
    pub fn header(&self, value: &[u8], origin: &Origin) -> Result<Option<HeaderValue>, Denied> {
        let replaced = match self.basic(value, origin)? {
            Some(basic) => Some(basic),
            None => self.replaced(value, origin, str::to_owned)?,
        };
        let Some(replaced) = replaced else { return Ok(None) };
        // A line break, for example, would begin a header of its own.
        let mut header = HeaderValue::from_bytes(&replaced).map_err(|_| self.unfit())?;
        header.set_sensitive(true);
        Ok(Some(header))
    }

    /// A query; `None`: nothing to put in.
    pub fn query(&self, query: &str, origin: &Origin) -> Result<Option<String>, Denied> {
        let replaced = self.replaced(query.as_bytes(), origin, forms::percent)?;
        Ok(replaced.map(|query| String::from_utf8_lossy(&query).into_owned()))
    }

    /// A body; `None`: nothing to put in.
    pub fn body(&self, body: &[u8], form: BodyForm, origin: &Origin) -> Result<Option<Vec<u8>>, Denied> {
        self.replaced(body, origin, |value| form.write(value))
    }

    /// The secret whose placeholder stands in a part of the request where nothing is put in.
    pub fn found_in(&self, text: &str, place: &'static str) -> Result<(), Denied> {
        match self.issued.iter().find(|(_, placeholder)| text.contains(placeholder.as_str())) {
            Some((name, _)) => Err(Denied::SecretPlace { secret: name.clone(), place }),
            None => Ok(()),
        }
    }

    /// A value that no header can hold.
    fn unfit(&self) -> Denied {
        let unfit = |name: &&String| self.secrets.grants().get(*name).is_some_and(|it| HeaderValue::from_str(it.value.expose()).is_err());
        let secret = self.issued.keys().find(unfit).cloned().unwrap_or_default();
        Denied::SecretPlace { secret, place: "a header, which cannot hold its characters" }
    }

    /// `Basic` credentials that contain a placeholder, with values.
    fn basic(&self, value: &[u8], origin: &Origin) -> Result<Option<Vec<u8>>, Denied> {
        let Some((scheme, written)) = std::str::from_utf8(value).ok().and_then(|value| value.split_once(' ')) else { return Ok(None) };
        if !scheme.eq_ignore_ascii_case("basic") {
            return Ok(None);
        }
        let Ok(credentials) = TOLERANT.decode(written.trim()) else { return Ok(None) };
        let Some(replaced) = self.replaced(&credentials, origin, str::to_owned)? else { return Ok(None) };
        let sent = STANDARD.encode(replaced);
        let held = self.issued.iter().filter(|(_, placeholder)| contains(&credentials, placeholder)).map(|(name, _)| name.clone());
        self.secrets.remember(&sent, written.trim(), held.collect());
        Ok(Some(format!("{scheme} {sent}").into_bytes()))
    }

    fn replaced(&self, text: &[u8], origin: &Origin, write: impl Fn(&str) -> String) -> Result<Option<Vec<u8>>, Denied> {
        let mut replaced = None;
        for (name, placeholder) in &self.issued {
            let text = replaced.as_deref().unwrap_or(text);
            let Some(value) = self.secrets.grants().get(name).filter(|_| contains(text, placeholder)) else { continue };
            let value = write(allowed(name, value, origin)?);
            replaced = Some(replace(text, placeholder, &value));
        }
        Ok(replaced)
    }
}

fn allowed<'a>(name: &str, secret: &'a SecretGrant, origin: &Origin) -> Result<&'a str, Denied> {
    if secret.origins.contains(origin) {
        return Ok(secret.value.expose());
    }
    Err(Denied::Secret { secret: name.to_owned(), origin: origin.clone() })
}

fn contains(text: &[u8], placeholder: &str) -> bool {
    text.windows(placeholder.len()).any(|window| window == placeholder.as_bytes())
}

fn replace(text: &[u8], placeholder: &str, value: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + value.len());
    let mut rest = text;
    while let Some(at) = rest.windows(placeholder.len()).position(|window| window == placeholder.as_bytes()) {
        let (before, after) = rest.split_at(at);
        out.extend_from_slice(before);
        out.extend_from_slice(value.as_bytes());
        rest = after.get(placeholder.len()..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}
