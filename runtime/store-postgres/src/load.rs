//! Answers to questions, all of one moment and in one round trip.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use lockgate_core::key::{
    ANSWER_IDS_MAX, ANSWER_ROWS_MAX, Answers, BindingKey, Key, LINE_IDS_MAX, Loaded, ObjectKey, ObjectsKey, PageKey, Question,
};
use lockgate_core::ports::StoreError;
use lockgate_core::rows::{BindingRow, NodeId, ObjectRow, PageRow, Referrer, RowId, Target};
use lockgate_core::task::TaskId;
use lockgate_store_rows as rows;
use lockgate_store_rows::names::Known;
use lockgate_store_rows::words::Word as _;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::commit::{former_key, tomb_key};
use crate::convert;
use crate::fault::Fault;
use crate::found::{BINDING, OBJECT, UNIQUE};
use crate::packet::Statement;
use crate::params::params;
use crate::store::{PgStore, get};

const MOMENT: &str = "SELECT n, EXISTS (SELECT 1 FROM want) FROM clock";
// By number of the question: those that a mark leads to, so many of each at most.
const OBJECTS_BY_MARK: &str = "SELECT q.at, r.id, r.row FROM unnest($1::int8[], $2::int2[], $3::int8[]) WITH ORDINALITY q (mark, kind, most, at) \
     CROSS JOIN LATERAL (SELECT o.id, o.row FROM found f JOIN object o ON o.id = f.id \
         WHERE f.mark = q.mark AND f.kind = q.kind ORDER BY f.id LIMIT q.most) r ORDER BY q.at, r.id";
const PAGES_BY_MARK: &str = "SELECT q.at, r.id, r.row FROM unnest($1::int8[]) WITH ORDINALITY q (mark, at) \
     CROSS JOIN LATERAL (SELECT p.id, p.row FROM found f JOIN page p ON p.id = f.id \
         WHERE f.mark = q.mark AND f.kind = 1 ORDER BY f.id LIMIT 2) r ORDER BY q.at, r.id";
const BINDINGS_BY_MARK: &str = "SELECT q.at, r.id, r.row FROM unnest($1::int8[], $2::int8[]) WITH ORDINALITY q (mark, most, at) \
     CROSS JOIN LATERAL (SELECT b.id, b.row FROM found f JOIN binding b ON b.id = f.id \
         WHERE f.mark = q.mark AND f.kind = 2 ORDER BY f.id LIMIT q.most) r ORDER BY q.at, r.id";
const REFERRERS: &str = "SELECT q.at, f.kind, f.id, coalesce(o.row, p.row, b.row) \
     FROM unnest($1::int8[]) WITH ORDINALITY q (mark, at) \
     CROSS JOIN LATERAL (SELECT kind, id FROM found WHERE mark = q.mark AND kind < 3 ORDER BY kind, id LIMIT $2) f \
     LEFT JOIN object o ON f.kind = 0 AND o.id = f.id LEFT JOIN page p ON f.kind = 1 AND p.id = f.id \
     LEFT JOIN binding b ON f.kind = 2 AND b.id = f.id ORDER BY q.at, f.kind, f.id";
const OBJECTS_BY_ID: &str = "SELECT id, id, row FROM object WHERE id = ANY($1::int8[])";
const PAGES_BY_ID: &str = "SELECT id, id, row FROM page WHERE id = ANY($1::int8[])";
const BINDINGS_BY_ID: &str = "SELECT id, id, row FROM binding WHERE id = ANY($1::int8[])";
const CHILD_PAGES: &str = "SELECT q.at, r.id, r.row FROM unnest($1::int8[]) WITH ORDINALITY q (parent, at) \
     CROSS JOIN LATERAL (SELECT id, row FROM page WHERE page.parent = q.parent ORDER BY id LIMIT 1) r";
