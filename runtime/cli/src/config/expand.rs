//! `${VAR}` and `${VAR:-default}` inside string values; `$${` is a plain `${`.

use toml::de::{DeTable, DeValue};

/// Replaces them all. The error names the offset of the value that cannot be completed.
pub fn expand(table: &mut DeTable<'_>, variable: &dyn Fn(&str) -> Option<String>) -> Result<(), (usize, String)> {
    for (_, value) in table.iter_mut() {
        let offset = value.span().start;
        expand_value(value.get_mut(), offset, variable)?;
    }
    Ok(())
}

fn expand_value(value: &mut DeValue<'_>, offset: usize, variable: &dyn Fn(&str) -> Option<String>) -> Result<(), (usize, String)> {
    match value {
        DeValue::String(text) if text.contains("${") => {
            *text = expanded(text, variable).map_err(|message| (offset, message))?.into();
        }
        DeValue::Array(items) => {
            for item in items.iter_mut() {
                let offset = item.span().start;
                expand_value(item.get_mut(), offset, variable)?;
            }
        }
        DeValue::Table(table) => expand(table, variable)?,
        _ => {}
    }
    Ok(())
}

fn expanded(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            out.push_str(before);
            out.push_str("${");
            rest = after;
            continue;
        }
        out.push_str(before);
        let (inside, after) = after.split_once('}').ok_or_else(|| "`${` without its `}`".to_owned())?;
        let (name, default) = match inside.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (inside, None),
        };
        match variable(name).filter(|value| default.is_none() || !value.is_empty()) {
            Some(value) => out.push_str(&value),
            None => out.push_str(
                default.ok_or_else(|| format!("the environment variable {name} is not set; set it, or write ${{{name}:-default}}"))?,
            ),
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<String, String> {
        expanded(text, &|name| match name {
            "A" => Some("1".into()),
            "EMPTY" => Some(String::new()),
            _ => None,
        })
    }

    #[test]
    fn variables_are_replaced() {
        assert_eq!(of("x${A}y${B:-2}z${EMPTY}").unwrap(), "x1y2z");
        assert_eq!(of("${EMPTY:-3}").unwrap(), "3");
        assert_eq!(of("$${A} $5").unwrap(), "${A} $5");
    }

    #[test]
    fn what_is_missing_is_an_error() {
        assert!(of("${B}").unwrap_err().contains("variable B is not set"));
        assert!(of("${A").is_err());
    }
}
