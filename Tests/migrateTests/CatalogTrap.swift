/// Makes a view of the catalog, in one database, do something whenever it is read.
enum CatalogTrap {
  /// - Parameters:
  ///   - view: With its schema.
  ///   - expression: What stands in the column's place, by the names of the view's columns.
  static func sql(_ view: String, _ column: String, _ expression: String) -> String {
    """
    SET allow_system_table_mods = on;
    DO $$
    BEGIN
        EXECUTE format('CREATE OR REPLACE VIEW \(view) AS SELECT %s FROM (%s) AS seen', (
            SELECT string_agg(
                CASE attname WHEN '\(column)' THEN '\(expression) AS ' ELSE '' END || quote_ident(attname),
                ', ' ORDER BY attnum)
            FROM pg_attribute WHERE attrelid = '\(view)'::regclass AND attnum > 0),
            rtrim(pg_get_viewdef('\(view)'::regclass), ';'));
    END $$;
    RESET allow_system_table_mods;
    """
  }
}