const PAGE_IDS: &str = "SELECT q.at, r.id FROM unnest($1::int8[]) WITH ORDINALITY q (parent, at) \
     CROSS JOIN LATERAL (SELECT id FROM page WHERE page.parent = q.parent ORDER BY id LIMIT $2) r ORDER BY q.at, r.id";
const FORMERS: &str = "SELECT q.at, guid FROM unnest($1::bytea[]) WITH ORDINALITY q (key, at) JOIN former USING (key)";
const TOMBS: &str = "SELECT q.at, row FROM unnest($1::bytea[]) WITH ORDINALITY q (key, at) JOIN tomb USING (key)";
const ENDS_BY_ID: &str = "SELECT id, id, row FROM loose WHERE id = ANY($1::int8[])";
const ENDS_BY_OWNER: &str = "SELECT q.at, r.id, r.row FROM unnest($1::int8[]) WITH ORDINALITY q (owner, at) \
     CROSS JOIN LATERAL (SELECT id, row FROM loose WHERE loose.owner = q.owner ORDER BY id LIMIT $2) r ORDER BY q.at, r.id";
const LINES: &str = "SELECT q.at, r.task FROM unnest($1::text[], $2::int8[], $3::int2[], $4::int8[]) \
     WITH ORDINALITY q (connector, mark, kind, before, at) CROSS JOIN LATERAL (SELECT task FROM line l WHERE l.connector = q.connector \
         AND l.mark = q.mark AND l.kind = q.kind AND l.task < q.before ORDER BY task DESC LIMIT $5) r ORDER BY q.at, r.task";

/// How the rows of a statement answer the questions that it was made of.
type Answer = dyn Fn(&[Row], &Known, &mut Answers) -> Result<(), Fault>;

/// Statements, and how their rows are read.
#[derive(Default)]
struct Plan {
    statements: Vec<Statement>,
    answers: Vec<Box<Answer>>,
}

impl Plan {
    fn add(&mut self, statement: Statement, answer: impl Fn(&[Row], &Known, &mut Answers) -> Result<(), Fault> + 'static) {
        self.statements.push(statement);
        self.answers.push(Box::new(answer));
    }
}

/// One answer for each question.
pub(crate) fn load(store: &PgStore, keys: &[Key]) -> Result<Loaded, StoreError> {
    let mut plan = Plan::default();
    let once: std::collections::HashSet<&Key> = keys.iter().collect();
    let keys: &[Key] = &once.into_iter().cloned().collect::<Vec<_>>();
    objects(&mut plan, keys);
    pages(&mut plan, keys);
    bindings(&mut plan, keys);
    beside(&mut plan, keys);
    let statements = std::iter::once(Statement::new(MOMENT, Vec::new())).chain(plan.statements).collect();
    let answered = store.read(statements)?;
    let mut answered = answered.iter();
    let moment = answered.next().and_then(|rows| rows.first()).ok_or_else(|| Fault::row("clock", "it is missing"))?;
    store.waits.store(get::<bool>(moment, 1)?, Ordering::Relaxed);
    let as_of = convert::unid(get::<i64>(moment, 0)?);
    let answered: Vec<&Vec<Row>> = answered.collect();
    let answers = store.decode(|known| {
        let mut answers = Answers::default();
        for (rows, answer) in answered.iter().zip(&plan.answers) {
            answer(rows, known, &mut answers)?;
        }
        Ok(answers)
    })?;
    Ok(Loaded { as_of, answers })
}

fn of<T>(keys: &[Key], one: impl Fn(&Key) -> Option<T>) -> Vec<T> {
    keys.iter().filter_map(one).collect()
}

fn mark(question: impl Into<Key>) -> i64 {
    convert::mark(question.into().mark())
}

