//! Calls between processes: LISTEN and NOTIFY. A pooler that gives each transaction another connection swallows them;
//! nobody relies on them.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::time::Duration;

use lockgate_core::names::ConnectorName;
use lockgate_core::ports::{Call, StoreError};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_postgres::{AsyncMessage, Client};

use crate::fault::Fault;
use crate::params::params;
use crate::store::PgStore;

/// The connection that hears.
#[derive(Default)]
pub(crate) struct Ear(Mutex<Option<Listening>>);

struct Listening {
    /// The server hears by it that somebody listens still.
    _client: Client,
    calls: UnboundedReceiver<String>,
}

fn write(call: &Call) -> String {
    match call {
        Call::Came(connector) => format!("came {connector}"),
        Call::Operations(connector) => format!("operations {connector}"),
        Call::Look => "look".to_owned(),
    }
}

/// What a later version says is passed over.
fn read(text: &str) -> Option<Call> {
    let (word, name) = text.split_once(' ').unwrap_or((text, ""));
    let name = || ConnectorName::new(name).ok();
    match word {
        "came" => name().map(Call::Came),
        "operations" => name().map(Call::Operations),
        "look" => Some(Call::Look),
        _ => None,
    }
}

pub(crate) fn call(store: &PgStore, calls: &BTreeSet<Call>) -> Result<(), StoreError> {
    let calls: Vec<String> = calls.iter().map(write).collect();
    // Tables of one store may share a database with those of another, in another schema.
    store.rows("SELECT pg_notify('lockgate', c) FROM unnest($1::text[]) c", params![calls]).map(drop)
}

pub(crate) fn listen(store: &PgStore, wait: Duration) -> Result<Vec<Call>, StoreError> {
    store.pool.run(async {
        let mut ear = store.ear.0.lock().await;
        let mut listening = match ear.take() {
            Some(listening) => listening,
            None => begin(store).await?,
        };
        let mut texts = Vec::new();
        match tokio::time::timeout(wait, listening.calls.recv()).await {
            Ok(Some(text)) => texts.push(text),
            Ok(None) => return Err(Fault::Unreachable("the connection that listens has ended".to_owned()).into()),
            Err(_) => {}
        }
        while let Ok(text) = listening.calls.try_recv() {
            texts.push(text);
        }
        *ear = Some(listening);
        Ok(texts.iter().filter_map(|text| read(text)).collect())
    })
}

async fn begin(store: &PgStore) -> Result<Listening, Fault> {
    let (client, mut connection) = store.pool.connect_apart().await?;
    let (heard, calls) = unbounded_channel();
    tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(call) = message
                && heard.send(call.payload().to_owned()).is_err()
            {
                return;
            }
        }
    });
    client.batch_execute("LISTEN lockgate").await?;
    Ok(Listening { _client: client, calls })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_is_heard() {
        let name = ConnectorName::new("shop").unwrap();
        for call in [Call::Came(name.clone()), Call::Operations(name), Call::Look] {
            assert_eq!(read(&write(&call)), Some(call));
        }
        assert_eq!(read("sing shop"), None);
    }
}
