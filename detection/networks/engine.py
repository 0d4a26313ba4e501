"""What computes a network: PyTorch, or a runtime that took the network over when it was loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

# Images [N, 3, H, W] to what the network gives: a tensor, or a tuple of them.
Run = Callable[[Tensor], Any]


class Engine:
    """A network that most of a verdict's time goes into, called as the network would be.

    `run` is the network itself until `runtime.speed_up` puts something faster in its place; a method
    calls the engine and need not know.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self.run: Run = network

    def __call__(self, images: Tensor) -> Any:
        return self.run(images)
