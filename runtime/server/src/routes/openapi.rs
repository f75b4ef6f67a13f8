//! The API for programs: OpenAPI 3.1, made of the one table of routes, so that neither lacks what the other has.

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Map, Value, json};

use crate::caller::{Caller, json_response, to_json};
use crate::rights::{Needs, ROUTES, Route};
use crate::state::App;
use crate::wire::problem::Problem;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/v1/openapi.json", get(show))
}

async fn show(caller: Caller) -> Result<Response, Problem> {
    caller.query(&[])?;
    Ok(json_response(axum::http::StatusCode::OK, to_json(&document())?))
}

/// Parameters of a query, by method and path; those of a path are read out of it.
const QUERIES: &[(&str, &str, &[&str])] = &[
    ("POST", "/v1/connectors/{name}/tasks", &["task_type", "data_type", "process_type", "site", "title", "subject", "file_name", "wait"]),
    ("GET", "/v1/tasks", TASKS_PAGED),
    ("GET", "/v1/tasks/reasons", &crate::filter::FILTERS),
    ("GET", "/v1/tasks/{id}", &["wait"]),
    ("GET", "/v1/tasks/{id}/external", &["original"]),
    ("POST", "/v1/tasks/{id}/retry", &["allow_deletes"]),
    ("POST", "/v1/tasks/{id}/process-type", &["value"]),
    ("POST", "/v1/tasks/actions", TASKS_ACTED),
    ("GET", "/v1/failures", &["connector", "limit"]),
    (
        "GET",
        "/v1/history",
        &["connector", "task", "outcome", "warnings", "warning", "type", "name", "since", "until", "before", "limit", "look_at"],
    ),
    ("GET", "/v1/missing", &["after", "limit"]),
    ("GET", "/v1/operations", &["before", "limit"]),
    ("GET", "/v1/audit", &["who", "action", "connector", "since", "until", "before", "limit"]),
    ("PUT", "/v1/model", &["dry_run"]),
    ("POST", "/v1/connectors/{name}", &["name"]),
    ("POST", "/v1/connectors/{name}/approve", &["digest"]),
    ("POST", "/v1/connectors/{name}/rollback", &["to"]),
    ("GET", "/v1/connectors/{name}/state", &["values"]),
    ("DELETE", "/v1/connectors/{name}", &["force"]),
];

const TASKS_PAGED: &[&str] = &[
    "connector",
    "state",
    "failing",
    "code",
    "path",
    "process_type",
    "attempts_min",
    "waits_for",
    "task_type",
    "title",
    "since",
    "until",
    "group",
    "contains",
    "after",
    "limit",
    "look_at",
];
const TASKS_ACTED: &[&str] = &[
    "connector",
    "state",
    "failing",
    "code",
    "path",
    "process_type",
    "attempts_min",
    "waits_for",
    "task_type",
    "title",
    "since",
    "until",
    "group",
    "action",
    "value",
    "all",
];

fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        let of = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Value::Object(of) = of {
            of.insert(route.method.to_ascii_lowercase(), operation(route));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Lockgate", "version": env!("CARGO_PKG_VERSION"), "description": "API.md beside the server's source says what each member means." },
        "security": [{ "token": [] }, {}],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": {
                "Problem": {
                    "type": "object",
                    "required": ["type", "title", "status", "code", "detail"],
                    "properties": {
                        "type": { "type": "string" },
                        "title": { "type": "string" },
                        "status": { "type": "integer" },
                        "code": { "type": "string" },
                        "detail": { "type": "string" },
                    },
                },
            },
        },
    })
}

fn operation(route: &Route) -> Value {
    let mut parameters: Vec<Value> = route
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    let query = QUERIES.iter().find(|(method, path, _)| (*method, *path) == (route.method, route.path));
    let query = query.map(|(.., names)| *names).unwrap_or_default();
    parameters.extend(query.iter().map(|name| json!({ "name": name, "in": "query", "required": false, "schema": { "type": "string" } })));
    let any = json!({ "*/*": {} });
    let mut operation = json!({
        "summary": format!("Needs {}.", route.needs.as_str()),
        "parameters": parameters,
        "responses": {
            "2XX": { "description": "As API.md says.", "content": any },
            "4XX": problem("The request is refused: see the code."),
            "5XX": problem("The server or its store could not: see the code."),
        },
    });
    if let Value::Object(operation) = &mut operation {
        if matches!(route.method, "POST" | "PUT") {
            operation.insert("requestBody".to_owned(), json!({ "required": false, "content": { "*/*": {} } }));
        }
        if matches!(route.needs, Needs::Nothing | Needs::Signature) {
            operation.insert("security".to_owned(), json!([]));
        }
    }
    operation
}

fn problem(description: &str) -> Value {
    json!({
        "description": description,
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_paths_are_the_routes() {
        let document = document();
        let paths = document["paths"].as_object().unwrap();
        let count: usize = paths.values().map(|of| of.as_object().unwrap().len()).sum();
        assert_eq!(count, ROUTES.len());
        for route in ROUTES {
            assert!(paths[route.path][route.method.to_ascii_lowercase()].is_object(), "{} {}", route.method, route.path);
        }
    }

    #[test]
    fn each_query_belongs_to_a_route() {
        for (method, path, names) in QUERIES {
            assert!(ROUTES.iter().any(|route| (route.method, route.path) == (*method, *path)), "{method} {path}");
            assert!(!names.is_empty());
        }
        for names in [TASKS_PAGED, TASKS_ACTED] {
            assert!(crate::filter::FILTERS.iter().all(|filter| names.contains(filter)));
        }
    }
}
