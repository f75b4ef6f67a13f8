//! What holds for every request: paths, methods, headers, limits.

use axum::body::Body;
use lockgate_core::ports::StoreError;
use lockgate_server::ServerOptions;
use lockgate_testing::TestBus;

use crate::asked::{Api, send, waits};

#[tokio::test]
async fn unknown_paths_and_wrong_methods_are_problems() {
    let api = Api::new();
    assert_eq!(api.get("/v1/nothing").await.problem(), (404, "unknown-path".into()));
    assert_eq!(api.get("/nothing").await.problem(), (404, "unknown-path".into()));
    let wrong = api.delete("/v1/status").await;
    assert_eq!(wrong.problem(), (405, "method-not-allowed".into()));
    assert!(wrong.headers["allow"].to_str().unwrap().contains("GET"));
}

#[tokio::test]
async fn while_the_store_cannot_write_nothing_is_accepted_and_the_server_is_not_ready() {
    let api = Api::new();
    let cases = [
        (StoreError::Full("no room".into()), (507, "disk-full")),
        (StoreError::Unavailable("the disk is gone".into()), (503, "store-unavailable")),
        (StoreError::Unknown("the fsync failed".into()), (503, "outcome-unknown")),
    ];
    for (refusal, (status, code)) in cases {
        let why = refusal.to_string();
        api.test.store.refuse(Some(refusal));
        for answer in [api.ask("POST", "/v1/connectors/a/tasks", &[], "x").await, api.get("/readyz").await] {
            assert_eq!(answer.problem(), (status, code.into()));
            assert_eq!(answer.headers["retry-after"], "5");
            assert!(answer.text().contains(&why), "{}", answer.text());
        }
        api.test.store.refuse(None);
        assert_eq!(api.get("/readyz").await.text(), "ready");
    }
    assert_eq!(api.ask("POST", "/v1/connectors/a/tasks", &[], "x").await.status, 201);
}

#[tokio::test]
async fn no_answer_is_guessed_at_or_kept() {
    let api = Api::new();
    for target in ["/v1/status", "/nothing", "/healthz", "/v1/tasks?x=1"] {
        let answer = api.get(target).await;
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{target}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{target}");
    }
}

#[tokio::test]
async fn more_requests_than_permits_are_told_to_come_again() {
    let api = Api::with(TestBus::new(), &ServerOptions { requests_max: 1, ..ServerOptions::default() });
    let (begun, go_on) = waits(&api.test);
    api.task("", "x").await;
    let router = api.router.clone();
    let working =
        tokio::spawn(async move { send(&router, axum::http::Request::post("/v1/tasks/1/retry").body(Body::empty()).unwrap()).await });
    tokio::task::spawn_blocking(move || begun.wait()).await.unwrap();
    let refused = api.get("/v1/tasks").await;
    assert_eq!(refused.problem(), (429, "too-many-requests".into()));
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(api.get("/healthz").await.status, 200);
    tokio::task::spawn_blocking(move || go_on.wait()).await.unwrap();
    assert_eq!(working.await.unwrap().ok()["outcome"], "failed");
    assert_eq!(api.get("/v1/tasks").await.status, 200, "the permit is back");
}

/// Requests that waited took every thread that may block: `/readyz` waited behind them.
#[test]
fn the_server_is_ready_while_every_request_waits() {
    let options = ServerOptions { requests_max: 1, ..ServerOptions::default() };
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().max_blocking_threads(options.blocking_threads_max()).build().unwrap();
    let api = Api::with(TestBus::new(), &options);
    let (begun, go_on) = waits(&api.test);
    runtime.block_on(async {
        api.task("", "x").await;
        let (router, request) = (api.router.clone(), axum::http::Request::post("/v1/tasks/1/retry"));
        let working = tokio::spawn(async move { send(&router, request.body(Body::empty()).unwrap()).await });
        // Not with a thread of the runtime: the request has the only one that it may have.
        let (sender, at_work) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            begun.wait();
            sender.send(()).unwrap();
        });
        at_work.await.unwrap();
        let ready = api.get("/readyz").await;
        go_on.wait();
        assert_eq!(ready.text(), "ready");
        working.await.unwrap().ok();
    });
}

#[tokio::test]
async fn whoever_has_an_answer_may_come_again_at_once() {
    let api = Api::with(TestBus::new(), &ServerOptions { requests_max: 1, ..ServerOptions::default() });
    for _ in 0..300 {
        api.task("", "x").await;
        assert_eq!(api.get("/v1/status").await.status, 200);
    }
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let api = Api::with(TestBus::new(), &ServerOptions { body_read_timeout_ms: 20, ..ServerOptions::default() });
    let answer = api.post("/v1/connectors/a/tasks", Body::new(Never)).await;
    assert_eq!(answer.problem(), (408, "body-timeout".into()));
}

/// A body that waits for ever.
struct Never;

impl axum::body::HttpBody for Never {
    type Data = bytes::Bytes;
    type Error = std::io::Error;
    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<bytes::Bytes>, std::io::Error>>> {
        std::task::Poll::Pending
    }
}
