//! What a component asks for, how much of it is granted, and the lines that would grant the rest.

use std::io;

use serde_json::Value;

use crate::out::{self, Table, text, toml_key, toml_value};

/// The asks as a table, and what to write to grant what is missing.
pub fn print(name: Option<&str>, answer: &Value) -> io::Result<()> {
    if answer.get("has_manifest") == Some(&Value::Bool(false)) {
        out::line("it has no manifest: it asks for every write and setting that is granted, and for no hosts, secrets or state")?;
    }
    let asks = out::list(answer, "asks");
    let mut table = Table::new(&["ASKS FOR", "WHICH", "GRANTED"]);
    for ask in asks {
        table.row([text(ask, "what"), text(ask, "item"), text(ask, "granted")]);
    }
    table.print("it asks for nothing")?;
    let Some(lines) = missing(name.unwrap_or("NAME"), answer) else { return Ok(()) };
    out::line("")?;
    out::line("What is not granted it cannot do. To grant it, all or in part, put into lockgate.toml:")?;
    out::line("")?;
    out::lines(lines)?;
    out::line("")?;
    out::line("A running server reads that file when it starts again.")
}

/// The lines of `lockgate.toml` that would grant what is asked for and not granted. A key that is
/// there already keeps what it has. `None`: nothing is missing.
pub fn missing(name: &str, answer: &Value) -> Option<String> {
    let wanted = |what: &str| -> Vec<String> {
        let asks = out::list(answer, "asks").iter();
        asks.filter(|ask| text(ask, "what") == what && text(ask, "granted") == "not granted").map(|ask| text(ask, "item")).collect()
    };
    let name = toml_key(name);
    let mut lines = Vec::new();
    for what in ["objects", "pages", "sites", "hosts"] {
        let mut wanted = wanted(what);
        if wanted.is_empty() {
            continue;
        }
        let note = match what {
            "hosts" if wanted.iter().any(|host| host == "*") => {
                wanted = vec!["https://host.example".to_owned()];
                "   # where it is to call: no pattern, each host by name"
            }
            "objects" if wanted.iter().any(|item| item == "*") => "   # or only some: \"shop.product\", \"shop.*\"",
            "sites" if wanted.iter().any(|item| item == "*") => "   # or only some, by code name",
            "pages" if wanted.iter().any(|item| item == "/") => "   # or only some: \"/news\"",
            _ => "",
        };
        let granted = answer.get("grant").map(|grant| out::list(grant, what)).unwrap_or_default();
        let all: Vec<String> =
            granted.iter().filter_map(Value::as_str).map(str::to_owned).chain(wanted).map(|text| toml_value(&text)).collect();
        lines.push(format!("{what} = [{}]{note}", all.join(", ")));
    }
    if !wanted("state").is_empty() {
        lines.push("state = true".to_owned());
    }
    if !lines.is_empty() {
        lines.insert(0, format!("[connectors.{name}.grant]"));
    }
    // Without a setting there is nothing that `*` could get.
    let settings: Vec<String> = wanted("settings").into_iter().filter(|key| key != "*").collect();
    if !settings.is_empty() {
        // Which of them it needs is not known, and what is pasted unread should do no harm.
        lines.push(format!("#[connectors.{name}.settings]   # it reads these if they are set"));
        lines.extend(settings.iter().map(|setting| format!("#{} = \"\"", toml_key(setting))));
    }
    for secret in wanted("secrets") {
        lines.push(format!("[connectors.{name}.secrets.{}]", toml_key(&secret)));
        lines.push(format!("env = {}   # or file = \"path\"", toml_value(&variable(&secret))));
        lines.push(format!(
            "hosts = [{}]   # where it may be sent",
            hosts(answer).map(|text| toml_value(&text)).collect::<Vec<_>>().join(", ")
        ));
    }
    if lines.is_empty() { None } else { Some(lines.join("\n")) }
}

