"""Sends every case to a cluster, as who makes it, and compares the answer with what it should be.

Usage: attack.py --kubectl FILE --kubeconfig FILE --tenant org-… --closed org-… --stray org-…
                 --owner NAME --group NAME [--only WORDS]
  --tenant, --closed, --stray  the namespaces that stand for org-acme, org-closed and org-stray
  --owner                      the user who is `admin` in the first two
  --group                      a group that may do everything: for attacks that rights alone would stop
  --only                       the cases whose names contain these words

Nothing is changed: every request is a dry run, which passes admission like any other. Prints a line of TAP
per case; exits with 1 if one is not answered as it should be.
"""

import argparse
import http.client
import json
import socket
import subprocess
import sys
import tempfile

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
            return False, {"message": text}
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
        "owner@acme.example": arguments.owner,
    }
    is_there, found = cluster.call("GET", "/version")
    if not is_there:
        raise SystemExit(f"attack: {found}")
    version = (int(found["major"]), int(found["minor"].rstrip("+")))
    count = failed = 0
    for case in corpus.cases(names):
        if case.only or arguments.only not in case.name or case.since > version:
            continue
        user, groups = corpus.ACTORS[case.actor]
        user = names.get(user, user)
        # What is shown is what the policies say, not what rights would have said before them. What the
        # provisioner does rightly, it does with its own.
        if case.actor in ("meddler", "controller-manager") or case.actor == "provisioner" and case.refused:
            groups = [*groups, arguments.group]
        is_done, told = answer(cluster, case, user, groups)
        text = told.get("message", "")
        is_right = not is_done and any(each in text for each in case.refused) if case.refused else is_done
        count += 1
        failed += not is_right
        print(f"{'ok' if is_right else 'not ok'} {count} - {case.name}", flush=True)
        if not is_right:
            print(f"  # as {user}: {case.path()}")
            print(f"  # should be {'refused: ' + ' or: '.join(case.refused) if case.refused else 'done'}")
            print(f"  # {'was done' if is_done else ' '.join(text.split())[:500]}", flush=True)
    if not count:
        raise SystemExit("attack: no case has such a name")
    if failed:
        print(f"attack: {failed} of {count} were not answered as they should be", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("kubectl", "kubeconfig", "tenant", "closed", "stray", "owner", "group"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--only", default="")
    sys.exit(main(parser.parse_args()))
