//! The AdventureWorks sample connector: rows of the OLTP sample database into a category tree,
//! products with reviews, bills of materials, employees with departments, and product models as
//! pages in several cultures.
//!
//! Keeps nothing between tasks but the site's name, and asks nobody: every reference is answered
//! from its external id alone. `../model.toml` declares what it writes,
//! `manifest.toml` asks for that and nothing else.

mod bom;
mod document;
mod employee;
mod ids;
mod lists;
mod model;
mod product;
mod site;
mod values;

use lockgate_guest::{Connector, DocumentParams, Error, External, ObjectParams, Prepared, Task, TaskType, export};

use document::Document;

/// The connector.
pub struct AdventureWorks;

impl Connector for AdventureWorks {
    fn prepare_internal_object(external: External, task: Task) -> Result<Prepared, Error> {
        site::remember(task.site_name.as_deref());
        if is_found_only(task.task_type) {
            return ids::identify(&external);
        }
        Ok(translate(Document::read(&external)?))
    }

    fn get_internal_object_params(id: &str, object_type: &str) -> Result<ObjectParams, Error> {
        ids::object_params(id, object_type)
    }

    fn get_internal_document_params(id: &str, class_name: &str) -> Result<DocumentParams, Error> {
        ids::document_params(id, class_name)
    }
}

export!(AdventureWorks, manifest = "manifest.toml");

/// What is only to be found again needs no more than its key: the row itself may be gone.
fn is_found_only(task_type: TaskType) -> bool {
    matches!(
        task_type,
        TaskType::DeleteObject
            | TaskType::RemoveFromSite
            | TaskType::DeleteDocument
            | TaskType::DeleteAllCultures
            | TaskType::ArchiveDocument
    )
}

fn translate(document: Document) -> Prepared {
    match document {
        Document::Culture(row) => lists::culture(row).into(),
        Document::UnitMeasure(row) => lists::unit(row).into(),
        Document::ProductCategory(row) => lists::category(row).into(),
        Document::ProductSubcategory(row) => lists::subcategory(row).into(),
        Document::Department(row) => lists::department(row).into(),
        Document::Product(row) => product::product(*row).into(),
        Document::ProductModel(row) => model::model(row).into(),
        Document::BillOfMaterials(row) => bom::bom(row).into(),
        Document::Employee(row) => employee::employee(*row).into(),
    }
}
