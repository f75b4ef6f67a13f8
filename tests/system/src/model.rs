//! The content model of these tests.

/// Types for every rule of the semantics.
pub const MODEL: &str = r#"
[[site]]
name = "main"
cultures = ["en-US", "cs-CZ"]

[[site]]
name = "other"
cultures = ["en-US"]

[[object_type]]
name = "cms.user"
fields = [
    { name = "email", kind = "text", length_max = 50, unique = true },
    { name = "age", kind = "integer" },
]

[[object_type]]
name = "cms.role"
scope = "site"

[[object_type]]
name = "test.counter"
fields = [{ name = "n", kind = "integer" }]

[[object_type]]
name = "shop.maker"

[[object_type]]
name = "shop.leaf"
parent = "shop.maker"

[[object_type]]
name = "shop.tag"

[[object_type]]
name = "shop.variant"
parent = "shop.product"
fields = [
    { name = "sku", kind = "text" },
    { name = "maker", kind = "reference", to = "shop.maker", need = "optional" },
]

[[object_type]]
name = "shop.product"
children = [
    { type = "shop.variant", mode = "complete" },
    { type = "shop.product-tag", mode = "incremental" },
]
fields = [
    { name = "price", kind = "decimal" },
    { name = "maker", kind = "reference", to = "shop.maker", need = "required" },
    { name = "second", kind = "reference", to = "shop.maker", need = "optional" },
    { name = "third", kind = "reference", to = "shop.maker", need = "required-with-default", default = "nobody" },
    { name = "leaf", kind = "reference", to = "shop.leaf", need = "required" },
    { name = "page", kind = "reference", to = "cms.node", need = "optional" },
    { name = "role", kind = "reference", to = "cms.role", need = "optional" },
    { name = "tags", kind = "references", to = "shop.tag", need = "optional" },
]

[[binding_type]]
name = "shop.product-tag"
binds = ["product", "tag"]
fields = [
    { name = "product", kind = "reference", to = "shop.product", need = "required" },
    { name = "tag", kind = "reference", to = "shop.tag", need = "binding" },
    { name = "weight", kind = "integer" },
]

[[page_type]]
name = "cms.page"
fields = [
    { name = "text", kind = "text" },
    { name = "owner", kind = "reference", to = "cms.user", need = "required" },
    { name = "related", kind = "references", to = "cms.node", need = "optional" },
]
"#;
