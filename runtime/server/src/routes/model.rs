//! The content model.

use std::collections::BTreeMap;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;

use crate::body::Sent;
use crate::caller::Caller;
use crate::state::App;
use crate::wire::model::ModelWire;
use crate::wire::problem::Problem;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/v1/model", get(show).put(apply))
}

async fn show(caller: Caller) -> Result<Response, Problem> {
    caller.query(&[])?;
    caller.json(StatusCode::OK, |bus| Ok(ModelWire::new(bus.model_files()?, &*bus.model()?))).await
}

async fn apply(caller: Caller, sent: Sent) -> Result<Response, Problem> {
    let dry_run = caller.query(&["dry_run"])?.flag("dry_run")?;
    let files: BTreeMap<String, String> = sent
        .read_json(&caller, &["files"], |given| {
            let files = given.texts("files")?.ok_or("files is needed: an object of texts, by name of the file")?;
            Ok(files.into_iter().collect())
        })
        .await?;
    caller
        .json(StatusCode::OK, move |bus| {
            let plan = if dry_run { bus.plan_model(&files)? } else { bus.apply_model(&files)? };
            let changes: Vec<String> = plan.changes.iter().map(ToString::to_string).collect();
            Ok(json!({ "applied": !dry_run, "changes": changes }))
        })
        .await
}
