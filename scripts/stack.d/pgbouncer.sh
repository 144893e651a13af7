# shellcheck shell=bash
# PgBouncer before the stack's PostgreSQL, as deploy/pgbouncer/pgbouncer.ini has it. Not one of the
# servers that are started without being asked for.

pgbouncer_start() {
  process_pid pgbouncer >/dev/null && return
  local program as port folder="$dir/pgbouncer"
  # Debian puts it where a user's PATH does not look.
  program=$(PATH=$PATH:/usr/sbin command -v pgbouncer) ||
    die "pgbouncer is not installed" "Install it with: scripts/packages --group tests"
  # PostgreSQL may be starting at this moment; its port is reserved first.
  wait_until 10 "PostgreSQL, which pgbouncer stands before," "$dir/log/postgres.log" pgbouncer_has_postgres
  mapfile -t as < <(postgres_as)
  port=$(port_of ARK_PGBOUNCER_PORT)
  mkdir -p "$folder"
  sed "s|@PORT@|$port|; s|@FOLDER@|$folder|; s|@PGHOST@|$(state_get PGHOST)|; s|@PGPORT@|$(state_get PGPORT)|" \
    "$root/deploy/pgbouncer/pgbouncer.ini" >"$folder/pgbouncer.ini"
  printf '"%s" ""\n' operator pod_ai pod_api pod_email pod_features pod_webhook >"$folder/users"
  # It refuses to run as root, as PostgreSQL does; its folder is the right to connect.
  [ "$(id -u)" -ne 0 ] || chown -R postgres:postgres "$folder"
  chmod 700 "$folder"
  state_set ARK_PGBOUNCER_HOST "$folder"
  process_start pgbouncer "${as[@]}" "$program" "$folder/pgbouncer.ini"
  wait_until 10 pgbouncer "$dir/log/pgbouncer.log" pgbouncer_console 'SHOW VERSION'
}

pgbouncer_has_postgres() { [ -n "$(state_get PGPORT)" ] && [ -n "$(state_get PGUSER)" ]; }

pgbouncer_console() {
  "$(postgres_bin)/psql" -X -h "$(state_get ARK_PGBOUNCER_HOST)" -p "$(state_get ARK_PGBOUNCER_PORT)" \
    -U operator -d pgbouncer -c "$1"
}

# SIGTERM, not SIGINT: at once, without waiting for clients.
pgbouncer_stop() { process_stop pgbouncer TERM 10; }
pgbouncer_crash() { process_stop pgbouncer KILL 5; }
pgbouncer_address() { printf '%s port %s' "$(state_get ARK_PGBOUNCER_HOST)" "$(state_get ARK_PGBOUNCER_PORT)"; }
