//! How a handler reaches the bus: on a thread that may block, with the request's permit in hand.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use lockgate_bus::Bus;
use lockgate_core::audit::Actor;
use lockgate_core::names::ConnectorName;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::query::{Query, whole_number};
use crate::rights::Holder;
use crate::state::App;
use crate::surround::Permit;
use crate::wire::problem::Problem;

/// Where a request that came by no socket is from.
const HERE: &str = "command line";

/// Who has opened the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub SocketAddr);

/// One request's way to the bus.
pub(crate) struct Caller {
    pub app: App,
    pub headers: HeaderMap,
    /// Who asks.
    pub holder: Arc<Holder>,
    /// The bus, by way of which orders are those of who asks.
    bus: Bus,
    uri: Uri,
    permit: Option<Permit>,
}

impl FromRequestParts<App> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let holder = parts.extensions.get::<Arc<Holder>>().cloned().unwrap_or_else(|| Arc::new(Holder::nobody()));
        let from = parts.extensions.get::<Peer>().map_or_else(|| HERE.to_owned(), |Peer(address)| address.ip().to_canonical().to_string());
        let actor = Actor { who: holder.name.as_str().into(), from: from.into() };
        Ok(Self {
            app: app.clone(),
            bus: app.bus.signed_by(actor),
            holder,
            headers: parts.headers.clone(),
            uri: parts.uri.clone(),
            permit: parts.extensions.get::<Permit>().cloned(),
        })
    }
}

impl Caller {
    /// Whether who asks may hand in tasks for a connector.
    pub(crate) fn may_submit_to(&self, connector: &ConnectorName) -> Result<(), Problem> {
        match self.holder.may_submit_to(connector) {
            true => Ok(()),
            false => {
                let detail = format!("the token {} may not submit to connector {connector}", self.holder.name);
                Err(Problem::new(StatusCode::FORBIDDEN, "connector-not-allowed", detail))
            }
        }
    }

    /// The query's parameters, none but those that are known.
    pub(crate) fn query(&self, known: &[&str]) -> Result<Query, Problem> {
        Query::read(&self.uri, known)
    }

    /// Like `query`, for callers that may add what they like.
    pub(crate) fn value_of(&self, parameter: &str) -> Result<Option<String>, Problem> {
        crate::query::value_of(&self.uri, parameter)
    }

    /// A header that holds text.
    pub(crate) fn header(&self, name: &str) -> Result<Option<&str>, Problem> {
        match self.headers.get(name).map(HeaderValue::to_str) {
            None => Ok(None),
            Some(Ok(text)) => Ok(Some(text)),
            Some(Err(_)) => Err(Problem::bad_request(format!("the header {name} may hold visible ASCII characters only"))),
        }
    }

    /// Does what blocks. Once begun it is done to its end, also when the client goes.
    pub(crate) async fn work<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Bus) -> Result<T, Problem> + Send + 'static,
    {
        let (bus, permit) = (self.bus.clone(), self.permit.clone());
        let done = tokio::task::spawn_blocking(move || {
            let done = work(&bus);
            drop(permit);
            done
        });
        done.await.unwrap_or_else(|cause| {
            tracing::error!(%cause, "a request's work broke off");
            Err(internal_error())
        })
    }

    /// The same, and its result as JSON, which is written on that thread, too.
    pub(crate) async fn json<T, F>(&self, status: StatusCode, work: F) -> Result<Response, Problem>
    where
        T: Serialize,
        F: FnOnce(&Bus) -> Result<T, Problem> + Send + 'static,
    {
        let json = self.work(move |bus| to_json(&work(bus)?)).await?;
        Ok(json_response(status, json))
    }

    /// The permit, for work that goes on after the handler.
    pub(crate) fn permit(&self) -> Option<Permit> {
        self.permit.clone()
    }
}

/// Written as JSON; to be done on a thread that may block, for answers may be large.
pub(crate) fn to_json(wire: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(wire).map_err(|cause| {
        tracing::error!(%cause, "an answer cannot be written as JSON");
        internal_error()
    })
}

fn internal_error() -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal-error", "the server failed; its log says why")
}

/// An answer that is JSON already.
pub(crate) fn json_response(status: StatusCode, json: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response()
}

/// Parts of the path.
pub(crate) struct Part<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Part<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match Path::<T>::from_request_parts(parts, app).await {
            Ok(Path(part)) => Ok(Self(part)),
            Err(_) => Err(Problem::bad_request("the path cannot be read: its parts are UTF-8, percent-encoded")),
        }
    }
}

/// An id in the path.
pub(crate) struct Id(pub u64);

impl FromRequestParts<App> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Part(text) = Part::<String>::from_request_parts(parts, app).await?;
        let id = whole_number(&text);
        id.map(Self).ok_or_else(|| Problem::bad_request(format!("{text:?} is not an id: a whole number from 0 to {}", u64::MAX)))
    }
}

/// A connector named in the path: a name that none can have is one that none has.
pub(crate) fn connector_in_path(name: &str) -> Result<ConnectorName, Problem> {
    ConnectorName::new(name).map_err(|error| Problem::new(StatusCode::NOT_FOUND, "unknown-connector", error.to_string()))
}
