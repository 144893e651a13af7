# shellcheck shell=bash
# A private PostgreSQL cluster.

postgres_bin() {
  local bin
  for bin in "${ARK_PG_BIN:-}" $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) \
    "$(dirname "$(command -v postgres || echo /nowhere/postgres)")"; do
    if [ -x "$bin/postgres" ] && [ -x "$bin/initdb" ]; then
      printf '%s\n' "$bin"
      return
    fi
  done
  die "PostgreSQL is not installed" "Install it with: scripts/packages"
}

# PostgreSQL refuses to run as root: it runs as postgres then, else as the caller.
postgres_as() {
  if [ "$(id -u)" -eq 0 ]; then
    printf '%s\n' setpriv --reuid=postgres --regid=postgres --init-groups --inh-caps=-all
  fi
}

postgres_start() {
  process_pid postgres >/dev/null && return
  local bin as port socket="$dir/postgres/socket"
  bin=$(postgres_bin)
  mapfile -t as < <(postgres_as)
  port=$(port_of PGPORT)
  state_set ARK_PG_BIN "$bin"
  state_set PGHOST "$socket"
  state_set PGUSER postgres

  mkdir -p "$dir/postgres" "$socket"
  certificate_authority "$dir/postgres" 'PostgreSQL of agent-ready-k8s'
  certificate "$dir/postgres" server /CN=localhost DNS:localhost,IP:127.0.0.1
  chmod 600 "$dir/postgres/server.key"
  state_set ARK_PG_CA "$dir/postgres/ca.crt"
  [ "$(id -u)" -ne 0 ] || chown -R postgres:postgres "$dir/postgres"
  # The folder of the socket is the right to connect as anybody: root and the cluster's user only.
  chmod 700 "$dir/postgres"
  if [ ! -f "$dir/postgres/data/PG_VERSION" ]; then
    (
      cd "$dir/postgres" || exit
      "${as[@]}" "$bin/initdb" -D data -U postgres --auth-local=trust --auth-host=scram-sha-256 \
        -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions >>"$dir/log/postgres.log" 2>&1
    ) || die "initdb failed" "Its log: $dir/log/postgres.log"
  fi
  cd "$dir/postgres" || exit
  process_start postgres "${as[@]}" "$bin/postgres" -D "$dir/postgres/data" \
    -c port="$port" -c unix_socket_directories="$socket" -c listen_addresses=127.0.0.1 \
    -c ssl=on -c ssl_cert_file="$dir/postgres/server.crt" -c ssl_key_file="$dir/postgres/server.key" \
    -c max_connections=400 -c max_prepared_transactions=20 -c track_commit_timestamp=on \
    -c shared_buffers=64MB -c log_min_messages=warning -c log_line_prefix='%m [%p] %q%u@%d '
  cd "$root" || exit
  wait_until 30 PostgreSQL "$dir/log/postgres.log" \
    "$bin/psql" -X -h "$socket" -p "$port" -U postgres -d postgres -c 'SELECT 1'
}

# SIGINT: fast shutdown. SIGQUIT: immediate, without a checkpoint, which is a crash to the data.
postgres_stop() { process_stop postgres INT 20; }
postgres_crash() { process_stop postgres QUIT 10; }
postgres_address() { printf '%s port %s' "$(state_get PGHOST)" "$(state_get PGPORT)"; }
