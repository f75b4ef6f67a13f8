//! Versions of a connector: one that asks for more waits, and what ran before can run again.

use serde_json::{Value, json};

use crate::asked::Api;

/// A scripted component with this manifest.
fn component(manifest: &str) -> String {
    format!("scripted\n{manifest}")
}

fn standings(connector: &Value) -> Vec<&str> {
    connector["versions"].as_array().unwrap().iter().map(|version| version["standing"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_upgrade_that_asks_for_more_waits_until_it_is_approved() {
    let api = Api::new();
    let first = api.put("/v1/connectors/shop", component("objects = ['shop.*']")).await.ok();
    assert_eq!((&first["active"], &first["replaced"], &first["beyond"]), (&json!(true), &json!(null), &json!([])));
    let second = api.put("/v1/connectors/shop", component("objects = ['shop.*', 'cms.user']\nstate = true")).await.ok();
    assert_eq!((&second["active"], &second["replaced"]), (&json!(false), &first["digest"]));
    assert_eq!(second["beyond"], json!(["objects cms.user", "state"]));

    let shown = api.get("/v1/connectors/shop").await.ok();
    assert_eq!((&shown["digest"], &shown["waiting"], &shown["beyond"]), (&first["digest"], &second["digest"], &second["beyond"]));
    assert_eq!(standings(&shown), ["waiting", "active"]);
    assert_eq!(shown["asks"], json!([{ "what": "objects", "item": "shop.*", "granted": "granted" }]), "those of the active one");

    // What was seen is approved, nothing that came since.
    let digest = |of: &serde_json::Value| of["digest"].as_str().unwrap().to_owned();
    for other in [digest(&first), "ffff".to_owned()] {
        let answer = api.post(&format!("/v1/connectors/shop/approve?digest={other}"), "").await;
        assert_eq!(answer.problem(), (409, "nothing-pending".into()), "{other}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(second["digest"].as_str().unwrap()));
    }
    let approved = api.post(&format!("/v1/connectors/shop/approve?digest={}", digest(&second)), "").await.ok();
    assert_eq!((&approved["digest"], &approved["waiting"], &approved["beyond"]), (&second["digest"], &json!(null), &json!([])));
    assert_eq!(standings(&approved), ["active", "kept"]);
    assert_eq!(api.post("/v1/connectors/shop/approve", "").await.problem(), (409, "nothing-pending".into()));
    assert_eq!(api.post("/v1/connectors/none/approve", "").await.problem(), (404, "unknown-connector".into()));
}

#[tokio::test]
async fn a_rollback_goes_to_the_version_before_or_to_the_one_that_is_named() {
    let api = Api::new();
    let mut digests = Vec::new();
    for text in ["description = 'a'", "description = 'b'", "description = 'c'"] {
        digests.push(api.put("/v1/connectors/shop", component(text)).await.ok()["digest"].as_str().unwrap().to_owned());
    }
    let back = api.post("/v1/connectors/shop/rollback", "").await.ok();
    assert_eq!((back["digest"].as_str().unwrap(), standings(&back)), (&*digests[1], vec!["kept", "active", "kept"]));
    let first = api.post(&format!("/v1/connectors/shop/rollback?to={}", digests[0]), "").await.ok();
    assert_eq!(first["digest"].as_str().unwrap(), digests[0]);
    for wrong in ["/v1/connectors/shop/rollback", "/v1/connectors/shop/rollback?to=ffff", "/v1/connectors/a/rollback"] {
        assert_eq!(api.post(wrong, "").await.problem(), (404, "no-such-version".into()), "{wrong}");
    }
    assert_eq!(api.post("/v1/connectors/shop/rollback?digest=1", "").await.problem(), (400, "unknown-parameter".into()));
}

#[tokio::test]
async fn a_manifest_that_cannot_be_read_is_refused_and_nothing_is_installed() {
    let api = Api::new();
    let answer = api.put("/v1/connectors/shop", component("objects = ['sh*p']")).await;
    assert_eq!(answer.problem(), (422, "invalid-manifest".into()));
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("line 1, column 12"), "{detail}");
    assert_eq!(api.get("/v1/connectors/shop").await.problem(), (404, "unknown-connector".into()));
}
