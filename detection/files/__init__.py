"""Files: written completely or not at all, tables, hashes, and a run's folder as one artifact."""
