# shellcheck shell=bash disable=SC2034
# Beside the bare copy of the same notes. An import and a comparison of what is equal read both sides.
org=$(psql -XAtU postgres -c "SELECT id FROM core.organizations WHERE slug = 'acme'")
options="-c app.current_org=$org"
variables="-D org=$org"
rounds=5 transactions=12
compare 'export of an organisation with 100,000 notes' - simple 1 dba copy.sql dba export.sql
compare 'diff of it, where nothing differs' - simple 1 dba copy.sql dba diff.sql
compare 'import of it, where nothing differs' - simple 1 dba copy.sql dba import.sql
