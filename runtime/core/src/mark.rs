//! Marks: what a store keeps of a question, so that whoever waits for another answer is found by what a
//! commit touched. They stand in files, and are the same on every machine and in every release.

use std::fmt;
use std::hash::Hasher as _;

use siphasher::sip::SipHasher13;
use uuid::Uuid;

use crate::key::{
    BindingKey, BindingsOf, FormerKey, Key, LineKey, LooseKey, LooseOf, ObjectKey, ObjectsKey, PageKey, PagesUnder, ReferrersOf, TombBy,
    TombKey,
};
use crate::names::{SiteName, TypeName};
use crate::park::{Line, LineKind};
use crate::rows::{Owner, Scope, Stated, StatedObject, StatedPage, Target};
use crate::task::TaskId;

/// The version of the rule by which marks are made. A store that keeps marks keeps this number beside
/// them, and makes them anew when the numbers differ. Counted up with each change of what [`Marker`] or
/// [`Key::mark`] does.
pub const RULE: u64 = 1;

/// What is kept of a question: its hash. Two questions with one mark cost a needless look, never a missed
/// one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark(pub u64);

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl std::str::FromStr for Mark {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

/// Makes a mark from parts. Parts of different kinds, or in another order, make another mark.
#[derive(Debug, Clone)]
pub struct Marker(SipHasher13);

impl Marker {
    /// For one kind of mark.
    pub fn new(kind: &str) -> Self {
        Self(SipHasher13::new_with_keys(0, RULE)).text(kind)
    }

    /// With a text.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.write_u64(text.len() as u64);
        self.0.write(text.as_bytes());
        self
    }

    /// With a number.
    #[must_use]
    pub fn number(mut self, number: u64) -> Self {
        self.0.write(&number.to_le_bytes());
        self
    }

    /// With a number that may be missing.
    #[must_use]
    pub fn maybe(self, number: Option<u64>) -> Self {
        match number {
            Some(number) => self.number(1).number(number),
            None => self.number(0),
        }
    }

    /// With a GUID.
    #[must_use]
    pub fn guid(mut self, guid: Uuid) -> Self {
        self.0.write(guid.as_bytes());
        self
    }

    fn site(self, site: Option<&SiteName>) -> Self {
        // No site has an empty name.
        self.text(site.map_or("", SiteName::as_str))
    }

    fn scope(self, scope: &Scope) -> Self {
        self.site(scope.site.as_ref()).maybe(scope.parent.map(|id| id.0)).maybe(scope.group.map(|id| id.0))
    }

    fn target(self, target: Target) -> Self {
        match target {
            Target::Object(id) => self.number(0).number(id.0),
            Target::Page(id) => self.number(1).number(id.0),
        }
    }

    /// With a question as it was stated.
    #[must_use]
    pub fn stated(self, stated: &Stated) -> Self {
        match stated {
            Stated::Object(object) => self.number(0).stated_object(object),
            Stated::Page(page) => self.number(1).stated_page(page),
        }
    }

    fn stated_object(self, object: &StatedObject) -> Self {
        match object {
            StatedObject::Guid(object_type, guid) => self.number(0).text(object_type.as_str()).guid(*guid),
            StatedObject::Named { object_type, name, site, parent, group } => {
                let mut marker = self.number(1).text(object_type.as_str()).text(name.key()).site(site.as_ref());
                for above in [parent, group] {
                    marker = match above {
                        Some(above) => marker.number(1).stated_object(above),
                        None => marker.number(0),
                    };
                }
                marker
            }
        }
    }

    fn stated_page(self, page: &StatedPage) -> Self {
        self.text(page.class_name.as_str())
            .text(page.site.as_str())
            .guid(page.guid)
            .text(page.culture.as_ref().map_or("", |culture| culture.as_str()))
    }

    /// The mark.
    pub fn mark(self) -> Mark {
        Mark(self.0.finish())
    }
}

/// The end of a task: what waits behind it wants this.
pub fn ended(task: TaskId) -> Mark {
    Marker::new("ended").number(task.0).mark()
}

/// What a waiting task brings when it brings the row with this GUID, whatever its site.
pub fn brings_guid(type_name: &TypeName, guid: Uuid) -> Mark {
    Marker::new("brings-guid").text(type_name.as_str()).guid(guid).mark()
}

