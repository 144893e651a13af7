\set p random(:project, :project + 19)
SELECT * FROM notes WHERE project_id = :p;
