//! Questions in the file, as they were stated: a list in which each object comes behind its parent and
//! its group, so that reading one needs no recursion, however deep a damaged row says that it is.

use std::sync::Arc;

use lockgate_core::rows::{Stated, StatedObject, StatedPage};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Fault;
use crate::names::{Intern, Known, NO_NAME};

const WHAT: &str = "question";

/// Longest chain of parents and groups that is read.
const DEPTH_MAX: u32 = 1_000;

/// Variants are numbered by position: add at the end only.
#[derive(Serialize, Deserialize)]
pub enum DiskStated<'a> {
    /// The last one is the question.
    Object(#[serde(borrow)] Vec<DiskStatedObject<'a>>),
    Page {
        class_name: u32,
        site: u32,
        guid: [u8; 16],
        /// 0: any.
        culture: u32,
    },
}

/// Variants are numbered by position: add at the end only.
#[derive(Serialize, Deserialize)]
pub enum DiskStatedObject<'a> {
    Guid(u32, [u8; 16]),
    Named {
        object_type: u32,
        /// How its name compares.
        names: u8,
        name: &'a str,
        site: u32,
        /// Where its parent stands in the list, from 1; 0 for none.
        parent: u32,
        /// The same of its group.
        group: u32,
    },
}

impl<'a> DiskStated<'a> {
    pub fn of(stated: &'a Stated, names: &mut dyn Intern) -> Self {
        match stated {
            Stated::Object(object) => {
                let mut list = Vec::new();
                push(object, &mut list, names);
                Self::Object(list)
            }
            Stated::Page(page) => Self::Page {
                class_name: names.id(page.class_name.as_str()),
                site: names.id(page.site.as_str()),
                guid: page.guid.into_bytes(),
                culture: page.culture.as_ref().map_or(NO_NAME, |culture| names.id(culture.as_str())),
            },
        }
    }

    pub fn stated(self, names: &Known) -> Result<Arc<Stated>, Fault> {
        Ok(Arc::new(match self {
            Self::Object(list) => Stated::Object(object(list, names)?),
            Self::Page { class_name, site, guid, culture } => Stated::Page(StatedPage {
                class_name: names.type_name(class_name)?,
                site: names.site(site)?,
                guid: Uuid::from_bytes(guid),
                culture: if culture == NO_NAME { None } else { Some(names.culture(culture)?) },
            }),
        }))
    }
}

/// Puts an object behind its parent and its group; its place, from 1.
fn push<'a>(object: &'a StatedObject, list: &mut Vec<DiskStatedObject<'a>>, names: &mut dyn Intern) -> u32 {
    let disk = match object {
        StatedObject::Guid(object_type, guid) => DiskStatedObject::Guid(names.id(object_type.as_str()), guid.into_bytes()),
        StatedObject::Named { object_type, name, site, parent, group } => DiskStatedObject::Named {
            parent: parent.as_deref().map_or(0, |parent| push(parent, list, names)),
            group: group.as_deref().map_or(0, |group| push(group, list, names)),
            object_type: names.id(object_type.as_str()),
            names: super::rule(name),
            name: name.as_str(),
            site: names.site(site.as_ref()),
        },
    };
    list.push(disk);
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}

/// An object that was read, and how long its longest chain is.
type Read = (Arc<StatedObject>, u32);

