"""What commands print: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from tqdm import tqdm

from detection.explore.words import many
from detection.faults import describe
from detection.names import printable
from detection.photos.levels import read as read_levels
from detection.results import Evaluation, PolicyResult, WrongRate
from detection.types import Progress

REFUSED = 1
_QUIET = 30.0  # seconds
CANCELLED = 130


def say(text: str) -> None:
    """Print for the person, not into the result."""
    print(text, file=sys.stderr)


def print_json(content: Any) -> None:
    print(json.dumps(content, allow_nan=False))


def refuse(error: BaseException, *, as_json: bool) -> None:
    """Print the error as a plain sentence; a library's own wording is for programs (`details` in JSON)."""
    code, message, details = describe(error)
    if as_json:
        print_json({"error": {"code": code, "message": message} | ({"details": details} if details else {})})
    say(f"error: {printable(message)}")  # a name in it may have a line break


class Bar:
    """A progress bar on stderr. Where stderr is not a terminal, a training prints its progress twice a
    minute."""

    def __init__(self, *, silent: bool, clock: Callable[[], float] = time.monotonic) -> None:
        # The details are the "unit": tqdm puts a comma before a postfix.
        layout = "{desc:<24} {percentage:3.0f}% |{bar:30}| {unit}"
        off = silent or not sys.stderr.isatty()
        self._lines = None if silent or not off else _Lines(clock)
        self._bar = tqdm(total=1.0, unit="", disable=off, bar_format=layout, file=sys.stderr, leave=False)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def progress(self, progress: Progress) -> None:
        self._bar.set_description_str(_phase(progress), refresh=False)
        self._bar.unit = _details(progress)
        self._bar.update(progress.fraction - self._bar.n)
        if self._lines:
            self._lines.tell(progress)

    def part(self, row: dict[str, Any], number: int, total: int, share: float) -> None:
        """Progress of a bench: the share done of row `number` of `total` rows."""
        name = f"{row['category']} {row['method']}"[:17]
        self._bar.set_description_str(f"{name} {number + 1}/{total}", refresh=False)
        self._bar.update((number + share) / total - self._bar.n)

    def count(self, what: str, done: int, total: int) -> None:
        self._bar.set_description_str(f"{what} {done}/{total}", refresh=False)
        self._bar.update(done / total - self._bar.n)


