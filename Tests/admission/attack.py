"""Sends every case to a cluster, as who makes it, and compares the answer with what it should be.

Usage: attack.py --kubectl FILE --kubeconfig FILE --tenant org-… --closed org-… --stray org-…
                 --owner NAME --group NAME [--only WORDS]
  --tenant, --closed, --stray  the namespaces that stand for org-acme, org-closed and org-stray
  --owner                      the user who is `admin` in the first two
  --group                      a group that may do everything: for attacks that rights alone would stop
  --only                       the cases whose names contain these words

Nothing is changed: every request is a dry run, which passes admission like any other. What the requests are about
and the cluster has not is made by breaking glass for as long as this runs: kinds of network plug-ins, without a
schema, and objects of world.yaml. No case is left out: of a kind that the cluster is too old for it must say that
it is not there. Prints a line of TAP per case; exits with 1 if one is not answered as it should be.
"""

import argparse
import http.client
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time

import corpus


class Socket(http.client.HTTPConnection):
    """HTTP over a socket in the file system."""

    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Cluster:
    """The cluster, through `kubectl proxy`: it knows every way to log in. In a folder of our own, because
    whoever reaches the socket is an administrator."""

    def __init__(self, kubectl, kubeconfig, folder):
        self.path = f"{folder}/kubectl.sock"
        self.process = subprocess.Popen(
            [kubectl, "--kubeconfig", kubeconfig, "proxy", "--unix-socket", self.path], stdout=subprocess.PIPE, text=True
        )
        # It says that it serves.
        self.process.stdout.readline()

    def close(self):
        self.process.terminate()
        self.process.wait()

    def call(self, method, path, body=None, user=None, groups=(), kind="application/json"):
        """Whether it was done, and the answer."""
        connection = Socket(self.path)
        try:
            connection.putrequest(method, path)
            data = b"" if body is None else json.dumps(body).encode()
            headers = [("Content-Type", kind), ("Content-Length", str(len(data))), ("Accept", "application/json")]
            if user:
                headers += [("Impersonate-User", user), *(("Impersonate-Group", each) for each in groups)]
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders(data)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        try:
            answer = json.loads(text)
        except ValueError:
            return False, {"message": text, "code": response.status}
        return response.status < 300, answer


def answer(cluster, case, user, groups):
    """Whether the API server would do it, and its answer."""
    path = f"{case.path()}?dryRun=All"
    who = {"user": user, "groups": groups}
    if case.verb in ("delete", "delete-all"):
        return cluster.call("DELETE", path, **who)
    if case.verb == "create":
        return cluster.call("POST", path, case.body, **who)
    if case.actor == "provisioner" and not case.sub:
        # As it does: it has no right to replace a namespace.
        return cluster.call("PATCH", path, case.body, kind="application/merge-patch+json", **who)
    for _ in range(5):
        is_there, body = cluster.call("GET", case.path().removesuffix(f"/{case.sub}") if case.sub else case.path())
        if not is_there:
            return False, body
        is_done, told = cluster.call("PUT", path, corpus.merged(body, case.body), **who)
        # Somebody has written to the object since it was read.
        if is_done or told.get("reason") != "Conflict":
            break
    return is_done, told


