"""The detection methods, one file each; `registry` has them by name."""
