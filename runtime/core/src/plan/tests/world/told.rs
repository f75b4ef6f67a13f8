//! What is stored, for people.

use std::sync::Arc;

use super::World;
use crate::element::shown;
use crate::park::{LooseAt, LooseEnd};
use crate::rows::{Owner, Target};
use crate::value::Stored;

impl World {
    /// What is stored, without ids and made up GUIDs: `t.x parent/name #guid field=value …`.
    pub(in crate::plan::tests) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for row in self.objects.values() {
            let mut line = format!("{} {}", row.object_type, self.name(Target::Object(row.id)));
            if row.guid_given {
                line += &format!(" #{}", row.guid.as_u128());
            }
            row.sites.iter().for_each(|site| line += &format!(" @{site}"));
            line += &self.fields(&row.fields);
            row.scope.group.iter().for_each(|group| line += &format!(" group={}", self.name(Target::Object(*group))));
            lines.push(line);
        }
        for row in self.pages.values() {
            let cultures: Vec<String> =
                row.cultures.iter().map(|(culture, version)| format!(" {culture}{}", self.fields(&version.fields))).collect();
            lines.push(format!("{} {} #{}{}", row.class_name, self.name(Target::Page(row.id)), row.guid.as_u128(), cultures.concat()));
        }
        for row in self.bindings.values() {
            lines.push(format!("{}{}", row.binding_type, self.fields(&row.fields)));
        }
        lines.sort();
        lines
    }

    fn fields(&self, fields: &crate::rows::Fields) -> String {
        let value = |value: &Stored| match value {
            Stored::Reference(target) => self.name(*target),
            Stored::Plain(crate::value::Plain::Text(text)) => text.to_string(),
            Stored::Plain(plain) => format!("{plain:?}"),
        };
        fields.iter().map(|(name, stored)| format!(" {}={}", shown(name), value(stored))).collect()
    }

    fn name(&self, target: Target) -> String {
        match target {
            Target::Object(id) => match self.objects.get(&id.0) {
                Some(row) => {
                    let site = row.scope.site.as_ref().map_or(String::new(), |site| format!("{site}:"));
                    let above = row.scope.parent.map_or(String::new(), |parent| format!("{}/", self.name(Target::Object(parent))));
                    format!("{site}{above}{}", row.code_name)
                }
                None => "gone".to_owned(),
            },
            Target::Page(id) => match self.pages.get(&id.0) {
                Some(row) => format!("{}/{}", row.parent.map_or(String::new(), |parent| self.name(Target::Page(parent))), row.alias),
                None => "gone".to_owned(),
            },
        }
    }

    /// What waits in a loose end, for people.
    pub(in crate::plan::tests) fn loose_lines(&self) -> Vec<String> {
        let line = |end: &Arc<LooseEnd>| {
            let at = match &end.at {
                LooseAt::Object(id, field) => format!("{}.{}", self.name(Target::Object(*id)), shown(field)),
                LooseAt::Page(id, culture, field) => format!("{}.{culture}.{}", self.name(Target::Page(*id)), shown(field)),
                LooseAt::Binding(_, field) => format!("binding.{field}"),
                LooseAt::NotMade(at) => match &at.owner {
                    Owner::Row(target) => format!("{} of {}", at.binding_type, self.name(*target)),
                    Owner::Stated(_) => format!("{} of nobody", at.binding_type),
                },
            };
            let wants: Vec<&str> = end.wants.iter().map(|want| &*want.what).collect();
            format!("{at}: {}", wants.join(", "))
        };
        self.loose.values().map(line).collect()
    }
}
