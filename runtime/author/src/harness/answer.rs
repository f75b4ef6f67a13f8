//! What came of a case as JSON: the prepared object in the form in which internal objects are submitted
//! (`application/vnd.lockgate.object+json`), the questions with their answers, the log, the state.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lockgate_core::failure::Failure;
use lockgate_core::history::{LogLine, Source};
use lockgate_core::names::FieldName;
use lockgate_core::ports::Usage;
use lockgate_core::prepared::{InfoObject, InfoRow, PageParent, Prepared, TreeNode};
use lockgate_core::translate::Params;
use lockgate_core::value::{Given, Plain};
use serde_json::Value;

use crate::exact::Exact;

use super::rig::Ran;
use super::watched::Asked;

type Members = Vec<(String, Exact)>;

/// The whole answer.
pub fn answer(ran: &Ran) -> Exact {
    let mut answer = Members::new();
    if let Some(prepared) = &ran.seen.prepared {
        answer.push(("prepared".to_owned(), self::prepared(prepared)));
    }
    if !ran.seen.asked.is_empty() {
        answer.push(("asked".to_owned(), Exact::List(ran.seen.asked.iter().map(asked).collect())));
    }
    let log: Vec<Exact> = ran.usage.log.iter().filter(|line| line.source == Source::Guest).map(|line| said(line).into()).collect();
    if !log.is_empty() {
        answer.push(("log".to_owned(), Exact::List(log)));
    }
    if !ran.usage.warnings.is_empty() {
        let warnings = ran.usage.warnings.iter().map(|warning| (&*warning.message).into());
        answer.push(("warnings".to_owned(), Exact::List(warnings.collect())));
    }
    if !ran.usage.state.is_empty() {
        answer.push(("state".to_owned(), state(&ran.usage)));
    }
    Exact::Members(answer)
}

/// A failure as `error.txt` has it: code, message, and where if that is known.
pub fn error(failure: &Failure) -> String {
    let path = failure.path.as_ref().map(|path| format!("at {path}\n")).unwrap_or_default();
    format!("{}\n{}\n{path}", failure.code, failure.message)
}

/// `level: text`.
pub fn said(line: &LogLine) -> String {
    format!("{}: {}", line.level.as_str(), line.message)
}

fn state(usage: &Usage) -> Exact {
    let entries = usage.state.iter().map(|(key, value)| {
        let value = match value.as_deref().map(|bytes| (std::str::from_utf8(bytes), bytes)) {
            None => Exact::null(),
            Some((Ok(text), _)) => text.into(),
            Some((Err(_), bytes)) => one("binary", STANDARD.encode(bytes)),
        };
        (key.to_string(), value)
    });
    Exact::Members(entries.collect())
}

fn asked(asked: &Asked) -> Exact {
    let method = if asked.page { "page" } else { "object" };
    let mut entry = object([(method, Some(asked.type_name.as_str().into())), ("id", Some(asked.id.as_str().into()))]);
    let answer = match &asked.answer {
        Ok(Params::Object(found)) => object([
            ("guid", found.guid.map(|guid| guid.to_string().into())),
            ("code_name", Some(found.code_name.as_str().into())),
            ("site", found.site.as_ref().map(|site| site.as_str().into())),
            ("parent", found.parent.as_ref().map(|id| id.as_str().into())),
            ("group", found.group.as_ref().map(|id| id.as_str().into())),
        ]),
        Ok(Params::Page(found)) => object([
            ("node_guid", Some(found.node_guid.to_string().into())),
            ("culture", found.culture.as_ref().map(|culture| culture.as_str().into())),
            ("site", Some(found.site.as_str().into())),
        ]),
        Ok(Params::NotFound(failure)) | Err(failure) => {
            object([("error", Some(failure.code.as_str().into())), ("message", Some((&*failure.message).into()))])
        }
    };
    entry.push(("answer".to_owned(), Exact::Members(answer)));
    Exact::Members(entry)
}

fn prepared(prepared: &Prepared) -> Exact {
    match prepared {
        Prepared::Skip(reason) => one("skip", &**reason),
        Prepared::Object(object) => one("object", Exact::Members(main_object(object))),
        Prepared::Page(page) => one("page", Exact::Members(self::page(page))),
    }
}

fn main_object(info: &InfoObject) -> Members {
    let mut main = row(&info.row);
    for (key, id) in [("site", &info.site), ("parent", &info.parent), ("group", &info.group)] {
        if let Some(id) = id {
            main.push((key.to_owned(), id.as_str().into()));
        }
    }
    fields(&mut main, &info.row.fields);
    if !info.children.is_empty() {
        let children = info.children.iter().map(|child| {
            let mut entry = object([("parent", child.parent.map(number))]);
            entry.extend(row(&child.row));
            fields(&mut entry, &child.row.fields);
            Exact::Members(entry)
        });
        main.push(("children".to_owned(), Exact::List(children.collect())));
    }
    if !info.none_of.is_empty() {
        main.push(("none_of".to_owned(), Exact::List(info.none_of.iter().map(|name| name.as_str().into()).collect())));
    }
    main
}

