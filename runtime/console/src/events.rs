//! One stream of events for all tabs of a browser: how things stand, whenever that changed.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http_body::Frame;
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::sleep;

use crate::answer::HEADERS;
use crate::api::{Api, Refused};
use crate::look::Look as _;
use crate::page::Page;
use crate::session::Console;

/// How often the surface is asked.
const EVERY: Duration = Duration::from_secs(1);
/// A line is sent at least so often, in times of `EVERY`: so that both sides notice when the other is gone.
const SIGN_OF_LIFE: u32 = 10;

/// `GET /console/events`.
pub(crate) async fn stream(axum::extract::State(console): axum::extract::State<Console>, page: Page) -> Response {
    let Ok(permit) = console.streams().try_acquire_owned() else {
        return (StatusCode::TOO_MANY_REQUESTS, HEADERS, "too many browsers follow what happens").into_response();
    };
    let (sender, parts) = mpsc::channel(4);
    tokio::spawn(follow(page.api, sender, permit));
    let own = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (HEADERS, own, Body::new(Parts(parts))).into_response()
}

/// Until the reader is gone, its token is taken away, or the server ends: that waits for open answers.
async fn follow(api: Api, sender: mpsc::Sender<Bytes>, _permit: OwnedSemaphorePermit) {
    let (mut said, mut silent) = (String::new(), 0);
    loop {
        if matches!(api.send(axum::http::Method::GET, "/readyz", Body::empty(), None).await, Err(Refused { code, .. }) if code == "stopping")
        {
            return;
        }
        let news = match api.get("/v1/status").await {
            Ok(status) => (status.text("now").to_owned(), summary(&status).to_string()),
            Err(refusal) if refusal.status == StatusCode::UNAUTHORIZED => {
                let _ = sender.send(Bytes::from_static(b"event: gone\ndata: {}\n\n")).await;
                return;
            }
            // Tabs say since when they know nothing new.
            Err(_) => (String::new(), said.clone()),
        };
        silent += 1;
        let (now, summary) = news;
        let part = if summary != said {
            Some(format!("event: changed\ndata: {{\"now\":\"{now}\",\"is\":{summary}}}\n\n"))
        } else if silent >= SIGN_OF_LIFE && !now.is_empty() {
            Some(format!("event: same\ndata: {{\"now\":\"{now}\"}}\n\n"))
        } else if silent >= SIGN_OF_LIFE {
            Some(": the store cannot be read\n\n".to_owned())
        } else {
            None
        };
        if let Some(part) = part {
            (said, silent) = (summary, 0);
            if sender.send(Bytes::from(part)).await.is_err() {
                return;
            }
        }
        tokio::select! {
            () = sleep(EVERY) => {}
            () = sender.closed() => return,
        }
    }
}

/// What tabs look at to see whether anything is new.
fn summary(status: &Value) -> Value {
    json!({
        "switches": status.at("switches"), "queued": status.at("queued"), "failing": status.at("failing"), "parked": status.at("parked"),
        "behind": status.at("behind"), "failed": status.at("failed"), "waits_for": status.at("waits_for"), "history": status.at("history"),
        "busy": status.at("busy"),
    })
}

/// Parts of an answer, as they come.
struct Parts(mpsc::Receiver<Bytes>);

impl http_body::Body for Parts {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|part| part.map(|part| Ok(Frame::data(part))))
    }
}
