"""All processes of the Procfile in one terminal: `python deploy/processes.py --port 8000` (`make run`).

honcho ends all of them as soon as one ends. A training that the system kills because memory ran out would
take the pages and the inspections down with it, so what is killed, or fails later, is started again. What
cannot start at all, or is asked to end, ends all as before.
"""

import argparse
import multiprocessing
import os
import signal
import sys
import time
from contextlib import suppress
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from honcho.environ import expand_processes, parse, parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer
from honcho.process import Process

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 20.0  # one that fails sooner, and was never there before, cannot start
SETTLED_SECONDS = 60.0
PAUSE_SECONDS, LONGEST_PAUSE = 1.0, 60.0  # doubled each time, until it has settled
ASKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StartedAgain(Process):
    """One line of the Procfile; `run` is a process of its own, beside the command."""

    def __init__(self, *args: Any, ending: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ending = ending
        self.began, self.starts, self.pause, self.again = 0.0, 0, 0.0, False

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        if ignore_signals:
            # Taken and dropped: what is ignored would be ignored by the command as well, once started again.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: None)
        self.again = True
        while self.again:
            self.again, self.began, self.starts = False, time.monotonic(), self.starts + 1
            super().run(events)
            if self.again and self.ending.wait(self.pause):
                self.again = False
                super()._send_message({"returncode": 0}, type="stop")

    def _send_message(self, data: Any, type: str = "line") -> None:
        if type == "stop" and (reason := self._reason(data["returncode"])):
            self.again = True
            settled = time.monotonic() - self.began >= SETTLED_SECONDS
            self.pause = PAUSE_SECONDS if settled or not self.pause else min(2 * self.pause, LONGEST_PAUSE)
            data, type = f"{reason}; it is started again in {self.pause:g} s\n".encode(), "line"
        super()._send_message(data, type)
        if type == "start" and self.ending.is_set():  # the others were told a moment ago
            with suppress(ProcessLookupError):
                os.killpg(data["pid"], signal.SIGTERM)

    def _reason(self, returncode: int) -> str:
        """Why to start it again; "" where that is not for us."""
        number = -returncode if returncode < 0 else returncode - 128  # the latter is how shells say it
        if self.ending.is_set() or returncode == 0 or number in ASKED:
            return ""
        if number == signal.SIGKILL:
            return "killed, perhaps because memory ran out"
        if number in signal.valid_signals():  # 255 is an exit status
            return f"killed by signal {number}"
        cannot_start = self.starts == 1 and time.monotonic() - self.began < START_SECONDS
        return "" if cannot_start else f"ended with status {returncode}"


class Processes(Manager):
    def __init__(self) -> None:
        super().__init__(Printer(sys.stdout, colour=True))
        self.ending = multiprocessing.Event()
        self._process_ctor = partial(StartedAgain, ending=self.ending)

    def terminate(self) -> None:
        self.ending.set()
        super().terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--port", type=int, default=8000, help="of the web process (default: %(default)s)")
    parser.add_argument("--procfile", type=Path, default=ROOT / "Procfile", help=argparse.SUPPRESS)
    given = parser.parse_args()
    settings = given.procfile.with_name(".env")
    env = parse(settings.read_text()) if settings.is_file() else {}
    manager = Processes()
    for one in expand_processes(
        parse_procfile(given.procfile.read_text()).processes, env=env, port=given.port
    ):
        manager.add_process(one.name, one.cmd, env={**os.environ, **one.env})
    manager.loop()
    sys.exit(manager.returncode)


if __name__ == "__main__":
    main()
