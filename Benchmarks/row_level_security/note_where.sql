\set n random(:note, :note + 399)
SELECT * FROM notes WHERE org_id = :org AND id = :n;
