"""Names of files in a run folder that are read without torch, too (`artifact` has the folder)."""

PART = "part.safetensors"
