//! `[connectors.NAME.webhook]`: what another service posts to `/in/NAME`, and how it is verified.

use std::collections::BTreeMap;

use lockgate_core::task::TaskType;
use serde::{Deserialize, Serialize};

use crate::wire::{Do, Signed, Verify, Webhook, WebhookEncoding, WebhookPlace};

/// Services whose signatures are known, and the two shapes for others.
pub const SERVICES: [&str; 6] = ["shopify", "github", "stripe", "standard-webhooks", "hmac", "basic"];
/// The word for events that become no task.
const IGNORE: &str = "ignore";

/// One webhook, every key but the first two optional.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookSection {
    pub verify: String,
    pub secrets: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<EncodingWord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp_header: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_type: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub types: BTreeMap<String, String>,
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EncodingWord {
    Hex,
    Base64,
}

impl std::fmt::Debug for WebhookSection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookSection").field("verify", &self.verify).field("secrets", &self.secrets.len()).finish_non_exhaustive()
    }
}

impl WebhookSection {
    /// As the server takes it, or what is wrong.
    pub fn webhook(&self) -> Result<Webhook, String> {
        if self.secrets.is_empty() || self.secrets.iter().any(String::is_empty) {
            return Err("secrets is needed: at least one, and none that is empty".to_owned());
        }
        let known = || format!("verify = {:?}: known are {}", self.verify, SERVICES.join(", "));
        let mut hook = Webhook::of(&self.verify, self.secrets.clone()).ok_or_else(known)?;
        let shape = self.header.is_some()
            || self.prefix.is_some()
            || self.encoding.is_some()
            || self.signed.is_some()
            || self.timestamp_header.is_some();
        if shape && self.verify != "hmac" {
            return Err("header, prefix, encoding, signed and timestamp_header belong to verify = \"hmac\"".to_owned());
        }
        if let Verify::Hmac(signed) = &mut hook.verify
            && shape
        {
            self.shape(signed)?;
        }
        if let Some(tolerance_ms) = self.tolerance_ms {
            hook.tolerance_ms = tolerance_ms;
        }
        hook.id = self.id.as_deref().map(place).or(hook.id);
        hook.event = self.event.as_deref().map(place).or(hook.event);
        hook.subject = self.subject.as_deref().map(place).or(hook.subject);
        if let Some(word) = &self.default_type {
            hook.default = action(word)?;
        }
        for (event, word) in &self.types {
            hook.types.insert(event.clone(), action(word)?);
        }
        Ok(hook)
    }

    fn shape(&self, signed: &mut Signed) -> Result<(), String> {
        if let Some(header) = &self.header {
            signed.header.clone_from(header);
        }
        if let Some(prefix) = &self.prefix {
            signed.prefix.clone_from(prefix);
        }
        if let Some(encoding) = self.encoding {
            signed.encoding = match encoding {
                EncodingWord::Hex => WebhookEncoding::Hex,
                EncodingWord::Base64 => WebhookEncoding::Base64,
            };
        }
        if let Some(text) = &self.signed {
            if !text.contains("{body}") {
                return Err("signed has {body} in it: what is not signed could be anything".to_owned());
            }
            signed.text.clone_from(text);
        }
        signed.timestamp.clone_from(&self.timestamp_header);
        if signed.timestamp.is_some() != signed.text.contains("{timestamp}") {
            return Err("timestamp_header and {timestamp} in signed belong together: a time that is not signed says nothing".to_owned());
        }
        Ok(())
    }
}

/// `/id` in the JSON body, else a header.
fn place(text: &str) -> WebhookPlace {
    if text.starts_with('/') { WebhookPlace::Body(text.to_owned()) } else { WebhookPlace::Header(text.to_ascii_lowercase()) }
}

fn action(word: &str) -> Result<Do, String> {
    match word {
        IGNORE => Ok(Do::Ignore),
        word => word.parse::<TaskType>().map(Do::Task).map_err(|error| format!("{error}; or {IGNORE}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Webhook, String> {
        toml::from_str::<WebhookSection>(text).map_err(|error| error.to_string())?.webhook()
    }

    #[test]
    fn each_service_needs_its_name_and_a_secret_alone() {
        for service in SERVICES {
            assert!(read(&format!("verify = '{service}'\nsecrets = ['x']")).is_ok(), "{service}");
        }
    }

    #[test]
    fn mistakes_are_told() {
        for (text, why) in [
            ("verify = 'shopify'", "secrets is needed"),
            ("verify = 'shopify'\nsecrets = ['']", "none that is empty"),
            ("verify = 'shopfy'\nsecrets = ['x']", "known are shopify"),
            ("verify = 'github'\nsecrets = ['x']\nheader = 'y'", "belong to verify = \"hmac\""),
            ("verify = 'hmac'\nsecrets = ['x']\nsigned = '{timestamp}'", "{body}"),
            ("verify = 'hmac'\nsecrets = ['x']\nsigned = '{timestamp}.{body}'", "belong together"),
            ("verify = 'github'\nsecrets = ['x']\ntypes = { push = 'mak' }", "unknown task type"),
            ("verify = 'github'\nsecrets = ['x']\nsecret = 'y'", "unknown field `secret`"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.contains(why), "{text}: {told}");
        }
    }

    #[test]
    fn secrets_are_not_in_the_debug_form() {
        let section: WebhookSection = toml::from_str("verify = 'basic'\nsecrets = ['shop:hunter2']").unwrap();
        assert!(!format!("{section:?} {:?}", section.webhook()).contains("hunter2"));
    }
}
