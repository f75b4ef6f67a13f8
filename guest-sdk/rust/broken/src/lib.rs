//! A connector whose external object names a mistake, which it then makes: to show what its author sees.

use std::collections::HashMap;
use std::hint::black_box;

use lockgate_guest::{Child, Connector, Error, External, Object, ObjectParams, Prepared, Task, Value};

struct Broken;

impl Connector for Broken {
    fn prepare_internal_object(external: External, _: Task) -> Result<Prepared, Error> {
        let role = Object::new("cms.role", "broken");
        let mistake = external.text()?.trim();
        if mistake.lines().count() > 1 {
            return Err(Error::invalid(format!("a task is about one mistake, and this has {}", mistake.lines().count())));
        }
        let role = match mistake {
            "fine" => role,
            "typo" => role.field("rank", rank("ana")),
            "wrong-type" => role.field("rank", "first"),
            "divide-by-zero" => role.field("rank", share(100, 0)),
            "endless-loop" => endless_loop(),
            "allocate" => allocate(),
            "field-kind" => role.field("rank", "first"),
            "code-name" => role.field("lead", Value::Reference("Anna".into())),
            "required-child" => role.child(Child::new("cms.note", "first")),
            other => return Err(Error::invalid(format!("no such mistake: {other:?}"))),
        };
        Ok(role.into())
    }

    /// The stored name is "anna".
    fn get_internal_object_params(id: String, _: String) -> Result<ObjectParams, Error> {
        Ok(ObjectParams::new(id))
    }
}

/// The name is misspelt, so there is no such member.
#[expect(clippy::expect_used, reason = "the mistake")]
fn rank(name: &str) -> i64 {
    let members = HashMap::from([("anna", 1), ("bert", 2)]);
    *members.get(name).expect("a member")
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
