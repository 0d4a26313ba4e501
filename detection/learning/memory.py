"""Memory that was freed, given back to the system."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress


def give_back() -> None:
    """After work that took much memory for a while. The C library of Linux keeps what was freed in its heap,
    in pieces that the next large tensor does not fit into: each filter bank learned left 100 MB of it."""
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):  # another C library has nothing of the kind
            ctypes.CDLL(None).malloc_trim(0)
