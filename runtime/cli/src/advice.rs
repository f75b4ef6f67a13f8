//! What to do about a code, in a sentence: of failed tasks (from `core`), of refusals by the API and
//! of refused components.

use lockgate_core::failure::{Class, Code};

/// Codes that are not reasons for a task's failure, each with what to do about it.
const OTHERS: &[(&str, &str)] = &[
    (
        "artefact-unwritable",
        "The compiled component cannot be kept: see that the folder `[sandbox] artefact_dir` exists, is writable and has space.",
    ),
    ("bad-idempotency-key", "An idempotency key has 1 to 255 visible ASCII characters."),
    (
        "bad-internal-object",
        "The body is not an internal object as `application/vnd.lockgate.object+json` means it: correct it, or submit it with its own media type.",
    ),
    ("bad-request", "The request cannot be read: see the message, and `lockgate help` for the form that is expected."),
    ("cannot-process", "See `lockgate connector show NAME`: enable it, or add a component that can be loaded."),
    (
        "compile-failed",
        "The compiler failed, not the component: restart `lockgate serve` after an update; if it stays, give the component and the message to Lockgate's authors.",
    ),
    (
        "compile-limit",
        "The component is too large or too complex to compile: make it smaller, or raise the key of `[sandbox]` that the message names.",
    ),
    (
        "compiler-killed",
        "Something outside of Lockgate ended the program that compiles: see whether the machine or the service's control group ran out of memory, and try again.",
    ),
    (
        "compiler-not-started",
        "The program could not start itself to compile the component: see the message; after an update restart `lockgate serve`.",
    ),
    ("connector-disabled", "Enable the connector with `lockgate connector enable NAME`."),
    ("connector-has-tasks", "Process or delete its tasks first, or remove it with `--force` to delete them too."),
    ("connector-paused", "Let the connector go on with `lockgate connector resume NAME`."),
    ("disk-full", "Make space on the disk that holds the store; nothing was stored. The server goes on by itself."),
    ("idempotency-key-reused", "The idempotency key was used for another request: use a new key for new content."),
    (
        "incompatible-contract",
        "The component was built for another version of the contract `lockgate:connector`: rebuild it with a matching guest SDK.",
    ),
    (
        "invalid-component",
        "The file is not a WebAssembly component: build with `--target wasm32-wasip2`, or make one of a core module with `lockgate component new`.",
    ),
    (
        "invalid-manifest",
        "The component's manifest cannot be read: correct the place that is named; `lockgate connector add NAME FILE.wasm --manifest FILE.toml` puts one in.",
    ),
    ("invalid-model", "Correct the places that are named and apply again; nothing was changed."),
    ("logging-off", "The operator has switched task intake off. Switch it on with `lockgate switch logging on`."),
    ("missing-export", "The component does not export `lockgate:connector/translator`: build it with the guest SDK."),
    (
        "model-in-use",
        "Rows are stored that use what would go: submit tasks that delete them (`lockgate submit NAME FILE --task-type delete-object`), or \
         keep it declared.",
    ),
    (
        "no-executable-memory",
        "Running connectors needs memory that can be made executable: set `MemoryDenyWriteExecute=no` in the systemd unit, or allow `execmem`.",
    ),
    ("not-missing", "Nothing waits for it, or not any longer: `lockgate missing` lists what is waited for."),
    (
        "no-such-version",
        "`lockgate connector show NAME` lists the versions that are kept; only those that were approved can be gone back to.",
    ),
    (
        "nothing-pending",
        "No version waits, or another than the one that was named: `lockgate connector show NAME` lists them. Only one that asks for more than the active one is to be approved.",
    ),
    ("object-ambiguous", "Several objects have this code name: name the site with `--site`, or get it by id."),
    (
        "node-clock",
        "Let a time server set the clocks of all machines, for example with `timedatectl set-ntp true`; they may be a minute apart at most.",
    ),
    (
        "node-name-taken",
        "Each machine that shares the database has a name of its own: set `[node] name`, or stop the other process. After a crash the name \
         is free within `[node] lease_ms`.",
    ),
    ("node-not-found", "`lockgate node list` shows the nodes that share the store."),
    ("object-not-found", "`lockgate object list TYPE` shows what is stored."),
    ("outcome-unknown", "It is not known whether it was stored: submit again with the same idempotency key to learn it."),
    ("page-not-found", "`lockgate page tree SITE` shows what is stored."),
    ("processing-off", "The operator switched off processing: `lockgate switch processing on`."),
    ("queue-full", "The connector's queue is full: process its tasks, or raise `[bus] queue_tasks_max`; then submit again."),
    ("site-missing", "Name the site with `--site`: every task about a page belongs to one."),
    ("store-empty", "Start `lockgate serve`, or apply a model: both make the tables."),
    ("store-encoding", "Create the database anew with: createdb --encoding=UTF8 --template=template0 lockgate"),
    ("store-no-database", "Create it, for example with: createdb --owner=lockgate lockgate"),
    ("store-no-rights", "Make the user the owner of the database: ALTER DATABASE lockgate OWNER TO lockgate"),
    (
        "store-not-let-in",
        "Check user and password: `[store] password_file`, PGPASSWORD, ~/.pgpass or the URL has it; the server's pg_hba.conf says who may come \
         from where.",
    ),
    ("store-server-too-old", "Upgrade PostgreSQL to version 15 or newer."),
    (
        "store-standby",
        "Give the primary, or all servers and target_session_attrs=read-write: postgres://user@one,two/database?target_session_attrs=read-write",
    ),
    (
        "store-tls",
        "Certificates are always verified: name the file of the authority with sslrootcert=FILE in the URL, and the server as its certificate does.",
    ),
    (
        "store-damaged",
        "A page or a row of the store is not what was written: no backup can be made of it. Stop the server, keep the file, and restore a \
         backup from before, checked with `lockgate check FILE` first. Look at the disk and the memory of the machine.",
    ),
    (
        "store-in-use",
        "Another process has the file open and left no `.server` file beside it: name its server with --url, or wait until the process ends.",
    ),
    ("store-newer-format", "A newer version of lockgate has written the file: use that version, or restore a backup that this one made."),
    (
        "store-not-kept",
        "The store is brought up to date only if the file can be kept as it is beside it: make room for a copy, or copy it elsewhere and \
         run `lockgate upgrade --no-copy`.",
    ),
    (
        "store-older-format",
        "`lockgate upgrade` brings the file up to date and keeps it as it was beside it; so does `lockgate serve`. Commands that read show it \
         as it is.",
    ),
    (
        "store-unavailable",
        "The store cannot write: look at the disk. The server goes on by itself when it works again; nothing that was acknowledged is lost.",
    ),
    ("store-unknown-file", "The file or the database is something else: name another one with --store."),
    ("store-url", "Write the URL as postgres://user@host:5432/database?sslmode=require; letters that mean something in a URL as %XX."),
    (
        "store-unreachable",
        "See that the file and its folder exist and that this user may read and write them, or name another one with --store. Of a database: \
         check host and port, that the server runs, and that the network lets the connection through.",
    ),
    ("right-missing", "Ask with a token that has the right: `[tokens.NAME] rights`, and API.md says which right each route needs."),
    ("connector-not-allowed", "The token submits to other connectors: `[tokens.NAME] connectors`."),
    ("webhook-not-verified", "Compare the secret with the service's, and the clock; `[connectors.NAME.webhook]` says how it is verified."),
    ("task-waits", "It waits for something: `lockgate task show ID` says for what. Delete it, and submit the corrected object."),
    ("not-edited", "Its external object is the one that came: leave out --original."),
    ("cannot-reload", "Start it as `lockgate serve`: that one reads its configuration again."),
    ("invalid-configuration", "Correct the file; the server goes on by what it has read before."),
    ("task-not-found", "`lockgate task list` shows queued tasks, `lockgate history --task ID` those that are gone."),
    ("too-large", "The external object is larger than `[bus] payload_bytes_max`: raise it if it is honestly that large."),
    ("too-many-operations", "Wait for one of those that `lockgate operation list` shows as running, or cancel it."),
    ("too-many-requests", "The server is busy: try again after a moment."),
    ("unauthorized", "Give a token with `--token` or LOCKGATE_TOKEN: it must be one of `[server] tokens`."),
    ("unknown-connector", "`lockgate connector list` shows those that are installed, `lockgate connector add` installs one."),
    ("unknown-site", "Declare the site in the content model and apply it with `lockgate model apply`."),
    ("unknown-type", "`lockgate model show` lists the declared types."),
    ("bad-encoding", "The body is not whole gzip data: send it whole, or without `Content-Encoding`."),
    ("bad-head", "Something else than HTTP came: see that clients and proxies use http:// and this port."),
    ("bad-name", "Names hold letters, digits, '-', '_' and '.', at most 100 of them."),
    ("bad-parameter", "A parameter has a value that cannot be read: the message names those that can."),
    ("body-timeout", "The body came too slowly: try again, in smaller batches over a slow line."),
    ("filter-missing", "Name the tasks that are meant with a filter, or say `--all`."),
    ("form-not-own", "The form is not of this session: load the page again, log in if it asks for it, and send the form once more."),
    ("head-timeout", "The head of a request came too slowly: raise `[server] header_read_timeout_ms` if the line is honestly that slow."),
    ("head-too-large", "The head of a request has 64 KiB and 100 fields at most: send fewer or shorter headers, cookies above all."),
    (
        "host-not-allowed",
        "Without tokens the server answers requests to its loopback address only: call it as 127.0.0.1 or localhost, or configure a token.",
    ),
    ("internal-error", "A fault of Lockgate itself: the server's log tells more; please report it."),
    ("method-not-allowed", "The path exists and takes another method: see API.md."),
    (
        "no-token-in-time",
        "A connection was closed because it had shown no token: raise `[server] connections_without_token_max` or \
         `header_read_timeout_without_token_ms` if it was a client that has one.",
    ),
    ("operation-not-found", "`lockgate operation list` shows those that are known; those that ended long ago are forgotten."),
    ("origin-not-allowed", "Without tokens the server takes no changes from pages of other sites: configure a token and send it."),
    ("repeated-header", "Send the header once: of two, programs on the way may have looked at another one than this."),
    ("stopping", "The server is ending: try again when it is back."),
    ("unsupported-encoding", "Send the body as it is, or packed once with gzip and `Content-Encoding: gzip`."),
    ("unknown-parameter", "The message names the parameters that are known."),
    ("unknown-path", "No such path: see API.md."),
];

