//! A store in a database: opened with the operator's password, by this machine's name.

use std::sync::Arc;

use lockgate_core::ports::{NodeName, Store};
use lockgate_store_postgres::{Finding, OpenError, PgStore, Place, Tables};

use crate::config::{DatabasePlace, Settings, Surroundings};
use crate::exit::{Exit, Failure};
use lockgate::SystemClock;

/// Where Linux has the machine's name.
const HOST_NAME: &str = "/proc/sys/kernel/hostname";
/// A machine whose clock is so far from the database's is not let in: times of schedules, waits and histories would
/// depend on who processes what.
const CLOCK_APART_MS_MAX: u64 = 60_000;

/// Opens a database, as the operator names it.
pub fn open(database: &DatabasePlace, tables: Tables) -> Result<Arc<dyn Store>, Failure> {
    let store = pg(database, tables)?;
    let now_ms = lockgate_core::ports::Clock::now_ms(&SystemClock::new());
    let there_ms = store.now_ms().map_err(|error| not_opened(database, &error.into()))?;
    if now_ms.abs_diff(there_ms) > CLOCK_APART_MS_MAX {
        let (by, which) = (now_ms.abs_diff(there_ms) / 1_000, if now_ms > there_ms { "before" } else { "behind" });
        return Err(failure("node-clock", format!("the clock of this machine is {by} s {which} that of the database {database}")));
    }
    Ok(Arc::new(store))
}

/// Whether a database has no tables yet.
pub fn is_empty(database: &DatabasePlace) -> Result<bool, Failure> {
    match pg(database, Tables::AsTheyAre) {
        Ok(_) => Ok(false),
        Err(failure) if failure.problem.as_ref().is_some_and(|problem| problem["code"] == OpenError::Empty.code()) => Ok(true),
        Err(failure) => Err(failure),
    }
}

/// What is not as it should be with the database's server.
pub fn findings(database: &DatabasePlace) -> Result<Vec<Finding>, Failure> {
    match pg(database, Tables::AsTheyAre) {
        Ok(store) => store.findings().map_err(|error| not_opened(database, &error.into())),
        // Nobody has begun to use it.
        Err(failure) if failure.problem.as_ref().is_some_and(|problem| problem["code"] == OpenError::Empty.code()) => Ok(Vec::new()),
        Err(failure) => Err(failure),
    }
}

fn pg(database: &DatabasePlace, tables: Tables) -> Result<PgStore, Failure> {
    let around = Surroundings { variable: &|name| std::env::var(name).ok() };
    let password = database.password(&around)?;
    let passfile = DatabasePlace::passfile(&around);
    let place = Place { url: database.secret_url(), password: password.as_deref(), passfile: passfile.as_deref() };
    PgStore::open_at(&place, tables).map_err(|error| not_opened(database, &error))
}

/// Under which name this process takes part.
pub fn node(settings: &Settings) -> NodeName {
    match &settings.node_name {
        Some(name) => NodeName::new(name),
        None => NodeName::new(host().as_deref().unwrap_or("node")),
    }
}

fn host() -> Option<String> {
    let name = std::fs::read_to_string(HOST_NAME).ok().or_else(|| std::env::var("HOSTNAME").ok())?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

fn not_opened(database: &DatabasePlace, error: &OpenError) -> Failure {
    failure(error.code(), format!("cannot open the store {database}: {error}"))
}

/// The code says what to do, unless the message has.
fn failure(code: &'static str, why: String) -> Failure {
    let problem = serde_json::json!({"code": code, "detail": why});
    let failure = Failure { problem: Some(Box::new(problem)), ..Failure::new(Exit::Unreachable, format!("{why} [{code}]")) };
    failure.hint(crate::advice::of_code(code).unwrap_or_default())
}
