//! Who may process which connector's queue. Time is the server's: clocks of nodes are never compared.

use lockgate_core::ports::{Claim, Claimed, Lease, NodeName, StoreError};

use crate::convert;
use crate::fault::Fault;
use crate::params::params;
use crate::store::{Order, PgStore, get};

// What the node has by name and does not hold is left from an earlier life of it.
const GIVE_BACK: &str = "UPDATE connector SET holder = NULL, lease_until = NULL WHERE holder = $1 AND name <> ALL($2::text[])";
const GO_ON: &str = "UPDATE connector SET lease_until = clock_timestamp() + $3::int8 * interval '1 ms' WHERE name = $1 AND holder = $2";
const TAKE: &str = "INSERT INTO connector AS c (name, epoch, holder, lease_until) \
     VALUES ($1, 1, $2, clock_timestamp() + $3::int8 * interval '1 ms') \
     ON CONFLICT (name) DO UPDATE SET epoch = c.epoch + 1, holder = EXCLUDED.holder, lease_until = EXCLUDED.lease_until \
     WHERE c.holder IS NULL OR c.holder <> EXCLUDED.holder AND c.lease_until <= clock_timestamp()";
// For how long, and not until when: nobody's clock is compared with the server's.
const HELD: &str =
    "SELECT holder, epoch, (extract(epoch FROM lease_until - clock_timestamp()) * 1000)::int8 FROM connector WHERE name = $1";

/// One packet: who claims is not waited for by those who process.
pub(crate) fn claim(store: &PgStore, claim: &Claim<'_>) -> Result<Claimed, StoreError> {
    let held: Vec<String> = claim.held.iter().map(|name| name.as_str().to_owned()).collect();
    let lease_ms = convert::bound(claim.lease_ms.min(LEASE_MS_MAX));
    let key = || params![claim.connector.as_str(), claim.node.as_str(), lease_ms];
    let done = store.write_with_rows(Order::None, async |tx| {
        tx.add(GIVE_BACK, params![claim.node.as_str(), held.clone()]).await;
        tx.add(GO_ON, key()).await;
        tx.add(TAKE, key()).await;
        tx.add(HELD, params![claim.connector.as_str()]).await;
        Ok(())
    })?;
    let rows = match done.rows {
        Some(rows) => rows,
        None => store.rows(HELD, params![claim.connector.as_str()])?,
    };
    let held = rows.first().ok_or_else(|| Fault::row("lease", "nobody holds it, and nobody gets it"))?;
    match get::<Option<&str>>(held, 0)? {
        Some(holder) if holder != claim.node.as_str() => {
            let left_ms = get::<Option<i64>>(held, 2)?.unwrap_or_default().max(0);
            Ok(Claimed::HeldBy(NodeName::new(holder), claim.now_ms.saturating_add(left_ms).saturating_add(1)))
        }
        // One that was given back, or taken away with its connector, since the answer was lost is fenced by its epoch.
        _ => {
            let epoch = convert::unid(get(held, 1)?);
            Ok(Claimed::Yes(Lease { connector: claim.connector.clone(), node: claim.node.clone(), epoch }))
        }
    }
}

/// A century: times beyond PostgreSQL's are an error.
const LEASE_MS_MAX: u64 = 3_155_760_000_000;

pub(crate) fn release(store: &PgStore, lease: &Lease) -> Result<(), StoreError> {
    let sql = "UPDATE connector SET holder = NULL, lease_until = NULL WHERE name = $1 AND epoch = $2 AND holder = $3";
    store.write(Order::None, async |tx| {
        tx.add(sql, params![lease.connector.as_str(), convert::bound(lease.epoch), lease.node.as_str()]).await;
        Ok(())
    })
}