# What the cases find besides what the provisioner and test-cluster have made.
OBJECTS = [
    ("Namespace", "", "org-leaving"),
    ("Namespace", "", "org-parting"),
    ("NetworkPolicy", "org-acme", "internet"),
    ("NetworkPolicy", "org-acme", "older"),
    ("RoleBinding", "org-acme", "legacy"),
    ("CiliumNetworkPolicy", "org-acme", "old"),
    ("NetworkPolicy.crd.projectcalico.org", "org-acme", "old"),
    ("NetworkPolicy.crd.antrea.io", "org-acme", "old"),
    ("Pod", "org-closed", "leaving"),
    ("Pod", "kube-system", "dns"),
]
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def stub(group, version, kind, resource):
    """A kind that takes whatever it is given."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{resource}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "listKind": f"{kind}List", "plural": resource, "singular": kind.lower()},
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": True,
                    "schema": {
                        "openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
                    },
                }
            ],
        },
    }


def await_that(condition, what):
    """Returns when the condition holds; ends the program if it does not within a minute."""
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"attack: not within a minute: {what}")
        time.sleep(0.1)


class Stage:
    """What is made for as long as the requests are sent, by who breaks glass and may do everything."""

    def __init__(self, cluster, names, group, version):
        self.cluster = cluster
        self.has_plug_ins = version >= (1, 30)
        self.names = names
        user, groups = corpus.ACTORS["break-glass"]
        self.who = {"user": user, "groups": [*groups, group]}
        self.made = []

    def make(self, path, body):
        is_made, told = self.cluster.call("POST", path, body, **self.who)
        if is_made:
            self.made.append(f"{path}/{body['metadata']['name']}")
        elif told.get("reason") != "AlreadyExists":
            raise SystemExit(f"attack: {path}: {body['metadata']['name']} could not be made: {told.get('message')}")

    def set_up(self):
        for kind, (group, version, resource) in corpus.KINDS.items():
            path = corpus.collection(kind, "")
            if group not in corpus.PLUG_INS or not self.has_plug_ins or self.cluster.call("GET", path)[0]:
                continue
            self.make(CRDS, stub(group, version, kind.partition(".")[0], resource))
            await_that(lambda path=path: self.cluster.call("GET", path)[0], f"that the kind {kind} is served")
        for kind, namespace, name in OBJECTS:
            if corpus.KINDS[kind][0] in corpus.PLUG_INS and not self.has_plug_ins:
                continue
            (body,) = corpus.World().find(kind, namespace, name)
            # Nobody is to collect it before, and nothing is to hold it after; what the garbage collector itself
            # takes away shows by its going that the policies let it.
            for field in ("finalizers", "ownerReferences") if kind != "Namespace" else ():
                body["metadata"].pop(field, None)
            if kind == "Pod":
                # It never starts.
                body["spec"] |= {"automountServiceAccountToken": False, "schedulerName": "none"}
            body = corpus.renamed(body, self.names)
            self.make(corpus.collection(kind, namespace and body["metadata"]["namespace"]), body)

    def clear(self):
        for path in reversed(self.made):
            self.cluster.call("DELETE", f"{path}?gracePeriodSeconds=0", **self.who)
        for path in self.made:
            await_that(
                lambda path=path: self.cluster.call("GET", path)[1].get("code") == 404, f"that {path} is gone"
            )


def main(arguments):
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(arguments.kubectl, arguments.kubeconfig, folder)
        try:
            return attack(cluster, arguments)
        finally:
            cluster.close()


def attack(cluster, arguments):
    names = {
        "org-acme": arguments.tenant,
        "org-closed": arguments.closed,
        "org-stray": arguments.stray,
        "org-evil": f"{arguments.tenant}-evil",
        "org-new": f"{arguments.tenant}-new",
        "org-leaving": f"{arguments.tenant}-leaving",
        "org-parting": f"{arguments.tenant}-parting",
        "owner@acme.example": arguments.owner,
    }
    is_there, found = cluster.call("GET", "/version")
    if not is_there:
        raise SystemExit(f"attack: {found}")
    version = (int(found["major"]), int(found["minor"].rstrip("+")))
    stage = Stage(cluster, names, arguments.group, version)
    try:
        stage.set_up()
        return send(cluster, arguments, names, version)
    finally:
        stage.clear()


def send(cluster, arguments, names, version):
    count = failed = 0
    for case in corpus.cases(names):
        if arguments.only not in case.name:
            continue
        user, groups = corpus.ACTORS[case.actor]
        user = names.get(user, user)
        # What is shown is what the policies say, not what rights would have said before them. What the
        # provisioner does rightly, it does with its own.
        if case.rights or case.actor in ("meddler", "controller-manager") or case.actor == "provisioner" and case.refused:
            groups = [*groups, arguments.group]
        is_done, told = answer(cluster, case, user, groups)
        expected, is_right = judge(case, version, is_done, told)
        count += 1
        failed += not is_right
        print(f"{'ok' if is_right else 'not ok'} {count} - {case.name}", flush=True)
        if not is_right:
            print(f"  # as {user}: {case.path()}")
            print(f"  # should be {expected}")
            print(f"  # {'was done' if is_done else ' '.join(told.get('message', '').split())[:500]}", flush=True)
    if not count:
        raise SystemExit("attack: no case has such a name")
    if failed:
        print(f"attack: {failed} of {count} were not answered as they should be", file=sys.stderr)
    return 1 if failed else 0


def judge(case, version, is_done, told):
    """What should become of a request, and whether that became of it."""
    if case.since > version:
        since = ".".join(str(each) for each in case.since)
        return f"unknown before Kubernetes {since}", not is_done and told.get("code") == 404
    if case.refused:
        text = told.get("message", "")
        return f"refused: {' or: '.join(case.refused)}", not is_done and any(each in text for each in case.refused)
    # What exists already is told when admission has let the request pass.
    return "done", is_done or case.verb == "create" and told.get("reason") == "AlreadyExists"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("kubectl", "kubeconfig", "tenant", "closed", "stray", "owner", "group"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--only", default="")
    # What was made is taken away then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(parser.parse_args()))