fn objects(plan: &mut Plan, keys: &[Key]) {
    let all = of(keys, |key| if let Key::Object(question) = key { Some(question.clone()) } else { None });
    let (by_id, by_mark): (Vec<_>, Vec<_>) = all.into_iter().partition(|question| matches!(question, ObjectKey::Id(_)));
    if !by_id.is_empty() {
        let ids: Vec<i64> =
            by_id.iter().filter_map(|question| if let ObjectKey::Id(id) = question { Some(convert::id(id.0)) } else { None }).collect();
        plan.add(Statement::new(OBJECTS_BY_ID, params![ids]), move |rows, known, answers| {
            by_id.iter().for_each(|question| drop(answers.insert(question.clone(), None)));
            for (_, row) in rows.iter().map(|row| object(row, known)).collect::<Result<Vec<_>, _>>()? {
                answers.insert(ObjectKey::Id(row.id), Some(row));
            }
            Ok(())
        });
    }
    let lists = of(keys, |key| if let Key::Objects(question) = key { Some(question.clone()) } else { None });
    if by_mark.is_empty() && lists.is_empty() {
        return;
    }
    let (mut marks, mut kinds, mut most) = (Vec::new(), Vec::new(), Vec::new());
    for question in &by_mark {
        marks.push(mark(question.clone()));
        kinds.push(if matches!(question, ObjectKey::Unique(..)) { UNIQUE } else { OBJECT });
        most.push(2i64);
    }
    for question in &lists {
        marks.push(mark(question.clone()));
        kinds.push(OBJECT);
        most.push(match question {
            ObjectsKey::AnyNamed(..) => 2,
            ObjectsKey::Children(..) => convert::limit(ANSWER_ROWS_MAX + 1),
        });
    }
    plan.add(Statement::new(OBJECTS_BY_MARK, params![marks, kinds, most]), move |rows, known, answers| {
        by_mark.iter().for_each(|question| drop(answers.insert(question.clone(), None)));
        lists.iter().for_each(|question| drop(answers.insert(question.clone(), Vec::new())));
        for row in rows {
            let (at, row) = object(row, known)?;
            let at = index(at);
            if let Some(question) = by_mark.get(at) {
                // Two questions may have one mark.
                if is_object(question, &row) {
                    answers.insert(question.clone(), Some(row));
                }
            } else if let Some(question) = lists.get(at.saturating_sub(by_mark.len())) {
                push(answers, question, row);
            }
        }
        Ok(())
    });
}

fn is_object(question: &ObjectKey, row: &ObjectRow) -> bool {
    match question {
        ObjectKey::Id(id) => row.id == *id,
        ObjectKey::Name(object_type, scope, name) => {
            row.object_type == *object_type && row.scope == *scope && row.code_name.key() == &**name
        }
        ObjectKey::Guid(object_type, guid) => row.object_type == *object_type && row.guid == *guid,
        ObjectKey::Unique(object_type, ..) => row.object_type == *object_type,
    }
}

