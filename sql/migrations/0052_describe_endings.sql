SET LOCAL ROLE ark_owner;

-- Pods that have a grace period are waited for, too.
UPDATE provisioning.failure_codes SET description = 'A namespace of this name, or a pod in it, is still being deleted.' WHERE code = 'terminating';
