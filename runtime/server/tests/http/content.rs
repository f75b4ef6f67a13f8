//! What is stored: objects, pages, bindings, and the export of all.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use lockgate_core::change::Change;
use lockgate_core::names::{CodeName, Culture, SiteName, TypeName};
use lockgate_core::rows::{CultureVersion, Newer, NodeId, PageRow};
use lockgate_testing::{Commit, Short as _, TestBus};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::asked::{Api, user};

const ROOT_GUID: &str = "11111111-1111-4111-8111-111111111111";
const CHILD_GUID: &str = "22222222-2222-4222-8222-222222222222";

fn page(guid: &str, alias: &str, parent: Value, fields: Value) -> String {
    json!({ "page": {
        "class_name": "cms.page", "node_guid": guid, "culture": "en-US", "name": alias, "alias": alias,
        "parent": parent, "published": true, "fields": fields,
    } })
    .to_string()
}

async fn with_pages() -> Api {
    let api = Api::new();
    api.stored("", &user("ann")).await;
    let query = "task_type=create-document&data_type=snapshot&site=main";
    api.stored(query, &page(ROOT_GUID, "News", json!("root"), json!({ "author": { "reference": "ann" } }))).await;
    let related = json!({ "related": { "reference": ROOT_GUID } });
    api.stored(query, &page(CHILD_GUID, "First", json!({ "guid": ROOT_GUID }), related)).await;
    api
}

