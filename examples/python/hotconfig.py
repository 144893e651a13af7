#!/usr/bin/env python3
"""Live configuration of a service in Python: docs/protocol.md in one file. Needs psycopg 3, and redis-py if it listens.

    config = HotConfig("ai", "host=… dbname=ark user=pod_ai", redis.Redis(…, decode_responses=True))
    config.start(); config.value(1, "threshold")
"""

import random
import sys
import threading
import time

import psycopg


def pause(failures):
    """Seconds before the next attempt: 0, 1, 2, 4, 8 … 60."""
    return min(60, 2 ** (failures - 1)) * random.uniform(0.8, 1) if failures else 0


def spread(subs):
    """Seconds over which so many subscribers spread their reads of one announcement."""
    return min(subs, 1000) / 100_000 if subs > 1 else 0


def parse(channel, payload):
    """A message of the bridge as a dict, or None if it is none."""
    parts = channel.split(":", 2)
    if len(parts) != 3 or parts[0] != "config" or not parts[1] or not parts[2]:
        return None
    words = dict(word.split("=", 1) for word in payload.split(" ") if "=" in word)
    wanted = ["epoch", "inc", "seq"] + ([] if parts[2] == "_hb" else ["version", "org_id"])
    try:
        message = {name: int(words[name]) for name in wanted}
    except (KeyError, ValueError):
        return None
    message["key"] = None if parts[2] == "_hb" else parts[2]
    message["subs"] = int(words["subs"]) if words.get("subs", "").isdecimal() else None
    return message


class Store:
    """What is held, and what a message asks for. Begins with what a file has kept. Knows no server and no clock."""

    def __init__(self, epoch=None, values=None):
        self.epoch, self.values = epoch, dict(values or {})  # (org_id, key) -> (value, type, version)
        self.snapshot = self.position = None

    def need(self, message):  # nothing, delta or complete
        if self.epoch is None or self.position is None or message["epoch"] > self.epoch:
            return "complete"
        inc, seq = self.position
        if self.is_past(message):
            return "nothing"
        if message["inc"] > inc:
            return "delta"
        if message["key"] is None:
            return "delta" if message["seq"] > seq else "nothing"
        held = self.values.get((message["org_id"], message["key"]))
        known = held is not None and held[2] >= message["version"] and message["seq"] <= seq + 1
        return "nothing" if known else "delta"

    def is_past(self, message):
        return self.position is not None and (message["epoch"], message["inc"]) < (self.epoch, self.position[0])

    def skip(self, message):
        """Accounts for a message that asked for nothing."""
        if self.position is not None and message["epoch"] == self.epoch:
            self.position = max(self.position, (message["inc"], message["seq"]))

    def apply(self, load, heard):
        """Swaps a load in; returns the keys that it has changed. heard: the last message, or None."""
        of_primary, is_new = load["snapshot"] is not None, load["epoch"] != self.epoch
        is_older = self.epoch is not None and load["epoch"] < self.epoch
        if is_older and not (of_primary and self.position is None) or is_new and not load["complete"]:
            return []  # the primary knows better than a file
        is_right = load["complete"] and of_primary
        values, changed = dict(self.values), []
        for key, new in load["rows"].items():
            old = values.get(key)
            if not is_new and old and (new[2] < old[2] or new[2] == old[2] and (not is_right or new == old)):
                continue
            values[key] = new
            if old is None or (old[0], old[2]) != (new[0], new[2]):
                changed.append(key)
        if is_new or is_right:
            changed += [key for key in values if key not in load["rows"]]
            values = {key: values[key] for key in load["rows"]}
        position = (0 if is_new or self.position is None else self.position[0], load["seq"])
        if heard is not None and heard["epoch"] == load["epoch"]:
            if of_primary:
                position = max(position, (heard["inc"], heard["seq"]))
            elif load["seq"] >= heard["seq"]:
                position = (max(position[0], heard["inc"]), load["seq"])
        if not is_new and self.position is not None:
            position = max(self.position, position)
        # One assignment: whoever reads sees all of it or nothing.
        self.values, self.position = values, position
        self.epoch, self.snapshot = load["epoch"], load["snapshot"]
        return sorted(changed)

    def value(self, org_id, key):
        """The text that holds for an organisation: its own, else the platform's, else None."""
        own, platform = self.values.get((org_id, key)), self.values.get((0, key))
        return own[0] if own and own[0] is not None else platform[0] if platform else None


