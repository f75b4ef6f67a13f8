//! Between the types of this crate and those that `wit-bindgen` makes of the contract. What the contract says beside an answer is said
//! here, before the answer.

use crate::bindings::lockgate::connector::types as wit;
use crate::{
    Child, DataType, DocumentParams, Error, External, ExternalPage, Field, Object, ObjectParams, Page, PageParent, Prepared, TaskType,
    Value,
};

pub(crate) fn external(external: wit::ExternalObject) -> External {
    External { media_type: external.media_type, body: external.body }
}

pub(crate) fn task_type(task_type: wit::TaskType) -> TaskType {
    match task_type {
        wit::TaskType::CreateObject => TaskType::CreateObject,
        wit::TaskType::UpdateObject => TaskType::UpdateObject,
        wit::TaskType::DeleteObject => TaskType::DeleteObject,
        wit::TaskType::AddToSite => TaskType::AddToSite,
        wit::TaskType::RemoveFromSite => TaskType::RemoveFromSite,
        wit::TaskType::CreateDocument => TaskType::CreateDocument,
        wit::TaskType::UpdateDocument => TaskType::UpdateDocument,
        wit::TaskType::DeleteDocument => TaskType::DeleteDocument,
        wit::TaskType::DeleteAllCultures => TaskType::DeleteAllCultures,
        wit::TaskType::PublishDocument => TaskType::PublishDocument,
        wit::TaskType::ArchiveDocument => TaskType::ArchiveDocument,
        wit::TaskType::MoveDocument => TaskType::MoveDocument,
    }
}

pub(crate) fn data_type(data_type: wit::DataType) -> DataType {
    match data_type {
        wit::DataType::Simple => DataType::Simple,
        wit::DataType::SimpleSnapshot => DataType::SimpleSnapshot,
        wit::DataType::Snapshot => DataType::Snapshot,
    }
}

pub(crate) fn prepared(prepared: Prepared) -> wit::Prepared {
    match prepared {
        Prepared::Object(object) => wit::Prepared::Object(self::object(object)),
        Prepared::Page(page) => wit::Prepared::Page(self::page(page)),
        Prepared::Skip(reason) => wit::Prepared::Skip(reason),
    }
}

fn object(object: Object) -> wit::InfoObject {
    #[cfg(target_family = "wasm")]
    for object_type in &object.none_of {
        crate::bindings::lockgate::connector::children::none(object_type);
    }
    wit::InfoObject {
        object_type: object.object_type,
        code_name: object.code_name,
        guid: object.guid,
        display_name: object.display_name,
        site: object.site,
        parent: object.parent,
        group: object.group,
        fields: fields(object.fields),
        children: {
            let mut flat = Vec::with_capacity(object.children.len());
            flatten(object.children, None, &mut flat);
            flat
        },
    }
}

/// The contract has a flat list, in which each child stands behind the one that it belongs to.
fn flatten(children: Vec<Child>, parent: Option<u32>, flat: &mut Vec<wit::Child>) {
    for child in children {
        let at = u32::try_from(flat.len()).unwrap_or(u32::MAX);
        flat.push(wit::Child {
            parent: child.parent.or(parent),
            object_type: child.object_type,
            code_name: child.code_name,
            guid: child.guid,
            display_name: child.display_name,
            fields: fields(child.fields),
        });
        flatten(child.children, Some(at), flat);
    }
}

fn page(page: Page) -> wit::TreeNode {
    wit::TreeNode {
        class_name: page.class_name,
        node_guid: page.node_guid,
        site: page.site,
        culture: page.culture,
        name: page.name,
        alias: page.alias,
        parent: page.parent.map(|parent| match parent {
            PageParent::Root => wit::PageParent::Root,
            PageParent::External(ExternalPage { id, class_name }) => wit::PageParent::External(wit::ExternalPage { id, class_name }),
            PageParent::NodeGuid(guid) => wit::PageParent::NodeGuid(guid),
            PageParent::Path(path) => wit::PageParent::Path(path),
        }),
        order: page.order,
        published: page.published,
        fields: fields(page.fields),
    }
}

