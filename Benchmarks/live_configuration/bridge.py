"""The bridge that a user would write: LISTEN in PostgreSQL, PUBLISH to Redis. The peer of the benchmark."""

import json
import os
import sys

import psycopg
import redis


def main(conninfo: str, port: int, ca_file: str, password_file: str) -> None:
    with open(password_file, encoding="utf-8") as file:
        password = file.read().strip()
    publisher = redis.Redis(
        host="127.0.0.1", port=port, username="operator", password=password, ssl=True, ssl_ca_certs=ca_file
    )
    publisher.ping()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("LISTEN plain")
        print("listens", flush=True)
        for notification in connection.notifies():
            change = json.loads(notification.payload)
            publisher.publish(f"config:plain:{change['key']}", f"version={change['version']}")


if __name__ == "__main__":
    main(sys.argv[1], int(os.environ["ARK_REDIS_PORT"]), os.environ["ARK_REDIS_CA"], sys.argv[2])
