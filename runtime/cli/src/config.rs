//! `lockgate.toml`: where it is, how it is read, and what it comes to.

mod complete;
mod connector;
mod expand;
mod file;
mod level;
mod networks;
mod place;
mod resolve;
mod secret;
mod store;
mod word;

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;
use lockgate_core::text::Place;

pub use file::{File, LogFormat};
pub use level::LogLevel;
pub use resolve::{Settings, beside};
pub use secret::{Values, read_all as read_secrets};
pub use store::{DatabasePlace, StorePlace, Surroundings};

use resolve::{Origin, resolve};

use crate::exit::Failure;
use crate::input::open_regular;

/// The file with every default, each with its meaning and reason.
pub const DEFAULT_FILE: &str = include_str!("../lockgate.default.toml");

/// Where it is looked for when none is named.
const FILE_NAME: &str = "lockgate.toml";

/// Reads the named file, or `./lockgate.toml` if there is one, and adds the defaults. `store` goes
/// before what the file says.
pub fn load(named: Option<&Path>, store: Option<&OsStr>) -> Result<Settings> {
    let path = match named {
        Some(path) => Some(path.to_owned()),
        None => Some(PathBuf::from(FILE_NAME)).filter(|path| path.exists()),
    };
    let Some(path) = path else {
        return Ok(resolve(File::default(), &Origin { folder: Path::new(""), store, place: &|path| format!("[{}]", path.join(".")) })?);
    };
    let text = read(&path).map_err(|error| {
        Failure::invalid(format!("cannot read the configuration {}: {error}", path.display()))
            .hint("`lockgate config default` prints a file to begin with")
    })?;
    let name = path.display().to_string();
    let file = parse(&text, &name, &|name| std::env::var(name).ok())?;
    let place = |keys: &[&str]| match place::of_key(&text, keys) {
        Some(place) => format!("{name}:{place}"),
        None => format!("{name}: [{}]", keys.join(".")),
    };
    Ok(resolve(file, &Origin { folder: path.parent().unwrap_or(Path::new("")), store, place: &place })?)
}

/// The file's text; `-` is standard input.
fn read(path: &Path) -> io::Result<String> {
    if path == Path::new("-") {
        return io::read_to_string(io::stdin().lock());
    }
    open_regular(path).and_then(io::read_to_string)
}

/// The file as it is written, `${VAR}` replaced. Errors name line and column.
fn parse(text: &str, name: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<File, Failure> {
    let failed = |offset: usize, message: &str| {
        let place = Place::of(text, offset);
        Failure::invalid(format!("{name}:{place}: {message}")).hint("`lockgate config default` prints every key with its meaning")
    };
    let of_toml = |error: &toml::de::Error| failed(error.span().map_or(0, |span| span.start), error.message());
    let mut table = toml::de::DeTable::parse(text).map_err(|error| of_toml(&error))?;
    expand::expand(table.get_mut(), variable).map_err(|(offset, message)| failed(offset, &message))?;
    serde::Deserialize::deserialize(toml::Deserializer::from(table)).map_err(|error| of_toml(&error))
}

#[cfg(test)]
mod tests;
