//! Whether the last versions of a history fit together: what the promise of §11 is about. Histories of a
//! source always do; those that are left when some changes are taken out may not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::told::{Ask, Kind, Op, Ref, Told};

/// What a subject comes to.
#[derive(Default, Clone)]
struct Last {
    kind: Option<Kind>,
    guid: Option<Arc<str>>,
    name: Arc<str>,
    parent: Option<Ask>,
    value: Option<i64>,
    refs: BTreeMap<Ref, Ask>,
    cultures: BTreeSet<&'static str>,
}

/// Whether they do. References to what never comes are left out of account.
pub fn fits(history: &[Told]) -> bool {
    let mut last: BTreeMap<&str, Last> = BTreeMap::new();
    for told in history {
        // What is under something comes after it.
        if told.op != Op::Delete && told.owner.as_ref().is_some_and(|owner| !last.contains_key(owner.as_str())) {
            return false;
        }
        match told.op {
            Op::Delete => drop(last.remove(told.key.as_str())),
            Op::DeleteCulture => {
                if let Some(page) = last.get_mut(told.key.as_str()) {
                    page.cultures.retain(|culture| Some(*culture) != told.culture);
                    if page.cultures.is_empty() {
                        last.remove(told.key.as_str());
                    }
                }
            }
            Op::Move if !last.contains_key(told.key.as_str()) => return false,
            Op::Put | Op::Move => put(last.entry(&told.key).or_default(), told),
        }
        // Parts go with what they belong to.
        if told.op == Op::Delete && told.kind == Kind::Thing {
            let parts: Vec<&str> = history.iter().filter(|part| part.owner.as_ref() == Some(&told.key)).map(|part| &*part.key).collect();
            parts.into_iter().for_each(|part| drop(last.remove(part)));
        }
    }
    let all: Vec<&Last> = last.values().collect();
    let each_once = |keys: Vec<String>| keys.iter().collect::<BTreeSet<_>>().len() == keys.len();
    let names = all.iter().filter(|one| one.kind != Some(Kind::Part));
    let values = all.iter().filter_map(|one| one.value);
    each_once(names.map(|one| format!("{:?} {:?} {}", one.kind, one.parent, one.name)).collect())
        && each_once(values.map(|value| value.to_string()).collect())
        && all.iter().all(|one| {
            let above = one.parent.iter().map(|parent| (one.parent_kind(), parent));
            let needed = one.refs.iter().filter(|(reference, _)| reference.is_required()).map(|(reference, ask)| (reference.to(), ask));
            above.chain(needed).all(|(kind, ask)| is_there(kind, ask, &all)) && !is_circle(one, &all)
        })
}

fn put(last: &mut Last, told: &Told) {
    last.kind = Some(told.kind);
    last.guid = told.guid.clone();
    last.name = told.name.clone();
    // A page that does not say where it is stays there.
    if told.parent.is_some() || told.op == Op::Move || told.kind == Kind::Node {
        last.parent = told.parent.clone();
    }
    last.value = told.value.or(last.value);
    last.cultures.extend(told.culture);
    for (reference, ask) in &told.refs {
        last.refs.remove(reference);
        last.refs.extend(ask.iter().map(|ask| (*reference, ask.clone())));
    }
}

impl Last {
    fn parent_kind(&self) -> Kind {
        match self.kind {
            Some(Kind::Part) | None => Kind::Thing,
            Some(kind) => kind,
        }
    }

    fn is(&self, ask: &Ask) -> bool {
        match ask {
            Ask::Guid(guid) => self.guid.as_ref() == Some(guid),
            Ask::Named(name, parent) => self.name == *name && self.parent.as_ref() == parent.as_deref(),
        }
    }
}

fn is_there(kind: Kind, ask: &Ask, all: &[&Last]) -> bool {
    *ask == Ask::Guid("ghost".into()) || all.iter().any(|one| one.kind == Some(kind) && one.is(ask))
}

fn is_circle(one: &Last, all: &[&Last]) -> bool {
    let mut above = one.parent.as_ref();
    for _ in 0..=all.len() {
        let Some(ask) = above else { return false };
        let Some(next) = all.iter().find(|next| next.kind == Some(one.parent_kind()) && next.is(ask)) else { return false };
        above = next.parent.as_ref().filter(|_| one.kind != Some(Kind::Part));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dice;
    use crate::order::class::CLASSES;
    use crate::order::moves::history;

    #[test]
    fn what_a_source_tells_fits_together() {
        for class in CLASSES.iter().filter(|class| !class.by_name || class.reuse) {
            let mut changes = 0;
            for seed in 0..200 {
                let history = history(class, &mut Dice::new(seed), 12);
                changes += history.len();
                let told: Vec<String> = history.iter().map(ToString::to_string).collect();
                assert!(fits(&history), "class {:?}, seed {seed}: {told:#?}", class.name);
            }
            assert!(changes > 1_000, "class {:?} hardly tells anything: {changes} changes", class.name);
        }
    }
}
