"""Peak memory of a training on many large photos (the bound: 2,000 of 512 px in 4 GiB).

    [METHODS=patchcore-padim,...] [PHOTOS=2000] python -m benchmarks memory

Not part of `make bench`: each method takes 10 to 20 minutes on one core. Every training runs in a process
of its own, and its peak includes all libraries. Backbones take the weights that are on this machine.
"""

import os

from benchmarks.installation import Installation
from detection import bench, demo

SIZE = 512
BOUND = 4 * 1024  # MB


def main(site: Installation) -> None:
    photos = int(os.environ.get("PHOTOS", "2000"))
    methods = os.environ.get("METHODS", "filterbank,patchcore-padim,unet-features,unet-repair").split(",")
    data = site.folder / "data"
    print(f"making {photos} photos of {SIZE} px", flush=True)
    demo.make(data, train=photos, test_good=20, per_defect=5, size=SIZE, categories=["woven_fabric"])
    plan = bench.Plan(data, tuple(methods), site.folder / "bench", set={"size": SIZE})
    bench.run(plan, lambda *_: None, _tell)


def _tell(row: bench.Row) -> None:
    if "error" in row:
        print(f"{row['method']:<16} failed: {row['error']['message']}", flush=True)
        return
    over = "" if row["peak_mb"] <= BOUND else f"  more than {BOUND} MB"
    print(f"{row['method']:<16} peak {row['peak_mb']:>5} MB  {row['seconds']:>6.0f} s{over}", flush=True)
