"""When two names of categories are one to a person: case, spaces and look-alikes make no difference."""

import hashlib
import re
import unicodedata
from functools import cache

KEY_LENGTH = 255
# Nothing is seen of these although they count as letters, marks or symbols: fillers of Hangul and Khmer, the
# joiner of graphemes, Mongolian and other variation selectors, the empty pattern of Braille.
INVISIBLE = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
INVISIBLE |= {*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
# Format and control characters, private ones and halves of a pair.
UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn"}
JOINERS = "\u200c\u200d"
MINUS = "\N{MINUS SIGN}"


def key_of(name: str) -> str:
    """The same for names that look alike, "" for one of which nothing is seen.

    Compatibility forms are unfolded (NFKC) and case is dropped; what is not seen is left out; letters of
    other scripts stand for the Latin ones that they look like (Unicode's confusables, TS 39); spaces, dashes
    and underscores are one space. Latin letters and digits are never exchanged: parts O and 0 are two.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    plain = "".join(_plain(letter) for letter in folded)
    key = " ".join(plain.split())
    return key if len(key) < KEY_LENGTH - 30 else hashlib.sha256(key.encode()).hexdigest()


def cleaned(name: str) -> str:
    """As it is kept: single spaces, and nothing that is not seen but the joiners that some scripts need."""
    kept = (letter for letter in " ".join(name.split()) if letter in JOINERS or not _unseen(letter))
    return "".join(kept).strip()


def _unseen(letter: str) -> bool:
    return unicodedata.category(letter) in UNSEEN or ord(letter) in INVISIBLE


def _plain(letter: str) -> str:
    if letter.isascii() and letter.isalnum():
        return letter
    if letter.isspace() or letter == MINUS or unicodedata.category(letter) in ("Pd", "Pc"):
        return " "
    if _unseen(letter):
        return ""
    return _latin().get(letter) or _latin().get(letter.upper()) or letter


@cache
def _latin() -> dict[str, str]:
    """Letters that look like a Latin one, and which in lower case. Read when first needed: 600 kB of JSON."""
    from confusable_homoglyphs.confusables import confusables_data

    latin_of = {}
    for letter, alike in confusables_data.items():
        latin = sorted(one["c"].lower() for one in alike if re.fullmatch("[A-Za-z]", one["c"]))
        if latin and not letter.isascii():
            latin_of[letter] = latin[0]
    return latin_of
