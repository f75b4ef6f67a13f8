//! Stored objects.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use lockgate_bus::{Bus, ObjectQuery};
use lockgate_core::names::{CodeName, TypeName};
use lockgate_core::rows::{ObjectId, ObjectRow};
use serde::Serialize;

use crate::caller::{Caller, Id, Part};
use crate::references::{self, References};
use crate::state::App;
use crate::wire::object::ObjectWire;
use crate::wire::problem::Problem;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/objects", get(list))
        .route("/v1/objects/by-id/{id}", get(by_id))
        .route("/v1/objects/{type}/{code_name}", get(by_name))
}

#[derive(Serialize)]
struct ListWire {
    objects: Vec<ObjectWire>,
    next: Option<u64>,
}

async fn list(caller: Caller) -> Result<Response, Problem> {
    let query = caller.query(&["type", "after", "limit"])?;
    let (object_type, after, limit) = (query.type_name()?, query.number("after")?.map(ObjectId), query.limit()?);
    caller
        .json(StatusCode::OK, move |bus| {
            if let Some(object_type) = &object_type {
                declared(bus, object_type)?;
            }
            let mut rows = bus.objects(object_type.as_ref(), after, limit + 1)?;
            let more = rows.len() > limit;
            rows.truncate(limit);
            let references = References::load(bus, rows.iter().flat_map(|row| references::of_object(row)))?;
            let next = rows.last().filter(|_| more).map(|row| row.id.0);
            Ok(ListWire { objects: rows.iter().map(|row| ObjectWire::new(row, &references)).collect(), next })
        })
        .await
}

fn declared(bus: &Bus, object_type: &TypeName) -> Result<(), Problem> {
    match bus.model()?.object_type(object_type) {
        Some(_) => Ok(()),
        None => Err(Problem::not_found("unknown-type", format!("no object type is named {object_type}"))),
    }
}

async fn by_id(caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    caller.query(&[])?;
    caller
        .json(StatusCode::OK, move |bus| match bus.object(&ObjectQuery::Id(ObjectId(id)))?.first() {
            Some(row) => shown(bus, row),
            None => Err(Problem::not_found("object-not-found", format!("no object has the id {id}"))),
        })
        .await
}

async fn by_name(caller: Caller, Part((object_type, code_name)): Part<(String, String)>) -> Result<Response, Problem> {
    let site = caller.query(&["site"])?.site()?;
    let object_type = TypeName::new(object_type).map_err(|error| Problem::not_found("unknown-type", error.to_string()))?;
    let code_name = CodeName::new(code_name).map_err(|error| Problem::not_found("object-not-found", error.to_string()))?;
    caller
        .json(StatusCode::OK, move |bus| {
            declared(bus, &object_type)?;
            let of_sites = site.is_none() && bus.model()?.object_type(&object_type).is_some_and(|declared| declared.site_bound);
            let within = site.as_ref().map_or_else(|| "of no site".to_owned(), |site| format!("of site {site}"));
            let mut rows = bus.object(&ObjectQuery::Named(object_type.clone(), site, code_name.clone()))?;
            // A name comes first: nothing forbids one that looks like a GUID.
            if let (true, Ok(guid)) = (rows.is_empty(), code_name.as_str().parse()) {
                rows = bus.object(&ObjectQuery::Guid(object_type.clone(), guid))?;
            }
            match rows.as_slice() {
                [row] => shown(bus, row),
                [] if of_sites => {
                    let detail = format!("each {object_type} belongs to a site: name it (`site`; on the command line --site)");
                    Err(Problem::not_found("object-not-found", detail))
                }
                [] => {
                    let detail = format!("no {object_type} {within} is named {:?}", code_name.as_str());
                    Err(Problem::not_found("object-not-found", detail))
                }
                _ => {
                    let detail =
                        format!("several {object_type} {within} are named {:?}, under different parents; ask by id", code_name.as_str());
                    Err(Problem::new(StatusCode::CONFLICT, "object-ambiguous", detail))
                }
            }
        })
        .await
}

fn shown(bus: &Bus, row: &ObjectRow) -> Result<ObjectWire, Problem> {
    Ok(ObjectWire::new(row, &References::load(bus, references::of_object(row))?))
}
