//! The program's own log, on stderr.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;
use crate::exit::Failure;

/// From here on lines are written. `level` is a word or a filter such as `info,lockgate_core=debug`.
pub fn start(format: LogFormat, level: &str) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(level).map_err(|error| {
        Failure::invalid(format!("[log] level {level:?} cannot be read: {error}")).hint("use error, warn, info, debug or trace")
    })?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A second subscriber in one process is refused; the first then stays.
    let _ = match format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    Ok(())
}
