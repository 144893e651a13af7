# shellcheck shell=bash disable=SC2034,SC2154
# Read by Benchmarks/run before it starts its servers: a provisioner as it is deployed, the calls sent bare,
# and an API server.
swift build -c release --product provisioner >&2
bin=$(swift build -c release --show-bin-path)
export ARK_PROVISIONER=$bin/provisioner ARK_BARE=$bin/bare
"$(dirname "$(readlink -f "$(command -v swift)")")/clang" -O2 -Wall -o "$ARK_BARE" "$here/provisioner/bare.c" -lcurl
services=$services,kubernetes
