"""Training within a budget: as good as possible by its end, without waiting for convergence."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from detection.errors import BadOptions
from detection.learning.device import training_precision
from detection.learning.fitting import tell
from detection.learning.outcome import Epoch, Fitted
from detection.learning.progress import Watch
from detection.photos.image_cache import Batches
from detection.types import TrainOptions

# (network, batch [N, C, H, W], generator of random numbers) -> scalar loss.
Loss = Callable[[nn.Module, Tensor, torch.Generator], Tensor]
_WARM_STEPS = 50
_LARGEST_GRADIENT = 1.0


class Annealing:
    """Trains a network by AdamW while the learning rate falls along half a cosine to zero.

    The cosine (Loshchilov and Hutter 2017, arXiv:1608.03983) ends with the epochs or with the minutes,
    whichever comes first, so the last weights are the best ones: there is no early stopping. `run` leaves the
    network in eval mode. average: of its weights, updated after each step.
    """

    def __init__(
        self,
        network: nn.Module,
        options: TrainOptions,
        device: torch.device,
        watch: Watch,
        loss: Loss,
        average: AveragedModel | None = None,
    ) -> None:
        self.network, self.options, self.device, self.watch, self.loss = network, options, device, watch, loss
        self.average = average
        self.precision = training_precision(device)
        self.optimiser = torch.optim.AdamW(network.parameters(), lr=options.learning_rate, fused=True)
        self.generator = torch.Generator().manual_seed(options.seed)
        self.history: list[Epoch] = []
        self._steps = self._images = 0
        self._start = watch.seconds

    def run(self, learned: Batches, held_back: Batches) -> Fitted:
        for epoch in range(1, self.options.epochs + 1):
            self._epoch(epoch, learned, held_back)
            if self.watch.out_of_time:
                break
        if not all(value.isfinite().all() for value in self.network.state_dict().values()):
            raise BadOptions("Training failed (the loss is not a number): choose a smaller learning_rate.")
        self.network.eval()
        summary: dict[str, Any] = {
            "epochs": len(self.history),
            "steps": self._steps,
            "train_loss": self.history[-1].train_loss,
            "validated_on": "held-out images" if len(held_back) else "nothing",
            "stopped_by": "minutes" if self.watch.out_of_time else "epochs",
            "precision": str(self.precision).removeprefix("torch."),
        }
        return Fitted(tuple(self.history), summary)

    def _epoch(self, epoch: int, learned: Batches, held_back: Batches) -> None:
        start = self.watch.seconds
        train_loss = self._learn(epoch, learned)
        due = epoch % self.options.validate_every == 0 or epoch == self.options.epochs
        validate = len(held_back) and (due or self.watch.out_of_time)
        validation_loss = self._validate(held_back) if validate else None
        rate = self.optimiser.param_groups[0]["lr"]
        self.history.append(Epoch(epoch, train_loss, validation_loss, rate, self.watch.seconds - start))

    def _learn(self, epoch: int, learned: Batches) -> float:
        """One pass over the images in a new order, cut short when time runs out. Returns the mean loss."""
        self.network.train()
        order = torch.randperm(len(learned), generator=self.generator)
        total, seen = 0.0, 0
        for _, images in learned.batches(self.options.batch_size, self.device, order):
            total, seen = total + self._step(images, len(learned)) * len(images), seen + len(images)
            tell(self.watch, self.options, self.history, epoch, seen, len(learned), total / seen)
            if self.watch.out_of_time:
                break
        return total / seen

    def _step(self, images: Tensor, of: int) -> float:
        rate = self.options.learning_rate * self._share(of)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        loss = self._loss(images, self.generator)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), _LARGEST_GRADIENT)
        self.optimiser.step()
        if self.average is not None:
            self.average.update_parameters(self.network)
        self._steps, self._images = self._steps + 1, self._images + len(images)
        return loss.item()

    def _share(self, of: int) -> float:
        """The share of the full learning rate, with `of` images per epoch."""
        done = self._images / (self.options.epochs * of)
        done = max(done, self.watch.share_of_time(self._start))
        warm = min(1.0, (self._steps + 1) / _WARM_STEPS)
        return warm * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))

    def _loss(self, images: Tensor, generator: torch.Generator) -> Tensor:
        with torch.autocast(self.device.type, self.precision, enabled=self.precision != torch.float32):
            return self.loss(self.network, images, generator)

    def _validate(self, images: Batches) -> float:
        """Mean loss on the images, with the same random numbers each time."""
        self.network.eval()
        generator = torch.Generator().manual_seed(self.options.seed)
        total = 0.0
        with torch.inference_mode():
            for _, batch in images.batches(self.options.batch_size, self.device):
                self.watch.check()
                total += self._loss(batch, generator).item() * len(batch)
        return total / len(images)


def fit(
    network: nn.Module,
    learned: Batches,
    held_back: Batches,
    options: TrainOptions,
    device: torch.device,
    watch: Watch,
    loss: Loss,
    average: AveragedModel | None = None,
) -> Fitted:
    """Train a network to minimise `loss` on good images, within the given time or epochs; see `Annealing`.

    Repeatable on one machine by options.seed, unless options.minutes cuts it short. Raises BadOptions if
    training fails.
    """
    return Annealing(network, options, device, watch, loss, average).run(learned, held_back)
