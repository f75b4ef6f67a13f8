//! The external object: one row as JSON, told apart by its `table`.

use lockgate_guest::{Error, External};
use serde::Deserialize;

use crate::bom::BillOfMaterials;
use crate::employee::Employee;
use crate::lists::{Category, Culture, Department, Subcategory, Unit};
use crate::model::Model;
use crate::product::Product;

const MEDIA_TYPE: &str = "application/json";

/// A row, as `adventureworks-feed` writes them.
#[derive(Deserialize)]
#[serde(tag = "table")]
pub enum Document {
    Culture(Culture),
    UnitMeasure(Unit),
    ProductCategory(Category),
    ProductSubcategory(Subcategory),
    Product(Box<Product>),
    ProductModel(Model),
    BillOfMaterials(BillOfMaterials),
    Department(Department),
    Employee(Box<Employee>),
}

/// As much of a row as says which one it is.
#[derive(Deserialize)]
pub struct Key {
    /// The name of its table.
    pub table: String,
    id: Option<Id>,
    /// Of a model's page.
    #[serde(default)]
    pub culture: Option<String>,
    /// Of a subcategory.
    #[serde(default)]
    category_id: Option<i64>,
    /// Of a review.
    #[serde(default)]
    product_id: Option<i64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Number(i64),
    Text(String),
}

impl Document {
    /// Reads a whole row.
    pub fn read(external: &External) -> Result<Self, Error> {
        read(external)
    }
}

impl Key {
    /// Reads what identifies a row, and nothing else of it.
    pub fn read(external: &External) -> Result<Self, Error> {
        read(external)
    }

    /// The row's parent, where its table has one.
    pub fn parent(&self) -> Result<Option<String>, Error> {
        let (column, id) = match self.table.as_str() {
            "ProductSubcategory" => ("category_id", self.category_id),
            "ProductReview" => ("product_id", self.product_id),
            _ => return Ok(None),
        };
        let missing = || Error::invalid(format!("a row of {} is found by its parent too", self.table)).at(column);
        id.map(|id| Some(id.to_string())).ok_or_else(missing)
    }

    /// The row's id as text; that of the invariant culture is empty.
    pub fn id(&self) -> Result<String, Error> {
        match &self.id {
            Some(Id::Number(id)) => Ok(id.to_string()),
            Some(Id::Text(id)) => Ok(id.clone()),
            None if self.table == "Culture" => Ok(String::new()),
            None => Err(Error::invalid("missing").at("id")),
        }
    }
}

fn read<T: for<'de> Deserialize<'de>>(external: &External) -> Result<T, Error> {
    if external.media_type != MEDIA_TYPE {
        let message = format!("the media type is {:?}, not {MEDIA_TYPE:?}", external.media_type);
        return Err(Error::unsupported(message));
    }
    serde_json::from_slice(&external.body).map_err(Error::invalid_from)
}
