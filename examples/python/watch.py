#!/usr/bin/env python3
"""Prints the configuration of a service and every change of it: watch.py --help"""

import argparse
import threading

from hotconfig import HotConfig


def say(line):
    """Prints a line at once: print writes its end by itself, and another thread between."""
    print(line + "\n", end="", flush=True)


def main():
    parser = argparse.ArgumentParser(description="Print a service's configuration and every change of it.")
    parser.add_argument("--service", required=True)
    parser.add_argument("--database", default="", help="connection string of PostgreSQL")
    parser.add_argument("--redis", help="rediss://user:password@host:port?ssl_ca_certs=FILE; without it, polls")
    options = parser.parse_args()
    client = None
    if options.redis:
        import redis
        client = redis.Redis.from_url(options.redis, decode_responses=True, health_check_interval=2)

    def show(org_id, key, row):
        text, version = ("(gone)", "-") if row is None else (row[0] if row[0] is not None else "(deleted)", row[2])
        say(f"{org_id} {key} {text} version={version}")

    HotConfig(options.service, options.database, client, show).start()
    say("ready")
    threading.Event().wait()


if __name__ == "__main__":
    main()
