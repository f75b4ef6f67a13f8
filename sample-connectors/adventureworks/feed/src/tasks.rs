//! One task for each object, what is referred to before what refers to it.

use lockgate_feed::Task;
use serde_json::{Map, Value};

use crate::Dataset;
use crate::dataset::{Description, Place};
use crate::schema::{self, Table};
use crate::table::{Row, Rows};

const JSON: &str = "application/json";

/// Where the tasks go.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The connector's name.
    pub connector: String,
    /// The site's name.
    pub site: String,
}

/// All tasks of a dataset: languages, units, the category tree, models in each culture, products
/// with their reviews, bills of materials, departments, employees with their departments.
pub fn tasks(dataset: &Dataset, submission: &Submission) -> Vec<Task> {
    let mut maker = Maker { submission, tasks: Vec::new() };
    maker.rows("aw.culture", &schema::CULTURE, &dataset.cultures);
    maker.rows("aw.unit", &schema::UNIT, &dataset.units);
    maker.rows("aw.category", &schema::CATEGORY, &dataset.categories);
    maker.rows("aw.subcategory", &schema::SUBCATEGORY, &dataset.subcategories);
    maker.models(dataset);
    maker.products(dataset);
    maker.rows("aw.bom", &schema::BOM, &dataset.bom);
    maker.rows("aw.department", &schema::DEPARTMENT, &dataset.departments);
    maker.employees(dataset);
    maker.tasks
}

struct Maker<'a> {
    submission: &'a Submission,
    tasks: Vec<Task>,
}

impl Maker<'_> {
    fn object(&mut self, kind: &str, table: &Table, row: &Row, more: Vec<(&str, Value)>) {
        let Submission { connector, site } = self.submission;
        let task = Task::object(connector, kind, title(table, row), JSON, document(table, row, more));
        self.tasks.push(task.site(site).subject(subject(table, row)));
    }

    /// Rows that are objects of their own, with nothing in them.
    fn rows(&mut self, kind: &str, table: &Table, rows: &Rows) {
        for row in &rows.rows {
            self.object(kind, table, row, Vec::new());
        }
    }

    /// A culture version is a task of its own. A model that nobody described is one without culture,
    /// which the connector takes for the default one.
    fn models(&mut self, dataset: &Dataset) {
        for row in &dataset.models.rows {
            let described = row.integer("id").and_then(|id| dataset.descriptions.get(&id));
            let described = described.map(Vec::as_slice).unwrap_or_default();
            for description in described {
                self.model(row, Some(description));
            }
            if described.is_empty() {
                self.model(row, None);
            }
        }
    }

    fn model(&mut self, row: &Row, description: Option<&Description>) {
        let Submission { connector, site } = self.submission;
        let culture = description.map(|it| it.culture.as_str());
        let more = vec![
            ("culture", culture.into()),
            ("description_id", description.map(|it| it.id).into()),
            ("description", description.map(|it| it.text.as_str()).into()),
        ];
        let title = format!("{} ({})", title(&schema::MODEL, row), culture.unwrap_or("no culture"));
        let task = Task::page(connector, "aw.model", title, JSON, document(&schema::MODEL, row, more), site);
        // All cultures of a model are one page.
        self.tasks.push(task.task_type("update-document").subject(subject(&schema::MODEL, row)));
    }

    fn products(&mut self, dataset: &Dataset) {
        for row in &dataset.products.rows {
            let reviews = row.integer("id").and_then(|id| dataset.reviews.get(&id));
            self.object("aw.product", &schema::PRODUCT, row, vec![("reviews", list(reviews))]);
            self.snapshot();
        }
    }

    /// Managers first.
    fn employees(&mut self, dataset: &Dataset) {
        let place = |row: &Row| row.integer("id").and_then(|id| dataset.places.get(&id));
        let mut rows: Vec<&Row> = dataset.employees.rows.iter().collect();
        rows.sort_by_key(|row| place(row).map(|Place { level, .. }| *level));
        for row in rows {
            let history = row.integer("id").and_then(|id| dataset.department_history.get(&id));
            let more = vec![("manager_id", place(row).and_then(|place| place.manager).into()), ("departments", list(history))];
            self.object("aw.employee", &schema::EMPLOYEE, row, more);
            self.snapshot();
        }
    }

    /// The last task is with children and bindings.
    fn snapshot(&mut self) {
        if let Some(task) = self.tasks.last_mut() {
            "snapshot".clone_into(&mut task.data_type);
        }
    }
}

fn list(rows: Option<&Vec<Row>>) -> Value {
    rows.into_iter().flatten().map(|row| Value::Object(row.values.clone())).collect()
}

/// `{"table": …}`, the row's columns, and what belongs to it.
fn document(table: &Table, row: &Row, more: Vec<(&str, Value)>) -> String {
    let mut document = Map::new();
    document.insert("table".to_owned(), table.name.into());
    document.extend(row.values.clone());
    document.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Value::Object(document).to_string()
}

/// What the dataset calls a row.
fn subject(table: &Table, row: &Row) -> String {
    let key = table.key.iter().map(|column| match row.values.get(*column) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(value) => value.to_string(),
    });
    format!("{} {}", table.name, key.collect::<Vec<_>>().join(","))
}

fn title(table: &Table, row: &Row) -> String {
    let key = match row.values.get("id") {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Null) | None => "(blank)".to_owned(),
        Some(id) => id.to_string(),
    };
    let name = row.text("name").or_else(|| row.text("login")).map(|name| format!(": {name}"));
    format!("{} {key}{}", table.name, name.unwrap_or_default())
}
