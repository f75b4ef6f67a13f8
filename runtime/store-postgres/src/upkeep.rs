//! Numbers for the operator.

use std::collections::BTreeMap;

use lockgate_core::names::TypeName;
use lockgate_core::ports::{Counts, StoreError};
use tokio_postgres::Row;

use crate::fault::Fault;
use crate::operations::name;
use crate::store::{Order, PgStore, get};
use crate::tally;

/// All that is counted. Tasks that came are queued, and on the way, unless something became of them.
pub(crate) const TALLY: &str = "SELECT kind, name, sum(n)::int8 FROM (SELECT kind, name, n FROM tally \
     UNION ALL SELECT 0::int2, name, came FROM queue) n GROUP BY kind, name";

pub(crate) fn counts(store: &PgStore) -> Result<Counts, StoreError> {
    Ok(read(&store.rows(TALLY, Vec::new())?)?)
}

/// The numbers in rows of [`TALLY`].
pub(crate) fn read(rows: &[Row]) -> Result<Counts, Fault> {
    let mut counts = Counts::default();
    for row in rows {
        let (kind, text, n) = (get::<i16>(row, 0)?, get::<&str>(row, 1)?, get::<i64>(row, 2)?);
        let Some(n) = u64::try_from(n).ok().filter(|n| *n > 0) else { continue };
        let by_connector = match kind {
            tally::QUEUED => &mut counts.queued,
            tally::FAILED => &mut counts.failed,
            tally::PARKED => &mut counts.parked,
            tally::BEHIND => &mut counts.behind,
            tally::FAILING => &mut counts.failing,
            tally::LOOSE_ENDS => &mut counts.loose_ends,
            tally::OBJECTS => {
                by_type(&mut counts.objects, text, n)?;
                continue;
            }
            tally::PAGES => {
                by_type(&mut counts.pages, text, n)?;
                continue;
            }
            tally::BINDINGS => {
                by_type(&mut counts.bindings, text, n)?;
                continue;
            }
            tally::CULTURES => {
                counts.culture_versions = n;
                continue;
            }
            tally::HISTORY => {
                counts.history = n;
                continue;
            }
            tally::WANTED => {
                counts.waits_for = n;
                continue;
            }
            _ => continue,
        };
        by_connector.insert(name(text)?, n);
    }
    Ok(counts)
}

fn by_type(counts: &mut BTreeMap<TypeName, u64>, text: &str, n: u64) -> Result<(), Fault> {
    counts.insert(TypeName::new(text).map_err(|error| Fault::row("type", error))?, n);
    Ok(())
}

// Commits are remembered by what they touched for longer than anybody plans. Whoever plans by something older plans
// again.
const FORGET_TOUCHED: [&str; 2] = [
    "UPDATE clock SET forgotten = GREATEST(forgotten, \
     (SELECT coalesce(max(n), 0) FROM touched WHERE at < now() - interval '10 minutes'))",
    "DELETE FROM touched WHERE n <= (SELECT forgotten FROM clock)",
];
const FORGET_OUTCOMES: &str = "DELETE FROM outcome WHERE at < now() - interval '1 hour'";

/// Removes what nobody asks for any more. What cannot be removed now is removed the next time.
pub(crate) fn sweep(store: &PgStore) {
    let swept = store.try_write(Order::One, async |tx| {
        for sql in FORGET_TOUCHED {
            tx.add(sql, Vec::new()).await;
        }
        tx.add(FORGET_OUTCOMES, Vec::new()).await;
        Ok(())
    });
    if let Err(fault) = swept {
        tracing::debug!(error = %fault, "what nobody asks for any more could not be removed");
    }
}
