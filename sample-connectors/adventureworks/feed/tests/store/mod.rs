//! A store of names only: enough to see that every task translates into what `model.toml` declares,
//! and that whatever it refers to is there already.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use adventureworks_connector::AdventureWorks;
use adventureworks_feed::{Dataset, Submission, tasks};
use lockgate_feed::Task;
use lockgate_guest::{Child, Connector, DataType, External, Field, Object, Page, Prepared, TaskType, Value};

const SITE: &str = "adventureworks";

/// What is stored, and what `model.toml` declares.
pub struct Store {
    model: toml::Table,
    /// Type and code name.
    pub objects: BTreeSet<(String, String)>,
    /// Node GUID and culture, with whether there is a description.
    pub versions: BTreeMap<(String, String), bool>,
    /// Type, owner and what is bound.
    pub bindings: BTreeSet<(String, String, String)>,
    /// How many references were resolved.
    pub references: usize,
}

/// The sample's folder.
pub fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every task of a folder of tables.
pub fn tasks_of(dir: &Path) -> Vec<Task> {
    let submission = Submission { connector: SITE.into(), site: SITE.into() };
    tasks(&Dataset::read(dir).unwrap(), &submission)
}

impl Store {
    /// An empty one.
    pub fn new() -> Self {
        let text = std::fs::read_to_string(sample().join("model.toml")).unwrap();
        Self { model: text.parse().unwrap(), objects: BTreeSet::new(), versions: BTreeMap::new(), bindings: BTreeSet::new(), references: 0 }
    }

    /// How many objects of a type there are.
    pub fn count(&self, object_type: &str) -> usize {
        self.objects.iter().filter(|(name, _)| name == object_type).count()
    }

    /// How many culture versions the page with this node GUID has.
    pub fn cultures_by_page(&self) -> BTreeMap<&str, usize> {
        let mut pages = BTreeMap::new();
        for (guid, _) in self.versions.keys() {
            *pages.entry(guid.as_str()).or_default() += 1;
        }
        pages
    }

    /// Carries in a task as the host would.
    pub fn apply(&mut self, task: &Task) {
        let external = External::new(task.media_type.as_str(), task.body.as_bytes());
        let asked = lockgate_guest::Task {
            task_type: if task.task_type == "update-document" { TaskType::UpdateDocument } else { TaskType::CreateObject },
            data_type: if task.data_type == "snapshot" { DataType::Snapshot } else { DataType::SimpleSnapshot },
            site_name: task.site.clone(),
        };
        match AdventureWorks::prepare_internal_object(external, asked) {
            Ok(Prepared::Object(object)) => self.object(&object),
            Ok(Prepared::Page(page)) => self.page(page),
            other => panic!("{}: {other:?}", task.title),
        }
    }

    fn object(&mut self, object: &Object) {
        if let Some(parent) = &object.parent {
            let of = self.declared("object_type", &object.object_type)["parent"].as_str().unwrap().to_owned();
            self.refer(&of, parent);
        }
        self.fields("object_type", &object.object_type, &object.fields, None);
        self.objects.insert((object.object_type.clone(), object.code_name.clone()));
        for child in &object.children {
            self.child(object, child);
        }
    }

    fn child(&mut self, owner: &Object, child: &Child) {
        if !child.code_name.is_empty() {
            self.fields("object_type", &child.object_type, &child.fields, None);
            self.objects.insert((child.object_type.clone(), child.code_name.clone()));
            return;
        }
        let binds = self.declared("binding_type", &child.object_type)["binds"].as_array().unwrap().clone();
        let [from, to] = [0, 1].map(|at| binds[at].as_str().unwrap());
        self.fields("binding_type", &child.object_type, &child.fields, Some(from));
        let Some(Value::Reference(bound)) = child.get(to) else { panic!("{to} of {child:?}") };
        let binding = (child.object_type.clone(), owner.code_name.clone(), bound.clone());
        assert!(self.bindings.insert(binding), "one binding for each pair: {child:?}");
    }

    fn page(&mut self, page: Page) {
        let cultures = self.model["site"][0]["cultures"].as_array().unwrap();
        assert!(cultures.iter().any(|culture| culture.as_str() == Some(page.culture.as_str())), "{}", page.culture);
        self.fields("page_type", &page.class_name, &page.fields, None);
        let described = page.get("description") != Some(&Value::Null);
        self.versions.insert((page.node_guid.unwrap(), page.culture), described);
    }

    fn declared(&self, kind: &str, name: &str) -> toml::Value {
        let all = self.model[kind].as_array().unwrap();
        all.iter().find(|it| it["name"].as_str() == Some(name)).unwrap_or_else(|| panic!("{kind} {name}")).clone()
    }

    fn fields(&mut self, kind: &str, of: &str, fields: &[Field], settled: Option<&str>) {
        let declared = self.declared(kind, of)["fields"].as_array().unwrap().clone();
        let named = |name: &str| fields.iter().find(|field| field.name == name).map(|field| &field.value);
        for field in &declared {
            let name = field["name"].as_str().unwrap();
            if settled != Some(name) {
                let value = named(name).unwrap_or_else(|| panic!("{of} is given no {name}"));
                self.value(field, value, &format!("{of}.{name}"));
            }
        }
        for field in fields {
            assert!(declared.iter().any(|it| it["name"].as_str() == Some(&field.name)), "{of} declares no {}", field.name);
        }
    }

    fn value(&mut self, field: &toml::Value, value: &Value, place: &str) {
        let kind = match value {
            Value::Null => {
                assert!(field.get("required").is_none(), "{place} is required");
                return;
            }
            Value::Reference(id) => {
                self.refer(field["to"].as_str().unwrap_or_else(|| panic!("{place}")), id);
                "reference"
            }
            Value::Text(text) => {
                let max = field.get("length_max").and_then(toml::Value::as_integer);
                assert!(max.is_none_or(|max| text.chars().count() <= max as usize), "{place} is too long");
                "text"
            }
            Value::Integer(_) => "integer",
            Value::Decimal(_) => "decimal",
            Value::Boolean(_) => "boolean",
            Value::Timestamp(_) => "timestamp",
            other => panic!("{place}: {other:?}"),
        };
        assert_eq!(field["kind"].as_str(), Some(kind), "{place}");
    }

    /// What an external id refers to is there.
    fn refer(&mut self, to: &str, id: &str) {
        self.references += 1;
        if to == "aw.model" {
            let params = AdventureWorks::get_internal_document_params(id, to).unwrap();
            assert_eq!(params.site, SITE);
            assert!(self.versions.contains_key(&(params.node_guid, params.culture)), "{to} {id:?} is not stored");
        } else {
            let params = AdventureWorks::get_internal_object_params(id, to).unwrap();
            assert!(self.objects.contains(&(to.into(), params.code_name)), "{to} {id:?} is not stored");
        }
    }
}
