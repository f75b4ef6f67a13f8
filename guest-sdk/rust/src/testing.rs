//! For unit tests with plain `cargo test`: what stands in for the host on this thread. Not there in a component.
//!
//! ```
//! use lockgate_guest::{testing, warning};
//!
//! testing::set_setting("currency", "EUR");
//! testing::set_title("Order 7");
//! warning!(at: "items[3].price", "rounded to {}", 2);
//! assert_eq!(testing::warnings(), ["items[3].price: rounded to 2"]);
//! ```

/// What [`settings::get`](crate::settings::get) answers from now on.
pub fn set_setting(key: impl Into<String>, value: impl Into<String>) {
    crate::settings::set(key, value);
}

/// The placeholder that [`secret`](crate::secret()) answers from now on.
pub fn set_secret(name: impl Into<String>, placeholder: impl Into<String>) {
    crate::secrets::set(name, placeholder);
}

/// What [`task::title`](crate::task::title) answers from now on.
pub fn set_title(title: impl Into<String>) {
    crate::task::TOLD.with_borrow_mut(|told| told.title = Some(title.into()));
}

/// What [`task::file_name`](crate::task::file_name) answers from now on.
pub fn set_file_name(name: impl Into<String>) {
    crate::task::TOLD.with_borrow_mut(|told| told.file_name = Some(name.into()));
}

/// What [`task::site`](crate::task::site) answers from now on.
pub fn set_site(site: impl Into<String>) {
    crate::task::TOLD.with_borrow_mut(|told| told.site = Some(site.into()));
}

/// The warnings since this was asked last, as the host shows them: `items[3].price: rounded to 2`.
#[must_use]
pub fn warnings() -> Vec<String> {
    let warned = crate::warnings::WARNED.take();
    let shown = |(path, message): (Option<String>, String)| path.map_or(message.clone(), |path| format!("{path}: {message}"));
    warned.into_iter().map(shown).collect()
}

#[cfg(feature = "http")]
pub use crate::http::answer_with;
