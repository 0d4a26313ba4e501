"""How verdicts hold when light, camera and position change: harmless changes, graded, judged and counted."""
