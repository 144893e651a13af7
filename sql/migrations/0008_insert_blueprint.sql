SET LOCAL ROLE ark_owner;

-- Wave 1 makes the namespace, closed: no pod passes the gate without the label isolation-ready.
-- Wave 2 isolates it, side by side. Wave 3 opens it, if nothing has changed in between.
INSERT INTO provisioning.blueprint (plan, step, wave, after, verb, path, on_exists, unless, body) VALUES
('standard', 'namespace', 1, NULL, 'create', '/api/v1/namespaces', 'compare', NULL, '{
    "apiVersion": "v1", "kind": "Namespace",
    "metadata": {
        "name": "{{namespace}}",
        "labels": {
            "app.kubernetes.io/managed-by": "agent-ready-k8s",
            "agent-ready-k8s/org-id": "{{org_id}}",
            "pod-security.kubernetes.io/enforce": "baseline",
            "pod-security.kubernetes.io/warn": "restricted"
        },
        "annotations": {
            "agent-ready-k8s/operation-id": "{{operation_id}}",
            "agent-ready-k8s/fence": "{{fence}}"
        }
    }
}'),
('standard', 'resource-quota', 2, NULL, 'create', '/api/v1/namespaces/{{namespace}}/resourcequotas', 'compare', NULL, '{
    "apiVersion": "v1", "kind": "ResourceQuota",
    "metadata": {
        "name": "tenant",
        "labels": {"app.kubernetes.io/managed-by": "agent-ready-k8s"},
        "ownerReferences": [{"apiVersion": "v1", "kind": "Namespace", "name": "{{namespace}}", "uid": "${namespace.metadata.uid}"}]
    },
    "spec": {"hard": {
        "requests.cpu": "{{cpu}}", "limits.cpu": "{{cpu}}",
        "requests.memory": "{{memory}}", "limits.memory": "{{memory}}",
        "requests.storage": "{{storage}}"
    }}
}'),
-- A quota without status enforces nothing until the controller has counted (a pod with 1000 CPUs
-- got in). Nothing runs here yet, so the count is known: zero.
('standard', 'quota-status', 2, 'resource-quota', 'replace', '/api/v1/namespaces/{{namespace}}/resourcequotas/tenant/status', 'accept', 'resource-quota.status.hard', '{
    "apiVersion": "v1", "kind": "ResourceQuota",
    "metadata": {"name": "tenant", "resourceVersion": "${resource-quota.metadata.resourceVersion}"},
    "spec": {"hard": {
        "requests.cpu": "{{cpu}}", "limits.cpu": "{{cpu}}",
        "requests.memory": "{{memory}}", "limits.memory": "{{memory}}",
        "requests.storage": "{{storage}}"
    }},
    "status": {
        "hard": {
            "requests.cpu": "{{cpu}}", "limits.cpu": "{{cpu}}",
            "requests.memory": "{{memory}}", "limits.memory": "{{memory}}",
            "requests.storage": "{{storage}}"
        },
        "used": {
            "requests.cpu": "0", "limits.cpu": "0",
            "requests.memory": "0", "limits.memory": "0",
            "requests.storage": "0"
        }
    }
}'),
-- The quota asks every container for requests and limits; these are what a silent one gets.
('standard', 'limit-range', 2, NULL, 'create', '/api/v1/namespaces/{{namespace}}/limitranges', 'compare', NULL, '{
    "apiVersion": "v1", "kind": "LimitRange",
    "metadata": {
        "name": "tenant",
        "labels": {"app.kubernetes.io/managed-by": "agent-ready-k8s"},
        "ownerReferences": [{"apiVersion": "v1", "kind": "Namespace", "name": "{{namespace}}", "uid": "${namespace.metadata.uid}"}]
    },
    "spec": {"limits": [{
        "type": "Container",
        "default": {"cpu": "500m", "memory": "512Mi"},
        "defaultRequest": {"cpu": "100m", "memory": "128Mi"}
    }]}
}'),
-- Selects every pod and names both directions: all is denied but name resolution.
('standard', 'network-policy', 2, NULL, 'create', '/apis/networking.k8s.io/v1/namespaces/{{namespace}}/networkpolicies', 'compare', NULL, '{
    "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
    "metadata": {
        "name": "default-deny",
        "labels": {"app.kubernetes.io/managed-by": "agent-ready-k8s"},
        "ownerReferences": [{"apiVersion": "v1", "kind": "Namespace", "name": "{{namespace}}", "uid": "${namespace.metadata.uid}"}]
    },
    "spec": {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "egress": [{
            "to": [{
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
                "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}
            }],
            "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]
        }]
    }
}'),
('standard', 'owner-role-binding', 2, NULL, 'create', '/apis/rbac.authorization.k8s.io/v1/namespaces/{{namespace}}/rolebindings', 'compare', NULL, '{
    "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
    "metadata": {
        "name": "owner",
        "labels": {"app.kubernetes.io/managed-by": "agent-ready-k8s"},
        "ownerReferences": [{"apiVersion": "v1", "kind": "Namespace", "name": "{{namespace}}", "uid": "${namespace.metadata.uid}"}]
    },
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin"},
    "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "{{owner_email}}"}]
}'),
-- Pods are refused until the ServiceAccount default exists; the controller makes it, but later.
('standard', 'service-account', 2, NULL, 'create', '/api/v1/namespaces/{{namespace}}/serviceaccounts', 'accept', NULL, '{
    "apiVersion": "v1", "kind": "ServiceAccount",
    "metadata": {"name": "default"}
}'),
('standard', 'gate', 3, NULL, 'patch', '/api/v1/namespaces/{{namespace}}', 'compare', NULL, '[
    {"op": "test", "path": "/metadata/uid", "value": "${namespace.metadata.uid}"},
    {"op": "test", "path": "/metadata/annotations/agent-ready-k8s~1operation-id", "value": "{{operation_id}}"},
    {"op": "test", "path": "/metadata/annotations/agent-ready-k8s~1fence", "value": "{{fence}}"},
    {"op": "test", "path": "/status/phase", "value": "Active"},
    {"op": "add", "path": "/metadata/labels/isolation-ready", "value": "true"}
]');