/// The hosts that are asked for by name, else one to be replaced.
fn hosts(answer: &Value) -> impl Iterator<Item = String> {
    let asks = out::list(answer, "asks").iter();
    let named: Vec<String> =
        asks.filter(|ask| text(ask, "what") == "hosts").map(|ask| text(ask, "item")).filter(|host| host != "*").collect();
    if named.is_empty() { vec!["https://host.example".to_owned()] } else { named }.into_iter()
}

/// A name for the variable that holds a secret.
fn variable(secret: &str) -> String {
    secret.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ask(what: &str, item: &str, granted: &str) -> Value {
        json!({ "what": what, "item": item, "granted": granted })
    }

    #[test]
    fn the_lines_grant_what_is_missing_and_keep_what_is_there() {
        let answer = json!({
            "asks": [
                ask("objects", "shop.product", "granted"), ask("objects", "cms.user", "not granted"), ask("pages", "/news", "partly"),
                ask("hosts", "https://shop.example", "not granted"), ask("settings", "base url", "not granted"),
                ask("secrets", "api-token", "not granted"), ask("state", "true", "not granted"),
            ],
            "grant": { "objects": ["shop.product"], "hosts": [] },
        });
        let lines = missing("my.shop", &answer).unwrap();
        assert!(lines.parse::<toml::Table>().unwrap()["connectors"]["my.shop"].get("settings").is_none(), "only a proposal: {lines}");
        let table: toml::Table = lines.replace("\n#", "\n").parse().unwrap();
        let shop = &table["connectors"]["my.shop"];
        assert_eq!(shop["grant"]["objects"].as_array().unwrap().len(), 2);
        assert!(shop["grant"].get("pages").is_none(), "an operator who grants a part means it: {lines}");
        assert_eq!(shop["grant"]["state"].as_bool(), Some(true));
        assert_eq!(shop["settings"]["base url"].as_str(), Some(""));
        assert_eq!(shop["secrets"]["api-token"]["env"].as_str(), Some("API_TOKEN"));
        assert_eq!(shop["secrets"]["api-token"]["hosts"][0].as_str(), Some("https://shop.example"));
    }

    /// What a manifest names came out of the quotes: in the lines to be pasted stood one that granted a
    /// state, and one that opened the server to everybody.
    #[test]
    fn no_name_becomes_a_line_of_its_own() {
        let break_out = "x]\nstate = true\n[server]\nlisten = '0.0.0.0:1'\n[y\u{2028}\u{202e}\"\"\"";
        let whats = ["objects", "pages", "sites", "hosts", "settings", "secrets"];
        let asks: Vec<Value> = whats.into_iter().map(|what| ask(what, break_out, "not granted")).collect();
        let answer = json!({ "asks": asks, "grant": { "objects": [break_out] } });
        let lines = missing(break_out, &answer).unwrap();
        let heads = lines.lines().filter(|line| line.starts_with('[')).count();
        assert_eq!(heads, 2, "grant and secret: {lines}");
        assert!(!lines.contains(|c| c != '\n' && lockgate_core::text::is_obeyed(c)), "{lines}");
        let table: toml::Table = lines.parse().unwrap();
        assert_eq!(table.keys().collect::<Vec<_>>(), ["connectors"]);
        let connector = &table["connectors"][break_out];
        assert_eq!(connector["grant"]["objects"].as_array().unwrap().len(), 2);
        assert_eq!(connector["secrets"][break_out]["hosts"][0].as_str(), Some(break_out));
        assert!(connector["grant"].get("state").is_none() && connector.get("settings").is_none(), "{lines}");
    }

    #[test]
    fn nothing_is_written_where_nothing_is_missing() {
        let answer = json!({ "asks": [ask("objects", "*", "partly"), ask("settings", "*", "not granted")], "grant": {} });
        assert_eq!(missing("shop", &answer), None);
    }
}
