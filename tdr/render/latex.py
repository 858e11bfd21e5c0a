r"""Plain text as LaTeX: special characters escaped, capitals protected, ASCII if asked for.

Braces are written as `\textbraceleft{}`, since BibTeX counts even escaped ones.
"""

from __future__ import annotations

import re
import unicodedata

from tdr.model.text import visible

_SPECIAL = {
    **{char: "\\" + char for char in "&%$#_"},
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_ESCAPES = str.maketrans(_SPECIAL)

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta",
    "η": "eta", "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "µ": "mu",
    "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "ς": "varsigma", "τ": "tau",
    "υ": "upsilon", "φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma",
    "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma",
    "Υ": "Upsilon", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega", "±": "pm", "×": "times",
}  # fmt: skip
_ASCII = {
    **{letter: f"$\\{command}$" for letter, command in _GREEK.items()},
    # Greek letters without a command, as the Latin letters that look the same.
    **dict(zip("οΑΒΕΖΗΙΚΜΝΟΡΤΧ", "oABEZHIKMNOPTX", strict=True)),
    "–": "--", "—": "---", "‐": "-", "‑": "-", "−": "$-$", "‘": "`", "’": "'",
    "“": "``", "”": "''", "…": r"\dots{}", "ß": r"{\ss}", "æ": r"{\ae}", "Æ": r"{\AE}",
    "œ": r"{\oe}", "Œ": r"{\OE}", "ø": r"{\o}", "Ø": r"{\O}", "ł": r"{\l}", "Ł": r"{\L}",
    "đ": r"{\dj}", "ı": r"{\i}", "®": r"\textregistered{}", "™": r"\texttrademark{}",
    "°": r"\textdegree{}",
}  # fmt: skip
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u",
    "\u0307": ".", "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0327": "c",
    "\u0328": "k",
}  # fmt: skip

_WORD = re.compile(r"[^\W_](?:[^\s—]*[^\W_])?")
"""From the first letter or digit between two spaces to the last one: `PI3K/Akt/mTOR`."""

_LETTERS_AND_DIGITS = re.compile(r"[^\W_]+")


def latex(text: str, *, ascii: bool = False, keep_capitals: bool = False) -> str:
    """The text as LaTeX on one line, with invisible characters escaped.

    `ascii` writes Greek letters and accents as commands. `keep_capitals` puts braces around words
    that a bibliography style must not put in lower case: `{CCL2-mediated} {T} cell`.
    """
    text = one_line(text)

    def converted(part: str) -> str:
        if ascii and not part.isascii():
            return "".join(map(_as_ascii, part))
        return part.translate(_ESCAPES)

    if not keep_capitals:
        return converted(text)
    written = []
    end = 0
    for word in _WORD.finditer(text):
        inside = converted(word.group())
        written += [
            converted(text[end : word.start()]),
            f"{{{inside}}}" if _is_kept(word.group()) else inside,
        ]
        end = word.end()
    return "".join((*written, converted(text[end:])))


def one_line(text: str) -> str:
    """The text composed (NFC), single spaces between words, invisible characters escaped."""
    return visible(unicodedata.normalize("NFC", " ".join(text.split())))


def _is_kept(word: str) -> bool:
    """Whether the capitals of a word matter: one after the first letter, a letter with a digit,
    Greek, a single capital (`T` of `T cell`)."""
    return (
        any(map(str.isupper, word[1:]))
        or any("\u0370" <= char <= "\u03ff" for char in word)
        or any(map(_is_symbol, _LETTERS_AND_DIGITS.findall(word)))
    )


def _is_symbol(part: str) -> bool:
    """Whether letters and digits in a row are a symbol: `CD8`, or a single capital but `A`."""
    return (any(map(str.isdigit, part)) and any(map(str.isalpha, part))) or (
        len(part) == 1 and part.isupper() and part != "A"
    )


def _as_ascii(char: str) -> str:
    if char.isascii():
        return _SPECIAL.get(char, char)
    if char in _ASCII:
        return _ASCII[char]
    base, *marks = list(unicodedata.normalize("NFD", char))
    if base.isascii() and all(mark in _ACCENTS for mark in marks):
        for mark in marks:
            base = f"{{\\{_ACCENTS[mark]}{{{base}}}}}"
        return base
    return rf"\textbackslash{{}}u{ord(char):04x}"
