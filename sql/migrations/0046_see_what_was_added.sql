SET LOCAL ROLE ark_owner;

-- What the blueprint does not say is not looked at. These could be added to what it does say, and would weaken
-- it: an older version of the Pod Security Standards, an owner with which the namespace is garbage-collected,
-- limits of containers beside the defaults. null: nothing may be there. Finalizers are somebody's promise to
-- clean up, and stay. What makes a port a range, an older API server does not know: see
-- provisioning.single_ports.
UPDATE provisioning.blueprint
SET body = jsonb_set(body, '{spec,limits,0}',
                     '{"max": null, "min": null, "maxLimitRequestRatio": null}' || (body #> '{spec,limits,0}'))
WHERE step = 'limit-range' AND jsonb_typeof(body #> '{spec,limits,0}') = 'object';
UPDATE provisioning.blueprint
SET body = jsonb_set(body, '{metadata}',
                     '{"ownerReferences": null}' || (body -> 'metadata')
                     || jsonb_build_object('labels', '{"pod-security.kubernetes.io/enforce-version": null}' || (body #> '{metadata,labels}')))
-- Not where the namespace is made: there null would be a label without a value.
WHERE step IN ('gate-label', 'labels');
