"""Training by gradient descent: schedule, early stopping, best weights, cancellation, time limit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from detection.errors import BadOptions
from detection.learning.device import training_precision
from detection.learning.outcome import Epoch, Fitted
from detection.learning.progress import Watch
from detection.photos.image_cache import ImageCache
from detection.types import TrainOptions

# (network, images [N, 3, H, W]) -> scalar loss of the reconstructions.
Loss = Callable[[nn.Module, Tensor], Tensor]


def reconstruction_loss(network: nn.Module, images: Tensor) -> Tensor:
    """Mean squared error of the network's reconstruction of the images."""
    return nn.functional.mse_loss(network(images).float(), images)


class Best:
    """The weights with the smallest validation loss so far, and how many validations ago that was."""

    def __init__(self, network: nn.Module) -> None:
        self._network = network
        self._weights: dict[str, Tensor] = {}
        self.loss = math.inf
        self.epoch = 0
        self.stale = 0

    def offer(self, loss: float, epoch: int) -> None:
        if loss < self.loss:
            self.loss, self.epoch, self.stale = loss, epoch, 0
            self._weights = {
                name: value.detach().clone() for name, value in self._network.state_dict().items()
            }
        else:
            self.stale += 1

    def restore(self) -> None:
        if not self._weights:
            raise BadOptions("Training failed (the loss is not a number): choose a smaller learning_rate.")
        self._network.load_state_dict(self._weights)


class Fitting:
    """Trains a network. `run` leaves it with its best weights, in eval mode."""

    def __init__(
        self, network: nn.Module, options: TrainOptions, device: torch.device, watch: Watch, loss: Loss
    ) -> None:
        self.network, self.options, self.device, self.watch, self.loss = network, options, device, watch, loss
        self.precision = training_precision(device)
        self.optimiser = torch.optim.Adam(network.parameters(), lr=options.learning_rate, fused=True)
        # The rate is halved after half the patience, so that a smaller one is tried before training stops.
        self.schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
            self.optimiser, factor=0.5, patience=max(1, options.patience // 2)
        )
        self.shuffle = torch.Generator().manual_seed(options.seed)
        self.best = Best(network)
        self.history: list[Epoch] = []

    def run(self, learned: ImageCache, held_back: ImageCache) -> Fitted:
        stopped_by = "epochs"
        for epoch in range(1, self.options.epochs + 1):
            self._epoch(epoch, learned, held_back if len(held_back) else learned)
            if self.watch.out_of_time:
                stopped_by = "minutes"
                break
            if self.best.stale >= self.options.patience:
                stopped_by = "patience"
                break
        self.best.restore()
        self.network.eval()
        summary: dict[str, Any] = {
            "epochs": len(self.history),
            "best_epoch": self.best.epoch,
            "best_validation_loss": self.best.loss,
            "validated_on": "held-out images" if len(held_back) else "the training images",
            "stopped_by": stopped_by,
            "precision": str(self.precision).removeprefix("torch."),
        }
        return Fitted(tuple(self.history), summary)

    def _epoch(self, epoch: int, learned: ImageCache, validation: ImageCache) -> None:
        start, rate = self.watch.seconds, self.optimiser.param_groups[0]["lr"]
        train_loss = self._learn(epoch, learned)
        due = epoch % self.options.validate_every == 0 or epoch == self.options.epochs
        validation_loss = None
        # When time runs out the latest weights are validated, too: they may be the best ones.
        if due or self.watch.out_of_time:
            validation_loss = self._validate(validation)
            self.schedule.step(validation_loss)
            self.best.offer(validation_loss, epoch)
        self.history.append(Epoch(epoch, train_loss, validation_loss, rate, self.watch.seconds - start))

    def _learn(self, epoch: int, learned: ImageCache) -> float:
        """One pass over the images in a new order, cut short when time runs out. Returns the mean loss."""
        self.network.train()
        order = torch.randperm(len(learned), generator=self.shuffle)
        total, seen = 0.0, 0
        for numbers, images in learned.batches(self.options.batch_size, self.device, order):
            with torch.autocast(self.device.type, self.precision, enabled=self.precision != torch.float32):
                loss = self.loss(self.network, images)
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimiser.step()
            total, seen = total + loss.item() * len(numbers), seen + len(numbers)
            tell(self.watch, self.options, self.history, epoch, seen, len(learned), total / seen)
            if self.watch.out_of_time:
                break
        return total / seen

    def _validate(self, images: ImageCache) -> float:
        """Mean loss on the images, in full precision."""
        self.network.eval()
        total = 0.0
        with torch.inference_mode():
            for _, batch in images.batches(self.options.batch_size, self.device):
                self.watch.check()
                total += self.loss(self.network, batch).item() * len(batch)
        return total / len(images)


def tell(
    watch: Watch,
    options: TrainOptions,
    history: Sequence[Epoch],
    epoch: int,
    seen: int,
    images: int,
    loss: float,
) -> None:
    """Report that `seen` of an epoch's `images` were learned from, with this mean loss."""
    validations = [e.validation_loss for e in history if e.validation_loss is not None]
    watch.tell(
        "training",
        (epoch - 1) * images + seen,
        options.epochs * images,
        epoch=epoch,
        epochs=options.epochs,
        train_loss=loss,
        validation_loss=validations[-1] if validations else None,
    )


def fit(
    network: nn.Module,
    learned: ImageCache,
    held_back: ImageCache,
    options: TrainOptions,
    device: torch.device,
    watch: Watch,
    loss: Loss = reconstruction_loss,
) -> Fitted:
    """Train a network to minimise `loss` on good images, until it stops improving on the images held back (on
    the training images if none are).

    Repeatable on one machine by options.seed, unless options.minutes cuts it short.
    """
    return Fitting(network, options, device, watch, loss).run(learned, held_back)
