"""Bicubic interpolation with antialiasing, for the exporter of ONNX files, which lacks it.

Vision transformers interpolate their positions in this way. ONNX's own Resize has antialiasing, but OpenVINO
ignores it: positions would be off by as much as they are large. It is separable and linear, so two products
with matrices of weights compute it, whose sizes may depend on the photo.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.onnx import register_custom_op_symbolic, symbolic_helper

_NAME = "aten::_upsample_bicubic2d_aa"
_FLOAT = 1  # of ONNX's types


def register(opset: int) -> None:
    """From now on exports with this opset know it."""
    register_custom_op_symbolic(_NAME, _interpolated, opset)


def _interpolated(g: Any, maps: Any, size: Any, *_: Any) -> Any:
    """maps [N, C, h, w], size [H, W] -> [N, C, H, W]."""
    before = g.op("Shape", maps)
    if symbolic_helper._is_packed_list(size):
        height, width = symbolic_helper._unpack_list(size)
    else:
        height, width = (_item(g, size, axis) for axis in (0, 1))
    down = _weights(g, _item(g, before, 2), height)
    across = _weights(g, _item(g, before, 3), width)
    rows = g.op("MatMul", down, maps)
    return g.op("MatMul", rows, g.op("Transpose", across, perm_i=[1, 0]))


def _weights(g: Any, count: Any, wanted: Any) -> Any:
    """[wanted, count]: how much of each of `count` values goes into each of `wanted` ones. Keys' cubic kernel
    with a = -1/2, as wide as the values that are wanted lie apart, and each row's sum is 1: as in PyTorch."""
    number, result = (g.op("Cast", one, to_i=_FLOAT) for one in (count, wanted))
    scale = g.op("Div", number, result)
    centres = g.op("Mul", _middles(g, result), scale)
    columns = g.op("Unsqueeze", centres, _whole(g, [1]))
    apart = g.op("Abs", g.op("Sub", _middles(g, number), columns))
    kernel = _cubic(g, g.op("Div", apart, g.op("Max", scale, _number(g, 1.0))))
    return g.op("Div", kernel, g.op("ReduceSum", kernel, _whole(g, [1]), keepdims_i=1))


def _cubic(g: Any, apart: Any) -> Any:
    near = _polynomial(g, apart, (1.5, -2.5, 0.0, 1.0))
    # Beyond 2 the kernel is 0, which this polynomial is at 2.
    far = _polynomial(g, g.op("Min", apart, _number(g, 2.0)), (-0.5, 2.5, -4.0, 2.0))
    return g.op("Where", g.op("Less", apart, _number(g, 1.0)), near, far)


def _polynomial(g: Any, at: Any, factors: tuple[float, ...]) -> Any:
    value = _number(g, factors[0])
    for factor in factors[1:]:
        value = g.op("Add", g.op("Mul", value, at), _number(g, factor))
    return value


def _middles(g: Any, count: Any) -> Any:
    """0.5, 1.5, ... count - 0.5."""
    return g.op("Add", g.op("Range", _number(g, 0.0), count, _number(g, 1.0)), _number(g, 0.5))


def _item(g: Any, values: Any, place: int) -> Any:
    return g.op("Gather", values, _whole(g, place), axis_i=0)


def _number(g: Any, value: float) -> Any:
    return g.op("Constant", value_t=torch.tensor(value))


def _whole(g: Any, value: int | list[int]) -> Any:
    return g.op("Constant", value_t=torch.tensor(value))
