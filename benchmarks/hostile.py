"""Hostile files and slow clients against a real web process and a real worker: memory, stalls, answers.

    [ONLY=png/jpeg,] [MINUTES=8] python -m benchmarks hostile

The aims: the web process takes at most 50 MB more and the worker 600 MB; no answer is 500; a page answers
within 1 s meanwhile, also beside 200 stalled connections. Writes docs/measurements/hostile.md, unless ONLY is
set. The front end has to be built. Bombs are sent one at a time, the small kinds together. Not part of
`make bench`: it takes some minutes.
"""

import os
import socket
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.hostile_files import BOMBS, KINDS
from benchmarks.hostile_sending import PATIENCE, Door, Fate
from benchmarks.installation import ROOT, Installation
from benchmarks.pipeline import prepare

WEB_MB, WORKER_MB = 50, 600
STALLED = 200
TOGETHER = 24  # small kinds in one request
TABLE = ROOT / "docs" / "measurements" / "hostile.md"
HALVES = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: ",
    b"POST /api/inspections/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nhalf",
)


@dataclass(slots=True)
class Outcome:
    """What the files of one request did. web, worker: megabytes above what the warm process had."""

    name: str
    files: int
    fate: Fate
    web: float
    worker: float
    stall: float
    seconds: float
    faults: list[str]


