"""Names of files as people and programs can read them, and names for files that every disk takes."""

from __future__ import annotations

import hashlib
import unicodedata

# Bytes. 255 is what most file systems allow; the rest is left for a number and an extension.
LONGEST = 200


def printable(text: object) -> str:
    """What can be printed and written as UTF-8: undecodable bytes and control characters as \\x escapes."""
    return "".join(letter if _shows(letter) else _escape(letter) for letter in str(text))


def for_file(name: str, longest: int = LONGEST) -> str:
    """A name without folders that any file system takes; the same for the same name, another for another.

    What has to be changed is made up for by a hash of the whole name, so that no two become one.
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
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8, as Python keeps it (PEP 383)
        return f"\\x{code - 0xDC00:02x}"
    return letter.encode("unicode_escape").decode("ascii")
