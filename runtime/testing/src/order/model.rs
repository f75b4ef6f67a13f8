//! The content model of a class.

use std::collections::BTreeMap;

use super::class::Class;

/// The name of the object that references fall back on.
pub const DEFAULT: &str = "standard";

const MODEL: &str = r#"
[[site]]
name = "main"
cultures = ["en-US", "de-DE"]

[[object_type]]
name = "order.thing"
fields = [
    { name = "value", kind = "integer", unique = true },
    { name = "number", kind = "integer" },
    { name = "good", kind = "boolean", required = true },
    { name = "version", kind = "integer" },
    { name = "needed", kind = "reference", to = "order.thing", need = "required" },
    { name = "wanted", kind = "reference", to = "order.thing", need = "optional" },
    { name = "standard", kind = "reference", to = "order.thing", need = "required-with-default", default = "standard" },
    { name = "needed_page", kind = "reference", to = "order.page", need = "required" },
    { name = "wanted_page", kind = "reference", to = "order.page", need = "optional" },
]
children = [
    { type = "order.part", mode = "complete" },
    { type = "order.complete", mode = "complete" },
    { type = "order.added", mode = "incremental" },
]

[[object_type]]
name = "order.part"
parent = "order.thing"
parent_required = true
fields = [{ name = "number", kind = "integer" }]

[[object_type]]
name = "order.node"
parent = "order.node"
fields = [{ name = "number", kind = "integer" }]

[[binding_type]]
name = "order.complete"
binds = ["owner", "tie"]
fields = [
    { name = "owner", kind = "reference", to = "order.thing", need = "required" },
    { name = "tie", kind = "reference", to = "order.thing", need = "binding" },
]

[[binding_type]]
name = "order.added"
binds = ["owner", "tie"]
fields = [
    { name = "owner", kind = "reference", to = "order.thing", need = "required" },
    { name = "tie", kind = "reference", to = "order.thing", need = "binding" },
]

[[page_type]]
name = "order.page"
fields = [
    { name = "number", kind = "integer" },
    { name = "needed", kind = "reference", to = "order.thing", need = "required" },
    { name = "wanted", kind = "reference", to = "order.thing", need = "optional" },
    { name = "standard", kind = "reference", to = "order.thing", need = "required-with-default", default = "standard" },
]
"#;

/// Its files. `cured`: it takes what bad objects leave out.
pub fn files(class: &Class, cured: bool) -> BTreeMap<String, String> {
    let mut text = MODEL.to_owned();
    if class.newer.is_some() {
        text = text.replace("name = \"order.thing\"\n", "name = \"order.thing\"\nnewer_by = \"version\"\n");
    }
    if cured {
        text = text.replace("kind = \"boolean\", required = true", "kind = \"boolean\"");
    }
    BTreeMap::from([("order.toml".to_owned(), text)])
}
