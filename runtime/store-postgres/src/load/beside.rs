//! Questions about what stands beside the rows, and about who points to them.

use std::collections::BTreeSet;
use std::sync::Arc;

use lockgate_core::key::{ANSWER_ROWS_MAX, Key, LINE_IDS_MAX, LooseKey};
use lockgate_core::rows::{Referrer, RowId, Target};
use lockgate_core::task::TaskId;
use lockgate_store_rows as rows;
use lockgate_store_rows::names::Known;
use lockgate_store_rows::words::Word as _;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{Plan, index, mark, of, push};
use crate::commit::{former_key, tomb_key};
use crate::convert;
use crate::fault::Fault;
use crate::found::{BINDING, OBJECT};
use crate::packet::Statement;
use crate::params::params;
use crate::store::get;

const REFERRERS: &str = "SELECT q.at, f.kind, f.id, coalesce(o.row, p.row, b.row) \
     FROM unnest($1::int8[]) WITH ORDINALITY q (mark, at) \
     CROSS JOIN LATERAL (SELECT kind, id FROM found WHERE mark = q.mark AND kind < 3 ORDER BY kind, id LIMIT $2) f \
     LEFT JOIN object o ON f.kind = 0 AND o.id = f.id LEFT JOIN page p ON f.kind = 1 AND p.id = f.id \
     LEFT JOIN binding b ON f.kind = 2 AND b.id = f.id ORDER BY q.at, f.kind, f.id";
const FORMERS: &str = "SELECT q.at, guid FROM unnest($1::bytea[]) WITH ORDINALITY q (key, at) JOIN former USING (key)";
const TOMBS: &str = "SELECT q.at, row FROM unnest($1::bytea[]) WITH ORDINALITY q (key, at) JOIN tomb USING (key)";
const ENDS_BY_ID: &str = "SELECT id, id, row FROM loose WHERE id = ANY($1::int8[])";
const ENDS_BY_OWNER: &str = "SELECT q.at, r.id, r.row FROM unnest($1::int8[]) WITH ORDINALITY q (owner, at) \
     CROSS JOIN LATERAL (SELECT id, row FROM loose WHERE loose.owner = q.owner ORDER BY id LIMIT $2) r ORDER BY q.at, r.id";
const LINES: &str = "SELECT q.at, r.task FROM unnest($1::text[], $2::int8[], $3::int2[], $4::int8[]) \
     WITH ORDINALITY q (connector, mark, kind, before, at) CROSS JOIN LATERAL (SELECT task FROM line l WHERE l.connector = q.connector \
         AND l.mark = q.mark AND l.kind = q.kind AND l.task < q.before ORDER BY task DESC LIMIT $5) r ORDER BY q.at, r.task";

pub(super) fn ask(plan: &mut Plan, keys: &[Key]) {
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
                answers.insert(LooseKey(end.id), Some(end));
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
