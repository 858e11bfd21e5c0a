"""Text as it may be shown, and text as it is compared.

`visible` makes any text safe for a terminal or a log; `fold` and `words` make
the many notations of one name (`TGF-β`, `TGF beta`, `TGFb`) equal. Pure
functions of a str: they look nothing up and never fail.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

# --- what may reach a screen ---------------------------------------------------------------

_EMOJI = "\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"

_EMPTY = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\uffa0\U000e0000-\U000e0fff"
"""Characters that are printable to Python and yet invisible."""

_UNSEEN = (
    f"[{_EMPTY}\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200c"
    "\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
    # A joiner is seen only between two emoji (with or without variation selector): 👩‍🔬
    f"|(?<![{_EMOJI}])(?<![{_EMOJI}]\ufe0f)\u200d|\u200d(?![{_EMOJI}])"
)
"""C0, DEL, C1, bidi controls, line and paragraph separators, zero-width characters, surrogates,
tags: what moves the cursor, reorders, hides or cannot be written."""

_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escaped(char: str) -> str:
    r"""The character spelled out: `\n`, `\x1b`, `\u202e`, `\U000e0001`."""
    code = ord(char)
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return _SHORT_ESCAPES.get(char) or (f"\\u{code:04x}" if code > 0xFF else f"\\x{code:02x}")


def visible(text: str) -> str:
    r"""The text with every character that cannot be seen, or that a terminal obeys, spelled out.

    `"a\nb"` becomes `a\n` + `b` on one line, an escape character `\x1b`, a bidi
    override `\u202e`, a tag `\U000e0001`; everything else stays as it is.
    """
    if text.isprintable() and (text.isascii() or not re.search(f"[{_EMPTY}]", text)):
        return text
    return re.sub(_UNSEEN, lambda unseen: escaped(unseen.group()), text)


def cleaned(text: str) -> str:
    """The text on one line, single spaces between words, without what cannot be seen."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return " ".join(re.sub(_UNSEEN, "", " ".join(text.split())).split())


def excerpt(text: str, width: int = 60) -> str:
    """`text` for a message: one line, no hidden characters, not too long."""
    shown = "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in text[: width + 1])
    return shown if len(text) <= width else shown[: width - 1] + "…"


