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
import json
import subprocess
import sys
import tempfile

import corpus


class Kubectl:
    def __init__(self, program, kubeconfig):
        self.command = [program, "--kubeconfig", kubeconfig, "--request-timeout", "20s"]

    def run(self, *arguments, user=None, groups=()):
        # Of a user that is impersonated, kubectl takes the groups from here alone.
        impersonation = [f"--as={user}", *(f"--as-group={each}" for each in groups)] if user else []
        result = subprocess.run(
            [*self.command, *impersonation, *arguments], capture_output=True, text=True, check=False
        )
        return result.returncode == 0, result.stdout if result.returncode == 0 else result.stderr.strip()


def answer(kubectl, case, user, groups):
    """Whether the API server would do it, and its words."""
    path = f"{case.path()}?dryRun=All"
    if case.verb in ("delete", "delete-all"):
        return kubectl.run("delete", "--raw", path, user=user, groups=groups)
    if case.actor == "provisioner" and case.verb == "update" and not case.sub:
        # As it does: it has no right to replace a namespace.
        group, _, resource = corpus.KINDS[case.kind]
        place = ["--namespace", case.namespace] if case.namespace else []
        patch = ["--type", "merge", "--patch", json.dumps(case.body), "--dry-run=server"]
        kind = f"{resource}.{group}" if group else resource
        return kubectl.run("patch", kind, case.object_name, *place, *patch, user=user, groups=groups)
    for _ in range(5):
        if case.verb == "create":
            body = case.body
        else:
            place = case.path().removesuffix(f"/{case.sub}") if case.sub else case.path()
            is_there, text = kubectl.run("get", "--raw", place)
            if not is_there:
                return False, text
            body = corpus.merged(json.loads(text), case.body)
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(body, file)
            file.flush()
            command = "create" if case.verb == "create" else "replace"
            is_done, text = kubectl.run(command, "--raw", path, "-f", file.name, user=user, groups=groups)
        # Somebody has written to the object since it was read.
        if is_done or "the object has been modified" not in text:
            return is_done, text
    return is_done, text


def main(arguments):
    kubectl = Kubectl(arguments.kubectl, arguments.kubeconfig)
    names = {
        "org-acme": arguments.tenant,
        "org-closed": arguments.closed,
        "org-stray": arguments.stray,
        "org-evil": f"{arguments.tenant}-evil",
        "org-new": f"{arguments.tenant}-new",
        "owner@acme.example": arguments.owner,
    }
    is_there, text = kubectl.run("get", "--raw", "/version")
    if not is_there:
        raise SystemExit(f"attack: {text}")
    found = json.loads(text)
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
        is_done, text = answer(kubectl, case, user, groups)
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
