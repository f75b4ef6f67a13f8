//! A transaction that writes: its statements wait until somebody needs an answer, or until it ends.

use std::mem::take;

use tokio::sync::Mutex;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::fault::{Fault, Refusal};
use crate::packet::Statement;
use crate::params::{Param, params};
use crate::pool::Link;

/// So long a statement waits for a row that another transaction has locked, and so long a transaction may stand with
/// nothing to do: what a frozen process has locked is free after that. To compile statements takes longer than they do.
/// Nothing is held while the disk is waited for: that is done behind the transaction, by a barrier (promise 1).
const BEGIN: [&str; 2] = [
    "BEGIN ISOLATION LEVEL READ COMMITTED",
    "SELECT set_config('lock_timeout', '10s', true), set_config('idle_in_transaction_session_timeout', '5s', true), \
     set_config('jit', 'off', true), set_config('synchronous_commit', 'off', true)",
];

/// Takes the one row that orders all writes but submissions. A statement behind it sees all that was done before.
const CLOCK: &str = "UPDATE clock SET n = n + 1";

/// One transaction.
pub(crate) struct Tx<'c> {
    /// `None`: its statements are only written down.
    link: Option<&'c Link<'c>>,
    waiting: Mutex<Vec<Statement>>,
    token: Uuid,
}

impl<'c> Tx<'c> {
    pub(crate) fn new(link: &'c Link<'c>, token: Uuid, ordered: bool) -> Self {
        let mut waiting: Vec<Statement> = BEGIN.into_iter().map(|sql| Statement::new(sql, Vec::new())).collect();
        // First: where it was made void meanwhile, nothing else is done.
        waiting.push(Statement::new("INSERT INTO outcome (token) VALUES ($1)", params![token]));
        if ordered {
            waiting.push(Statement::new(CLOCK, Vec::new()));
        }
        Self { link: Some(link), waiting: Mutex::new(waiting), token }
    }

    /// One whose statements are only written down: nothing in it may need an answer.
    pub(crate) fn on_paper() -> Self {
        Self { link: None, waiting: Mutex::default(), token: Uuid::nil() }
    }

    /// What was written down.
    pub(crate) fn into_statements(self) -> Vec<Statement> {
        self.waiting.into_inner()
    }

    /// The statements of a commit, after all that comes before it in the same transaction.
    pub(crate) async fn add_commit(&self, statements: &[Statement], is_first: bool) {
        let mut waiting = self.waiting.lock().await;
        if !is_first {
            waiting.push(Statement::new(CLOCK, Vec::new()));
        }
        waiting.extend_from_slice(statements);
    }

    /// By which its outcome is found when the answer is lost.
    pub(crate) fn token(&self) -> Uuid {
        self.token
    }

    /// To be carried out; nobody needs the answer.
    pub(crate) async fn add(&self, sql: &'static str, params: Vec<Param>) {
        self.waiting.lock().await.push(Statement::new(sql, params));
    }

    /// Ends the transaction with this refusal, if it divides by zero.
    pub(crate) async fn guard(&self, refusal: Refusal, sql: &'static str, params: Vec<Param>) {
        self.waiting.lock().await.push(Statement::guard(refusal, sql, params));
    }

    /// The rows that a statement gives, after all that was added before it.
    pub(crate) async fn ask(&self, sql: &'static str, params: Vec<Param>) -> Result<Vec<Row>, Fault> {
        self.add(sql, params).await;
        Ok(self.flush().await?.pop().unwrap_or_default())
    }

    /// All answers to what was added since the last time.
    pub(crate) async fn flush(&self) -> Result<Vec<Vec<Row>>, Fault> {
        let statements = take(&mut *self.waiting.lock().await);
        match self.link {
            Some(link) => link.send(&statements).await,
            None => Err(Fault::row("transaction", "nobody answers what is only written down")),
        }
    }

    /// Ends it, and waits until it is durable. The rows of the last statement before the end.
    pub(crate) async fn commit(&self) -> Result<Vec<Row>, Fault> {
        self.waiting.lock().await.extend([Statement::new("COMMIT", Vec::new()), Statement::barrier()]);
        let mut answers = self.flush().await?;
        answers.truncate(answers.len().saturating_sub(2));
        Ok(answers.pop().unwrap_or_default())
    }
}
