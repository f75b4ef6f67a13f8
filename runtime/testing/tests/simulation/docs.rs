//! What is submitted.

use lockgate_core::admit::Submission;
use lockgate_core::failure::Code;
use lockgate_core::names::SiteName;
use lockgate_core::task::{DataType, ExternalObject, INTERNAL_MEDIA_TYPE, ProcessType, TaskType};
use serde_json::{Value, json};

use super::setup::Connector;
use lockgate_testing::Dice;

pub const SITES: [&str; 2] = ["main", "other"];
pub const CULTURES: [[&str; 2]; 2] = [["en-US", "cs-CZ"], ["en-US", "de-DE"]];

/// One submission. Its serial stands in its title and in what it writes.
#[derive(Debug, Clone)]
pub struct Sub {
    pub serial: u64,
    pub connector: usize,
    pub process_type: ProcessType,
    pub task_type: TaskType,
    pub data_type: DataType,
    /// Position in [`SITES`].
    pub site: usize,
    pub doc: Doc,
    /// Whether it is an internal object already.
    pub internal: bool,
    /// Whether its translation writes to the connector's state.
    pub keeps: bool,
    pub way: Way,
    pub key: Option<u8>,
}

#[derive(Debug, Clone)]
pub enum Doc {
    Mark,
    Secret,
    Owner(u8),
    Item { n: u8, owner: u8, other: Option<u8>, parts: u8, links: u8 },
    Page { n: u8, culture: usize, parent: Parent, author: Option<u8> },
}

#[derive(Debug, Clone, Copy)]
pub enum Parent {
    Unsaid,
    Root,
    Page(u8),
}

/// What the connector does with it.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    Fine,
    /// So many tries fail.
    Fails(u32, Code, Option<u32>),
    Skips,
    /// It prepares an object of a type that no model declares.
    Undeclared,
}

impl Sub {
    pub fn new(dice: &mut Dice, serial: u64, connectors: usize) -> Self {
        let doc = match dice.below(10) {
            0..=1 => Doc::Mark,
            2 => Doc::Secret,
            3..=4 => Doc::Owner(dice.small(3)),
            5..=6 => Doc::Item {
                n: dice.small(4),
                owner: dice.small(3),
                other: dice.one_in(2).then(|| dice.small(4)),
                parts: dice.small(8),
                links: dice.small(8),
            },
            _ => Doc::Page {
                n: dice.small(6),
                culture: dice.below(2) as usize,
                parent: dice.one_of(&[Parent::Unsaid, Parent::Root, Parent::Page(0), Parent::Page(1), Parent::Page(2)]),
                author: dice.one_in(3).then(|| dice.small(3)),
            },
        };
        let types: &[TaskType] = match doc {
            Doc::Page { .. } => &PAGE_TYPES,
            Doc::Mark | Doc::Secret => &[TaskType::CreateObject],
            _ => &OBJECT_TYPES,
        };
        let codes = [Code::Unavailable, Code::Unavailable, Code::Invalid, Code::Trap];
        Self {
            serial,
            connector: dice.below(connectors as u64) as usize,
            process_type: dice.one_of(&[
                ProcessType::Default,
                ProcessType::Default,
                ProcessType::Default,
                ProcessType::SkipOnError,
                ProcessType::SkipOnError,
                ProcessType::SkipOnce,
                ProcessType::DeleteOnError,
            ]),
            task_type: dice.one_of(types),
            data_type: if dice.one_in(10) { dice.one_of(DataType::ALL) } else { DataType::Snapshot },
            site: usize::from(dice.one_in(3)),
            doc,
            internal: dice.one_in(6),
            keeps: dice.one_in(2),
            way: match dice.below(12) {
                0..=2 => Way::Fails(1 + dice.below(3) as u32, dice.one_of(&codes), dice.one_in(3).then_some(90_000)),
                3 => Way::Skips,
                4 if dice.one_in(3) => Way::Undeclared,
                _ => Way::Fine,
            },
            key: dice.one_in(3).then(|| dice.small(6)),
        }
    }

