"""File names that people and programs can read, and names that every file system accepts."""

from __future__ import annotations

import hashlib
import unicodedata

# Bytes. Most file systems allow 255; the rest is left for a number and an extension.
LONGEST = 200


def printable(text: object) -> str:
    """The text with undecodable bytes and control characters as \\x escapes, so that it can be printed and
    written as UTF-8."""
    return "".join(letter if _shows(letter) else _escape(letter) for letter in str(text))


def for_file(name: str, longest: int = LONGEST) -> str:
    """A name without folders that every file system accepts. Equal names give equal results, different names
    different ones.

    Where characters have to be replaced, a hash of the whole name keeps two names apart.
    """
    plain = "".join(letter if _shows(letter) and letter not in '/\\:*?"<>|' else "_" for letter in name)
    plain = plain.strip(". ") or "photo"
    if plain == name and len(plain.encode()) <= longest:
        return plain
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    kept = plain.encode()[: longest - len(digest) - 1].decode(errors="ignore")
    return f"{kept}-{digest}"


def _shows(letter: str) -> bool:
    return letter.isprintable() or unicodedata.category(letter) == "Zs"  # spaces of any width


def _escape(letter: str) -> str:
    code = ord(letter)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8 (PEP 383)
        return f"\\x{code - 0xDC00:02x}"
    return letter.encode("unicode_escape").decode("ascii")
