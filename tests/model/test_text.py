"""Text as it may be shown (`visible`) and as it is compared (`fold`, `words`)."""

from __future__ import annotations

import unicodedata
from typing import cast

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tdr.model.letters import LOOK_ALIKES
from tdr.model.text import fold, fold_tables, plural, visible, words

ANY = st.text(st.characters())  # with surrogates and controls
NOTATION = st.text(st.sampled_from("abdegklsCD8+- /'’.()αβγκΩ⁺⁻–ıİßéöyiouxnmrtlphz"), max_size=30)
NAMES = st.lists(
    st.sampled_from(
        ["alpha", "beta", "gamma", "κ", "Δ", "CD8", "+", "-", " ", "/", "aem", "our", "ise", "ies",
         "oes", "s", "sis", "ses", "tumour", "TGF", "anal", "yses", "ll", "ing", "T", "cells"]
    )
).map("".join)  # fmt: skip


class TestVisible:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("\x1b[31mred", r"\x1b[31mred"),
            ("a\nb\tc\rd", r"a\nb\tc\rd"),
            ("\x00\x07\x7f\x9b", r"\x00\x07\x7f\x9b"),
            ("\u202eevil\u2066", r"\u202eevil\u2066"),
            ("\u061c\u200e\u200f", r"\u061c\u200e\u200f"),
            ("IL\u200b6 \u2060\ufeff", r"IL\u200b6 \u2060\ufeff"),
            ("\u2028\u2029", r"\u2028\u2029"),
            ("\udc9b31m", r"\udc9b31m"),
            ("\U000e0001", r"\U000e0001"),
            ("a\u200db", r"a\u200db"),
            ("\u200d👩", r"\u200d👩"),
        ],
    )
    def test_what_a_terminal_would_obey_or_hide_is_spelled_out(self, text: str, shown: str) -> None:
        assert visible(text) == shown

    @pytest.mark.parametrize(
        "text",
        ["", "CCL2 draws in monocytes.", "[bold] [/b] :100: [a-z]", "αSMA+ · NF-κB → ≥ 5 °C",
         "免疫", "👩‍🔬 ❤️‍🔥 👍🏽", "e\u0301", r"back\slash \x1b", "no\u00a0break"],
    )  # fmt: skip
    def test_everything_else_stays(self, text: str) -> None:
        assert visible(text) == text

    @given(ANY)
    def test_result_is_harmless_and_stable(self, text: str) -> None:
        shown = visible(text)
        assert visible(shown) == shown
        assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in shown)


SAME = [
    ["IL-6", "IL−6", "IL─6", "ILー6", "ＩＬー６", "IL➖6", "IL˗6", "IL⁃6", "IL\xad-6", "IL‑6"],
    ["5-FU", "5−FU", "5 FU"],
    ["TGF-β1", "TGF-ß1", "TGF-ẞ1", "TGFß1", "Tgfß1", "TGF−ꞵ1"],
    ["α-SMA", "ɑ-SMA", "⍺SMA"],
    ["amyloid Aβ", "amyloid Aß"],
    ["αβ T cell", "αß T cell"],
    ["IFN-γ", "IFN-ɣ"],
    ["NF-κB", "NF-ĸB", "NF-кB"],
    ["ΔNp63", "∆Np63"],
    ["PPARδ", "PPAR∂"],
    ["IL-6", "ІL-6"],
    ["Straße", "Strasse"],
    [
        "Platinol",
        "Platinol®",
        "Platinol™",
        "Platinol ®",
        "PLATINOL(R)",
        "Platinol(TM)",
        "Platinol©",
    ],
    ["TGF-β", "TGF beta", "TGF-beta", "TGFb", "TGFB", "tgf-b", "TGF‑β", "TGF–β", "TGF- β"],
    ["IFN-γ", "IFN gamma", "IFNg", "IFN-gamma", "IFNG"],
    ["NF-κB", "NF kappa B", "NFkB", "nfkb", "NF-κ B", "NF-kappaB"],
    ["αSMA", "alpha SMA", "aSMA", "α-SMA", "alpha-SMA"],
    ["αSMA+ TAF", "(αSMA)+TAF"],
    ["IL-6", "IL6", "il 6"],
    ["HIF-1α", "HIF-1 α", "HIF1A", "HIF-1alpha"],
    ["integrin αvβ1", "integrin alpha-v beta-1", "integrin avb1"],
    ["γδ T cell", "gamma-delta T cell", "gdT cells"],
    ["PKC-θ", "PKC theta"],
    ["β-catenin", "b-catenin", "beta catenin"],
    ["CD8+ T cell", "CD8+T cells", "CD8⁺ T-cell", "CD8 + T cell"],
    ["CD8- T cell", "CD8⁻ T cell", "CD8− T cell"],
    ["PD-L1", "PDL1", "PD L1", "pd_l1", "P.D.L.1"],
    ["JAK2/STAT3", "JAK2-STAT3", "JAK2 STAT3"],
    ["Bruton's", "Bruton’s", "Brutons"],
    ["Sjögren", "Sjogren"],
    ["ＩＬ－６", "IL-6"],
    # British and American
    ["tumour-associated", "tumor associated"],
    ["oestrogen receptor", "estrogen receptor"],
    ["leukaemia", "leukemia", "leukaemias"],
    ["haematopoietic", "hematopoietic"],
    ["oesophageal", "esophageal"],
    ["signalling", "signaling"],
    ["remodelling", "remodeling"],
    ["polarisation", "polarization"],
    ["M2-polarised TAM", "M2-polarized TAM"],
    ["neutralising", "neutralizing"],
    ["radiosensitiser", "radiosensitizer"],
    ["analyse", "analyze"],
    ["fibre", "fiber", "fibres"],
    ["centre", "center"],
    ["anaemia", "anemia"],
    ["paediatric", "pediatric"],
    # plurals
    ["TAMs", "TAM"],
    ["DCs", "DC"],
    ["TKIs", "TKI"],
    ["T cells", "T cell"],
    ["Tregs", "Treg"],
    ["metastases", "metastasis"],
    ["analyses", "analysis"],
    ["therapies", "therapy"],
    ["pathways", "pathway"],
    ["carcinomas", "carcinoma"],
    ["kinases", "kinase"],
    ["responses", "response"],
    ["processes", "process"],
    ["niches", "niche"],
    ["viruses", "virus"],
    ["axes", "axis"],
]
DIFFERENT = [
    ["CD8+ T cell", "CD8- T cell", "CD8 T cell"],
    ["CD14-CD16+ monocyte", "CD14+CD16+ monocyte", "CD14CD16+ monocyte"],
    ["PTEN", "PTEN-"],
    ["PD-1", "PD-L1", "PD-L2"],
    ["RAS", "RA", "KRAS"],
    ["ROS", "RO"],
    ["IL-1α", "IL-1β"],
    ["M1 macrophage", "M2 macrophage"],
    ["VEGFR2", "VEGFR3"],
    ["A2A", "A2B"],
    ["CD8+", "CD8−", "CD8"],
    ["スーパー", "スパ"],
]


