\set n random(:note, :note + 399)
UPDATE notes SET content = content WHERE id = :n;
