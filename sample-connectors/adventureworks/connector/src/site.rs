//! Where pages are looked for: site and culture.

use std::cell::RefCell;

use lockgate_guest::settings;

const SITE: &str = "adventureworks";
const CULTURE: &str = "en";

thread_local! {
    /// Of the task whose references are asked for; an instance lives no longer than a task.
    static TASK_SITE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps the task's site for the questions that follow.
pub fn remember(task_site: Option<&str>) {
    TASK_SITE.set(task_site.map(str::to_owned));
}

/// The operator's setting `site`, else the task's site, else the sample's.
pub fn name() -> String {
    settings::get("site").or_else(|| TASK_SITE.with_borrow(Clone::clone)).unwrap_or_else(|| SITE.to_owned())
}

/// The culture in which every model has a page: the operator's setting `culture`, else English.
pub fn culture() -> String {
    settings::get("culture").unwrap_or_else(|| CULTURE.to_owned())
}
