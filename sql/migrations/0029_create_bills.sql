SET LOCAL ROLE ark_owner;

-- Text beside a range in one exclusion constraint. Ships with PostgreSQL, and is trusted: no superuser is
-- needed.
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA finops;

CREATE TABLE finops.resources (
    resource    text PRIMARY KEY,
    unit        text NOT NULL,
    units       numeric NOT NULL,
    billed_in   text[] NOT NULL,
    description text NOT NULL,
    CONSTRAINT resource_is_a_quota CHECK (resource IN ('cpu', 'memory', 'storage')),
    CONSTRAINT units_are_positive CHECK (units > 0),
    CONSTRAINT billed_in_is_known CHECK (billed_in <@ ARRAY['COMMITTED', 'SUSPENDED'])
);
COMMENT ON TABLE finops.resources IS 'What is billed, in which unit, and in which states of an organisation.';
COMMENT ON COLUMN finops.resources.resource IS 'The column of finops.quota_changes.';
COMMENT ON COLUMN finops.resources.unit IS 'The unit that a price is for; an hour of it.';
COMMENT ON COLUMN finops.resources.units IS 'Units per 1 of the Kubernetes quantity. A factor, not a divisor: 2^-30 is an exact decimal number.';
COMMENT ON COLUMN finops.resources.billed_in IS 'Statuses in which the quota is billed.';
COMMENT ON COLUMN finops.resources.description IS 'One line for people.';
INSERT INTO finops.resources (resource, unit, units, billed_in, description) VALUES
    ('cpu', 'core', 1, '{COMMITTED}', 'Cores that all pods may request. A suspended organisation has no pods.'),
    ('memory', 'GiB', 0.000000000931322574615478515625, '{COMMITTED}', 'Memory that all pods may request. A suspended organisation has no pods.'),
    ('storage', 'GiB', 0.000000000931322574615478515625, '{COMMITTED,SUSPENDED}', 'Storage of all volume claims, which a suspended organisation keeps.');
GRANT SELECT ON finops.resources TO ark_system;

CREATE TABLE finops.prices (
    resource   text NOT NULL REFERENCES finops.resources,
    valid      tstzrange NOT NULL,
    price      numeric NOT NULL,
    currency   text NOT NULL,
    reason     text NOT NULL,
    actor      text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT prices_do_not_overlap EXCLUDE USING gist (resource WITH OPERATOR(pg_catalog.=), valid WITH OPERATOR(pg_catalog.&&)),
    CONSTRAINT valid_is_half_open CHECK (NOT isempty(valid) AND lower_inc(valid) AND NOT upper_inc(valid)),
    CONSTRAINT price_is_a_number CHECK (price >= 0 AND price < 1e9 AND scale(price) <= 12),
    CONSTRAINT currency_is_a_code CHECK (currency ~ '^[A-Z]{3}$')
);
COMMENT ON TABLE finops.prices IS 'What an hour of a unit costs, and when. Written by admin.set_price.';
COMMENT ON COLUMN finops.prices.resource IS 'What of.';
COMMENT ON COLUMN finops.prices.valid IS 'From when (inclusive) until when (exclusive; open: until further notice). No two of a resource overlap.';
COMMENT ON COLUMN finops.prices.price IS 'Per unit and hour, at most 12 decimals.';
COMMENT ON COLUMN finops.prices.currency IS 'ISO 4217.';
COMMENT ON COLUMN finops.prices.reason IS 'Why.';
COMMENT ON COLUMN finops.prices.actor IS 'Who.';
COMMENT ON COLUMN finops.prices.recorded_at IS 'When it was recorded.';
GRANT SELECT, INSERT, UPDATE, DELETE ON finops.prices TO ark_system;

-- One row, which everybody who writes what a bill is made of locks FOR SHARE, and who closes FOR UPDATE.
CREATE TABLE finops.books (
    only_row     boolean PRIMARY KEY DEFAULT true,
    closed_until timestamptz NOT NULL DEFAULT '-infinity',
    CONSTRAINT one_row CHECK (only_row)
);
COMMENT ON TABLE finops.books IS 'Up to when the books are closed. One row.';
COMMENT ON COLUMN finops.books.only_row IS 'There is one.';
COMMENT ON COLUMN finops.books.closed_until IS 'What is billed before is immutable; adjustments correct it.';
INSERT INTO finops.books DEFAULT VALUES;
GRANT SELECT, UPDATE ON finops.books TO ark_system;