fn object(list: Vec<DiskStatedObject<'_>>, names: &Known) -> Result<StatedObject, Fault> {
    let mut read: Vec<Read> = Vec::with_capacity(list.len());
    for disk in list {
        let one = match disk {
            DiskStatedObject::Guid(object_type, guid) => (StatedObject::Guid(names.type_name(object_type)?, Uuid::from_bytes(guid)), 1),
            DiskStatedObject::Named { object_type, names: rule, name, site, parent, group } => {
                let (parent, group) = (above(&read, parent)?, above(&read, group)?);
                let depth = 1 + [&parent, &group].into_iter().flatten().map(|(_, depth)| *depth).max().unwrap_or(0);
                if depth > DEPTH_MAX {
                    return Err(Fault::row(WHAT, "its chain of parents is too long"));
                }
                let named = StatedObject::Named {
                    object_type: names.type_name(object_type)?,
                    name: super::code_name(WHAT, rule, name)?,
                    site: names.maybe_site(site)?,
                    parent: parent.map(|(parent, _)| parent),
                    group: group.map(|(group, _)| group),
                };
                (named, depth)
            }
        };
        read.push((Arc::new(one.0), one.1));
    }
    let (last, _) = read.pop().ok_or_else(|| Fault::row(WHAT, "it is empty"))?;
    // Those that a damaged row names twice are kept elsewhere, too.
    Ok(Arc::unwrap_or_clone(last))
}

/// The one at this place, which comes before; `None` for place 0.
fn above(read: &[Read], place: u32) -> Result<Option<Read>, Fault> {
    let Some(index) = place.checked_sub(1) else { return Ok(None) };
    let found = usize::try_from(index).ok().and_then(|index| read.get(index));
    found.cloned().map(Some).ok_or_else(|| Fault::row(WHAT, "an object comes before its parent"))
}

#[cfg(test)]
mod tests {
    use lockgate_core::names::{CodeName, Culture, SiteName, TypeName};

    use super::*;
    use crate::names::Names;

    fn named(name: &str, parent: Option<StatedObject>, group: Option<StatedObject>) -> StatedObject {
        StatedObject::Named {
            object_type: TypeName::new("cms.role").unwrap(),
            name: CodeName::new(name).unwrap(),
            site: Some(SiteName::new("main").unwrap()),
            parent: parent.map(Arc::new),
            group: group.map(Arc::new),
        }
    }

    fn there_and_back(stated: &Stated) -> Result<Arc<Stated>, Fault> {
        let names = Names::default();
        let bytes = super::super::encode(&DiskStated::of(stated, &mut names.interner()));
        super::super::decode::<DiskStated<'_>>(WHAT, &bytes)?.stated(&names.known())
    }

    #[test]
    fn questions_come_back_as_they_were_stated() {
        let guid = StatedObject::Guid(TypeName::new("cms.user").unwrap(), Uuid::from_u128(7));
        let exact = StatedObject::Named {
            object_type: TypeName::new("cms.role").unwrap(),
            name: CodeName::exact("AbC").unwrap(),
            site: None,
            parent: None,
            group: None,
        };
        let deep = named("leaf", Some(named("branch", None, Some(guid.clone()))), Some(named("Group", None, None)));
        let page = StatedPage {
            class_name: TypeName::new("cms.node").unwrap(),
            site: SiteName::new("main").unwrap(),
            guid: Uuid::from_u128(9),
            culture: Some(Culture::new("en-US").unwrap()),
        };
        let any = StatedPage { culture: None, ..page.clone() };
        for stated in [Stated::Object(guid), Stated::Object(exact), Stated::Object(deep), Stated::Page(page), Stated::Page(any)] {
            assert_eq!(*there_and_back(&stated).unwrap(), stated);
        }
    }

    #[test]
    fn a_chain_without_end_is_refused() {
        let mut chain = named("last", None, None);
        for _ in 1..DEPTH_MAX {
            chain = named("above", Some(chain), None);
        }
        assert!(there_and_back(&Stated::Object(chain.clone())).is_ok());
        assert!(there_and_back(&Stated::Object(named("one too many", Some(chain), None))).is_err());
    }

    #[test]
    fn a_parent_that_comes_later_is_refused() {
        let known = Names::default();
        let object_type = known.interner().id("cms.role");
        let named = |parent| DiskStatedObject::Named { object_type, names: super::super::FOLDED, name: "x", site: 0, parent, group: 0 };
        for list in [vec![named(1)], vec![named(0), named(3)], Vec::new()] {
            assert!(DiskStated::Object(list).stated(&known.known()).is_err());
        }
    }
}
