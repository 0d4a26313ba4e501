"""The statistics know nothing of the application, whatever its apps are called."""

import ast

from tests.conftest import ROOT

PACKAGE = "inspector.monitoring.statistics"
FOLDER = ROOT / PACKAGE.replace(".", "/")


def test_statistics_import_nothing_else_of_the_project():
    named = set()
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                named.add(node.module or "")
            elif isinstance(node, ast.Import):
                named.update(alias.name for alias in node.names)
    ours = {name for name in named if name.split(".")[0] in ("inspector", "detection")}
    assert ours
    assert {name for name in ours if not name.startswith(PACKAGE)} == set()