fn row(row: &InfoRow) -> Members {
    object([
        ("type", Some(row.object_type.as_str().into())),
        ("code_name", row.code_name.as_ref().map(|name| name.as_str().into())),
        ("guid", row.guid.map(|guid| guid.to_string().into())),
        ("display_name", row.display_name.as_deref().map(Exact::from)),
    ])
}

fn page(page: &TreeNode) -> Members {
    let parent = page.parent.as_ref().map(|parent| match parent {
        PageParent::Root => "root".into(),
        PageParent::External(id, class_name) => {
            Exact::Members(object([("external", Some(id.as_str().into())), ("class_name", Some(class_name.as_str().into()))]))
        }
        PageParent::Guid(guid) => one("guid", guid.to_string()),
        PageParent::Path(steps) => one("path", steps.iter().map(|step| format!("/{step}")).collect::<String>()),
    });
    let mut entry = object([
        ("class_name", Some(page.class_name.as_str().into())),
        ("node_guid", page.node_guid.map(|guid| guid.to_string().into())),
        ("site", page.site.as_ref().map(|site| site.as_str().into())),
        ("culture", Some(page.culture.as_str().into())),
        ("name", Some((&*page.name).into())),
        ("alias", page.alias.as_ref().map(|alias| alias.as_str().into())),
        ("parent", parent),
        ("order", page.order.map(number)),
        ("published", page.published.map(number)),
    ]);
    fields(&mut entry, &page.fields);
    entry
}

fn fields(entry: &mut Members, fields: &[(FieldName, Given)]) {
    if !fields.is_empty() {
        let fields = fields.iter().map(|(name, value)| (name.as_str().to_owned(), given(value)));
        entry.push(("fields".to_owned(), Exact::Members(fields.collect())));
    }
}

fn given(value: &Given) -> Exact {
    match value {
        Given::Null => Exact::null(),
        Given::Reference(id) => one("reference", id.as_ref().map_or("", |id| id.as_str())),
        Given::References(ids) => one("references", Exact::List(ids.iter().map(|id| id.as_str().into()).collect())),
        Given::Plain(plain) => match plain {
            Plain::Boolean(value) => number(*value),
            Plain::Integer(value) => number(*value),
            Plain::Text(text) => (&**text).into(),
            Plain::Decimal(digits) => one("decimal", &**digits),
            Plain::Real(value) => one("real", number(*value)),
            Plain::Timestamp(text) => one("timestamp", &**text),
            Plain::Guid(guid) => one("guid", guid.to_string()),
            Plain::Binary(bytes) => one("binary", STANDARD.encode(bytes)),
            Plain::Json(text) => one("json", Exact::read(text).unwrap_or_else(|_| Exact::from(&**text))),
        },
    }
}

/// An object with one member.
fn one(name: &str, value: impl Into<Exact>) -> Exact {
    Exact::Members(vec![(name.to_owned(), value.into())])
}

/// A number or a boolean.
fn number(value: impl Into<Value>) -> Exact {
    value.into().into()
}

/// What is there of these.
fn object<const N: usize>(entries: [(&str, Option<Exact>); N]) -> Members {
    entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An object with every kind of value, and a page with everything that a page has.
    const PREPARED: [&str; 3] = [
        r#"{"object":{"type":"shop.product","code_name":"a","guid":"6f9619ff-8b86-d011-b42d-00cf4fc964ff","display_name":"A","site":"s","parent":"p",
            "group":"g","fields":{"n":null,"b":true,"i":-5,"t":"x","d":{"decimal":"1.50"},"r":{"real":1.5},"ts":{"timestamp":"2026-01-01T00:00:00Z"},
            "u":{"guid":"6f9619ff-8b86-d011-b42d-00cf4fc964ff"},"y":{"binary":"AP8="},"j":{"json":{"a":[1,1.10,12345678901234567890123]}},"f":{"reference":"7"},"fs":{"references":["8","7"]},"e":{"reference":""}},
            "children":[{"type":"shop.variant","code_name":"red","fields":{"x":1}},{"parent":0,"type":"shop.image","code_name":"i"}]}}"#,
        r#"{"page":{"class_name":"blog.post","node_guid":"6f9619ff-8b86-d011-b42d-00cf4fc964ff","site":"s","culture":"en-US","name":"N","alias":"n",
            "parent":{"external":"1","class_name":"blog.post"},"order":3,"published":true,"fields":{"x":"y"}}}"#,
        r#"{"skip":"nothing new"}"#,
    ];

    #[test]
    fn what_is_prepared_is_written_in_the_form_in_which_it_is_read() {
        for text in PREPARED {
            let read = lockgate_core::internal::read(text.as_bytes()).unwrap();
            assert_eq!(prepared(&read), Exact::read(text).unwrap());
        }
    }

    #[test]
    fn a_failure_has_its_code_on_the_first_line() {
        let failure = Failure::new(lockgate_core::failure::Code::Invalid, "no sku").at("items[3]");
        assert_eq!(error(&failure), "invalid\nno sku\nat items[3]\n");
    }
}
