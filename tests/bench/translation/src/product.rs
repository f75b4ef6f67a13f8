//! A product as the shop writes it. Keys that are not named here are passed over.

use std::borrow::Cow;

use serde::Deserialize;

use crate::{Builder, Field, Value};

#[derive(Deserialize)]
pub struct Product<'a> {
    id: i64,
    #[serde(borrow)]
    sku: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    brand: Option<Cow<'a, str>>,
    #[serde(borrow)]
    description: Option<Cow<'a, str>>,
    #[serde(borrow)]
    category: Option<Cow<'a, str>>,
    #[serde(borrow)]
    supplier: Option<Cow<'a, str>>,
    #[serde(borrow)]
    price: Option<Cow<'a, str>>,
    #[serde(borrow)]
    cost: Option<Cow<'a, str>>,
    weight: Option<f64>,
    stock: Option<i64>,
    active: Option<bool>,
    #[serde(borrow)]
    colour: Option<Cow<'a, str>>,
    #[serde(borrow)]
    size: Option<Cow<'a, str>>,
    #[serde(borrow)]
    ean: Option<Cow<'a, str>>,
    #[serde(borrow)]
    url: Option<Cow<'a, str>>,
    #[serde(borrow)]
    created: Option<Cow<'a, str>>,
    #[serde(borrow)]
    modified: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    variants: Vec<Variant<'a>>,
}

#[derive(Deserialize)]
struct Variant<'a> {
    #[serde(borrow)]
    sku: Cow<'a, str>,
    #[serde(borrow)]
    colour: Option<Cow<'a, str>>,
    #[serde(borrow)]
    size: Option<Cow<'a, str>>,
    #[serde(borrow)]
    price: Option<Cow<'a, str>>,
    stock: Option<i64>,
    #[serde(borrow)]
    ean: Option<Cow<'a, str>>,
}

impl Product<'_> {
    pub fn build(self, builder: &mut impl Builder) {
        builder.product(&self.sku, &self.name);
        let mut set = |field, value: Option<Value<'_>>| {
            if let Some(value) = value {
                builder.field(field, value);
            }
        };
        set(Field::Number, Some(Value::Integer(self.id)));
        set(Field::Brand, self.brand.map(Value::Text));
        set(Field::Description, self.description.map(Value::Text));
        set(Field::Category, self.category.map(Value::Reference));
        set(Field::Supplier, self.supplier.map(Value::Reference));
        set(Field::Price, self.price.map(Value::Decimal));
        set(Field::Cost, self.cost.map(Value::Decimal));
        set(Field::Weight, self.weight.map(Value::Real));
        set(Field::Stock, self.stock.map(Value::Integer));
        set(Field::Active, self.active.map(Value::Boolean));
        set(Field::Colour, self.colour.map(Value::Text));
        set(Field::Size, self.size.map(Value::Text));
        set(Field::Ean, self.ean.map(Value::Text));
        set(Field::Url, self.url.map(Value::Text));
        set(Field::Created, self.created.map(Value::Timestamp));
        set(Field::Modified, self.modified.map(Value::Timestamp));
        for variant in self.variants {
            builder.variant(&variant.sku);
            variant.build(builder);
        }
    }
}

impl Variant<'_> {
    fn build(self, builder: &mut impl Builder) {
        let mut set = |field, value: Option<Value<'_>>| {
            if let Some(value) = value {
                builder.field(field, value);
            }
        };
        set(Field::Colour, self.colour.map(Value::Text));
        set(Field::Size, self.size.map(Value::Text));
        set(Field::Price, self.price.map(Value::Decimal));
        set(Field::Stock, self.stock.map(Value::Integer));
        set(Field::Ean, self.ean.map(Value::Text));
    }
}
