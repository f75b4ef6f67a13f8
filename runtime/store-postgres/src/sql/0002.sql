-- Who has changed what.
CREATE SEQUENCE audit_number;
CREATE TABLE audit (n bigint PRIMARY KEY, row bytea NOT NULL);
-- What is remembered of tasks that were edited.
CREATE TABLE edit (task bigint PRIMARY KEY, row bytea NOT NULL);
