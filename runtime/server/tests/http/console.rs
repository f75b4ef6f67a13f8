//! The console, as far as no browser is needed.

use lockgate_server::ServerOptions;
use lockgate_testing::TestBus;

use crate::asked::{Answer, Api, user};

const TOKEN: &str = "0123456789abcdef";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// What a page's forms carry.
fn form_token(page: &Answer) -> String {
    let text = page.text();
    let (_, rest) = text.split_once("name=\"form-token\" value=\"").expect("a form");
    rest.split('"').next().unwrap().to_owned()
}

async fn log_in(api: &Api) -> String {
    let token = form_token(&api.get("/console/login").await);
    let answer = api.ask("POST", "/console/login", &[FORM], format!("form-token={token}&token={TOKEN}&to=https://evil.example")).await;
    assert_eq!((answer.status.as_u16(), &answer.headers["location"]), (303, &"/console".parse().unwrap()));
    answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

fn with_token() -> Api {
    Api::with(TestBus::new(), &ServerOptions { tokens: vec![TOKEN.to_owned()], ..ServerOptions::default() })
}

#[tokio::test]
async fn a_session_looks_and_orders_with_its_token_and_no_other_does() {
    let api = with_token();
    let cookie = log_in(&api).await;
    let as_session = [("cookie", cookie.as_str()), ("host", "bus.example")];
    let page = api.ask("GET", "/console", &as_session, "").await;
    assert_eq!(page.status, 200);
    let token = form_token(&page);
    let order = format!("form-token={token}&switch=processing&to=off");
    for (headers, status) in [
        (vec![FORM], 303),
        (vec![FORM, ("cookie", cookie.as_str()), ("host", "bus.example"), ("origin", "https://evil.example")], 403),
        (vec![FORM, ("cookie", cookie.as_str()), ("host", "bus.example"), ("sec-fetch-site", "cross-site")], 403),
    ] {
        let answer = api.ask("POST", "/console/switches", &headers, order.clone()).await;
        assert_eq!(answer.status, status, "{headers:?}");
    }
    assert!(api.test.bus.switches().unwrap().processing);
    let headers = [FORM, ("cookie", cookie.as_str()), ("host", "bus.example"), ("origin", "https://bus.example")];
    assert_eq!(api.ask("POST", "/console/switches", &headers, order).await.status, 303);
    assert!(!api.test.bus.switches().unwrap().processing);
}

#[tokio::test]
async fn a_link_on_another_site_is_asked_for_once_more_from_here() {
    let api = with_token();
    let answer = api.ask("GET", "/console/tasks", &[("sec-fetch-site", "cross-site")], "").await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("http-equiv=\"refresh\" content=\"0\""), "{}", answer.text());
    assert_eq!(api.get("/console/tasks").await.status, 303);
}

#[tokio::test]
async fn without_tokens_only_names_of_this_machine_see_the_console() {
    let api = Api::new();
    for (host, status) in [("localhost:7070", 200), ("evil.example", 403)] {
        assert_eq!(api.ask("GET", "/console", &[("host", host)], "").await.status, status, "{host}");
    }
}

#[tokio::test]
async fn a_form_of_another_visitor_or_of_nobody_is_refused() {
    let api = with_token();
    let (mine, other) = (log_in(&api).await, log_in(&api).await);
    let token = form_token(&api.ask("GET", "/console", &[("cookie", other.as_str())], "").await);
    for body in [String::new(), "form-token=".to_owned(), format!("form-token={token}")] {
        let answer = api.ask("POST", "/console/process", &[FORM, ("cookie", mine.as_str())], body.clone()).await;
        assert_eq!(answer.status, 403, "{body}");
        assert!(answer.text().contains("form-not-own"), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_payload_is_saved_and_never_shown_as_a_page() {
    let api = Api::new();
    api.ask("POST", "/v1/connectors/a/tasks", &[("content-type", "text/html")], "<script>1</script>").await.ok();
    let answer = api.get("/console/tasks/1/external").await;
    assert_eq!(answer.text(), "<script>1</script>");
    assert_eq!(
        (&answer.headers["content-type"], &answer.headers["content-disposition"]),
        (&"application/octet-stream".parse().unwrap(), &"attachment".parse().unwrap())
    );
    let page = api.get("/console/tasks/1").await.text();
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"), "{page}");
}

#[tokio::test]
async fn what_the_surface_refuses_is_a_page_with_its_code() {
    let api = Api::new();
    for (address, status, code) in [
        ("/console/tasks/99", 404, "task-not-found"),
        ("/console/connectors/nobody", 404, "unknown-connector"),
        ("/console/tasks?state=lost", 400, "bad-parameter"),
        ("/console/content/objects/99", 404, "object-not-found"),
        ("/console/nowhere", 404, "unknown-path"),
    ] {
        let answer = api.get(address).await;
        assert_eq!(answer.status, status, "{address}");
        assert!(answer.text().contains(&format!("lockgate explain {code}")), "{address}: {}", answer.text());
    }
}

#[tokio::test]
async fn the_charts_count_what_the_history_has() {
    let api = Api::new();
    for name in ["ann", "bob", "eve"] {
        api.stored("", &user(name)).await;
        api.test.clock.advance(2 * 60_000);
    }
    let page = api.get("/console?hours=1").await.text();
    let bars = page.matches("<td class=\"right\">0.6</td>").count();
    assert!(bars >= 1, "{page}");
    assert!(page.contains("Tasks ended a minute"));
}
