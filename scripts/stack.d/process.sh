# shellcheck shell=bash
# Processes of the stack: each in a session of its own, recorded with its start time, so that another
# process that got the same number later is not taken for it.

# When a process has started; fails when it has ended, also when nobody has asked for its exit status
# yet: the first process of a container may be slow to do so, or never do it.
process_started_at() {
  # Fields 3 and 22 of /proc/PID/stat, counted from behind the name, which may hold anything.
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  case $1 in Z | X) return 1 ;; esac
  printf '%s\n' "${20}"
}

# process_start NAME COMMAND…
process_start() {
  local name=$1
  shift
  (
    # Whoever waits for the end of the launcher's output (a test, make) must not wait for this process,
    # nor the keeper: it inherits nothing.
    local descriptor
    for descriptor in /proc/self/fd/*; do
      descriptor=${descriptor##*/}
      if [ "$descriptor" -gt 2 ]; then eval "exec $descriptor>&-"; fi
    done
    export ARK_STACK_DIR=$dir
    exec setsid "$@"
  ) >>"$dir/log/$name.log" 2>&1 </dev/null &
  local pid=$!
  printf '%s %s\n' "$pid" "$(process_started_at "$pid" || echo gone)" >"$dir/run/$name.pid"
}

process_pid() {
  local pid started
  [ -f "$dir/run/$1.pid" ] || return 1
  read -r pid started <"$dir/run/$1.pid"
  [ "$(process_started_at "$pid" || true)" = "$started" ] || return 1
  printf '%s\n' "$pid"
}

# process_stop NAME [SIGNAL [SECONDS]]: the signal first; after the time SIGKILL to the session.
process_stop() {
  local name=$1 signal=${2:-TERM} seconds=${3:-10} pid
  if pid=$(process_pid "$name"); then
    kill -s "$signal" "$pid" 2>/dev/null || true
    # One that is stopped (SIGSTOP) hears nothing else.
    kill -s CONT "$pid" 2>/dev/null || true
    local end=$(($(now_ms) + seconds * 1000))
    while process_pid "$name" >/dev/null; do
      if [ "$(now_ms)" -ge "$end" ]; then
        kill -s KILL -- "-$pid" 2>/dev/null || kill -s KILL "$pid" 2>/dev/null || true
        break
      fi
      sleep 0.02
    done
  fi
  rm -f "$dir/run/$name.pid"
}

# wait_until SECONDS WHAT LOG COMMAND…
wait_until() {
  local seconds=$1 what=$2 log=$3
  shift 3
  local end=$(($(now_ms) + seconds * 1000))
  until "$@" >/dev/null 2>&1; do
    if [ "$(now_ms)" -ge "$end" ]; then
      die "$what is not ready after $seconds s" "Its log: $log" "$(tail -n 3 "$log" 2>/dev/null || true)"
    fi
    sleep 0.05
  done
}

# What carries the stack's mark and is still there: daemons that a crashed test has left, servers
# whose record is lost.
process_kill_marked() {
  local environ pid
  for environ in /proc/[0-9]*/environ; do
    pid=${environ#/proc/}
    pid=${pid%/environ}
    [ "$pid" != "$$" ] && [ "$pid" != "${BASHPID:-}" ] || continue
    # Of this stack, or of one that a test has started below it.
    grep -qzxE "ARK_STACK_DIR=${dir//./\\.}(/.*)?" "$environ" 2>/dev/null || continue
    # The launcher itself and those it was called by carry the mark, too, when a test calls it.
    is_ancestor "$pid" && continue
    kill -s KILL "$pid" 2>/dev/null || true
  done
}

is_ancestor() {
  local pid=$$
  while [ "$pid" -gt 1 ]; do
    [ "$pid" = "$1" ] && return 0
    pid=$(sed -n 's/^PPid:\t//p' "/proc/$pid/status" 2>/dev/null) || return 1
    [ -n "$pid" ] || return 1
  done
  return 1
}
