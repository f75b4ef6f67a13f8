//! Checks a prepared object against the content model (§7.3), before anything is asked or loaded.

use crate::element::ELEMENTS_MAX;
use crate::failure::{Code, Failure};
use crate::maps::HashSet;
use crate::model::{ContentModel, Field, Kind};
use crate::names::{ExternalId, FieldName, TypeName};
use crate::prepared::{InfoObject, InfoRow, Prepared};
use crate::task::TaskType;
use crate::value::{Given, Plain};

/// The first rule that the prepared object breaks.
pub fn validate(prepared: &Prepared, task_type: TaskType, model: &ContentModel) -> Result<(), Failure> {
    match prepared {
        Prepared::Skip(_) => Ok(()),
        Prepared::Object(_) if task_type.is_page() => {
            Err(invalid(format!("a {task_type} task needs a page, and the connector prepared an object")))
        }
        Prepared::Page(_) if !task_type.is_page() => {
            Err(invalid(format!("a {task_type} task needs an object, and the connector prepared a page")))
        }
        Prepared::Object(object) => {
            validate_row(&object.row, model, "")?;
            for (at, child) in object.children.iter().enumerate() {
                validate_row(&child.row, model, &format!("children[{at}]."))?;
            }
            validate_none_of(object, model)
        }
        Prepared::Page(page) => {
            let declared = model.page_type(&page.class_name).ok_or_else(|| undeclared("page type", &page.class_name, ""))?;
            if page.alias.as_ref().is_some_and(|alias| alias.as_str().contains('/')) {
                return Err(invalid("an alias is one step of the path and has no '/'").at("alias"));
            }
            validate_fields(&page.class_name, &page.fields, &declared.fields, "")
        }
    }
}

/// What the object says that it has none of (§7.5) is something that it or one of its children could have.
fn validate_none_of(object: &InfoObject, model: &ContentModel) -> Result<(), Failure> {
    if object.none_of.is_empty() {
        return Ok(());
    }
    let mut possible: Vec<&TypeName> = Vec::new();
    let mut above = vec![&object.row.object_type];
    while let Some(name) = above.pop() {
        for child in model.object_type(name).into_iter().flat_map(|declared| &declared.children) {
            if !possible.contains(&&child.name) {
                possible.push(&child.name);
                above.push(&child.name);
            }
        }
    }
    match object.none_of.iter().enumerate().find(|(_, name)| !possible.contains(name)) {
        None => Ok(()),
        Some((at, name)) => {
            let message = format!("the content model declares no children of type {name} for objects of type {}", object.row.object_type);
            Err(invalid(message).at(format!("none_of[{at}]")))
        }
    }
}

fn validate_row(row: &InfoRow, model: &ContentModel, place: &str) -> Result<(), Failure> {
    let declared = model.object_type(&row.object_type).ok_or_else(|| undeclared("object type", &row.object_type, place))?;
    if !declared.is_binding() && row.code_name.is_none() {
        return Err(invalid(format!("an object of type {} needs a code name", row.object_type)).at(format!("{place}code_name")));
    }
    validate_fields(&row.object_type, &row.fields, &declared.fields, place)
}

fn validate_fields(of: &TypeName, fields: &[(FieldName, Given)], declared: &[Field], place: &str) -> Result<(), Failure> {
    for (at, (name, given)) in fields.iter().enumerate() {
        let path = format!("{place}{name}");
        let Some(field) = declared.iter().find(|field| field.name == *name) else {
            return Err(invalid(format!("type {of} declares no field {name}")).at(path));
        };
        if fields.iter().take(at).any(|(other, _)| other == name) {
            return Err(invalid(format!("field {name} is given twice")).at(path));
        }
        match given {
            Given::Null => {}
            Given::Reference(_) => {
                if !matches!(field.kind, Kind::Reference(_)) {
                    return Err(invalid(format!("field {name} is declared as {}, not as a reference", kind_word(&field.kind))).at(path));
                }
            }
            Given::References(ids) => validate_list(field, ids, &path)?,
            Given::Plain(value) => {
                if !fits(value, &field.kind) {
                    let message = format!("field {name} is declared as {}, and the value is {}", kind_word(&field.kind), plain_word(value));
                    return Err(invalid(message).at(path));
                }
                if let Some(max) = field.length_max {
                    let length = length(value);
                    if length > max {
                        return Err(
                            invalid(format!("field {name} takes at most {max} characters or bytes, and the value has {length}")).at(path)
                        );
                    }
                }
            }
        }
    }
    Ok(())
}

