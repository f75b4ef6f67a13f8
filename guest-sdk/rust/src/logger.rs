//! Lines that dependencies write with the crate `log`.

/// Writes to the task's log.
struct Lines;

impl log::Log for Lines {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{}: {}", record.target(), record.args());
        match record.level() {
            log::Level::Error => crate::log::error(&line),
            log::Level::Warn => crate::log::warn(&line),
            log::Level::Info => crate::log::info(&line),
            log::Level::Debug => crate::log::debug(&line),
            log::Level::Trace => crate::log::trace(&line),
        }
    }

    fn flush(&self) {}
}

/// Takes the lines of `log` at level info and above from now on, unless the connector has a logger of its own.
pub(crate) fn install() {
    if log::set_logger(&Lines).is_ok() {
        log::set_max_level(log::LevelFilter::Info);
    }
}
