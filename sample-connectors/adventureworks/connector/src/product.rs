//! Products, with their reviews as children.

use lockgate_guest::{Child, Object, Value};
use serde::Deserialize;

use crate::ids::code_name;
use crate::values::{decimal, reference, timestamp};

/// A row of `Product`, with the rows of `ProductReview` that are about it.
#[derive(Deserialize)]
pub struct Product {
    id: i64,
    name: String,
    number: String,
    make_flag: bool,
    finished_goods_flag: bool,
    color: Option<String>,
    safety_stock: i64,
    reorder_point: i64,
    standard_cost: String,
    list_price: String,
    size: Option<String>,
    size_unit: Option<String>,
    weight_unit: Option<String>,
    weight: Option<String>,
    days_to_manufacture: i64,
    line: Option<String>,
    class: Option<String>,
    style: Option<String>,
    subcategory_id: Option<i64>,
    model_id: Option<i64>,
    sell_start: String,
    sell_end: Option<String>,
    discontinued: Option<String>,
    rowguid: String,
    modified: String,
    reviews: Vec<Review>,
}

/// A row of `ProductReview`.
#[derive(Deserialize)]
struct Review {
    id: i64,
    reviewer: String,
    reviewed: String,
    email: String,
    rating: i64,
    comments: Option<String>,
    modified: String,
}

/// A product.
pub fn product(row: Product) -> Object {
    let unit = |id: Option<String>| Value::from(id.map(Value::reference));
    let mut object = Object::new("aw.product", code_name("product", &row.id.to_string()))
        .guid(row.rowguid)
        .display_name(row.name)
        .field("number", row.number)
        .field("make_flag", row.make_flag)
        .field("finished_goods_flag", row.finished_goods_flag)
        .field("color", row.color)
        .field("safety_stock", row.safety_stock)
        .field("reorder_point", row.reorder_point)
        .field("standard_cost", decimal(&row.standard_cost))
        .field("list_price", decimal(&row.list_price))
        .field("size", row.size)
        .field("size_unit", unit(row.size_unit))
        .field("weight", row.weight.as_deref().map(decimal))
        .field("weight_unit", unit(row.weight_unit))
        .field("days_to_manufacture", row.days_to_manufacture)
        .field("line", row.line)
        .field("class", row.class)
        .field("style", row.style)
        .field("subcategory", reference(row.subcategory_id))
        .field("model", reference(row.model_id))
        .field("sell_start", timestamp(&row.sell_start))
        .field("sell_end", row.sell_end.as_deref().map(timestamp))
        .field("discontinued", row.discontinued.as_deref().map(timestamp))
        .field("modified", timestamp(&row.modified));
    for row in row.reviews {
        object.push_child(review(row));
    }
    object
}

fn review(row: Review) -> Child {
    Child::new("aw.review", code_name("review", &row.id.to_string()))
        .field("reviewer", row.reviewer)
        .field("reviewed", timestamp(&row.reviewed))
        .field("email", row.email)
        .field("rating", row.rating)
        .field("comments", row.comments)
        .field("modified", timestamp(&row.modified))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(model_id: &str, reviews: &str) -> Object {
        let json = format!(
            r#"{{"id":7,"name":"Lamp","number":"LA-7","make_flag":true,"finished_goods_flag":false,"color":null,
            "safety_stock":4,"reorder_point":3,"standard_cost":".5000","list_price":"9.9900","size":null,
            "size_unit":null,"weight_unit":"G","weight":"120.00","days_to_manufacture":1,"line":null,"class":null,
            "style":null,"subcategory_id":3,"model_id":{model_id},"sell_start":"2022-01-01 00:00:00.000",
            "sell_end":null,"discontinued":null,"rowguid":"0190A000-0000-7000-8000-000000000007",
            "modified":"2022-01-01 00:00:00.000","reviews":{reviews}}}"#
        );
        product(serde_json::from_str(&json).unwrap())
    }

    #[test]
    fn references_are_ids_and_what_is_null_is_cleared() {
        let object = made("null", "[]");
        assert_eq!(object.get("subcategory"), Some(&Value::reference("3")));
        assert_eq!(object.get("model"), Some(&Value::Null));
        assert_eq!(object.get("weight_unit"), Some(&Value::reference("G")));
        assert_eq!(object.get("size_unit"), Some(&Value::Null));
        assert_eq!(object.get("standard_cost"), Some(&Value::decimal("0.5000")));
    }

    #[test]
    fn a_review_is_a_child_and_its_text_is_kept_byte_for_byte() {
        let review = r#"[{"id":1,"product_id":7,"reviewer":"A","reviewed":"2024-09-17 00:00:00.000","email":"a@example.com",
            "rating":5,"comments":" one\n\n two ","modified":"2024-09-17 00:00:00.000"}]"#;
        let object = made("5", review);
        assert_eq!(object.children.len(), 1);
        assert_eq!(object.children[0].code_name, "review-1");
        assert_eq!(object.children[0].get("comments"), Some(&Value::Text(" one\n\n two ".into())));
    }
}
