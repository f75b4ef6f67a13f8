//! Contradictions between declarations.

use super::parse::Places;
use super::{ANY_PAGE, ContentModel, Kind, ModelError, Need, ObjectType, SITE_TYPE};
use crate::names::TypeName;

/// Sets what depends on other declarations (`Reference::to_page`, how a default compares), and lists what contradicts.
pub(super) fn check(model: &mut ContentModel, places: &Places) -> Vec<ModelError> {
    let mut errors = Errors { places, found: Vec::new() };
    settle(model, &mut errors);
    for object in model.object_types.values() {
        let name = &object.name;
        if [SITE_TYPE, ANY_PAGE].contains(&name.as_str()) {
            errors.add(name, format!("{name} is a name of the bus's own"));
        }
        for (what, other) in [("parent", &object.parent), ("group", &object.group)] {
            if let Some(other) = other {
                match model.object_types.get(other) {
                    None => errors.add(name, format!("{what} type {other} of {name} is not declared")),
                    Some(other) if other.is_binding() => {
                        errors.add(name, format!("{what} type {} of {name} is a binding type", other.name));
                    }
                    Some(_) => {}
                }
            }
        }
        if object.parent_required && object.parent.is_none() {
            errors.add(name, format!("{name} requires a parent and declares no parent type"));
        }
        for child in &object.children {
            let fits = model.object_types.get(&child.name).is_some_and(|child| {
                child.parent.as_ref() == Some(name)
                    || child
                        .binds
                        .first()
                        .and_then(|f| child.field(f))
                        .is_some_and(|f| matches!(&f.kind, Kind::Reference(reference) if reference.to == *name))
            });
            if !fits {
                errors.add(name, format!("child type {} of {name} must be an object type with parent = \"{name}\", or a binding type whose first field in `binds` points to {name}", child.name));
            }
        }
        for bind in &object.binds {
            match object.field(bind).map(|field| &field.kind) {
                Some(Kind::Reference(reference)) if matches!(reference.need, Need::Required | Need::Binding) => {}
                Some(Kind::Reference(_)) => {
                    errors.add(name, format!("field {bind} identifies {name}: its need must be `required` or `binding`"));
                }
                _ => errors.add(name, format!("`binds` of {name} names {bind}, which is not a reference field of it")),
            }
        }
    }
    for page in model.page_types.values() {
        if page.name.as_str() == ANY_PAGE {
            errors.add(&page.name, format!("{ANY_PAGE} is a name of the bus's own"));
        }
    }
    errors.found
}

struct Errors<'a> {
    places: &'a Places,
    found: Vec<ModelError>,
}

impl Errors<'_> {
    fn add(&mut self, type_name: &TypeName, message: String) {
        let (file, line, column) = self.places.get(type_name.as_str()).cloned().unwrap_or_default();
        self.found.push(ModelError { file, line, column, message });
    }
}

/// Whether each reference points to pages, how its default compares, and that its type exists and can be
/// pointed to.
fn settle(model: &mut ContentModel, errors: &mut Errors<'_>) {
    let pages: Vec<TypeName> = model.page_types.keys().cloned().collect();
    let objects: Vec<ObjectType> = model.object_types.values().cloned().collect();
    let all = (model.object_types.values_mut().map(|t| (t.name.clone(), !t.binds.is_empty(), &mut t.fields)))
        .chain(model.page_types.values_mut().map(|t| (t.name.clone(), false, &mut t.fields)));
    for (name, is_binding, fields) in all {
        for field in fields {
            let Kind::Reference(reference) = &mut field.kind else { continue };
            reference.to_page = reference.to.as_str() == ANY_PAGE || pages.contains(&reference.to);
            let declared = objects.iter().find(|object| object.name == reference.to);
            match (reference.to_page, declared) {
                (false, Some(to)) if to.is_binding() => {
                    errors.add(&name, format!("field {} of {name} points to {}, a binding type", field.name, reference.to))
                }
                (true, _) | (false, Some(_)) => {}
                (false, None) => {
                    errors.add(&name, format!("field {} of {name} points to {}, which is not declared", field.name, reference.to))
                }
            }
            if let (Some(to), Need::RequiredWithDefault(default)) = (declared, &mut reference.need) {
                *default = to.named(default.clone());
            }
            if reference.many && is_binding {
                errors.add(&name, format!("field {} of {name}: lists of references are for objects and pages", field.name));
            }
            if reference.to_page && matches!(reference.need, Need::RequiredWithDefault(_)) {
                errors.add(&name, format!("field {} of {name}: a page reference has no default", field.name));
            }
            if reference.need == Need::Binding && !is_binding {
                errors.add(&name, format!("field {} of {name}: need = \"binding\" is for binding types", field.name));
            }
        }
    }
}
