"""Checks of compose.yaml that a schema cannot hold: health, secrets, and what is reachable.

usage: check_compose.py FILE          exit 1 with a line for each violation
       check_compose.py --self-test   exit 1 unless a bad example is complained about
"""

import re
import sys

import yaml

SECRET_NAME = re.compile(r"(PASSWORD|SECRET|TOKEN|API_KEY|KEYS__|URL)")
LOOPBACK = re.compile(r"^127\.0\.0\.1:\d+:\d+$")
PASSWORD_IN_URL = re.compile(r"://[^/\s:]+:[^/\s@]+@")

BAD = """
services:
  db:
    image: postgres
    environment: {POSTGRES_PASSWORD: hunter2}
    ports: ["5432:5432"]
    restart: unless-stopped
  app:
    image: app:1
    environment: {STORE: "postgres://a:b@db/x"}
    secrets: [gone]
    depends_on: [db]
    healthcheck: {disable: true}
"""


def violations(compose):
    """Yields one line for each thing that must not be."""
    services = compose.get("services", {})
    declared = set(compose.get("secrets", {}))
    for name, service in services.items():
        one_shot = service.get("restart") == "no"
        health = service.get("healthcheck", {})
        if not one_shot and (health.get("disable") or not health.get("test")):
            yield f"{name}: runs for ever and has no health check"
        if ":" not in service.get("image", ""):
            yield f"{name}: its image has no tag"
        for port in service.get("ports", []):
            if not LOOPBACK.match(str(port)):
                yield f"{name}: port {port} is published beyond this machine"
        yield from environment(name, service.get("environment", {}))
        for secret in service.get("secrets", []):
            if secret not in declared:
                yield f"{name}: secret {secret} is not declared"
        waits = service.get("depends_on", {})
        if isinstance(waits, list):
            yield f"{name}: depends_on says no condition"
            continue
        for other, how in waits.items():
            wanted = "service_completed_successfully" if services[other].get("restart") == "no" \
                else "service_healthy"
            if how.get("condition") != wanted:
                yield f"{name}: waits for {other} without {wanted}"


def environment(name, variables):
    """Yields what is secret and stands in the file."""
    for key, value in variables.items():
        is_path = key.endswith("_FILE") and str(value).startswith("/run/secrets/")
        if SECRET_NAME.search(key) and not is_path:
            yield f"{name}: {key} must come from a file"
        if PASSWORD_IN_URL.search(str(value)):
            yield f"{name}: {key} holds a password"


def main(argument):
    """Runs what the argument asks for."""
    if argument == "--self-test":
        found = "\n".join(violations(yaml.safe_load(BAD)))
        wanted = ["db: runs for ever", "db: its image", "db: port 5432", "POSTGRES_PASSWORD must",
                  "app: runs for ever", "STORE holds", "secret gone", "app: depends_on"]
        missed = [word for word in wanted if word not in found]
        print(f"the bad example: {len(wanted) - len(missed)} of {len(wanted)} faults found")
        return 1 if missed else 0
    with open(argument, encoding="utf-8") as file:
        found = list(violations(yaml.safe_load(file)))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
