//! `lockgate.toml`: where it is, how it is read, and what it comes to.

mod complete;
mod connector;
mod expand;
mod file;
mod level;
mod mistakes;
mod networks;
mod place;
mod resolve;
mod secret;
mod store;
mod token;
mod units;
mod webhook;
mod word;

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;
use lockgate_core::text::Place;

pub use file::{File, LogFormat};
pub use level::LogLevel;
pub use resolve::{Settings, beside};
pub use secret::{Source, Values, read_all as read_secrets};
pub use store::{DatabasePlace, StorePlace, Surroundings};
pub use token::{Digest, RightWord};

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
    let Some(path) = path(named) else {
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
    let of_toml = |error: &toml::de::Error| failed(error.span().map_or(0, |span| span.start), &mistakes::told(error.message()));
    let text = &units::without_units(text).map_err(|(offset, message)| failed(offset, &message))?;
    let mut table = toml::de::DeTable::parse(text).map_err(|error| of_toml(&error))?;
    expand::expand(table.get_mut(), variable).map_err(|(offset, message)| failed(offset, &message))?;
    serde::Deserialize::deserialize(toml::Deserializer::from(table)).map_err(|error| of_toml(&error))
}

/// Whether a text is a configuration.
pub fn check_text(text: &str) -> Result<()> {
    let file = parse(text, "the configuration", &|name| std::env::var(name).ok())?;
    resolve(file, &Origin { folder: Path::new(""), store: None, place: &|path| format!("[{}]", path.join(".")) })?;
    Ok(())
}

/// The file that is read when none is named, if it is there.
pub fn path(named: Option<&Path>) -> Option<PathBuf> {
    named.map(Path::to_owned).or_else(|| Some(PathBuf::from(FILE_NAME)).filter(|path| path.exists()))
}

#[cfg(test)]
mod tests;
