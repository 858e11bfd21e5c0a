"""Rules about the files themselves: encoding, characters, YAML and JSON syntax.

`tdr.read` finds these while it reads, and every command refuses a file that has
such an error. Here they get their place in the list of rules and a manual page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tdr.check.context import Context
from tdr.check.finding import ERROR, finding
from tdr.model.errors import Problem

ENCODING = """File is not UTF-8, or holds a character that no file may hold.

Programs guess the encoding of other files differently: TGF-β becomes TGF-Î² or
a file is cut at a NUL. Save as UTF-8; a byte order mark at the start is accepted.

Wrong:
    a file saved as UTF-16 or Latin-1
Right:
    the same file saved as UTF-8
"""

BOM = """Byte order mark inside a file.

It comes from joining two files that each began with one, cannot be seen, and
becomes part of the name or value beside it. Remove it.

Wrong:
    <U+FEFF>  - id: imm-002
Right:
    - id: imm-002
"""

LINE_BREAK = """Line break that only some programs take for one, or two kinds in one file.

After a lone carriage return, NEL or U+2028 some programs begin a new line and
others do not: a claim can hide in what looks like a comment. Write LF or CRLF;
a file that mixes these two is a warning.

Wrong:
    # reviewed<U+2028>  - id: imm-099
Right:
    # reviewed
"""

CONTROL_CHAR = """Control character in a text.

It can move a terminal's cursor or break another program's file format. An
escape in double quotes puts it there as surely as the character itself.

Wrong:
    note: "see \\e[31mbelow"
Right:
    note: see below
"""

BIDI = """Character that changes the direction of text.

It makes a text look different from what it says, and puts the columns beside it
in disorder. Nothing in evidence needs it.

Wrong:
    note: "\\u202Eecnatsiser"
Right:
    note: resistance
"""

CONFLICT_MARKER = """Merge conflict left in the file.

Both sides of the conflict are still there. Decide which one holds, and remove
the other together with the markers.

Wrong:
    <<<<<<< HEAD
        refs: [20]
    =======
        refs: [21]
    >>>>>>> branch
Right:
    refs: [20]
"""

SYNTAX = """File is not valid YAML or JSON.

Nothing of the file can be read, so no other rule looks at it. The place given is
where reading stopped; the cause can stand just before it: indentation, a tab, a
bracket or quote that is not closed, a `: ` inside an unquoted text.

Wrong:
    promotes: [monocyte
    opposes: []
Right:
    promotes: [monocyte]
    opposes: []
"""

DUPLICATE_KEY = """Field that stands twice in one mapping.

Other programs keep the first or the last of the two without a word.

Wrong:
    refs: [20]
    note: null
    refs: [21]
Right:
    refs: [20, 21]
    note: null
"""

DUPLICATE_ANCHOR = """YAML anchor that is defined twice.

It is not clear to a reader which of the two an alias means.

Wrong:
    promotes: &cells [monocyte]
    opposes: &cells [NK cell]
Right:
    promotes: &favouring [monocyte]
    opposes: &opposing [NK cell]
"""

KEY = """Key that is neither text nor a whole number.

Parsers disagree about what such a key is. Quote it if it is meant as text.

Wrong:
    true: monocyte
Right:
    promotes: [monocyte]
"""

MERGE = """YAML merge (`<<`) of something that is not a mapping.

Only the fields of another mapping can be merged in.

Wrong:
    <<: [20, 21]
Right:
    <<: *common
"""

TAG = """Explicit YAML tag.

A tag tells a parser to build something else than text, numbers, lists and
mappings, which evidence never needs and which has been used for attacks.

Wrong:
    refs: !!set {20}
Right:
    refs: [20]
"""

DIRECTIVE = """YAML directive other than `%YAML 1.2`.

Under YAML 1.1 the same text has other values: `NO` is false, `010` is eight.

Wrong:
    %YAML 1.1
    ---
    therapy: chemo
Right:
    therapy: chemo
"""

DEPTH = """Lists and mappings nested deeper than any evidence is.

A file that is nested this deep is broken, or meant to break the program.

Wrong:
    refs: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ ... 20 ... ]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
Right:
    refs: [20]
"""

ALIAS_LIMIT = """YAML aliases that stand for more than a file may hold.

A few hundred bytes of aliases of aliases can stand for billions of values.

Wrong:
    a: &a [x, x, x, x, x, x, x, x, x]
    b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
    c: [*b, *b, *b, *b, *b, *b, *b, *b, *b]    # and so on
Right:
    agents: [immune checkpoint blockade]
"""

ALIAS_CYCLE = """YAML alias inside the value that it stands for.

Such a value has no end.

Wrong:
    promotes: &cells [monocyte, *cells]
Right:
    promotes: [monocyte]
"""

SIZE = """File, or line of a JSONL file, larger than the limit.

YAML files are held in memory whole, so there is a limit of 8 MiB. Large
collections belong in JSONL, one claim per line, where it holds for each line.

Wrong:
    chemo.yaml with 20,000 claims
Right:
    chemo.jsonl with 20,000 lines
"""

ROOT = """File without the one mapping that it should consist of.

Each file is one mapping with a key that names its content: `claims`,
`references`, `terms` or `sections`. A line of a JSONL file is one claim.

Wrong:
    - id: che-001
Right:
    therapy: chemo
    claims:
      - id: che-001
"""


def ambiguous(context: Context) -> Iterator[Problem]:
    """Unquoted value that other YAML parsers read differently.

    `no` is text in YAML 1.2 and false in 1.1; `010` is ten or eight. Quotes settle it.

    Wrong:
        synonyms: [no, nitric oxide]
    Right:
        synonyms: ['no', nitric oxide]
    """
    # An error at the same place says what to write.
    wrong = {problem.location for problem in context.dataset.problems if problem.severity == ERROR}
    for problem in context.found("ambiguous"):
        if problem.location not in wrong:
            yield problem


def empty(context: Context) -> Iterator[Problem]:
    """File without content, or without any claim, reference or term.

    It may be meant; more often it is what an accident left.

    Wrong:
        # claims will follow
    Right:
        therapy: chemo
        claims:
          - id: che-001
    """
    yield from context.found("empty")
    files = () if context.is_draft else context.layout.claims
    names = dict.fromkeys((file.name for file in files if not file.bulk), "claims")
    if not context.is_draft:
        names[context.layout.label(context.layout.references)] = "references"
    names.update((context.layout.label(p), "terms") for p in context.layout.terms)
    for name, content in names.items():
        document = context.support.documents[name]
        value = document.value
        if isinstance(value, Mapping) and value.get(content, ...) in (None, [], {}):
            yield finding(f"`{content}` is empty: nothing is read", document.where((content,)))
