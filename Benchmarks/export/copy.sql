DROP TABLE IF EXISTS plain.notes;
CREATE TABLE plain.notes AS SELECT org_id AS org, id, project_id, content, created_at FROM core.notes WHERE org_id = :org;
