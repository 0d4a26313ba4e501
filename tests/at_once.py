"""Several people or workers at the same moment."""

import threading
from collections.abc import Callable

from django.db import connections

SECONDS = 60


def at_once(*works: Callable[[], object]) -> list[Exception]:
    """Run each in a thread with a connection of its own, begun together; gives the exceptions."""
    start, problems = threading.Barrier(len(works)), []

    def run(work: Callable[[], object]) -> None:
        try:
            start.wait(SECONDS)
            work()
        except Exception as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert not any(thread.is_alive() for thread in threads)
    return problems