fn pages(plan: &mut Plan, keys: &[Key]) {
    let all = of(keys, |key| if let Key::Page(question) = key { Some(question.clone()) } else { None });
    let ids: Vec<i64> =
        all.iter().filter_map(|question| if let PageKey::Id(id) = question { Some(convert::id(id.0)) } else { None }).collect();
    let parents: Vec<(PageKey, i64)> = all
        .iter()
        .filter_map(|question| if let PageKey::ChildOf(id) = question { Some((question.clone(), convert::id(id.0))) } else { None })
        .collect();
    let by_mark: Vec<PageKey> = all.iter().filter(|question| matches!(question, PageKey::Guid(..) | PageKey::Alias(..))).cloned().collect();
    if !ids.is_empty() {
        plan.add(Statement::new(PAGES_BY_ID, params![ids.clone()]), move |rows, known, answers| {
            ids.iter().for_each(|id| drop(answers.insert(PageKey::Id(NodeId(convert::unid(*id))), None)));
            for (_, row) in rows.iter().map(|row| page(row, known)).collect::<Result<Vec<_>, _>>()? {
                answers.insert(PageKey::Id(row.id), Some(row));
            }
            Ok(())
        });
    }
    if !by_mark.is_empty() {
        let marks: Vec<i64> = by_mark.iter().cloned().map(mark).collect();
        plan.add(Statement::new(PAGES_BY_MARK, params![marks]), move |rows, known, answers| {
            by_mark.iter().for_each(|question| drop(answers.insert(question.clone(), None)));
            for row in rows {
                let (at, row) = page(row, known)?;
                let Some(question) = by_mark.get(index(at)) else { continue };
                let is_it = match question {
                    PageKey::Guid(site, guid) => row.site == *site && row.guid == *guid,
                    PageKey::Alias(site, parent, alias) => row.site == *site && row.parent == *parent && row.alias.key() == &**alias,
                    PageKey::Id(_) | PageKey::ChildOf(_) => false,
                };
                if is_it {
                    answers.insert(question.clone(), Some(row));
                }
            }
            Ok(())
        });
    }
    if !parents.is_empty() {
        let ids: Vec<i64> = parents.iter().map(|(_, id)| *id).collect();
        plan.add(Statement::new(CHILD_PAGES, params![ids]), move |rows, known, answers| {
            parents.iter().for_each(|(question, _)| drop(answers.insert(question.clone(), None)));
            for row in rows {
                let (at, row) = page(row, known)?;
                if let Some((question, _)) = parents.get(index(at)) {
                    answers.insert(question.clone(), Some(row));
                }
            }
            Ok(())
        });
    }
    let under = of(keys, |key| if let Key::PageIds(question) = key { Some(*question) } else { None });
    if !under.is_empty() {
        let ids: Vec<i64> = under.iter().map(|question| convert::id(question.0.0)).collect();
        let most = convert::limit(ANSWER_IDS_MAX + 1);
        plan.add(Statement::new(PAGE_IDS, params![ids, most]), move |rows, _, answers| {
            under.iter().for_each(|question| drop(answers.insert(*question, Vec::new())));
            for row in rows {
                let (at, id) = (index(get(row, 0)?), NodeId(convert::unid(get(row, 1)?)));
                if let Some(question) = under.get(at) {
                    push(answers, question, id);
                }
            }
            Ok(())
        });
    }
}

fn bindings(plan: &mut Plan, keys: &[Key]) {
    let all = of(keys, |key| if let Key::Binding(question) = key { Some(question.clone()) } else { None });
    let (by_id, by_mark): (Vec<_>, Vec<_>) = all.into_iter().partition(|question| matches!(question, BindingKey::Id(_)));
    if !by_id.is_empty() {
        let ids: Vec<i64> =
            by_id.iter().filter_map(|question| if let BindingKey::Id(id) = question { Some(convert::id(id.0)) } else { None }).collect();
        plan.add(Statement::new(BINDINGS_BY_ID, params![ids]), move |rows, known, answers| {
            by_id.iter().for_each(|question| drop(answers.insert(question.clone(), None)));
            for (_, row) in rows.iter().map(|row| binding(row, known)).collect::<Result<Vec<_>, _>>()? {
                answers.insert(BindingKey::Id(row.id), Some(row));
            }
            Ok(())
        });
    }
    let lists = of(keys, |key| if let Key::Bindings(question) = key { Some(question.clone()) } else { None });
    if by_mark.is_empty() && lists.is_empty() {
        return;
    }
    let marks: Vec<i64> = by_mark.iter().cloned().map(mark).chain(lists.iter().cloned().map(mark)).collect();
    let most: Vec<i64> = by_mark.iter().map(|_| 2).chain(lists.iter().map(|_| convert::limit(ANSWER_ROWS_MAX + 1))).collect();
    plan.add(Statement::new(BINDINGS_BY_MARK, params![marks, most]), move |rows, known, answers| {
        by_mark.iter().for_each(|question| drop(answers.insert(question.clone(), None)));
        lists.iter().for_each(|question| drop(answers.insert(question.clone(), Vec::new())));
        for row in rows {
            let (at, row) = binding(row, known)?;
            let at = index(at);
            if let Some(question) = by_mark.get(at) {
                if matches!(question, BindingKey::Binds(binding_type, binds) if row.binding_type == *binding_type && row.binds == *binds) {
                    answers.insert(question.clone(), Some(row));
                }
            } else if let Some(question) = lists.get(at.saturating_sub(by_mark.len())) {
                push(answers, question, row);
            }
        }
        Ok(())
    });
}

