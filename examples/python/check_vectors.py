#!/usr/bin/env python3
"""Runs the test vectors of the protocol: check_vectors.py docs/protocol-vectors.json"""

import copy
import json
import random
import sys

from hotconfig import HotConfig, Store, parse, pause, spread


def may_wait(step):
    """Whether what is waited lies between the bounds, whatever chance says, and is not always the same."""
    low, high = step["bounds"]
    if "subs" in step:
        waits = [1000 * random.uniform(0, spread(step["subs"])) for _ in range(200)]
    else:
        waits = [pause(step["failures"]) for _ in range(200)]
    return all(low <= wait <= high for wait in waits) and max(waits) - min(waits) >= (high - low) / 2


def check_vectors(path):
    for case in json.load(open(path, encoding="utf-8")):
        store = Store()
        for number, step in enumerate(case["steps"]):
            if "load" in step:
                load = dict(step["load"], rows={
                    (r["org_id"], r["key"]): (r["value"], r["type"], r["version"]) for r in step["load"]["rows"]})
                want, got = step["changed"], [f"{o}/{k}" for o, k in store.apply(load, step["heard"])]
            elif "message" in step:
                message = parse(*step["message"])
                want, got = step["need"], "ignored" if message is None else store.need(message)
                if "counts" in step:
                    client = HotConfig("ai", "")
                    client.store = copy.copy(store)
                    counts = client._hear(message)
                    want, got = [want, step["counts"], step["counts"]], [got, counts, client.heard == message]
                if message is not None and store.need(message) == "nothing":
                    store.skip(message)
            elif "restore" in step:
                want = got = None
                store = Store(step["restore"]["epoch"], {
                    (r["org_id"], r["key"]): (r["value"], r["type"], r["version"]) for r in step["restore"]["rows"]})
            elif "wait" in step:
                want, got = True, may_wait(step["wait"])
            elif "values" in step:
                want = step["values"]
                got = {f"{o}/{k}": f"{'-' if v[0] is None else v[0]}@{v[2]}" for (o, k), v in store.values.items()}
            else:
                want, got = step["effective"]["value"], store.value(step["effective"]["org_id"], step["effective"]["key"])
            if want != got:
                sys.exit(f"{case['case']}, step {number}: {got!r} instead of {want!r}")
        print(f"ok {case['case']}")


if __name__ == "__main__":
    check_vectors(sys.argv[1])
