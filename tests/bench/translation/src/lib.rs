//! The translation that the benchmark measures. The component and the native translator call the
//! same two functions; each brings a [`Builder`] for what it answers with.
//!
//! What this crate must not know: Lockgate. It reads a shop's JSON.

mod field;
mod product;

use std::borrow::Cow;

pub use field::Field;

/// Type of the main object.
pub const PRODUCT: &str = "shop.product";
/// Type of its children.
pub const VARIANT: &str = "shop.variant";
/// Type of what a product's category refers to.
pub const CATEGORY: &str = "shop.category";
/// Type of what a product's supplier refers to.
pub const SUPPLIER: &str = "shop.supplier";

/// A field's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// A whole number.
    Integer(i64),
    /// An exact decimal number.
    Decimal(Cow<'a, str>),
    /// A real number.
    Real(f64),
    /// True or false.
    Boolean(bool),
    /// RFC 3339 with an offset.
    Timestamp(Cow<'a, str>),
    /// An external id.
    Reference(Cow<'a, str>),
}

/// Takes what is read, in this order: the product, its fields, then each variant with its own.
pub trait Builder {
    /// The main object. Called once, first.
    fn product(&mut self, code_name: &str, display_name: &str);
    /// A child.
    fn variant(&mut self, code_name: &str);
    /// A field of what was named last.
    fn field(&mut self, field: Field, value: Value<'_>);
}

/// Reads one product; an error says what is wrong with the text.
pub fn prepare(body: &[u8], builder: &mut impl Builder) -> Result<(), String> {
    let product: product::Product<'_> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    product.build(builder);
    Ok(())
}

/// The code name of a category or supplier by its external id, `17` or `S-17`; `None` for another type.
pub fn code_name(object_type: &str, id: &str) -> Option<String> {
    let kind = match object_type {
        CATEGORY => "category",
        SUPPLIER => "supplier",
        _ => return None,
    };
    let mut name = String::with_capacity(kind.len() + 1 + id.len());
    name.push_str(kind);
    name.push('-');
    name.push_str(id.trim_start_matches("S-"));
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Rows(Vec<(String, Vec<(Field, String)>)>);

    impl Builder for Rows {
        fn product(&mut self, code_name: &str, _display_name: &str) {
            self.0.push((code_name.to_owned(), Vec::new()));
        }

        fn variant(&mut self, code_name: &str) {
            self.0.push((code_name.to_owned(), Vec::new()));
        }

        fn field(&mut self, field: Field, value: Value<'_>) {
            self.0.last_mut().unwrap().1.push((field, format!("{value:?}")));
        }
    }

    #[test]
    fn absent_keys_set_no_fields_and_variants_are_rows_of_their_own() {
        let mut rows = Rows::default();
        let body = br#"{"id": 7, "sku": "A-7", "name": "Mug", "category": "3", "price": "4.50",
            "variants": [{"sku": "A-7-red", "colour": "red", "stock": 2}]}"#;
        prepare(body, &mut rows).unwrap();
        assert_eq!(rows.0.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["A-7", "A-7-red"]);
        let fields: Vec<_> = rows.0[0].1.iter().map(|(field, _)| *field).collect();
        assert_eq!(fields, [Field::Number, Field::Category, Field::Price]);
        assert_eq!(rows.0[1].1.len(), 2);
    }

    #[test]
    fn ids_become_code_names_by_their_type() {
        assert_eq!(code_name(SUPPLIER, "S-17").as_deref(), Some("supplier-17"));
        assert_eq!(code_name(CATEGORY, "17").as_deref(), Some("category-17"));
        assert_eq!(code_name(PRODUCT, "17"), None);
    }
}
