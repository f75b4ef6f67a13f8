//! Stores the handlers' objects in groups: those that wait while one transaction commits go into the next.

use serde_json::Value;
use sqlx::{QueryBuilder, Sqlite, SqlitePool};
use tokio::sync::{mpsc, oneshot};

/// Rows of one INSERT statement.
const ROWS_MAX: usize = 500;

type Waiting = (Value, oneshot::Sender<Result<(), String>>);

#[derive(Clone)]
pub struct Objects {
    sender: mpsc::Sender<Waiting>,
}

impl Objects {
    /// Spawns the writer, which takes at most `group` objects into a transaction.
    pub fn start(pool: SqlitePool, group: usize) -> Self {
        let (sender, receiver) = mpsc::channel(group * 2);
        tokio::spawn(write(pool, receiver, group));
        Self { sender }
    }

    /// Returns after the commit.
    pub async fn store(&self, object: Value) -> Result<(), String> {
        let (done, stored) = oneshot::channel();
        self.sender.send((object, done)).await.map_err(|error| error.to_string())?;
        stored.await.map_err(|error| error.to_string())?
    }
}

async fn write(pool: SqlitePool, mut receiver: mpsc::Receiver<Waiting>, group: usize) {
    let mut waiting = Vec::with_capacity(group);
    while receiver.recv_many(&mut waiting, group).await > 0 {
        let result = upsert(&pool, &waiting).await.map_err(|error| error.to_string());
        for (_, done) in waiting.drain(..) {
            // A handler that is gone waits for no answer.
            let _ = done.send(result.clone());
        }
    }
}

async fn upsert(pool: &SqlitePool, group: &[Waiting]) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    for rows in group.chunks(ROWS_MAX) {
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO objects (id, object) ");
        query.push_values(rows, |mut row, (object, _)| {
            row.push_bind(object["id"].as_str()).push_bind(object.to_string());
        });
        query.push(" ON CONFLICT (id) DO UPDATE SET object = excluded.object");
        query.build().execute(&mut *transaction).await?;
    }
    transaction.commit().await
}
