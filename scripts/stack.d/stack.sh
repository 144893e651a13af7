# shellcheck shell=bash
# The stack as a whole.

stack_start() {
  state_prepare
  local service failed='' start pids=()
  start=$(now_ms)
  # Side by side: Kubernetes takes longest, the others are ready before it.
  for service in ${services//,/ }; do
    (
      begin=$(now_ms)
      "${service}_start"
      say "$(printf '%-10s ready in %5d ms   %s' "$service" $(($(now_ms) - begin)) "$("${service}_address")")"
    ) &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || failed=yes; done
  [ -z "$failed" ] || exit 1
  say "$(printf 'started in %d ms' $(($(now_ms) - start)))"
}

stack_stop() {
  [ -d "$dir" ] || return 0
  local file name nested
  # Stacks that a test has started below this one. By their records: redis-server writes over its
  # environment, and with it the mark.
  for nested in "$dir"/*/run; do
    [ -d "$nested" ] || continue
    "$here/stack" stop --dir "$(dirname "$nested")"
  done
  # Daemons first, then the servers that they talk to.
  for file in "$dir"/run/*.pid; do
    [ -e "$file" ] || continue
    name=$(basename "$file" .pid)
    case $name in
      postgres | redis | etcd | apiserver | controller-manager) ;;
      *) process_stop "$name" TERM 10 ;;
    esac
  done
  if [ -d "$dir/run" ]; then
    kubernetes_stop &
    redis_stop &
    postgres_stop &
    wait
  fi
  process_kill_marked
}

stack_status() {
  [ -f "$dir/env" ] || die "no stack in $dir" "Start one with: make up"
  printf '%-20s %-8s %-8s %-46s %s\n' SERVICE STATE PID ADDRESS LOG
  local name pid state log
  local names=()
  for log in "$dir"/log/*.log; do [ -e "$log" ] && names+=("$(basename "$log" .log)"); done
  for name in "${names[@]}"; do
    if pid=$(process_pid "$name"); then state=running; else state=stopped pid=-; fi
    printf '%-20s %-8s %-8s %-46s %s\n' "$name" "$state" "$pid" "$(stack_address "$name")" "$dir/log/$name.log"
  done
}

stack_address() {
  case $1 in
    postgres) postgres_address ;;
    redis) redis_address ;;
    pgbouncer) pgbouncer_address ;;
    pgbouncer-pods) pooler_address ARK_PGBOUNCER_PODS ;;
    apiserver) kubernetes_address ;;
    *) state_get "ARK_ADDRESS_$1" || true ;;
  esac
}

# Runs a command with servers of its own. They are stopped whatever becomes of the command, of this
# launcher (its keeper sees the pipe close), or of what the command has started (it carries the mark).
stack_run() {
  dir=$(mktemp -d /tmp/ark.XXXXXX)
  mkfifo "$dir/keeper"
  ARK_STACK_DIR='' setsid "$BASH" -c '
    read -r _ <"$1"
    "$2" stop --dir "$3" >/dev/null 2>&1
    "$2" stop --dir "$3" >/dev/null 2>&1
    . "$4/stack.d/state.sh"; . "$4/stack.d/ports.sh"; dir=$3; port_release_all
    rm -rf "$3"
  ' keeper "$dir/keeper" "$here/stack" "$dir" "$here" </dev/null >/dev/null 2>&1 &
  local keeper=$!
  exec 9>"$dir/keeper"
  trap 'exec 9>&-; wait "$keeper" 2>/dev/null || true' EXIT
  trap 'run_signal INT 130' INT
  trap 'run_signal TERM 143' TERM HUP

  stack_start
  # Only this stack says where PostgreSQL is.
  unset "${!PG@}"
  set -a
  # shellcheck source=/dev/null
  . "$dir/env"
  set +a
  local status=0
  # In the background, because bash acts on a signal only when the foreground command has ended. It
  # keeps its standard input, and hears Ctrl-C, which background commands would ignore.
  (
    exec 9>&-
    trap - INT QUIT
    exec "$@"
  ) <&0 &
  run_command=$!
  wait "$run_command" || status=$?
  run_command=''
  if [ "$status" -ne 0 ] && [ -n "${ARK_KEEP_LOGS:-}" ]; then
    mkdir -p "$ARK_KEEP_LOGS" && cp -r "$dir/log/." "$ARK_KEEP_LOGS/"
    say "the servers' logs are in $ARK_KEEP_LOGS"
  fi
  exit "$status"
}

# run_signal SIGNAL STATUS: passes it on; what has not ended when the launcher has is the keeper's.
run_signal() {
  trap '' INT TERM HUP
  if [ -n "${run_command:-}" ]; then kill -s "$1" "$run_command" 2>/dev/null || true; fi
  exit "$2"
}

stack_fault() {
  [ -f "$dir/env" ] || die "no stack in $dir"
  case "$1 $2" in
    'crash postgres') postgres_crash ;;
    'crash redis') redis_crash ;;
    'crash pgbouncer') pgbouncer_crash ;;
    'crash apiserver') process_stop apiserver KILL 5 ;;
    'down postgres') postgres_stop ;;
    'down redis') redis_stop ;;
    'down pgbouncer') pgbouncer_stop ;;
    'down kubernetes') kubernetes_stop ;;
    'up postgres') postgres_start ;;
    'up redis') redis_start ;;
    'up pgbouncer') pgbouncer_start ;;
    'up kubernetes' | 'up apiserver') kubernetes_start ;;
    *) die "cannot $1 $2" ;;
  esac
}

stack_daemon() {
  [ -f "$dir/env" ] || die "no stack in $dir" "Start one with: make up"
  local name=$1
  shift
  process_stop "$name" TERM 10
  set -a
  # shellcheck source=/dev/null
  . "$dir/env"
  set +a
  process_start "$name" "$@"
}

stack_daemon_ports() {
  local name ports=()
  for name in "$@"; do
    ports+=("$(port_of "ARK_PORT_$name")")
    state_set "ARK_ADDRESS_$name" "http://127.0.0.1:${ports[-1]}"
  done
  printf '%s\n' "${ports[*]}"
}
