SELECT count(*) FROM notes WHERE org_id = :org;
