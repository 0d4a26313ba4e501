"""Looking at all samples of a category in a worker: ask, explore, cancel; and what pages show of it."""
