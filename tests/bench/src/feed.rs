//! What the shop sends: products by number, always the same for the same number.

use std::fmt::Write as _;

use lockgate_bench_translation::{CATEGORY, SUPPLIER};
use lockgate_core::admit::Submission;
use lockgate_core::names::ConnectorName;
use lockgate_core::task::{DataType, ExternalObject, INTERNAL_MEDIA_TYPE, ProcessType, TaskType};

/// Half of the referred objects are categories, half suppliers.
pub const REFERENCES: u64 = 1_000;

const WORDS: [&str; 16] =
    ["solid", "oak", "table", "with", "rounded", "edges", "and", "a", "drawer", "for", "cutlery", "oiled", "by", "hand", "in", "Jutland"];

/// How large a product's JSON is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// 258 bytes, 9 fields.
    Small,
    /// 974 bytes, 16 fields.
    Medium,
    /// 10,000 bytes, 16 fields and about 60 variants.
    Large,
}

impl Size {
    pub fn bytes(self) -> usize {
        match self {
            Self::Small => 258,
            Self::Medium => 974,
            Self::Large => 10_000,
        }
    }
}

/// One product as JSON of exactly this size.
pub fn product(number: u64, size: Size) -> Vec<u8> {
    let mut json = String::with_capacity(size.bytes());
    let (category, supplier) = (number.wrapping_mul(7) % (REFERENCES / 2), number.wrapping_mul(11) % (REFERENCES / 2));
    // Writing into a String cannot fail.
    let _ = write!(
        json,
        r#"{{"id":{number},"sku":"{}","name":"Table {number}","category":"{category}","supplier":"S-{supplier}","price":"{}.95","stock":{},"active":true"#,
        sku(number),
        number % 900 + 20,
        number % 77
    );
    if size != Size::Small {
        let _ = write!(
            json,
            r#","brand":"Jysk Træ","cost":"{}.5","weight":{}.25,"colour":"oak","size":"180x90","ean":"{:013}","url":"https://shop.example.com/tables/{number}","created":"2024-03-{:02}T08:30:00Z","modified":"2026-01-{:02}T17:05:09+01:00","currency":"DKK","tax_class":"standard","shipping_class":"bulky","visible":true,"rating":4.5,"reviews":{}"#,
            number % 500 + 10,
            number % 40 + 5,
            number % 10_000_000_000,
            number % 28 + 1,
            number % 27 + 1,
            number % 300
        );
    }
    if size == Size::Large {
        variants(number, size.bytes() - 300, &mut json);
    }
    let key = if size == Size::Small { "note" } else { "description" };
    let _ = write!(json, r#","{key}":""#);
    for word in WORDS.iter().cycle().skip(number as usize % WORDS.len()) {
        if json.len() + word.len() + 3 > size.bytes() {
            break;
        }
        json.push_str(word);
        json.push(' ');
    }
    while json.len() + 2 < size.bytes() {
        json.push('.');
    }
    json.push_str("\"}");
    json.into_bytes()
}

fn variants(number: u64, until: usize, json: &mut String) {
    json.push_str(r#","variants":["#);
    for variant in 0.. {
        if json.len() > until {
            break;
        }
        let comma = if variant == 0 { "" } else { "," };
        let _ = write!(
            json,
            r#"{comma}{{"sku":"{}-{variant}","colour":"colour {variant}","size":"{}x90","price":"{}.95","stock":{},"ean":"{:013}"}}"#,
            sku(number),
            120 + variant,
            number % 900 + 20,
            variant % 7,
            number * 100 + variant
        );
    }
    json.push(']');
}

/// The code name of a product.
pub fn sku(number: u64) -> String {
    format!("TBL-{number:08}")
}

/// A task that makes one product.
pub fn submission(connector: &ConnectorName, number: u64, size: Size) -> Submission {
    task(connector, "application/json", product(number, size), format!("Table {number} ({})", sku(number)))
}

/// Likewise, of all sizes in turn, and with the variants that a large one has.
pub fn mixed(connector: &ConnectorName, number: u64) -> Submission {
    let size = match number % 10 {
        0 => Size::Large,
        1..=3 => Size::Small,
        _ => Size::Medium,
    };
    Submission { data_type: DataType::Snapshot, ..submission(connector, number, size) }
}

/// Tasks that make what products refer to.
pub fn references(connector: &ConnectorName) -> Vec<Submission> {
    reference_bodies().map(|(media_type, body)| task(connector, media_type, body.into_bytes(), String::new())).collect()
}

/// Their media types and bodies: internal objects, which need no translation.
pub fn reference_bodies() -> impl Iterator<Item = (&'static str, String)> {
    [(CATEGORY, "category"), (SUPPLIER, "supplier")].into_iter().flat_map(|(object_type, kind)| {
        (0..REFERENCES / 2).map(move |id| {
            let body = format!(r#"{{"object":{{"type":"{object_type}","code_name":"{kind}-{id}","display_name":"{kind} {id}"}}}}"#);
            (INTERNAL_MEDIA_TYPE, body)
        })
    })
}

fn task(connector: &ConnectorName, media_type: &str, body: Vec<u8>, title: String) -> Submission {
    Submission {
        connector: connector.clone(),
        external: ExternalObject { media_type: media_type.into(), body: body.into() },
        process_type: ProcessType::Default,
        task_type: TaskType::CreateObject,
        data_type: DataType::SimpleSnapshot,
        site: None,
        title,
        subject: None,
        file_name: None,
        idempotency_key: None,
        traceparent: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_has_exactly_its_size_and_is_json() {
        for size in [Size::Small, Size::Medium, Size::Large] {
            for number in [0, 1, 999_999, 12_345_678] {
                let body = product(number, size);
                assert_eq!(body.len(), size.bytes(), "{size:?} {number}");
                assert!(serde_json::from_slice::<serde_json::Value>(&body).is_ok(), "{size:?} {number}");
            }
        }
    }
}
