//! Statements that go to the server together: one round trip, however many they are.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use tokio_postgres::{Client, Error, Row};

use crate::fault::{Fault, Refusal, told};
use crate::params::Param;

/// One statement. Nothing is prepared on the server beyond it, so that a pooler may stand between.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    sql: &'static str,
    params: Vec<Param>,
    /// What it means when it divides by zero.
    refusal: Option<Refusal>,
    /// It makes durable what comes before it.
    is_barrier: bool,
}

/// Waits until all that was committed before is durable, here and where the server's settings say so. Who waits holds
/// no lock: all who do share one wait for the disk.
const BARRIER: &str = "SELECT pg_logical_emit_message(true, 'lockgate', '')";

impl Statement {
    pub(crate) fn new(sql: &'static str, params: Vec<Param>) -> Self {
        Self { sql, params, refusal: None, is_barrier: false }
    }

    pub(crate) fn guard(refusal: Refusal, sql: &'static str, params: Vec<Param>) -> Self {
        Self { sql, params, refusal: Some(refusal), is_barrier: false }
    }

    /// Behind a transaction that was committed without waiting for the disk.
    pub(crate) fn barrier() -> Self {
        Self { sql: BARRIER, params: Vec::new(), refusal: None, is_barrier: true }
    }

    async fn run(&self, client: &Client) -> Result<Vec<Row>, Error> {
        let params: Vec<_> = self.params.iter().map(Param::typed).collect();
        client.query_typed(self.sql, &params).await
    }
}

/// A statement's answer, as far as it is there.
enum Asked<'s> {
    Waits(Pin<Box<dyn Future<Output = Result<Vec<Row>, Error>> + Send + 's>>),
    Answered(Result<Vec<Row>, Error>),
}

/// Sends all statements, in order, and takes their answers. The first that fails says why: what comes behind it is
/// not carried out.
pub(crate) async fn send(client: &Client, statements: &[Statement]) -> Result<Vec<Vec<Row>>, Fault> {
    let mut asked: Vec<Asked<'_>> = statements.iter().map(|statement| Asked::Waits(Box::pin(statement.run(client)))).collect();
    // The first poll of each puts it on the way.
    poll_fn(|context| {
        let mut waits = false;
        for one in &mut asked {
            if let Asked::Waits(future) = one {
                match future.as_mut().poll(context) {
                    Poll::Ready(answer) => *one = Asked::Answered(answer),
                    Poll::Pending => waits = true,
                }
            }
        }
        if waits { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    let mut answers = Vec::with_capacity(asked.len());
    for (one, statement) in asked.into_iter().zip(statements) {
        match one {
            Asked::Answered(Ok(rows)) => answers.push(rows),
            Asked::Answered(Err(error)) => {
                return Err(match &statement.refusal {
                    Some(refusal) if Fault::is_guard(&error) => Fault::Refused(refusal.clone()),
                    // It was carried out, and may get lost again.
                    _ if statement.is_barrier => Fault::Unreachable(told(&error)),
                    _ => error.into(),
                });
            }
            Asked::Waits(_) => {}
        }
    }
    Ok(answers)
}
