# shellcheck shell=bash
# Free ports. Several stacks may start at the same time, so a port is reserved before it is used: a
# folder that one of them makes, and the others find.

port_reserve() {
  local reservations=/tmp/ark-ports port owner
  mkdir -p "$reservations"
  chmod 1777 "$reservations" 2>/dev/null || true
  while :; do
    # Below the range that the kernel gives to outgoing connections.
    port=$((20000 + RANDOM % 12000))
    if ! mkdir "$reservations/$port" 2>/dev/null; then
      # A reservation of a stack that is gone.
      owner=$(cat "$reservations/$port/owner" 2>/dev/null || true)
      if [ -n "$owner" ] && [ ! -d "$owner" ]; then rm -rf "${reservations:?}/$port" 2>/dev/null || true; fi
      continue
    fi
    printf '%s\n' "$dir" >"$reservations/$port/owner"
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then continue; fi
    printf '%s\n' "$port"
    return
  done
}

# The port that a service had before, else a new one.
port_of() {
  local port
  port=$(state_get "$1")
  [ -n "$port" ] || port=$(port_reserve)
  state_set "$1" "$port"
  printf '%s\n' "$port"
}

port_release_all() {
  local owner
  for owner in /tmp/ark-ports/*/owner; do
    case "$(cat "$owner" 2>/dev/null || true)" in
      "$dir" | "$dir"/*) rm -rf "$(dirname "$owner")" ;;
    esac
  done
}