/// What a waiting task brings when it brings a row of this name (`key` as the type compares names),
/// whatever its scope.
pub fn brings_name(type_name: &TypeName, key: &str) -> Mark {
    Marker::new("brings-name").text(type_name.as_str()).text(key).mark()
}

impl Line {
    /// The line of a subject that the submission states.
    pub fn submitted(subject: &str) -> Self {
        Self { kind: LineKind::Subject, mark: Marker::new("line-submitted").text(subject).mark() }
    }
}

impl Key {
    /// Its mark.
    pub fn mark(&self) -> Mark {
        let m = Marker::new;
        match self {
            Self::Object(ObjectKey::Id(id)) => m("object-id").number(id.0),
            Self::Object(ObjectKey::Name(object_type, scope, name)) => m("object-name").text(object_type.as_str()).scope(scope).text(name),
            Self::Object(ObjectKey::Guid(object_type, guid)) => m("object-guid").text(object_type.as_str()).guid(*guid),
            Self::Object(ObjectKey::Unique(object_type, field, value)) => {
                m("object-unique").text(object_type.as_str()).text(field.as_str()).text(value)
            }
            Self::Objects(ObjectsKey::AnyNamed(object_type, site, name)) => {
                m("objects-named").text(object_type.as_str()).site(site.as_ref()).text(name)
            }
            Self::Objects(ObjectsKey::Children(parent, object_type)) => m("objects-children").number(parent.0).text(object_type.as_str()),
            Self::Page(PageKey::Id(id)) => m("page-id").number(id.0),
            Self::Page(PageKey::Guid(site, guid)) => m("page-guid").text(site.as_str()).guid(*guid),
            Self::Page(PageKey::Alias(site, parent, alias)) => m("page-alias").text(site.as_str()).maybe(parent.map(|id| id.0)).text(alias),
            Self::Page(PageKey::ChildOf(id)) => m("page-child-of").number(id.0),
            Self::PageIds(PagesUnder(id)) => m("pages-under").number(id.0),
            Self::Binding(BindingKey::Id(id)) => m("binding-id").number(id.0),
            Self::Binding(BindingKey::Binds(binding_type, targets)) => {
                targets.iter().fold(m("binding-binds").text(binding_type.as_str()), |marker, target| marker.target(*target))
            }
            Self::Bindings(BindingsOf(binding_type, owner)) => m("bindings-of").text(binding_type.as_str()).target(*owner),
            Self::Referrers(ReferrersOf(target)) => m("referrers-of").target(*target),
            Self::Former(FormerKey(object_type, scope, name)) => m("former").text(object_type.as_str()).scope(scope).text(name),
            Self::Tomb(TombKey { type_name, culture, by }) => {
                let marker = m("tomb").text(type_name.as_str()).text(culture.as_ref().map_or("", |culture| culture.as_str()));
                match by {
                    TombBy::Guid(guid) => marker.number(0).guid(*guid),
                    TombBy::Name(scope, name) => marker.number(1).scope(scope).text(name),
                    TombBy::Page(site, guid) => marker.number(3).text(site.as_str()).guid(*guid),
                    TombBy::Alias(site, parent, alias) => marker.number(2).text(site.as_str()).maybe(parent.map(|id| id.0)).text(alias),
                }
            }
            Self::Loose(LooseKey(id)) => m("loose-id").number(id.0),
            Self::LooseEnds(LooseOf(binding_type, owner)) => {
                let marker = m("loose-of").text(binding_type.as_str());
                match owner {
                    Owner::Row(target) => marker.number(0).target(*target),
                    Owner::Stated(stated) => marker.number(1).stated(stated),
                }
            }
            Self::Line(LineKey { connector, line, before }) => {
                m("line").text(connector.as_str()).number(line.kind as u64).number(line.mark.0).number(before.0)
            }
        }
        .mark()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_what_they_were_when_the_rule_was_made() {
        // They stand in files: when one of these changes, RULE must.
        let name = TypeName::new("cms.user").unwrap();
        let key: Key = ObjectKey::Name(name.clone(), Scope::default(), "anna".into()).into();
        assert_eq!(
            [ended(TaskId(7)), brings_name(&name, "anna"), key.mark()].map(|mark| mark.to_string()),
            ["901330fa133b171a", "599b46408cf23462", "cbd95008da7869b7"].map(str::to_owned)
        );
        assert_eq!(key.mark().to_string().parse(), Ok(key.mark()));
    }
}