/// A list of references, which holds no id twice.
fn validate_list(field: &Field, ids: &[ExternalId], path: &str) -> Result<(), Failure> {
    let name = &field.name;
    match &field.kind {
        Kind::Reference(reference) if reference.many => {}
        kind => {
            let message = format!("field {name} is declared as {}, and {} references are given", kind_word(kind), ids.len());
            return Err(invalid(message).at(path));
        }
    }
    if ids.len() > ELEMENTS_MAX {
        return Err(invalid(format!("field {name} takes at most {ELEMENTS_MAX} references, and {} are given", ids.len())).at(path));
    }
    let mut seen = HashSet::default();
    match ids.iter().enumerate().find(|(_, id)| !seen.insert(id.as_str())) {
        Some((at, id)) => Err(invalid(format!("field {name} is given the reference {:?} twice", id.as_str())).at(format!("{path}[{at}]"))),
        None => Ok(()),
    }
}

fn fits(value: &Plain, kind: &Kind) -> bool {
    matches!(
        (value, kind),
        (Plain::Boolean(_), Kind::Boolean)
            | (Plain::Integer(_), Kind::Integer | Kind::Decimal)
            | (Plain::Decimal(_), Kind::Decimal)
            | (Plain::Real(_), Kind::Real)
            | (Plain::Text(_), Kind::Text)
            | (Plain::Timestamp(_), Kind::Timestamp)
            | (Plain::Guid(_), Kind::Guid)
            | (Plain::Binary(_), Kind::Binary)
            | (Plain::Json(_), Kind::Json)
    )
}

fn length(value: &Plain) -> usize {
    match value {
        Plain::Text(text) => text.chars().count(),
        Plain::Json(text) => text.len(),
        Plain::Binary(bytes) => bytes.len(),
        _ => 0,
    }
}

fn kind_word(kind: &Kind) -> String {
    match kind {
        Kind::Reference(reference) if reference.many => format!("references to {}", reference.to),
        Kind::Reference(reference) => format!("reference to {}", reference.to),
        kind => format!("{kind:?}").to_lowercase(),
    }
}

fn plain_word(value: &Plain) -> &'static str {
    match value {
        Plain::Boolean(_) => "a boolean",
        Plain::Integer(_) => "an integer",
        Plain::Decimal(_) => "a decimal",
        Plain::Real(_) => "a real",
        Plain::Text(_) => "a text",
        Plain::Timestamp(_) => "a timestamp",
        Plain::Guid(_) => "a guid",
        Plain::Binary(_) => "binary",
        Plain::Json(_) => "json",
    }
}

fn undeclared(what: &str, name: &TypeName, place: &str) -> Failure {
    let failure = invalid(format!("the content model declares no {what} {name}"));
    if place.is_empty() { failure } else { failure.at(place.trim_end_matches('.')) }
}

/// A failure of this code.
pub fn invalid(message: impl AsRef<str>) -> Failure {
    Failure::new(Code::InvalidObject, message)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn section_7_5_there_is_none_of_what_the_object_or_its_children_could_have() {
        let text = "[[object_type]]\nname = \"t\"\nchildren = [{ type = \"c\", mode = \"complete\" }]
            [[object_type]]\nname = \"c\"\nparent = \"t\"\nchildren = [{ type = \"d\", mode = \"complete\" }]
            [[object_type]]\nname = \"d\"\nparent = \"c\"";
        let model = crate::model::parse(&BTreeMap::from([("m.toml".to_owned(), text.to_owned())])).unwrap();
        let said = |none_of: &str| {
            let body = format!(r#"{{"object": {{"type": "t", "code_name": "a", "none_of": {none_of}}}}}"#);
            validate(&crate::internal::read(body.as_bytes()).unwrap(), TaskType::UpdateObject, &model)
        };
        assert_eq!(said(r#"["c", "d"]"#), Ok(()));
        for wrong in [r#"["c", "t"]"#, r#"["c", "e"]"#] {
            let failure = said(wrong).unwrap_err();
            assert_eq!((failure.code, failure.path.as_deref()), (Code::InvalidObject, Some("none_of[1]")), "{failure}");
        }
    }
}
