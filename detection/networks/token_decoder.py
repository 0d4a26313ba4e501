"""A small transformer that reconstructs the feature tokens of good photos."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

BLOCKS, HEADS = 4, 4
# Share of numbers left out at random in the bottleneck during training: no token can be copied through it.
_LEFT_OUT = 0.2
# Waves across a photo that tell where a token is: the longest and the shortest, in cycles.
_LONGEST, _SHORTEST = 0.5, 32.0
# Each block's hidden layer has this many times its width.
_WIDER = 4


class TokenDecoder(nn.Module):
    """Tokens [N, inputs, h, w] of any h and w -> their reconstruction, of the same shape.

    After Dinomaly (Guo et al., CVPR 2025, arXiv:2405.14325): a narrow bottleneck with dropout, then blocks of
    linear attention (Katharopoulos et al., ICML 2020, arXiv:2006.16236). Linear attention cannot focus on one
    token, so a defect is not reconstructed from itself. Attention has no softmax: time and memory grow with
    the tokens, not with their square. 2.3 million parameters for 768 inputs and a width of 192.
    """

    def __init__(self, inputs: int, width: int = 192) -> None:
        super().__init__()
        self.bottleneck = nn.Sequential(
            nn.Linear(inputs, width),
            nn.Dropout(_LEFT_OUT),
            nn.Linear(width, width),
            nn.GELU(),
            nn.Dropout(_LEFT_OUT),
            nn.Linear(width, width),
            nn.Dropout(_LEFT_OUT),
        )
        self.places = Places(width)
        self.blocks = nn.Sequential(*(_Block(width) for _ in range(BLOCKS)))
        self.leave = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, inputs))

    def forward(self, tokens: Tensor) -> Tensor:
        height, width = tokens.shape[2], tokens.shape[3]
        x = self.bottleneck(tokens.flatten(2).transpose(1, 2))
        reconstructed: Tensor = self.leave(self.blocks(x + self.places(height, width)))
        return reconstructed.transpose(1, 2).reshape(tokens.shape)


class Places(nn.Module):
    """Where tokens lie on their photo, as sines and cosines of their relative place: [h * w, width] for a
    grid of any h and w."""

    waves: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        waves = torch.logspace(0, 1, -(-width // 4)) - 1  # 0 to 9
        waves = _LONGEST * (_SHORTEST / _LONGEST) ** (waves / 9)
        self.register_buffer("waves", 2 * torch.pi * waves, persistent=False)

    def forward(self, height: int, width: int) -> Tensor:
        down, across = self._along(height), self._along(width)
        both = [down[:, None].expand(-1, width, -1), across[None].expand(height, -1, -1)]
        return torch.cat(both, dim=2).flatten(0, 1)[:, : self.width]

    def _along(self, count: int) -> Tensor:
        phase = (torch.arange(count, device=self.waves.device) + 0.5)[:, None] / count * self.waves
        return torch.cat([phase.sin(), phase.cos()], dim=1)


class _Block(nn.Module):
    """Tokens [N, T, width] -> the same shape: linear attention, then two layers for each token, both added to
    what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.attention = nn.Sequential(nn.LayerNorm(width), LinearAttention(width))
        self.each = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, _WIDER * width),
            nn.GELU(),
            nn.Linear(_WIDER * width, width),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(x)
        mixed: Tensor = x + self.each(x)
        return mixed


class LinearAttention(nn.Module):
    """Self-attention with the kernel elu + 1 instead of the softmax."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = HEADS * -(-width // HEADS)
        self.enter = nn.Linear(width, 3 * self.inner)
        self.leave = nn.Linear(self.inner, width)

    def forward(self, x: Tensor) -> Tensor:
        query, key, value = (
            part.unflatten(2, (HEADS, self.inner // HEADS)).transpose(1, 2)
            for part in self.enter(x).split(self.inner, dim=2)
        )
        # Sums over hundreds of tokens lose too much in the half precision of training.
        with torch.autocast(x.device.type, enabled=False):
            query, key = functional.elu(query.float()) + 1, functional.elu(key.float()) + 1
            seen = key.transpose(2, 3) @ value.float()
            weights = query @ key.sum(dim=2)[..., None]
            mixed = query @ seen / weights
        left: Tensor = self.leave(mixed.transpose(1, 2).flatten(2))
        return left
