"""The cases: requests that somebody makes, attacks and honest ones, with what the policies should say.

A case names who asks (`as`), what (`create`, `update` … `with` a merge patch, `delete`, `delete-all`), and,
if it is an attack, the words by which it is refused (`refused`; several, if several policies refuse it, of which an
API server names one). `with-rights` says that who asks has been given every right for it, `since` the oldest
version of Kubernetes that has the kind. From the same file come the admission requests that check.py judges and
the calls that attack.py makes.
"""

import copy
import dataclasses
import pathlib

import yaml

HERE = pathlib.Path(__file__).parent

# kind: group, version, resource
KINDS = {
    "Namespace": ("", "v1", "namespaces"),
    "Node": ("", "v1", "nodes"),
    "ResourceQuota": ("", "v1", "resourcequotas"),
    "LimitRange": ("", "v1", "limitranges"),
    "ServiceAccount": ("", "v1", "serviceaccounts"),
    "Service": ("", "v1", "services"),
    "Pod": ("", "v1", "pods"),
    "ReplicationController": ("", "v1", "replicationcontrollers"),
    "PersistentVolumeClaim": ("", "v1", "persistentvolumeclaims"),
    "ConfigMap": ("", "v1", "configmaps"),
    "Secret": ("", "v1", "secrets"),
    "Deployment": ("apps", "v1", "deployments"),
    "ReplicaSet": ("apps", "v1", "replicasets"),
    "StatefulSet": ("apps", "v1", "statefulsets"),
    "DaemonSet": ("apps", "v1", "daemonsets"),
    "Job": ("batch", "v1", "jobs"),
    "CronJob": ("batch", "v1", "cronjobs"),
    "Ingress": ("networking.k8s.io", "v1", "ingresses"),
    "NetworkPolicy": ("networking.k8s.io", "v1", "networkpolicies"),
    "CiliumNetworkPolicy": ("cilium.io", "v2", "ciliumnetworkpolicies"),
    # Of the same kind as Kubernetes' own: named with their groups.
    "NetworkPolicy.crd.projectcalico.org": ("crd.projectcalico.org", "v1", "networkpolicies"),
    "NetworkPolicy.projectcalico.org": ("projectcalico.org", "v3", "networkpolicies"),
    "StagedNetworkPolicy.projectcalico.org": ("projectcalico.org", "v3", "stagednetworkpolicies"),
    "NetworkSet.crd.projectcalico.org": ("crd.projectcalico.org", "v1", "networksets"),
    "StagedNetworkPolicy.crd.projectcalico.org": ("crd.projectcalico.org", "v1", "stagednetworkpolicies"),
    "StagedKubernetesNetworkPolicy.crd.projectcalico.org": (
        "crd.projectcalico.org", "v1", "stagedkubernetesnetworkpolicies",
    ),
    "NetworkPolicy.crd.antrea.io": ("crd.antrea.io", "v1beta1", "networkpolicies"),
    "Role": ("rbac.authorization.k8s.io", "v1", "roles"),
    "RoleBinding": ("rbac.authorization.k8s.io", "v1", "rolebindings"),
    "ClusterRoleBinding": ("rbac.authorization.k8s.io", "v1", "clusterrolebindings"),
    "SelfSubjectAccessReview": ("authorization.k8s.io", "v1", "selfsubjectaccessreviews"),
}

# Groups that a cluster has if its network plug-in brings them. Objects of such kinds are sent to servers from 1.30
# on: 1.20, which a newer Go has compiled (Debian's 1.19), ends at the first one with `fatal error: fault`
# (json-iterator and its reflect2 walk through maps in a way that Go has given up).
PLUG_INS = ("cilium.io", "crd.projectcalico.org", "projectcalico.org", "crd.antrea.io")

ACCOUNT = "system:serviceaccount:agent-ready-k8s-system:provisioner"
CONTROLLER = "system:serviceaccount:kube-system:"
# Who asks: user name, groups. The owner is the tenant's whose namespace it is.
ACTORS = {
    "owner": ("owner@acme.example", ["system:authenticated"]),
    # An administrator of the cluster, by certificate: no exception without breaking glass.
    "cluster-admin": ("kubernetes-admin", ["system:masters", "system:authenticated"]),
    # Has been given every right on namespaces, their status and finalizers, and on the tenants' objects.
    "meddler": ("meddler@example.com", ["agent-ready-k8s:test-meddlers", "system:authenticated"]),
    "break-glass": ("dba@example.com", ["agent-ready-k8s:break-glass", "system:authenticated"]),
    "provisioner": (ACCOUNT, ["system:serviceaccounts", "system:authenticated"]),
    "namespace-controller": (CONTROLLER + "namespace-controller", ["system:serviceaccounts:kube-system"]),
    "garbage-collector": (CONTROLLER + "generic-garbage-collector", ["system:serviceaccounts:kube-system"]),
    "quota-controller": (CONTROLLER + "resourcequota-controller", ["system:serviceaccounts:kube-system"]),
    "controller-manager": ("system:kube-controller-manager", ["system:authenticated"]),
    "apiserver": ("system:apiserver", ["system:masters"]),
    "replicaset-controller": (CONTROLLER + "replicaset-controller", ["system:serviceaccounts:kube-system"]),
}


