//! Reads the content model's TOML files, and finds every contradiction in them.

use std::collections::BTreeMap;
use std::fmt;

use toml::Spanned;

use super::check::check;
use super::form::{
    BindingTypeToml, FieldToml, File, KindToml, ModeToml, NamesToml, NeedToml, ObjectTypeToml, PageTypeToml, ScopeToml, SiteToml,
    WithinToml,
};
use super::{ChildType, Completeness, ContentModel, Field, Kind, Names, Need, ObjectType, PageType, Reference, Site, Within};
use crate::element::LIST_NAME_BYTES_MAX;
use crate::names::{CodeName, Culture, FieldName, NameError, SiteName, TypeName};
use crate::text::Place;

/// What is wrong with a model, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ModelError {
    /// The file's name.
    pub file: String,
    /// From 1, where it is known.
    pub line: Option<usize>,
    /// From 1, where it is known.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Where each declaration stands, for messages.
pub(super) type Places = BTreeMap<String, (String, Option<usize>, Option<usize>)>;

/// The model that the files declare together, or everything that is wrong with them.
pub fn parse(files: &BTreeMap<String, String>) -> Result<ContentModel, Vec<ModelError>> {
    let mut reader = Reader::default();
    for (name, text) in files {
        reader.file(name, text);
    }
    if reader.errors.is_empty() {
        reader.errors = check(&mut reader.model, &reader.places);
    }
    if reader.errors.is_empty() { Ok(reader.model) } else { Err(reader.errors) }
}

#[derive(Default)]
struct Reader {
    model: ContentModel,
    places: Places,
    errors: Vec<ModelError>,
    here: (String, Option<usize>, Option<usize>),
}

impl Reader {
    fn file(&mut self, name: &str, text: &str) {
        self.here = (name.to_owned(), None, None);
        let file: File = match toml::from_str(text) {
            Ok(file) => file,
            Err(error) => {
                if let Some(span) = error.span() {
                    self.at(text, span.start);
                }
                self.error(error.message().to_owned());
                return;
            }
        };
        for site in file.site {
            self.at(text, site.span().start);
            self.site(site.into_inner());
        }
        for object in file.object_type {
            self.at(text, object.span().start);
            self.object_type(text, object.into_inner());
        }
        for binding in file.binding_type {
            self.at(text, binding.span().start);
            self.binding_type(text, binding.into_inner());
        }
        for page in file.page_type {
            self.at(text, page.span().start);
            self.page_type(text, page.into_inner());
        }
    }

    fn at(&mut self, text: &str, offset: usize) {
        let Place { line, column } = Place::of(text, offset);
        (self.here.1, self.here.2) = (Some(line), Some(column));
    }

    fn error(&mut self, message: String) {
        let (file, line, column) = self.here.clone();
        self.errors.push(ModelError { file, line, column, message });
    }

    fn named<T>(&mut self, name: Result<T, NameError>) -> Option<T> {
        name.map_err(|error| self.error(error.to_string())).ok()
    }

    fn declare(&mut self, what: &str, name: &str) {
        if let Some((file, line, _)) = self.places.get(name) {
            let at = line.map_or_else(|| file.clone(), |line| format!("{file}:{line}"));
            let message = format!("{what} {name} is declared a second time; the first is at {at}");
            self.error(message);
        } else {
            self.places.insert(name.to_owned(), self.here.clone());
        }
    }

    fn site(&mut self, site: SiteToml) {
        let Some(name) = self.named(SiteName::new(&site.name)) else { return };
        self.declare("site", &format!("site {name}"));
        if site.cultures.is_empty() {
            self.error(format!("site {name} needs at least one culture"));
        }
        let cultures = site.cultures.iter().filter_map(|c| self.named(Culture::new(c))).collect();
        self.model.sites.insert(name.clone(), Site { name, cultures });
    }

