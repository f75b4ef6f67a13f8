//! Who may ask.

use lockgate_server::ServerOptions;
use lockgate_testing::TestBus;

use crate::asked::Api;

const TOKEN: &str = "0123456789abcdef";

fn with_token() -> Api {
    Api::with(TestBus::new(), &ServerOptions { tokens: vec![TOKEN.to_owned()], ..ServerOptions::default() })
}

#[tokio::test]
async fn with_tokens_every_path_but_health_needs_one() {
    let api = with_token();
    for target in ["/v1/tasks", "/metrics", "/nothing", "/CMSPages/IntegrationNotify.aspx"] {
        let answer = api.get(target).await;
        assert_eq!(answer.problem(), (401, "unauthorized".into()), "{target}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"lockgate\"");
    }
    assert_eq!(api.get("/healthz").await.text(), "ok");
    assert_eq!(api.get("/readyz").await.text(), "ready");
}

#[tokio::test]
async fn a_token_opens_and_another_does_not() {
    let api = with_token();
    let status = async |authorization: &str| api.ask("GET", "/v1/tasks", &[("authorization", authorization)], "").await.status.as_u16();
    assert_eq!(status(&format!("Bearer {TOKEN}")).await, 200);
    assert_eq!(status(&format!("bearer {TOKEN}")).await, 200);
    assert_eq!(status(&format!("Bearer {TOKEN}x")).await, 401);
    assert_eq!(status("Bearer ").await, 401);
    assert_eq!(status(&format!("Basic {TOKEN}")).await, 401);
}

#[tokio::test]
async fn a_token_in_the_query_opens_the_notify_page_only() {
    let api = with_token();
    assert_eq!(api.get(&format!("/CMSPages/IntegrationNotify.aspx?token={TOKEN}&connectorName=a")).await.status, 200);
    assert_eq!(api.get("/CMSPages/IntegrationNotify.aspx?token=wrong").await.status, 401);
    assert_eq!(api.get(&format!("/v1/tasks?token={TOKEN}")).await.status, 401);
}

#[tokio::test]
async fn without_tokens_only_names_of_this_machine_are_answered() {
    let api = Api::new();
    let status = async |host: &str| api.ask("GET", "/v1/tasks", &[("host", host)], "").await.status.as_u16();
    for host in ["localhost", "localhost:7400", "127.0.0.1:7400", "[::1]:7400"] {
        assert_eq!(status(host).await, 200, "{host}");
    }
    assert_eq!(status("evil.example").await, 403);
    let answer = api.ask("GET", "http://evil.example/v1/tasks", &[("host", "localhost")], "").await;
    assert_eq!(answer.problem(), (403, "host-not-allowed".into()));
    assert_eq!(api.get("/v1/tasks").await.status, 200, "a program's request may come without a host");
}

#[tokio::test]
async fn without_tokens_no_other_web_page_may_change_anything() {
    let api = Api::new();
    let ask = async |method: &str, target: &str, header: (&str, &str)| {
        api.ask(method, target, &[("host", "localhost:7400"), header], "").await.status.as_u16()
    };
    assert_eq!(ask("POST", "/v1/process", ("origin", "http://evil.example")).await, 403);
    assert_eq!(ask("POST", "/v1/process", ("origin", "http://localhost:3000")).await, 403);
    assert_eq!(ask("POST", "/v1/process", ("origin", "null")).await, 403);
    assert_eq!(ask("POST", "/v1/process", ("sec-fetch-site", "cross-site")).await, 403);
    assert_eq!(ask("GET", "/CMSPages/IntegrationNotify.aspx", ("sec-fetch-site", "cross-site")).await, 403);
    assert_eq!(ask("POST", "/v1/process", ("origin", "http://localhost:7400")).await, 202);
    assert_eq!(ask("GET", "/v1/tasks", ("origin", "http://evil.example")).await, 200);
}
