"""No dead links: what documents and sources point to in a document is there, and each method has its page."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from detection.options.catalogue import METHODS

ROOT = Path(__file__).resolve().parent.parent
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
# A document as comments, help and pages name it, from the root of the repository.
_NAMED = re.compile(r"\bdocs/[\w/-][\w/.-]*\.md(?:#[\w-]+)?")


def _files(*patterns: str) -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in names if (ROOT / name).is_file()]


DOCUMENTS = _files("*.md")
SOURCES = ("*.py", "*.html", "*.ts", "*.txt", "*.toml", "*.yml", "Makefile", "Dockerfile")


@cache
def _anchors(document: Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    anchors: set[str] = set()
    for heading in _HEADING.findall(_FENCE.sub("", document.read_text())):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        again = sum(known == anchor or re.fullmatch(rf"{anchor}-\d+", known) is not None for known in anchors)
        anchors.add(f"{anchor}-{again}" if again else anchor)
    return anchors


def _dead(target: str, origin: Path) -> bool:
    name, _, anchor = target.partition("#")
    path = origin.parent / name if name else origin
    return not path.exists() or bool(anchor and path.suffix == ".md" and anchor not in _anchors(path))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_of_a_document_lead_somewhere(document: str):
    path = ROOT / document
    links = _LINK.findall(_CODE.sub("", _FENCE.sub("", path.read_text())))
    assert [link for link in links if ":" not in link and _dead(link, path)] == []


def test_documents_that_code_and_pages_name_are_there():
    dead = []
    for name in [*DOCUMENTS, *_files(*SOURCES)]:
        named = _NAMED.findall((ROOT / name).read_text())
        dead += [f"{name}: {document}" for document in named if _dead(document, ROOT / "README.md")]
    assert dead == []


def test_health_points_to_sections_that_are_there():
    sections = _anchors(ROOT / "docs/when-something-is-wrong.md")
    see = {
        section
        for name in _files("inspector/*health*.py")
        for section in re.findall(r'\bsee="([\w-]+)"', (ROOT / name).read_text())
    }
    assert see
    assert see <= sections


def test_each_method_has_a_page_and_a_line_in_the_table_to_choose_by():
    table = (ROOT / "docs/methods/README.md").read_text()
    missing = [name for name in METHODS if f"[`{name}`]({name}.md)" not in table]
    assert missing == []
