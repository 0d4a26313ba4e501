"""The health of the installation: checks that the apps register, and processes that report that they run."""

import time

# After a start of everything its workers need a moment: loading PyTorch takes longest.
GRACE_SECONDS = 90.0

_grace_ends = time.monotonic() + GRACE_SECONDS


def in_grace() -> bool:
    """Whether this process began so lately that workers may not have reported yet."""
    return time.monotonic() < _grace_ends


def end_grace() -> None:
    """For commands, which have always begun just now."""
    global _grace_ends
    _grace_ends = float("-inf")
