"""Return freed memory to the system."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress


def give_back() -> None:
    """Call after work that took much memory for a while. The C library of Linux keeps freed memory in its
    heap, in pieces too small for the next large tensor: each trained filter bank left 100 MB of it."""
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):  # another C library has no malloc_trim
            ctypes.CDLL(None).malloc_trim(0)
