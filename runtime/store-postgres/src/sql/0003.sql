-- Processes that share the database. A row that was not renewed in time is of one that is gone, or frozen.
CREATE TABLE node (
    name text PRIMARY KEY,
    life uuid NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    beaten timestamptz NOT NULL DEFAULT now(),
    until timestamptz NOT NULL,
    drains bool NOT NULL DEFAULT false,
    grants bytea NOT NULL,
    about text NOT NULL
) WITH (fillfactor = 20, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);

-- What is wanted of each connector, and how much of it and of its queue its node has looked at.
CREATE TABLE nudge (
    connector text PRIMARY KEY,
    passes bigint NOT NULL DEFAULT 0,
    begins bigint NOT NULL DEFAULT 0,
    dues bigint NOT NULL DEFAULT 0,
    seen_came bigint NOT NULL DEFAULT 0,
    seen_passes bigint NOT NULL DEFAULT 0,
    seen_begins bigint NOT NULL DEFAULT 0,
    seen_dues bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 20, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);
