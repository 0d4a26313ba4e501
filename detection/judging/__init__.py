"""A trained model: its limits, its verdicts, and how good they are."""
