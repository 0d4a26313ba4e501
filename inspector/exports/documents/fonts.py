"""Letters of documents: Fira Sans (Latin, Cyrillic, Greek), embedded.

Chinese, Japanese and Korean letters are drawn by the fonts that readers of PDF bring for them. What neither
has (Arabic, Thai, emoji) becomes a question mark: a document shows no boxes, and no letter stops it.
"""

import unicodedata
from functools import cache
from html import escape
from itertools import groupby

import fontpkg_fira_sans
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

TEXT, STRONG, LIGHT = "Fira", "Fira-Strong", "Fira-Light"
FILES = {TEXT: "Regular", STRONG: "SemiBold", LIGHT: "Light"}
MONO = "Courier"
UNKNOWN = "?"
# First and last letter of a block, and who draws it.
BLOCKS = (
    (0x3040, 0x30FF, "HeiseiKakuGo-W5"),
    (0x1100, 0x11FF, "HYGothic-Medium"),
    (0x3130, 0x318F, "HYGothic-Medium"),
    (0xAC00, 0xD7A3, "HYGothic-Medium"),
    (0x3000, 0x303F, "STSong-Light"),
    (0x3400, 0x4DBF, "STSong-Light"),
    (0x4E00, 0x9FFF, "STSong-Light"),
    (0xFF00, 0xFFEF, "STSong-Light"),
)


@cache
def register() -> frozenset[int]:
    """Make the fonts known; the letters that Fira Sans has."""
    for name, file in FILES.items():
        path = fontpkg_fira_sans.ROOT / "files" / f"FiraSans-{file}.ttf"
        pdfmetrics.registerFont(TTFont(name, str(path)))
    for name in sorted({font for _, _, font in BLOCKS}):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    return frozenset(pdfmetrics.getFont(TEXT).face.charToGlyph)


def _font_of(letter: str) -> str:
    """ "" for the document's own; UNKNOWN where no font has the letter."""
    number = ord(letter)
    if number in register():
        return ""
    return next((font for first, last, font in BLOCKS if first <= number <= last), UNKNOWN)


def marked(text: object) -> str:
    """A text for a paragraph: safe as markup, foreign letters in the fonts that have them."""
    plain = " ".join(unicodedata.normalize("NFC", str(text)).split())
    parts = []
    for font, letters in groupby(plain, key=_font_of):
        run = escape("".join(letters))
        if font == UNKNOWN:
            run = UNKNOWN
        parts.append(f'<font name="{font}">{run}</font>' if font not in ("", UNKNOWN) else run)
    return "".join(parts)


def one_font(text: str) -> tuple[str, str]:
    """For a place that allows one font: the text, and the font that has most of it."""
    fonts = [_font_of(letter) for letter in text]
    foreign = next((font for font in fonts if font not in ("", UNKNOWN)), "")
    if foreign:  # these fonts have Latin letters, too
        return text, foreign
    return "".join(UNKNOWN if font else letter for letter, font in zip(text, fonts, strict=True)), TEXT


def cut(text: object, most: int) -> str:
    """Cut to at most this many letters."""
    plain = str(text)
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"
