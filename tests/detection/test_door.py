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


ASKED_TOO_EARLY = """
import builtins, importlib, sys

def half_done(name):
    return getattr(getattr(sys.modules.get(name), "__spec__", None), "_initializing", False)

def ask(name, scope=None, variables=None, wanted=(), level=0):
    asking = (scope or {}).get("__name__", "")
    asked = [name, *(f"{name}.{one}" for one in wanted or ())] if asking.startswith("detection.") else []
    # A package begins before what is in it, always.
    others = [one for one in asked if not f"{asking}.".startswith(f"{one}.")]
    early.extend(f"{asking} needs {one}" for one in others if half_done(one))
    return known(name, scope, variables, wanted, level)

early, known, builtins.__import__ = [], builtins.__import__, ask
for name in sys.argv[1:]:
    importlib.import_module(name)
sys.exit("\\n".join(early) or 0)
"""


def test_every_module_can_be_imported_first():
    """Of two modules that need each other, one import order works and the other may fail: no module asks for
    one that is still being imported."""
    names = [
        m.name for m in pkgutil.walk_packages(detection.__path__, "detection.") if "__main__" not in m.name
    ]
    finished = subprocess.run(
        [sys.executable, "-c", ASKED_TOO_EARLY, *names], check=False, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr
