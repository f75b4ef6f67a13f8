//! What the doctor looks at, one thing after the other: what fails early does not hide what comes later.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use lockgate_core::ports::Clock as _;
use serde_json::Value;

use super::Findings;
use crate::args::Global;
use crate::client::{Access, in_use, running_server};
use crate::config::{DatabasePlace, Settings, Source, StorePlace, Values, read_secrets};
use crate::context::Context;
use crate::exit::Failure;
use crate::out::{self, text};
use crate::request::Request;
use crate::wire::{self, Compiling, TOKEN_CHARS_MIN};
use lockgate::SystemClock;

/// Less than this is a full disk soon.
const DISK_FREE_MIN: u64 = 1 << 30;
/// Before this moment, in ms since 1970, there was no such program: the clock is not set.
const CLOCK_MIN_MS: i64 = 1_735_689_600_000;
/// A clock that stands so far behind what the store has was set back.
const CLOCK_BACK_MS_MAX: i64 = 60_000;
/// The least component: it shows whether compiling works.
const LEAST: &[u8] = b"\0asm\x0d\0\x01\0";

/// Looks at everything.
pub fn over(global: Global, compile: bool, findings: &mut Findings) {
    findings.looked_at.push("configuration");
    let context = match Context::new(global) {
        Ok(context) => context,
        Err(error) => {
            let advice = "Correct the file; `lockgate config default` has every key with its meaning.";
            return findings.wrong("config-invalid", format!("{error:#}"), advice);
        }
    };
    let settings = &context.settings;
    tokens(settings, findings);
    secrets(settings, findings);
    clock(findings);
    let usable = store(settings, findings);
    disk(settings, findings);
    port(settings, findings);
    if usable {
        connectors(&context, findings);
    }
    if compile {
        compiler(settings, findings);
    }
}

fn tokens(settings: &Settings, findings: &mut Findings) {
    findings.looked_at.push("tokens");
    if let Err(failure) = wire::check_options(&settings.server) {
        let code = if failure.message.contains("needs a token") { "open-to-the-network" } else { "token-unusable" };
        findings.wrong(code, failure.message, "Make a token with `lockgate token new NAME --right …`, or listen on 127.0.0.1.");
    }
    if !settings.server.tokens.is_empty() {
        let message = format!("{} tokens without a name may do everything", settings.server.tokens.len());
        findings.warning("token-without-name", message, "Make tokens with names and rights: `lockgate token new`.");
    }
    let short = settings.server.webhooks.iter().filter(|(_, hook)| hook.secrets.iter().any(|secret| secret.len() < TOKEN_CHARS_MIN));
    for (name, _) in short {
        let message = format!("a webhook secret of connector {name} has less than {TOKEN_CHARS_MIN} characters");
        findings.warning("webhook-secret-short", message, "Take the secret that the service makes, or a random one.");
    }
}

fn secrets(settings: &Settings, findings: &mut Findings) {
    findings.looked_at.push("secrets");
    for secret in &settings.secrets {
        let mut bus = settings.bus.clone();
        let one = std::slice::from_ref(secret);
        if let Err(Failure { message, .. }) = read_secrets(one, Values::Needed, &mut bus, &|name| std::env::var(name).ok()) {
            findings.wrong("secret-unreadable", message, "Set the variable where the server is started, or make the file readable for it.");
        }
        if let Source::File(path) = &secret.section.source
            && std::fs::metadata(path).is_ok_and(|file| file.mode() & 0o077 != 0)
        {
            let message = format!("{}: the file {} can be read by other users", secret.place, path.display());
            findings.wrong("secret-open", message, "chmod 600 it; change the secret if others may have read it.");
        }
    }
}

fn clock(findings: &mut Findings) {
    findings.looked_at.push("clock");
    if SystemClock::new().now_ms() < CLOCK_MIN_MS {
        findings.wrong("clock-not-set", "the system's clock stands before 2025", "Set the clock; let a time service keep it.");
    }
}

/// Whether it can be read.
fn store(settings: &Settings, findings: &mut Findings) -> bool {
    findings.looked_at.push("store");
    let path = match &settings.store {
        StorePlace::File(path) => path,
        StorePlace::Database(place) => return database(settings, place, findings),
    };
    if !path.exists() {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            let message = format!("the folder {} of the store is not there", folder.display());
            findings.wrong("store-folder-missing", message, "Make the folder, owned by who runs the server.");
        }
        return false;
    }
    for exposed in wire::exposed(path) {
        findings.wrong("store-exposed", exposed.to_string(), "Make file and folder readable and writable for the server's user alone.");
    }
    if in_use(path) {
        // Whoever has it open reads it.
        return true;
    }
    match wire::open_to_read(settings, Compiling::Never) {
        Ok(bus) => {
            bus.stop();
            true
        }
        Err(failure) => {
            let advice = "`lockgate check` tells what is damaged; `lockgate restore` takes a backup.";
            findings.wrong("store-unreadable", failure.message, advice);
            false
        }
    }
}

/// Whether it can be read, and whether its server keeps what it acknowledges.
fn database(settings: &Settings, place: &DatabasePlace, findings: &mut Findings) -> bool {
    match wire::database_findings(place) {
        Ok(found) => {
            for one in found {
                let advice = "The server's settings are PostgreSQL's own: ALTER SYSTEM SET, or postgresql.conf.";
                if one.may_lose {
                    findings.wrong(one.code, one.text, advice);
                } else {
                    findings.warning(one.code, one.text, advice);
                }
            }
        }
        Err(failure) => {
            findings.wrong("store-unreadable", failure.message, "Look at [store] url, the password, and whether the server answers.");
            return false;
        }
    }
    wire::is_missing(settings).is_ok_and(|missing| !missing)
}

