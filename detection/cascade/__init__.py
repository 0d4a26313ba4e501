"""How far below the limits a run's draft may say OK alone: measured, and kept beside the run."""

from detection.cascade.make import Made, NoUse, make_cascade

__all__ = ["Made", "NoUse", "make_cascade"]
