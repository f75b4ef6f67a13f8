//! A loose end in the file. Its id stands in its key.

use std::sync::Arc;

use lockgate_core::park::{LooseAt, LooseEnd, NotMade};
use lockgate_core::rows::{BindingId, LooseId, NodeId, ObjectId, Owner};
use lockgate_core::task::TaskId;
use serde::{Deserialize, Serialize};

use super::binding::{target, target_key};
use super::link::{self, DiskLinks};
use super::stated::DiskStated;
use super::value::{self, DiskFields};
use super::waiting::DiskWant;
use crate::Fault;
use crate::names::{Intern, Known};

const WHAT: &str = "loose end";

#[derive(Serialize, Deserialize)]
struct DiskLoose<'a> {
    connector: u32,
    task: u64,
    since_ms: i64,
    #[serde(borrow)]
    at: DiskAt<'a>,
    #[serde(borrow)]
    stated: Vec<DiskStated<'a>>,
    #[serde(borrow)]
    wants: Vec<DiskWant<'a>>,
}

/// Variants are numbered by position: add at the end only.
#[derive(Serialize, Deserialize)]
enum DiskAt<'a> {
    /// Object, field.
    Object(u64, u32),
    /// Page, culture, field.
    Page(u64, u32, u32),
    /// Binding, field.
    Binding(u64, u32),
    NotMade {
        binding_type: u32,
        #[serde(borrow)]
        owner: DiskOwner<'a>,
        #[serde(borrow)]
        fields: DiskFields<'a>,
        #[serde(borrow)]
        links: DiskLinks<'a>,
    },
}

/// Variants are numbered by position: add at the end only.
#[derive(Serialize, Deserialize)]
enum DiskOwner<'a> {
    /// Kind and id.
    Row(u8, u64),
    Stated(#[serde(borrow)] DiskStated<'a>),
}

/// A loose end's bytes.
pub fn encode(end: &LooseEnd, names: &mut dyn Intern) -> Vec<u8> {
    super::encode(&DiskLoose {
        connector: names.id(end.connector.as_str()),
        task: end.task.0,
        since_ms: end.since_ms,
        at: match &end.at {
            LooseAt::Object(id, field) => DiskAt::Object(id.0, names.id(field.as_str())),
            LooseAt::Page(id, culture, field) => DiskAt::Page(id.0, names.id(culture.as_str()), names.id(field.as_str())),
            LooseAt::Binding(id, field) => DiskAt::Binding(id.0, names.id(field.as_str())),
            LooseAt::NotMade(NotMade { binding_type, owner, fields, links }) => DiskAt::NotMade {
                binding_type: names.id(binding_type.as_str()),
                owner: match owner {
                    Owner::Row(target) => {
                        let (kind, id) = target_key(*target);
                        DiskOwner::Row(kind, id)
                    }
                    Owner::Stated(stated) => DiskOwner::Stated(DiskStated::of(stated, names)),
                },
                fields: value::disk_fields(fields, names),
                links: link::disk_links(links, names),
            },
        },
        stated: end.stated.iter().map(|stated| DiskStated::of(stated, names)).collect(),
        wants: end.wants.iter().map(Into::into).collect(),
    })
}

/// The loose end in these bytes.
pub fn decode(id: u64, bytes: &[u8], names: &Known) -> Result<Arc<LooseEnd>, Fault> {
    let disk: DiskLoose<'_> = super::decode(WHAT, bytes)?;
    Ok(Arc::new(LooseEnd {
        id: LooseId(id),
        connector: names.connector(disk.connector)?,
        task: TaskId(disk.task),
        since_ms: disk.since_ms,
        at: match disk.at {
            DiskAt::Object(id, field) => LooseAt::Object(ObjectId(id), names.field(field)?),
            DiskAt::Page(id, culture, field) => LooseAt::Page(NodeId(id), names.culture(culture)?, names.field(field)?),
            DiskAt::Binding(id, field) => LooseAt::Binding(BindingId(id), names.field(field)?),
            DiskAt::NotMade { binding_type, owner, fields, links } => LooseAt::NotMade(NotMade {
                binding_type: names.type_name(binding_type)?,
                owner: match owner {
                    DiskOwner::Row(kind, id) => Owner::Row(target((kind, id))?),
                    DiskOwner::Stated(stated) => Owner::Stated(stated.stated(names)?),
                },
                fields: value::fields(fields, names)?,
                links: link::links(links, names)?,
            }),
        },
        stated: disk.stated.into_iter().map(|stated| stated.stated(names)).collect::<Result<_, _>>()?,
        wants: disk.wants.iter().map(Into::into).collect(),
    }))
}
