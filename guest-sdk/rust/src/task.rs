//! What is known of the task, in any of the three methods.

/// What people call the task in lists. `None`: whoever submitted it gave it no title.
#[must_use]
pub fn title() -> Option<String> {
    #[cfg(target_family = "wasm")]
    return crate::bindings::lockgate::connector::task::title();
    #[cfg(not(target_family = "wasm"))]
    TOLD.with_borrow(|told| told.title.clone())
}

/// Name of the file that the external object was read from, without folders. `None`: not known, or it was no file.
#[must_use]
pub fn file_name() -> Option<String> {
    #[cfg(target_family = "wasm")]
    return crate::bindings::lockgate::connector::task::file_name();
    #[cfg(not(target_family = "wasm"))]
    TOLD.with_borrow(|told| told.file_name.clone())
}

/// The site that the task belongs to. `None`: a task for global objects.
#[must_use]
pub fn site() -> Option<String> {
    #[cfg(target_family = "wasm")]
    return crate::bindings::lockgate::connector::task::site();
    #[cfg(not(target_family = "wasm"))]
    TOLD.with_borrow(|told| told.site.clone())
}

/// What the stand-ins tell.
#[cfg(not(target_family = "wasm"))]
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) title: Option<String>,
    pub(crate) file_name: Option<String>,
    pub(crate) site: Option<String>,
}

#[cfg(not(target_family = "wasm"))]
thread_local! {
    pub(crate) static TOLD: std::cell::RefCell<Told> = std::cell::RefCell::default();
}
