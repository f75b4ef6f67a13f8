//! `lockgate token`.

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;

use crate::config::{Digest, RightWord};
use crate::out;
use crate::wire::digest_of_token;

/// Random bytes of a value: nobody guesses them.
const VALUE_BYTES: usize = 32;
/// Before the digits, so that a value is known for what it is wherever it turns up.
const PREFIX: &str = "lockgate_";

/// Make tokens for the server
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make a token, print its value once, and the lines for the configuration
    ///
    /// The value is kept nowhere. The configuration has its digest: whoever reads the file learns nothing.
    /// `lockgate reload` lets a running server know it.
    ///
    /// Examples:
    ///   lockgate token new shop-app --right submit --connector shop
    ///   lockgate token new anna --right operate
    #[command(verbatim_doc_comment)]
    New {
        /// As audit rows name its holder
        name: String,
        /// What it may do: submit, read, operate or admin; more than once for several
        #[arg(long = "right", value_name = "RIGHT", required = true)]
        rights: Vec<RightWord>,
        /// For which connector it may submit; more than once for several [default: all]
        #[arg(long = "connector", value_name = "NAME")]
        connectors: Vec<String>,
    },
}

impl Token {
    pub fn run(self, json: bool) -> Result<()> {
        let Self::New { name, rights, connectors } = self;
        let mut bytes = [0; VALUE_BYTES];
        getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
        let value = format!("{PREFIX}{}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        let digest = Digest(digest_of_token(&value)).to_string();
        let lines = lines(&name, &digest, &rights, &connectors)?;
        let answer = json!({ "name": name, "value": value, "digest": digest, "configuration": lines });
        out::show(json, &answer, |_| {
            out::line(format!("value, which is shown this once: {value}"))?;
            out::line("put into the configuration:")?;
            out::lines(lines.trim_end())
        })
    }
}

/// The section, read back: what is printed is what the program takes.
fn lines(name: &str, digest: &str, rights: &[RightWord], connectors: &[String]) -> Result<String> {
    let list = |words: Vec<String>| words.iter().map(|word| out::toml_value(word)).collect::<Vec<_>>().join(", ");
    let mut lines = format!("[tokens.{}]\ndigest = {}\n", out::toml_key(name), out::toml_value(digest));
    lines.push_str(&format!("rights = [{}]\n", list(rights.iter().map(ToString::to_string).collect())));
    if !connectors.is_empty() {
        lines.push_str(&format!("connectors = [{}]\n", list(connectors.to_vec())));
    }
    crate::config::check_text(&lines)?;
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_read_back_and_mistakes_are_told() {
        let digest = format!("sha256:{}", "0".repeat(64));
        let rights = |words: &[&str]| words.iter().map(|word| word.parse().unwrap()).collect::<Vec<RightWord>>();
        let text = lines("shop app", &digest, &rights(&["submit"]), &["shop".to_owned()]).unwrap();
        assert!(text.starts_with("[tokens.\"shop app\"]\n") && text.contains("connectors = [\"shop\"]"), "{text}");
        assert!(lines("x", &digest, &rights(&["admin"]), &["shop".to_owned()]).is_err());
        assert!(lines("x", &digest, &rights(&["submit"]), &["no name".to_owned()]).is_err());
    }
}
