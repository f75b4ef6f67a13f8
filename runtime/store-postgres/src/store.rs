//! The store: how it reads and writes. One file for each part that the bus sees of it.

mod content;
mod journal;
mod nodes;
mod operations;
mod queue;
mod registry;
mod upkeep;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use lockgate_core::ports::StoreError;
use lockgate_store_rows::names::{Intern, Known};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::commit::Committed;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::listen::Ear;
use crate::packet::Statement;
use crate::params::params;
use crate::pool::{Link, Pool};
use crate::submit::{Answer, Request};
use crate::tx::Tx;

/// How often something is tried whose connection is lost.
const TRIES_WHEN_LOST: u32 = 8;
/// How long something is tried that another transaction is in the way of.
const COLLIDED_MAX: Duration = Duration::from_secs(15);
/// After so many writes what nobody asks for any more is removed.
const WRITES_A_SWEEP: u64 = 1_000;
/// Between two tries; longer each time.
const PAUSE: Duration = Duration::from_millis(20);
/// A look whether the server is there may take so long.
const LOOK_MAX: Duration = Duration::from_secs(1);

/// A store in a PostgreSQL database, which other processes may share. A handle has connections of its own.
pub struct PgStore {
    pub(crate) pool: Pool,
    names: RwLock<Arc<Known>>,
    /// Why the last thing that was tried could not be done.
    trouble: Mutex<Option<StoreError>>,
    /// Whether somebody may wait for something. Whoever relies on it has it checked.
    pub(crate) waits: AtomicBool,
    pub(crate) submissions: Desk<Request, Answer>,
    pub(crate) commits: Desk<Vec<Statement>, Committed>,
    pub(crate) ear: Ear,
    /// Writes since it was opened.
    writes: AtomicU64,
}

impl std::fmt::Debug for PgStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PgStore").finish_non_exhaustive()
    }
}

/// Whether a write is one of those that have an order (`tx::Tx::new`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// After all that were done before, and before all that come.
    One,
    /// Beside others: it locks what it needs itself.
    None,
}

/// What came of a write.
pub(crate) struct Done<T> {
    pub(crate) value: T,
    /// The rows of its last statement; `None`: the answer was lost, and it was done.
    pub(crate) rows: Option<Vec<Row>>,
    pub(crate) token: Uuid,
}

impl PgStore {
    pub(crate) fn with_pool(pool: Pool) -> Self {
        Self {
            pool,
            names: RwLock::default(),
            trouble: Mutex::default(),
            waits: AtomicBool::new(true),
            submissions: Desk::default(),
            commits: Desk::default(),
            ear: Ear::default(),
            writes: AtomicU64::new(0),
        }
    }

    /// Round trips to the server since it was opened: packets that were sent and answered.
    pub fn round_trips(&self) -> u64 {
        self.pool.trips()
    }

    /// The server's time, in ms since 1970.
    pub fn now_ms(&self) -> Result<i64, StoreError> {
        let rows = self.rows("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::int8", Vec::new())?;
        rows.first().map_or(Ok(0), |row| Ok(get(row, 0)?))
    }