class Process:
    """The resident MB of a process: `base` at first, and how far `above` it they rose since `forget`."""

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
    """Asks for a page again and again. longest: the longest wait in seconds. faults: what else came."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.url, self.longest = url, 0.0
        self.faults: list[str] = []

    def run(self) -> None:
        while True:
            start = time.monotonic()
            try:
                urllib.request.urlopen(f"{self.url}/sign-in/", timeout=PATIENCE).read()
            except OSError as fault:
                self.faults.append(f"page: {fault}")
            self.longest = max(self.longest, time.monotonic() - start)
            time.sleep(0.05)

    def reset(self) -> None:
        self.longest = 0.0
        self.faults = []


class Trial:
    """The site under test, its doors, and what watches it."""

    def __init__(self, site: Installation) -> None:
        _, photos = prepare(site.folder)
        self.site = site
        web, worker = site.start("web"), site.start("inspect")
        site.start("beat")
        self.door = Door(site)
        # Warm up with good batches, whose photos are judged together.
        for door in (self.door.form, self.door.api, self.door.form):
            door([("a.png", photo) for photo in photos[:TOGETHER]])
        self.web, self.worker = Process(web.pid), Process(worker.pid)
        print(f"warm: web {self.web.base:.0f} MB, worker {self.worker.base:.0f} MB", flush=True)
        self.watch = Watch(site.url)
        self.watch.start()

    def send(self, name: str, kinds: tuple[str, ...], *, form: bool) -> Outcome:
        files = [(KINDS[kind][0], KINDS[kind][1]()) for kind in kinds]
        self.web.forget()
        self.worker.forget()
        self.watch.reset()
        start = time.monotonic()
        try:
            fate = self.door.form(files) if form else self.door.api(files)
        except OSError as fault:
            fate = Fate(0, words=f"no answer: {fault}")
        seconds, faults = time.monotonic() - start, self.watch.faults + _faults(fate, len(files))
        web, worker = self.web.above(), self.worker.above()
        return Outcome(name, len(files), fate, web, worker, self.watch.longest, seconds, faults)

    def traces(self) -> int:
        logs = [(self.site.folder / f"{name}.log").read_text() for name in self.site.processes]
        traces = sum(log.count("Traceback (most recent call last)") for log in logs)
        if traces:
            print("\n".join(log[:4000] for log in logs if "Traceback" in log))
        return traces


def _faults(fate: Fate, files: int) -> list[str]:
    faults = [f"answer {fate.status}"] if fate.status >= 500 or fate.status == 0 else []
    faults += [end for end in fate.ends if end.startswith("still")]
    if fate.known != files:
        faults.append(f"{files} files, {fate.known} fates ({fate.words[:300]})")
    if "Traceback" in fate.words:
        faults.append("stack trace")
    return faults


def main(site: Installation) -> None:
    started = time.monotonic()
    trial, outcomes = Trial(site), list[Outcome]()
    only = tuple(os.environ.get("ONLY", "").split("/"))
    until = started + 60 * float(os.environ.get("MINUTES", "60"))
    for name, kinds, form in _requests([name for name in KINDS if name.startswith(only)]):
        if time.monotonic() > until:
            break
        outcomes += _outcomes(trial, name, kinds, form)
    slow = _slow(site)
    _report(outcomes, slow, trial.traces(), time.monotonic() - started)


def _requests(names: list[str]) -> list[tuple[str, tuple[str, ...], bool]]:
    """The bombs alone, the rest together; every second request by the form."""
    small = [name for name in names if name not in BOMBS]
    together = [tuple(small[place : place + TOGETHER]) for place in range(0, len(small), TOGETHER)]
    groups = [(f"{kinds[0]} to {kinds[-1]}", kinds) for kinds in together]
    groups += [(name, (name,)) for name in names if name in BOMBS]
    return [(*group, number % 2 == 1) for number, group in enumerate(groups)]


def _outcomes(trial: Trial, name: str, kinds: tuple[str, ...], form: bool) -> list[Outcome]:
    """One request; those of its kinds one by one where something is wrong with it."""
    try:
        outcome = trial.send(name, kinds, form=form)
    except Exception as fault:  # a fault of this measurement should not end it
        fate = Fate(0, words=repr(fault))
        outcome = Outcome(name, len(kinds), fate, 0, 0, 0, 0, [f"not measured: {fault!r}"])
    _print(outcome, kinds)
    if outcome.faults and len(kinds) > 1:
        return [one for kind in kinds for one in _outcomes(trial, kind, (kind,), form)]
    return [outcome]


def _print(one: Outcome, kinds: tuple[str, ...]) -> None:
    numbers = f"{one.web:>5.0f} {one.worker:>6.0f} {one.stall:>6.2f} {one.seconds:>6.1f} s"
    print(f"{one.name[:44]:<44} {one.fate.status} {numbers}  {_short(one.fate)[:90]}", flush=True)
    for fault in one.faults:
        print(f"    FAULT {fault}", flush=True)
    if len(kinds) > 1:
        for end, count in Counter(one.fate.all).most_common():
            print(f"    {count:>3} {end[:150]}", flush=True)


def _slow(site: Installation) -> float:
    """Seconds until a page answers beside connections that stopped half way."""
    with ExitStack() as stack:
        for number in range(STALLED):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", site.port), timeout=20))
            client.sendall(HALVES[number % len(HALVES)])
        start = time.monotonic()
        urllib.request.urlopen(f"{site.url}/sign-in/", timeout=PATIENCE).read()
        return time.monotonic() - start


def _report(outcomes: list[Outcome], slow: float, traces: int, seconds: float) -> None:
    files = sum(one.files for one in outcomes)
    faults = [f"{one.name}: {fault}" for one in outcomes for fault in one.faults]
    most = [
        max(outcomes, key=lambda one: getattr(one, what)) for what in ("web", "worker", "stall", "seconds")
    ]
    over = sum(one.stall > 1 for one in outcomes)
    load, cores = os.getloadavg()[2], len(os.sched_getaffinity(0))
    lines = [
        "# Hostile files and slow clients",
        "",
        f"By `python -m benchmarks hostile` on {datetime.now(UTC):%-d %B %Y}, on SQLite: {files} of "
        f"{len(KINDS)} kinds in {len(outcomes)} requests",
        f"(bombs alone, small kinds {TOGETHER} together; by the API and by the form of the Inspect page in "
        f"turns), in {seconds / 60:.0f} minutes.",
        f"Load of the last 15 minutes: {load:.1f} on {cores} cores. Megabytes are above what the warm "
        "process had.",
        "",
        f"- Answers of 500, files without an answer, photos without an end: {'; '.join(faults) or 'none'}.",
        f"- Stack traces in the logs: {traces or 'none'}.",
        f"- Web process: {most[0].web:+.0f} MB at most ({most[0].name}); aim +{WEB_MB}.",
        f"- Worker: {most[1].worker:+.0f} MB at most ({most[1].name}); aim +{WORKER_MB}.",
        f"- Longest wait for a page meanwhile: {most[2].stall:.2f} s ({most[2].name}); over 1 s "
        f"beside {over} requests.",
        f"- Longest from upload to end: {most[3].seconds:.1f} s ({most[3].name}).",
        f"- Beside {STALLED} stalled connections a page answers in {slow:.2f} s.",
        "",
        "| files | answer | web MB | worker MB | page s | s | end |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_line(one) for one in outcomes]
    print("\n".join(lines[:15]))
    if not os.environ.get("ONLY"):
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text("\n".join(lines) + "\n")


def _line(one: Outcome) -> str:
    name = one.name.replace("|", "/")
    numbers = f"{one.web:+.0f} | {one.worker:+.0f} | {one.stall:.2f} | {one.seconds:.1f}"
    return f"| {name} | {one.fate.status} | {numbers} | {_short(one.fate)} |"


def _short(fate: Fate) -> str:
    """How the files ended, by code."""
    counts = Counter(end.partition(":")[0] for end in fate.all).most_common()
    return ", ".join(f"{count} {end}" if fate.known > 1 else end for end, count in counts)
