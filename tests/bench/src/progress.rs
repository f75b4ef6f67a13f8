//! Bars for what takes long.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for `count` things; hidden where nobody looks.
pub fn bar(count: u64, what: impl Into<std::borrow::Cow<'static, str>>) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:>24} {bar:30} {pos}/{len} {per_sec}, {eta} left");
    ProgressBar::new(count).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(what)
}
