//! What real inputs did that concern the host: late references, moved categories, swapped handles, older updates that
//! come last, lists that are not stated. Read from `../shared/data/field`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use lockgate_system_tests::arrival::{Arrived, Feed, lines, made_by_feed};
use lockgate_system_tests::built::guest;
use lockgate_system_tests::languages::component;
use lockgate_system_tests::program::shared_data;
use serde_json::Value;

/// The tasks that the feed makes of some exports, one after the other.
fn wordpress(files: &[&str]) -> Option<Feed> {
    let mut tasks = Vec::new();
    for file in files {
        tasks.extend(made_by_feed("wordpress", &shared_data(&format!("field/wordpress/{file}"))?));
    }
    Some(Feed { sample: "wordpress", component: guest("wordpress_connector"), tasks })
}

/// Webhooks, one file after the other. Those that were recorded before submissions had one get the product's id as their
/// subject.
fn shopify(files: &[&str]) -> Option<Feed> {
    let component = std::fs::read(component("typescript", "shopify")?).unwrap();
    let mut tasks = Vec::new();
    for file in files {
        tasks.extend(lines(&std::fs::read_to_string(shared_data(&format!("field/shopify/{file}"))?).unwrap()));
    }
    for task in &mut tasks {
        let body: Value = serde_json::from_str(task["body"].as_str().unwrap()).unwrap();
        task["subject"] = format!("product {}", body["id"]).into();
    }
    Some(Feed { sample: "shopify", component, tasks })
}

/// In its own order.
fn carried_in(feed: &Feed) -> Arrived {
    feed.carry_in(&(0..feed.tasks.len()).collect::<Vec<_>>(), false)
}

fn rows(arrived: &Arrived, object_type: &str) -> Vec<Value> {
    lines(&arrived.export).into_iter().filter(|row| row["object"] == object_type).collect()
}

/// The same store from both orders of two exports, and nothing waits.
fn in_either_order(one: &str, other: &str) -> Option<Arrived> {
    let (first, second) = (carried_in(&wordpress(&[one, other])?), carried_in(&wordpress(&[other, one])?));
    assert_eq!(first.left, Vec::<String>::new());
    assert_eq!((&first.left, &first.missing), (&second.left, &second.missing));
    assert!(first.export == second.export, "{}\nand\n{}", first.export, second.export);
    Some(first)
}

#[test]
fn an_export_of_one_month_and_the_rest_end_as_one() {
    in_either_order("01a-one-month-only.xml", "01b-the-rest.xml");
}

#[test]
fn a_picture_that_comes_later_is_shown() {
    let Some(arrived) = in_either_order("12a-post-with-picture-elsewhere.xml", "12b-the-picture.xml") else { return };
    assert!(arrived.export.contains("\"featured_media\":{\"ref\":"), "{}", arrived.export);
    assert_eq!(arrived.loose_ends, 0);
}

#[test]
fn a_category_that_moves_stays_one() {
    let Some(feed) = wordpress(&["03a-category-before.xml", "03b-category-moved.xml"]) else { return };
    let Some(before) = wordpress(&["03a-category-before.xml"]) else { return };
    let (moved, before) = (carried_in(&feed), carried_in(&before));
    let names = |arrived: &Arrived| {
        let mut names: Vec<String> = rows(arrived, "blog.category").iter().map(|row| row["code_name"].to_string()).collect();
        names.sort();
        names
    };
    let mut once = names(&moved);
    once.dedup();
    assert_eq!(names(&moved), once, "no category is there twice");
    assert!(names(&before).iter().all(|name| once.contains(name)));
    assert_ne!(moved.export, before.export, "it has moved");
    assert_eq!((moved.left.len(), moved.loose_ends), (0, before.loose_ends));
}