CREATE TABLE finops.periods (
    period_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    starts_at timestamptz NOT NULL UNIQUE,
    ends_at   timestamptz NOT NULL UNIQUE,
    reason    text NOT NULL,
    actor     text NOT NULL,
    closed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT period_has_an_end CHECK (starts_at < ends_at AND isfinite(starts_at) AND isfinite(ends_at)),
    CONSTRAINT periods_do_not_overlap EXCLUDE USING gist (tstzrange(starts_at, ends_at) WITH OPERATOR(pg_catalog.&&))
);
COMMENT ON TABLE finops.periods IS 'Periods that are closed. Each begins where the one before ends.';
COMMENT ON COLUMN finops.periods.period_id IS 'Order of closing.';
COMMENT ON COLUMN finops.periods.starts_at IS 'Begin, inclusive.';
COMMENT ON COLUMN finops.periods.ends_at IS 'End, exclusive.';
COMMENT ON COLUMN finops.periods.reason IS 'Why.';
COMMENT ON COLUMN finops.periods.actor IS 'Who closed it.';
COMMENT ON COLUMN finops.periods.closed_at IS 'When.';
GRANT SELECT, INSERT ON finops.periods TO ark_system;

CREATE TABLE finops.invoices (
    org_id    bigint NOT NULL REFERENCES core.organizations,
    period_id bigint NOT NULL REFERENCES finops.periods,
    currency  text NOT NULL,
    exact     numeric NOT NULL,
    amount    numeric(20, 2) NOT NULL,
    PRIMARY KEY (org_id, period_id, currency)
);
COMMENT ON TABLE finops.invoices IS 'What an organisation''s bill came to when its period was closed. Append-only.';
COMMENT ON COLUMN finops.invoices.org_id IS 'The organisation.';
COMMENT ON COLUMN finops.invoices.period_id IS 'The period.';
COMMENT ON COLUMN finops.invoices.currency IS 'ISO 4217.';
COMMENT ON COLUMN finops.invoices.exact IS 'Sum of quantity times seconds times price, and 3600 times the adjustments: exact, before the division by 3600.';
COMMENT ON COLUMN finops.invoices.amount IS 'exact / 3600, rounded once, half away from zero, to hundredths.';
ALTER TABLE finops.invoices ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON finops.invoices TO ark_system;

CREATE TABLE finops.adjustments (
    org_id        bigint NOT NULL REFERENCES core.organizations,
    adjustment_id bigint GENERATED ALWAYS AS IDENTITY,
    booked_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    corrects      timestamptz,
    amount        numeric NOT NULL,
    currency      text NOT NULL,
    reason        text NOT NULL,
    actor         text NOT NULL,
    login         name NOT NULL DEFAULT session_user,
    PRIMARY KEY (org_id, adjustment_id),
    CONSTRAINT amount_is_a_number CHECK (amount <> 0 AND abs(amount) < 1e12 AND scale(amount) <= 2),
    CONSTRAINT currency_is_a_code CHECK (currency ~ '^[A-Z]{3}$')
);
COMMENT ON TABLE finops.adjustments IS 'Corrections of bills: lines of the period in which they are booked, not of the one that they correct. Append-only.';
COMMENT ON COLUMN finops.adjustments.org_id IS 'The organisation.';
COMMENT ON COLUMN finops.adjustments.adjustment_id IS 'Order of booking.';
COMMENT ON COLUMN finops.adjustments.booked_at IS 'When it was booked; it is in the bill of that time.';
COMMENT ON COLUMN finops.adjustments.corrects IS 'The time whose bill it corrects; NULL: none in particular.';
COMMENT ON COLUMN finops.adjustments.amount IS 'Negative: a credit. At most two decimals.';
COMMENT ON COLUMN finops.adjustments.currency IS 'ISO 4217.';
COMMENT ON COLUMN finops.adjustments.reason IS 'Why.';
COMMENT ON COLUMN finops.adjustments.actor IS 'Who.';
COMMENT ON COLUMN finops.adjustments.login IS 'The login that did it.';
ALTER TABLE finops.adjustments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON finops.adjustments TO ark_system;