/// Codes of warnings in the history, each with what it means.
const WARNINGS: &[(&str, &str)] = &[
    (
        "binding-not-made",
        "One end of a binding is not stored, so the binding was not made. It is made by itself when that arrives; `lockgate missing` lists \
         what is waited for.",
    ),
    (
        "connector-warning",
        "The connector answered, and says that something of the object went less well than its owner may think: a value was left out, \
         rounded or guessed. What the task says is stored otherwise. Correct the object where it comes from, if that matters.",
    ),
    ("binding-taken-away", "What a binding bound was deleted, and the binding with it. It is made again by itself when that comes back."),
    (
        "default-used",
        "What the field refers to is not stored, so the declared default was taken. The field is corrected by itself when that arrives.",
    ),
    (
        "reference-cleared",
        "What an optional field referred to was deleted, so the field is empty. It is set again by itself when that comes back.",
    ),
    (
        "loose-ends-full",
        "The connector has as many open references as `loose_ends_max` allows: this one is not set by itself when what it refers to arrives. \
         Submit the task again then, or raise the limit.",
    ),
];

/// Outcomes in the history, each with what it means.
const OUTCOMES: &[(&str, &str)] = &[
    ("stored", "What the task says is stored."),
    ("unchanged", "Everything was as the task says already; nothing was written."),
    ("superseded", "Something newer had written everything that the task says: nothing of it was written (`newer_by` of the type)."),
    ("absent", "What the task was to delete was not there."),
    ("mended", "A reference that the task had left open is set, because what it refers to has arrived."),
    ("skipped", "The connector said that there is nothing to do, and why."),
    ("deleted", "An operator took the task out of the queue."),
];

