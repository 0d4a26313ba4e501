"""The package's door: light to import, and everything it promises is there."""

import subprocess
import sys

import detection


def test_what_the_web_process_imports_brings_no_torch():
    light = "images, heatmap, datasets, options, types, errors, cli, demo, explore"
    check = f"from detection import {light}; import sys; sys.exit(any('torch' in m for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_every_public_name_can_be_had():
    for name in detection.__all__:
        assert getattr(detection, name) is not None
