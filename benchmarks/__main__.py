"""`make bench`, or `python -m benchmarks NAME...`: measurements, each in a throw-away installation.

A measurement is a module here with `main(site)`. It is imported only after the installation's
folders are in the environment and Django is set up, so it can import models at its top.
"""

import importlib
import os
import subprocess
import sys

import django

from benchmarks.installation import Installation
from benchmarks.servers import OnServers

DEFAULT = ("pipeline", "inference", "against_anomalib", "history", "web_memory")
ON_SERVERS = {"chaos"} | ({"chaos_short"} if os.environ.get("DATABASE_URL") else set())


def main(names: list[str]) -> int:
    if len(names) == 1:
        return _run(names[0])
    # A process each, so that none starts with the memory and caches of the one before.
    ends = [subprocess.call([sys.executable, "-m", "benchmarks", name]) for name in names or DEFAULT]
    return int(any(ends))  # a killed one ends with a negative status


def _run(name: str) -> int:
    print(f"\n== {name}", flush=True)
    with OnServers() if name in ON_SERVERS else Installation() as site:
        site.set_up("--no-demo")
        django.setup()
        importlib.import_module(f"benchmarks.{name}").main(site)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
