\set n random(:note, :note + 399)
SELECT * FROM notes WHERE id = :n;
