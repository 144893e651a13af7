DROP TABLE IF EXISTS plain.notes;
CREATE TABLE plain.notes AS SELECT * FROM core.notes WHERE org_id = :org;
