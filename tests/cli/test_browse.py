"""`tdr browse`, as somebody at a keyboard uses it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import re
import signal
import sys
import termios
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from select import select
from shutil import which

import pytest
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.widgets import OptionList, Static

import tdr
from tdr.ask.browse import Choice, Question
from tdr.ask.evidence import Evidence
from tdr.ask.search import search
from tdr.model.errors import TdrError
from tdr.model.filters import Criteria
from tdr.model.values import Claim
from tdr.render import Terminal
from tdr.render.terminal.browse.app import Browser, ExternalActions
from tests.conftest import ROOT, Run
from tests.program import shell, start

Steps = Callable[[Pilot[int]], Awaitable[None]]


@dataclass
class Recorded:
    """What was asked of the world outside."""

    opened: list[str] = field(default_factory=list)
    saved: list[tuple[int, str]] = field(default_factory=list)

    def open(self, links: Sequence[str]) -> bool:
        self.opened += links
        return True

    def save(self, claims: Sequence[Claim], name: str) -> None:
        if not name.endswith(".csv"):
            raise TdrError(f"`{name}` has no ending")
        self.saved.append((len(claims), name))


def drive(
    evidence: Evidence,
    steps: Steps,
    *,
    question: Question | None = None,
) -> tuple[Browser, Recorded]:
    """The screen after somebody has pressed these keys."""
    outside = Recorded()
    app = Browser(
        evidence,
        question or Question(),
        ExternalActions(outside.open, outside.save, ("csv",)),
        Terminal(color=True),
    )

    async def run() -> None:
        async with app.run_test() as pilot:
            await steps(pilot)

    asyncio.run(run())
    return app, outside


def shown(app: Browser, selector: str) -> str:
    """The text of a part of the screen."""
    return str(app.screen.query_one(selector, Static).render())


def found(app: Browser) -> list[str]:
    return [claim.id for claim in app.answer.claims]


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    """Wait until something is so: words are searched when the keys rest."""
    while not true():
        await pilot.pause(0.02)


async def put(pilot: Pilot[int], text: str) -> None:
    """Paste a text where the focus is: the screen is drawn once, not for every letter."""
    assert pilot.app.focused is not None
    pilot.app.focused.post_message(Paste(text))
    await pilot.pause()


def test_words_are_searched_as_they_are_typed_by_the_engine_of_search(evidence: Evidence) -> None:
    cards: list[str] = []

    async def steps(pilot: Pilot[int]) -> None:
        app: Browser = pilot.app  # type: ignore[assignment]  # the app that is driven
        assert len(found(app)) == len(evidence)
        await pilot.press("slash", *"gef")
        await put(pilot, "itnib")
        await until(pilot, lambda: "gefitnib: gefitinib" in shown(app, "#message"))
        assert found(app) == [hit.claim.id for hit in search(evidence, "gefitnib").hits]
        cards.append(shown(app, "#card Static"))
        await pilot.press("down")  # the list moves while the words keep the keys
        cards.append(shown(app, "#card Static"))
        await pilot.press("escape", "escape")  # back to the list; there, the words go
        await until(pilot, lambda: len(found(app)) == len(evidence))

    app, _ = drive(evidence, steps)
    first, second = (hit.claim for hit in search(evidence, "gefitnib").hits[:2])
    assert first.id in cards[0]
    assert "references" in cards[0]
    assert second.id in cards[1]
    assert (app.question, len(found(app))) == (Question(), len(evidence))


def test_a_search_and_a_size_that_come_when_the_screen_is_gone_are_too_late(
    evidence: Evidence,
) -> None:
    async def steps(_: Pilot[None]) -> None: ...

    app, _ = drive(evidence, steps)
    before, app.question = app.answer, Question(words="gefitinib")
    app._answer()
    app.on_card_resized()
    assert app.answer is before


def test_a_key_for_each_filter_shows_values_with_their_number_of_claims(
    evidence: Evidence,
) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        app: Browser = pilot.app  # type: ignore[assignment]
        await pilot.press("c")
        await put(pilot, "TAM")
        values = pilot.app.screen.query_one(OptionList)
        number = len(evidence.filter(cell="tumor-associated macrophage"))
        assert str(values.get_option_at_index(0).prompt).split() == [
            str(number), "tumor-associated", "macrophage"
        ]  # fmt: skip
        await pilot.press("enter")
        assert len(found(app)) == number
        await pilot.press("s", "s", "u", "enter", "r", "5", "7", "enter")
        assert app.question.criteria.wanted[1:] == (("standing", "supported"), ("ref", "57"))
        await pilot.press("r", "down", "enter")  # what is chosen comes first, after `any`
        await pilot.press("s", "enter")  # any
        assert app.question.criteria == Criteria.of(cell="tumor-associated macrophage")
        await pilot.press("x", "c")
        await put(pilot, "macrofage")  # no such value
        values = pilot.app.screen.query_one(OptionList)
        assert str(values.get_option_at_index(0).prompt) == "no such value; similar:"
        await pilot.press("enter")
        assert app.question.criteria == Criteria.of(cell="macrophage")
        await pilot.press("S", "escape", "x")

    app, _ = drive(evidence, steps)
    assert app.question == Question()


def test_a_paper_is_opened_its_citation_copied_and_the_list_exported(evidence: Evidence) -> None:
    said: list[str] = []

    async def steps(pilot: Pilot[int]) -> None:
        app: Browser = pilot.app  # type: ignore[assignment]
        await pilot.press("o")
        said.append(shown(app, "#message"))
        await pilot.press("y")
        said.append(shown(app, "#message"))
        await pilot.press("e", "enter")
        said.append(shown(app, "#message"))
        await pilot.press("e", "x", "enter")
        said.append(shown(app, "#message"))

    asked = Question(criteria=Criteria.of(ref="76"))
    app, outside = drive(evidence, steps, question=asked)
    (claim,) = app.answer.claims
    (number,) = claim.refs
    assert outside.opened == [evidence.references[number].url]
    assert evidence.references[number].title in app.clipboard
    assert outside.saved == [(1, "claims.csv")]
    assert said == [
        "opened in the browser",
        f"copied, if the terminal lets it: [{number}]",
        "wrote claims.csv: 1 claim",
        "`x` has no ending",
    ]


def test_help_and_card_fit_the_screen(evidence: Evidence) -> None:
    async def steps(pilot: Pilot[int]) -> None:
        app: Browser = pilot.app  # type: ignore[assignment]
        lines = []
        await pilot.press("tab")  # to the card
        for size in ((80, 24), (40, 12), (160, 50)):
            await pilot.resize_terminal(*size)
            await pilot.press("question_mark")
            assert "copy the citation" in shown(app, ".dialog Static")
            await pilot.press("escape")
            for widget in app.screen.query("#claims, #card, #message, Footer"):
                assert app.screen.region.contains_region(widget.region), (size, widget)
            lines.append(len(shown(app, "#card Static").splitlines()))
        usual, narrow, wide = lines
        assert wide < min(usual, narrow)
        await pilot.press("q")

    drive(evidence, steps)


@pytest.mark.parametrize(
    ("label", "forms", "rank"),
    [
        ("macrophage", (), 0),
        ("M1 macrophage", (), 1),
        ("tumor-associated macrophage", ("TAM",), 1),
        ("Langerhans cell", ("dendritic-macrophage",), 2),
        ("plasma cell", ("plasmacyte",), None),
    ],
)
def test_values_that_begin_as_was_typed_come_first(
    label: str, forms: tuple[str, ...], rank: int | None
) -> None:
    assert Choice(label, label, forms=forms).rank("Mac") == rank


def typed(app: Browser, keys: str) -> None:
    """All at once, as where somebody does not wait for the screen."""
    for key in keys:
        name = {"/": "slash", "\r": "enter"}.get(key, key)
        app.post_message(Key(name, key))


def test_keys_that_come_before_the_screen_or_a_dialog_is_there_are_for_it(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hazard 77."""

    async def steps(pilot: Pilot[int]) -> None:
        app: Browser = pilot.app  # type: ignore[assignment]
        await until(pilot, lambda: found(app) == ["che-002"])
        await pilot.press("escape", "x")
        typed(app, "cTAM\r")
        await until(pilot, lambda: found(app) == ["che-001"])
        typed(app, "e\r")
        await until(pilot, lambda: not app.screen.is_modal and "wrote" in shown(app, "#message"))

    monkeypatch.setattr(Browser, "on_load", lambda app: typed(app, "/CD8 mamma"), raising=False)
    _, outside = drive(tdr.load(small, cache=False), steps)
    assert outside.saved == [(1, "claims.csv")]


