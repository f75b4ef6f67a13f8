//! The pages, a file each.

mod act;
mod audit;
mod connector;
mod connectors;
mod content;
mod failures;
mod history;
mod keys;
mod login;
mod missing;
mod object;
mod operations;
mod order;
mod overview;
mod task;
mod tasks;
pub(crate) mod trend;
mod trial;

use axum::Router;
use axum::routing::{get, post};

use crate::page::{Page, Shown};
use crate::session::Console;
use crate::{assets, events};

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/console", get(overview::show))
        .route("/console/", get(overview::show))
        .route("/console/login", get(login::show).post(login::log_in))
        .route("/console/logout", post(login::log_out))
        .route("/console/events", get(events::stream))
        .route("/console/keys", get(keys::show))
        .route("/console/tasks", get(tasks::show))
        .route("/console/tasks/{id}", get(task::show))
        .route("/console/tasks/{id}/edit", get(trial::edit).post(act::edit))
        .route("/console/tasks/{id}/external", get(task::external))
        .route("/console/tasks/{id}/{action}", post(act::on_task))
        .route("/console/failures", get(failures::show))
        .route("/console/failures/try", post(failures::tried))
        .route("/console/missing", get(missing::show))
        .route("/console/missing/{mark}/ignore", post(act::ignore_missing))
        .route("/console/connectors", get(connectors::show))
        .route("/console/connectors/{name}", get(connector::show))
        .route("/console/connectors/{name}/{action}", post(act::on_connector))
        .route("/console/switches", post(act::switch))
        .route("/console/process", post(act::process))
        .route("/console/content", get(content::show))
        .route("/console/content/pages", get(content::pages))
        .route("/console/content/objects/{id}", get(object::show))
        .route("/console/content/named/{type}/{name}", get(object::named))
        .route("/console/history", get(history::show))
        .route("/console/operations", get(operations::show).post(order::begin))
        .route("/console/operations/new", get(order::show))
        .route("/console/operations/{id}", get(operations::one))
        .route("/console/operations/{id}/cancel", post(act::cancel_operation))
        .route("/console/audit", get(audit::show))
        .route("/console/{*rest}", get(nowhere))
        .merge(assets::routes())
}

async fn nowhere(page: Page) -> Shown {
    let detail = format!("no page of the console is at {}", page.path);
    let refusal = crate::api::Refused {
        status: axum::http::StatusCode::NOT_FOUND,
        code: "unknown-path".to_owned(),
        detail,
        body: serde_json::Value::Null,
    };
    Err(page.refused(&refusal))
}