class _Lines:
    """A line every half minute: for logs and pipes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = clock()

    def tell(self, progress: Progress) -> None:
        if self._clock() - self._last < _QUIET:
            return
        self._last = self._clock()
        details = _details(progress)
        say(f"{progress.fraction:.0%}  {_phase(progress)}{f', {details}' if details else ''}")


def _phase(progress: Progress) -> str:
    if progress.epoch is None:
        return f"{progress.phase} {progress.done}/{progress.total}"
    return f"{progress.phase} {progress.epoch}/{progress.epochs}"


def _details(progress: Progress) -> str:
    parts = []
    if progress.train_loss is not None:
        parts.append(f"loss {progress.train_loss:.2e}")
    if progress.validation_loss is not None:
        parts.append(f"validation {progress.validation_loss:.2e}")
    if progress.seconds_left is not None:
        minutes, seconds = divmod(round(progress.seconds_left), 60)
        parts.append(f"{minutes}:{seconds:02} left")
    return ", ".join(parts)


def ranked(ranking: dict[str, Any] | None) -> list[str]:
    """What `auto` compared, the best first, and what it chose. ranking: as in config.json."""
    if not ranking:
        return []
    lines = [f"auto chose {ranking['chosen']}. {ranking['why']}"]
    for one in ranking["candidates"]:
        if one["left_out"]:
            lines.append(f"  {one['method']:<32} left out: {one['left_out']}")
        elif one["score"] is not None:
            low, high = one["interval"]
            lines.append(
                f"  {one['method']:<32} AUROC on synthetic defects {number(one['score'])} "
                f"({number(low)} to {number(high)}), {one['seconds']:.0f} s"
            )
    return lines


def bit_depth(levels: dict[str, list[float]]) -> str:
    """Of 16-bit photos, such as “12-bit photos: 4,095 is white, in later photos too”; otherwise ""."""
    bits = read_levels(levels).bits()
    return f"{bits}-bit photos: {2**bits - 1:,} is white, in later photos too" if bits else ""


def learned_from(images: dict[str, int]) -> str:
    """How the training photos were used. images: as in config.json."""
    train, learned, held = images["train"], images["learned"], images["held_back"]
    said = f"trained on {learned} of {many(train, 'training photo', 'training photos')}"
    parts = [f"{held} held out to choose the threshold"] if held else []
    copies = train - learned - held
    if copies:
        parts.append(f"{many(copies, 'duplicate', 'duplicates')} left out")
    return f"{said}, {', '.join(parts)}" if parts else said


def table(evaluation: Evaluation) -> str:
    """An evaluation for people, with 95 % intervals in brackets."""
    lines = [
        f"{evaluation.category} · {evaluation.method} · {evaluation.n_good} good and "
        f"{evaluation.n_defect} defective test photos · {_whole(evaluation.ms_per_image)} ms per photo",
        _metrics(evaluation, "image_auroc", "average_precision"),
        _metrics(evaluation, "f1", "precision", "recall"),
        *_pixels(evaluation),
        *_decisions(evaluation),
        *_kinds(evaluation),
        evaluation.judged_by,
        *_policies(evaluation),
    ]
    return "\n".join([*lines, *(f"warning: {warning}" for warning in evaluation.warnings)])


_NAMES = {"image_auroc": "image AUROC", "average_precision": "average precision", "f1": "F1"}


def _metrics(evaluation: Evaluation, *names: str) -> str:
    said = []
    for name in names:
        ends = " to ".join(map(number, evaluation.interval(name)))
        span = f" ({ends})" if ends else ""
        said.append(f"{_NAMES.get(name, name)} {number(getattr(evaluation, name))}{span}")
    return "   ".join(said)


def _pixels(evaluation: Evaluation) -> list[str]:
    pixel = evaluation.pixel
    if not pixel:
        return []
    return [
        f"pixel AUROC {number(pixel.auroc)}   AUPRO {number(pixel.aupro)}   "
        f"best pixel F1 {number(pixel.f1)}   on {pixel.n_masks} masks"
    ]


def _decisions(evaluation: Evaluation) -> list[str]:
    counts, review = evaluation.confusion, evaluation.review
    if counts is None or evaluation.threshold is None:
        return []
    lines = [
        f"threshold {evaluation.threshold:.6g} ({evaluation.threshold_policy})   "
        f"found {counts.tp} of {evaluation.n_defect} defects, "
        f"{counts.fp} false alarms on {evaluation.n_good} good photos"
    ]
    if review:
        lines.append(f"REVIEW: {review.defect} of the other defects, {review.good} of the other good photos")
    return lines


def _kinds(evaluation: Evaluation) -> list[str]:
    lines = []
    for one in evaluation.by_defect:
        aupro = f"   AUPRO {number(one.aupro)}" if evaluation.pixel else ""
        detected = f"found {one.flagged} of {one.n}"
        lines.append(f"  {one.name:<24} AUROC {number(one.image_auroc)}{aupro}   {detected}")
    return lines


def _policies(evaluation: Evaluation) -> list[str]:
    if len(evaluation.policies) < 2:
        return []
    lines = ["policy        threshold   false alarms (95 %)           misses (95 %)                 REVIEW"]
    for row in evaluation.policies:
        mark = "*" if row.in_use else " "
        alarms, misses = _rate(row.rates.false_alarm), _rate(row.rates.miss)
        numbers = f"{row.policy:<11} {row.threshold:<11.5g} {alarms:<29} {misses:<29}"
        lines.append(f"{mark} {numbers} {_unsure(row)}".rstrip())
    return lines


def _unsure(row: PolicyResult) -> str:
    if row.review_from is None or row.review is None:
        return "-"
    return f"{row.review.good} good, {row.review.defect} defective"


def _rate(rate: WrongRate | None) -> str:
    if rate is None:
        return "-"
    said = f"{rate.count} of {rate.n}"
    if rate.low is None or rate.high is None:
        return said
    return f"{said} ({100 * rate.low:.1f} to {100 * rate.high:.1f} %)"


def _whole(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
