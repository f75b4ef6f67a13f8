//! Asking the HTTP surface, in this process, in the name of whoever looks.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Extensions, HeaderValue, Method, Request, StatusCode, header};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::look::Look as _;

/// Most bytes of one answer: more than a task may have by default, so that whatever is shown can be.
const ANSWER_BYTES_MAX: usize = 256 << 20;

/// One visitor's way to the HTTP surface.
pub(crate) struct Api {
    pub(crate) router: Router,
    pub(crate) token: Option<String>,
    /// What the server knows of the connection.
    pub(crate) extensions: Extensions,
}

/// The surface said no.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    pub status: StatusCode,
    pub code: String,
    pub detail: String,
    /// The whole problem.
    pub body: Value,
}

/// Bytes with their media type.
pub(crate) struct Raw {
    pub media_type: String,
    pub bytes: Bytes,
}

impl Api {
    pub(crate) async fn get(&self, target: &str) -> Result<Value, Refused> {
        self.ask(Method::GET, target, None).await
    }

    pub(crate) async fn post(&self, target: &str, body: Option<&Value>) -> Result<Value, Refused> {
        self.ask(Method::POST, target, body).await
    }

    pub(crate) async fn put(&self, target: &str, body: &Value) -> Result<Value, Refused> {
        self.ask(Method::PUT, target, Some(body)).await
    }

    pub(crate) async fn delete(&self, target: &str) -> Result<Value, Refused> {
        self.ask(Method::DELETE, target, None).await
    }

    async fn ask(&self, method: Method, target: &str, body: Option<&Value>) -> Result<Value, Refused> {
        let (content, media_type) = match body {
            Some(json) => (Body::from(json.to_string()), Some("application/json")),
            None => (Body::empty(), None),
        };
        let raw = self.send(method, target, content, media_type).await?;
        serde_json::from_slice(&raw.bytes).map_err(|error| broken(&format!("the answer is not JSON: {error}")))
    }

    /// Bytes as they are, both ways.
    pub(crate) async fn send(&self, method: Method, target: &str, body: Body, media_type: Option<&str>) -> Result<Raw, Refused> {
        let mut request = Request::builder().method(method).uri(target).header(header::USER_AGENT, "lockgate-console");
        if let Some(media_type) = media_type {
            request = request.header(header::CONTENT_TYPE, media_type);
        }
        if let Some(token) = self.token.as_deref().and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok()) {
            request = request.header(header::AUTHORIZATION, token);
        }
        let mut request = request.body(body).map_err(|error| broken(&format!("{target} cannot be asked: {error}")))?;
        *request.extensions_mut() = self.extensions.clone();
        let Ok(response) = self.router.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, ANSWER_BYTES_MAX).await.map_err(|error| broken(&format!("the answer broke off: {error}")))?;
        if !parts.status.is_success() {
            return Err(refused(parts.status, &bytes));
        }
        let media_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Raw { media_type: media_type.to_owned(), bytes })
    }
}

fn refused(status: StatusCode, bytes: &[u8]) -> Refused {
    let body: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let code = body.maybe("code").map_or_else(|| status.as_u16().to_string(), ToOwned::to_owned);
    let detail = body.maybe("detail").unwrap_or_else(|| status.canonical_reason().unwrap_or("refused")).to_owned();
    Refused { status, code, detail, body }
}

fn broken(detail: &str) -> Refused {
    Refused { status: StatusCode::INTERNAL_SERVER_ERROR, code: "internal-error".to_owned(), detail: detail.to_owned(), body: Value::Null }
}
