"""predict: verdicts for photos, with overlays and a summary table."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

import detection
from detection.cli import visualise
from detection.cli.arguments import a_path, share
from detection.cli.output import CANCELLED, REFUSED, Bar, print_json, say
from detection.datasets.walk import SUFFIXES, walk
from detection.errors import CannotWrite, UnreadableImage
from detection.explore.words import many
from detection.files import storage
from detection.names import for_file, printable
from detection.photos import images, traits
from detection.photos.reading import ahead, batches
from detection.photos.traits import Difference
from detection.types import NOT_THIS_PART, Prediction

NAME = "predict"
HELP = "Judge photos: OK, REVIEW or ANOMALY, with a score and a picture that shows where."
EXAMPLES = """\
Pictures go to _pred_vis/ next to the category's folder of runs, and one line per photo is appended
to _pred_vis/predict_summary.csv: category, score, threshold, prediction, visualization_path, image.
For a folder, all photos in it and in its sub-folders are judged. A photo of another part, or of none,
is NOT_THIS_PART, whatever its score.

examples:
  python -m detection predict runs/bottle/20260131-101500-unet photo.jpg
  python -m detection predict runs/bottle/20260131-101500-unet incoming
  python -m detection predict runs/bottle/20260131-101500-unet incoming/*.jpg --json --fail-on-anomaly
"""
EXIT_CODES = """\
exit codes:
  0    every photo was judged
  1    refused: the run or some photos cannot be read (the other photos were judged)
  2    the command line itself is wrong
  10   with --fail-on-anomaly: every photo was judged, at least one is ANOMALY or NOT_THIS_PART
  130  stopped by Ctrl-C, SIGTERM or SIGHUP; what was judged until then is in the table
"""
ANOMALY_FOUND = 10
_BATCH = 8


@dataclass(frozen=True, slots=True)
class LoadedPhoto:
    """A photo prepared for the model, and a small copy of it for the picture. The full-size photo exists only
    in the thread that decodes it."""

    path: Path
    prepared: Any
    shown: Image.Image
    unlike: list[Difference]


@dataclass(slots=True)
class Outcome:
    rows: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)
    unlike: list[Difference] = field(default_factory=list)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_dir", type=a_path, metavar="RUN_DIR", help="run folder, as printed by train")
    parser.add_argument("images", type=a_path, nargs="+", metavar="PHOTO", help="photos, or folders of them")
    parser.add_argument(
        "--out",
        type=a_path,
        metavar="DIR",
        help="for pictures; default: _pred_vis next to the category's runs",
    )
    parser.add_argument(
        "--fail-on-anomaly", action="store_true", help="exit with 10 if any photo is ANOMALY or NOT_THIS_PART"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda; default: auto")
    parser.add_argument(
        "--runtime",
        default="auto",
        help="torch, onnx or openvino; default: auto, the fastest installed",
    )
    parser.add_argument(
        "--fast",
        action="store_true",
        help="let a quick draft decide what is clearly OK (see cascade); its scores are estimates",
    )
    parser.add_argument(
        "--compare",
        type=share,
        default=0.0,
        metavar="SHARE",
        help="with --fast: of the photos that the draft decides, the share that the model judges, too: "
        "a check of the draft; default: 0",
    )
    parser.add_argument(
        "--least-stable",
        type=share,
        default=0.0,
        metavar="SHARE",
        help="REVIEW for a photo near a limit if less than this share of slight changes leave its verdict as "
        "it is, such as 0.9; default: 0, never",
    )


def run(arguments: argparse.Namespace) -> int:
    if arguments.compare and not arguments.fast:
        say("note: --compare not used: it needs --fast.")
    judge = _judge(arguments)
    detector = judge.detector if isinstance(judge, detection.Cascade) else judge
    folder = arguments.out or _beside_the_runs(arguments.run_dir)
    storage.make(folder)
    outcome = Outcome()
    paths = list(_paths(arguments.images, outcome))
    try:
        with Bar(silent=arguments.json) as bar, storage.into(folder):
            judged = _judged(judge, detector, paths, outcome, arguments.least_stable)
            # Drawn in a thread while the next photos are judged.
            for row, unlike in ahead(judged, partial(_draw, detector, folder), threads=1, most=_BATCH):
                outcome.rows.append(row)
                outcome.unlike += unlike
                bar.count("photos", len(outcome.rows) + len(outcome.errors), max(len(paths), 1))
    except CannotWrite:
        if not arguments.json:  # the verdicts so far are still of use
            _report(detector, arguments, outcome)
        raise
    except KeyboardInterrupt:
        say(f"Stopped. The photos that were judged until then are in {folder / visualise.SUMMARY}.")
        return CANCELLED
    _report(detector, arguments, outcome)
    if outcome.errors:
        return REFUSED
    anomalies = any(row["prediction"] in ("ANOMALY", NOT_THIS_PART) for row in outcome.rows)
    return ANOMALY_FOUND if anomalies and arguments.fail_on_anomaly else 0


def _paths(given: Iterable[Path], outcome: Outcome) -> Iterator[Path]:
    """The given photos, and all photos in the given folders; a folder without photos is an error like an
    unreadable photo."""
    for path in given:
        if not _is_folder(path):
            yield path
            continue
        listing = walk(path)
        unused = [
            *listing.skipped,
            *listing.unopened,
            *((other, "it is not a photo") for other in listing.others),
        ]
        for other, why in unused:
            say(f"note: {printable(other)} is skipped: {why}")
        if not listing.photos:
            message = f"This folder contains no photos ({', '.join(sorted(SUFFIXES))})."
            outcome.errors.append(_error(path, "no_photos", message))
        yield from listing.photos


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long; `_read` reports it
        return False


def _beside_the_runs(run_dir: Path) -> Path:
    folder = run_dir.resolve().parent.parent / "_pred_vis"
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder


def _judge(arguments: argparse.Namespace) -> detection.Detector | detection.Cascade:
    if arguments.fast:  # on a processor, whatever the device
        return detection.load_cascade(
            arguments.run_dir, runtime=arguments.runtime, compared=arguments.compare
        )
    return detection.load(arguments.run_dir, device=arguments.device, runtime=arguments.runtime)


def _judged(
    judge: detection.Detector | detection.Cascade,
    detector: detection.Detector,
    paths: list[Path],
    outcome: Outcome,
    least_stable: float,
) -> Iterator[tuple[LoadedPhoto, Prediction]]:
    """Batch by batch; photos are read ahead. A photo that cannot be read becomes an error, and the others
    continue."""
    read = partial(_read, detector)
    for batch in batches(ahead(paths, read), _BATCH):
        outcome.errors += [photo for photo in batch if isinstance(photo, dict)]
        readable = [photo for photo in batch if isinstance(photo, LoadedPhoto)]
        prepared = [photo.prepared for photo in readable]
        predictions = judge.predict(prepared)
        examined = detection.examine(detector, prepared, predictions, least_stable=least_stable)
        yield from zip(readable, examined, strict=True)


def _read(detector: detection.Detector, path: Path) -> LoadedPhoto | dict[str, str]:
    """Decoded once, for the model and for the picture; or the error."""
    try:
        photo = images.load(path)
    except UnreadableImage as error:
        return _error(path, error.code, str(error))
    except OSError as error:
        return _error(path, "file", error.strerror or str(error))
    shown = visualise.shrink(photo.shown(detector.levels)) if photo.deep else None
    image, note = photo.rgb(detector.levels), photo.note(detector.levels)
    del photo  # more than 8 bits: its values take as much memory as the picture
    prepared = replace(detector.prepare(image), note=note)
    shown = shown or visualise.shrink(image)
    return LoadedPhoto(path, prepared, shown, detector.unlike(prepared, path))


def _error(path: Path, code: str, message: str) -> dict[str, str]:
    return {"image": printable(path), "code": code, "message": message}


def _draw(
    detector: detection.Detector, folder: Path, judged: tuple[LoadedPhoto, Prediction]
) -> tuple[dict[str, Any], list[Difference]]:
    photo, prediction = judged
    picture = visualise.draw(photo.shown, prediction, detector.map_scale)
    name = for_file(f"{detector.category}-{photo.path.parent.name}-{photo.path.stem}".strip("-"))
    saved = visualise.save(picture, folder, name)
    visualise.append(folder, detector.category, prediction, saved, photo.path)
    row = _row(photo.path, prediction, saved) | {"unlike_training": [*map(str, photo.unlike)]}
    return row, photo.unlike


def _row(path: Path, prediction: Prediction, picture: Path) -> dict[str, Any]:
    return {
        "image": printable(path),
        "score": prediction.score,
        "threshold": prediction.threshold,
        "prediction": prediction.outcome,
        "decided_by": prediction.decided_by,
        "draft_agrees": prediction.draft_agrees,
        "away": prediction.away,
        "p_value": prediction.p_value,
        "p_interval": prediction.p_interval,
        "stability": asdict(prediction.stability) if prediction.stability else None,
        "spread": prediction.spread,
        "visualization_path": printable(picture),
        "note": prediction.note,
    }


def _report(detector: detection.Detector, arguments: argparse.Namespace, outcome: Outcome) -> None:
    for error in outcome.errors:
        say(f"error: {error['image']}: {error['message']}")
    for note, count in traits.counted(outcome.unlike).items():
        say(f"note: {count} of {many(len(outcome.rows), 'photo', 'photos')}: {note}.")
    if arguments.json:
        print_json(
            {
                "category": detector.category,
                "method": detector.method,
                "run": str(arguments.run_dir),
                "threshold": detector.threshold.value,
                "predictions": outcome.rows,
                "errors": outcome.errors,
            }
        )
        return
    width = max([8, *(len(row["prediction"]) for row in outcome.rows)])
    for row in outcome.rows:
        print(f"{row['prediction']:<{width}} {_score(row)}  {row['image']}  {row['visualization_path']}")
    if arguments.fast:
        alone = sum(row["decided_by"] == "draft" for row in outcome.rows)
        say(f"The draft decided {alone} of {many(len(outcome.rows), 'photo', 'photos')} (scores with ~).")
        compared = [row["draft_agrees"] for row in outcome.rows if row["draft_agrees"] is not None]
        if compared:
            right = f"{compared.count(True)} of {len(compared)}"
            say(f"Of those that it called OK and the model judged, too, {right} are OK by the model.")
    for row in outcome.rows:
        for note in filter(None, (row["note"], _doubt(row))):
            say(f"note: {row['image']}: {note}")


def _score(row: dict[str, Any]) -> str:
    """A draft's estimate is not to be taken for a score of the model."""
    return f"{'~' if row['decided_by'] == 'draft' else ''}{row['score']:.6f}"


def _doubt(row: dict[str, Any]) -> str:
    """About a photo whose verdict depends on chance; "" about others."""
    known = row["stability"]
    if known is None or known["same"] == known["of"]:
        return ""
    changes = f"{known['same']} of {known['of']} slight changes"
    return f"doubtful: the verdict by its score stays the same after {changes} of the photo."