/// Codes that are reasons for a task's failure as well as something else.
const OF_OPTIONAL: (&str, &str) =
    ("unresolved-reference", "As a warning: the field is optional and was left empty. It is set by itself when what it refers to arrives.");

/// What a code means.
pub struct Explained {
    /// What kind of code it is.
    pub of: &'static str,
    /// What to do about it.
    pub advice: String,
    /// Of a task's failure: what it is judged by, and what becomes of the task.
    pub class: Option<Class>,
}

/// What a code means, if it is known.
pub fn explained(code: &str) -> Option<Explained> {
    if let Ok(known) = code.parse::<Code>() {
        let mut advice = known.advice().to_owned();
        if code == OF_OPTIONAL.0 {
            advice = format!("{advice} {}", OF_OPTIONAL.1);
        }
        return Some(Explained { of: "task", advice, class: Some(known.class()) });
    }
    let in_list = |of, list: &[(&str, &'static str)]| {
        let found = list.iter().find(|(other, _)| *other == code);
        found.map(|(_, advice)| Explained { of, advice: (*advice).to_owned(), class: None })
    };
    in_list("warning", WARNINGS).or_else(|| in_list("outcome", OUTCOMES)).or_else(|| in_list("request", OTHERS))
}

/// What to do about it, if it is known.
pub fn of_code(code: &str) -> Option<&'static str> {
    if let Ok(code) = code.parse::<Code>() {
        return Some(code.advice());
    }
    OTHERS.iter().find(|(other, _)| *other == code).map(|(_, advice)| *advice)
}

/// The three classes of failures.
pub const CLASSES: [Class; 3] = [Class::Data, Class::Moment, Class::Application];

/// All codes with their advice: why tasks fail, of what the history warns, how tasks end, then why requests are refused.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let tasks = Code::ALL.iter().map(|code| ("task", code.as_str(), code.advice()));
    let listed = |of: &'static str, list: &'static [(&str, &str)]| list.iter().map(move |(code, advice)| (of, *code, *advice));
    tasks.chain(listed("warning", WARNINGS)).chain(listed("outcome", OUTCOMES)).chain(listed("request", OTHERS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_http_surface_has_an_advice() {
        let table = include_str!("../../server/API.md").split("## Codes").nth(1).unwrap();
        let rows = table.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
        let codes: Vec<&str> = rows.flat_map(|row| row.split('`').skip(1).step_by(2)).filter(|code| !code.starts_with('/')).collect();
        assert!(codes.len() > 20);
        let unknown: Vec<&&str> = codes.iter().filter(|code| of_code(code).is_none()).collect();
        assert!(unknown.is_empty(), "no advice for {unknown:?}");
    }

    #[test]
    fn every_code_has_one_advice() {
        let mut codes: Vec<_> = all().map(|(_, code, _)| code).collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
        assert!(codes.iter().all(|code| explained(code).is_some_and(|explained| !explained.advice.is_empty())));
    }
}
