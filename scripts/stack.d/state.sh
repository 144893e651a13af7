# shellcheck shell=bash
# The stack's folder and what is written down in it.

die() {
  printf 'stack: error: %s\n' "$1" >&2
  shift
  [ $# -eq 0 ] || printf '%s\n' "$@" >&2
  exit 1
}

say() { printf 'stack: %s\n' "$*" >&2; }

now_ms() { date +%s%3N; }

# One folder per clone. Not below the clone: user postgres may not be able to enter that. Short: a
# socket's path is at most 107 bytes long.
state_default_folder() {
  printf '/var/tmp/ark-%s-%s\n' "$(id -u)" "$(printf '%s' "$root" | cksum | cut -d' ' -f1)"
}

state_prepare() {
  mkdir -p "$dir"
  # /var/tmp is everybody's: a folder of this name may be somebody else's trap.
  [ -O "$dir" ] || die "$dir belongs to another user" "Choose another folder with --dir."
  # Others may pass through, to the sockets that are theirs, but not look around.
  chmod 711 "$dir"
  mkdir -p "$dir/run" "$dir/log"
  chmod 700 "$dir/run"
  [ -f "$dir/env" ] || : >"$dir/env"
  state_set ARK_STACK_DIR "$dir"
}

# Sets a variable of the stack's environment. Starts run side by side, so one writes at a time.
state_set() {
  (
    flock 8
    { grep -v "^$1=" "$dir/env" || true; printf '%s=%s\n' "$1" "$2"; } >"$dir/env.new"
    mv "$dir/env.new" "$dir/env"
  ) 8>"$dir/run/env.lock"
}

state_get() { [ -f "$dir/env" ] && sed -n "s/^$1=//p" "$dir/env"; }

state_env() {
  [ -f "$dir/env" ] || die "no stack in $dir" "Start one with: make up"
  sed "s/'/'\\\\''/g; s/=\(.*\)/='\1'/; s/^/export /" "$dir/env"
}

check_services() {
  local service
  for service in ${services//,/ }; do
    case $service in
      postgres | redis | kubernetes | pgbouncer) ;;
      *) die "unknown service $service; there are postgres, redis, kubernetes and pgbouncer" ;;
    esac
  done
}
