//! Pages: written, found, listed in order of the tree.

use uuid::Uuid;

use super::bench::{Bench, a_page, a_version, code_name, culture, delete, insert, site, text, update};
use lockgate_core::key::{PageKey, PagesUnder};
use lockgate_core::rows::{NodeId, PageRow};

fn by_alias(row: &PageRow) -> PageKey {
    PageKey::Alias(row.site.clone(), row.parent, row.alias.key().into())
}

fn by_guid(row: &PageRow) -> PageKey {
    PageKey::Guid(row.site.clone(), row.guid)
}

fn under(bench: &Bench<'_>, site_name: &str, parent: Option<u64>) -> Vec<u64> {
    let pages = bench.store().pages_under(&site(site_name), parent.map(NodeId)).expect("pages_under");
    pages.into_iter().map(|page| page.id.0).collect()
}

pub(super) fn an_inserted_page_answers_every_question(bench: &mut Bench<'_>) {
    let parent = a_page(1, None, "about");
    let mut row = PageRow { order: Some(i32::MIN), ..a_page(2, Some(1), "Team") };
    row.cultures.insert(
        culture("cs-CZ"),
        lockgate_core::rows::CultureVersion { published: false, archived: true, ..a_version("Tým", [("title", text("Lidé"))]) },
    );
    let keys = [by_alias(&row), by_guid(&row), PageKey::Id(row.id), PageKey::ChildOf(parent.id)];
    for key in &keys {
        assert_eq!(bench.page(key), None);
    }
    bench.write(vec![insert(&parent), insert(&row)]);
    for key in &keys {
        assert_eq!(bench.page(key), Some(row.clone()), "{key:?}");
    }
    assert_eq!(bench.page(&by_alias(&parent)), Some(parent));
    assert_eq!(bench.page(&PageKey::ChildOf(row.id)), None);
}

pub(super) fn a_page_takes_another_alias_and_guid(bench: &mut Bench<'_>) {
    let before = a_page(1, None, "old");
    let after = PageRow { alias: code_name("new"), guid: Uuid::from_u128(77), order: Some(3), modified_ms: 9, ..before.clone() };
    bench.write(vec![insert(&before)]);
    bench.write(vec![update(&before, &after)]);
    assert_eq!(bench.page(&by_alias(&before)), None);
    assert_eq!(bench.page(&by_guid(&before)), None);
    for key in [by_alias(&after), by_guid(&after), PageKey::Id(after.id)] {
        assert_eq!(bench.page(&key), Some(after.clone()));
    }
}

pub(super) fn a_moved_page_is_found_under_its_new_parent_only(bench: &mut Bench<'_>) {
    let before = a_page(3, Some(1), "leaf");
    let after = a_page(3, Some(2), "leaf");
    bench.write(vec![insert(&a_page(1, None, "one")), insert(&a_page(2, None, "two")), insert(&before)]);
    bench.write(vec![update(&before, &after)]);
    assert_eq!(bench.page(&by_alias(&before)), None);
    assert_eq!(bench.page(&by_alias(&after)), Some(after.clone()));
    assert_eq!(bench.page(&PageKey::ChildOf(NodeId(1))), None);
    assert_eq!(bench.page(&PageKey::ChildOf(NodeId(2))), Some(after.clone()));
    assert!(under(bench, "main", Some(1)).is_empty());
    assert_eq!(under(bench, "main", Some(2)), [3]);
    let at_root = a_page(3, None, "leaf");
    bench.write(vec![update(&after, &at_root)]);
    assert_eq!(bench.page(&PageKey::ChildOf(NodeId(2))), None);
    assert_eq!(bench.page(&by_alias(&at_root)), Some(at_root));
    assert_eq!(under(bench, "main", None), [3, 1, 2]);
}

pub(super) fn the_root_and_every_page_has_its_own_aliases(bench: &mut Bench<'_>) {
    let rows = [a_page(1, None, "same"), a_page(2, Some(1), "same"), a_page(3, Some(2), "same")];
    bench.write(rows.iter().map(insert).collect());
    for row in &rows {
        assert_eq!(bench.page(&by_alias(row)).as_ref(), Some(row));
    }
    bench.write(vec![delete(&rows[2])]);
    assert_eq!(bench.page(&by_alias(&rows[2])), None);
    assert_eq!(bench.page(&by_alias(&rows[1])).as_ref(), Some(&rows[1]));
}

pub(super) fn the_same_path_and_guid_may_stand_in_every_site(bench: &mut Bench<'_>) {
    let main = a_page(1, None, "home");
    let other = PageRow { id: NodeId(2), site: site("other"), ..main.clone() };
    bench.write(vec![insert(&main), insert(&other)]);
    for row in [&main, &other] {
        assert_eq!(bench.page(&by_alias(row)).as_ref(), Some(row));
        assert_eq!(bench.page(&by_guid(row)).as_ref(), Some(row));
    }
    assert_eq!(under(bench, "main", None), [1]);
    assert_eq!(under(bench, "other", None), [2]);
}