@pytest.mark.parametrize("key", ["slash", "question_mark"])
def test_ctrl_c_interrupts_it_wherever_one_is(small: Path, key: str) -> None:
    """Hazard 31."""

    async def steps(pilot: Pilot[int]) -> None:
        await pilot.press(key, "ctrl+c")

    app, _ = drive(tdr.load(small, cache=False), steps)
    assert app.return_value == signal.SIGINT


def test_a_file_is_written_where_a_shell_would_write_it(
    run: Callable[..., Run], small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(
        evidence: Evidence, _: str, __: Criteria, actions: ExternalActions, ___: Terminal
    ) -> None:
        actions.save(evidence.claims, "~/claims.csv")

    monkeypatch.setattr("tdr.cli.boundary.Streams.is_terminal", lambda *_: True)
    monkeypatch.setattr("tdr.render.terminal.browse.app.browse", save)
    monkeypatch.setenv("HOME", str(small.parent))
    assert run("--evidence", str(small), "browse", TERM="xterm").exit == 0
    assert (small.parent / "claims.csv").read_text().count("che-00") == 2


def test_text_of_the_evidence_is_neither_markup_nor_obeyed_by_the_terminal(small: Path) -> None:
    """Hazard 77. Hazard 35."""
    path = small / "chemo.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Macrophages in", "[bold]A\u2067 [/none] [@click=app.bell]CAFs"))
    own = tdr.load(small, cache=False)

    async def steps(pilot: Pilot[int]) -> None:
        app: Browser = pilot.app  # type: ignore[assignment]
        listed = app.query_one(OptionList).get_option_at_index(0).prompt
        for drawn in (str(listed), shown(app, "#card Static")):
            assert r"[bold]A\u2067 [/none] [@click=app.bell]CAFs" in " ".join(drawn.split())

    drive(own, steps)


