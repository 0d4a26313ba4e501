"""What computes a network: PyTorch, or a runtime that was given the network when it was loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

# From images [N, 3, H, W] to the network's output: a tensor, or a tuple of tensors.
Run = Callable[[Tensor], Any]


class Engine:
    """A network that takes most of the time of a verdict, called like the network.

    `run` is the network itself until `runtime.speed_up` replaces it with something faster; methods call the
    engine and need not know.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self.run: Run = network

    def __call__(self, images: Tensor) -> Any:
        return self.run(images)
