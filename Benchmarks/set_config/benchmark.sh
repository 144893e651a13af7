# shellcheck shell=bash disable=SC2034
# What the triggers and the function add to the bare UPDATE of a value and INSERT into a history: the
# same columns and indexes, nothing checked, nobody woken. First as it is, where a commit waits for the
# disk, then without that, where only the work is left.
org=$(psql -XAtU postgres -c "SELECT id FROM core.organizations WHERE slug = 'o8'")
options="-c app.current_org=$org"
variables="-D org=$org"
for fsync in on off; do
  transactions=$([ $fsync = on ] && echo 40 || echo 200)
  psql -XqU postgres -c "ALTER SYSTEM SET fsync = $fsync" -c 'SELECT pg_reload_conf()' >/dev/null
  compare "api.set_config, fsync $fsync" - prepared 1 app plain.sql app set_config.sql
  compare "api.set_config, fsync $fsync" - prepared 8 app plain.sql app set_config.sql
  compare "plain UPDATE with its triggers, fsync $fsync" - prepared 1 app plain.sql app update.sql
done
psql -XqU postgres -c 'ALTER SYSTEM RESET fsync' -c 'SELECT pg_reload_conf()' >/dev/null
