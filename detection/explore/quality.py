"""Photos that are unlike the others: unreadable, blank, blurred, badly exposed.

Outliers are measured against the category's own good photos, never against a fixed value: what is blurred for
a circuit board is sharp for a pill. A photo has to be far outside their range (robust z) and differ by enough
to matter. Limits are twice as wide for defective photos, since the defect itself may remove edges or light.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from detection.explore.statistics import robust_z
from detection.explore.types import Case, Finding, MeasuredPhoto, Unread
from detection.explore.words import many, number, percent

FAR = 5.0  # robust z
_FEWEST = 8  # good photos needed for a distribution
_BLURRED = 0.6  # of the usual variance of the Laplacian; a Gaussian blur of 1 px leaves half of it or less
_LEVELS, _SHARE = 15.0, 0.15  # grey levels, and share of the usual brightness
_CLIPPED = 0.05  # share of the pixels
_BLANK = 1.0  # grey levels


def findings(photos: Sequence[MeasuredPhoto], unread: Sequence[Unread]) -> Iterator[Finding]:
    if unread:
        yield _unreadable(unread)
    yield from _blank([photo for photo in photos if photo.contrast < _BLANK])
    pictures = [photo for photo in photos if photo.contrast >= _BLANK]
    good = [photo for photo in pictures if photo.is_good]
    if len(good) >= _FEWEST:
        yield from _blurred(pictures, good)
        yield from _exposed(pictures, good)


def _unreadable(unread: Sequence[Unread]) -> Finding:
    return Finding(
        "error",
        "unreadable",
        "Unreadable files",
        f"{many(len(unread), 'photo', 'photos')} cannot be read, and training will not start with such "
        "files. Replace or remove them.",
        tuple(Case((one.name,), one.message) for one in unread),
    )


def _blank(blank: Sequence[MeasuredPhoto]) -> Iterator[Finding]:
    if blank:
        yield Finding(
            "warning",
            "blank",
            "Blank photos",
            f"{many(len(blank), 'photo shows', 'photos show')} one even grey and no part. Retake or remove "
            "them.",
            tuple(Case((photo.name,), f"grey value about {photo.brightness:.0f} of 255") for photo in blank),
        )


def _blurred(photos: Sequence[MeasuredPhoto], good: Sequence[MeasuredPhoto]) -> Iterator[Finding]:
    logs = [np.log(max(photo.sharpness, 1e-6)) for photo in good]
    usual = float(np.exp(np.median(logs)))
    far = robust_z([np.log(max(photo.sharpness, 1e-6)) for photo in photos], logs) <= -FAR
    blurred = [
        photo
        for photo, is_far in zip(photos, far, strict=True)
        if is_far and photo.sharpness * _tolerance(photo) <= usual * _BLURRED
    ]
    if blurred:
        yield Finding(
            "warning",
            "blurred",
            "Blurred photos",
            f"{many(len(blurred), 'photo is', 'photos are')} much less sharp than this category's good "
            "photos: out of focus, motion-blurred, or enlarged from a smaller photo. Retake or remove them.",
            tuple(_case(photo, "sharpness", usual) for photo in sorted(blurred, key=lambda p: p.sharpness)),
        )


def _exposed(photos: Sequence[MeasuredPhoto], good: Sequence[MeasuredPhoto]) -> Iterator[Finding]:
    usual = float(np.median([photo.brightness for photo in good]))
    far = np.abs(robust_z([p.brightness for p in photos], [p.brightness for p in good])) >= FAR
    least = max(_LEVELS, _SHARE * usual)
    dark, light = (_more_clipped(photos, good, which) for which in ("dark", "light"))
    cases = []
    for i, photo in enumerate(photos):
        if far[i] and abs(photo.brightness - usual) >= least * _tolerance(photo):
            cases.append(_case(photo, "brightness", usual))
        elif dark[i] or light[i]:
            share, end = (photo.dark, "black") if dark[i] else (photo.light, "white")
            cases.append(Case((photo.name,), f"{percent(share)} of it is {end}"))
    if cases:
        yield Finding(
            "warning",
            "exposure",
            "Badly exposed photos",
            f"{many(len(cases), 'photo is', 'photos are')} much darker or lighter than this category's good "
            "photos, or clipped to black or white. Check the lighting and the exposure time, then retake "
            "them.",
            tuple(cases),
        )


def _more_clipped(photos: Sequence[MeasuredPhoto], good: Sequence[MeasuredPhoto], which: str) -> list[bool]:
    """Whether far more is black or white than usual; a white background that all photos have is usual."""
    usual = [float(getattr(photo, which)) for photo in good]
    middle = float(np.median(usual))
    values = [float(getattr(photo, which)) for photo in photos]
    far = robust_z(values, usual) >= FAR
    return [
        bool(is_far) and value - middle >= _CLIPPED * _tolerance(photo)
        for photo, value, is_far in zip(photos, values, far, strict=True)
    ]


def _tolerance(photo: MeasuredPhoto) -> int:
    return 1 if photo.is_good else 2


def _case(photo: MeasuredPhoto, measure: str, usual: float) -> Case:
    return Case((photo.name,), f"{measure} {number(getattr(photo, measure))}, usually {number(usual)}")
