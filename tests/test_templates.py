"""Templates keep to the layers: they load, include and extend from their own app and lower ones only."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "frontend/templates"
# Pages of the panel that belong to Django's own apps, by whose place ours take theirs.
PANEL = {"auth": "accounts"}
LOAD = re.compile(r"{%-?\s*load\s+([^%]+?)\s*%}")
NAMED = re.compile(r"{%-?\s*(?:include|extends)\s+([^\s%]+)")
LITERAL = re.compile(r"""["']([\w/.-]+\.html)["']""")


def _layers() -> dict[str, int]:
    """Each app's floor, by the contract that import-linter holds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (contract,) = (
        found
        for found in project["tool"]["importlinter"]["contracts"]
        if found["type"] == "layers" and "containers" not in found
    )
    apps = [name.removeprefix("inspector.") for name in reversed(contract["layers"])]
    return {app: floor for floor, app in enumerate(apps)}


LAYERS = _layers()
LIBRARIES = {path.stem: path.parent.parent.name for path in ROOT.glob("inspector/*/templatetags/*.py")}


def app_of(template: str) -> str:
    """By its folder; what is in none, and the panel's frame, is part of every page: of core."""
    first, *others = Path(template).parent.parts or ("",)
    if first == "admin" and others:
        return PANEL.get(others[0], others[0])
    return first if first in LAYERS else "core"


def above(own: str, other: str) -> bool:
    return LAYERS[other] > LAYERS[own]


def faults(name: str, source: str) -> Iterator[str]:
    own = app_of(name)
    for load in LOAD.findall(source):
        libraries = load.partition(" from ")[2].split() or load.split()
        yield from (f"{name} loads {one}" for one in libraries if above(own, LIBRARIES.get(one, "core")))
    for named in NAMED.findall(source):
        literal = LITERAL.fullmatch(named)
        if literal is None:
            yield f"{name} includes {named}, of which nobody can tell whose it is"
        elif above(own, app_of(literal[1])):
            yield f"{name} includes {literal[1]}"


def test_templates_load_and_include_from_their_own_app_and_lower_ones_only():
    found = [
        fault
        for path in sorted(TEMPLATES.rglob("*.html"))
        for fault in faults(path.relative_to(TEMPLATES).as_posix(), path.read_text())
    ]
    assert found == []


def test_apps_show_templates_of_their_own_and_of_lower_apps_only():
    found = [
        f"{path.relative_to(ROOT)} shows {template}"
        for path in sorted(ROOT.glob("inspector/*/**/*.py"))
        for template in LITERAL.findall(path.read_text())
        if above(path.relative_to(ROOT / "inspector").parts[0], app_of(template))
    ]
    assert found == []


def test_each_folder_of_templates_is_an_app_s():
    folders = {path.name for path in TEMPLATES.iterdir() if path.is_dir()} - {"admin", "unfold"}
    panel = {PANEL.get(path.name, path.name) for path in (TEMPLATES / "admin").iterdir() if path.is_dir()}
    assert folders | panel <= set(LAYERS)


def test_what_reaches_up_is_refused():
    assert list(faults("core/x.html", '{% load pages runs %}{% include "training/steps.html" %}')) == [
        "core/x.html loads runs",
        "core/x.html includes training/steps.html",
    ]
    assert list(faults("samples/x.html", '{% extends "site/home.html" %}{% load phase from runs %}'))
    assert list(faults("core/x.html", "{% include whatever %}"))
    assert not list(faults("training/x.html", '{% extends "base.html" %}{% include "samples/counts.html" %}'))
