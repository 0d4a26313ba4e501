"""Looking at all samples of a category in a worker: ask, work, sweep; and what pages show of it."""
