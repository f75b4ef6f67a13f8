//! What a new model changes, and what it may not take away.

use std::fmt;

use super::{ContentModel, Field, Kind, Need, ObjectType};
use crate::names::TypeName;
use crate::ports::Counts;

/// One line of the difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelChange {
    sign: char,
    what: String,
}

impl fmt::Display for ModelChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.sign, self.what)
    }
}

/// What `after` adds (`+`), changes (`~`) and removes (`-`), in the order of names.
pub fn diff(before: &ContentModel, after: &ContentModel) -> Vec<ModelChange> {
    let old = described(before);
    let new = described(after);
    let mut names: Vec<&String> = old.iter().chain(&new).map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter_map(|name| {
            let find = |all: &'_ [(String, String)]| all.iter().find(|(n, _)| n == name).map(|(_, text)| text.clone());
            match (find(&old), find(&new)) {
                (None, Some(text)) => Some(ModelChange { sign: '+', what: format!("{name}: {text}") }),
                (Some(_), None) => Some(ModelChange { sign: '-', what: name.clone() }),
                (Some(was), Some(is)) if was != is => Some(ModelChange { sign: '~', what: format!("{name}: {was} → {is}") }),
                _ => None,
            }
        })
        .collect()
}

/// Sites and types that would go, or change their nature, while rows of them are stored.
pub fn still_used(before: &ContentModel, after: &ContentModel, counts: &Counts) -> Vec<String> {
    let mut problems = Vec::new();
    let count = |name: &TypeName| [&counts.objects, &counts.bindings, &counts.pages].iter().filter_map(|m| m.get(name)).sum::<u64>();
    for (name, was) in &before.object_types {
        let stored = count(name);
        let fits = after.object_types.get(name).is_some_and(|is| {
            is.is_binding() == was.is_binding() && is.binds == was.binds && is.site_bound == was.site_bound && is.parent == was.parent
        });
        if stored > 0 && !fits {
            problems.push(format!("type {name} has {stored} stored rows: it must keep its kind, scope, parent type and `binds`"));
        }
    }
    for name in before.page_types.keys() {
        let stored = count(name);
        if stored > 0 && !after.page_types.contains_key(name) {
            problems.push(format!("page type {name} has {stored} stored pages and must stay"));
        }
    }
    if !counts.pages.is_empty() || !counts.objects.is_empty() {
        for (name, was) in &before.sites {
            let kept = after.sites.get(name).is_some_and(|is| was.cultures.iter().all(|c| is.cultures.contains(c)));
            if !kept {
                problems.push(format!("site {name} and its cultures must stay while anything is stored"));
            }
        }
    }
    problems
}

fn described(model: &ContentModel) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for site in model.sites.values() {
        let cultures: Vec<&str> = site.cultures.iter().map(|c| c.as_str()).collect();
        lines.push((format!("site {}", site.name), format!("cultures {}", cultures.join(", "))));
    }
    for object in model.object_types.values() {
        lines.push((format!("{} {}", kind_of(object), object.name), head(object)));
        for field in &object.fields {
            lines.push((format!("{} {}.{}", kind_of(object), object.name, field.name), describe(field)));
        }
    }
    for page in model.page_types.values() {
        lines.push((format!("page type {}", page.name), format!("{} fields", page.fields.len())));
        for field in &page.fields {
            lines.push((format!("page type {}.{}", page.name, field.name), describe(field)));
        }
    }
    lines
}

fn kind_of(object: &ObjectType) -> &'static str {
    if object.is_binding() { "binding type" } else { "object type" }
}

fn head(object: &ObjectType) -> String {
    let mut parts = vec![if object.site_bound { "site".to_owned() } else { "global".to_owned() }];
    if object.is_binding() {
        let binds: Vec<&str> = object.binds.iter().map(|f| f.as_str()).collect();
        parts = vec![format!("binds {}", binds.join(", "))];
    }
    parts.extend(object.parent.iter().map(|parent| format!("parent {parent}")));
    if object.parent_required {
        parts.push("parent required".to_owned());
    }
    parts.extend(object.group.iter().map(|group| format!("group {group}")));
    parts.extend(object.children.iter().map(|child| format!("{:?} children {}", child.completeness, child.name).to_lowercase()));
    parts.join("; ")
}

fn describe(field: &Field) -> String {
    let mut text = match &field.kind {
        Kind::Reference(reference) => {
            let need = match &reference.need {
                Need::Required => "required".to_owned(),
                Need::RequiredWithDefault(name) => format!("required, default {name}"),
                Need::Optional => "optional".to_owned(),
                Need::Binding => "binding".to_owned(),
            };
            format!("reference to {} ({need})", reference.to)
        }
        kind => format!("{kind:?}").to_lowercase(),
    };
    if let Some(max) = field.length_max {
        text.push_str(&format!(", at most {max}"));
    }
    for (is, word) in [(field.required, ", required"), (field.unique, ", unique")] {
        if is {
            text.push_str(word);
        }
    }
    text
}
