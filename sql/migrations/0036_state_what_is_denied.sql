SET LOCAL ROLE ark_owner;

-- What the blueprint does not say is not looked at: rules that let traffic in, and a selector that leaves
-- pods out, could be added to the policy without being found. null: nothing may be there. Not an empty list:
-- to the API server that is another specification each time, and the policy's generation would rise.
UPDATE provisioning.blueprint
SET body = jsonb_set(jsonb_set(body, '{spec,ingress}', 'null'),
                     '{spec,podSelector}', '{"matchLabels": null, "matchExpressions": null}')
WHERE step = 'network-policy';
