"""The methods of detection, one file each; `registry` has them by name."""
