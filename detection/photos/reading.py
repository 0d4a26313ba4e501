"""Photos prepared in threads while the model judges others."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
# Pillow releases the interpreter while it decodes and resizes; more threads would only take the model's
# cores.
THREADS = 2
# Items finished or started before they are requested: two batches.
AHEAD = 16


def ahead(
    items: Iterable[Item], work: Callable[[Item], Result], *, threads: int = THREADS, most: int = AHEAD
) -> Iterator[Result]:
    """work(item) for each item, in order; up to `most` are worked on while the caller uses an earlier result.

    Items are taken in the caller's thread. An exception of `work` is raised where its result is due, and ends
    the work, as does a caller that stops iterating. No thread outlives the iterator.
    """
    rest = iter(items)
    pool = ThreadPoolExecutor(threads)
    waiting: deque[Future[Result]] = deque()
    try:
        waiting.extend(pool.submit(work, item) for item in islice(rest, most))
        while waiting:
            result = waiting.popleft().result()
            waiting.extend(pool.submit(work, item) for item in islice(rest, 1))
            yield result
    finally:
        pool.shutdown(cancel_futures=True)


def batches(items: Iterable[Item], count: int) -> Iterator[list[Item]]:
    """Lists of `count` items; the last one may be shorter."""
    rest = iter(items)
    while batch := list(islice(rest, count)):
        yield batch
