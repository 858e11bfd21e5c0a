"""The command that prints a selection as SQL: sql."""

from __future__ import annotations

import re
from typing import Annotated

from tdr.cli import complete
from tdr.cli.declare import flag, option
from tdr.cli.filtering import CRITERIA
from tdr.cli.options import examples, field_names, number, refuse_beside, takes
from tdr.cli.session import Session
from tdr.model.errors import unknown, usage_error
from tdr.model.filters import Criteria
from tdr.model.table import COLUMNS
from tdr.render.sql import COUNT, DIALECTS, dialect_named, statement, where_expression

_QUOTED_OR_NOT = r"""(?=[\w"'`@\[(])(?!\d)(?:"[^"]*"|'[^']*'|`[^`]*`|[^"'`])+"""


@takes(CRITERIA)
@examples(
    "tdr sql -c TAM -k PDAC --columns id,refs",
    "tdr sql -t radio --not noted --dialect spark --table lake.claims",
)
def sql_command(
    session: Session,
    criteria: Criteria,
    dialect: Annotated[
        str, option("ENGINE", f"{', '.join(DIALECTS)}.", complete=complete.words(*DIALECTS))
    ] = "duckdb",
    table: Annotated[
        str, option("TABLE", "The table of claims, as the engine writes it.")
    ] = "claims",
    columns: Annotated[str | None, option("A,B,C", "Which columns, in this order.")] = None,
    limit: Annotated[
        int | None, option("N", "At most N rows.", "--limit", "-n", parser=number(0))
    ] = None,
    count: Annotated[bool, flag("--count", "Ask only how many.")] = False,
    where: Annotated[
        bool, flag("--where", "Print the condition alone, as it stands behind WHERE.")
    ] = False,
) -> None:
    engine = dialect_named(dialect)
    shown = {"--columns": columns is not None, "--limit": limit is not None}
    if where:
        refuse_beside("--where", {"--count": count, "--table": table != "claims", **shown})
    if count:
        refuse_beside("--count", shown)
    is_safe = table.isprintable() and not (";" in table or "--" in table)
    if not table.strip() or not is_safe or not re.fullmatch(_QUOTED_OR_NOT, table):
        raise usage_error(f"`{table}` is not the name of a table")
    chosen = _columns(columns) if columns is not None else ("*",)
    evidence = session.evidence(criteria)
    conditions = evidence.conditions(criteria)
    session.explain(conditions)
    if "refs" in chosen and "source" not in chosen and not evidence.first_alone:
        session.streams.say("refs are numbers in the list of a claim's own source: choose source")
    if where:
        session.streams.write_code(where_expression(conditions, engine))
        return
    session.streams.write_code(
        statement(
            conditions,
            engine,
            table=table,
            columns=COUNT if count else chosen,
            limit=limit,
            data_version=evidence.data_version,
        )
    )


def _columns(text: str) -> tuple[str, ...]:
    chosen = field_names(text)
    names = ("n", *(column.name for column in COLUMNS))
    for name in chosen:
        if name not in names:
            raise unknown("column", name, names)
    return chosen