class HotConfig:
    """Holds the configuration of one service and keeps it current, in two threads of its own."""

    def __init__(self, service, conninfo, redis_client=None, on_change=lambda org, key, value: None):
        self.service, self.conninfo, self.redis = service, conninfo, redis_client
        self.on_change, self.store, self.warm = on_change, Store(), threading.Event()
        self.value = self.store.value  # of an organisation and a key
        self.lock, self.asked = threading.RLock(), threading.Event()
        self.wanted, self.heard, self.heard_at, self.subs = "complete", None, 0.0, 0

    def start(self, timeout=10):
        """Returns when everything is loaded. Raises TimeoutError."""
        for run in [self._read] + ([self._listen] if self.redis else []):
            threading.Thread(target=run, daemon=True).start()
        if not self.warm.wait(timeout):
            raise TimeoutError(f"the configuration of {self.service} could not be loaded")

    def _want(self, need):
        with self.lock:
            if need == "complete" or self.wanted == "nothing":
                self.wanted = need
        self.asked.set()

    def _hear(self, message):  # whether it counts as heard
        with self.lock:
            if message is None or self.store.is_past(message):
                return False
            self.heard, self.heard_at, self.subs = message, time.monotonic(), message["subs"] or self.subs
            if self.store.need(message) == "nothing":
                self.store.skip(message)
            else:
                self._want(self.store.need(message))
        return True

    def _listen(self):
        failures = 0
        while True:
            try:
                with self.redis.pubsub() as pubsub:
                    pubsub.psubscribe(f"config:{self.service}:*")
                    self.heard_at = time.monotonic()
                    while time.monotonic() - self.heard_at <= 5:
                        event = pubsub.get_message(timeout=1) or {"type": None}
                        if event["type"] == "psubscribe":
                            self._want("delta")  # acknowledged: what comes after the load is announced
                        if event["type"] == "pmessage" and self._hear(parse(event["channel"], event["data"])):
                            failures = 0
            except Exception as error:  # whatever it is, it is tried again
                print(f"hotconfig: Redis: {error}", file=sys.stderr)
            self.heard_at = 0.0
            time.sleep(pause(failures))
            failures += 1

    def _read(self):
        failures, reconcile_at = 0, time.monotonic() + random.uniform(300, 600)
        while True:
            if self.asked.is_set():
                time.sleep(random.uniform(0, spread(self.subs)))
            with self.lock:
                need, self.wanted = self.wanted, "nothing"
                self.asked.clear()
                heard, since = self.heard, (self.store.epoch, self.store.snapshot)
            if time.monotonic() >= reconcile_at or failures >= 3:
                need = "complete"
            if need == "nothing" and time.monotonic() - self.heard_at > 5:
                need = "delta"  # nobody announces: ask
            if need != "nothing":
                try:
                    load = self._load((None, None) if need == "complete" or since[1] is None else since)
                    with self.lock:
                        changed = self.store.apply(load, heard)
                    failures = 0
                    if load["complete"]:
                        reconcile_at = time.monotonic() + random.uniform(300, 600)
                    self.warm.set()
                    for org_id, key in changed:
                        self.on_change(org_id, key, self.store.values.get((org_id, key)))
                except Exception as error:  # what is held is served meanwhile
                    print(f"hotconfig: PostgreSQL: {error}", file=sys.stderr)
                    self._want(need)
                    time.sleep(pause(failures))
                    failures += 1
            self.asked.wait(5)

    def _load(self, since):
        with psycopg.connect(self.conninfo, autocommit=True, prepare_threshold=None) as connection:
            rows = connection.execute(
                "SELECT epoch, seq, snapshot::text, complete, org_id, key, value, type, version"
                " FROM api.pod_configs(%s::text, %s::bigint, %s::pg_snapshot)", (self.service, *since)).fetchall()
        epoch, seq, snapshot, complete = rows[0][:4]
        return {"epoch": epoch, "seq": seq or 0, "snapshot": snapshot, "complete": complete,
                "rows": {(row[4], row[5]): (row[6], row[7], row[8]) for row in rows if row[4] is not None}}
