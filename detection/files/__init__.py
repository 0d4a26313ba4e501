"""What is on disk: written whole or not at all, tables, a run's folder as one artifact."""
