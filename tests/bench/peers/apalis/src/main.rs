//! apalis on SQLite, from queue to stored: N tasks of 974 B are queued, then one worker drains them; each task is
//! parsed for its handler, which stores the object in the same database. Prints one JSON line.

use std::{
    env,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use apalis::prelude::*;
use apalis_sqlite::{Config, SqlitePool, SqliteStorage};
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

mod objects;

use objects::Objects;

const TASK: &str = include_str!("../../shared/task.json");

/// What was tried and found best; each can be set for another trial.
struct Settings {
    /// Tasks that one fetch takes, and half of the handlers that run at a time.
    batch: usize,
    /// Connections to the database, of which one can write at a time.
    connections: u32,
    /// Tasks that one transaction queues.
    push: usize,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().context("usage: lockgate-peer-apalis FOLDER TASKS")?;
    let tasks: u64 = arguments.next().context("how many tasks?")?.parse()?;
    let settings = Settings { batch: setting("BATCH", 1_000)?, connections: setting("CONNECTIONS", 1)?, push: setting("PUSH", 5_000)? };

    let pool = open(Path::new(&folder), settings.connections).await?;
    let config = Config::default().queue("products").batch_size(settings.batch).lock_tasks(false);
    let mut storage: SqliteStorage<Value> = SqliteStorage::new(&pool).with_config(config);

    let push_s = push(&mut storage, tasks, settings.push).await?;
    eprintln!("apalis: {tasks} tasks queued in {push_s:.1} s");
    let drain_s = drain(storage, &pool, tasks, &settings).await?;
    eprintln!("apalis: drained in {drain_s:.1} s");
    check(&pool, tasks).await?;

    let line = serde_json::json!({
        "peer": "apalis",
        "version": concat!(env!("APALIS_VERSION"), " (apalis-sqlite)"),
        "kind": "queue-to-stored",
        "tasks": tasks,
        "tasks_per_s": (tasks as f64 / drain_s).round() as u64,
        "push_tasks_per_s": (tasks as f64 / push_s).round() as u64,
        "settings": format!(
            "journal_mode=WAL synchronous=FULL; batch_size {}, concurrency {}, lock_tasks off (the fetch locks), results persisted; \
             objects upserted in groups; {} connection(s); {} tasks a push",
            settings.batch, settings.batch * 2, settings.connections, settings.push
        ),
    });
    println!("{line}");
    Ok(())
}

fn setting<T: std::str::FromStr>(name: &str, default: T) -> anyhow::Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    match env::var(name) {
        Ok(value) => value.parse().with_context(|| format!("{name}={value}")),
        Err(_) => Ok(default),
    }
}

/// The database with apalis's tables and ours. `SqliteStorage::setup` is not called: it turns synchronous off.
async fn open(folder: &Path, connections: u32) -> anyhow::Result<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(folder.join("apalis.sqlite"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(60))
        .pragma("temp_store", "MEMORY")
        .pragma("cache_size", "64000")
        .pragma("journal_size_limit", "67108864");
    let pool = SqlitePoolOptions::new().max_connections(connections).connect_with(options).await?;
    SqliteStorage::migrations().run(&pool).await?;
    sqlx::query("CREATE TABLE objects (id TEXT PRIMARY KEY, object TEXT NOT NULL) WITHOUT ROWID").execute(&pool).await?;
    Ok(pool)
}

/// Queues the tasks and gives the seconds it took.
async fn push(storage: &mut SqliteStorage<Value>, tasks: u64, batch: usize) -> anyhow::Result<f64> {
    let payloads: Vec<String> = (0..tasks).map(|number| TASK.replace("NNNNNNNN", &format!("{number:08}"))).collect();
    let begun = Instant::now();
    for group in payloads.chunks(batch) {
        let objects = group.iter().map(|task| serde_json::from_str(task)).collect::<Result<Vec<Value>, _>>()?;
        storage.push_bulk(objects).await?;
    }
    Ok(begun.elapsed().as_secs_f64())
}

/// Lets one worker drain the queue and gives the seconds until the last task was acknowledged in the database.
async fn drain(storage: SqliteStorage<Value>, pool: &SqlitePool, tasks: u64, settings: &Settings) -> anyhow::Result<f64> {
    let objects = Objects::start(pool.clone(), settings.batch);
    let stored = Arc::new(AtomicU64::new(0));
    let handle = move |task: Value, worker: WorkerContext| {
        let (objects, stored) = (objects.clone(), stored.clone());
        async move {
            objects.store(task).await?;
            if stored.fetch_add(1, Ordering::Relaxed) + 1 == tasks {
                worker.stop()?;
            }
            Ok::<(), BoxDynError>(())
        }
    };
    let worker = WorkerBuilder::new("bench").backend(storage).concurrency(settings.batch * 2).build(handle);
    let begun = Instant::now();
    worker.run().await?;
    Ok(begun.elapsed().as_secs_f64())
}

/// Every task is done, every object stored, and every commit was durable.
async fn check(pool: &SqlitePool, tasks: u64) -> anyhow::Result<()> {
    let number = async |query: &'static str| sqlx::query_scalar::<_, i64>(query).fetch_one(pool).await;
    let synchronous = number("PRAGMA synchronous").await?;
    ensure!(synchronous == 2, "synchronous is {synchronous}, not FULL");
    let objects = number("SELECT count(*) FROM objects WHERE object ->> 'id' = id").await?;
    ensure!(objects as u64 == tasks, "{objects} objects of {tasks} tasks");
    let done = number("SELECT count(*) FROM Jobs WHERE status = 'Done'").await?;
    ensure!(done as u64 == tasks, "{done} done of {tasks} tasks");
    Ok(())
}
