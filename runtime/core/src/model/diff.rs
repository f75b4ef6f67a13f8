//! What a new model changes, and what it may not take away.

use std::collections::BTreeSet;
use std::fmt;

use super::{ContentModel, Field, Kind, Names, Need, ObjectType, Within};
use crate::names::{SiteName, TypeName};
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

/// What must not be stored for a model to be replaced by another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unused {
    /// Rows of these types.
    pub types: BTreeSet<TypeName>,
    /// Anything at all: a site or a culture goes.
    pub everything: bool,
}

impl Unused {
    /// Whether all of it is unused.
    pub fn holds(&self, counts: &Counts) -> bool {
        self.types.iter().all(|name| stored(name, counts) == 0) && !(self.everything && anything(counts))
    }
}

/// What must be unused for `after` to replace `before`: sites and types that would go, or change
/// their nature.
pub fn unused(before: &ContentModel, after: &ContentModel) -> Unused {
    let objects = before.object_types.values().filter(|was| !keeps_its_rows(was, after)).map(|was| &was.name);
    let pages = before.page_types.keys().filter(|name| !after.page_types.contains_key(name));
    Unused { types: objects.chain(pages).cloned().collect(), everything: before.sites.keys().any(|name| !keeps_site(name, before, after)) }
}

/// The same in words, of what is used.
pub fn still_used(before: &ContentModel, after: &ContentModel, counts: &Counts) -> Vec<String> {
    let mut problems = Vec::new();
    for was in before.object_types.values() {
        let (name, stored) = (&was.name, stored(&was.name, counts));
        if stored == 0 {
            continue;
        }
        let Some(is) = after.object_types.get(name) else {
            problems.push(format!("type {name} has {stored} stored rows and must stay"));
            continue;
        };
        if !keeps_its_nature(was, is) {
            problems.push(format!("type {name} has {stored} stored rows: it must keep its kind, scope, parent type and `binds`"));
        }
        if was.names != is.names {
            problems.push(format!(
                "type {name} has {stored} stored rows, found by their code names: `code_name` must stay {:?}",
                was.names.as_str()
            ));
        }
        if narrows(was, is) {
            let (was, is) = (was.unique_within.as_str(), is.unique_within.as_str());
            problems.push(format!(
                "type {name} has {stored} stored rows, and several may have one code name: `unique_within` must stay {was:?}, \
                 {is:?} needs the type to be empty"
            ));
        }
    }
    for name in before.page_types.keys() {
        let stored = stored(name, counts);
        if stored > 0 && !after.page_types.contains_key(name) {
            problems.push(format!("page type {name} has {stored} stored pages and must stay"));
        }
    }
    if anything(counts) {
        for name in before.sites.keys() {
            if !keeps_site(name, before, after) {
                problems.push(format!("site {name} and its cultures must stay while anything is stored"));
            }
        }
    }
    problems
}

fn stored(name: &TypeName, counts: &Counts) -> u64 {
    [&counts.objects, &counts.bindings, &counts.pages].iter().filter_map(|of| of.get(name)).sum()
}

fn anything(counts: &Counts) -> bool {
    counts.pages.values().chain(counts.objects.values()).any(|stored| *stored > 0)
}

/// Whether stored rows of a type stay what they are.
fn keeps_its_rows(was: &ObjectType, after: &ContentModel) -> bool {
    after.object_types.get(&was.name).is_some_and(|is| keeps_its_nature(was, is) && was.names == is.names && !narrows(was, is))
}

fn keeps_its_nature(was: &ObjectType, is: &ObjectType) -> bool {
    is.is_binding() == was.is_binding() && is.binds == was.binds && is.site_bound == was.site_bound && is.parent == was.parent
}

/// Whether code names must be unique within more than they were: several rows of one name may be stored. The
/// other way round what is unique stays unique.
fn narrows(was: &ObjectType, is: &ObjectType) -> bool {
    reach(was, is.unique_within) > reach(was, was.unique_within)
}

/// What `unique_within` comes to for a type: without parents and groups the scope is the site, and without
/// sites that is everything.
fn reach(declared: &ObjectType, within: Within) -> Within {
    match within {
        Within::Scope if declared.parent.is_none() && declared.group.is_none() => reach(declared, Within::Site),
        Within::Site if !declared.site_bound => Within::All,
        within => within,
    }
}

fn keeps_site(name: &SiteName, before: &ContentModel, after: &ContentModel) -> bool {
    let (Some(was), Some(is)) = (before.sites.get(name), after.sites.get(name)) else { return false };
    was.cultures.iter().all(|culture| is.cultures.contains(culture))
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
        let newer = page.newer_by.iter().map(|field| format!("; newer by {field}")).collect::<String>();
        lines.push((format!("page type {}", page.name), format!("{} fields{newer}", page.fields.len())));
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
    if object.unique_within != Within::Scope {
        parts.push(format!("unique within {}", object.unique_within.as_str()));
    }
    if object.names == Names::Exact {
        parts.push("exact code names".to_owned());
    }
    parts.extend(object.newer_by.iter().map(|field| format!("newer by {field}")));
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
            let kind = if reference.many { "references" } else { "reference" };
            format!("{kind} to {} ({need})", reference.to)
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
