"""1,000 photos while workers are killed and the servers behind them fall over; what became of each photo.

python -m benchmarks chaos        (some five minutes; as root it fills a disk, too)

On its own PostgreSQL and Redis. Photos are sent by the API with a key for each batch, as
docs/operations.md advises; somebody reads pages meanwhile. What is killed is started again.
"""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.db import Error, close_old_connections, connection

from benchmarks.clients import Answers, Client, read_on, unlike
from benchmarks.ends import logged
from benchmarks.faults import DISK, WHOLE, Fault, fill_disk, small_disk
from benchmarks.installation import Installation
from benchmarks.outcome import QUIET_WITHIN, Outcome, judge
from benchmarks.pipeline import SLUG, prepare
from benchmarks.servers import OnServers
from inspector.core.jobs import State
from inspector.inspections.models import Inspection

BATCH = 5
FAKETIME = sorted(map(str, Path("/usr/lib").glob("*/faketime/libfaketime.so.1")))  # Debian's package faketime
PATIENCE = 60.0  # seconds for a killed worker to be back at work
WORKERS = ("inspect", "inspect2")
PAGES = ["/", "/history/", "/inspect/", "/api/inspections/", "/readyz", "/healthz"]


@dataclass(frozen=True, slots=True)
class Plan:
    photos: int
    kills: int
    seconds: float  # from the first kill to the last, on a machine that is quick enough
    faults: tuple[Fault, ...] = ()
    clocks: tuple[int, ...] = (0, 0)  # seconds by which the clock of each worker is off


class Chaos:
    """One run: the site, those who use it, and what is done to it."""

    def __init__(self, site: Installation, plan: Plan) -> None:
        self.site, self.plan = site, plan
        self.answers, self.over = Answers(), threading.Event()
        self.sent: list[int] = []
        self.killed = 0
        self.faulty: list[BaseException] = []
        self._wanted = [*WORKERS, "beat", "web"]
        self._lock = threading.Lock()

    def run(self) -> Outcome:
        _, photos = prepare(self.site.folder, size=64)
        for name in self._wanted:
            self.start(name)
        token = self.site.token("Inspector")
        reader = Client(self.site, self.answers)
        reader.sign_in(self.site.account("QA manager"))
        with logged() as ends:
            connection.close()  # a restart of PostgreSQL would cut it
            keepers = [self._thread(self._keep), self._thread(read_on, reader, PAGES, self.over)]
            work = [self._thread(self._send, token, photos, half) for half in (0, 1)]
            work += [self._thread(self._kill), self._thread(self._fault)]
            for thread in work:
                thread.join()
            quiet = self._until_quiet()
            self.over.set()
            for thread in keepers:
                thread.join()
            if self.faulty:
                raise self.faulty[0]
            return judge(self.plan.photos, self.sent, self.killed, ends(), quiet, self.answers)

    def start(self, name: str) -> None:
        off = self.plan.clocks[WORKERS.index(name)] if name in WORKERS else 0
        line = "inspect" if name in WORKERS else name
        self.site.start(line, called=name, before=clock_off_by(off) if off else "")

    def kill(self, name: str) -> None:
        with self._lock:
            self.site.processes[name].kill()
            self.site.processes[name].wait()

    def _thread(self, work: Callable[..., None], *arguments: object) -> threading.Thread:
        def guarded() -> None:
            try:
                work(*arguments)
            except BaseException as error:
                self.faulty.append(error)

        thread = threading.Thread(target=guarded, daemon=True)
        thread.start()
        return thread

    def _keep(self) -> None:
        """Start again what ended, as Docker does (`restart: unless-stopped`)."""
        while not self.over.wait(0.5):
            with self._lock:
                for name in self._wanted:
                    if self.site.processes[name].poll() is not None:
                        with suppress(TimeoutError):
                            self.start(name)

    def _send(self, token: str, photos: list[bytes], half: int) -> None:
        """Every second batch, in step with the kills, so that each kill meets work even on a slow machine."""
        client = Client(self.site, self.answers)
        for number in range(half * BATCH, self.plan.photos, 2 * BATCH):
            while self.killed < self.plan.kills * number // self.plan.photos:
                time.sleep(0.1)
            last = min(number + BATCH, self.plan.photos)
            batch = [(f"{n}.jpg", unlike(photos[n % len(photos)], n)) for n in range(number, last)]
            self.sent += client.deliver(token, SLUG, batch)

    def _kill(self) -> None:
        """One worker at a time, and only after a photo was judged since the last: a worker that is starting
        has none to lose."""
        for number in range(self.plan.kills):
            before = in_state(State.DONE)
            start = time.monotonic()
            while in_state(State.DONE) in (before, None) and time.monotonic() - start < PATIENCE:
                time.sleep(0.1)
            time.sleep(self.plan.seconds / self.plan.kills)
            self.kill(WORKERS[number % len(WORKERS)])
            self.killed += 1

    def _fault(self) -> None:
        """One after the other, with a pause before each."""
        gap = self.plan.seconds / (2 * len(self.plan.faults) + 1) if self.plan.faults else 0
        for name, fault in self.plan.faults:
            time.sleep(gap)
            print(f"  {name}", flush=True)
            fault(self)

    def _until_quiet(self) -> float:
        """Seconds till nothing waits or runs; at most five times what is promised."""
        start = time.monotonic()
        while (
            left := in_state(State.WAITING, State.RUNNING)
        ) != 0 and time.monotonic() - start < 5 * QUIET_WITHIN:
            time.sleep(0.2)
        print(f"  {left} unfinished", flush=True)
        return time.monotonic() - start


def clock_off_by(seconds: int) -> str:
    """What to put before a command. Not `faketime`: the process would be its child, and kills miss it."""
    return f"env LD_PRELOAD={FAKETIME[0]} FAKETIME={seconds:+d}s"


def in_state(*states: State) -> int | None:
    """How many photos are; None while the database does not answer."""
    with suppress(Error):
        close_old_connections()
        return Inspection.objects.filter(state__in=states).count()
    return None


def report(site: Installation, plan: Plan) -> None:
    """Run it and print the outcome; exit status 1 if a photo was lost, doubled, stuck or failed, or an answer
    was 500."""
    # What a killed worker held waits until its lease ends: with the usual 60 s, QUIET_WITHIN cannot be kept.
    os.environ |= {"INSPECTOR_LEASE_SECONDS": "10", "INSPECTOR_SWEEP_SECONDS": "3"}
    outcome = Chaos(site, plan).run()
    site.end_processes()
    print(outcome)
    if not outcome.is_clean:
        for log in sorted(site.folder.glob("*.log")):
            print(f"\n-- {log.name}", *log.read_text(errors="replace").splitlines()[-15:], sep="\n")
        raise SystemExit(1)


def main(site: OnServers) -> None:
    with small_disk() as fills:
        faults = tuple(fault for fault in WHOLE if fills or fault[1] is not fill_disk)
        clocks = (300, -300) if FAKETIME else (0, 0)
        disk = f"disk of {DISK}" if fills else "no disk is filled, for that needs root"
        print(f"{disk}; clocks of the workers off by {clocks} s")
        report(site, Plan(1000, 30, 180, faults, clocks))
