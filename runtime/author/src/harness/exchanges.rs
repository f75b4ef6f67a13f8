//! `http.toml`: what the external application answers in a case.

use std::collections::BTreeMap;
use std::path::Path;

use lockgate_core::egress::{Exchange, Recording};
use serde::Deserialize;

use super::CaseError;

const FILE: &str = "http.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    exchange: Vec<ExchangeFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ExchangeFile {
    #[serde(default = "get")]
    method: String,
    url: String,
    body_holds: Option<String>,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<String>,
    body_file: Option<String>,
}

fn get() -> String {
    "GET".to_owned()
}

fn ok() -> u16 {
    200
}

/// The exchanges of a case. None: every call is refused.
pub fn read(folder: &Path) -> Result<Recording, CaseError> {
    let path = folder.join(FILE);
    if !path.is_file() {
        return Ok(Recording::default());
    }
    let text = std::fs::read_to_string(&path).map_err(|error| CaseError::new(&path, error))?;
    let file: File = toml::from_str(&text).map_err(|error| CaseError::new(&path, error))?;
    let exchanges = file.exchange.into_iter().map(|exchange| {
        if !(100..600).contains(&exchange.status) {
            return Err(CaseError::new(&path, format!("{} is no status of HTTP", exchange.status)));
        }
        let body = match (exchange.body, exchange.body_file) {
            (Some(_), Some(_)) => return Err(CaseError::new(&path, "an exchange has body or body-file, not both")),
            (body, None) => body.unwrap_or_default().into_bytes(),
            (None, Some(name)) => {
                let file = folder.join(name);
                std::fs::read(&file).map_err(|error| CaseError::new(&file, error))?
            }
        };
        let ExchangeFile { method, url, body_holds, status, headers, .. } = exchange;
        Ok(Exchange { method, url, body_holds, status, headers: headers.into_iter().collect(), body })
    });
    exchanges.collect::<Result<_, _>>().map(Recording)
}
