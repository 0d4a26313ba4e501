"""How large the code is, and which folder imports which.

    python -m benchmarks.shape [FOLDER]

FOLDER: another checkout, to compare commits; by default this one.
"""

import ast
import statistics
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("detection", "inspector")


def main(root: Path) -> None:
    for package in PACKAGES:
        files = [path for path in (root / package).rglob("*.py") if "migrations" not in path.parts]
        lines = [path.read_text().count("\n") for path in files]
        functions = [length for path in files for length in _functions(path)]
        loose = [path for path in files if path.parent == root / package and path.name != "__init__.py"]
        print(f"\n{package}: {len(files)} files, {len(loose)} of them loose, {sum(lines):,} lines")
        print(f"  files: median {_at(lines, 0.5)} lines, 90 % {_at(lines, 0.9)}, longest {max(lines)}")
        print(f"  {len(functions)} functions: median {_at(functions, 0.5)} lines, 90 % {_at(functions, 0.9)}")
        _imports(root, package, files)


def _functions(path: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1


def _at(values: list[int], share: float) -> float:
    return statistics.median(values) if share == 0.5 else sorted(values)[int(len(values) * share)]


def _imports(root: Path, package: str, files: list[Path]) -> None:
    """Each folder with those it imports, by how many imports; and which two import each other."""
    imports: dict[str, Counter[str]] = {}
    for path in files:
        here = _home(path.relative_to(root / package).parts)
        for node in ast.walk(ast.parse(path.read_text())):
            for there in _imported(node, package):
                if there != here:
                    imports.setdefault(here, Counter())[there] += 1
    for here in sorted(imports):
        print(f"  {here}: " + ", ".join(f"{there} {count}" for there, count in imports[here].most_common()))
    circles = sorted(
        {(one, two) for one in imports for two in imports[one] if one < two and one in imports.get(two, ())}
    )
    print(f"  circles: {', '.join(f'{one} and {two}' for one, two in circles) or 'none'}")


def _home(parts: tuple[str, ...]) -> str:
    return parts[0] if len(parts) > 1 else parts[0].removesuffix(".py")


def _imported(node: ast.AST, package: str) -> Iterator[str]:
    """The folders or loose modules of the package that this statement imports."""
    if isinstance(node, ast.ImportFrom) and node.module:
        whole = (
            [node.module] if node.module != package else [f"{package}.{alias.name}" for alias in node.names]
        )
    elif isinstance(node, ast.Import):
        whole = [alias.name for alias in node.names]
    else:
        return
    for name in whole:
        first, _, rest = name.partition(".")
        if first == package and rest:
            yield rest.partition(".")[0]


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent)
