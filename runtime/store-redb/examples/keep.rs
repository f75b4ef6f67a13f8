//! Makes the kept store of format 4 (`tests/system/kept/format-4`) from that of format 3: brought up to date,
//! with something of everything that format 4 added.
//!
//! ```sh
//! cargo run -p lockgate-store-redb --example keep -- tests/system/kept/format-3/store.redb FILE
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::sync::Arc;

use lockgate_core::change::Change;
use lockgate_core::effects::{EffectsParts, Fate, TaskEnd};
use lockgate_core::history::{Counted, Entry, Outcome};
use lockgate_core::key::{FormerKey, Key, ObjectKey, Tomb, TombBy, TombKey};
use lockgate_core::mark::{Mark, brings_name, ended};
use lockgate_core::names::{CodeName, ConnectorName, FieldName, TypeName};
use lockgate_core::newer::Version;
use lockgate_core::park::{Line, LooseAt, LooseEnd, NotMade, Waiting, Want};
use lockgate_core::ports::{Claim, Claimed, Content, HistoryFilter, Journal, NodeName, Queue, Registry, Standing};
use lockgate_core::rows::{Link, LooseId, Newer, ObjectRow, Owner, Scope, Stated, StatedObject, Target};
use lockgate_core::task::{TaskId, TaskState};
use lockgate_core::value::Stored;
use lockgate_store_redb::{Options, RedbStore, Upgrade};

type Done<T = ()> = Result<T, Box<dyn Error>>;

/// When the task began to wait, in ms since 1970.
const SINCE_MS: i64 = 1_796_000_000_000;

fn main() -> Done {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(from), Some(to)) = (arguments.next(), arguments.next()) else { return Err("usage: keep FROM TO".into()) };
    std::fs::copy(from, &to)?;
    let store = RedbStore::open(&to, Options { upgrade: Upgrade::WithoutCopy, ..Options::default() })?;
    let connector = ConnectorName::new("kept")?;
    let (node, held) = (NodeName::new("keep"), BTreeSet::new());
    let claim = Claim { connector: &connector, node: &node, held: &held, lease_ms: 1, now_ms: 0 };
    let Claimed::Yes(lease) = store.claim(&claim)? else { return Err("another holds the lease".into()) };
    let model = lockgate_core::model::parse(&store.configuration()?.model).map_err(|errors| format!("{errors:?}"))?;
    let changes = [rows(&store, &connector)?, beside(&store, &connector)?].concat();
    let first = history_of(&store, 1)?;
    let counted = Counted { inserted: 0, updated: 1, deleted: 0, unchanged: 2 };
    let mended =
        Entry { outcome: Outcome::Mended, title: "kept mended".into(), counted, warnings_total: 3, together: vec![TaskId(2)], ..first };
    let parts = EffectsParts {
        model: Arc::new(model),
        generation: store.generation()?,
        tasks: vec![parks(&store)?],
        changes,
        mends: vec![mended],
        ..EffectsParts::default()
    };
    Ok(store.commit(&lease, &parts.into())?)
}

/// Task 9 waits for its maker.
fn parks(store: &RedbStore) -> Done<TaskEnd> {
    let task = store.heads(&[TaskId(9)])?.pop().ok_or("task 9 is not queued")?;
    let waiting = Waiting {
        since_ms: SINCE_MS,
        lines: vec![Line::submitted("task 9")],
        brings: vec![brings_name(&TypeName::new("shop.product")?, "late")],
        helpers: Vec::new(),
        wants: vec![Want { mark: mark("shop.maker", "zenith")?, what: "shop.maker \"zenith\"".into(), external: Some("m2".into()) }],
        group_wants: vec![ended(TaskId(10))],
        behind: None,
    };
    let standing = Standing {
        process_type: task.process_type,
        state: TaskState::Parked,
        attempts: task.attempts.saturating_add(1),
        not_before_ms: None,
        failure: task.failure.clone(),
        aside: false,
        failed_by: None,
        deletes_allowed: false,
        waiting: Some(Arc::new(waiting)),
    };
    Ok(TaskEnd { id: task.id, connector: task.connector, version: task.version, fate: Fate::Stays(standing), log: Vec::new() })
}

