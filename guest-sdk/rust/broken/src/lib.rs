//! A connector whose external object names a mistake, which it then makes: to show what its author sees.

use std::collections::HashMap;
use std::hint::black_box;

use lockgate_guest::{Child, Connector, Error, External, Object, ObjectParams, Prepared, Task, Value};

struct Broken;

impl Connector for Broken {
    fn prepare_internal_object(external: External, _: Task) -> Result<Prepared, Error> {
        let role = Object::new("cms.role", "broken");
        let mistake = external.text()?.trim();
        let role = match mistake {
            "fine" => role,
            "typo" => role.field("rank", rank("ana")),
            "wrong-type" => role.field("rank", "first"),
            "divide-by-zero" => role.field("rank", share(100, 0)),
            "endless-loop" => endless_loop(),
            "allocate" => allocate(),
            "wrong-kind" => role.field("rank", "first"),
            "wrong-code-name" => role.field("owner", Value::Reference("anna".into())),
            "child-missing" => role.child(Child::binding("cms.userrole")),
            "several" => Object::new("cms.role", format!("team-{}", one_team(br#"[{"id": 7}, {"id": 8}]"#)?.id)),
            "set-twice" => role.field("rank", 1).field("rank", 2),
            deep if deep.starts_with('[') => {
                serde_json::from_str::<serde_json::Value>(deep).map_err(Error::invalid_from)?;
                role
            }
            other => return Err(Error::invalid(format!("no such mistake: {other:?}"))),
        };
        Ok(role.into())
    }

    fn get_internal_object_params(id: &str, _: &str) -> Result<ObjectParams, Error> {
        Ok(ObjectParams::new(format!("{id}-misspelt")))
    }
}

/// The name is misspelt, so there is no such member.
#[expect(clippy::expect_used, reason = "the mistake")]
fn rank(name: &str) -> i64 {
    let members = HashMap::from([("anna", 1), ("bert", 2)]);
    *members.get(name).expect("a member")
}

#[derive(serde::Deserialize)]
struct Team {
    id: u32,
}

/// Nobody thought of a payload with several.
fn one_team(payload: &[u8]) -> Result<Team, Error> {
    serde_json::from_slice(payload).map_err(Error::invalid_from)
}

fn share(of: i64, among: i64) -> i64 {
    of / black_box(among)
}

fn endless_loop() -> Object {
    loop {
        black_box(());
    }
}

fn allocate() -> Object {
    let mut kept = Vec::new();
    loop {
        kept.push(black_box(vec![1_u8; 1 << 20]));
    }
}

lockgate_guest::export!(Broken, manifest = "manifest.toml");
