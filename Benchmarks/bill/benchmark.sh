# shellcheck shell=bash disable=SC2034
# What it takes to find out who had which quota at which price when, beside adding up what is already
# known: a sum of the same lines.
rounds=5 transactions=12
compare 'bill of 1,000 organisations over a year' - prepared 1 dba sum.sql dba bill.sql
org=$(psql -XAtU postgres -c "SELECT id FROM core.organizations WHERE slug = 'o500'")
variables="-D org=$org"
options="-c app.current_org=$org"
transactions=100
compare 'bill of one of them' - prepared 1 dba sum_one.sql dba bill_one.sql