    pub fn submission(&self, connectors: &[Connector]) -> Submission {
        let (media_type, body) = match self.internal {
            true => (INTERNAL_MEDIA_TYPE, self.json().to_string()),
            false => ("text/plain", format!("{}\n{}", self.serial, self.json())),
        };
        let needs_site = self.task_type.needs_site();
        Submission {
            connector: connectors[self.connector].name.clone(),
            external: ExternalObject { media_type: media_type.into(), body: body.into_bytes().into() },
            process_type: self.process_type,
            task_type: self.task_type,
            data_type: self.data_type,
            site: needs_site.then(|| SiteName::new(SITES[self.site]).unwrap()),
            title: self.serial.to_string(),
            subject: None,
            file_name: None,
            idempotency_key: self.key.map(|key| format!("key-{key}")),
            traceparent: None,
        }
    }

    fn json(&self) -> Value {
        let last = self.serial.to_string();
        match &self.doc {
            Doc::Mark => object("sim.mark", &format!("m{last}"), json!({ "last": last })),
            Doc::Secret => object("sim.secret", &format!("s{last}"), json!({ "last": last })),
            Doc::Owner(n) => object("sim.owner", &format!("o{n}"), json!({ "last": last })),
            Doc::Item { n, owner, other, parts, links } => {
                let refer = |name: String| json!({ "reference": name });
                let fields = json!({ "last": last, "owner": refer(format!("o{owner}")), "other": other.map(|n| refer(format!("i{n}"))) });
                let mut whole = object("sim.item", &format!("i{n}"), fields);
                let parts = bits(*parts).map(|bit| json!({ "type": "sim.part", "code_name": format!("p{bit}") }));
                let links = bits(*links).map(|bit| json!({ "type": "sim.link", "fields": { "owner": refer(format!("o{bit}")) } }));
                whole["object"]["children"] = parts.chain(links).collect();
                whole
            }
            Doc::Page { n, culture, parent, author } => json!({ "page": {
                "class_name": "sim.page",
                "node_guid": guid(*n),
                "culture": CULTURES[self.site][*culture],
                "name": last,
                "alias": alias(*n),
                "parent": match parent {
                    Parent::Unsaid => Value::Null,
                    Parent::Root => json!("root"),
                    Parent::Page(n) => json!({ "guid": guid(*n) }),
                },
                "fields": { "author": author.map(|n| json!({ "reference": format!("o{n}") })) },
            }}),
        }
    }
}

const OBJECT_TYPES: [TaskType; 7] = [
    TaskType::CreateObject,
    TaskType::CreateObject,
    TaskType::UpdateObject,
    TaskType::UpdateObject,
    TaskType::DeleteObject,
    TaskType::AddToSite,
    TaskType::RemoveFromSite,
];

const PAGE_TYPES: [TaskType; 9] = [
    TaskType::CreateDocument,
    TaskType::CreateDocument,
    TaskType::UpdateDocument,
    TaskType::DeleteDocument,
    TaskType::DeleteAllCultures,
    TaskType::PublishDocument,
    TaskType::ArchiveDocument,
    TaskType::MoveDocument,
    TaskType::MoveDocument,
];

fn object(type_name: &str, code_name: &str, fields: Value) -> Value {
    json!({ "object": { "type": type_name, "code_name": code_name, "fields": fields } })
}

pub fn bits(mask: u8) -> impl Iterator<Item = u8> {
    (0..8).filter(move |bit| mask & (1 << bit) != 0)
}

pub fn guid(n: u8) -> String {
    format!("00000000-0000-0000-0000-0000000000{n:02x}")
}

/// Few, so that paths collide.
pub fn alias(n: u8) -> String {
    format!("a{}", n % 4)
}
