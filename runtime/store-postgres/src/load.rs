//! Answers to questions, all of one moment and in one round trip.

mod beside;
mod rows;

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use lockgate_core::key::{Answers, Key, Loaded, Question};
use lockgate_core::ports::StoreError;
use lockgate_store_rows::names::Known;
use tokio_postgres::Row;

use crate::convert;
use crate::fault::Fault;
use crate::packet::Statement;
use crate::store::{PgStore, get};

const MOMENT: &str = "SELECT n, EXISTS (SELECT 1 FROM want) FROM clock";

/// How the rows of a statement answer the questions that it was made of.
type Answer = dyn Fn(&[Row], &Known, &mut Answers) -> Result<(), Fault>;

/// Statements, and how their rows are read.
#[derive(Default)]
pub(super) struct Plan {
    statements: Vec<Statement>,
    answers: Vec<Box<Answer>>,
}

impl Plan {
    pub(super) fn add(&mut self, statement: Statement, answer: impl Fn(&[Row], &Known, &mut Answers) -> Result<(), Fault> + 'static) {
        self.statements.push(statement);
        self.answers.push(Box::new(answer));
    }
}

/// One answer for each question.
pub(crate) fn load(store: &PgStore, keys: &[Key]) -> Result<Loaded, StoreError> {
    let mut plan = Plan::default();
    let once: HashSet<&Key> = keys.iter().collect();
    let keys: &[Key] = &once.into_iter().cloned().collect::<Vec<_>>();
    rows::objects(&mut plan, keys);
    rows::pages(&mut plan, keys);
    rows::bindings(&mut plan, keys);
    beside::ask(&mut plan, keys);
    let statements = std::iter::once(Statement::new(MOMENT, Vec::new())).chain(plan.statements).collect();
    let answered = store.read(statements)?;
    let mut answered = answered.iter();
    let moment = answered.next().and_then(|rows| rows.first()).ok_or_else(|| Fault::row("clock", "it is missing"))?;
    store.waits.store(get::<bool>(moment, 1)?, Ordering::Relaxed);
    let as_of = convert::unid(get::<i64>(moment, 0)?);
    let answered: Vec<&Vec<Row>> = answered.collect();
    let answers = store.decode(|known| {
        let mut answers = Answers::default();
        for (rows, answer) in answered.iter().zip(&plan.answers) {
            answer(rows, known, &mut answers)?;
        }
        Ok(answers)
    })?;
    Ok(Loaded { as_of, answers })
}

pub(super) fn of<T>(keys: &[Key], one: impl Fn(&Key) -> Option<T>) -> Vec<T> {
    keys.iter().filter_map(one).collect()
}

pub(super) fn mark(question: impl Into<Key>) -> i64 {
    convert::mark(question.into().mark())
}

/// Ordinality counts from one.
pub(super) fn index(at: i64) -> usize {
    usize::try_from(at.saturating_sub(1)).unwrap_or(usize::MAX)
}

pub(super) fn push<T: Clone + PartialEq + std::fmt::Debug + 'static, Q: Question<Answer = Vec<T>>>(
    answers: &mut Answers,
    question: &Q,
    one: T,
) {
    let mut list = answers.remove(question).unwrap_or_default();
    list.push(one);
    answers.insert(question.clone(), list);
}
