-- Marks are unsigned numbers that are stored with their highest bit turned, so that they sort as they are.
-- Ids are what they are. Text that comes from outside is bytes, because PostgreSQL's text takes no zero.

-- One row. Whoever writes anything but submissions takes it first, so that what was decided is checked and
-- carried out at one moment, and commits have numbers in the order in which they are seen.
CREATE TABLE clock (
    one bool PRIMARY KEY DEFAULT true CHECK (one),
    n bigint NOT NULL DEFAULT 0,
    -- Commits up to here are not known by what they touched any more.
    forgotten bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
INSERT INTO clock DEFAULT VALUES;

-- One row. What all connectors work by.
CREATE TABLE settings (
    one bool PRIMARY KEY DEFAULT true CHECK (one),
    generation bigint NOT NULL DEFAULT 0,
    base bigint NOT NULL DEFAULT 0,
    switches smallint NOT NULL DEFAULT 7,
    grants bytea NOT NULL DEFAULT '\x00000000000000000000000000000000',
    mark_rule bigint NOT NULL,
    secret bytea NOT NULL
);
CREATE TABLE model_file (name bytea PRIMARY KEY, content bytea NOT NULL);
CREATE TABLE name (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE);
-- The last ids that were given. Not sequences: an id of a submission that is not carried out is given to the next one,
-- and ids ascend in the order in which submissions are seen.
CREATE TABLE last_id (of text PRIMARY KEY, id bigint NOT NULL) WITH (fillfactor = 10);
INSERT INTO last_id VALUES ('row', 0), ('task', 0);
CREATE SEQUENCE history_number;
CREATE SEQUENCE operation_id;

-- The outcome of each write, for a while. Who has lost the answer looks here: what is not there he makes void,
-- so that it never happens, however late its packet comes.
CREATE TABLE outcome (token uuid PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), ids bigint[], void bool NOT NULL DEFAULT false)
    WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX outcome_at ON outcome (at);

-- One row for each connector that ever was; record is null when it is not installed.
CREATE TABLE connector (
    name text PRIMARY KEY,
    record bytea,
    changed bigint NOT NULL DEFAULT 0,
    epoch bigint NOT NULL DEFAULT 0,
    holder text,
    lease_until timestamptz
) WITH (fillfactor = 20);
-- What submissions lock: beside it, so that producers do not hold up who processes.
CREATE TABLE queue (name text PRIMARY KEY, came bigint NOT NULL DEFAULT 0) WITH (fillfactor = 20);
CREATE TABLE component (digest text PRIMARY KEY, bytes bytea NOT NULL);
CREATE TABLE kept (connector text, key bytea, value bytea NOT NULL, PRIMARY KEY (connector, key));

