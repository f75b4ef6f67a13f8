//! A scripted connector for the whole-system tests: the external object says what to answer.
//!
//! The external object is one JSON document, a [`script::Script`]; unknown keys are `invalid`, so
//! that a typing error in a test does not pass as a translation.
//!
//! ```json
//! {
//!   "logs": ["written at info, before anything else"],
//!   "do": [ { "secret": "token" }, { "http": { "url": "http://127.0.0.1:8080/" } } ],
//!   "prepare": { "object": {
//!     "object_type": "shop.product", "code_name": "HL-U509",
//!     "fields": { "price": {"decimal": "34.99"}, "stock": 5, "category": {"reference": "c1"} },
//!     "children": [ { "object_type": "shop.variant", "code_name": "red" } ]
//!   } },
//!   "objects": { "shop.category": { "c1": { "code_name": "helmets" } } },
//!   "pages": { "blog.post": { "7": { "node_guid": "…", "culture": "en-US", "site": "corporate" } } }
//! }
//! ```
//!
//! | `prepare` | what happens |
//! |---|---|
//! | `{"object": {…}}`, `{"page": {…}}`, `{"skip": "why"}` | that answer, mirroring the WIT records with `_` for `-` |
//! | `{"object": {…, "none_of": ["type"]}}` | `children.none` for each of these first |
//! | `{"counter": true}` | object `test.counter` whose field `n` counts the calls on this instance, from 1 |
//! | `{"echo": ["key", …]}` | object `test.echo`: fields `media_type`, `body_bytes`, `task_type`, `data_type`, `site_name`, `now_ms`, `random` (8 bytes) and `setting.<key>` |
//! | `{"report": "code name"}` | object `test.report` whose field `acts` is a JSON array: what came of each act of `do` |
//! | `{"large_mb": 64}` | object `test.large` whose field `text` is that long |
//! | `{"log_lines": 100000}` | writes that many lines at info, then skips |
//! | `{"error": {"kind": "…", "message": "…", "path": "…", "retry_after_ms": 5}}` | that typed error; kinds `invalid`, `not-found`, `unavailable`, `unsupported`, `internal` |
//! | `{"trap": true}`, `{"panic": "message"}` | the instance ends, without or with a line in the log |
//! | `{"loop": true}`, `{"recurse": true}` | never ends; overflows the stack |
//! | `{"allocate_mb": 512}` | takes and touches that much, then skips |
//! | `{"exit": 3}` | ends the program with that code |
//!
//! Acts come before the answer, whatever that is; an act may fail the task itself.
//!
//! | act of `do` | what it reports |
//! |---|---|
//! | `{"http": {…}}` | `{"status": 200, "headers": {…}, "body": "…", "body_bytes": 1}`, or `{"error": "denied", "message": "…"}`; errors `denied`, `timeout`, `too-large`, `connect`, `invalid`, `other` |
//! | `{"secret": "name"}` | the placeholder, or null |
//! | `{"state": {"get": "key"}}` | the value as text, or null |
//! | `{"state": {"keys": "prefix"}}` | an array |
//! | `{"state": {"set": ["key", "value"]}}`, `{"state": {"set_bytes": ["key", 1000]}}`, `{"state": {"delete": "key"}}` | true, or `{"error": "denied"}`, `{"error": "full", "bytes_max": 5}`, `{"error": "invalid-key"}` |
//! | `{"print": {"stdout": "line"}}`, `{"print": {"stderr": "line"}}` | true |
//! | `{"warn": {"message": "…", "path": "…"}}` | null; the task has that warning |
//! | `{"told": true}` | `{"title", "file_name", "site"}`, as the host says them |
//!
//! A call over HTTP, of which all but `url` may be left out:
//!
//! ```json
//! {"http": {
//!   "method": "POST", "url": "http://127.0.0.1:8080/Users?key={secret:token}",
//!   "headers": {"authorization": "Bearer {secret:token}", "content-type": "text/plain"},
//!   "basic": {"user": "u", "password": "{secret:token}"},
//!   "body": "key={secret:token}", "body_bytes": 100000,
//!   "timeout_ms": 500, "response_bytes_max": 1000, "times": 5, "on_error": "report"
//! }}
//! ```
//!
//! `{secret:NAME}` becomes the placeholder of that secret, and the task `internal` where there is
//! none. `body_bytes` sends that many `x` instead of a body. `times` sends the same again; the last
//! answer is reported. `on_error` is `report` (the task goes on as if nothing were, the default),
//! `unavailable` (the task is that) or `answer` (the task is what the SDK makes of it).
//!
//! Values: `{"null": true}`, `{"boolean": true}`, `{"integer": "5"}`, `{"decimal": "1.50"}`,
//! `{"real": 0.5}`, `{"text": "x"}`, `{"timestamp": "…"}`, `{"guid": "…"}`, `{"binary": [0, 255]}`,
//! `{"json": any}`, `{"reference": "external id"}`, `{"references": [ids]}`; in short `null`, `true`, `5`, `0.5`, `"x"`.
//! `fields` is a map, or a list of `{"name": …, "value": …}` where names repeat. A page's `parent`
//! is `"root"`, `{"external": {"id": …, "class_name": …}}`, `{"node_guid": …}` or `{"path": …}`.
//!
//! An answer in `objects` with `"by_guid": "…"` calls `identity.by-guid` first; its code name may
//! be left out. One with `"warn": "…"` warns of that first.
//!
//! The params methods answer from `objects` (type, then external id) and `pages` (class, then
//! external id) of the script that this instance prepared, with `not-found` for an id that is
//! missing. Instead of an answer, an id may carry `error`, `trap`, `panic`, `loop`, `recurse`, `exit` or
//! `allocate_mb` as above. Each logs `params object <type> <id>` or `params document <class> <id>`
//! at debug.

