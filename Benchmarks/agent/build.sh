# shellcheck shell=bash disable=SC2154
# Read by Benchmarks/run before it starts its servers: an agent as it is deployed, and what measures it.
swift build -c release --product bridge >&2
bin=$(swift build -c release --show-bin-path)
export ARK_AGENT=$bin/bridge ARK_FAN=$bin/fan
"$(dirname "$(readlink -f "$(command -v swift)")")/clang" -O2 -Wall -o "$ARK_FAN" "$here/agent/fan.c"
