//! A shop's categories, products with their sizes, and news.

use lockgate_guest::{Child, Connector, Error, External, Object, ObjectParams, Page, Prepared, Task, Value};

#[derive(serde::Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Thing {
    Category { id: String, name: String },
    Product { id: String, name: String, category: String, sizes: Vec<String> },
    News { name: String, product: String },
}

struct Shop;

impl Connector for Shop {
    fn prepare_internal_object(external: External, _task: Task) -> Result<Prepared, Error> {
        Ok(match serde_json::from_slice(&external.body).map_err(Error::invalid_from)? {
            Thing::Category { id, name } => Object::new("shop.category", id).display_name(name).into(),
            Thing::Product { id, name, category, sizes } => {
                let product = Object::new("shop.product", id).display_name(name).field("category", Value::reference(category));
                sizes.into_iter().fold(product, |product, size| product.child(Child::new("shop.size", size))).into()
            }
            Thing::News { name, product } => {
                Page::new("shop.news", "en-US", name).parent_root().field("product", Value::reference(product)).into()
            }
        })
    }

    fn get_internal_object_params(id: &str, _object_type: &str) -> Result<ObjectParams, Error> {
        Ok(ObjectParams::new(id))
    }
}

lockgate_guest::export!(Shop, manifest = "manifest.toml");
