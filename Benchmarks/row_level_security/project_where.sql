\set p random(:project, :project + 19)
SELECT * FROM notes WHERE org_id = :org AND project_id = :p;