/// Rows with the questions of their references, and with versions.
fn rows(store: &RedbStore, connector: &ConnectorName) -> Done<Vec<Change>> {
    let (product, variant) = (object(store, "shop.product", "p")?, object(store, "shop.variant", "v")?);
    let user = object(store, "cms.user", "ann")?;
    let number = |text: &str| Version::Number(text.into());
    let mut linked = (*product).clone();
    linked.links.insert(FieldName::new("maker")?, link(named("shop.maker", "acme")?, "acme", connector));
    let fields = BTreeMap::from([("maker".into(), number("7")), ("price".into(), number("6.5"))]);
    linked.newer = Newer { row: Some(number("7")), fields };
    let newer = Newer { row: Some(Version::Instant(1_796_000_000_000_000_000)), fields: BTreeMap::new() };
    let versioned = ObjectRow { newer, ..(*variant).clone() };
    let page = store.pages(None, 1)?.pop().ok_or("there is no page")?;
    let mut linked_page = (*page).clone();
    for version in linked_page.cultures.values_mut() {
        let owner = StatedObject::Guid(user.object_type.clone(), user.guid);
        version.links.insert(FieldName::new("owner")?, link(owner, "ann", connector));
    }
    let binding = store.bindings(None, 1)?.pop().ok_or("there is no binding")?;
    let mut linked_binding = (*binding).clone();
    for (field, of, name) in [("product", "shop.product", "p"), ("tag", "shop.tag", "red")] {
        linked_binding.links.insert(FieldName::new(field)?, link(named(of, name)?, name, connector));
    }
    Ok(vec![
        Change::Object(Some(product), Some(Arc::new(linked))),
        Change::Object(Some(variant), Some(Arc::new(versioned))),
        Change::Page(Some(page), Some(Arc::new(linked_page))),
        Change::Binding(Some(binding), Some(Arc::new(linked_binding))),
    ])
}

/// A binding that is not made, a former name, and a tombstone.
fn beside(store: &RedbStore, connector: &ConnectorName) -> Done<Vec<Change>> {
    let product = object(store, "shop.product", "p")?;
    let (owner, tag) = (Target::Object(product.id), named("shop.tag", "blue")?);
    let end = LooseEnd {
        id: LooseId(store.reserve_ids(1)?),
        connector: connector.clone(),
        task: TaskId(1),
        since_ms: SINCE_MS,
        stated: vec![Arc::new(Stated::Object(tag.clone()))],
        at: LooseAt::NotMade(NotMade {
            binding_type: TypeName::new("shop.product-tag")?,
            owner: Owner::Row(owner),
            fields: BTreeMap::from([(FieldName::new("product")?, Stored::Reference(owner))]),
            links: BTreeMap::from([
                (FieldName::new("product")?, link(named("shop.product", "p")?, "p", connector)),
                (FieldName::new("tag")?, link(tag, "blue", connector)),
            ]),
        }),
        wants: vec![Want { mark: mark("shop.tag", "blue")?, what: "shop.tag \"blue\"".into(), external: Some("blue".into()) }],
    };
    let maker = object(store, "shop.maker", "acme")?;
    let former = FormerKey(maker.object_type.clone(), Scope::default(), "acme-of-old".into());
    let by = TombBy::Name(Scope::default(), "green".into());
    let tomb_key = TombKey { type_name: TypeName::new("shop.tag")?, culture: None, by };
    let tomb = Tomb { version: Version::Number("41.5".into()), until_ms: 4_000_000_000_000 };
    Ok(vec![
        Change::Loose(None, Some(Arc::new(end))),
        Change::Former(former, None, Some(maker.guid)),
        Change::Tomb(tomb_key, None, Some(Arc::new(tomb))),
    ])
}

fn object(store: &RedbStore, object_type: &str, name: &str) -> Done<Arc<ObjectRow>> {
    let rows = store.objects(Some(&TypeName::new(object_type)?), None, 99)?;
    Ok(rows.into_iter().find(|row| row.code_name.as_str() == name).ok_or_else(|| format!("there is no {object_type} {name}"))?)
}

fn history_of(store: &RedbStore, task: u64) -> Done<Entry> {
    let filter = HistoryFilter { task: Some(TaskId(task)), ..HistoryFilter::default() };
    let (_, entry) = store.history(&filter, None, 1)?.pop().ok_or("it has no history")?;
    Ok(entry)
}

fn named(object_type: &str, name: &str) -> Done<StatedObject> {
    let (object_type, name) = (TypeName::new(object_type)?, CodeName::new(name)?);
    Ok(StatedObject::Named { object_type, name, site: None, parent: None, group: None })
}

fn link(stated: StatedObject, external: &str, by: &ConnectorName) -> Link {
    Link { stated: Arc::new(Stated::Object(stated)), external: external.into(), by: by.clone(), loose: None }
}

fn mark(object_type: &str, name: &str) -> Done<Mark> {
    Ok(Key::from(ObjectKey::Name(TypeName::new(object_type)?, Scope::default(), name.into())).mark())
}
