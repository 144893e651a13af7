SET LOCAL ROLE ark_owner;

CREATE TABLE finops.usage_samples (
    org_id     bigint NOT NULL REFERENCES core.organizations,
    resource   text NOT NULL REFERENCES finops.resources,
    sampled_at timestamptz NOT NULL,
    step       interval NOT NULL,
    used       numeric NOT NULL,
    PRIMARY KEY (org_id, resource, sampled_at),
    CONSTRAINT used_is_a_number CHECK (used >= 0 AND used < 'Infinity'),
    CONSTRAINT step_is_positive CHECK (step > interval '0')
);
-- For the janitor alone; rows come in the order of time.
CREATE INDEX usage_samples_by_age ON finops.usage_samples USING brin (sampled_at);
COMMENT ON TABLE finops.usage_samples IS 'What an organisation has used, from Prometheus. Written by finops.ingest_usage, pruned by finops.forget_usage.';
COMMENT ON COLUMN finops.usage_samples.org_id IS 'The organisation.';
COMMENT ON COLUMN finops.usage_samples.resource IS 'What of.';
COMMENT ON COLUMN finops.usage_samples.sampled_at IS 'End of the time that the sample stands for.';
COMMENT ON COLUMN finops.usage_samples.step IS 'Length of that time.';
COMMENT ON COLUMN finops.usage_samples.used IS 'Average use in that time, in cores or bytes.';
ALTER TABLE finops.usage_samples ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON finops.usage_samples TO ark_system;

CREATE TABLE finops.usage_queries (
    resource       text PRIMARY KEY REFERENCES finops.resources,
    query          text NOT NULL,
    step           interval NOT NULL DEFAULT '1 hour',
    delay          interval NOT NULL DEFAULT '5 minutes',
    backfill       interval NOT NULL DEFAULT '15 days',
    kept           interval NOT NULL DEFAULT '400 days',
    ingested_until timestamptz,
    CONSTRAINT step_divides_a_day CHECK (step >= interval '1 minute' AND 86400 % extract(epoch FROM step) = 0),
    CONSTRAINT delay_is_not_negative CHECK (delay >= interval '0'),
    CONSTRAINT backfill_is_positive CHECK (backfill >= step),
    CONSTRAINT kept_is_positive CHECK (kept >= interval '1 day')
);
COMMENT ON TABLE finops.usage_queries IS 'What Prometheus is asked for each resource. The answer has a series for each namespace, with the labels namespace and resource.';
COMMENT ON COLUMN finops.usage_queries.resource IS 'What of.';
COMMENT ON COLUMN finops.usage_queries.query IS 'PromQL: average use in the step that ends at the time of evaluation, in cores or bytes. $step stands for the step, as 3600s.';
COMMENT ON COLUMN finops.usage_queries.step IS 'Distance of the samples; divides a day. They lie at its multiples from midnight UTC on.';
COMMENT ON COLUMN finops.usage_queries.delay IS 'How long Prometheus is given to scrape the end of a step.';
COMMENT ON COLUMN finops.usage_queries.backfill IS 'How far the first question reaches back. Prometheus keeps 15 days unless told otherwise.';
COMMENT ON COLUMN finops.usage_queries.kept IS 'How long samples are kept.';
COMMENT ON COLUMN finops.usage_queries.ingested_until IS 'Up to when Prometheus has been asked; NULL: never.';
INSERT INTO finops.usage_queries (resource, query) VALUES
    ('cpu', 'label_replace(sum by (namespace) (rate(container_cpu_usage_seconds_total{namespace=~"org-.+", container!=""}[$step])), "resource", "cpu", "", "")'),
    ('memory', 'label_replace(sum by (namespace) (avg_over_time(container_memory_working_set_bytes{namespace=~"org-.+", container!=""}[$step])), "resource", "memory", "", "")'),
    ('storage', 'label_replace(sum by (namespace) (avg_over_time(kubelet_volume_stats_used_bytes{namespace=~"org-.+"}[$step])), "resource", "storage", "", "")');
GRANT SELECT, UPDATE ON finops.usage_queries TO ark_system;

CREATE TABLE finops.advice_rules (
    resource     text PRIMARY KEY REFERENCES finops.resources,
    shrink_below numeric NOT NULL DEFAULT 0.5,
    grow_above   numeric NOT NULL DEFAULT 0.9,
    headroom     numeric NOT NULL DEFAULT 0.3,
    covered      numeric NOT NULL DEFAULT 0.8,
    CONSTRAINT shares_are_ordered CHECK (0 <= shrink_below AND shrink_below < grow_above AND grow_above <= 1),
    CONSTRAINT headroom_leaves_room CHECK (headroom >= 0 AND shrink_below * (1 + headroom) <= 1),
    CONSTRAINT covered_is_a_share CHECK (covered BETWEEN 0 AND 1)
);
COMMENT ON TABLE finops.advice_rules IS 'Who should be asked to shrink or to grow: compared with the highest sample, not with the average, since a quota is for the busy hour.';
COMMENT ON COLUMN finops.advice_rules.resource IS 'What of.';
COMMENT ON COLUMN finops.advice_rules.shrink_below IS 'Shrink if the peak is below this share of the quota.';
COMMENT ON COLUMN finops.advice_rules.grow_above IS 'Grow if the peak is above this share of the quota.';
COMMENT ON COLUMN finops.advice_rules.headroom IS 'The quota that is proposed is the peak and this share of it, rounded up to whole units.';
COMMENT ON COLUMN finops.advice_rules.covered IS 'No advice if samples cover a smaller share of the billed time.';
INSERT INTO finops.advice_rules (resource) SELECT resource FROM finops.resources;
GRANT SELECT ON finops.advice_rules TO ark_system;

INSERT INTO provisioning.maintenance (task, period, description) VALUES
    ('ingest-usage', '1 hour', 'Has a provisioner ask Prometheus what provisioning.usage_due() lists.'),
    ('forget-usage', '1 hour', 'Deletes usage samples, a batch at a time, when they are older than their query keeps them.');