CREATE TABLE task (
    id bigint PRIMARY KEY,
    connector text NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    state smallint NOT NULL DEFAULT 0,
    apart bool NOT NULL DEFAULT false,
    fails bool NOT NULL DEFAULT false,
    lined bool NOT NULL DEFAULT false,
    due smallint,
    since_ms bigint,
    head bytea NOT NULL,
    standing bytea,
    body bytea NOT NULL
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE INDEX task_queue ON task (connector, id) WHERE NOT apart;
CREATE INDEX task_state ON task (connector, state, id) WHERE state <> 0;
CREATE INDEX task_parked ON task (connector, since_ms, id) WHERE state = 2;
CREATE INDEX task_due ON task (connector, id) WHERE due IS NOT NULL;
CREATE TABLE task_key (connector text, key bytea, digest bytea NOT NULL, task bigint NOT NULL, PRIMARY KEY (connector, key));
CREATE INDEX task_key_task ON task_key (task);

-- Who wants what. Kinds: 0 a task, 1 a task with its group, 2 a loose end.
CREATE TABLE want (mark bigint, connector text, kind smallint, id bigint, PRIMARY KEY (mark, connector, kind, id));
CREATE INDEX want_id ON want (id, kind);
-- What is wanted by tasks and loose ends alone, and by how many.
CREATE TABLE wanted (mark bigint PRIMARY KEY, tasks bigint NOT NULL, ends bigint NOT NULL);
CREATE INDEX wanted_none ON wanted (mark) WHERE tasks = 0 AND ends = 0;
CREATE TABLE line (connector text, mark bigint, kind smallint, task bigint, PRIMARY KEY (connector, mark, kind, task));
CREATE INDEX line_task ON line (task);
CREATE TABLE bring (mark bigint, task bigint, PRIMARY KEY (mark, task));
CREATE INDEX bring_task ON bring (task);
-- What was touched and has too many waiters. touch: 0 wakes, 1 stirs.
CREATE TABLE arrival (
    connector text, mark bigint, touch smallint,
    last_kind smallint NOT NULL, last_id bigint NOT NULL, spared bigint[] NOT NULL,
    PRIMARY KEY (connector, mark, touch)
);

CREATE TABLE object (id bigint PRIMARY KEY, type text NOT NULL, row bytea NOT NULL) WITH (fillfactor = 85);
CREATE INDEX object_type ON object (type, id);
CREATE TABLE page (
    id bigint PRIMARY KEY, site text NOT NULL, parent bigint, row bytea NOT NULL
) WITH (fillfactor = 85);
CREATE INDEX page_parent ON page (parent, id);
CREATE INDEX page_root ON page (site) WHERE parent IS NULL;
CREATE TABLE binding (id bigint PRIMARY KEY, type text NOT NULL, row bytea NOT NULL) WITH (fillfactor = 85);
-- Which rows answer which question. Kinds: 0 object, 1 page, 2 binding, 4 object by a unique value.
CREATE TABLE found (mark bigint, kind smallint, id bigint, PRIMARY KEY (mark, kind, id));
CREATE TABLE loose (id bigint PRIMARY KEY, connector text NOT NULL, owner bigint, due bool NOT NULL DEFAULT false, row bytea NOT NULL);
CREATE INDEX loose_connector ON loose (connector, id);
CREATE INDEX loose_owner ON loose (owner, id) WHERE owner IS NOT NULL;
CREATE INDEX loose_due ON loose (connector, id) WHERE due;
CREATE TABLE former (key bytea PRIMARY KEY, guid uuid NOT NULL);
CREATE TABLE tomb (key bytea PRIMARY KEY, until_ms bigint NOT NULL, row bytea NOT NULL);
CREATE INDEX tomb_until ON tomb (until_ms);

-- What each commit touched; marks is null when it counts as everything.
CREATE TABLE touched (n bigint PRIMARY KEY, connector text NOT NULL, marks bigint[], at timestamptz NOT NULL DEFAULT now());
CREATE INDEX touched_at ON touched (at);
-- Marks look random: to compress them costs and saves nothing.
ALTER TABLE touched ALTER COLUMN marks SET STORAGE EXTERNAL;

CREATE TABLE history (
    n bigint PRIMARY KEY, task bigint NOT NULL, connector text NOT NULL, mended bool NOT NULL, ended_ms bigint NOT NULL, entry bytea NOT NULL
);
CREATE INDEX history_task ON history (task, n);
CREATE TABLE log (task bigint, n bigint, line bytea NOT NULL, PRIMARY KEY (task, n));

CREATE TABLE operation (id bigint PRIMARY KEY, runs bool NOT NULL, row bytea NOT NULL);
CREATE INDEX operation_runs ON operation (id) WHERE runs;
CREATE TABLE packet (operation bigint, connector text, n bigint, tasks bytea NOT NULL, PRIMARY KEY (operation, connector, n));

-- Numbers for the operator. Kinds stand in `tally.rs`.
CREATE TABLE tally (kind smallint, name text, n bigint NOT NULL, PRIMARY KEY (kind, name)) WITH (fillfactor = 50);
