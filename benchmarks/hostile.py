"""Hostile files and slow clients against a real web process and a real worker: memory, stalls, answers.

    [ONLY=png] [MINUTES=8] python -m benchmarks hostile

The aims: the web process takes 50 MB more at most and the worker 600 MB; no answer of 500; a page answers
within 1 s meanwhile, also beside 200 stalled connections. Not part of `make bench`: it takes some minutes.
"""

import os
import socket
import threading
import time
import urllib.error
import urllib.request
import uuid
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.hostile_files import BOMBS, KINDS
from benchmarks.installation import ROOT, Installation
from benchmarks.pipeline import SLUG, prepare
from inspector.core.jobs import State
from inspector.inspections.models import Inspection

WEB_MB, WORKER_MB = 50, 600
STALLED = 200
PATIENCE = 120  # seconds for one photo
TABLE = ROOT / "docs" / "measurements" / "hostile.md"
HALVES = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: ",
    b"POST /api/inspections/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nhalf",
)


@dataclass(slots=True)
class Outcome:
    """What one file did. web, worker: megabytes above what the process had before any of them."""

    name: str
    status: int
    ended: str
    web: float
    worker: float
    stall: float
    seconds: float


class Process:
    """The peak of resident memory of a process since it was last asked."""

    def __init__(self, pid: int) -> None:
        self._folder = Path(f"/proc/{pid}")
        self.base = self._megabytes("VmRSS")

    def forget(self) -> None:
        (self._folder / "clear_refs").write_text("5")

    def above(self) -> float:
        return self._megabytes("VmHWM") - self.base

    def _megabytes(self, key: str) -> float:
        lines = (self._folder / "status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(key)).split()[1]) / 1024


class Watch(threading.Thread):
    """Asks for a page again and again; `longest` is how long it had to wait for one."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.url, self.longest = url, 0.0

    def run(self) -> None:
        while True:
            start = time.monotonic()
            with suppress(urllib.error.HTTPError):  # where the front end is not built: the wait counts
                urllib.request.urlopen(f"{self.url}/sign-in/", timeout=PATIENCE).read()
            self.longest = max(self.longest, time.monotonic() - start)
            time.sleep(0.05)


def main(site: Installation) -> None:
    _, photos = prepare(site.folder)
    web, worker = site.start("web"), site.start("inspect")
    token = site.token("Inspector")
    for photo in photos[:4]:  # warm
        _ended(_send(site, token, "a.png", photo)[1])
    processes = Process(web.pid), Process(worker.pid)
    watch = Watch(site.url)
    watch.start()
    only = os.environ.get("ONLY", "")
    names = sorted((name for name in KINDS if name.startswith(only)), key=lambda name: name not in BOMBS)
    until = time.monotonic() + 60 * float(os.environ.get("MINUTES", "60"))
    found = [_one(site, token, name, processes, watch) for name in names if time.monotonic() < until]
    slow = _slow(site)
    _report(found, slow)


def _one(
    site: Installation, token: str, name: str, processes: tuple[Process, Process], watch: Watch
) -> Outcome:
    filename, make = KINDS[name]
    content = make()
    for process in processes:
        process.forget()
    watch.longest, start = 0.0, time.monotonic()
    status, answer = _send(site, token, filename, content)
    ended = _ended(answer) if status == 202 else answer
    web, worker = (process.above() for process in processes)
    seconds = time.monotonic() - start
    outcome = Outcome(name, status, ended, web, worker, watch.longest, seconds)
    print(f"{name:<44} {status} {web:>5.0f} {worker:>6.0f} {seconds:>6.1f} s  {ended[:90]}", flush=True)
    return outcome


def _send(site: Installation, token: str, filename: str, content: bytes) -> tuple[int, str]:
    """Through the API, which takes files by the same verb as the form. The status and the words of it."""
    mark = uuid.uuid4().hex
    kept = filename.encode("utf-8", "replace").replace(b'"', b"%22").replace(b"\r\n", b"%0D%0A")
    body = b"".join(
        (
            f'--{mark}\r\nContent-Disposition: form-data; name="category"\r\n\r\n{SLUG}\r\n'.encode(),
            f'--{mark}\r\nContent-Disposition: form-data; name="images"; filename="'.encode() + kept,
            b'"\r\nContent-Type: image/png\r\n\r\n' + content + f"\r\n--{mark}--\r\n".encode(),
        )
    )
    headers = {"Authorization": f"Token {token}", "Content-Type": f"multipart/form-data; boundary={mark}"}
    request = urllib.request.Request(f"{site.url}/api/inspections/", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def _ended(answer: str) -> str:
    """The verdict of the newest photo, or why it has none."""
    row = Inspection.objects.latest("pk")
    until = time.monotonic() + PATIENCE
    while row.state not in (State.DONE, State.FAILED) and time.monotonic() < until:
        time.sleep(0.05)
        row.refresh_from_db()
    return row.verdict or row.error_message or f"still {row.state}"


def _slow(site: Installation) -> float:
    """Seconds until a page answers beside connections that stopped half way."""
    with ExitStack() as stack:
        for number in range(STALLED):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", site.port), timeout=20))
            client.sendall(HALVES[number % len(HALVES)])
        start = time.monotonic()
        with suppress(urllib.error.HTTPError):
            urllib.request.urlopen(f"{site.url}/sign-in/", timeout=PATIENCE).read()
        return time.monotonic() - start


def _report(found: list[Outcome], slow: float) -> None:
    faults = [one.name for one in found if one.status >= 500 or one.ended.startswith("still")]
    most = [max(found, key=lambda one: getattr(one, what)) for what in ("web", "worker", "stall", "seconds")]
    lines = [
        "# Hostile files and slow clients",
        "",
        f"By `python -m benchmarks hostile`: {len(found)} of {len(KINDS)} kinds, one at a time, on SQLite.",
        "Megabytes are above what the warm process had before; other work ran on the machine meanwhile, so",
        "seconds are upper bounds.",
        "",
        f"- Answers of 500, or photos without an end: {', '.join(faults) or 'none'}",
        f"- Web process: {most[0].web:+.0f} MB at most ({most[0].name}); aim +{WEB_MB}.",
        f"- Worker: {most[1].worker:+.0f} MB at most ({most[1].name}); aim +{WORKER_MB}.",
        f"- Longest wait for a page meanwhile: {most[2].stall:.2f} s ({most[2].name}).",
        f"- Longest from upload to end: {most[3].seconds:.1f} s ({most[3].name}).",
        f"- Beside {STALLED} stalled connections a page answers in {slow:.2f} s.",
        "",
        "| bomb | answer | web MB | worker MB | s | end |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.name} | {one.status} | {one.web:+.0f} | {one.worker:+.0f} | {one.seconds:.1f} "
        f"| {_short(one)} |"
        for one in found
        if one.name in BOMBS
    ]
    print("\n".join(lines[:12]))
    if not os.environ.get("ONLY"):
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text("\n".join(lines) + "\n")


def _short(one: Outcome) -> str:
    """The words of it without the rest of the answer."""
    said = one.ended.rpartition('"message":"')[2].partition('"')[0]
    return said.partition(":")[0][:90].replace("|", "/")
