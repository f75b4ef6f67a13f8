//! The program: what it writes, and how it refuses tables that are wrong.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../data")
}

fn feed(dir: &Path) -> Command {
    let mut command = Command::cargo_bin("adventureworks-feed").unwrap();
    command.arg(dir).args(["--out", "-"]).env_remove("LOCKGATE_URL").env_remove("LOCKGATE_TOKEN");
    command
}

/// A copy of the sample with one table changed.
fn changed(table: &str, change: impl FnOnce(String) -> Vec<u8>) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(sample()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let path = copy.path().join(table);
    std::fs::write(&path, change(std::fs::read_to_string(&path).unwrap())).unwrap();
    copy
}

/// Refused with exit code 2 and this message, and nothing is written.
fn refused(dir: &Path, message: &str) {
    let output = feed(dir).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{stderr}");
    assert!(stderr.contains(message), "{stderr} has no {message:?}");
}

#[test]
fn tasks_come_in_an_order_in_which_each_refers_to_earlier_ones_only() {
    let output = feed(&sample()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let titles: Vec<String> =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(titles.len(), 35);
    assert_eq!(titles.first().map(String::as_str), Some("Culture (blank): Invariant Language"));
    let employees: Vec<&str> = titles.iter().filter_map(|title| title.strip_prefix("Employee ")).collect();
    assert_eq!(employees, ["1: lamps\\ines", "2: lamps\\łukasz", "3: lamps\\noor"]);
}

#[test]
fn a_product_is_a_snapshot_with_its_reviews() {
    let lines = String::from_utf8(feed(&sample()).output().unwrap().stdout).unwrap();
    let lamp: Value = serde_json::from_str(lines.lines().find(|line| line.contains("Product 1:")).unwrap()).unwrap();
    assert_eq!(lamp["data_type"], "snapshot");
    let body: Value = serde_json::from_str(lamp["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["reviews"][0]["comments"], " Bright,\nand quiet.\n\nI would buy it again.");
    assert_eq!(body["reviews"].as_array().unwrap().len(), 2);
}

#[test]
fn tables_with_carriage_returns_are_the_same_tables() {
    let crlf = changed("Product.csv", |text| text.replace('\n', "\r\n").into_bytes());
    let expected = feed(&sample()).output().unwrap().stdout;
    assert_eq!(feed(crlf.path()).output().unwrap().stdout, expected);
}

#[test]
fn a_missing_table_is_named() {
    let copy = changed("Product.csv", String::into_bytes);
    std::fs::remove_file(copy.path().join("UnitMeasure.csv")).unwrap();
    refused(copy.path(), "UnitMeasure.csv: No such file");
}

#[test]
fn a_row_with_a_column_too_many_is_named_with_its_line() {
    let copy = changed("Department.csv", |text| format!("{text}3\tSales\tNorth\tEurope\t2026-01-05 08:30:00.000\n").into_bytes());
    refused(copy.path(), "Department.csv:3: the row has 5 columns, and the table has 4");
}

#[test]
fn another_encoding_is_named_with_its_line() {
    let latin1 = changed("Employee.csv", |text| text.replace("noor", "no\u{1}r").bytes().map(|b| if b == 1 { 0xf6 } else { b }).collect());
    refused(latin1.path(), "Employee.csv:1: not UTF-8");
    let utf16 = changed("Culture.csv", |text| [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect());
    refused(utf16.path(), "Culture.csv:1: the file is in UTF-16");
}

#[test]
fn a_value_of_the_wrong_kind_is_named_with_its_column() {
    let copy = changed("BillOfMaterials.csv", |text| text.replace("\t3.00\t", "\tthree\t").into_bytes());
    refused(copy.path(), r#"BillOfMaterials.csv:6: column quantity is "three", which is not a decimal number"#);
}

#[test]
fn a_review_of_no_product_would_be_lost_and_is_refused() {
    let copy = changed("ProductReview.csv", |text| text.replace("2\t1\tBrook", "2\t99\tBrook").into_bytes());
    refused(copy.path(), "ProductReview.csv:5: column product_id is 99, and table Product has no such row");
}

#[test]
fn a_description_that_does_not_exist_is_refused() {
    let copy = changed("ProductModelProductDescriptionCulture.csv", |text| text.replace("\t21\t", "\t22\t").into_bytes());
    refused(copy.path(), "ProductModelProductDescriptionCulture.csv:6: column description_id is 22");
}
