// The object that a task becomes, as the plugin answers it and the host reads it: 16 fields, in postcard.
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub struct Product<'a> {
    pub id: &'a str,
    pub r#type: &'a str,
    pub name: &'a str,
    pub number: &'a str,
    pub culture: &'a str,
    pub category: &'a str,
    pub supplier: &'a str,
    pub list_price: f64,
    pub standard_cost: f64,
    pub weight_g: u32,
    pub colour: &'a str,
    pub size: &'a str,
    pub for_sale: bool,
    pub sell_start: &'a str,
    #[serde(borrow)]
    pub tags: Vec<&'a str>,
    pub description: &'a str,
}