fn disk(settings: &Settings, findings: &mut Findings) {
    // A database has a disk of its own.
    let Some(path) = settings.store.file() else { return };
    findings.looked_at.push("disk");
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(stat) = rustix::fs::statvfs(folder) {
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        if free < DISK_FREE_MIN {
            let message = format!("the disk of {} has {} free", folder.display(), out::bytes(free));
            findings.wrong("disk-full-soon", message, "Make room, or move the store: a full disk stops the taking in of tasks.");
        }
        if stat.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY) {
            let message = format!("the file system of {} is read-only", folder.display());
            findings.wrong("disk-read-only", message, "Mount it for writing, or move the store.");
        }
    }
}

fn port(settings: &Settings, findings: &mut Findings) {
    findings.looked_at.push("port");
    let listen = settings.server.listen;
    let own = settings.store.file().and_then(running_server);
    if own.is_none()
        && let Err(error) = TcpListener::bind(listen)
    {
        let message = format!("nobody can listen on {listen}: {error}");
        findings.wrong(
            "port-unusable",
            message,
            "Another program has the port, or the address is not of this machine: change [server] listen.",
        );
    }
}

/// Sections and grants against what is installed.
pub fn connectors(context: &Context, findings: &mut Findings) {
    findings.looked_at.push("connectors");
    let shown = context.client_with(Access::Read).and_then(|client| {
        let connectors = client.json(Request::get(&["v1", "connectors"]))?;
        let history = client.json(Request::get(&["v1", "history"]).query("limit", "1"))?;
        Ok((connectors, history))
    });
    let (answer, history) = match shown {
        Ok(shown) => shown,
        Err(error) => {
            let advice = "Give a token that may read: --token-file, or LOCKGATE_TOKEN.";
            return findings.warning("not-asked", format!("the connectors could not be asked for: {error:#}"), advice);
        }
    };
    let installed: BTreeSet<String> = out::list(&answer, "connectors").iter().map(|connector| text(connector, "name")).collect();
    for name in context.settings.bus.connectors.keys().filter(|name| !installed.contains(name.as_str())) {
        let alike = installed.iter().map(|known| (strsim::jaro_winkler(known, name.as_str()), known));
        let meant = alike.filter(|(likeness, _)| *likeness > 0.8).max_by(|one, other| one.0.total_cmp(&other.0));
        let meant = meant.map(|(_, known)| format!("; did you mean {known}?")).unwrap_or_default();
        let message = format!("[connectors.{name}] is of no connector that is installed{meant}");
        findings.warning("connector-unknown", message, "Correct the name, or install the connector.");
    }
    for connector in out::list(&answer, "connectors") {
        grants(connector, findings);
        let trouble = text(connector, "trouble");
        if !trouble.is_empty() {
            let message = format!("connector {} does not work: {trouble}", text(connector, "name"));
            findings.wrong("connector-trouble", message, "`lockgate connector show NAME` has more.");
        }
    }
    let newest = out::list(&history, "history").first().map(|entry| text(entry, "ended_at"));
    let newest = newest.and_then(|at| at.parse::<jiff::Timestamp>().ok()).map(jiff::Timestamp::as_millisecond);
    if newest.is_some_and(|newest| newest.saturating_sub(SystemClock::new().now_ms()) > CLOCK_BACK_MS_MAX) {
        let message = "the newest history entry is from the future";
        findings.wrong("clock-set-back", message, "The clock was set back, or is wrong: set it, and let a time service keep it.");
    }
}

/// What is granted and nothing asks for.
fn grants(connector: &Value, findings: &mut Findings) {
    let asked: BTreeSet<String> = out::list(connector, "asks").iter().map(|ask| text(ask, "what")).collect();
    let grant = connector.get("grant").unwrap_or(&Value::Null);
    // One without a manifest asks for all writes; its hosts and secrets are of no use.
    let named = ["hosts", "secrets", "objects", "pages", "sites", "settings"];
    for what in named.into_iter().filter(|what| !out::list(grant, what).is_empty() && !asked.contains(*what)) {
        if connector.get("has_manifest") == Some(&Value::Bool(false)) && !matches!(what, "hosts" | "secrets") {
            continue;
        }
        let message = format!("connector {} is granted {what}, and its manifest asks for none", text(connector, "name"));
        findings.warning("grant-unused", message, "Take out of the configuration what nothing uses: a later version could.");
    }
}

fn compiler(settings: &Settings, findings: &mut Findings) {
    findings.looked_at.push("compiler");
    let artefacts = &settings.sandbox.artefact_dir;
    if artefacts.exists() && rustix::fs::access(artefacts, rustix::fs::Access::WRITE_OK).is_err() {
        let message = format!("compiled connectors cannot be written to {}", artefacts.display());
        findings.wrong("artefacts-unwritable", message, "Make the folder writable for the server's user.");
    }
    if let Err(error) = wire::try_to_compile(&settings.sandbox, LEAST)
        // That the component lacks everything is what it should say.
        && !matches!(error.code, "missing-export" | "invalid-component" | "incompatible-contract")
    {
        let advice = "The compiler is this program, started again: let the service start processes, and run memory that it has written \
                      (no MemoryDenyWriteExecute).";
        findings.wrong("compiler-broken", format!("{}: {}", error.code, error.message), advice);
    }
}
