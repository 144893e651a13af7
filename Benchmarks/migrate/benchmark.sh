# shellcheck shell=bash disable=SC2154
# The tool migrate: a database with nothing to do, and many small files on an empty one, beside psql and
# beside others' tools on the same files. Other tables than those of `compare`: milliseconds, the best of
# three or five runs each, since what else the machine does only ever adds.
export PGUSER=postgres
files=$work/files
ours=$files/ours/migrations

# fill COUNT: that many small files, for each tool in the form that it wants.
fill() {
  local count=$1 number name
  rm -rf "$files"
  mkdir -p "$ours" "$files/yoyo" "$files/alembic/versions" "$files/sqitch/deploy"
  for ((number = 1; number <= count; number++)); do
    printf -v name '%05d_create_t' "$number"
    printf 'CREATE TABLE t%d (id bigint PRIMARY KEY, name text NOT NULL);\n' "$number" >"$ours/$name.sql"
  done
  # psql: the same transactions in one process.
  for name in "$ours"/*.sql; do printf 'BEGIN;\n\\i %s\nCOMMIT;\n' "$name"; done >"$files/psql.sql"
}

others() {
  local name number previous=None
  cp "$ours"/*.sql "$files/yoyo"
  printf '%%syntax-version=1.0.0\n%%project=bench\n\n' >"$files/sqitch/sqitch.plan"
  printf '[core]\n\tengine = pg\n' >"$files/sqitch/sqitch.conf"
  for name in "$ours"/*.sql; do
    number=$(basename "$name" .sql)
    { echo 'BEGIN;'; cat "$name"; echo 'COMMIT;'; } >"$files/sqitch/deploy/$number.sql"
    printf '%s 2026-01-01T00:00:00Z b <b@b.example>\n' "$number" >>"$files/sqitch/sqitch.plan"
    printf 'from alembic import op\nrevision = "%s"\ndown_revision = %s\ndef upgrade():\n    op.execute("""%s""")\n' \
      "$number" "$previous" "$(cat "$name")" >"$files/alembic/versions/$number.py"
    previous="\"$number\""
  done
  cat >"$files/alembic/env.py" <<'PY'
import os
from alembic import context
from sqlalchemy import create_engine
engine = create_engine("postgresql+psycopg2://postgres@/migrate_bench?host=%s&port=%s" % (os.environ["PGHOST"], os.environ["PGPORT"]))
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
PY
  printf '[alembic]\nscript_location = %s\n' "$files/alembic" >"$files/alembic.ini"
}

run_migrate() { "$ARK_MIGRATE" up -q -d migrate_bench --sql-dir "$files/ours"; }
run_psql() { psql -Xq -v ON_ERROR_STOP=1 -d migrate_bench -f "$files/psql.sql"; }
run_sqitch() { (cd "$files/sqitch" && sqitch deploy --no-verify "db:pg:migrate_bench" >/dev/null); }
run_alembic() { "$ARK_TOOLS/bin/alembic" -c "$files/alembic.ini" upgrade head >/dev/null 2>&1; }
run_yoyo() {
  "$ARK_TOOLS/bin/yoyo" apply --batch --no-config-file \
    --database "postgresql://postgres@/migrate_bench?host=$PGHOST&port=$PGPORT" "$files/yoyo" >/dev/null 2>&1
}

empty() { dropdb --if-exists -f migrate_bench 2>/dev/null; createdb migrate_bench; }

# once COMMAND FRESH: hundredths of milliseconds of a run; FRESH: on an empty database.
once() {
  local start
  [ -z "$2" ] || empty
  start=$(date +%s%N)
  "$1" || { echo "bench: error: $1 failed" >&2; return 1; }
  echo $((($(date +%s%N) - start) / 10000))
}

# least: of the numbers of standard input, in milliseconds.
least() { sort -g | awk 'NR == 1 { printf "%.1f", $1 / 100 }'; }

# best COMMAND FRESH: milliseconds of the best of three.
best() { for _ in 1 2 3; do once "$1" "$2" || return 1; done | least; }

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
met() { awk -v a="$1" -v b="$2" 'BEGIN { print (a <= b ? "yes" : "NO") }'; }

# memory DATABASE FOLDER: the most that migrate had, kB.
memory() { "$ARK_PYTHON" -c '
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$ARK_MIGRATE" up -q -d "$1" --sql-dir "$2"; }
ARK_PYTHON=$(command -v python3)

fill 1000
others
# In turn, as the disk is not always equally fast.
for _ in 1 2 3 4 5; do
  once run_psql fresh >>"$work/psql"
  once run_migrate fresh >>"$work/migrate"
done
base=$(least <"$work/psql")
printf '\n| 1,000 small files on an empty database, ms | | times psql -f | at most 1.5 |\n|---|---:|---:|---|\n'
printf '| psql -f, the same transactions | %s | 1.00 | |\n' "$base"
for tool in migrate sqitch alembic yoyo; do
  took=$(if [ "$tool" = migrate ]; then least <"$work/migrate"; else best "run_$tool" fresh; fi)
  times=$(ratio "$took" "$base")
  printf '| %s | %s | %s | %s |\n' "$tool" "$took" "$times" "$([ "$tool" != migrate ] || met "$times" 1.5)"
done
empty
thousand=$(memory migrate_bench "$files/ours")
thousand_idle=$(memory migrate_bench "$files/ours")

fill 10000
empty
ten_thousand=$(memory migrate_bench "$files/ours")
ten_thousand_idle=$(memory migrate_bench "$files/ours")
idle=$(best run_migrate '')
# The same files as a checkout on another system has them.
mkdir -p "$work/windows"
cp -r "$files/ours/migrations" "$work/windows"
find "$work/windows" -name '*.sql' -exec sed -i 's/$/\r/' {} +
run_windows() { "$ARK_MIGRATE" up -q -d migrate_bench --sql-dir "$work/windows"; }
windows=$(best run_windows '')
windows_idle=$(memory migrate_bench "$work/windows")
# What a run takes where there is no file: the process, the connection, the lock, a look at the ledger.
mkdir -p "$work/none/migrations"
dropdb --if-exists -f migrate_none 2>/dev/null
createdb migrate_none
run_none() { "$ARK_MIGRATE" up -q -d migrate_none --sql-dir "$work/none"; }
none=$(best run_none '')
none_idle=$(memory migrate_none "$work/none")
rest=$(awk -v a="$idle" -v b="$none" 'BEGIN { printf "%.1f", a - b }')
printf '\n| nothing to do, ms | | at most 200 |\n|---|---:|---|\n'
printf '| with 10,000 applied files: process, connecting, reading the files, all | %s | |\n' "$idle"
printf '| with no file | %s | |\n| the difference: what is done after connecting | %s | %s |\n' "$none" "$rest" "$(met "$rest" 200)"
rest=$(awk -v a="$windows" -v b="$none" 'BEGIN { printf "%.1f", a - b }')
printf '| the same files with other line ends | %s | |\n| the difference | %s | %s |\n' "$windows" "$rest" "$(met "$rest" 200)"
printf '\n| most memory, MB | no file | 1,000 files | 10,000 files |\n|---|---:|---:|---:|\n'
awk -v a="$thousand" -v b="$ten_thousand" 'BEGIN { printf "| all of them applied | | %.1f | %.1f |\n", a / 1024, b / 1024 }'
awk -v a="$none_idle" -v b="$thousand_idle" -v c="$ten_thousand_idle" \
  'BEGIN { printf "| nothing to do | %.1f | %.1f | %.1f |\n", a / 1024, b / 1024, c / 1024 }'
awk -v a="$windows_idle" 'BEGIN { printf "| nothing to do, other line ends | | | %.1f |\n", a / 1024 }'
dropdb --if-exists -f migrate_bench
dropdb --if-exists -f migrate_none 2>/dev/null