@dataclasses.dataclass
class Case:
    name: str
    actor: str
    verb: str  # create, update, delete, delete-all
    kind: str
    namespace: str  # of the object; empty for what is in none
    object_name: str
    sub: str
    body: dict | None  # the object to create, or the merge patch
    refused: list  # of words, one of which is in every answer; empty: it is allowed
    rights: bool  # whether who asks has been given every right, for a cluster that has not
    since: tuple  # the oldest version of Kubernetes that has the kind
    kyverno: bool  # whether Kyverno's policies refuse it, too

    def path(self):
        """The URL of the call."""
        path = collection(self.kind, self.namespace)
        if self.verb in ("update", "delete") or self.sub:
            path += f"/{self.object_name}"
        return path + (f"/{self.sub}" if self.sub else "")


def collection(kind, namespace):
    """The URL of the objects of a kind in a namespace; of all, or of those in none, if it is empty."""
    group, version, resource = KINDS[kind]
    path = f"/apis/{group}/{version}" if group else f"/api/{version}"
    if namespace:
        path += f"/namespaces/{namespace}"
    return f"{path}/{resource}"


def merged(value, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    result = dict(value) if isinstance(value, dict) else {}
    for key, each in patch.items():
        if each is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), each)
    return result


def renamed(value, names):
    """The same with other names for the tenants: a cluster has its own."""
    if isinstance(value, dict):
        return {renamed(key, names): renamed(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [renamed(each, names) for each in value]
    for old, new in names.items() if isinstance(value, str) else ():
        value = value.replace(old, new)
    return value


def cases(names=None):
    result = []
    for path in sorted((HERE / "cases").glob("*.yaml")):
        for entry in renamed(yaml.safe_load(path.read_text()), names or {}):
            result.append(_case(entry, path.name))
    if len({each.name for each in result}) != len(result):
        raise SystemExit("two cases have one name")
    return result


def _kind_of(body):
    named = f"{body['kind']}.{body['apiVersion'].rpartition('/')[0]}"
    return named if named in KINDS else body["kind"]


def _case(entry, file):
    known = {"case", "as", "create", "update", "with", "sub", "delete", "delete-all", "refused", "with-rights", "of", "not-kyverno", "since"}
    if unknown := set(entry) - known:
        raise SystemExit(f"{file}: {entry.get('case')}: unknown {', '.join(unknown)}")
    (verb,) = set(entry) & {"create", "update", "delete", "delete-all"}
    if "of" in entry:
        # A subresource that is created, such as a token.
        body, kind = entry["create"], entry["of"].partition(" ")[0]
        namespace, _, name = entry["of"].partition(" ")[2].rpartition("/")
    elif verb == "create":
        body, kind = entry["create"], _kind_of(entry["create"])
        metadata = body["metadata"]
        namespace, name = metadata.get("namespace", ""), metadata.get("name", "")
    else:
        # Kind namespace/name, or Kind name
        kind, _, place = entry[verb].partition(" ")
        namespace, _, name = place.rpartition("/")
        if verb == "delete-all":
            namespace, name = place, ""
        body = entry.get("with")
    refused = entry.get("refused", [])
    refused = refused if isinstance(refused, list) else [refused]
    since = entry.get("since", "1.30" if KINDS[kind][0] in PLUG_INS else "1.20")
    return Case(
        entry["case"], entry["as"], verb, kind, namespace, name, entry.get("sub", ""), body,
        refused, entry.get("with-rights", False),
        tuple(int(each) for each in since.split(".")), not entry.get("not-kyverno"),
    )


class World:
    def __init__(self):
        self.objects = yaml.safe_load((HERE / "world.yaml").read_text())

    def find(self, kind, namespace, name=None):
        """Copies of the objects of a kind and place."""
        return [
            copy.deepcopy(each)
            for each in self.objects
            if _kind_of(each) == kind
            and each["metadata"].get("namespace", "") == namespace
            and name in (None, each["metadata"]["name"])
        ]

    def reviews(self, case):
        """The admission requests of a case, as the API server writes them: what is empty is left out."""
        if case.verb == "create":
            body = copy.deepcopy(case.body)
            if "generateName" in body.get("metadata", {}):
                # The name is there when policies are asked, in the object, not in the request.
                body["metadata"]["name"] = body["metadata"]["generateName"] + "x7k2p"
            return [self._review(case, "CREATE", body, None, case.object_name)]
        if case.verb == "delete-all":
            found = self.find(case.kind, case.namespace)
            return [self._review(case, "DELETE", None, each, "") for each in found]
        found = self.find(case.kind, case.namespace, case.object_name)
        if not found:
            raise SystemExit(f"{case.name}: {case.path()} is not in world.yaml")
        if case.verb == "delete":
            return [self._review(case, "DELETE", None, found[0], case.object_name)]
        return [self._review(case, "UPDATE", merged(found[0], case.body), found[0], case.object_name)]

    def _review(self, case, operation, new, old, name):
        group, version, resource = KINDS[case.kind]
        user, groups = ACTORS[case.actor]
        request = {
            "uid": "1",
            "kind": self._kind(case, group, version),
            "resource": {"group": group, "version": version, "resource": resource},
            "operation": operation,
            "userInfo": {"username": user, "groups": groups},
            "object": new,
            "oldObject": old,
            "dryRun": False,
        }
        # A Namespace's own request names it as its namespace, too.
        namespace = case.namespace or (name if case.kind == "Namespace" else "")
        for key, value in (("subResource", case.sub), ("name", name), ("namespace", namespace)):
            if value:
                request[key] = value
        namespaces = self.find("Namespace", "", case.namespace) if case.namespace else []
        return {"request": request, "namespaceObject": namespaces[0] if namespaces else None}

    @staticmethod
    def _kind(case, group, version):
        if case.verb != "create":
            return {"group": group, "version": version, "kind": case.kind.partition(".")[0]}
        group, _, version = case.body["apiVersion"].rpartition("/")
        return {"group": group, "version": version, "kind": case.body["kind"]}