#[tokio::test]
async fn an_object_is_shown_with_its_values_and_what_it_points_to() {
    let api = with_pages().await;
    api.stored("", &user("admin")).await;
    api.stored("", &json!({ "object": { "type": "test.tree", "code_name": "Top" } }).to_string()).await;
    let product = json!({ "object": {
        "type": "shop.product", "code_name": "Anvil/2", "parent": "Top", "fields": {
            "price": { "decimal": "1.50" }, "stock": { "integer": "9007199254740993" }, "on_sale": true, "weight": { "real": 1.5 },
            "photo": { "binary": "AP8=" }, "details": { "json": { "b": [1] } }, "owner": { "reference": "ann" },
            "page": { "reference": CHILD_GUID }, "buyers": { "references": ["later", "ann", "admin"] },
        },
    } });
    api.stored("data_type=simple-snapshot", &product.to_string()).await;
    let shown = api.get("/v1/objects/shop.product/anvil%2F2").await.ok();
    assert_eq!((&shown["code_name"], &shown["site"], &shown["sites"]), (&json!("Anvil/2"), &json!(null), &json!([])));
    assert_eq!(shown["parent"]["ref"]["code_name"], "Top");
    let fields = &shown["fields"];
    assert_eq!((&fields["price"], &fields["stock"], &fields["on_sale"]), (&json!("1.50"), &json!("9007199254740993"), &json!(true)));
    assert_eq!((&fields["photo"], &fields["details"], &fields["weight"]), (&json!("AP8="), &json!({ "b": [1] }), &json!(1.5)));
    let owner = &fields["owner"]["ref"];
    assert_eq!((&owner["kind"], &owner["type"], &owner["code_name"]), (&json!("object"), &json!("cms.user"), &json!("ann")));
    assert!(owner["id"].is_u64());
    let page = &fields["page"]["ref"];
    assert_eq!((&page["kind"], &page["site"], &page["path"]), (&json!("page"), &json!("main"), &json!("/News/First")));
    assert_eq!(page["culture"], "en-US", "as it was stated");
    let buyers = |shown: &Value| -> Vec<String> {
        let list = shown["fields"]["buyers"].as_array().unwrap();
        list.iter().map(|value| value["ref"]["code_name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(buyers(&shown), ["ann", "admin"]);
    let id = shown["id"].as_u64().unwrap();
    assert_eq!(api.get(&format!("/v1/objects/by-id/{id}")).await.ok(), shown);
    let missing = api.get("/v1/missing").await.text();
    assert!(missing.contains("field buyers[0] of shop.product 'Anvil/2'"), "{missing}");
    api.stored("", &user("later")).await;
    assert_eq!(buyers(&api.get(&format!("/v1/objects/by-id/{id}")).await.ok()), ["later", "ann", "admin"]);
}

#[tokio::test]
async fn objects_are_listed_by_type_and_page() {
    let api = Api::new();
    for name in ["ann", "bob", "cid"] {
        api.stored("", &user(name)).await;
    }
    let first = api.get("/v1/objects?type=cms.user&limit=2").await.ok();
    assert_eq!(first["objects"][1]["code_name"], "bob");
    let last = api.get(&format!("/v1/objects?type=cms.user&limit=2&after={}", first["next"])).await.ok();
    assert_eq!((&last["objects"][0]["code_name"], &last["next"]), (&json!("cid"), &json!(null)));
}

#[tokio::test]
async fn an_object_that_is_missing_or_not_alone_is_told_apart() {
    let api = Api::new();
    api.stored("", &json!({ "object": { "type": "cms.user", "code_name": "ann" } }).to_string()).await;
    for parent in ["P", "Q"] {
        api.stored("", &json!({ "object": { "type": "test.tree", "code_name": parent } }).to_string()).await;
        let fields = json!({ "owner": { "reference": "ann" } });
        let child = json!({ "object": { "type": "shop.product", "code_name": "same", "parent": parent, "fields": fields } });
        api.stored("data_type=snapshot", &child.to_string()).await;
    }
    assert_eq!(api.get("/v1/objects/shop.product/same").await.problem(), (409, "object-ambiguous".into()));
    assert_eq!(api.get("/v1/objects/test.tree/none").await.problem(), (404, "object-not-found".into()));
    assert_eq!(api.get("/v1/objects/test.none/none").await.problem(), (404, "unknown-type".into()));
    assert_eq!(api.get("/v1/objects/by-id/999").await.problem(), (404, "object-not-found".into()));
    assert_eq!(api.get("/v1/objects/by-id/x").await.problem(), (400, "bad-request".into()));
}

#[tokio::test]
async fn the_tree_is_shown_to_a_depth() {
    let api = with_pages().await;
    let top = api.get("/v1/pages/main").await.ok();
    assert_eq!((&top["page"], &top["truncated"]), (&json!(null), &json!(false)));
    assert_eq!(top["children"][0]["path"], "/News");
    assert!(top["children"][0].get("children").is_none(), "nobody looked further down");
    assert_eq!(top["children"][0]["cultures"]["en-US"]["fields"]["author"]["ref"]["code_name"], "ann");
    let all = api.get("/v1/pages/main?depth=2").await.ok();
    assert_eq!(all["children"][0]["children"][0]["path"], "/News/First");
    let one = api.get("/v1/pages/main?path=/news&depth=1").await.ok();
    assert_eq!((&one["page"]["path"], &one["page"]["guid"]), (&json!("/News"), &json!(ROOT_GUID)));
    assert_eq!(one["children"][0]["path"], "/News/First");
    assert_eq!(one["children"][0]["parent_id"], one["page"]["id"]);
    assert_eq!(one["children"][0]["cultures"]["en-US"]["fields"]["related"]["ref"]["path"], "/News");
    assert_eq!(api.get("/v1/pages/main?path=/news/none").await.problem(), (404, "page-not-found".into()));
    assert_eq!(api.get("/v1/pages/none").await.problem(), (404, "unknown-site".into()));
    assert_eq!(api.get("/v1/pages/main?depth=33").await.problem(), (400, "bad-parameter".into()));
}

#[tokio::test]
async fn bindings_are_listed_with_what_they_bind() {
    let api = Api::new();
    api.stored("site=main", &json!({ "object": { "type": "cms.role", "code_name": "editor", "site": "main" } }).to_string()).await;
    api.test.script(
        "a",
        lockgate_testing::Script {
            object_params: Box::new(|id, object_type| {
                let site = (object_type.as_str() == "cms.role").then(|| lockgate_core::names::SiteName::new("main").unwrap());
                let code_name = lockgate_core::names::CodeName::new(id.as_str()).unwrap();
                Ok(lockgate_core::prepared::ObjectParams { guid: None, code_name, site, parent: None, group: None })
            }),
            ..Default::default()
        },
    );
    let ann = json!({ "object": { "type": "cms.user", "code_name": "ann", "children": [
        { "type": "cms.user-role", "fields": { "role": { "reference": "editor" } } },
    ] } });
    api.stored("data_type=snapshot", &ann.to_string()).await;
    let bindings = api.get("/v1/bindings").await.ok();
    assert_eq!(bindings["bindings"][0]["type"], "cms.user-role", "{bindings}");
    assert_eq!(bindings["bindings"][0]["fields"]["role"]["ref"]["code_name"], "editor");
    assert_eq!(bindings["bindings"][0]["fields"]["user"]["ref"]["code_name"], "ann");
    assert_eq!(bindings["next"], json!(null));
}

#[tokio::test]
async fn the_export_has_a_line_for_each_row() {
    let api = with_pages().await;
    for target in ["/v1/export", "/v1/export?canonical=true"] {
        let answer = api.get(target).await;
        assert_eq!((answer.status.as_u16(), &answer.headers["content-type"]), (200, &"application/x-ndjson".parse().unwrap()));
        let lines: Vec<Value> = answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 3, "{target}");
    }
}

#[tokio::test]
async fn the_export_of_nothing_is_empty() {
    let answer = Api::new().get("/v1/export").await;
    assert_eq!((answer.status.as_u16(), answer.bytes.len()), (200, 0));
}

#[tokio::test]
async fn a_long_export_comes_whole() {
    let api = Api::new();
    let note = "x".repeat(1_000);
    for number in 0..600 {
        let name = format!("user{number}");
        api.task("", &json!({ "object": { "type": "cms.user", "code_name": name, "fields": { "full_name": note } } }).to_string()).await;
    }
    api.test.process("a");
    let answer = api.get("/v1/export").await;
    assert!(answer.bytes.len() > 9 * (64 << 10), "more than the chunks that may wait");
    assert_eq!(answer.text().lines().count(), 600);
}

/// An export has the canonical form in memory, and the names of rows: several at once took gigabytes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_export_is_made_at_a_time() {
    let api = Api::new();
    let note = "x".repeat(1_000);
    for number in 0..1_000 {
        let name = format!("user{number}");
        api.task("", &json!({ "object": { "type": "cms.user", "code_name": name, "fields": { "full_name": note } } }).to_string()).await;
    }
    api.test.process("a");
    // More than the chunks that may wait: it goes on only while somebody reads.
    let unread = api.router.clone().oneshot(Request::get("/v1/export").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(unread.status(), 200);
    for target in ["/v1/export", "/v1/export?canonical=true"] {
        let refused = api.get(target).await;
        assert_eq!(refused.problem(), (429, "too-many-requests".into()));
        assert_eq!(refused.headers["retry-after"], "10");
    }
    drop(unread);
    while api.get("/v1/export").await.status != 200 {
        tokio::task::yield_now().await;
    }
    assert_eq!(api.get("/v1/export").await.status, 200, "whoever has the end of one may come again at once");
}

/// Writes a chain of pages, each under the one before: `p1` to `pN`. None can be so deep by tasks.
fn write_chain(test: &TestBus, pages: u64) {
    let row = |n: u64| PageRow {
        id: NodeId(1_000 + n),
        site: SiteName::new("main").unwrap(),
        class_name: TypeName::new("cms.page").unwrap(),
        guid: format!("00000000-0000-0000-0000-{n:012}").parse().unwrap(),
        guid_given: false,
        parent: (n > 1).then(|| NodeId(1_000 + n - 1)),
        alias: CodeName::new(format!("p{n}")).unwrap(),
        order: None,
        cultures: BTreeMap::from([(
            Culture::new("en-US").unwrap(),
            CultureVersion {
                name: "a page".into(),
                published: true,
                archived: false,
                fields: BTreeMap::new(),
                links: BTreeMap::new(),
                newer: Newer::default(),
            },
        )]),
        created_ms: 1,
        modified_ms: 1,
    };
    let changes = (1..=pages).map(|n| Change::Page(None, Some(Arc::new(row(n))))).collect();
    let lease = test.store.claim_now(&TestBus::connector("b")).unwrap();
    test.store.commit_now(&lease, &Commit { changes, ..Commit::default() }, &test.bus.model().unwrap()).unwrap();
}

/// The path of a page that was more than 100 steps deep was cut above, and shown as if it were whole.
#[tokio::test]
async fn a_path_is_shown_whole_or_not_at_all() {
    let api = Api::new();
    write_chain(&api.test, 1_002);
    let path = |steps: u64| (1..=steps).map(|n| format!("/p{n}")).collect::<String>();
    for (steps, shown, below) in
        [(150, json!(path(150)), json!(path(151))), (1_000, json!(path(1_000)), json!(path(1_001))), (1_001, json!(null), json!(null))]
    {
        let tree = api.get(&format!("/v1/pages/main?path={}&depth=1", path(steps))).await.ok();
        assert_eq!((&tree["page"]["path"], &tree["children"][0]["path"]), (&shown, &below), "{steps}");
    }
}
