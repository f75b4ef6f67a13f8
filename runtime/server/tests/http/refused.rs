//! Refusals: of headers that may come once only, and what refusals leave behind.

use axum::http::Request;
use lockgate_server::ServerOptions;
use lockgate_testing::TestBus;

use crate::asked::{Answer, Api, send};

async fn with_two(api: &Api, name: &str, values: [&str; 2]) -> Answer {
    let request = Request::post("/v1/connectors/a/tasks").header(name, values[0]).header(name, values[1]);
    send(&api.router, request.body("x".into()).unwrap()).await
}

/// Of two hosts one was looked at; another program before this one may look at the other.
#[tokio::test]
async fn a_header_that_may_come_once_is_refused_when_it_comes_twice() {
    let api = Api::new();
    for (name, values) in [
        ("host", ["localhost", "evil.example"]),
        ("host", ["localhost", "localhost"]),
        ("authorization", ["Bearer a", "Bearer b"]),
        ("content-type", ["text/plain", "application/xml"]),
        ("content-encoding", ["gzip", "gzip"]),
        ("content-length", ["1", "1"]),
        ("transfer-encoding", ["chunked", "chunked"]),
        ("idempotency-key", ["a", "b"]),
        ("idempotency-key", ["a", "a"]),
        ("traceparent", ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"; 2]),
        ("origin", ["http://localhost", "http://evil.example"]),
        ("sec-fetch-site", ["same-origin", "cross-site"]),
    ] {
        let answer = with_two(&api, name, values).await;
        assert_eq!(answer.problem(), (400, "repeated-header".into()), "{name}");
        assert!(answer.json()["detail"].as_str().unwrap().to_lowercase().contains(name), "{}", answer.text());
    }
    assert_eq!(with_two(&api, "accept", ["text/plain", "*/*"]).await.status, 201);
    assert_eq!(api.get("/v1/tasks").await.ok()["tasks"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_notify_page_takes_nothing_twice() {
    let token = "0123456789abcdef";
    let api = Api::with(TestBus::new(), &ServerOptions { tokens: vec![token.to_owned()], ..ServerOptions::default() });
    let page = "/CMSPages/IntegrationNotify.aspx";
    let header = ("authorization", "Bearer 0123456789abcdef");
    assert_eq!(api.get(&format!("{page}?token={token}&token=wrong")).await.problem(), (400, "bad-parameter".into()));
    assert_eq!(api.get(&format!("{page}?token={token}&TOKEN={token}")).await.problem(), (400, "bad-parameter".into()));
    let both = api.ask("GET", &format!("{page}?token={token}"), &[header], "").await;
    assert_eq!(both.problem(), (400, "bad-parameter".into()));
    let named = api.ask("GET", &format!("{page}?connectorName=a&connectorname=b"), &[header], "").await;
    assert_eq!(named.problem(), (400, "bad-parameter".into()));
    assert_eq!(api.ask("GET", &format!("{page}?connectorName=a&x=1&x=2"), &[header], "").await.status, 200);
}

#[tokio::test]
async fn refusals_are_counted_by_their_code() {
    let api = Api::new();
    api.get("/nothing").await;
    api.get("/v1/tasks/9").await;
    api.get("/v1/tasks/9").await;
    api.post(
        "/v1/tasks",
        "{\"connector\":\"none\",\"body\":\"x\"}\n{\"connector\":\"a\",\"body\":\"x\"}\n{\"connector\":\"none\",\"body\":\"x\"}",
    )
    .await
    .ok();
    let metrics = api.get("/metrics").await.text();
    for line in [
        "# TYPE lockgate_refusals_total counter",
        "lockgate_refusals_total{code=\"unknown-path\"} 1",
        "lockgate_refusals_total{code=\"task-not-found\"} 2",
        "lockgate_refusals_total{code=\"unknown-connector\"} 2",
        "lockgate_tasks_queued{connector=\"a\"} 1",
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line} in\n{metrics}");
    }
}

#[tokio::test]
async fn what_is_refused_for_want_of_a_token_is_counted() {
    let api = Api::with(TestBus::new(), &ServerOptions { tokens: vec!["0123456789abcdef".to_owned()], ..ServerOptions::default() });
    api.get("/v1/tasks").await;
    api.get("/metrics").await;
    let metrics = api.ask("GET", "/metrics", &[("authorization", "Bearer 0123456789abcdef")], "").await.text();
    assert!(metrics.contains("lockgate_refusals_total{code=\"unauthorized\"} 2\n"), "{metrics}");
}