class TestFold:
    @pytest.mark.parametrize("names", SAME, ids=lambda names: names[0])
    def test_notations_of_one_name_agree(self, names: list[str]) -> None:
        assert len({fold(name) for name in names}) == 1

    @pytest.mark.parametrize("names", DIFFERENT, ids=lambda names: names[0])
    def test_different_names_differ(self, names: list[str]) -> None:
        assert len({fold(name) for name in names}) == len(names)

    @pytest.mark.parametrize(
        "word",
        ["loss", "virus", "apoptosis", "kras", "inos", "ras", "yes", "disease", "exercise",
         "promise", "hour", "source", "pancreas", "atlas"],
    )  # fmt: skip
    def test_words_that_only_look_like_a_variant_stay(self, word: str) -> None:
        assert fold(word) == word

    @pytest.mark.parametrize("text", [" - (.) ", "®", "−", "→", "🧬"])
    def test_only_punctuation_and_symbols_is_no_name(self, text: str) -> None:
        assert fold(text) == ""

    @given(st.one_of(ANY, NOTATION, NAMES))
    @example("ʼn")
    @example("\u0345")
    def test_folding_a_key_gives_the_key(self, text: str) -> None:
        assert fold(fold(text)) == fold(text)

    @given(st.one_of(ANY, NOTATION, NAMES))
    @example("ƐƖⓇ")  # no look-alikes, but their small letters are, or are a sign of a brand
    @example("\u1c82\uab70")  # small letters of other scripts, whose capitals are look-alikes
    def test_case_does_not_count(self, text: str) -> None:
        assume("ß" not in text.lower())  # its capitals, SS, no longer tell that β was meant
        assume(LOOK_ALIKES.keys().isdisjoint(text))  # Т looks like T, its small letter like nothing
        assert fold(text.casefold()) == fold(text)

    @given(st.text(st.characters(max_codepoint=0x17F)))
    def test_capitals_do_not_count(self, text: str) -> None:
        assume("ß" not in text)
        assert fold(text.upper()) == fold(text.lower()) == fold(text)

    @pytest.mark.parametrize("unit", ["alpha", "aem", "eta", "s", "lalphambda", "⁻", "ses "])
    def test_huge_text_takes_no_long_time(self, unit: str) -> None:
        fold(unit * 100_000)
        words(unit * 100_000)


class TestWords:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", []),
            ("CD8+T cells", ["cd8+", "t", "cell"]),
            ("(αSMA)+TAFs", ["asma+", "taf"]),
            ("TGF-β/SMAD signalling", ["tgf", "b", "smad", "signaling"]),
            ("Bruton's; anti-PD-1 + RT", ["bruton", "anti", "pd", "1", "rt"]),
            ("metastases, tumours.", ["metastasis", "tumor"]),
            ("CD8- T", ["cd8¬", "t"]),
            ("CD14-CD16+ monocyte", ["cd14¬", "cd16+", "monocyte"]),
            ("CD14+CD16-HLA-DRhi", ["cd14+", "cd16¬", "hla", "drhi"]),
            ("CD4-CD8- T", ["cd4¬", "cd8¬", "t"]),
            ("IL-6-CD8 axis", ["il", "6", "cd8", "axis"]),
        ],
    )
    def test_folded_words(self, text: str, expected: list[str]) -> None:
        assert words(text) == expected

    @given(st.one_of(ANY, NOTATION, NAMES))
    def test_words_of_words_are_the_words(self, text: str) -> None:
        found = words(text)
        assert all(found)
        assert words(" ".join(found)) == found


@pytest.mark.parametrize(
    ("word", "expected"),
    [("cell", "cells"), ("therapy", "therapies"), ("pathway", "pathways"), ("basis", "bases"),
     ("process", "processes")],
)  # fmt: skip
def test_plural_of_a_regular_noun(word: str, expected: str) -> None:
    assert plural(word) == expected


def test_every_british_spelling_folds_to_the_american_one() -> None:
    spellings = cast("dict[str, str]", fold_tables()["british"])
    assert {fold(f"x{british}b") for british in spellings} == {
        fold(f"x{american}b") for american in spellings.values()
    }
