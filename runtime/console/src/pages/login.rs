//! Logging in with a token, and out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};

use crate::answer::{go_to, html as answer, own_target};
use crate::html::frame;
use crate::page::{Knock, Posted, Shown};
use crate::pairs::Pairs;
use crate::session::Console;

/// `GET /console/login`.
pub(super) async fn show(State(console): State<Console>, headers: HeaderMap, uri: axum::http::Uri) -> Response {
    let query = Pairs::read(uri.query().unwrap_or_default().as_bytes());
    let session = console.session_of(&headers);
    answer(StatusCode::OK, form(session.form_token(), own_target(query.get("to")), None))
}

fn form(form_token: &str, to: &str, wrong: Option<&str>) -> Markup {
    frame::bare(
        "Log in",
        &html! {
            form.card.login method="post" action="/console/login" {
                h1 { "Log in" }
                @if let Some(wrong) = wrong { p.banner.bad role="alert" { (wrong) } }
                input type="hidden" name="form-token" value=(form_token);
                input type="hidden" name="to" value=(to);
                label.field {
                    span { "Token" }
                    input type="password" name="token" autocomplete="current-password" required autofocus spellcheck="false" maxlength="4096";
                }
                p.faint { "One of the tokens of the server's configuration. You may do here what it may." }
                button.strong type="submit" { "Log in" }
            }
        },
    )
}

/// `POST /console/login`.
pub(super) async fn log_in(State(console): State<Console>, mut knock: Knock) -> Response {
    let to = own_target(knock.fields.get("to")).to_owned();
    let token = knock.fields.text("token").trim().to_owned();
    knock.api.token = Some(token.clone());
    match knock.api.get("/v1/status").await {
        Ok(_) => {}
        Err(refusal) => {
            let wrong = match refusal.status {
                StatusCode::UNAUTHORIZED => "This token is not one of those that are configured.".to_owned(),
                StatusCode::FORBIDDEN => "This token may not look at the server: ask for one with the right to read.".to_owned(),
                _ => refusal.detail,
            };
            let session = console.session_of(&knock.headers);
            return answer(refusal.status, form(session.form_token(), &to, Some(&wrong)));
        }
    }
    // A session of before ends: nobody can have laid it there for us.
    console.log_out(&knock.headers);
    let by_https = knock.headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"https://"));
    let mut response = go_to(&to);
    if let Some(cookie) = console.log_in(token, by_https) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// `POST /console/logout`.
pub(super) async fn log_out(State(console): State<Console>, headers: HeaderMap, _posted: Posted) -> Shown {
    let cookie = console.log_out(&headers);
    Ok(([(header::SET_COOKIE, cookie)], go_to("/console/login")).into_response())
}