fn beside(plan: &mut Plan, keys: &[Key]) {
    let targets = of(keys, |key| if let Key::Referrers(question) = key { Some(*question) } else { None });
    if !targets.is_empty() {
        let marks: Vec<i64> = targets.iter().map(|question| mark(*question)).collect();
        let most = convert::limit(ANSWER_ROWS_MAX + 1);
        plan.add(Statement::new(REFERRERS, params![marks, most]), move |rows, known, answers| {
            let mut found: Vec<BTreeSet<Referrer>> = targets.iter().map(|_| BTreeSet::new()).collect();
            for row in rows {
                let at = index(get(row, 0)?);
                if let (Some(question), Some(found)) = (targets.get(at), found.get_mut(at)) {
                    found.extend(referrers(row, question.0, known)?);
                }
            }
            for (question, found) in targets.iter().zip(found) {
                answers.insert(*question, found.into_iter().take(ANSWER_ROWS_MAX + 1).collect());
            }
            Ok(())
        });
    }
    traces(plan, keys);
    let ends = of(keys, |key| if let Key::Loose(question) = key { Some(*question) } else { None });
    if !ends.is_empty() {
        let ids: Vec<i64> = ends.iter().map(|question| convert::id(question.0.0)).collect();
        plan.add(Statement::new(ENDS_BY_ID, params![ids]), move |rows, known, answers| {
            ends.iter().for_each(|question| drop(answers.insert(*question, None)));
            for row in rows {
                let end = rows::loose::decode(convert::unid(get(row, 1)?), get(row, 2)?, known)?;
                answers.insert(lockgate_core::key::LooseKey(end.id), Some(end));
            }
            Ok(())
        });
    }
    let owners = of(keys, |key| if let Key::LooseEnds(question) = key { Some(question.clone()) } else { None });
    if !owners.is_empty() {
        let marks: Vec<i64> = owners.iter().cloned().map(mark).collect();
        let most = convert::limit(ANSWER_ROWS_MAX + 1);
        plan.add(Statement::new(ENDS_BY_OWNER, params![marks, most]), move |rows, known, answers| {
            owners.iter().for_each(|question| drop(answers.insert(question.clone(), Vec::new())));
            for row in rows {
                let end = rows::loose::decode(convert::unid(get(row, 1)?), get(row, 2)?, known)?;
                if let Some(question) = owners.get(index(get(row, 0)?)) {
                    push(answers, question, end);
                }
            }
            Ok(())
        });
    }
    let lines = of(keys, |key| if let Key::Line(question) = key { Some(question.clone()) } else { None });
    if !lines.is_empty() {
        let connectors: Vec<String> = lines.iter().map(|question| question.connector.as_str().to_owned()).collect();
        let marks: Vec<i64> = lines.iter().map(|question| convert::mark(question.line.mark)).collect();
        let kinds: Vec<i16> = lines.iter().map(|question| question.line.kind.byte().into()).collect();
        let before: Vec<i64> = lines.iter().map(|question| convert::bound(question.before.0)).collect();
        let columns = params![connectors, marks, kinds, before, convert::limit(LINE_IDS_MAX)];
        plan.add(Statement::new(LINES, columns), move |rows, _, answers| {
            lines.iter().for_each(|question| drop(answers.insert(question.clone(), Vec::new())));
            for row in rows {
                if let Some(question) = lines.get(index(get(row, 0)?)) {
                    push(answers, question, TaskId(convert::unid(get(row, 1)?)));
                }
            }
            Ok(())
        });
    }
}

