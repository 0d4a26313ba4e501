"""A model at work: its limits, its verdicts, and how good they are."""
