"""The statistics of a line in production: pure functions and frozen values, by NumPy and the standard
library.

They know no database and no page, and import nothing else of the project. SciPy is left out because the web
process computes them while a person waits, and its image has none; the tests compare with it. What the
numbers mean is in docs/quality.md, how they were proved in docs/measurements/statistics.md.
"""
