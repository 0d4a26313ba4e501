"""Names of files in a run folder, or beside runs, that are known without torch, too (`artifact` has them)."""

PART = "part.safetensors"
# Beside the folders of the categories: what `runtimes.export` makes of runs.
EXPORTS = "_export"