fn fields(fields: Vec<Field>) -> Vec<wit::Field> {
    let mut wire = Vec::with_capacity(fields.len());
    for Field { name, value } in fields {
        let value = match value {
            Value::Null => wit::Value::Null,
            Value::Boolean(value) => wit::Value::Boolean(value),
            Value::Integer(digits) => wit::Value::Integer(digits),
            Value::Decimal(digits) => wit::Value::Decimal(digits),
            Value::Real(value) => wit::Value::Real(value),
            Value::Text(text) => wit::Value::Text(text),
            Value::Timestamp(text) => wit::Value::Timestamp(text),
            Value::Guid(text) => wit::Value::Guid(text),
            Value::Binary(bytes) => wit::Value::Binary(bytes),
            Value::Json(text) => wit::Value::Json(text),
            Value::Reference(id) => wit::Value::Reference(id),
            // A list is the field again and again; an empty one clears.
            Value::References(ids) if ids.is_empty() => wit::Value::Null,
            Value::References(ids) => {
                wire.extend(ids.into_iter().map(|id| wit::Field { name: name.clone(), value: wit::Value::Reference(id) }));
                continue;
            }
        };
        wire.push(wit::Field { name, value });
    }
    wire
}

pub(crate) fn object_params(params: ObjectParams) -> Result<wit::ObjectParams, wit::ConnectorError> {
    let ObjectParams { code_name, guid, site, parent, group } = params;
    if let Some(guid) = guid {
        if site.is_some() || parent.is_some() || group.is_some() {
            let beside = "an object that is known by its GUID is answered with a site, parent or group, within which nothing is looked for";
            return Err(error(Error::internal(beside)));
        }
        #[cfg(target_family = "wasm")]
        crate::bindings::lockgate::connector::identity::by_guid(&guid);
        #[cfg(not(target_family = "wasm"))]
        drop(guid);
    }
    Ok(wit::ObjectParams { code_name, site, parent, group })
}

pub(crate) fn document_params(params: DocumentParams) -> wit::DocumentParams {
    wit::DocumentParams { node_guid: params.node_guid, culture: params.culture, site: params.site }
}

pub(crate) fn error(error: Error) -> wit::ConnectorError {
    let problem = |problem: crate::error::Problem| wit::Problem { message: problem.message, path: problem.path };
    match error {
        Error::Invalid(it) => wit::ConnectorError::Invalid(problem(it)),
        Error::NotFound(it) => wit::ConnectorError::NotFound(problem(it)),
        Error::Unsupported(it) => wit::ConnectorError::Unsupported(problem(it)),
        Error::Internal(it) => wit::ConnectorError::Internal(problem(it)),
        // The contract has no place for the path: it stands before the message.
        Error::Unavailable(outage) => wit::ConnectorError::Unavailable(wit::Outage {
            message: match outage.path {
                Some(path) => format!("{path}: {}", outage.message),
                None => outage.message,
            },
            retry_after_ms: outage.retry_after.map(|delay| u32::try_from(delay.as_millis()).unwrap_or(u32::MAX)),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn children_of_children_name_the_place_of_theirs() {
        let item = |name: &str| Child::new("shop.item", name);
        let b =
            item("b").child(Child::new("shop.discount", "x").child(Child::new("shop.code", "y"))).child(Child::new("shop.discount", "z"));
        let wire = self::object(Object::new("shop.order", "1").child(item("a")).child(b).child(item("c")));
        let told: Vec<_> = wire.children.iter().map(|child| (child.code_name.as_str(), child.parent)).collect();
        assert_eq!(told, [("a", None), ("b", None), ("x", Some(1)), ("y", Some(2)), ("z", Some(1)), ("c", None)]);
    }

    #[test]
    fn a_list_of_references_is_the_field_again_and_again() {
        let wire = fields(vec![Field::new("tags", Value::references(["a", "b"])), Field::new("none", Value::references([""; 0]))]);
        let told: Vec<_> = wire.iter().map(|field| (field.name.as_str(), &field.value)).collect();
        let [a, b] = ["a", "b"].map(|id| wit::Value::Reference(id.into()));
        assert_eq!(told, [("tags", &a), ("tags", &b), ("none", &wit::Value::Null)]);
    }

    #[test]
    fn nothing_stands_beside_a_guid() {
        assert!(object_params(ObjectParams::by_guid("g")).is_ok());
        assert!(object_params(ObjectParams::by_guid("g").parent("1")).is_err());
        assert!(object_params(ObjectParams::by_guid("g").group("1")).is_err());
    }

    #[test]
    fn an_outage_keeps_its_path_and_its_delay() {
        let wire = error(Error::unavailable("down").at("id").retry_after(Duration::from_secs(2)));
        let outage = wit::Outage { message: "id: down".into(), retry_after_ms: Some(2_000) };
        assert_eq!(wire, wit::ConnectorError::Unavailable(outage));
    }
}
