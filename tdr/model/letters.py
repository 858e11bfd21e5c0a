"""Letters that are taken for others, and text that a wrong encoding has garbled.

Both come of copying: out of PDFs, from keyboards without Greek letters, through
programs that guess an encoding. Pure functions of a str.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# --- letters that are taken for others ------------------------------------------------------

_LOOK_ALIKE_GROUPS = (
    # IPA letters and symbols for Greek letters
    "αɑ⍺", "βꞵ", "γɣ", "δẟ∂", "εɛ", "ηƞ", "θɵ", "ιɩ⍳", "κĸ", "λƛ", "ρ⍴", "υʋ", "φɸ", "χꭓ", "ωꞷ⍵",
    "Δ∆", "ΓƔ", "ΑⱭ",
    # Cyrillic, Armenian, Cherokee and IPA letters for Latin ones
    "aа", "cс", "dԁ", "eеҽ", "gɡ", "hһհ", "iіɪ", "jјյ", "kк", "lӏ", "oоօ", "pр", "qԛզ", "sѕ", "uս",
    "vѵ", "wԝա", "xх", "yу", "AАᎪ", "BВᏴ", "CСᏟ", "DᎠ", "EЕᎬ", "GԌᏀ", "HНᎻ", "IІӀ", "JЈᎫ",
    "KКᏦ", "LᏞԼ", "MМᎷ", "OОՕ", "PРᏢ", "SЅՏ", "TТᎢ", "UՍ", "VѴᏙ", "WԜᎳ", "XХ", "YҮУ", "ZᏃ",
)  # fmt: skip
LOOK_ALIKES = {char: group[0] for group in _LOOK_ALIKE_GROUPS for char in group[1:]}
_FROM_LOOK_ALIKES = str.maketrans(LOOK_ALIKES)

_LATIN_GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονυϲϳ", "ABEZHIKMNOPTYXovucj", strict=True))
"""Greek letters that look Latin; the others are our subject's notation."""

# In German ß follows a vowel of a longer word; Aß is amyloid β, and TGF-ß1 a growth factor.
_BETA = r"(?i)(?<![^\W\d_][aeiouyäöü])ß"

_WORD = r"[\w∆∂⍺⍳⍴⍵]+(?:-[\w∆∂⍺⍳⍴⍵]+)*"
_OTHER_SCRIPTS = "[\u0400-\u052f]+|[\u0530-\u058f]+|[\u13a0-\u13f5]+|[α-ώ]{4,}"


def without_look_alikes(text: str) -> str:
    """The text with every look-alike replaced by the letter for which it is taken.

    `TGF-ß1` -> `TGF-β1`, Cyrillic `с` -> `c`; Greek letters stay.
    """
    return re.sub(_BETA, "β", text).translate(_FROM_LOOK_ALIKES)


def look_alikes(text: str) -> Iterator[tuple[str, str, str]]:
    """The look-alikes in a text: (letter, the one for which it is taken, word).

    Only next to Latin letters or digits, and no word of another script: in `T-клетка`
    each letter is what it looks like, in `сell` the first is not.
    """
    if text.isascii():
        return
    for word in re.findall(_WORD, unicodedata.normalize("NFC", text)):
        if word.isascii() or not re.search("[A-Za-z0-9]", word):
            continue
        other = _of_other_script(word)
        for position, char in enumerate(word):
            intended = "" if char.isascii() or position in other else _replacement(word, position)
            if intended:
                yield char, intended, word


def _of_other_script(word: str) -> set[int]:
    """Positions of the letters of words and abbreviations in another script."""
    latin = re.search("[A-Za-z]", word)
    return {
        position
        for run in re.finditer(_OTHER_SCRIPTS, word)
        if not latin or not all(char in LOOK_ALIKES or char in _LATIN_GREEK for char in run[0])
        for position in range(*run.span())
    }


def _replacement(word: str, position: int) -> str:
    """The letter that belongs at a position; empty if the one there is right."""
    char = word[position]
    if char in "ßẞ":
        return "β" if any(m.start() == position for m in re.finditer(_BETA, word)) else ""
    if char in LOOK_ALIKES:
        return LOOK_ALIKES[char]
    if not re.search("[A-Za-z]", word):
        return ""
    if char in _LATIN_GREEK:
        return _LATIN_GREEK[char]
    # Ligatures and letters of another width
    compatible = unicodedata.normalize("NFKC", char) if char.isalpha() else ""
    return compatible if compatible.isascii() and char not in "ªºⁿⁱ" else ""


# --- text that a wrong encoding has garbled -------------------------------------------------

_NO_TEXT = "[\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]"
_HIGH = r"[^\x00-\x7f]{2,}"
_ENTITY = r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);"
_ENCODINGS = ("cp1252", "mac_roman", "cp437")
_LIKELY = "[\xa0-\u017f\u0370-\u03ff\u2000-\u22ff\ufeff]"
"""Characters of biomedical texts: two symbols in a row that would make any other
character are what they look like."""


def garbled_parts(text: str) -> Iterator[tuple[str, str]]:
    """The garbled parts of a text, in no order: (as it stands, what it was or "" if unknown).

    Replacement and private-use characters, bytes of UTF-8 that were read as another
    encoding (`Î²` was `β`), and HTML entities (`&beta;`).
    """
    if "&" in text:
        import html  # a table of two thousand names

        for entity in re.findall(_ENTITY, text):
            if (char := html.unescape(entity)) != entity:
                yield entity, char
    if text.isascii():
        return
    yield from ((char, "") for char in re.findall(_NO_TEXT, text))
    for run in re.findall(_HIGH, text):
        for encoding in _ENCODINGS:
            data = b"".join(_byte(char, encoding) for char in run)
            found = [(seen, char) for seen, char in _sequences(data, run) if char]
            if found:
                yield from found
                break


def _byte(char: str, encoding: str) -> bytes:
    """The byte that a character was read from; 0 for none. cp1252 has gaps, read as Latin-1."""
    for tried in (encoding, "latin-1") if encoding == "cp1252" else (encoding,):
        try:
            return char.encode(tried)
        except UnicodeEncodeError:
            continue
    return b"\0"


_UTF8 = rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"


def _sequences(data: bytes, run: str) -> Iterator[tuple[str, str]]:
    """Sequences of UTF-8 among bytes, as they were read and as they were meant."""
    for match in re.finditer(_UTF8, data):
        char = match.group().decode("utf-8", "ignore")
        if len(match.group()) > 2 or re.fullmatch(_LIKELY, char):
            yield run[match.start() : match.end()], char
