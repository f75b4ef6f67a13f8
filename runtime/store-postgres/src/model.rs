//! The content model, and the index of unique values that fits it.

use std::collections::BTreeMap;
use std::sync::Arc;

use lockgate_core::model::{ContentModel, Unused};
use lockgate_core::names::TypeName;
use lockgate_core::ports::{Generation, ModelPut, StoreError};
use lockgate_store_rows as rows;

use crate::audit::{Sign, sign};
use crate::commit::TOUCH_ALL;
use crate::convert;
use crate::fault::{Fault, Refusal};
use crate::found::{self, UNIQUE};
use crate::params::params;
use crate::registry::change_base;
use crate::store::{Order, PgStore, get};
use crate::tx::Tx;
use crate::upkeep;

/// Objects that are indexed at a time.
const BATCH: i64 = 1_000;

pub(crate) fn put(
    store: &PgStore,
    as_of: Generation,
    files: &BTreeMap<String, String>,
    model: &ContentModel,
    unused: &Unused,
    by: Sign<'_>,
) -> Result<ModelPut, StoreError> {
    let done = store.try_write(Order::One, async |tx| {
        let there = tx.ask("SELECT name, content FROM model_file", Vec::new()).await?;
        let mut same = there.len() == files.len();
        for row in &there {
            let (name, content) = (get::<&[u8]>(row, 0)?, get::<&[u8]>(row, 1)?);
            same &= std::str::from_utf8(name).is_ok_and(|name| files.get(name).is_some_and(|file| file.as_bytes() == content));
        }
        if same {
            sign(tx, by).await;
            return Ok(ModelPut::Done);
        }
        change_base(tx, as_of).await;
        // Guards first: who is too late is told that, whatever is stored.
        let numbers = tx.ask(upkeep::TALLY, Vec::new()).await?;
        if !unused.holds(&upkeep::read(&numbers)?) {
            // Taken back with everything else.
            return Err(Fault::Refused(Refusal::InUse));
        }
        tx.add("DELETE FROM model_file", Vec::new()).await;
        let (names, contents): (Vec<Vec<u8>>, Vec<Vec<u8>>) =
            files.iter().map(|(name, content)| (name.as_bytes().to_vec(), content.as_bytes().to_vec())).unzip();
        tx.add("INSERT INTO model_file (name, content) SELECT * FROM unnest($1::bytea[], $2::bytea[])", params![names, contents]).await;
        index(tx, model).await?;
        // What was planned with the old index must be planned again.
        tx.add(TOUCH_ALL, Vec::new()).await;
        sign(tx, by).await;
        Ok(ModelPut::Done)
    });
    match done {
        Err(Fault::Refused(Refusal::InUse)) => store.told(Ok(ModelPut::InUse)),
        done => store.told(done),
    }
}

/// Indexes all objects by what the model declares unique.
async fn index(tx: &Tx<'_>, model: &ContentModel) -> Result<(), Fault> {
    tx.add("DELETE FROM found WHERE kind = $1", params![UNIQUE]).await;
    let names = tx.ask("SELECT id, name FROM name", Vec::new()).await?;
    let mut known = rows::names::Known::default();
    for row in &names {
        let name = get::<&str>(row, 1)?;
        known.insert(get::<i32>(row, 0)?.unsigned_abs(), name).map_err(|error| Fault::row("name", error))?;
    }
    let mut types = Vec::new();
    for row in tx.ask("SELECT DISTINCT type FROM object", Vec::new()).await? {
        types.push(get::<String>(&row, 0)?);
    }
    for object_type in types {
        if !has_unique(model, &object_type) {
            continue;
        }
        let mut after: Option<i64> = None;
        loop {
            let sql = "SELECT id, row FROM object WHERE type = $1 AND ($2::int8 IS NULL OR id > $2) ORDER BY id LIMIT $3";
            let batch = tx.ask(sql, params![object_type.as_str(), after, BATCH]).await?;
            let Some(last) = batch.last() else { break };
            after = Some(get(last, 0)?);
            let (mut marks, mut ids) = (Vec::new(), Vec::new());
            for row in &batch {
                let id = get::<i64>(row, 0)?;
                let object = Arc::new(rows::object::decode(convert::unid(id), get(row, 1)?, &known)?);
                for (mark, _) in found::of_object(&object, model).into_iter().filter(|(_, kind)| *kind == UNIQUE) {
                    marks.push(mark);
                    ids.push(id);
                }
            }
            let sql =
                "INSERT INTO found (mark, kind, id) SELECT m, $1, i FROM unnest($2::int8[], $3::int8[]) n (m, i) ON CONFLICT DO NOTHING";
            tx.add(sql, params![UNIQUE, marks, ids]).await;
        }
    }
    Ok(())
}

fn has_unique(model: &ContentModel, object_type: &str) -> bool {
    let declared = TypeName::new(object_type).ok().and_then(|name| model.object_type(&name));
    declared.is_some_and(|declared| declared.fields.iter().any(|field| field.unique))
}
