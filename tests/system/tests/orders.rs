//! Every sample's feed in many orders: forwards, reversed and shuffled, each with the sequence of every subject. The
//! store is the same, byte for byte, nobody helps, and nothing waits but for what the data does not have.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use lockgate_system_tests::arrival::{Arrived, Feed, lines, made_by_feed, sample_folder};
use lockgate_system_tests::built::guest;
use lockgate_system_tests::languages::component;
use lockgate_system_tests::program::shared_data;

const SHUFFLES: u64 = 3;

/// Carries a feed in in all orders; what came of each, first of its own.
fn in_every_order(feed: &Feed) -> Vec<(String, Arrived)> {
    let mut all: Vec<(String, Arrived)> = Vec::new();
    for (name, order) in feed.orders(SHUFFLES) {
        // One pass for all, or none: either is enough.
        let at_once = name == "reversed";
        let arrived = feed.carry_in(&order, at_once);
        let tries = arrived.translated as f64 / feed.tasks.len() as f64;
        println!("{} {name}: {} tasks, each tried {tries:.2} times, {} left", feed.sample, feed.tasks.len(), arrived.left.len());
        if let Some((_, first)) = all.first() {
            assert_eq!(arrived.left, first.left, "{} {name}: the same waits", feed.sample);
            let differs = arrived.export.lines().zip(first.export.lines()).find(|(one, other)| one != other);
            assert!(arrived.export == first.export, "{} {name}: the store is another: {differs:#?}", feed.sample);
            assert_eq!((&arrived.missing, arrived.loose_ends), (&first.missing, first.loose_ends), "{} {name}", feed.sample);
        }
        all.push((name, arrived));
    }
    all
}

fn rust(sample: &'static str, input: &str) -> Option<Feed> {
    let input = shared_data(input)?;
    Some(Feed { sample, component: guest(&format!("{sample}_connector")), tasks: made_by_feed(sample, &input) })
}

fn kept(language: &str, sample: &'static str) -> Option<Feed> {
    let component = std::fs::read(component(language, sample)?).unwrap();
    let tasks = lines(&std::fs::read_to_string(sample_folder(sample).join("data/tasks.ndjson")).unwrap());
    Some(Feed { sample, component, tasks })
}

#[test]
fn the_adventureworks_set_comes_in_any_order_with_two_tries_for_each_task() {
    let Some(feed) = rust("adventureworks", "adventureworks") else { return };
    for (name, arrived) in in_every_order(&feed) {
        assert_eq!(arrived.left, Vec::<String>::new(), "{name}: nothing waits");
        // Where passes begin by themselves, it is chance how many tasks each finds.
        let tries_max = if name == "reversed" { 2 } else { 3 };
        let (tries, tasks) = (arrived.translated, feed.tasks.len() as u64);
        assert!(tries <= tries_max * tasks, "{name}: {tries} tries for {tasks} tasks");
    }
}

#[test]
fn the_wordpress_export_comes_in_any_order_and_lacks_its_two_unknown_creators() {
    let Some(feed) = rust("wordpress", "wxr/theme-unit-test-data.xml") else { return };
    for (name, arrived) in in_every_order(&feed) {
        assert_eq!(arrived.left, Vec::<String>::new(), "{name}: nothing waits");
        let lack: Vec<&String> = arrived.missing.iter().filter(|missing| missing.contains("cms.user")).collect();
        assert_eq!(lack.len(), 2, "{name}: {:#?}", arrived.missing);
    }
}

#[test]
fn the_shopify_webhooks_come_in_any_order() {
    let Some(feed) = kept("typescript", "shopify") else { return };
    assert!(in_every_order(&feed).iter().all(|(_, arrived)| arrived.left.is_empty()));
}

#[test]
fn the_feeds_come_in_any_order() {
    let Some(feed) = kept("python", "feeds") else { return };
    assert!(in_every_order(&feed).iter().all(|(_, arrived)| arrived.left.is_empty()));
}

#[test]
fn the_vcards_come_in_any_order() {
    let Some(feed) = kept("c", "vcard") else { return };
    assert!(in_every_order(&feed).iter().all(|(_, arrived)| arrived.left.is_empty()));
}

#[test]
fn the_calendars_come_in_any_order() {
    let Some(feed) = kept("go", "icalendar") else { return };
    assert!(in_every_order(&feed).iter().all(|(_, arrived)| arrived.left.is_empty()));
}