    /// Answers of one moment: all statements are carried out in one transaction that only reads.
    pub(crate) fn read(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, StoreError> {
        self.told(self.pool.run(again(async || self.read_once(&statements).await)))
    }

    /// The rows of one statement.
    pub(crate) fn rows(&self, sql: &'static str, params: Vec<crate::params::Param>) -> Result<Vec<Row>, StoreError> {
        Ok(self.read(vec![Statement::new(sql, params)])?.pop().unwrap_or_default())
    }

    /// Sends a packet, whatever it does. Only for what may be done twice.
    pub(crate) async fn send(&self, statements: &[Statement]) -> Result<Vec<Vec<Row>>, Fault> {
        let link = self.pool.link().await?;
        let answers = link.send(statements).await;
        give_back(link, answers)
    }

    async fn read_once(&self, statements: &[Statement]) -> Result<Vec<Vec<Row>>, Fault> {
        let link = self.pool.link().await?;
        let answers = read_on(&link, statements).await;
        if answers.as_ref().is_err_and(Fault::is_lost) {
            self.forget();
        }
        give_back(link, answers)
    }

    /// Carries out a transaction. It is tried again, whole, when a connection is lost or another transaction is in the
    /// way; when nobody knows whether it was done, that is found out first.
    pub(crate) fn write<T>(&self, order: Order, work: impl AsyncFn(&Tx<'_>) -> Result<T, Fault>) -> Result<T, StoreError> {
        Ok(self.write_with_rows(order, work)?.value)
    }

    /// The same, for who needs what its last statement gives.
    pub(crate) fn write_with_rows<T>(&self, order: Order, work: impl AsyncFn(&Tx<'_>) -> Result<T, Fault>) -> Result<Done<T>, StoreError> {
        self.told(self.tried(order, work))
    }

    /// The same, for who asks why it was refused.
    pub(crate) fn try_write<T>(&self, order: Order, work: impl AsyncFn(&Tx<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        Ok(self.tried(order, work)?.value)
    }

    fn tried<T>(&self, order: Order, work: impl AsyncFn(&Tx<'_>) -> Result<T, Fault>) -> Result<Done<T>, Fault> {
        let done = self.pool.run(again(async || self.write_once(order, &work).await))?;
        if self.writes.fetch_add(1, Ordering::Relaxed) % WRITES_A_SWEEP == WRITES_A_SWEEP - 1 {
            crate::upkeep::sweep(self);
        }
        Ok(done)
    }

    async fn write_once<T>(&self, order: Order, work: &impl AsyncFn(&Tx<'_>) -> Result<T, Fault>) -> Result<Done<T>, Fault> {
        let link = self.pool.link().await?;
        let token = random_guid()?;
        let tx = Tx::new(&link, token, order == Order::One);
        let value = match work(&tx).await {
            Ok(value) => value,
            Err(fault) => {
                if fault.is_lost() {
                    self.forget();
                }
                return Err(take_back(link, fault).await);
            }
        };
        match tx.commit().await {
            Ok(rows) => {
                link.give_back();
                Ok(Done { value, rows: Some(rows), token })
            }
            Err(fault) if fault.is_lost() => {
                drop(link);
                self.forget();
                if self.was_done(token, &fault).await? { Ok(Done { value, rows: None, token }) } else { Err(fault) }
            }
            Err(fault) => Err(take_back(link, fault).await),
        }
    }

    /// Whether a write was done whose answer is lost. One that was not never will be.
    async fn was_done(&self, token: Uuid, lost: &Fault) -> Result<bool, Fault> {
        let look = [
            Statement::new("INSERT INTO outcome (token, void) VALUES ($1, true) ON CONFLICT DO NOTHING", params![token]),
            Statement::new("SELECT void FROM outcome WHERE token = $1", params![token]),
            // What was done may not be durable yet.
            Statement::barrier(),
        ];
        let mut tries = 0;
        loop {
            tries += 1;
            let looked = match self.pool.link().await {
                Ok(link) => {
                    let answers = link.send(&look).await;
                    give_back(link, answers)
                }
                Err(fault) => Err(fault),
            };
            match looked {
                Ok(answers) => {
                    let void = answers.get(1).and_then(|rows| rows.first()).map(|row| get::<bool>(row, 0)).transpose()?;
                    return Ok(void == Some(false));
                }
                Err(fault) if fault.is_lost() && tries < TRIES_WHEN_LOST => pause(tries).await,
                Err(_) => return Err(Fault::Unknown(lost.to_string())),
            }
        }
    }

    /// What the bus hears; remembered, for who asks whether anything can be written.
    pub(crate) fn told<T>(&self, outcome: Result<T, Fault>) -> Result<T, StoreError> {
        Ok(self.tell(outcome)?)
    }

    /// The same, for who asks why it was refused.
    pub(crate) fn tell<T>(&self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        let trouble = outcome.as_ref().err().and_then(Fault::trouble);
        if trouble.is_some() {
            self.forget();
        }
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
        outcome
    }

    /// A server that was lost may come back as another one: what is known of it is looked up again.
    fn forget(&self) {
        self.pool.forget_idle();
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = Arc::default();
        self.waits.store(true, Ordering::Relaxed);
    }

    /// Why nothing can be done at the moment. Looks again when something could not be done.
    pub(crate) fn look(&self) -> Result<(), StoreError> {
        let Some(trouble) = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone() else { return Ok(()) };
        let looked = self.pool.run(async {
            let statement = [Statement::new("SELECT 1 / (NOT pg_is_in_recovery())::int", Vec::new())];
            tokio::time::timeout(LOOK_MAX, self.read_once(&statement)).await
        });
        match looked {
            Ok(Ok(_)) => {
                *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = None;
                Ok(())
            }
            Ok(Err(_)) | Err(_) => Err(match trouble {
                // It is known by now, or will be when somebody asks again.
                StoreError::Unknown(why) => StoreError::Unavailable(why),
                trouble => trouble,
            }),
        }
    }

    /// Whether somebody may wait for something.
    pub(crate) fn may_wait(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    fn known(&self) -> Arc<Known> {
        self.names.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads names again: others may have given some.
    fn read_names(&self) -> Result<Arc<Known>, StoreError> {
        let mut known = Known::default();
        for row in self.rows("SELECT id, name FROM name", Vec::new())? {
            let (id, name) = (get::<i32>(&row, 0)?, get::<&str>(&row, 1)?);
            known.insert(id.unsigned_abs(), name).map_err(|error| StoreError::Unreadable(format!("name {name:?}: {error}")))?;
        }
        let known = Arc::new(known);
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = known.clone();
        Ok(known)
    }

    /// Makes rows into bytes. Names that have no id yet get one before.
    pub(crate) fn encode<T>(&self, encode: impl Fn(&mut dyn Intern) -> Result<T, Fault>) -> Result<T, StoreError> {
        let mut known = self.known();
        loop {
            let mut names = Looking { known: &known, missing: Vec::new() };
            let encoded = encode(&mut names)?;
            let missing = std::mem::take(&mut names.missing);
            if missing.is_empty() {
                return Ok(encoded);
            }
            self.write(Order::None, async |tx| {
                let sql = "INSERT INTO name (name) SELECT DISTINCT n FROM unnest($1::text[]) n ORDER BY n ON CONFLICT DO NOTHING";
                tx.add(sql, params![missing.clone()]).await;
                Ok(())
            })?;
            known = self.read_names()?;
        }
    }

    /// Makes bytes into rows.
    pub(crate) fn decode<T>(&self, decode: impl Fn(&Known) -> Result<T, Fault>) -> Result<T, StoreError> {
        match decode(&self.known()) {
            Ok(decoded) => Ok(decoded),
            // A name may have been given by another process.
            Err(_) => Ok(decode(&*self.read_names()?)?),
        }
    }
}

/// Ids of names, and which have none.
struct Looking<'k> {
    known: &'k Known,
    missing: Vec<String>,
}

impl Intern for Looking<'_> {
    fn id(&mut self, text: &str) -> u32 {
        self.known.id(text).unwrap_or_else(|| {
            self.missing.push(text.to_owned());
            0
        })
    }
}

/// Tries something again, whole, when a connection is lost or another transaction is in the way.
async fn again<T>(once: impl AsyncFn() -> Result<T, Fault>) -> Result<T, Fault> {
    let begun = tokio::time::Instant::now();
    let mut tries = 0;
    loop {
        tries += 1;
        match once().await {
            Err(fault) if fault.is_lost() && tries < TRIES_WHEN_LOST => pause(tries).await,
            Err(fault) if fault.is_collision() && begun.elapsed() < COLLIDED_MAX => pause(tries).await,
            done => return done,
        }
    }
}

async fn pause(tries: u32) {
    tokio::time::sleep(PAUSE.saturating_mul(tries)).await;
}

/// A column of a row.
pub(crate) fn get<'r, T: tokio_postgres::types::FromSql<'r>>(row: &'r Row, column: usize) -> Result<T, Fault> {
    row.try_get(column).map_err(|error| Fault::row("answer", crate::fault::told(&error)))
}

async fn read_on(link: &Link<'_>, statements: &[Statement]) -> Result<Vec<Vec<Row>>, Fault> {
    if let [_] = statements {
        return link.send(statements).await;
    }
    let mut all = vec![
        Statement::new("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", Vec::new()),
        Statement::new("SET LOCAL jit = off", Vec::new()),
    ];
    all.extend_from_slice(statements);
    all.push(Statement::new("COMMIT", Vec::new()));
    let mut answers = link.send(&all).await?;
    answers.pop();
    answers.drain(..2);
    Ok(answers)
}

fn give_back<T>(link: Link<'_>, answers: Result<T, Fault>) -> Result<T, Fault> {
    // One that has failed may stand in a transaction: it is closed.
    if answers.is_ok() {
        link.give_back();
    }
    answers
}

/// Ends a transaction that is not carried out.
async fn take_back(link: Link<'_>, fault: Fault) -> Fault {
    if !fault.is_lost() && link.send(&[Statement::new("ROLLBACK", Vec::new())]).await.is_ok() {
        link.give_back();
    }
    fault
}

fn random_guid() -> Result<Uuid, Fault> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Fault::Unreachable(format!("no randomness: {error}")))?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}
