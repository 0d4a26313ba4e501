"""Which part does a photo show? Each category knows what whole photos of its good parts look like.

A photo is described by some seventy numbers (`signature`); a category by their mean and spread over its good
photos (`Part`, learned by `learn`); and a photo that is too far from them shows another part, or none
(`mismatch`). No label is used, and neither is any other category. Needs no torch, except to learn.
"""

from detection.recognition.part import Fit, Part, find, mismatch, ranked
from detection.recognition.signature import signature, signatures

__all__ = ["Fit", "Part", "find", "mismatch", "ranked", "signature", "signatures"]
