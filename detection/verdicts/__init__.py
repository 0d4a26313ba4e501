"""From a map to a score, and from scores to limits and verdicts."""
