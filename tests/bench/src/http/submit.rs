//! As many tasks a second as the server takes.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Result, bail};
use bytes::Bytes;
use hyper::Method;
use serde_json::Value;
use tokio::task::JoinSet;

use super::CONNECTOR;
use super::client::Connection;
use crate::feed::{Size, product, sku};

/// From how many connections single tasks come.
pub const CONNECTIONS: usize = 64;
/// From how many batches come.
pub const BATCH_CONNECTIONS: usize = 4;
/// Tasks of one batch.
pub const BATCH_TASKS: u64 = 2_000;

/// One request: its path, media type and body, and how many tasks it queues.
pub struct Order {
    path: String,
    media_type: &'static str,
    body: Bytes,
    tasks: u64,
}

/// Tasks of one product each, from this number on.
pub fn singles(from: u64, count: u64) -> Vec<Order> {
    (from..from + count).map(single).collect()
}

/// The task of one product.
pub fn single(number: u64) -> Order {
    Order {
        path: format!("/v1/connectors/{CONNECTOR}/tasks?data_type=simple-snapshot&title=Table%20{number}"),
        media_type: "application/json",
        body: product(number, Size::Medium).into(),
        tasks: 1,
    }
}

/// Batches of products, from this number on.
pub fn batches(from: u64, count: u64) -> Vec<Order> {
    (0..count).map(|at| batch(from + at * BATCH_TASKS)).collect()
}

fn batch(from: u64) -> Order {
    let mut body = Vec::with_capacity(BATCH_TASKS as usize * 1_100);
    for number in from..from + BATCH_TASKS {
        let head =
            format!(r#"{{"connector":"{CONNECTOR}","data_type":"simple-snapshot","title":"Table {number} ({})","body_json":"#, sku(number));
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&product(number, Size::Medium));
        body.extend_from_slice(b"}\n");
    }
    Order { path: "/v1/tasks".to_owned(), media_type: "application/x-ndjson", body: body.into(), tasks: BATCH_TASKS }
}

impl Order {
    /// Sends it; the answer is the server's, read.
    pub async fn send(self, connection: &mut Connection) -> Result<Bytes> {
        connection.ask(Method::POST, &self.path, self.media_type, self.body).await
    }
}

/// Sends all from so many connections, each one after the other. Tasks a second, acknowledged.
pub async fn send(address: SocketAddr, orders: Vec<Order>, connections: usize) -> Result<f64> {
    let tasks: u64 = orders.iter().map(|order| order.tasks).sum();
    let orders = Arc::new(Mutex::new(VecDeque::from(orders)));
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Connection::open(address).await?);
    }
    let begun = Instant::now();
    let mut senders = JoinSet::new();
    for mut connection in open {
        let orders = Arc::clone(&orders);
        senders.spawn(async move {
            while let Some(order) = { orders.lock().unwrap_or_else(PoisonError::into_inner).pop_front() } {
                let is_batch = order.tasks > 1;
                let answer = order.send(&mut connection).await?;
                if is_batch {
                    all_taken(&answer)?;
                }
            }
            Ok::<_, anyhow::Error>(())
        });
    }
    while let Some(done) = senders.join_next().await {
        done??;
    }
    Ok(tasks as f64 / begun.elapsed().as_secs_f64())
}

/// Looks at the head of the answer alone: reading all results would be the client's cost.
fn all_taken(answer: &[u8]) -> Result<()> {
    let expected = format!("{{\"accepted\":{BATCH_TASKS},\"refused\":0,");
    if !answer.starts_with(expected.as_bytes()) {
        let said: Value = serde_json::from_slice(answer)?;
        bail!("a batch was not taken whole: {} of {BATCH_TASKS}", said.get("accepted").unwrap_or(&Value::Null));
    }
    Ok(())
}
