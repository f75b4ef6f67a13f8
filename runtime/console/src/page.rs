//! One request for a page, or from a form of one: who asks, what the surface answers, and what is shown when it
//! refuses.

use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use maud::Markup;
use serde_json::Value;
use tokio::time::timeout;

use crate::Carried;
use crate::answer;
use crate::api::{Api, Refused};
use crate::html::frame::{self, Section};
use crate::html::refused;
use crate::html::time::Now;
use crate::look::Look as _;
use crate::pairs::Pairs;
use crate::session::{Console, Session};

/// Most bytes of a form: a payload that is edited is among them.
const FORM_BYTES_MAX: usize = 16 << 20;
/// The same while nobody has logged in.
const LOGIN_BYTES_MAX: usize = 8 << 10;
/// A form comes within this time.
const FORM_TIME_MAX: Duration = Duration::from_secs(60);

/// A request for a page, by somebody who may look.
pub(crate) struct Page {
    pub api: Api,
    pub session: Arc<Session>,
    pub query: Pairs,
    pub path: String,
    /// What `GET /v1/status` answers.
    pub status: Value,
    /// The server's time.
    pub now: Now,
    pub rights: Rights,
}

/// What the visitor may do. The surface decides; a page hides what it would refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rights {
    pub operate: bool,
    pub admin: bool,
}

/// An answer that ends a handler early.
pub(crate) struct Ended(Box<Response>);

impl From<Response> for Ended {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl IntoResponse for Ended {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// What a handler answers.
pub(crate) type Shown = Result<Response, Ended>;

impl FromRequestParts<Console> for Page {
    type Rejection = Ended;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Ended> {
        let session = console.session_of(&parts.headers);
        let api = Api { router: console.api(), token: session.token.clone(), extensions: carried(&parts.extensions) };
        let status = match api.get("/v1/status").await {
            Ok(status) => status,
            Err(refusal) => return Err(not_let_in(&parts.headers, &parts.uri, &refusal).into()),
        };
        let rights = Rights::of(&api).await;
        Ok(Self {
            now: Now::of(&status),
            query: Pairs::read(parts.uri.query().unwrap_or_default().as_bytes()),
            path: parts.uri.path().to_owned(),
            api,
            session,
            status,
            rights,
        })
    }
}

impl Rights {
    async fn of(api: &Api) -> Self {
        let token = api.get("/v1/token").await.unwrap_or_default();
        let has = |right: &str| token.list("rights").iter().any(|word| word.as_str() == Some(right));
        Self { operate: has("operate") || has("admin"), admin: has("admin") }
    }
}

/// None of the router's own: they say which page is asked for.
fn carried(extensions: &Extensions) -> Extensions {
    extensions.get::<Carried>().cloned().unwrap_or_default().0
}

/// To where one logs in, or why nothing can be shown.
fn not_let_in(headers: &HeaderMap, uri: &Uri, refusal: &Refused) -> Response {
    if refusal.status != StatusCode::UNAUTHORIZED {
        return answer::html(refusal.status, refused::alone(refusal));
    }
    // A link on another site brings no cookie with it; asked for once more from here, the browser gives it.
    let from_elsewhere = headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site");
    if from_elsewhere {
        return answer::html(StatusCode::OK, refused::once_more());
    }
    let target = uri.path_and_query().map_or("/console", |target| target.as_str());
    answer::go_to(&Pairs::default().with("to", target).after("/console/login"))
}

impl Page {
    /// Asks the surface; a refusal is the page.
    pub(crate) async fn get(&self, target: &str) -> Result<Value, Ended> {
        self.api.get(target).await.map_err(|refusal| self.refused(&refusal))
    }

    /// Says that it was refused.
    pub(crate) fn refused(&self, refusal: &Refused) -> Ended {
        if refusal.status == StatusCode::UNAUTHORIZED {
            return answer::go_to("/console/login").into();
        }
        let body = refused::inside(refusal);
        answer::html(refusal.status, frame::page(self, "Refused", Section::None, &body)).into()
    }

    /// The whole page.
    pub(crate) fn show(&self, title: &str, section: Section, body: &Markup) -> Response {
        answer::html(StatusCode::OK, frame::page(self, title, section, body))
    }

    /// This page with other parameters.
    pub(crate) fn here(&self, query: &Pairs) -> String {
        query.after(&self.path)
    }

    /// The names of the installed connectors.
    pub(crate) fn connectors(&self) -> Vec<&str> {
        self.status.members("queues").into_iter().map(|(name, _)| name).collect()
    }
}

/// A form that was sent from one of these pages.
pub(crate) struct Posted {
    pub page: Page,
    pub fields: Pairs,
}

impl FromRequest<Console> for Posted {
    type Rejection = Ended;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Ended> {
        let (mut parts, body) = request.into_parts();
        let page = Page::from_request_parts(&mut parts, console).await?;
        let fields = read(axum::extract::Request::from_parts(parts, body), FORM_BYTES_MAX).await?;
        if !page.session.is_own(fields.text("form-token")) {
            return Err(page.refused(&forged()));
        }
        Ok(Self { page, fields })
    }
}

impl Posted {
    /// Orders something of the surface; a refusal is the page.
    pub(crate) async fn post(&self, target: &str, body: Option<&Value>) -> Result<Value, Ended> {
        self.page.api.post(target, body).await.map_err(|refusal| self.page.refused(&refusal))
    }

    /// Back to the page that the form stood on, or to another, with what was done.
    pub(crate) fn back(&self, otherwise: &str, said: &str) -> Shown {
        let target = answer::own_target(self.fields.get("back").or(Some(otherwise)));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Ok(answer::go_to(&Pairs::read(query.as_bytes()).with("said", said).after(path)))
    }
}

/// The form by which somebody logs in, before there is a session.
pub(crate) struct Knock {
    pub fields: Pairs,
    pub headers: HeaderMap,
    pub api: Api,
}

impl FromRequest<Console> for Knock {
    type Rejection = Ended;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Ended> {
        let (headers, extensions) = (request.headers().clone(), carried(request.extensions()));
        let session = console.session_of(&headers);
        let fields = read(request, LOGIN_BYTES_MAX).await?;
        if !session.is_own(fields.text("form-token")) {
            return Err(answer::html(StatusCode::FORBIDDEN, refused::alone(&forged())).into());
        }
        Ok(Self { fields, headers, api: Api { router: console.api(), token: None, extensions } })
    }
}

fn forged() -> Refused {
    Refused {
        status: StatusCode::FORBIDDEN,
        code: "form-not-own".to_owned(),
        detail: "this form was not sent from a page of this console, or the server was restarted meanwhile: load the page again".to_owned(),
        body: Value::Null,
    }
}

async fn read(request: Request, bytes_max: usize) -> Result<Pairs, Ended> {
    let read = timeout(FORM_TIME_MAX, to_bytes(request.into_body(), bytes_max)).await;
    match read {
        Ok(Ok(bytes)) => Ok(Pairs::read(&bytes)),
        Ok(Err(_)) => {
            let detail = format!("the form is larger than {bytes_max} bytes, or broke off");
            let refusal = Refused { status: StatusCode::PAYLOAD_TOO_LARGE, code: "too-large".to_owned(), detail, body: Value::Null };
            Err(answer::html(refusal.status, refused::alone(&refusal)).into())
        }
        Err(_) => {
            let detail = "the form came too slowly".to_owned();
            let refusal = Refused { status: StatusCode::REQUEST_TIMEOUT, code: "body-timeout".to_owned(), detail, body: Value::Null };
            Err(answer::html(refusal.status, refused::alone(&refusal)).into())
        }
    }
}
