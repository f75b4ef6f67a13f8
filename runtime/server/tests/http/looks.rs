//! Looks within bounds, and who points to a row.

use serde_json::{Value, json};

use crate::asked::{Api, user};

async fn queued(api: &Api, count: usize) {
    for n in 1..=count {
        api.task(&format!("title=t{n}"), &user(&format!("user-{n}"))).await;
    }
}

fn ids(list: &Value) -> Vec<u64> {
    list["tasks"].as_array().unwrap().iter().map(|task| task["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_search_says_how_far_it_looked_and_goes_on_from_there() {
    let api = Api::new();
    queued(&api, 5).await;
    let first = api.get("/v1/tasks?title=T5&look_at=3").await.ok();
    assert_eq!((ids(&first), &first["looked_at"], &first["next"]), (vec![], &json!(3), &json!(3)));
    let rest = api.get("/v1/tasks?title=T5&look_at=3&after=3").await.ok();
    assert_eq!((ids(&rest), &rest["looked_at"], &rest["next"]), (vec![5], &json!(2), &json!(null)));
    let page = api.get("/v1/tasks?look_at=100&limit=2").await.ok();
    assert_eq!((ids(&page), &page["looked_at"], &page["next"]), (vec![1, 2], &json!(2), &json!(2)));
    let last = api.get("/v1/tasks?look_at=100&limit=3&after=2").await.ok();
    assert_eq!((ids(&last), &last["next"]), (vec![3, 4, 5], &json!(null)), "there is no more");
    assert_eq!(api.get("/v1/tasks").await.ok().get("looked_at"), None);
    for wrong in ["0", "100001", "x"] {
        assert_eq!(api.get(&format!("/v1/tasks?look_at={wrong}")).await.problem(), (400, "bad-parameter".into()), "{wrong}");
    }
}

#[tokio::test]
async fn payloads_are_searched_as_they_were_sent() {
    let api = Api::new();
    queued(&api, 3).await;
    api.task("", "caf\u{e9} \u{1f600}").await;
    let found = async |text: &str| ids(&api.get(&format!("/v1/tasks?contains={text}")).await.ok());
    assert_eq!(found("user-2").await, [2]);
    assert_eq!(found("%C3%A9%20%F0%9F%98%80").await, [4]);
    assert_eq!(found("USER-2").await, [0; 0], "as it was sent");
    assert_eq!(ids(&api.get("/v1/tasks?contains=user&title=t3&connector=a&state=queued").await.ok()), [3]);
    assert_eq!(ids(&api.get("/v1/tasks?contains=user&state=failed").await.ok()), [0; 0]);
}

#[tokio::test]
async fn those_that_stand_apart_are_found_without_a_walk_through_the_queue() {
    let api = Api::new();
    for n in 0..4 {
        let body =
            json!({ "object": { "type": "shop.product", "code_name": format!("p{n}"), "fields": { "owner": { "reference": "nobody" } } } });
        api.task("data_type=simple-snapshot", &body.to_string()).await;
    }
    api.test.process("a");
    queued(&api, 3).await;
    let parked = api.get("/v1/tasks?state=parked&look_at=3").await.ok();
    assert_eq!((ids(&parked), &parked["looked_at"], &parked["next"]), (vec![1, 2, 3], &json!(3), &json!(3)));
    let mark = parked["tasks"][0]["waits_for"][0]["mark"].as_str().unwrap();
    let waiting = api.get(&format!("/v1/tasks?waits_for={mark}&look_at=100")).await.ok();
    assert_eq!((ids(&waiting), &waiting["looked_at"], &waiting["next"]), (vec![1, 2, 3, 4], &json!(4), &json!(null)));
}

#[tokio::test]
async fn the_history_of_a_row_is_found_by_its_type_and_name() {
    let api = Api::new();
    for name in ["ann", "bob", "ann"] {
        api.stored("", &user(name)).await;
    }
    let tasks =
        |answer: &Value| answer["history"].as_array().unwrap().iter().map(|entry| entry["task"].as_u64().unwrap()).collect::<Vec<_>>();
    let of_ann = api.get("/v1/history?type=cms.user&name=ann").await.ok();
    assert_eq!(tasks(&of_ann), [3, 1]);
    let first = api.get("/v1/history?type=cms.user&name=ann&look_at=2").await.ok();
    assert_eq!((tasks(&first), &first["looked_at"]), (vec![3], &json!(2)));
    let rest = api.get(&format!("/v1/history?type=cms.user&name=ann&look_at=2&before={}", first["next"])).await.ok();
    assert_eq!((tasks(&rest), &rest["next"]), (vec![1], &json!(null)));
    assert_eq!(tasks(&api.get("/v1/history?type=cms.role").await.ok()), [0; 0]);
}

#[tokio::test]
async fn who_points_to_a_row_is_told_with_the_field() {
    let api = Api::new();
    api.stored("", &user("ann")).await;
    let body = json!({ "object": { "type": "cms.user", "code_name": "bob", "fields": { "manager": { "reference": "ann" } } } });
    api.stored("", &body.to_string()).await;
    let id = async |name: &str| api.get(&format!("/v1/objects/cms.user/{name}")).await.ok()["id"].as_u64().unwrap();
    let (ann, bob) = (id("ann").await, id("bob").await);
    let from = json!({ "field": "manager", "ref": { "kind": "object", "id": bob, "type": "cms.user", "code_name": "bob" } });
    let referrers = api.get(&format!("/v1/objects/by-id/{ann}/referrers")).await.ok();
    assert_eq!(referrers, json!({ "referrers": [from], "total": 1 }));
    assert_eq!(api.get(&format!("/v1/objects/by-id/{bob}/referrers")).await.ok(), json!({ "referrers": [], "total": 0 }));
    assert_eq!(api.get("/v1/pages/by-id/99/referrers").await.ok()["total"], 0);
}
