use super::*;
use crate::rows::NodeId;

fn pages(id: u64) -> [PageKey; 3] {
    let site = crate::names::SiteName::new("main").expect("a site");
    [PageKey::Id(NodeId(id)), PageKey::ChildOf(NodeId(id)), PageKey::Alias(site, Some(NodeId(id)), "a".into())]
}

#[test]
fn nothing_is_loaded_about_rows_of_the_batch() {
    let model = ContentModel::default();
    let mut view = View::default();
    view.reserve(10..20);
    for key in pages(10).into_iter().chain(pages(19)) {
        assert_eq!(view.want(&[key.clone().into()]), Ok(()));
        assert_eq!(view.ask(&key, &model), Ok(None));
    }
    for key in pages(9).into_iter().chain(pages(20)) {
        let load = Stop::Load(vec![key.clone().into()]);
        assert_eq!(view.want(&[key.clone().into()]), Err(load.clone()));
        assert_eq!(view.ask(&key, &model), Err(load));
    }
}

#[test]
fn what_is_assumed_ahead_stays_there() {
    let model = ContentModel::default();
    let view = View::default();
    let mut ahead = view.ahead(100..200);
    let [key, ..] = pages(9);
    assert_eq!(ahead.ask(&key, &model), Ok(None));
    assert_eq!(ahead.ask(&key, &model), Ok(None), "and is noted once");
    assert_eq!(ahead.ask(&PageKey::Id(NodeId(100)), &model), Ok(None));
    assert_eq!(ahead.assumed(), [Key::from(key.clone())]);
    assert_eq!(view.missing(ahead.assumed()), [Key::from(key)]);
    assert!(view.into_relied().is_empty());
}
