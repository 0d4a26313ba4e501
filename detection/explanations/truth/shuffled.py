"""A model whose learned values are shuffled, tensor by tensor.

An explanation that says the same of it explains the photo and not the model (Adebayo et al. 2018,
arXiv:1810.03292). Each tensor keeps its values, so that no distance and no variance becomes impossible.
"""

from __future__ import annotations

import torch
from torch import Tensor

from detection.judging.detector import Detector

_LEAST = 8  # smaller tensors hold settings, such as a model's level


def detector(whole: Detector, seed: int = 0) -> Detector:
    """The same detector with a shuffled model."""
    draw = torch.Generator().manual_seed(seed)
    model = whole.model
    tensors = {name: _shuffled(tensor, draw) for name, tensor in model.pack().items()}
    return Detector(
        model.method.unpack(tensors),
        category=whole.category,
        threshold=whole.threshold,
        map_scale=whole.map_scale,
        config=whole.config,
        dataset=whole.dataset,
    )


def _shuffled(tensor: Tensor, draw: torch.Generator) -> Tensor:
    if not tensor.is_floating_point() or tensor.numel() < _LEAST:
        return tensor.clone()
    order = torch.randperm(tensor.numel(), generator=draw).to(tensor.device)
    return tensor.flatten()[order].reshape(tensor.shape)
