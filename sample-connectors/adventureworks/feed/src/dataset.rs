//! All tables of a folder, with the rows that are sent within others found.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{InputError, Problem};
use crate::org::labels;
use crate::schema;
use crate::table::{Row, Rows};

/// The tables of a folder: every file read and every column checked, before anything is sent.
#[derive(Debug)]
pub struct Dataset {
    pub(crate) cultures: Rows,
    pub(crate) units: Rows,
    pub(crate) categories: Rows,
    pub(crate) subcategories: Rows,
    pub(crate) models: Rows,
    pub(crate) products: Rows,
    pub(crate) bom: Rows,
    pub(crate) departments: Rows,
    pub(crate) employees: Rows,
    /// Rows that are sent within others, by the id of those.
    pub(crate) descriptions: BTreeMap<i64, Vec<Description>>,
    pub(crate) reviews: BTreeMap<i64, Vec<Row>>,
    pub(crate) department_history: BTreeMap<i64, Vec<Row>>,
    /// Ids of managers, and how far from the root of the tree, by id of the employee.
    pub(crate) places: BTreeMap<i64, Place>,
}

/// A description of a model in one culture.
#[derive(Debug)]
pub struct Description {
    pub(crate) id: i64,
    pub(crate) culture: String,
    pub(crate) text: String,
}

/// Where an employee stands in the organisation.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub(crate) level: usize,
    pub(crate) manager: Option<i64>,
}

impl Dataset {
    /// Reads a folder.
    pub fn read(dir: &Path) -> Result<Self, InputError> {
        let read = |table| Rows::read(dir, table);
        let products = read(&schema::PRODUCT)?;
        let models = read(&schema::MODEL)?;
        let employees = read(&schema::EMPLOYEE)?;
        let reviews = within(read(&schema::REVIEW)?, "product_id", &products, schema::PRODUCT.name)?;
        let department_history = within(read(&schema::DEPARTMENT_HISTORY)?, "employee_id", &employees, schema::EMPLOYEE.name)?;
        let descriptions = descriptions(&read(&schema::DESCRIPTION)?, read(&schema::MODEL_DESCRIPTION)?, &models)?;
        Ok(Self {
            cultures: read(&schema::CULTURE)?,
            units: read(&schema::UNIT)?,
            categories: read(&schema::CATEGORY)?,
            subcategories: read(&schema::SUBCATEGORY)?,
            bom: read(&schema::BOM)?,
            departments: read(&schema::DEPARTMENT)?,
            places: places(&employees)?,
            models,
            products,
            employees,
            descriptions,
            reviews,
            department_history,
        })
    }
}

/// Rows by the row that they are sent within: one that has none would be lost without a word.
fn within(rows: Rows, column: &'static str, owners: &Rows, table: &'static str) -> Result<BTreeMap<i64, Vec<Row>>, InputError> {
    let mut by_owner: BTreeMap<i64, Vec<Row>> = owners.rows.iter().filter_map(|row| Some((row.integer("id")?, Vec::new()))).collect();
    for row in &rows.rows {
        match row.integer(column).and_then(|id| by_owner.get_mut(&id)) {
            Some(owned) => owned.push(row.clone()),
            None => return Err(rows.error(row, orphan(row, column, table))),
        }
    }
    Ok(by_owner)
}

fn orphan(row: &Row, column: &'static str, table: &'static str) -> Problem {
    let found = row.values.get(column).map(ToString::to_string).unwrap_or_default();
    Problem::Orphan { column, found, table }
}

fn descriptions(texts: &Rows, links: Rows, models: &Rows) -> Result<BTreeMap<i64, Vec<Description>>, InputError> {
    let by_id: BTreeMap<i64, &str> = texts.rows.iter().filter_map(|row| Some((row.integer("id")?, row.text("description")?))).collect();
    for link in &links.rows {
        if link.integer("description_id").is_none_or(|id| !by_id.contains_key(&id)) {
            return Err(links.error(link, orphan(link, "description_id", schema::DESCRIPTION.name)));
        }
    }
    let by_model = within(links, "model_id", models, schema::MODEL.name)?;
    let description = |link: &Row| {
        let id = link.integer("description_id")?;
        Some(Description { id, culture: link.text("culture")?.to_owned(), text: (*by_id.get(&id)?).to_owned() })
    };
    Ok(by_model.into_iter().map(|(model, links)| (model, links.iter().filter_map(description).collect())).collect())
}

fn places(employees: &Rows) -> Result<BTreeMap<i64, Place>, InputError> {
    let mut by_node: BTreeMap<Vec<u32>, i64> = BTreeMap::new();
    let mut nodes = Vec::with_capacity(employees.rows.len());
    for row in &employees.rows {
        let hex = row.text("org_node").unwrap_or_default();
        let value = Problem::Value { column: "org_node", expected: "a hierarchyid in hexadecimal", found: hex.to_owned() };
        let (Some(node), Some(id)) = (labels(hex), row.integer("id")) else { return Err(employees.error(row, value)) };
        by_node.entry(node.clone()).or_insert(id);
        nodes.push((row, id, node));
    }
    let mut places = BTreeMap::new();
    for (row, id, node) in nodes {
        let manager = match node.split_last() {
            None => None,
            Some((_, above)) => match by_node.get(above) {
                Some(manager) => Some(*manager),
                None => return Err(employees.error(row, orphan(row, "org_node", schema::EMPLOYEE.name))),
            },
        };
        places.insert(id, Place { level: node.len(), manager });
    }
    Ok(places)
}
