//! What an operator should know of the database's server: whether "durable" is true there, and what slows it down.

use lockgate_core::ports::StoreError;

use crate::store::{PgStore, get};

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable.
    pub code: &'static str,
    /// Whether acknowledged tasks may be lost by it.
    pub may_lose: bool,
    /// What is so, and what to do.
    pub text: String,
}

// Each row: a code, whether tasks may be lost, and a text. What the user may not see says nothing.
const CHECKS: &str = "WITH s AS (SELECT name, setting FROM pg_settings) \
     SELECT 'postgres-fsync', true, 'fsync is off: a crash of the server''s machine destroys the database; set fsync = on' \
         FROM s WHERE name = 'fsync' AND setting = 'off' \
     UNION ALL SELECT 'postgres-full-page-writes', true, \
         'full_page_writes is off: a crash in the midst of a write may destroy pages; set full_page_writes = on' \
         FROM s WHERE name = 'full_page_writes' AND setting = 'off' \
     UNION ALL SELECT 'postgres-synchronous-commit', true, \
         'synchronous_commit is ' || setting || ': a crash loses acknowledged tasks; set it to on for this user or database' \
         FROM s WHERE name = 'synchronous_commit' AND (setting = 'off' \
             OR setting = 'local' AND (SELECT setting FROM s WHERE name = 'synchronous_standby_names') <> '') \
     UNION ALL SELECT 'postgres-no-synchronous-standby', false, \
         'no standby is synchronous: if the server''s disk is lost, so are the tasks that no standby has heard of; set synchronous_standby_names' \
         FROM s WHERE name = 'synchronous_standby_names' AND setting = '' \
     UNION ALL SELECT 'postgres-old-transaction', false, \
         'a transaction of ' || coalesce(usename, 'somebody') || ' (process ' || pid || ') is open since ' || date_trunc('second', xact_start) \
         || ': rows that are not needed any more stay, and everything becomes slower; end it' \
         FROM pg_stat_activity WHERE xact_start < now() - interval '1 minute' AND datname = current_database() AND pid <> pg_backend_pid() \
             AND backend_type = 'client backend' \
     UNION ALL SELECT 'postgres-idle-slot', false, \
         'nobody reads the replication slot ' || slot_name || ': the server keeps its log for it until the disk is full; drop it, or start its reader' \
         FROM pg_replication_slots WHERE NOT active \
     UNION ALL SELECT 'postgres-autovacuum', false, 'autovacuum is off: tables grow without end; set autovacuum = on' \
         FROM s WHERE name = 'autovacuum' AND setting = 'off' \
     UNION ALL SELECT 'postgres-few-connections', false, \
         'max_connections is ' || setting || ', and each node takes up to 9; others of this machine may be left without' \
         FROM s WHERE name = 'max_connections' AND setting::int < 9 * (SELECT count(*) FROM node WHERE until > now()) + 10";

impl PgStore {
    /// What is not as it should be with the server. Changes nothing; one round trip.
    pub fn findings(&self) -> Result<Vec<Finding>, StoreError> {
        let mut findings = Vec::new();
        for row in self.rows(CHECKS, Vec::new())? {
            let code = get::<&str>(&row, 0)?;
            // One that is not in the list is none of this version's.
            if let Some(code) = CODES.iter().find(|known| **known == code) {
                findings.push(Finding { code, may_lose: get(&row, 1)?, text: get(&row, 2)? });
            }
        }
        Ok(findings)
    }
}

/// All that may be found.
pub const CODES: [&str; 8] = [
    "postgres-fsync",
    "postgres-full-page-writes",
    "postgres-synchronous-commit",
    "postgres-no-synchronous-standby",
    "postgres-old-transaction",
    "postgres-idle-slot",
    "postgres-autovacuum",
    "postgres-few-connections",
];
