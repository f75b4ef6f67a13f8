//! Random tasks: few names, so that they meet.

use lockgate_core::task::TaskType;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

pub const SITES: [&str; 2] = ["main", "other"];
pub const CULTURES: [&str; 2] = ["en-US", "cs-CZ"];

#[derive(Clone, Debug)]
pub enum Op {
    /// The site's number; whether it is a `snapshot` (else a `simple-snapshot`).
    Object(TaskType, usize, bool, ObjectDoc),
    /// A binding of its own: whether it is deleted, the user, the role, a note.
    Member(bool, String, String, Option<String>),
    Page(TaskType, usize, PageDoc),
}

#[derive(Clone, Debug)]
pub struct ObjectDoc {
    pub of: &'static str,
    pub name: &'static str,
    pub guid: Option<u8>,
    pub display: Option<String>,
    pub parent: Option<String>,
    pub fields: Vec<(&'static str, Given)>,
    pub children: Vec<Child>,
}

#[derive(Clone, Debug)]
pub enum Given {
    Null,
    Text(String),
    Reference(String),
}

#[derive(Clone, Debug)]
pub enum Child {
    Tree(&'static str),
    Review(&'static str, Given),
    Member(String, Option<String>),
}

#[derive(Clone, Debug)]
pub struct PageDoc {
    pub of: &'static str,
    pub guid: Option<u8>,
    pub culture: usize,
    pub name: String,
    pub alias: &'static str,
    pub parent: Parent,
    pub order: Option<i32>,
    pub published: Option<bool>,
    pub author: Given,
}

#[derive(Clone, Debug)]
pub enum Parent {
    Unsaid,
    Root,
    Guid(u8),
    /// A page under the root.
    Path(&'static str),
}

pub fn row_guid(n: u8) -> String {
    format!("00000000-0000-0000-0000-0000000000{n:02x}")
}

pub fn page_guid(n: u8) -> String {
    format!("00000000-0000-0000-0000-0000000001{n:02x}")
}

fn text() -> impl Strategy<Value = String> {
    select(vec!["a", "b", "c", "long"]).prop_map(str::to_owned)
}

fn user() -> impl Strategy<Value = String> {
    select(vec!["u0", "U0", "u1", "u2", "u3"]).prop_map(str::to_owned)
}

fn role() -> impl Strategy<Value = String> {
    select(vec!["@main|r0", "@main|R1", "@other|r0", "@other|r1", "r0"]).prop_map(str::to_owned)
}

fn tree() -> impl Strategy<Value = Option<String>> {
    prop_oneof![2 => Just(None), 3 => select(vec!["t0", "t1", "t0|t1", "T1|t0", "t0|t1|t2"]).prop_map(|name| Some(name.to_owned()))]
}

/// Given or not, and null sometimes.
fn field(name: &'static str, given: impl Strategy<Value = Given> + 'static) -> BoxedStrategy<Option<(&'static str, Given)>> {
    prop_oneof![1 => Just(None), 1 => Just(Some((name, Given::Null))), 4 => given.prop_map(move |given| Some((name, given)))].boxed()
}

fn texts() -> impl Strategy<Value = Given> {
    text().prop_map(Given::Text)
}

fn users() -> impl Strategy<Value = Given> {
    user().prop_map(Given::Reference)
}

fn author() -> impl Strategy<Value = Given> {
    prop_oneof![1 => Just(Given::Null), 3 => users()]
}

fn pages() -> impl Strategy<Value = Given> {
    (select(SITES.to_vec()), 0..4u8).prop_map(|(site, n)| Given::Reference(format!("{site}:{n}")))
}

fn fields(of: &'static str) -> BoxedStrategy<Vec<(&'static str, Given)>> {
    let all = match of {
        "n.user" => vec![field("email", texts()), field("full", texts()), field("boss", users())],
        "n.product" => vec![field("sku", texts()), field("owner", users()), field("keeper", users()), field("page", pages())],
        _ => vec![field("full", texts())],
    };
    all.prop_map(|fields| fields.into_iter().flatten().collect()).boxed()
}

fn children(of: &'static str) -> BoxedStrategy<Vec<Child>> {
    let child = match of {
        "n.tree" => select(vec!["t0", "t1", "t2"]).prop_map(Child::Tree).boxed(),
        "n.product" => (select(vec!["v0", "v1", "V1"]), author()).prop_map(|(name, author)| Child::Review(name, author)).boxed(),
        "n.user" => (role(), proptest::option::of(text())).prop_map(|(role, note)| Child::Member(role, note)).boxed(),
        _ => return Just(Vec::new()).boxed(),
    };
    proptest::collection::vec(child, 0..4).boxed()
}

fn object(of: &'static str) -> impl Strategy<Value = ObjectDoc> {
    let names = match of {
        "n.user" => vec!["u0", "u1", "U1", "u2", "u3"],
        "n.role" => vec!["r0", "R0", "r1"],
        "n.tree" => vec!["t0", "t1", "T1", "t2"],
        _ => vec!["p0", "p1", "P0"],
    };
    let parent = if matches!(of, "n.tree" | "n.product") { tree().boxed() } else { Just(None).boxed() };
    let guid = proptest::option::weighted(0.3, 0..4u8);
    let rows = (select(names), guid, proptest::option::weighted(0.3, text()), parent, fields(of), children(of));
    rows.prop_map(move |(name, guid, display, parent, fields, children)| ObjectDoc { of, name, guid, display, parent, fields, children })
}

fn page() -> impl Strategy<Value = PageDoc> {
    let parent = prop_oneof![
        1 => Just(Parent::Unsaid),
        2 => Just(Parent::Root),
        4 => (0..5u8).prop_map(Parent::Guid),
        2 => select(vec!["a0", "A1", "a2"]).prop_map(Parent::Path),
    ];
    let place = (proptest::option::weighted(0.8, 0..5u8), select(vec!["a0", "a1", "A1", "a2"]), parent);
    let rest = (select(vec!["n.page", "n.page", "n.post"]), 0..2usize, text(), proptest::option::of(0..3i32));
    (place, rest, proptest::option::weighted(0.3, any::<bool>()), author()).prop_map(
        |((guid, alias, parent), (of, culture, name, order), published, author)| PageDoc {
            of,
            guid,
            culture,
            name,
            alias,
            parent,
            order,
            published,
            author,
        },
    )
}

pub fn op() -> impl Strategy<Value = Op> {
    use TaskType as T;
    let object_types = vec![T::CreateObject, T::UpdateObject, T::UpdateObject, T::DeleteObject, T::AddToSite, T::RemoveFromSite];
    let page_types = vec![
        T::CreateDocument,
        T::UpdateDocument,
        T::UpdateDocument,
        T::DeleteDocument,
        T::DeleteAllCultures,
        T::PublishDocument,
        T::ArchiveDocument,
        T::MoveDocument,
        T::MoveDocument,
    ];
    let doc = select(vec!["n.user", "n.user", "n.role", "n.tree", "n.product"]).prop_flat_map(object);
    prop_oneof![
        5 => (select(object_types), 0..2usize, prop_oneof![1 => Just(false), 3 => Just(true)], doc)
            .prop_map(|(task_type, site, snapshot, doc)| Op::Object(task_type, site, snapshot, doc)),
        1 => (any::<bool>(), user(), role(), proptest::option::of(text()))
            .prop_map(|(delete, user, role, note)| Op::Member(delete, user, role, note)),
        4 => (select(page_types), 0..2usize, page()).prop_map(|(task_type, site, doc)| Op::Page(task_type, site, doc)),
    ]
}

impl Op {
    /// The internal object of §2.
    pub fn body(&self) -> Value {
        match self {
            Self::Object(_, _, _, doc) => {
                let children: Vec<Value> = doc.children.iter().map(child).collect();
                let mut out = json!({ "type": doc.of, "code_name": doc.name, "fields": given(&doc.fields), "children": children });
                out["guid"] = doc.guid.map(row_guid).into();
                out["display_name"] = doc.display.clone().into();
                out["parent"] = doc.parent.clone().into();
                json!({ "object": out })
            }
            Self::Member(_, user, role, note) => {
                let mut fields = json!({ "user": { "reference": user }, "role": { "reference": role } });
                if let Some(note) = note {
                    fields["note"] = note.as_str().into();
                }
                json!({ "object": { "type": "n.member", "fields": fields } })
            }
            Self::Page(_, _, doc) => {
                let parent = match &doc.parent {
                    Parent::Unsaid => Value::Null,
                    Parent::Root => json!("root"),
                    Parent::Guid(n) => json!({ "guid": page_guid(*n) }),
                    Parent::Path(alias) => json!({ "path": format!("/{alias}") }),
                };
                json!({ "page": {
                    "class_name": doc.of, "node_guid": doc.guid.map(page_guid), "culture": CULTURES[doc.culture], "name": doc.name,
                    "alias": doc.alias, "parent": parent, "order": doc.order, "published": doc.published,
                    "fields": given(&[("author", doc.author.clone())]),
                }})
            }
        }
    }
}

fn given(fields: &[(&'static str, Given)]) -> Map<String, Value> {
    let value = |given: &Given| match given {
        Given::Null => Value::Null,
        Given::Text(text) => json!(text),
        Given::Reference(id) => json!({ "reference": id }),
    };
    fields.iter().map(|(name, given)| ((*name).to_owned(), value(given))).collect()
}

fn child(child: &Child) -> Value {
    match child {
        Child::Tree(name) => json!({ "type": "n.tree", "code_name": name }),
        Child::Review(name, author) => json!({ "type": "n.review", "code_name": name, "fields": given(&[("author", author.clone())]) }),
        Child::Member(role, note) => {
            let mut fields = json!({ "role": { "reference": role } });
            if let Some(note) = note {
                fields["note"] = note.as_str().into();
            }
            json!({ "type": "n.member", "fields": fields })
        }
    }
}