    fn object_type(&mut self, text: &str, object: ObjectTypeToml) {
        let Some(name) = self.named(TypeName::new(&object.name)) else { return };
        self.declare("type", name.as_str());
        let parent = object.parent.and_then(|parent| self.named(TypeName::new(parent)));
        let group = object.group.and_then(|group| self.named(TypeName::new(group)));
        let fields = self.fields(text, object.fields);
        let newer_by = self.newer_by(text, object.newer_by, &name, &fields);
        let children = object
            .children
            .into_iter()
            .filter_map(|child| {
                let completeness = match child.mode {
                    ModeToml::Complete => Completeness::Complete,
                    ModeToml::Incremental => Completeness::Incremental,
                    ModeToml::None => Completeness::None,
                };
                Some(ChildType { name: self.named(TypeName::new(child.r#type))?, completeness })
            })
            .collect();
        let declared = ObjectType {
            name: name.clone(),
            site_bound: object.scope == ScopeToml::Site,
            parent,
            parent_required: object.parent_required,
            group,
            fields,
            children,
            binds: Vec::new(),
            unique_within: match object.unique_within {
                WithinToml::Scope => Within::Scope,
                WithinToml::Site => Within::Site,
                WithinToml::All => Within::All,
            },
            names: match object.code_name {
                NamesToml::Folded => Names::Folded,
                NamesToml::Exact => Names::Exact,
            },
            newer_by,
        };
        self.model.object_types.insert(name, declared);
    }

    fn binding_type(&mut self, text: &str, binding: BindingTypeToml) {
        let Some(name) = self.named(TypeName::new(&binding.name)) else { return };
        self.declare("type", name.as_str());
        if binding.binds.len() < 2 {
            self.error(format!("binding type {name} needs at least two fields in `binds`"));
        }
        let binds = binding.binds.iter().filter_map(|f| self.named(FieldName::new(f))).collect();
        let fields = self.fields(text, binding.fields);
        let declared = ObjectType {
            name: name.clone(),
            site_bound: false,
            parent: None,
            parent_required: false,
            group: None,
            fields,
            children: Vec::new(),
            binds,
            unique_within: Within::default(),
            names: Names::default(),
            newer_by: None,
        };
        self.model.object_types.insert(name, declared);
    }

    fn page_type(&mut self, text: &str, page: PageTypeToml) {
        let Some(name) = self.named(TypeName::new(&page.name)) else { return };
        self.declare("type", name.as_str());
        let fields = self.fields(text, page.fields);
        if let Some(field) = fields.iter().find(|field| field.unique) {
            self.error(format!("field {} of page type {name} cannot be unique: only fields of object types can", field.name));
        }
        let newer_by = self.newer_by(text, page.newer_by, &name, &fields);
        self.model.page_types.insert(name.clone(), PageType { name, fields, newer_by });
    }

    /// The field that says how new an object or a culture of a page is (§7.4): one of the type's own, with
    /// values that grow.
    fn newer_by(&mut self, text: &str, given: Option<Spanned<String>>, of: &TypeName, fields: &[Field]) -> Option<FieldName> {
        let given = given?;
        self.at(text, given.span().start);
        let name = self.named(FieldName::new(given.into_inner()))?;
        match fields.iter().find(|field| field.name == name).map(|field| &field.kind) {
            Some(Kind::Integer | Kind::Decimal | Kind::Timestamp) => Some(name),
            Some(_) => {
                self.error(format!("`newer_by` of {of} names {name}, which must be an integer, a decimal or a timestamp"));
                None
            }
            None => {
                self.error(format!("`newer_by` of {of} names {name}, which is not a field of it"));
                None
            }
        }
    }

    fn fields(&mut self, text: &str, fields: Vec<Spanned<FieldToml>>) -> Vec<Field> {
        let mut declared: Vec<Field> = Vec::new();
        for field in fields {
            self.at(text, field.span().start);
            let Some(field) = self.field(field.into_inner()) else { continue };
            if declared.iter().any(|other| other.name == field.name) {
                self.error(format!("field {} is declared a second time", field.name));
            }
            declared.push(field);
        }
        declared
    }

    fn field(&mut self, field: FieldToml) -> Option<Field> {
        let name = self.named(FieldName::new(&field.name))?;
        if name.as_str().starts_with('.') {
            self.error(format!("field {name}: a name that begins with a dot is the bus's own"));
            return None;
        }
        let many = field.kind == KindToml::References;
        let is_reference = many || field.kind == KindToml::Reference;
        if !is_reference && (field.to.is_some() || field.need.is_some() || field.default.is_some()) {
            self.error(format!("field {name}: `to`, `need` and `default` belong to references only"));
            return None;
        }
        if field.length_max.is_some() && !matches!(field.kind, KindToml::Text | KindToml::Binary | KindToml::Json) {
            self.error(format!("field {name}: `length_max` belongs to text, binary and json only"));
        }
        if field.unique && (is_reference || matches!(field.kind, KindToml::Json | KindToml::Binary)) {
            self.error(format!("field {name}: a reference, json or binary field cannot be unique"));
        }
        let kind = match field.kind {
            KindToml::Boolean => Kind::Boolean,
            KindToml::Integer => Kind::Integer,
            KindToml::Decimal => Kind::Decimal,
            KindToml::Real => Kind::Real,
            KindToml::Text => Kind::Text,
            KindToml::Timestamp => Kind::Timestamp,
            KindToml::Guid => Kind::Guid,
            KindToml::Binary => Kind::Binary,
            KindToml::Json => Kind::Json,
            KindToml::Reference | KindToml::References => {
                if many && name.as_str().len() > LIST_NAME_BYTES_MAX {
                    self.error(format!("field {name}: the name of a list of references has at most {LIST_NAME_BYTES_MAX} bytes"));
                }
                let Some(to) = field.to else {
                    self.error(format!("field {name}: a reference needs `to`, the type it points to"));
                    return None;
                };
                let to = self.named(TypeName::new(to))?;
                let need = self.need(&name, field.need, field.default.as_deref())?;
                Kind::Reference(Reference { to, to_page: false, need, many })
            }
        };
        Some(Field { name, kind, required: field.required, unique: field.unique, length_max: field.length_max })
    }

    fn need(&mut self, field: &FieldName, need: Option<NeedToml>, default: Option<&str>) -> Option<Need> {
        let need = need.unwrap_or(NeedToml::Required);
        match (need, default) {
            (NeedToml::RequiredWithDefault, Some(default)) => self.named(CodeName::new(default)).map(Need::RequiredWithDefault),
            (NeedToml::RequiredWithDefault, None) => {
                self.error(format!("field {field}: `required-with-default` needs `default`, a code name"));
                None
            }
            (_, Some(_)) => {
                self.error(format!("field {field}: `default` goes with need = \"required-with-default\" only"));
                None
            }
            (NeedToml::Required, None) => Some(Need::Required),
            (NeedToml::Optional, None) => Some(Need::Optional),
            (NeedToml::Binding, None) => Some(Need::Binding),
        }
    }
}