def quote(text: str) -> str:
    """`text` as one word of a command line."""
    import shlex  # only hints need it

    return shlex.quote(text)


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 claim`, `3 claims`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def listed(numbers: Sequence[int]) -> str:
    """Numbers as `1, 2, 3`: the first twenty, and how many more there are."""
    shown = ", ".join(map(str, numbers[:20]))
    return shown if len(numbers) <= 20 else f"{shown} and {len(numbers) - 20} more"


# --- what counts as the same name ----------------------------------------------------------

ABSENT = "¬"
"""In a key, a minus that means "negative for": `CD8- T cell` -> `cd8¬tcell`."""

# Greek letters that authors also write as one Latin letter (TGF-β = TGFB) fold to it, the others
# to their names (τ = tau).
_GREEK_LETTERS = {"α": "a", "β": "b", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "κ": "k", "λ": "l"}
_GREEK_NAMES = {
    "η": "eta", "θ": "theta", "ι": "iota", "μ": "mu", "ν": "nu", "ξ": "xi", "ο": "o", "π": "pi",
    "ρ": "rho", "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi",
    "ω": "omega",
}  # fmt: skip
_TO_LATIN = str.maketrans({**_GREEK_LETTERS, **_GREEK_NAMES, "ı": "i"})
_ACCENTS = "[\u0300-\u036f]+"

# What PDFs, keyboards and input methods put in place of a hyphen.
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−⁃˗➖─━﹘﹣－", "-"))
_KANA_DASH = "(?<![\u3040-\u30ff])ー"  # in a Japanese word it lengthens a vowel
_BRAND_SIGN = r"[®™©℠℗Ⓡⓡ]|(?<=[a-z])\((?:r|tm)\)"

_SUPER_MINUS = "⁻(?![⁰¹²³⁴-⁹])"
# Directly after a letter or digit, before the end, a space or a closing mark; but what stands
# before a space and a Greek letter was torn at a line's end ("TGF- β").
_MINUS = re.compile(r"(?<=[^\W_])-(?=[/,;)\]]|\s(?!\s*[α-ω])|$)")
# Also between a marker and one that has a sign of its own: `CD14-CD16+`.
_MINUS_BETWEEN = (
    r"(?:(?<=\d)|(?<=\d[a-z]))-"
    rf"(?=(?:cd\d+[a-z]{{0,2}}|hla-dr)(?:[+{ABSENT}]|hi|lo|dim|bright))"
)
_WORD = re.compile(rf"[^\W_]+(?:['’][^\W\d_]+)*(?:[)\]]?[+{ABSENT}])*")

# A repeated tail goes with its name, so that one pass leaves nothing to fold ("betaeta").
_SPELLED_GREEK = re.compile(
    "a(?:lpha)+|b(?:eta)+|g(?:amma)+|d(?:elta)+|e(?:psilon)+|z(?:eta)+|k(?:appa)+|l(?:ambda)+"
)

# Replaced wherever they stand in a key, which has no word boundaries: a stem that also turns up
# by accident in another name turns up in every notation of it.
_BRITISH = {
    "tumour": "tumor", "behaviour": "behavior", "colour": "color", "favour": "favor",
    "labour": "labor", "flavour": "flavor", "neighbour": "neighbor", "humour": "humor",
    "aem": "em",  # haem-, anaem-, leukaem-
    "anaesth": "anesth", "paediatr": "pediatr", "orthopaed": "orthoped", "gynaec": "gynec",
    "caec": "cec", "faec": "fec", "aetiolog": "etiolog", "naev": "nev", "caesium": "cesium",
    "palaeo": "paleo", "coeliac": "celiac", "foet": "fet", "homoeo": "homeo", "oedem": "edem",
    "oesoph": "esoph", "oestr": "estr", "rrhoe": "rrhe", "leucocyt": "leukocyt",
    "fibre": "fiber", "centre": "center", "titre": "titer", "programme": "program",
    "sulph": "sulf", "artefact": "artifact", "ageing": "aging", "defence": "defense",
    "alogue": "alog", "ologue": "olog", "signall": "signal", "modell": "model", "labell": "label",
    "channell": "channel", "travell": "travel", "tunnell": "tunnel",
}  # fmt: skip

# -ise and -yse become -ize and -yze after these: polarise, sensitise, immunise, metabolise,
# analyse; but neither disease, exercise nor promise.
_IZE_STEMS = (
    "al", "ar", "as", "es", "er", "gn", "id", "il", "im", "in", "it", "iv", "ol", "om", "on",
    "or", "ul", "un", "an",
)  # fmt: skip
_YZE_STEMS = ("anal", "catal", "dial", "hydrol", "paral")
_ISE = "[iy]s(?=e|ing|ation)"
# One search instead of fifty: whatever is replaced contains one of these; nearly no key does.
_PERHAPS_BRITISH = re.compile(
    "[iy]s(?:e|ing|ation)|[ao]e|[bilmv]our|(?:be|de|na|ne|ve)ll|logue|(?:fib|cent|tit)re"
    "|sulph|gramme|efact|efenc|agein|ucocyt"
)

_TO_SIS = ("stases", "lyses", "gnoses", "ptoses", "broses", "croses", "theses", "geneses", "axes")
_ES_PLURALS = ("sses", "xes", "shes", "ches", "viruses")

_NAME_LIMIT = 400
"""Longest key, in characters, that is treated as a name; longer ones are only cleaned."""


def hyphened(text: str) -> str:
    """The text with every kind of dash written as a hyphen."""
    return text.translate(_DASHES)


def _clean(text: str) -> str:
    """The text without differences of compatibility forms, case, accents, dashes, Greek letters and
    look-alikes, without brand signs, and with `ABSENT` for a minus that is part of a name."""
    if text.isascii():
        text = text.lower()
        if "(" in text:
            text = re.sub(_BRAND_SIGN, "", text)
        return _minus_marked(text) if "-" in text else text
    from unicodedata import normalize  # 2 ms with the next import; most texts are ASCII

    from tdr.model.letters import without_look_alikes

    text = without_look_alikes(re.sub(_SUPER_MINUS, ABSENT, re.sub(_BRAND_SIGN, "", text)))
    text = normalize("NFKD", normalize("NFKC", text).casefold())
    # Once more: what decomposition and dropped accents leave may have a case again, and the small
    # letter of a capital may be a look-alike (Ɛ).
    text = without_look_alikes(re.sub(_ACCENTS, "", text).casefold()).casefold()
    text = re.sub(_KANA_DASH, "-", hyphened(text))
    text = _minus_marked(re.sub(_BRAND_SIGN, "", text))
    return normalize("NFKC", text.translate(_TO_LATIN))


def _minus_marked(text: str) -> str:
    text = _MINUS.sub(ABSENT, text)
    if "-cd" in text or "-hla" in text:
        text = re.sub(_MINUS_BETWEEN, ABSENT, text)
    return text


def _is_kept(char: str) -> bool:
    """Letters, digits and `+` make a key; punctuation, symbols and space do not."""
    if char.isalnum() or char in ("+", ABSENT):
        return True
    from unicodedata import category  # most texts are ASCII

    return category(char)[0] == "M"


def _kept(text: str) -> str:
    """The characters of a text that make a key."""
    if text.isascii():  # most texts, in a tenth of the time
        joined = text.replace(" ", "").replace("-", "")
        return joined if joined.isalnum() else joined.translate(_NO_KEY)
    return "".join(filter(_is_kept, text))


_NO_KEY = dict.fromkeys(code for code in range(128) if not chr(code).isalnum() and chr(code) != "+")


def _to_z(match: re.Match[str]) -> str:
    found, before = match.group(), match.string[: match.start()]
    if found == "ys":
        plural = match.string[match.end() :] == "es"  # analyses: more likely the noun
        return "yz" if before.endswith(_YZE_STEMS) and not plural else found
    verb = len(before) > 3 and before.endswith(_IZE_STEMS) and not before.endswith("prom")
    return "iz" if verb or match.string.startswith("ation", match.end()) else found


def _american(key: str) -> str:
    if not _PERHAPS_BRITISH.search(key):
        return key
    for british, american in _BRITISH.items():
        key = key.replace(british, american)
    return re.sub(_ISE, _to_z, key)


def _singular(key: str) -> str:
    """The key without the plural of its last word; see `fold`.

    Only the end is looked at, not where the word begins, so that a key folds to itself.
    """
    if key[-1:] != "s" or len(key) < 3:
        return key
    before, short = key[-2], len(key) == 3
    if before == "e" and not short:
        return _singular_of_es(key)
    kept = (
        before in "suo"
        or (short and before in "aeiy")
        or (before == "i" and key[-3] not in "kcpf")
        or (before == "a" and key[-3] not in "mi")
    )
    return key if kept else key[:-1]


def _singular_of_es(key: str) -> str:
    if key.endswith(_TO_SIS):
        return key[:-2] + "is"
    if key.endswith(_ES_PLURALS) and not key.endswith("niches"):
        return key[:-2]
    return key[:-3] + "y" if key.endswith("ies") and len(key) > 4 else key[:-1]


def plural(word: str) -> str:
    """The plural of a regular noun in lower case: `therapies`, `processes`, `bases`, `cells`."""
    if word.endswith("is"):
        return word[:-2] + "es"
    if word.endswith(("s", "x")):
        return word + "es"
    return word[:-1] + "ies" if re.search("[^aeiou]y$", word) else word + "s"


def _name(key: str) -> str:
    """One notation of a cleaned key: spelled Greek, British spelling and plural, until stable."""
    if len(key) > _NAME_LIMIT:
        return key
    while True:
        folded = _SPELLED_GREEK.sub(lambda match: match.group()[0], key)
        folded = _singular(_american(folded))
        if folded == key:
            return key
        key = folded


@lru_cache(maxsize=16384)
def fold(text: str) -> str:
    """A key that is the same for every notation of one name; for comparing, not for showing.

    Case, accents, width, spaces, punctuation, every kind of dash, ® and ™ do not
    count, nor do Greek letters against their names, Latin stand-ins or look-alikes
    (`TGF-β`, `TGF beta`, `TGFb`, `TGF-ß`), British against American spelling, or a
    plural at the end (`TAMs`, `TKIs`, `metastases`). What does count: `+`, and a
    minus that ends a word or stands between markers (`CD8+`, `CD8- T cell` and `CD8 T cell` are
    three keys; `CD14-CD16+ monocyte` has no `CD14`).

    Of the endings in -s these are no plurals: -ss -us -is -as -os (loss, virus,
    apoptosis, KRAS, ROS), except -mas -ias (gliomas) and -kis -cis -pis (TKIs);
    two letters and an s lose it after a consonant (`DCs` = `DC`, not `ras`).
    A key is not unique: `β cell` and `B cell` agree, as `TGF-β` and `TGFB` must.
    Folding a key gives the key; a text of nothing but punctuation gives "".
    """
    return _name(_kept(_clean(text)))


@lru_cache(maxsize=65536)
def _word(word: str) -> str:
    return _name(word if word.isalnum() else _kept(word))


def words(text: str) -> list[str]:
    """The folded words of a text: split at everything but letters, digits and `+`.

    `CD8+T cells` -> `cd8+`, `t`, `cell`. Joined and split notations (`TGF beta`,
    `TGFb`) stay different here; joining neighbours is the caller's business.
    """
    if text.isascii() and text.isalnum():  # most pieces of a sentence
        return [_word(text.lower())]
    return [_word(word) for word in _WORD.findall(_clean(text))]


def fold_tables() -> dict[str, Mapping[str, str] | tuple[str, ...]]:
    """The tables of `fold`, for a page that folds in the browser."""
    from tdr.model.letters import LOOK_ALIKES

    return {
        "latin": {chr(code): str(latin) for code, latin in _TO_LATIN.items()},
        "dashes": {chr(code): str(dash) for code, dash in _DASHES.items()},
        "look_alikes": LOOK_ALIKES,
        "british": _BRITISH,
        "ize": _IZE_STEMS,
        "yze": _YZE_STEMS,
        "sis": _TO_SIS,
        "es": _ES_PLURALS,
    }
