# shellcheck shell=bash
# PgBouncer before the stack's PostgreSQL, as deploy/pgbouncer has it: one for applications, one for pods.
# Not one of the servers that are started without being asked for.

pgbouncer_start() {
  pooler_start pgbouncer pgbouncer.ini ARK_PGBOUNCER operator
  pooler_start pgbouncer-pods pods.ini ARK_PGBOUNCER_PODS operator pod_ai pod_api pod_email pod_features pod_webhook
}

# pooler_start NAME CONFIGURATION VARIABLE USER…: VARIABLE_HOST and _PORT say where it is; users come
# in without being looked up.
pooler_start() {
  local name=$1 configuration=$2 variable=$3 program as port folder="$dir/$1"
  shift 3
  process_pid "$name" >/dev/null && return
  # Debian puts it where a user's PATH does not look.
  program=$(PATH=$PATH:/usr/sbin command -v pgbouncer) ||
    die "pgbouncer is not installed" "Install it with: scripts/packages --group tests"
  # PostgreSQL may be starting at this moment; its port is reserved first.
  wait_until 10 "PostgreSQL, which pgbouncer stands before," "$dir/log/postgres.log" pgbouncer_has_postgres
  mapfile -t as < <(postgres_as)
  port=$(port_of "${variable}_PORT")
  mkdir -p "$folder"
  sed "s|@PORT@|$port|; s|@FOLDER@|$folder|; s|@PGHOST@|$(state_get PGHOST)|; s|@PGPORT@|$(state_get PGPORT)|" \
    "$root/deploy/pgbouncer/$configuration" >"$folder/$configuration"
  printf '"%s" ""\n' "$@" >"$folder/users"
  # It refuses to run as root, as PostgreSQL does; its folder is the right to connect.
  [ "$(id -u)" -ne 0 ] || chown -R postgres:postgres "$folder"
  chmod 700 "$folder"
  state_set "${variable}_HOST" "$folder"
  process_start "$name" "${as[@]}" "$program" "$folder/$configuration"
  wait_until 10 "$name" "$dir/log/$name.log" pooler_console "$variable" 'SHOW VERSION'
}

pgbouncer_has_postgres() { [ -n "$(state_get PGPORT)" ] && [ -n "$(state_get PGUSER)" ]; }

pooler_console() {
  "$(postgres_bin)/psql" -X -h "$(state_get "${1}_HOST")" -p "$(state_get "${1}_PORT")" \
    -U operator -d pgbouncer -c "$2"
}

# SIGTERM, not SIGINT: at once, without waiting for clients.
pgbouncer_stop() { process_stop pgbouncer TERM 10; process_stop pgbouncer-pods TERM 10; }
pgbouncer_crash() { process_stop pgbouncer KILL 5; process_stop pgbouncer-pods KILL 5; }
pgbouncer_address() { pooler_address ARK_PGBOUNCER; }
pooler_address() { printf '%s port %s' "$(state_get "${1}_HOST")" "$(state_get "${1}_PORT")"; }