mod acts;
mod misdeeds;
mod prepare;
mod probes;
pub mod script;

use std::cell::RefCell;

use lockgate_guest::{Connector, DocumentParams, Error, External, ObjectParams, Prepared, Task, log};
use script::{Answer, Script};

/// The connector; see the crate's documentation for what it understands.
pub struct Scripted;

thread_local! {
    /// Lasts as long as the instance, that is from prepare to the params calls of one task.
    static SCRIPT: RefCell<Script> = RefCell::new(Script::default());
}

impl Connector for Scripted {
    fn prepare_internal_object(external: External, task: Task) -> Result<Prepared, Error> {
        let mut script: Script = serde_json::from_slice(&external.body).map_err(Error::invalid_from)?;
        for line in &script.logs {
            log!(info, "{line}");
        }
        let acts = acts::all(std::mem::take(&mut script.acts))?;
        let prepare = script.prepare.take();
        SCRIPT.set(script);
        let prepare = prepare.ok_or_else(|| Error::invalid("missing").at("prepare"))?;
        prepare::answer(prepare, acts, &external, &task)
    }

    fn get_internal_object_params(id: &str, object_type: &str) -> Result<ObjectParams, Error> {
        log!(debug, "params object {object_type} {id}");
        let answer = SCRIPT.with_borrow(|script| script.objects.get(object_type)?.get(id).cloned());
        found(answer, object_type, id)
    }

    fn get_internal_document_params(id: &str, class_name: &str) -> Result<DocumentParams, Error> {
        log!(debug, "params document {class_name} {id}");
        let answer = SCRIPT.with_borrow(|script| script.pages.get(class_name)?.get(id).cloned());
        found(answer, class_name, id)
    }
}

fn found<T, P: From<T>>(answer: Option<Answer<T>>, name: &str, id: &str) -> Result<P, Error> {
    match answer {
        Some(Answer::Found(params)) => Ok(params.into()),
        Some(Answer::Misdeed(misdeed)) => {
            let done = misdeeds::commit(misdeed)?;
            Err(Error::internal(format!("{done}, and no answer is scripted")))
        }
        None => Err(Error::not_found(format!("no {name} {id} in the script"))),
    }
}

lockgate_guest::export!(Scripted, manifest = "manifest.toml");

#[cfg(test)]
mod tests;
