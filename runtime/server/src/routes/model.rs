//! The content model.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use crate::body;
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    files: BTreeMap<String, String>,
}

async fn apply(caller: Caller, body: Body) -> Result<Response, Problem> {
    let dry_run = caller.query(&["dry_run"])?.flag("dry_run")?;
    let given: Given = body::read_json(&caller.app, body).await?;
    caller
        .json(StatusCode::OK, move |bus| {
            let plan = if dry_run { bus.plan_model(&given.files)? } else { bus.apply_model(&given.files)? };
            let changes: Vec<String> = plan.changes.iter().map(ToString::to_string).collect();
            Ok(json!({ "applied": !dry_run, "changes": changes }))
        })
        .await
}
