"""Work with a time limit, in threads that can be abandoned, because threads cannot be stopped.

A read from a network disk that hangs never returns. When its time is over, what waits for it gets an
error, another thread takes the place of the one that is stuck, and a result that still comes is cleaned up.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")
LOOK_SECONDS = 0.2
# Threads of this process that are stuck: each holds a photo's memory, and only a new process is rid of them.
_stuck: set["Work[Any]"] = set()
_here = threading.local()


class Overdue(Exception):
    """A step took longer than its limit; `step` says which one."""

    def __init__(self, step: str) -> None:
        super().__init__(f"the step “{step}” took too long")
        self.step = step


class Work(Generic[Result]):
    """Something on its way, or waiting for a thread. Its time begins when a thread does."""

    def __init__(self, lanes: "Lanes", step: str, seconds: float, call: Callable[[], Result]) -> None:
        self._lanes, self._call, self._lock = lanes, call, threading.Lock()
        self._step, self._seconds, self._until = step, seconds, float("inf")
        self._late: Callable[[Result], None] | None = None
        self.future: Future[Result] = Future()

    def result(self) -> Result:
        """Waits for it; raises what it raised, Overdue, or CancelledError."""
        while True:
            try:
                return self.future.result(timeout=LOOK_SECONDS)
            except TimeoutError:
                if self.future.done():
                    raise  # its own, and not that of waiting
                self._lanes.look()

    def cancel(self, late: Callable[[Result], None] | None = None) -> bool:
        """True if it will not begin any more. `late` gets the result if it comes when nobody waits for it."""
        self._late = late
        return self.future.cancel()

    def within(self, step: str, seconds: float) -> None:
        self._step, self._until = step, time.monotonic() + seconds

    def give_up_if_overdue(self) -> bool:
        with self._lock:
            if time.monotonic() < self._until or self.future.done():
                return False
            _stuck.add(self)
            self.future.set_exception(Overdue(self._step))
            return True

    def do(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        self.within(self._step, self._seconds)
        _here.work = self
        try:
            done = self._call()
        except BaseException as problem:
            self._end(partial(self.future.set_exception, problem))
        else:
            if not self._end(partial(self.future.set_result, done)) and self._late:
                self._late(done)

    def _end(self, act: Callable[[], None]) -> bool:
        with self._lock:
            in_time = self not in _stuck
            _stuck.discard(self)
            if in_time:
                act()
            return in_time


class Lanes:
    """A number of threads for work with limits. `alive` is called while somebody waits for one of them."""

    def __init__(self, threads: int, name: str, alive: Callable[[], None] = lambda: None) -> None:
        self._name, self._alive = name, alive
        self._queue: SimpleQueue[Work[Any] | None] = SimpleQueue()
        self._running: set[Work[Any]] = set()
        self._threads = threads
        for _ in range(threads):
            self._start()

    def __enter__(self) -> "Lanes":
        return self

    def __exit__(self, *_: object) -> None:
        for _n in range(self._threads):
            self._queue.put(None)

    def submit(self, step: str, seconds: float, call: Callable[..., Result], *args: Any) -> Work[Result]:
        work = Work(self, step, seconds, lambda: call(*args))
        self._queue.put(work)
        return work

    def look(self) -> None:
        """Give up what is overdue, and replace each thread that is stuck by a fresh one."""
        self._alive()
        for work in tuple(self._running):
            if work.give_up_if_overdue():
                self._running.discard(work)
                self._start()

    def _start(self) -> None:
        threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def _run(self) -> None:
        while work := self._queue.get():
            self._running.add(work)
            work.do()
            if work not in self._running:
                return  # another thread has taken this one's place
            self._running.discard(work)


def within(step: str, seconds: float) -> None:
    """Called by the work when it begins its next step, which has a limit of its own."""
    work: Work[Any] | None = getattr(_here, "work", None)
    if work:
        work.within(step, seconds)


def stuck() -> int:
    """How many threads of this process hang."""
    return len(_stuck)
