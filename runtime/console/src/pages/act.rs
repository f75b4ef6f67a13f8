//! What a single button orders.

use axum::extract::Path;
use serde_json::json;

use crate::look::Look as _;
use crate::page::{Posted, Shown};
use crate::pairs::{Pairs, part};

/// `POST /console/tasks/{id}/{action}`.
pub(super) async fn on_task(Path((id, action)): Path<(u64, String)>, posted: Posted) -> Shown {
    let target = format!("/v1/tasks/{id}");
    let page = format!("/console/tasks/{id}");
    match action.as_str() {
        "retry" => {
            let query = posted.fields.only(&["allow_deletes"]);
            let tried = posted.post(&query.after(&format!("{target}/retry")), None).await?;
            posted.back(&page, tried.text("outcome"))
        }
        "skip" => {
            posted.post(&format!("{target}/skip"), None).await?;
            posted.back(&page, "changed")
        }
        "process-type" => {
            let query = Pairs::default().with("value", posted.fields.text("value"));
            posted.post(&query.after(&format!("{target}/process-type")), None).await?;
            posted.back(&page, "changed")
        }
        "delete" => {
            posted.page.api.delete(&target).await.map_err(|refusal| posted.page.refused(&refusal))?;
            posted.back(&page, "deleted")
        }
        "try" => super::trial::try_it(id, posted).await,
        _ => Err(posted.page.refused(&unknown(&action))),
    }
}

/// `POST /console/tasks/{id}/edit`.
pub(super) async fn edit(Path(id): Path<u64>, posted: Posted) -> Shown {
    super::trial::replace(id, posted).await
}

/// `POST /console/missing/{mark}/ignore`.
pub(super) async fn ignore_missing(Path(mark): Path<String>, posted: Posted) -> Shown {
    posted.post(&format!("/v1/missing/{}/ignore", part(&mark)), None).await?;
    posted.back("/console/missing", "ignored")
}

/// `POST /console/operations/{id}/cancel`.
pub(super) async fn cancel_operation(Path(id): Path<u64>, posted: Posted) -> Shown {
    posted.post(&format!("/v1/operations/{id}/cancel"), None).await?;
    posted.back(&format!("/console/operations/{id}"), "cancelled")
}

/// `POST /console/connectors/{name}/{action}`.
pub(super) async fn on_connector(Path((name, action)): Path<(String, String)>, posted: Posted) -> Shown {
    let target = format!("/v1/connectors/{}/{action}", part(&name));
    let page = format!("/console/connectors/{}", part(&name));
    let (query, said) = match action.as_str() {
        "enable" | "disable" | "pause" | "resume" | "process" => (Pairs::default(), action.as_str()),
        "approve" => (posted.fields.only(&["digest"]), "approved"),
        "rollback" => (posted.fields.only(&["to"]), "rolled-back"),
        _ => return Err(posted.page.refused(&unknown(&action))),
    };
    posted.post(&query.after(&target), None).await?;
    posted.back(&page, said)
}

/// `POST /console/switches`.
pub(super) async fn switch(posted: Posted) -> Shown {
    let (name, on) = (posted.fields.text("switch"), posted.fields.text("to") == "on");
    let switched = posted.page.api.put("/v1/switches", &json!({ name: on })).await;
    switched.map_err(|refusal| posted.page.refused(&refusal))?;
    posted.back("/console", "switched")
}

/// `POST /console/process`.
pub(super) async fn process(posted: Posted) -> Shown {
    posted.post("/v1/process", None).await?;
    posted.back("/console", "process")
}

fn unknown(action: &str) -> crate::api::Refused {
    crate::api::Refused {
        status: axum::http::StatusCode::NOT_FOUND,
        code: "unknown-path".to_owned(),
        detail: format!("nothing can be done that is called {action:?}"),
        body: serde_json::Value::Null,
    }
}
