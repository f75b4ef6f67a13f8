//! How much a guest handed over: bytes of texts and binaries, without the records around them.

use crate::bindings::exports::lockgate::connector::translator as wit;
use crate::bindings::lockgate::connector::types::{Child, Field, Value};

/// Of an answer to `prepare-internal-object`.
pub fn prepared(answer: &wit::Prepared) -> u64 {
    let bytes = match answer {
        wit::Prepared::Object(object) => {
            let names = object.object_type.len() + object.code_name.len();
            let own = [&object.guid, &object.display_name, &object.site, &object.parent, &object.group];
            names + optional(&own) + fields(&object.fields) + object.children.iter().map(child).sum::<usize>()
        }
        wit::Prepared::Page(page) => {
            let names = page.class_name.len() + page.culture.len() + page.name.len();
            names + optional(&[&page.node_guid, &page.site, &page.alias]) + fields(&page.fields)
        }
        wit::Prepared::Skip(reason) => reason.len(),
    };
    bytes as u64
}

/// Of an answer to `get-internal-object-params`.
pub fn object_params(answer: &wit::ObjectParams) -> u64 {
    (answer.code_name.len() + optional(&[&answer.site, &answer.parent, &answer.group])) as u64
}

/// Of an answer to `get-internal-document-params`.
pub fn document_params(answer: &wit::DocumentParams) -> u64 {
    (answer.node_guid.len() + answer.culture.len() + answer.site.len()) as u64
}

fn child(child: &Child) -> usize {
    child.object_type.len() + child.code_name.len() + optional(&[&child.guid, &child.display_name]) + fields(&child.fields)
}

fn fields(fields: &[Field]) -> usize {
    fields.iter().map(|field| field.name.len() + value(&field.value)).sum()
}

fn value(value: &Value) -> usize {
    match value {
        Value::Null | Value::Boolean(_) | Value::Real(_) => 0,
        Value::Integer(text)
        | Value::Decimal(text)
        | Value::Text(text)
        | Value::Timestamp(text)
        | Value::Guid(text)
        | Value::Json(text)
        | Value::Reference(text) => text.len(),
        Value::Binary(bytes) => bytes.len(),
    }
}

fn optional(texts: &[&Option<String>]) -> usize {
    texts.iter().filter_map(|text| text.as_ref()).map(String::len).sum()
}
