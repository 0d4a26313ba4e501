"""What pretrained networks cost: CPU milliseconds a photo and MB of memory.

    [SIZE=320] [BACKBONES=resnet18,timm/vit_small_patch14_dinov2] [RUNTIMES=torch,openvino] \
        python -m benchmarks backbones

Single photos on one thread. Each network and runtime has a process of its own, whose peak is the memory. The
weights are random: the time does not depend on them. Not part of `make bench`.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from benchmarks.installation import Installation
from detection.networks.backbones import Backbone
from detection.networks.engine import Run
from detection.runtimes import runtime

NAMES = "resnet18,timm/vit_tiny_patch16_224,timm/vit_small_patch16_dinov3,timm/vit_small_patch14_dinov2"
PHOTOS = 7


def main(site: Installation) -> None:
    names = os.environ.get("BACKBONES", NAMES).split(",")
    for name in names:
        for each in os.environ.get("RUNTIMES", "torch,openvino").split(","):
            subprocess.run([sys.executable, "-m", "benchmarks.backbones", name, each], check=True)


def measure(name: str, runtime_name: str) -> None:
    torch.set_num_threads(1)
    size = int(os.environ.get("SIZE", "320"))
    backbone = Backbone(name)
    parameters = sum(value.numel() for value in backbone.network.parameters())
    run: Run = backbone if runtime_name == "torch" else compiled(backbone, runtime_name, size)
    photo, seconds = torch.rand(1, 3, size, size), []
    with torch.inference_mode():
        for _ in range(PHOTOS + 1):
            start = time.process_time()
            run(photo)
            seconds.append(time.process_time() - start)
    milliseconds = 1000 * statistics.median(seconds[1:])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name:<36} {runtime_name:<9} {size} px  {milliseconds:7.1f} ms  {parameters / 1e6:5.1f} million "
        f"parameters  {peak:6.0f} MB at most",
        flush=True,
    )


def compiled(backbone: Backbone, name: str, size: int) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "network.onnx"
        return runtime.accelerate(backbone, (2, 3, size, size), name, cache, any_sides=True)


if __name__ == "__main__":
    measure(*sys.argv[1:])