def test_a_megabyte_that_is_pasted_is_not_taken_and_typing_goes_on(small: Path) -> None:
    """Hazard 77."""

    async def steps(pilot: Pilot[int]) -> None:
        app: Browser = pilot.app  # type: ignore[assignment]
        await pilot.press("slash")
        await put(pilot, "TAM " * 250_000)
        await pilot.press(*"CCL5")
        await until(pilot, lambda: found(app) == ["che-001"])

    drive(tdr.load(small, cache=False), steps)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_it_stops_and_goes_on_as_the_shell_wants_and_a_hang_up_ends_it(small: Path) -> None:
    """Hazard 77."""
    outside, inside = pty.openpty()
    child = start(
        "--evidence", small, "browse", stdin=inside, stdout=inside, stderr=inside,
        before=[os.setsid, partial(fcntl.ioctl, 0, termios.TIOCSCTTY, 0),
                partial(signal.signal, signal.SIGHUP, signal.SIG_IGN)],  # as nohup does
        env={"TERM": "xterm"},
    )  # fmt: skip
    screen, left, cursor = b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[?25h"
    drawn = b""

    def sees(wanted: bytes) -> bool:
        nonlocal drawn
        while wanted not in drawn and select([outside], [], [], 20)[0]:
            drawn += os.read(outside, 65536)
        _, found, drawn = drawn.partition(wanted)
        return bool(found)

    def is_raw() -> bool:
        return not termios.tcgetattr(outside)[3] & termios.ICANON

    assert sees(screen)
    assert sees(b"che-001")
    assert is_raw()
    os.write(outside, b"\x1a")  # Ctrl-Z
    assert sees(left)
    assert sees(cursor)
    while " T " not in Path(f"/proc/{child.pid}/stat").read_text():
        time.sleep(0.01)  # it is the last that it does
    assert not is_raw()
    os.kill(child.pid, signal.SIGCONT)  # fg
    assert sees(screen)
    assert sees(b"che-001")
    assert is_raw()
    os.close(inside)
    os.close(outside)
    assert child.wait().exit == -signal.SIGHUP


def test_a_signal_ends_it_with_the_terminal_as_it_was(small: Path) -> None:
    """Hazard 77."""
    outside, inside = pty.openpty()
    before = termios.tcgetattr(inside)
    child = start(
        "--evidence", small, "browse", stdin=inside, stdout=inside, stderr=inside,
        before=[os.setsid, partial(fcntl.ioctl, 0, termios.TIOCSCTTY, 0)], env={"TERM": "xterm"},
    )  # fmt: skip
    drawn = b""
    while b"che-001" not in drawn and select([outside], [], [], 20)[0]:
        drawn += os.read(outside, 65536)
    assert termios.tcgetattr(inside) != before
    os.kill(child.pid, signal.SIGTERM)
    while b"\x1b[?25h" not in drawn and select([outside], [], [], 20)[0]:
        drawn += os.read(outside, 65536)
    assert child.wait().exit == -signal.SIGTERM
    assert b"\x1b[?1049l" in drawn
    assert termios.tcgetattr(inside) == before
    os.close(inside)
    os.close(outside)


def test_without_a_terminal_or_the_extra_it_says_what_to_do(
    run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hazard 77."""
    result = run("browse")
    said = "tdr: error: browse needs a terminal; `tdr list` writes to a pipe\n"
    assert (result.exit, result.out, result.err) == (2, "", said)
    monkeypatch.setattr("tdr.cli.boundary.Streams.is_terminal", lambda *_: True)
    monkeypatch.delitem(sys.modules, "tdr.render.terminal.browse.app")
    monkeypatch.setitem(sys.modules, "textual.app", None)
    result = run("browse", TERM="dumb")
    assert (result.exit, "TERM says `dumb`" in result.err) == (2, True)
    result = run("browse", TERM="xterm")
    said = "tdr: error: browse needs one more package: pip install 'tdr[browse]'\n"
    assert (result.exit, result.out, result.err) == (2, "", said)


def test_the_line_for_fzf_finds_a_claim() -> None:
    if which("fzf") is None:
        pytest.skip("no fzf here")
    page = (ROOT / "docs/browse.md").read_text(encoding="utf-8")
    line = re.findall(r"```sh\n(.*?)```", page, re.S)[1]
    done = shell(line.replace("fzf ", "fzf --filter miR-423-5p "))
    assert done.returncode == 0, done.stderr
    assert b"che-018" in done.stdout
