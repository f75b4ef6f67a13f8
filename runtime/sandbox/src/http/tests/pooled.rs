//! Connections are kept for the same connector and origin, and for nobody else (G78).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lockgate_core::egress::{Egress, HttpLimits};
use tokio::sync::Notify;

use super::server::{Server, Task, granted};
use crate::http::Clients;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// The connection goes back to the pool in a task of its own.
async fn kept(client: &crate::http::Client, server: &Server) {
    loop {
        if let Some(connection) = client.pool.take(&server.origin()) {
            return client.pool.keep(server.origin(), connection);
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn tasks_of_a_connector_share_a_connection() {
    let server = Server::answering(OK).await;
    let client = Clients::default().of(&"shop".into());
    for _ in 0..3 {
        let task = Task::of(Arc::clone(&client), granted(&[server.origin()]));
        assert_eq!(task.get(&server.url("/")).await.unwrap().text(), "ok");
        kept(&client, &server).await;
    }
    assert_eq!((server.seen().len(), server.connections()), (3, 1));
}

#[tokio::test]
async fn connectors_share_none() {
    let server = Server::answering(OK).await;
    let clients = Clients::default();
    for owner in ["shop", "blog", "shop", "blog"] {
        let client = clients.of(&owner.into());
        Task::of(Arc::clone(&client), granted(&[server.origin()])).get(&server.url("/")).await.unwrap();
        kept(&client, &server).await;
    }
    assert_eq!((server.seen().len(), server.connections()), (4, 2));
}

/// Many servers close a connection that was idle, and the next call must not fail for that.
#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced() {
    let server = Server::new(|mut peer| async move {
        peer.request().await;
        peer.write(OK).await;
    })
    .await;
    let task = Task::new(granted(&[server.origin()]));
    for _ in 0..3 {
        assert_eq!(task.get(&server.url("/")).await.unwrap().text(), "ok");
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn a_kept_connection_is_not_used_once_its_network_is_not_granted() {
    let server = Server::answering(OK).await;
    let client = Clients::default().of(&"shop".into());
    let all = granted(&[server.origin()]);
    Task::of(Arc::clone(&client), all.clone()).get(&server.url("/")).await.unwrap();
    kept(&client, &server).await;
    let task = Task::of(client, Egress { networks: BTreeMap::new(), ..all });
    assert!(task.get(&server.url("/")).await.is_err());
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn no_more_calls_run_at_a_time_than_granted() {
    let (running, go) = (Arc::<AtomicUsize>::default(), Arc::<Notify>::default());
    let (running_too, go_too) = (Arc::clone(&running), Arc::clone(&go));
    let server = Server::new(move |mut peer| {
        let (running, go) = (Arc::clone(&running_too), Arc::clone(&go_too));
        async move {
            while peer.request().await.is_some() {
                let gone = go.notified();
                running.fetch_add(1, Ordering::SeqCst);
                gone.await;
                running.fetch_sub(1, Ordering::SeqCst);
                peer.write(OK).await;
            }
        }
    })
    .await;
    let limits = HttpLimits { concurrent_max: 2, ..HttpLimits::default() };
    let task = Arc::new(Task::new(Egress { limits, ..granted(&[server.origin()]) }));
    let call = |_| {
        let (task, url) = (Arc::clone(&task), server.url("/"));
        tokio::spawn(async move { task.get(&url).await.unwrap().status })
    };
    let calls: Vec<_> = (0..6).map(call).collect();
    for _ in 0..3 {
        while running.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        // A third one would come now.
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        assert_eq!(running.load(Ordering::SeqCst), 2);
        go.notify_waiters();
        while running.load(Ordering::SeqCst) == 2 {
            tokio::task::yield_now().await;
        }
    }
    for call in calls {
        assert_eq!(call.await.unwrap(), 200);
    }
}
