# shellcheck shell=bash disable=SC2154
# Read by Benchmarks/run before it starts its servers: the tools that ours is measured beside.
"$root/scripts/packages" --group bench
ARK_TOOLS=${XDG_CACHE_HOME:-$HOME/.cache}/ark-bench-migrate
export ARK_TOOLS
if [ ! -x "$ARK_TOOLS/bin/yoyo" ]; then
  python3 -m venv "$ARK_TOOLS" >&2
  # yoyo imports pkg_resources, which newer setuptools no longer have.
  "$ARK_TOOLS/bin/pip" install -q 'alembic' 'yoyo-migrations' 'psycopg2-binary' 'setuptools<80' >&2
fi
