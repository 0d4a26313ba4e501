"""The sizes that docs/architecture.md promises, so that files and functions stay readable."""

import ast
import statistics
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("detection", "inspector", "benchmarks")


def _sources() -> list[Path]:
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return [path for path in files if "migrations" not in path.parts]


def _functions() -> list[tuple[int, str]]:
    found = []
    for path in _sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                found.append((lines, f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"))
    return sorted(found)


def _ninetieth(values: list[int]) -> int:
    return sorted(values)[int(len(values) * 0.9)]


def test_functions_stay_short():
    functions = _functions()
    lines = [length for length, _ in functions]
    assert statistics.median(lines) <= 10
    assert _ninetieth(lines) <= 30
    assert [name for length, name in functions if length > 60] == []


def test_files_stay_short():
    lines = {str(path.relative_to(ROOT)): path.read_text().count("\n") for path in _sources()}
    assert _ninetieth(list(lines.values())) <= 200
    assert [name for name, length in lines.items() if length > 350] == []


@pytest.mark.parametrize("words", ["coming soon", "not implemented yet"])
def test_nothing_is_announced_that_is_not_there(words: str):
    command = ["git", "grep", "-lIi", words, "--", *PACKAGES, "frontend/src", "frontend/templates"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout == ""
