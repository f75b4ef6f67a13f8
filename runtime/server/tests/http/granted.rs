//! What a connector asks for and what it is granted.

use lockgate_core::egress::{SecretGrant, SecretText};
use lockgate_core::grants::Grant;
use lockgate_core::settings::{BusSettings, ConnectorSettings};
use lockgate_server::ServerOptions;
use lockgate_testing::TestBus;
use serde_json::json;

use crate::asked::{Api, user};

const MANIFEST: &str =
    "objects = ['cms.user', 'shop.*']\nhosts = ['*']\nsettings = ['base_url']\nsecrets = ['token', 'other']\nstate = true";

/// Connector `a` has grants of its own, every other one none.
fn with_grants() -> Api {
    let host: lockgate_core::egress::Origin = "https://shop.example".parse().unwrap();
    let networks = [(host.clone(), vec!["10.0.0.0/8".parse().unwrap()])].into();
    let grant = Grant { objects: vec!["shop.product".parse().unwrap()], hosts: vec![host], networks, state: true, ..Grant::default() };
    let secret = SecretGrant { value: SecretText::new("hunter2-hunter2"), origins: grant.hosts.clone() };
    let own = ConnectorSettings {
        settings: [("base_url".to_owned(), "https://nobodys-business.example".to_owned())].into(),
        secrets: [("token".to_owned(), secret)].into(),
        grant,
        ..ConnectorSettings::default()
    };
    let settings = BusSettings { connectors: [(TestBus::connector("a"), own)].into(), ..BusSettings::default() };
    Api::with(TestBus::granted(settings), &ServerOptions::default())
}

#[tokio::test]
async fn a_check_says_item_by_item_what_is_granted_to_the_connector_that_is_named() {
    let api = with_grants();
    let component = format!("scripted\n{MANIFEST}");
    let checked = api.post("/v1/connectors/check?name=a", component.clone()).await.ok();
    let granted: Vec<String> =
        checked["asks"].as_array().unwrap().iter().map(|ask| format!("{} {}", ask["item"], ask["granted"])).collect();
    assert_eq!(
        granted,
        [
            r#""cms.user" "not granted""#,
            r#""shop.*" "partly""#,
            r#""*" "granted""#,
            r#""base_url" "granted""#,
            r#""other" "not granted""#,
            r#""token" "granted""#,
            r#""true" "granted""#
        ]
    );
    assert_eq!(checked["has_manifest"], true);
    let of_any = api.post("/v1/connectors/check", component).await.ok();
    assert!(of_any["asks"].as_array().unwrap().iter().all(|ask| ask["granted"] == "not granted"), "{of_any}");
    assert_eq!(api.post("/v1/connectors/check?name=x%20y", "scripted").await.problem(), (400, "bad-parameter".into()));
}

#[tokio::test]
async fn settings_and_secrets_are_shown_by_name_only() {
    let api = with_grants();
    let shown = api.get("/v1/connectors/a").await;
    for value in ["hunter2", "nobodys-business"] {
        assert!(!shown.text().contains(value), "{}", shown.text());
    }
    let grant = shown.json()["grant"].clone();
    assert_eq!(grant["networks"], json!({ "https://shop.example": ["10.0.0.0/8"] }));
    assert_eq!(grant["secrets"], json!([{ "name": "token", "hosts": ["https://shop.example"] }]));
    assert_eq!((&grant["settings"], &grant["objects"], &grant["state"]), (&json!(["base_url"]), &json!(["shop.product"]), &json!(true)));
}

#[tokio::test]
async fn what_is_not_granted_is_not_written_and_the_task_says_so() {
    let api = with_grants();
    let task = api.task("", &user("ann")).await;
    api.test.process("a");
    let shown = api.get(&format!("/v1/tasks/{task}")).await.ok();
    assert_eq!(shown["failure"]["code"], "write-denied");
    assert!(shown["failure"]["advice"].as_str().unwrap().contains("grant"), "{shown}");
    assert_eq!(api.get("/v1/objects").await.ok()["objects"], json!([]));
}
