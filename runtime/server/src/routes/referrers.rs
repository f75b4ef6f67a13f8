//! Who points to a row.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use lockgate_bus::Bus;
use lockgate_core::key::{Answers, BindingKey, Key};
use lockgate_core::ports::StoreError;
use lockgate_core::rows::{BindingId, NodeId, ObjectId, Referrer, RowId, Target};
use serde::Serialize;

use crate::caller::{Caller, Id};
use crate::references::References;
use crate::state::App;
use crate::wire::problem::Problem;
use crate::wire::value::{ReferenceWire, reference};

/// Referrers that are named, at most.
const REFERRERS_SHOWN_MAX: usize = 1_000;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/v1/objects/by-id/{id}/referrers", get(of_object)).route("/v1/pages/by-id/{id}/referrers", get(of_page))
}

#[derive(Serialize)]
struct ListWire {
    referrers: Vec<ReferrerWire>,
    total: usize,
}

/// A field that points to it: of an object or a page, or of a binding.
#[derive(Serialize)]
struct ReferrerWire {
    field: String,
    #[serde(flatten)]
    row: RowWire,
}

#[derive(Serialize)]
#[serde(untagged)]
enum RowWire {
    Row(ReferenceWire),
    Binding { binding: u64, r#type: Option<String> },
}

async fn of_object(caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    list(caller, Target::Object(ObjectId(id))).await
}

async fn of_page(caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    list(caller, Target::Page(NodeId(id))).await
}

async fn list(caller: Caller, target: Target) -> Result<Response, Problem> {
    caller.query(&[])?;
    caller.json(StatusCode::OK, move |bus| Ok(read(bus, target)?)).await
}

fn read(bus: &Bus, target: Target) -> Result<ListWire, StoreError> {
    let all = bus.referrers(target)?;
    let shown = all.get(..REFERRERS_SHOWN_MAX).unwrap_or(&all);
    let rows = References::load(bus, shown.iter().filter_map(|referrer| row_of(referrer.row)))?;
    let bindings: Vec<Key> = shown.iter().filter_map(|referrer| binding_of(referrer.row)).map(|id| BindingKey::Id(id).into()).collect();
    let bindings = if bindings.is_empty() { Answers::default() } else { bus.store().load(&bindings)?.answers };
    let types = bindings.of::<BindingKey>();
    let wire = |Referrer { row, field }: &Referrer| {
        let row = match (row_of(*row), binding_of(*row)) {
            (Some(target), _) => RowWire::Row(reference(target, &rows)),
            (None, id) => {
                let id = id.unwrap_or(BindingId(0));
                let found = types.get(&BindingKey::Id(id)).and_then(Option::as_ref);
                RowWire::Binding { binding: id.0, r#type: found.map(|row| row.binding_type.to_string()) }
            }
        };
        ReferrerWire { field: field.to_string(), row }
    };
    Ok(ListWire { referrers: shown.iter().map(wire).collect(), total: all.len() })
}

fn row_of(row: RowId) -> Option<Target> {
    match row {
        RowId::Object(id) => Some(Target::Object(id)),
        RowId::Page(id) => Some(Target::Page(id)),
        RowId::Binding(_) => None,
    }
}

fn binding_of(row: RowId) -> Option<BindingId> {
    match row {
        RowId::Binding(id) => Some(id),
        RowId::Object(_) | RowId::Page(_) => None,
    }
}
