SELECT sum(quantity * seconds * price) FROM plain.lines WHERE org_id = :org;