pub(super) fn a_page_child_answers_while_there_is_one(bench: &mut Bench<'_>) {
    let children = [a_page(2, Some(1), "a"), a_page(3, Some(1), "b")];
    bench.write(vec![insert(&a_page(1, None, "parent")), insert(&children[0]), insert(&children[1])]);
    assert!(bench.page(&PageKey::ChildOf(NodeId(1))).is_some());
    bench.write(vec![delete(&children[0])]);
    assert_eq!(bench.page(&PageKey::ChildOf(NodeId(1))).as_ref(), Some(&children[1]));
    bench.write(vec![delete(&children[1])]);
    assert_eq!(bench.page(&PageKey::ChildOf(NodeId(1))), None);
}

pub(super) fn page_children_are_those_directly_below(bench: &mut Bench<'_>) {
    let below = |bench: &Bench<'_>, id: u64| bench.ask(&PagesUnder(NodeId(id))).into_iter().map(|id| id.0).collect::<Vec<_>>();
    let (one, moved) = (a_page(300, Some(1), "one"), a_page(300, Some(2), "one"));
    bench.write(vec![insert(&a_page(1, None, "a")), insert(&a_page(2, Some(1), "b")), insert(&a_page(3, Some(2), "c")), insert(&one)]);
    assert_eq!((below(bench, 1), below(bench, 2), below(bench, 3)), (vec![2, 300], vec![3], vec![]));
    bench.write(vec![update(&one, &moved)]);
    assert_eq!((below(bench, 1), below(bench, 2)), (vec![2], vec![3, 300]));
    bench.write(vec![delete(&moved)]);
    assert_eq!(below(bench, 2), [3]);
}

pub(super) fn cultures_come_and_go(bench: &mut Bench<'_>) {
    let one = a_page(1, None, "home");
    let mut two = one.clone();
    two.cultures.insert(culture("cs-CZ"), a_version("Domů", [("title", text("Vítejte"))]));
    let mut czech_only = two.clone();
    czech_only.cultures.remove(&culture("en-US"));
    bench.write(vec![insert(&one)]);
    assert_eq!(bench.store().counts().expect("counts").culture_versions, 1);
    bench.write(vec![update(&one, &two)]);
    assert_eq!(bench.page(&PageKey::Id(one.id)), Some(two.clone()));
    assert_eq!(bench.store().counts().expect("counts").culture_versions, 2);
    bench.write(vec![update(&two, &czech_only)]);
    assert_eq!(bench.page(&by_alias(&one)), Some(czech_only.clone()));
    bench.write(vec![delete(&czech_only)]);
    assert_eq!(bench.store().counts().expect("counts").culture_versions, 0);
}

pub(super) fn pages_under_come_by_order_then_alias_and_those_without_order_last(bench: &mut Bench<'_>) {
    let ordered = |id, alias, order| PageRow { order, ..a_page(id, Some(1), alias) };
    let rows = [
        a_page(1, None, "parent"),
        ordered(2, "b", None),
        ordered(3, "A", None),
        ordered(4, "z", Some(1)),
        ordered(5, "y", Some(1)),
        ordered(6, "x", Some(2)),
        ordered(7, "w", Some(-5)),
        ordered(8, "v", Some(i32::MAX)),
        ordered(9, "u", Some(i32::MIN)),
        a_page(10, Some(4), "deep"),
    ];
    bench.write(rows.iter().map(insert).collect());
    assert_eq!(under(bench, "main", Some(1)), [9, 7, 5, 4, 6, 8, 3, 2]);
    assert_eq!(under(bench, "main", Some(4)), [10]);
    assert!(under(bench, "main", Some(10)).is_empty());
    assert_eq!(under(bench, "main", None), [1]);
    assert!(under(bench, "other", None).is_empty());
}

pub(super) fn pages_are_listed_in_pages(bench: &mut Bench<'_>) {
    let elsewhere = PageRow { site: site("other"), ..a_page(256, None, "c") };
    let rows = [a_page(300, None, "a"), a_page(2, Some(300), "b"), elsewhere];
    bench.write(rows.iter().map(insert).collect());
    let list = |after: Option<u64>, limit| {
        let rows = bench.store().pages(after.map(NodeId), limit).expect("pages");
        rows.into_iter().map(|row| row.id.0).collect::<Vec<_>>()
    };
    assert_eq!(list(None, 10), [2, 256, 300]);
    assert_eq!(list(None, 2), [2, 256]);
    assert_eq!(list(Some(256), 2), [300]);
    assert!(list(Some(300), 2).is_empty());
}
