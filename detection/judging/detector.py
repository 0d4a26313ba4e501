"""A trained model that judges photos."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast, overload

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from detection.errors import BadArtifact, BadOptions, LibraryMissing
from detection.faults import raw
from detection.files import artifact
from detection.learning import device as devices
from detection.methods import registry
from detection.methods.base import Judged, Model
from detection.methods.setting import Geometry
from detection.metrics import intervals
from detection.photos import traits
from detection.photos.images import Levels
from detection.photos.region import Box
from detection.photos.traits import Difference
from detection.photos.transforms import PhotoSource, Prepared, place, to_unit
from detection.photos.view import View
from detection.recognition import Part, signature
from detection.runtimes import export
from detection.runtimes import runtime as runtimes
from detection.types import MapScale, Prediction, Threshold, TrainOptions
from detection.verdicts.p_values import p_values
from detection.verdicts.scoring import plain


class Detector:
    """Judges photos of the category that it was trained on; `load` returns one.

    category, method: names. size: side of the square that it works at, px. threshold, map_scale: chosen when
    it was trained. config: the content of config.json. dataset: hashes of the images that it was made from
    (dataset.json). levels: the black and the white of photos of more than 8 bits. runtime: what computes its
    network: torch, onnx or openvino. part: what whole photos of good parts look like, None where there were
    too few.
    """

    def __init__(
        self,
        model: Model,
        *,
        category: str,
        threshold: Threshold,
        map_scale: MapScale,
        config: dict[str, Any],
        dataset: dict[str, Any],
        runtime: str = "torch",
        part: Part | None = None,
    ) -> None:
        self.category = category
        self.method = model.name
        self.size = model.options.size
        self.threshold = threshold
        self.map_scale = map_scale
        self.config = config
        self.dataset = dataset
        self.runtime = runtime
        self.part = part
        self._model = model

    @property
    def model(self) -> Model:
        """The model itself, for measurements of its parts."""
        return self._model

    @property
    def trained_on(self) -> set[str]:
        """Hashes of the images that it was made from, and of files that show the same pictures."""
        known = ("learned", "held_back", "same")  # runs from before pictures were compared have no "same"
        return {digest for name in known for digest in self.dataset.get(name, ())}

    @property
    def levels(self) -> Levels:
        return self._model.geometry.levels

    def prepare(self, image: PhotoSource) -> Prepared:
        """A photo prepared for the model, for callers that decode in threads. Raises like `predict`."""
        return self._model.prepare(image)

    def unlike(self, prepared: Prepared, path: Path | None = None) -> list[Difference]:
        """How this photo differs from the training photos; `str` gives half a sentence.

        For example "the training photos are colour, this one is grey". path: its file, if any.
        """
        photo = traits.of(prepared.pixels.numpy(), path)
        return traits.differences(photo, self.config.get("photos") or {})

    @overload
    def predict(self, images: PhotoSource | Prepared) -> Prediction: ...  # type: ignore[overload-overlap]

    @overload
    def predict(self, images: Iterable[PhotoSource | Prepared]) -> list[Prediction]: ...

    @devices.repeatable()
    def predict(
        self, images: PhotoSource | Prepared | Iterable[PhotoSource | Prepared]
    ) -> Prediction | list[Prediction]:
        """Judge one photo, or several at once: a Prediction, or a list of them in the given order.

        A photo is a path, the content of a file as bytes, a PIL image of any mode (turned upright as its EXIF
        says), an array, or a result of `prepare`. An array is [H, W], [H, W, 1], [H, W, 3] (RGB; OpenCV reads
        BGR: frame[:, :, ::-1]) or [H, W, 4] (RGBA, put on white), of bool, uint8, uint16 or floats in 0..1;
        one of [N, H, W, 1 | 3 | 4] is several photos. Values of more than 8 bits are scaled by the range
        found in training (`levels`), uint16 by all 16 bits if training had no such photos; floats may have
        another range if the training photos had.

        The result of a photo does not depend on the others. Memory grows with the list: about 40 MB per photo
        at 256 px. Raises UnreadableImage for a file that is not a photo; TypeError or ValueError, with type,
        shape or range, for anything else.
        """
        photos, several = as_list(images)
        judged = self._predict(photos)
        return judged if several else judged[0]

    def _predict(self, images: Sequence[PhotoSource | Prepared]) -> list[Prediction]:
        prepared = [i if isinstance(i, Prepared) else self.prepare(i) for i in images]
        predictions: dict[int, Prediction] = {}
        for numbers in _of_one_shape(prepared):
            photos = to_unit(torch.stack([prepared[i].pixels for i in numbers]), self._model.device)
            batch = self._predictions(self._model.judge(photos), [prepared[i] for i in numbers])
            predictions.update(zip(numbers, batch, strict=True))
        return [predictions[i] for i in range(len(images))]

    def export(self, run_dir: Path | str, out: Path | None = None) -> list[Path]:
        """Write its networks as ONNX to `out`, or next to the runs; see `export.export`."""
        return export.export(self._model, export.folder_of(Path(run_dir)), out)

    def _predictions(self, judged: Judged, prepared: Sequence[Prepared]) -> list[Prediction]:
        windows: list[Box] = [one.window for one in prepared]
        values, scores, limits = judged.maps.float().cpu().numpy(), plain(judged.scores), self.threshold
        maps = [place(one_map, window) for one_map, window in zip(values, windows, strict=True)]
        drawn = judged.reconstructions
        pictures: Sequence[NDArray[np.uint8] | None] = [None] * len(maps)
        if drawn is not None:
            # Outside the window nothing was drawn: it is black.
            pictures = [place(one, window) for one, window in zip(_pictures(drawn), windows, strict=True)]
        spreads = [None] * len(maps) if judged.spread is None else plain(judged.spread)
        return [
            Prediction(
                score,
                limits.value,
                one_map,
                picture,
                limits.review_from,
                p,
                one.note,
                away=self._away(one.view),
                far=self.part.far if self.part else None,
                p_interval=_interval(p, len(limits.good_scores)),
                spread=spread,
            )
            for score, one_map, picture, p, one, spread in zip(
                scores, maps, pictures, _p_values(scores, limits), prepared, spreads, strict=True
            )
        ]

    def _away(self, view: View | None) -> float | None:
        return self.part.away(signature(view)) if self.part and view else None


def as_list(
    images: PhotoSource | Prepared | Iterable[PhotoSource | Prepared],
) -> tuple[list[PhotoSource | Prepared], bool]:
    """The photos that `predict` was given, and whether they were given as several."""
    several = images.ndim == 4 if isinstance(images, np.ndarray) else isinstance(images, Iterable)
    if not several or isinstance(images, (str, bytes)):
        return [cast(PhotoSource | Prepared, images)], False
    return list(cast(Iterable[PhotoSource | Prepared], images)), True


def load(run_dir: Path | str, *, device: str = "auto", runtime: str = "auto") -> Detector:
    """The detector of a run folder, after checking format version and hashes. Raises BadArtifact.

    runtime: torch, onnx or openvino; "auto" is the value of INSPECTOR_RUNTIME, or else the fastest one
    installed. If that runtime cannot be used, PyTorch computes and the log says why (see `Detector.runtime`).
    """
    folder = Path(run_dir)
    artifact.verify(folder)
    where = devices.choose(device)
    taken = runtimes.choose(runtime, where)
    try:
        config = artifact.read_json(folder, "config.json")
        chosen = artifact.read_json(folder, "threshold.json")
        method = registry.create(TrainOptions(**config["options"]), where, Geometry.read(config))
        model = method.unpack(artifact.read_weights(folder))
        part = artifact.read_part(folder)
        return Detector(
            model,
            category=config["category"],
            threshold=_threshold(chosen["threshold"]),
            map_scale=MapScale(**chosen["map_scale"]),
            config=config,
            dataset=artifact.read_json(folder, "dataset.json"),
            runtime=runtimes.speed_up(model, taken, export.folder_of(folder)),
            part=Part.unpack(part) if part else None,
        )
    except LibraryMissing as error:
        raise BadArtifact(f"{folder.name} cannot be used on this machine: {error}.") from error
    except (BadOptions, KeyError, TypeError, ValueError, FileNotFoundError) as error:
        said = f" ({str(error).rstrip('.')})" if isinstance(error, BadOptions) else ""
        raise BadArtifact(
            f"{folder.name} was not written by this version of the program{said}: retrain the category.",
            details=raw(error),
        ) from error


def _of_one_shape(prepared: Sequence[Prepared]) -> list[list[int]]:
    """The numbers of the photos, grouped by shape."""
    groups: dict[torch.Size, list[int]] = defaultdict(list)
    for number, photo in enumerate(prepared):
        groups[photo.pixels.shape].append(number)
    return list(groups.values())


def _threshold(stored: dict[str, Any]) -> Threshold:
    threshold = Threshold(**{**stored, "good_scores": tuple(stored.get("good_scores", ()))})
    limits = (threshold.value, *(() if threshold.review_from is None else (threshold.review_from,)))
    if not all(map(math.isfinite, limits)):  # JSON of other programs may say NaN: no score is above that
        raise ValueError(f"threshold.json: {limits} is not finite")
    return threshold


def _p_values(scores: list[float], threshold: Threshold) -> list[float] | list[None]:
    good = threshold.good_scores
    return p_values(scores, good).tolist() if good else [None] * len(scores)


def _interval(p_value: float | None, n_good_scores: int) -> tuple[float, float] | None:
    """See `Prediction.p_interval`; the p-value counts the photo itself, too."""
    if p_value is None:
        return None
    return intervals.binomial(round(p_value * (n_good_scores + 1)) - 1, n_good_scores)


def _pictures(drawn: Tensor) -> list[NDArray[np.uint8]]:
    """[N, 3, H, W] in 0..1 as N arrays uint8 [H, W, 3]."""
    rounded = (drawn.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1)
    return [np.ascontiguousarray(picture) for picture in rounded.cpu().numpy()]
