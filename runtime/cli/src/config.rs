//! `lockgate.toml`: where it is, how it is read, and what it comes to.

mod expand;
mod file;
mod place;
mod resolve;

use std::path::{Path, PathBuf};

use anyhow::Result;

pub use file::{File, LogFormat};
pub use resolve::{Settings, beside};

use crate::exit::Failure;

/// The file with every default, each with its meaning and reason.
pub const DEFAULT_FILE: &str = include_str!("../lockgate.default.toml");

/// Where it is looked for when none is named.
const FILE_NAME: &str = "lockgate.toml";

/// Reads the named file, or `./lockgate.toml` if there is one, and adds the defaults. `store` goes
/// before what the file says.
pub fn load(named: Option<&Path>, store: Option<&Path>) -> Result<Settings> {
    let path = match named {
        Some(path) => Some(path.to_owned()),
        None => Some(PathBuf::from(FILE_NAME)).filter(|path| path.exists()),
    };
    let Some(path) = path else {
        return Ok(resolve::resolve(File::default(), Path::new(""), store)?);
    };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Failure::invalid(format!("cannot read the configuration {}: {error}", path.display()))
            .hint("`lockgate config default` prints a file to begin with")
    })?;
    let file = parse(&text, &path.display().to_string(), &|name| std::env::var(name).ok())?;
    let settings = resolve::resolve(file, path.parent().unwrap_or(Path::new("")), store)
        .map_err(|failure| Failure { message: format!("{}: {}", path.display(), failure.message), ..failure })?;
    Ok(settings)
}

/// The file as it is written, `${VAR}` replaced. Errors name line and column.
fn parse(text: &str, name: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<File, Failure> {
    let failed = |offset: usize, message: &str| {
        let place = place::of(text, offset);
        Failure::invalid(format!("{name}:{place}: {message}")).hint("`lockgate config default` prints every key with its meaning")
    };
    let of_toml = |error: &toml::de::Error| failed(error.span().map_or(0, |span| span.start), error.message());
    let mut table = toml::de::DeTable::parse(text).map_err(|error| of_toml(&error))?;
    expand::expand(table.get_mut(), variable).map_err(|(offset, message)| failed(offset, &message))?;
    serde::Deserialize::deserialize(toml::Deserializer::from(table)).map_err(|error| of_toml(&error))
}

#[cfg(test)]
mod tests;
