//! What went less well than the data's owner may think, though there is an answer.

/// Adds a warning to the task, from any of the three methods. `path` says where in the external object. People see it with the task,
/// beside the host's own warnings; the first 100 are kept, and those of a task that fails are dropped. Usually written
/// `warning!(at: "items[3].price", "rounded to {price}")`, see [`warning!`](crate::warning!).
pub fn warn(message: &str, path: Option<&str>) {
    #[cfg(target_family = "wasm")]
    crate::bindings::lockgate::connector::warnings::warn(message, path);
    #[cfg(not(target_family = "wasm"))]
    WARNED.with_borrow_mut(|warned| warned.push((path.map(str::to_owned), message.to_owned())));
}

#[cfg(not(target_family = "wasm"))]
thread_local! {
    pub(crate) static WARNED: std::cell::RefCell<Vec<(Option<String>, String)>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// Adds a warning to the task: `warning!("no title")`, or with its place in the external object,
/// `warning!(at: "items[3].price", "rounded to {price}")`.
#[macro_export]
macro_rules! warning {
    (at: $path:expr, $($message:tt)+) => {
        $crate::warnings::warn(&::std::format!($($message)+), ::std::option::Option::Some(::std::convert::AsRef::<str>::as_ref(&$path)))
    };
    ($($message:tt)+) => {
        $crate::warnings::warn(&::std::format!($($message)+), ::std::option::Option::None)
    };
}
