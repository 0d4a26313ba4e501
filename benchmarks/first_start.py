"""The first minutes of a person who has only the README: a fresh clone, an empty virtualenv, `make run`.

    python benchmarks/first_start.py

Prints the seconds of the downloads (`make setup`), the seconds from `make run` to the first answer, and for
each demo category the seconds until it is trained and its image AUROC. Uses what is committed here.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.installation import ROOT, free_port

DEADLINE = 15 * 60


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="inspector-first-start-") as folder:
        clone = Path(folder) / "inspector"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        environment = {
            k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "DATABASE_URL", "REDIS_URL")
        }
        environment["PORT"] = str(free_port())
        start = time.monotonic()
        subprocess.run(["make", "setup"], cwd=clone, env=environment, check=True)
        print(f"make setup (downloads, builds): {time.monotonic() - start:.0f} s", flush=True)
        _watch(clone, environment)


def _watch(clone: Path, environment: dict[str, str]) -> None:
    url = f"http://127.0.0.1:{environment['PORT']}"
    start = time.monotonic()
    run = subprocess.Popen(["make", "run"], cwd=clone, env=environment, start_new_session=True)
    try:
        _until(lambda: _get(f"{url}/healthz"), start)
        print(f"make run to first answer: {time.monotonic() - start:.1f} s", flush=True)
        accounts = json.loads((clone / "var" / "accounts.json").read_text())
        token = _get(f"{url}/api/token/", body=accounts["Admin"])["token"]
        trained: set[str] = set()
        while len(trained) < 3 and time.monotonic() - start < DEADLINE:
            for category in _get(f"{url}/api/categories/", token=token):
                version = category["active_version"]
                if version and category["slug"] not in trained:
                    trained.add(category["slug"])
                    seconds = time.monotonic() - start
                    auroc = version["image_auroc"]
                    print(f"{category['slug']}: trained after {seconds:.0f} s, AUROC {auroc:.3f}", flush=True)
            time.sleep(1)
        if len(trained) < 3:
            raise SystemExit(f"Only {len(trained)} of 3 categories were trained in {DEADLINE // 60} minutes.")
    finally:
        os.killpg(run.pid, signal.SIGTERM)
        run.wait(timeout=60)


def _until(attempt: Any, start: float) -> None:
    while True:
        try:
            attempt()
            return
        except OSError:
            if time.monotonic() - start > DEADLINE:
                raise
            time.sleep(0.2)


def _get(url: str, body: Any = None, token: str = "") -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Token {token}"} if token else {})
    data = json.dumps(body).encode() if body else None
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=10) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main()
