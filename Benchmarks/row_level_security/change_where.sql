\set n random(:note, :note + 399)
UPDATE notes SET content = content WHERE org_id = :org AND id = :n;
