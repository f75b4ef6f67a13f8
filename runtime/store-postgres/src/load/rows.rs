//! Questions about objects, pages and bindings.

use std::sync::Arc;

use lockgate_core::key::{ANSWER_IDS_MAX, ANSWER_ROWS_MAX, BindingKey, Key, ObjectKey, ObjectsKey, PageKey};
use lockgate_core::rows::{BindingRow, NodeId, ObjectRow, PageRow};
use lockgate_store_rows as rows;
use lockgate_store_rows::names::Known;
use tokio_postgres::Row;

use super::{Plan, index, mark, of, push};
use crate::convert;
use crate::fault::Fault;
use crate::found::{OBJECT, UNIQUE};
use crate::packet::Statement;
use crate::params::params;
use crate::store::get;

// By number of the question: those that a mark leads to, so many of each at most.
const OBJECTS_BY_MARK: &str = "SELECT q.at, r.id, r.row FROM unnest($1::int8[], $2::int2[], $3::int8[]) WITH ORDINALITY q (mark, kind, most, at) \
     CROSS JOIN LATERAL (SELECT o.id, o.row FROM found f JOIN object o ON o.id = f.id \
         WHERE f.mark = q.mark AND f.kind = q.kind ORDER BY f.id LIMIT q.most) r ORDER BY q.at, r.id";
const OBJECTS_BY_ID: &str = "SELECT id, id, row FROM object WHERE id = ANY($1::int8[])";
const PAGES_BY_MARK: &str = "SELECT q.at, r.id, r.row FROM unnest($1::int8[]) WITH ORDINALITY q (mark, at) \
     CROSS JOIN LATERAL (SELECT p.id, p.row FROM found f JOIN page p ON p.id = f.id \
         WHERE f.mark = q.mark AND f.kind = 1 ORDER BY f.id LIMIT 2) r ORDER BY q.at, r.id";
const PAGES_BY_ID: &str = "SELECT id, id, row FROM page WHERE id = ANY($1::int8[])";
const CHILD_PAGES: &str = "SELECT q.at, r.id, r.row FROM unnest($1::int8[]) WITH ORDINALITY q (parent, at) \
     CROSS JOIN LATERAL (SELECT id, row FROM page WHERE page.parent = q.parent ORDER BY id LIMIT 1) r";
const PAGE_IDS: &str = "SELECT q.at, r.id FROM unnest($1::int8[]) WITH ORDINALITY q (parent, at) \
     CROSS JOIN LATERAL (SELECT id FROM page WHERE page.parent = q.parent ORDER BY id LIMIT $2) r ORDER BY q.at, r.id";
const BINDINGS_BY_MARK: &str = "SELECT q.at, r.id, r.row FROM unnest($1::int8[], $2::int8[]) WITH ORDINALITY q (mark, most, at) \
     CROSS JOIN LATERAL (SELECT b.id, b.row FROM found f JOIN binding b ON b.id = f.id \
         WHERE f.mark = q.mark AND f.kind = 2 ORDER BY f.id LIMIT q.most) r ORDER BY q.at, r.id";
const BINDINGS_BY_ID: &str = "SELECT id, id, row FROM binding WHERE id = ANY($1::int8[])";

pub(super) fn objects(plan: &mut Plan, keys: &[Key]) {
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

pub(super) fn pages(plan: &mut Plan, keys: &[Key]) {
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

pub(super) fn bindings(plan: &mut Plan, keys: &[Key]) {
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

fn object(row: &Row, known: &Known) -> Result<(i64, Arc<ObjectRow>), Fault> {
    Ok((get(row, 0)?, Arc::new(rows::object::decode(convert::unid(get(row, 1)?), get(row, 2)?, known)?)))
}

fn page(row: &Row, known: &Known) -> Result<(i64, Arc<PageRow>), Fault> {
    Ok((get(row, 0)?, Arc::new(rows::page::decode(convert::unid(get(row, 1)?), get(row, 2)?, known)?)))
}

fn binding(row: &Row, known: &Known) -> Result<(i64, Arc<BindingRow>), Fault> {
    Ok((get(row, 0)?, Arc::new(rows::binding::decode(convert::unid(get(row, 1)?), get(row, 2)?, known)?)))
}
