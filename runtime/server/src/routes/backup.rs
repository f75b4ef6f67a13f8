//! A backup, as a file: it is made while the store goes on, and sent when it is whole.

use std::io::Read;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use lockgate_core::ports::Backup;
use tokio::sync::OwnedSemaphorePermit;

use crate::caller::Caller;
use crate::routes::stream::{self, CHUNK_BYTES, Outlet, Part};
use crate::state::App;
use crate::surround::Permit;
use crate::wire::problem::Problem;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/v1/backup", post(start))
}

async fn start(caller: Caller) -> Result<Response, Problem> {
    caller.query(&[])?;
    // Promise 5: each takes as much disk as the store's content.
    let one = caller.app.backups.clone().try_acquire_owned();
    let one = Arc::new(one.map_err(|_| Problem::too_many("a backup is being made already; try again when it is done"))?);
    // Held until the copy is made, also when the client has gone meanwhile.
    let held = one.clone();
    let backup = caller.work(move |bus| {
        let backup = bus.store().backup();
        drop(held);
        Ok(backup?)
    });
    let backup = backup.await?;
    let bytes = HeaderValue::from(backup.bytes);
    let (outlet, parts) = stream::open();
    let permit = caller.permit();
    tokio::task::spawn_blocking(move || send_all(backup, outlet, (permit, one)));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/vnd.lockgate.store")),
        // So that a client sees how far it is, and whether it has all.
        (header::CONTENT_LENGTH, bytes),
    ];
    Ok((headers, stream::body(Bytes::new(), parts)).into_response())
}

fn send_all(mut backup: Backup, mut outlet: Outlet, held: (Option<Permit>, Arc<OwnedSemaphorePermit>)) {
    let mut chunk = vec![0; CHUNK_BYTES];
    // The last part is sent when nothing is held any more: whoever has it may come again at once.
    let mut last = Bytes::new();
    loop {
        match backup.content.read(&mut chunk) {
            Ok(0) => {
                drop(held);
                let _ = outlet.send(Part::Chunk(last));
                let _ = outlet.send(Part::End);
                break;
            }
            Ok(count) => {
                let part = Bytes::copy_from_slice(chunk.get(..count).unwrap_or_default());
                let before = std::mem::replace(&mut last, part);
                if !before.is_empty() && outlet.send(Part::Chunk(before)).is_break() {
                    tracing::warn!("a backup's reader is gone or too slow");
                    break;
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => {
                // Nothing more is said, so that the reader sees that the backup is not whole.
                tracing::error!(%error, "a backup broke off");
                break;
            }
        }
    }
}
