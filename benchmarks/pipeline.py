"""The worker's speed over the bare model's (the aim: 0.8), and the wait for one verdict (p50 under 0.7 s).

python -m benchmarks pipeline

Both speeds, in images a second, are measured in turns on the same photos, with the same model at 256 px and
the same batch size.
"""

import itertools
import json
import statistics
import time
import urllib.request
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from django.conf import settings
from django.core.files.base import ContentFile

import detection
from benchmarks.installation import Installation
from detection import datasets, demo
from detection.photos import images
from detection.photos.transforms import to_unit
from inspector.accounts.models import User
from inspector.categories.models import Category
from inspector.core.jobs import State
from inspector.inspections.analyse import analyse_waiting
from inspector.inspections.models import Inspection, Source
from inspector.inspections.submit import submit
from inspector.registry.detectors import detector
from inspector.registry.models import ModelVersion
from inspector.registry.promote import promote
from inspector.registry.register import register

SIDE = 512  # px
PHOTOS = 32
ROUNDS = 5
UPLOADS = 30
SLUG = "hex_nut"


@dataclass(frozen=True, slots=True)
class Speed:
    """Images per second."""

    bare: float
    pipeline: float

    @property
    def ratio(self) -> float:
        return self.pipeline / self.bare


def main(site: Installation) -> None:
    category, photos = prepare(site.folder)
    batch, threads = settings.ANALYSE_BATCH_SIZE, torch.get_num_threads()
    print(f"{len(photos)} photos of {SIDE} px, batches of {batch}, {threads} threads")
    print(f"{'':<8} {'bare images/s':>14} {'pipeline images/s':>18} {'ratio':>6}")
    ratios = []
    for number in range(1, ROUNDS + 1):
        measured = speed(category, photos)
        ratios.append(measured.ratio)
        print(
            f"round {number:<2} {measured.bare:>14.2f} {measured.pipeline:>18.2f} {ratios[-1]:>6.2f}",
            flush=True,
        )
    print(f"{'median':<8} {'':>14} {'':>18} {statistics.median(ratios):>6.2f}")
    waits = sorted(verdict_seconds(site, photos))
    p50, p95 = percentile(waits, 50), percentile(waits, 95)
    print(f"upload to verdict, {len(waits)} photos one at a time: p50 {p50:.2f} s, p95 {p95:.2f} s")


def prepare(folder: Path, size: int = 256) -> tuple[Category, list[bytes]]:
    """A category with a model of `size` px (hardly trained: that changes no time), and photos of it."""
    (parts,) = demo.make(
        folder / "demo", categories=[SLUG], size=SIDE, train=PHOTOS, test_good=4, per_defect=1
    )
    options = detection.TrainOptions(size=size, epochs=1, minutes=0.2)
    dataset = datasets.scan(parts)
    dataset = detection.Dataset(dataset.category, dataset.train[:8], dataset.test)
    result = detection.train(dataset, folder / "run", options)
    category = Category.objects.create(slug=SLUG, name="Hex nut")
    promote(register(category, folder / "run", options.method, result), by=None)
    return category, [path.read_bytes() for path in sorted(parts.glob("train/good/*"))]


def speed(category: Category, photos: list[bytes]) -> Speed:
    """Both, one after the other, so that a slow moment of the machine meets both alike."""
    bare = bare_speed(category, photos)
    send(category, photos)
    start = time.perf_counter()
    ended = analyse_waiting(category.pk)
    seconds = time.perf_counter() - start
    done = Inspection.objects.filter(state=State.DONE).order_by("-pk")[:ended].count()
    assert ended == done == len(photos), (ended, done)
    return Speed(bare, len(photos) / seconds)


def bare_speed(category: Category, photos: list[bytes]) -> float:
    """The network's forward pass alone, on tensors that lie ready in memory."""
    model = detector(ModelVersion.objects.get(category=category))
    network, device = model.model.engines()["network"].network, model.model.device
    ready = [model.prepare(images.decode(photo)).pixels for photo in photos]
    size = settings.ANALYSE_BATCH_SIZE
    batches = [to_unit(torch.stack(ready[n : n + size]), device) for n in range(0, len(ready), size)]
    with torch.inference_mode():
        network(batches[0])
        start = time.perf_counter()
        for batch in batches:
            network(batch)
        return len(photos) / (time.perf_counter() - start)


def send(category: Category, photos: Iterable[bytes]) -> None:
    uploads = [ContentFile(photo, name=f"{n}.jpg") for n, photo in enumerate(photos)]
    submit(
        category=category, uploads=uploads, by=User.objects.get(username="inspector"), source=Source.COMMAND
    )


def verdict_seconds(site: Installation, photos: list[bytes]) -> list[float]:
    """From the first byte sent to the verdict read, by the API of a web server, with a worker."""
    site.start("inspect")
    site.start("web")
    token = site.token("Inspector")
    wait_for_verdict(site, token, photos[0])  # warms the worker up
    return [
        wait_for_verdict(site, token, photo) for photo in itertools.islice(itertools.cycle(photos), UPLOADS)
    ]


def wait_for_verdict(site: Installation, token: str, photo: bytes) -> float:
    start = time.perf_counter()
    (sent,) = upload(site, token, photo)["inspections"]
    while True:
        row = site.api("GET", f"/api/inspections/{sent['id']}/", token=token)
        if row["state"] in ("done", "failed"):
            assert row["verdict"], row
            return time.perf_counter() - start
        time.sleep(0.02)


def upload(site: Installation, token: str, photo: bytes) -> Any:
    """One photo as a multipart form."""
    boundary = uuid.uuid4().hex
    parts = (
        (b'name="category"', SLUG.encode()),
        (b'name="images"; filename="photo.jpg"\r\nContent-Type: image/jpeg', photo),
    )
    body = b"".join(
        b"--%b\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n" % (boundary.encode(), head, content)
        for head, content in parts
    )
    request = urllib.request.Request(f"{site.url}/api/inspections/", body + b"--%b--\r\n" % boundary.encode())
    request.add_header("Content-Type", f"multipart/form-data; boundary={boundary}")
    request.add_header("Authorization", f"Token {token}")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def percentile(ordered: list[float], share: int) -> float:
    return ordered[min(len(ordered) - 1, round(len(ordered) * share / 100))]
