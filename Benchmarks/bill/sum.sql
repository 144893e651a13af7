SELECT org_id, sum(quantity * seconds * price) FROM plain.lines GROUP BY org_id;
