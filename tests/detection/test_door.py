"""The package's door: light to import, and everything it promises is there."""

import pkgutil
import subprocess
import sys

import detection


def test_what_the_web_process_imports_brings_no_torch():
    light = "photos.images drawing.heatmap datasets options types errors reasons cli demo explore"
    modules = ", ".join(f"detection.{name}" for name in light.split())
    check = f"import {modules}, sys; sys.exit(any('torch' in m for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_every_public_name_can_be_had():
    for name in detection.__all__:
        assert getattr(detection, name) is not None


def test_every_module_can_be_imported_first():
    """Two modules that need each other work or fail by which of them comes first."""
    names = [
        m.name for m in pkgutil.walk_packages(detection.__path__, "detection.") if "__main__" not in m.name
    ]
    check = """
import importlib, sys, sklearn.metrics, torch, torchvision.transforms.v2
for name in sys.argv[1:]:
    for known in [m for m in sys.modules if m.split(".")[0] == "detection"]:
        del sys.modules[known]
    importlib.import_module(name)
"""
    finished = subprocess.run(
        [sys.executable, "-c", check, *names], check=False, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr
