//! Through the three methods, with an application that answers from a table.

use std::collections::BTreeMap;

use lockgate_guest::{
    Connector, DataType, Error, External, Object, ObjectParams, Prepared, Task, TaskType, Value, http, secrets, settings,
};

use crate::{Scim, ids};

/// Answers what it has under a path, and 404 for the rest; to nobody without the token.
fn application(resources: &[(&str, &str)]) {
    settings::set("base_url", "https://scim.example.com/v2/");
    secrets::set("token", "placeholder");
    let resources: BTreeMap<String, String> =
        resources.iter().map(|(path, json)| (format!("https://scim.example.com/v2{path}"), (*json).to_owned())).collect();
    http::answer_with(move |request| {
        let authorized = request.headers.contains(&("authorization".to_owned(), "Bearer placeholder".to_owned()));
        assert!(authorized && request.method == "GET", "{request:?}");
        let (status, body) = match resources.get(&request.url) {
            Some(json) => (200, json.clone()),
            None => (404, r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404"}"#.to_owned()),
        };
        Ok(http::Response { status, headers: Vec::new(), body: body.into_bytes() })
    });
}

fn answering(status: u16, body: &'static str) {
    application(&[]);
    http::answer_with(move |_| Ok(http::Response { status, headers: Vec::new(), body: body.as_bytes().to_vec() }));
}

fn carried(task_type: TaskType, resource_type: &str, id: &str) -> Result<Prepared, Error> {
    let task = Task { task_type, data_type: DataType::Snapshot, site_name: None };
    let notice = format!(r#"{{"resourceType":"{resource_type}","id":"{id}"}}"#);
    Scim::prepare_internal_object(External::new("application/json", notice), task)
}

fn object(resource_type: &str, id: &str) -> Object {
    match carried(TaskType::UpdateObject, resource_type, id) {
        Ok(Prepared::Object(object)) => object,
        other => panic!("{other:?}"),
    }
}

fn ends(group: &Object) -> Vec<(&str, &Value)> {
    let end = |child: &'_ lockgate_guest::Child| child.fields.first().map(|field| field.value.clone());
    assert!(group.children.iter().all(|child| child.code_name.is_empty() && end(child).is_some()));
    group.children.iter().map(|child| (child.object_type.as_str(), &child.fields[0].value)).collect()
}

#[test]
fn a_user_is_what_the_application_answers() {
    application(&[(
        "/Users/2819",
        r#"{"id":"2819","userName":"bjensen","name":{"formatted":"Ms. Barbara J Jensen","givenName":"Barbara"},"active":true,
            "password":"t1meMa$heen","emails":[{"value":"b@home.example"},{"value":"b@work.example","primary":true}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"11250","manager":{"value":"26118915"}},
            "meta":{"created":"2010-01-23T04:56:22Z","version":"W/\"1\""}}"#,
    )]);
    let user = object("User", "2819");
    assert_eq!((user.object_type.as_str(), user.code_name.as_str()), ("scim.user", "bjensen"));
    assert_eq!(user.display_name.as_deref(), Some("Ms. Barbara J Jensen"));
    assert_eq!(user.get("email"), Some(&Value::from("b@work.example")));
    assert_eq!(user.get("manager"), Some(&Value::reference("26118915")));
    assert_eq!(user.get("created"), Some(&Value::timestamp("2010-01-23T04:56:22Z")));
    assert_eq!(user.get("nick_name"), Some(&Value::Null));
    assert!(!format!("{user:?}").contains("t1meMa$heen"));
}

#[test]
fn members_are_bindings_of_users_and_of_groups() {
    application(&[
        (
            "/Groups/a",
            r#"{"id":"a","displayName":"Tour Guides","members":[{"value":"1","type":"User"},{"value":"b","type":"group"},
                {"value":"2","$ref":"https://example.com/v2/Users/2"},{"value":"c"},{"value":"3"},
                {"value":"d","type":"Device"},{"value":"gone"},{"display":"nobody"}]}"#,
        ),
        ("/Groups/c", r#"{"id":"c"}"#),
        ("/Users/3", r#"{"id":"3","userName":"third"}"#),
    ]);
    let group = object("Group", "a");
    assert_eq!((group.code_name.as_str(), group.display_name.as_deref()), ("group-a", Some("Tour Guides")));
    let expected = [
        ("scim.user-member", &Value::reference("1")),
        ("scim.group-member", &Value::reference("b")),
        ("scim.user-member", &Value::reference("2")),
        ("scim.group-member", &Value::reference("c")),
        ("scim.user-member", &Value::reference("3")),
    ];
    assert_eq!(ends(&group), expected);
}

#[test]
fn groups_that_are_members_of_each_other_are_read_once_each() {
    application(&[
        ("/Groups/a", r#"{"id":"a","members":[{"value":"b","type":"Group"}]}"#),
        ("/Groups/b", r#"{"id":"b","members":[{"value":"a","type":"Group"}]}"#),
    ]);
    assert_eq!(ends(&object("Group", "a")), [("scim.group-member", &Value::reference("b"))]);
    assert_eq!(ends(&object("Group", "b")), [("scim.group-member", &Value::reference("a"))]);
}

#[test]
fn a_reference_is_looked_up_in_the_application() {
    application(&[("/Users/2819", r#"{"id":"2819","userName":"bjensen"}"#), ("/Groups/e9", r#"{"id":"e9"}"#)]);
    assert_eq!(Scim::get_internal_object_params("2819", "scim.user"), Ok(ObjectParams::new("bjensen")));
    assert_eq!(Scim::get_internal_object_params("e9", "scim.group"), Ok(ObjectParams::new("group-e9")));
    assert!(matches!(Scim::get_internal_object_params("e9", "scim.user"), Err(Error::NotFound(_))));
    assert!(matches!(Scim::get_internal_object_params("1", "cms.site"), Err(Error::Unsupported(_))));
}

#[test]
fn what_is_deleted_is_found_without_asking() {
    http::answer_with(|request| panic!("asked {request:?}"));
    let guid = ids::guid(ids::Kind::User, "2819");
    assert_eq!(carried(TaskType::DeleteObject, "User", "2819"), Ok(Object::new("scim.user", &guid).guid(&guid).into()));
    let expected = Object::new("scim.group", "group-e9").guid(ids::guid(ids::Kind::Group, "e9"));
    assert_eq!(carried(TaskType::DeleteObject, "Group", "e9"), Ok(expected.into()));
}

#[test]
fn an_id_from_outside_stays_one_step_of_the_path() {
    application(&[]);
    let error = carried(TaskType::UpdateObject, "User", "../Groups/1?x=").unwrap_err();
    assert_eq!(error, Error::not_found("the application has no /Users/..%2FGroups%2F1%3Fx%3D"));
}

#[test]
fn an_answer_that_is_no_such_resource_is_invalid() {
    for body in ["<html>", "{}", r#"{"id":"other","userName":"x"}"#] {
        answering(200, body);
        assert!(matches!(carried(TaskType::UpdateObject, "User", "1"), Err(Error::Invalid(_))), "{body}");
    }
}

#[test]
fn an_application_that_is_down_is_unavailable_and_a_refused_token_is_not() {
    answering(503, "");
    assert!(matches!(carried(TaskType::UpdateObject, "User", "1"), Err(Error::Unavailable(_))));
    http::answer_with(|_| Err(http::Error::Connect("refused".into())));
    assert!(matches!(carried(TaskType::UpdateObject, "User", "1"), Err(Error::Unavailable(_))));
    answering(401, "");
    let error = carried(TaskType::UpdateObject, "User", "1").unwrap_err();
    assert_eq!(error, Error::internal("the external application answered 401: it does not accept the credentials"));
}

#[test]
fn what_the_operator_has_to_set_is_named() {
    let error = carried(TaskType::UpdateObject, "User", "1").unwrap_err();
    assert!(error.message().contains("base_url"), "{error:?}");
    settings::set("base_url", "https://scim.example.com");
    let error = carried(TaskType::UpdateObject, "User", "1").unwrap_err();
    assert!(error.message().contains("token"), "{error:?}");
}