fn traces(plan: &mut Plan, keys: &[Key]) {
    let formers = of(keys, |key| if let Key::Former(question) = key { Some(question.clone()) } else { None });
    if !formers.is_empty() {
        let stored: Vec<Vec<u8>> = formers.iter().map(former_key).collect();
        plan.add(Statement::new(FORMERS, params![stored]), move |rows, _, answers| {
            for question in &formers {
                answers.insert(question.clone(), None);
            }
            for row in rows {
                if let Some(question) = formers.get(index(get(row, 0)?)) {
                    answers.insert(question.clone(), Some(get::<Uuid>(row, 1)?));
                }
            }
            Ok(())
        });
    }
    let tombs = of(keys, |key| if let Key::Tomb(question) = key { Some(question.clone()) } else { None });
    if !tombs.is_empty() {
        let stored: Vec<Vec<u8>> = tombs.iter().map(tomb_key).collect();
        plan.add(Statement::new(TOMBS, params![stored]), move |rows, _, answers| {
            tombs.iter().for_each(|question| drop(answers.insert(question.clone(), None)));
            for row in rows {
                if let Some(question) = tombs.get(index(get(row, 0)?)) {
                    answers.insert(question.clone(), Some(Arc::new(rows::tomb::decode(get(row, 1)?)?)));
                }
            }
            Ok(())
        });
    }
}

/// Ordinality counts from one.
fn index(at: i64) -> usize {
    usize::try_from(at.saturating_sub(1)).unwrap_or(usize::MAX)
}

fn push<T: Clone + PartialEq + std::fmt::Debug + 'static, Q: Question<Answer = Vec<T>>>(answers: &mut Answers, question: &Q, one: T) {
    let mut list = answers.remove(question).unwrap_or_default();
    list.push(one);
    answers.insert(question.clone(), list);
}

fn object(row: &Row, known: &Known) -> Result<(i64, Arc<ObjectRow>), Fault> {
    Ok((get(row, 0)?, Arc::new(rows::object::decode(convert::unid(get(row, 1)?), get(row, 2)?, known)?)))
}

fn page(row: &Row, known: &Known) -> Result<(i64, Arc<PageRow>), Fault> {
    Ok((get(row, 0)?, Arc::new(rows::page::decode(convert::unid(get(row, 1)?), get(row, 2)?, known)?)))
}

fn binding(row: &Row, known: &Known) -> Result<(i64, Arc<BindingRow>), Fault> {
    Ok((get(row, 0)?, Arc::new(rows::binding::decode(convert::unid(get(row, 1)?), get(row, 2)?, known)?)))
}

/// Which fields of a row point to this.
fn referrers(row: &Row, target: Target, known: &Known) -> Result<Vec<Referrer>, Fault> {
    let (kind, id) = (get::<i16>(row, 1)?, convert::unid(get(row, 2)?));
    let Some(bytes) = get::<Option<&[u8]>>(row, 3)? else { return Err(Fault::row("referrer", format_args!("row {id} is not there"))) };
    let points = |(_, to): &(_, Target)| *to == target;
    Ok(match kind {
        OBJECT => {
            let row = rows::object::decode(id, bytes, known)?;
            row.references().filter(points).map(|(field, _)| Referrer { row: RowId::Object(row.id), field: field.clone() }).collect()
        }
        BINDING => {
            let row = rows::binding::decode(id, bytes, known)?;
            row.references().filter(points).map(|(field, _)| Referrer { row: RowId::Binding(row.id), field: field.clone() }).collect()
        }
        _ => {
            let row = rows::page::decode(id, bytes, known)?;
            row.references().filter(points).map(|(field, _)| Referrer { row: RowId::Page(row.id), field: field.clone() }).collect()
        }
    })
}
