//! Connectors that write the same rows at the same time: each plan that another one has overtaken is
//! made again, and nothing is lost or doubled.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests' code: a failure here is a failed test"
)]

use std::collections::BTreeSet;

use lockgate_core::settings::BusSettings;
use lockgate_system_tests::Rig;
use serde_json::json;

#[test]
fn two_connectors_that_write_the_same_objects_agree_in_the_end() {
    // Small batches, so that the two meet often.
    let rig = Rig::with(BusSettings { batch_tasks_max: 7, ..BusSettings::default() });
    const ROUNDS: usize = 300;
    const MAKERS: usize = 5;
    for at in 0..ROUNDS {
        for (step, name) in [(0, "a"), (1, "b")] {
            let maker = format!("maker-{}", (at + step) % MAKERS);
            rig.task(
                json!({"prepare": {"object": {"object_type": "shop.maker", "code_name": maker, "display_name": format!("{name} {at}")}}}),
            )
            .to(name)
            .submit();
            let product = json!({
                "prepare": {"object": {"object_type": "shop.product", "code_name": format!("product-{}", at % 50), "fields": {
                    "maker": {"reference": maker}, "price": {"decimal": format!("{at}.{step}")},
                }}},
                "objects": {"shop.maker": {&maker: {"code_name": &maker}}},
            });
            rig.task(product).to(name).submit();
        }
    }
    rig.request("a");
    rig.request("b");
    rig.wait("a");
    rig.wait("b");
    assert!(rig.queue().is_empty(), "{:?}", rig.queue().first());
    let counts = rig.bus.counts().unwrap();
    assert_eq!(counts.history, 4 * ROUNDS as u64);
    let of = |name: &str| counts.objects.iter().find(|(key, _)| key.as_str() == name).map(|(_, count)| *count);
    assert_eq!((of("shop.maker"), of("shop.product")), (Some(MAKERS as u64), Some(50)));
    let rows = rig.bus.objects(None, None, 1_000).unwrap();
    let names: BTreeSet<_> = rows.iter().map(|row| (row.object_type.clone(), row.code_name.key().to_owned())).collect();
    assert_eq!(names.len(), rows.len(), "no object is there twice");
    // The last word on each maker is one of the two connectors' last words.
    for at in 0..MAKERS {
        let maker = rig.object("shop.maker", &format!("maker-{at}"));
        let last = |step: usize| (0..ROUNDS).rev().find(|round| (round + step) % MAKERS == at).unwrap();
        let either = [format!("a {}", last(0)), format!("b {}", last(1))];
        assert!(either.contains(&maker.display_name.to_string()), "{} is none of {either:?}", maker.display_name);
    }
}

#[test]
fn a_stopped_bus_goes_on_where_it_was_and_compiles_nothing() {
    let mut rig = Rig::new();
    for at in 0..20 {
        rig.task(json!({"prepare": {"object": {"object_type": "shop.maker", "code_name": format!("m{at}")}}})).submit();
    }
    rig.restart();
    assert_eq!(rig.queue().len(), 20);
    rig.pass("a");
    assert!(rig.queue().is_empty());
    rig.object("shop.maker", "m19");
    let before = rig.export();
    rig.restart();
    assert_eq!(rig.export(), before);
}

#[test]
fn every_task_gets_a_fresh_instance() {
    let rig = Rig::new();
    for _ in 0..3 {
        rig.task(json!({"prepare": {"counter": true}})).submit();
    }
    rig.pass("a");
    let counted = rig.object("test.counter", "counter");
    let field = lockgate_core::names::FieldName::new("n").unwrap();
    assert_eq!(counted.fields[&field], lockgate_core::value::Stored::Plain(lockgate_core::value::Plain::Integer(1)));
}