#[test]
fn a_thread_that_comes_newest_first_needs_nobody() {
    let Some(feed) = wordpress(&["14-thread.xml"]) else { return };
    let forwards = carried_in(&feed);
    for (name, order) in feed.orders(2) {
        let arrived = feed.carry_in(&order, true);
        assert!(arrived.export == forwards.export, "{name}");
        assert_eq!(arrived.left, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn an_older_update_that_comes_last_changes_nothing() {
    let Some(feed) = shopify(&["02-older-after-newer.ndjson"]) else { return };
    let arrived = carried_in(&feed);
    let products = rows(&arrived, "shop.product");
    assert_eq!((products.len(), &products[0]["display_name"]), (1, &"Kayak 2".into()), "{products:?}");
    assert_eq!(arrived.left, Vec::<String>::new());
}

#[test]
fn products_that_swap_their_handles_do() {
    let Some(feed) = shopify(&["04a-two-products.ndjson", "04b-handles-swapped.ndjson"]) else { return };
    for order in [[0, 1, 2, 3], [0, 1, 3, 2], [1, 3, 0, 2]] {
        let arrived = feed.carry_in(&order, false);
        assert_eq!(arrived.left, Vec::<String>::new(), "{order:?}");
        let handles: Vec<(Value, Value)> =
            rows(&arrived, "shop.product").iter().map(|row| (row["display_name"].clone(), row["fields"]["handle"].clone())).collect();
        assert!(handles.contains(&("Rope".into(), "line".into())) && handles.contains(&("Line".into(), "rope".into())), "{handles:?}");
    }
}

#[test]
fn a_handle_is_free_when_the_product_that_had_it_is_deleted() {
    let Some(feed) = shopify(&["05a-first.ndjson", "05b-again-then-delete.ndjson"]) else { return };
    let arrived = carried_in(&feed);
    assert_eq!(arrived.left, Vec::<String>::new());
    let products = rows(&arrived, "shop.product");
    assert_eq!((products.len(), &products[0]["fields"]["number"]["integer"]), (1, &"7700302".into()), "{products:?}");
}

#[test]
fn a_webhook_without_its_variants_deletes_none() {
    let Some(whole) = shopify(&["07a-whole.ndjson"]) else { return };
    let Some(feed) = shopify(&["07a-whole.ndjson", "07b-restricted-to-some-members.ndjson"]) else { return };
    let (whole, arrived) = (carried_in(&whole), carried_in(&feed));
    let variants = rows(&whole, "shop.variant").len();
    assert!(variants > 1);
    assert_eq!(rows(&arrived, "shop.variant").len(), variants);
    assert_eq!(rows(&arrived, "shop.product")[0]["display_name"], "Buoy, red");
}

#[test]
fn what_is_deleted_stays_so_whatever_comes_when() {
    let Some(feed) = shopify(&["03-update-after-delete.ndjson"]) else { return };
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let arrived = feed.carry_in(&order, false);
        assert_eq!((arrived.left, arrived.export.contains("shop.product")), (Vec::new(), false), "{order:?}: {}", arrived.export);
    }
}

#[test]
fn an_older_one_with_something_odd_is_not_newer() {
    let Some(feed) = shopify(&["11-older-failed-first.ndjson"]) else { return };
    for order in [[0, 1], [1, 0]] {
        let arrived = feed.carry_in(&order, true);
        let products = rows(&arrived, "shop.product");
        assert_eq!((arrived.left.len(), &products[0]["display_name"]), (0, &"Newer".into()), "{order:?}: {products:?}");
    }
}

#[test]
fn a_post_and_a_page_of_one_slug_are_both_there() {
    let Some(feed) = wordpress(&["02-page-and-post-same-slug.xml"]) else { return };
    for (name, order) in feed.orders(2) {
        let arrived = feed.carry_in(&order, true);
        assert_eq!(arrived.left, Vec::<String>::new(), "{name}");
        assert!(arrived.export.contains("wordpress:/events\"") && arrived.export.contains("wordpress:/events-12\""), "{}", arrived.export);
    }
}
