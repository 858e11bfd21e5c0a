"""`tdr browse`: a list of claims, the card of one, a line to search in and keys to filter by."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option

from tdr.ask.browse import Answer, Choice, Marks, Question, answer, choices
from tdr.ask.evidence import Evidence
from tdr.ask.evidence_data import ReferenceName
from tdr.ask.search import MAX_QUERY
from tdr.model.errors import TdrError
from tdr.model.filters import FILTERS, Criteria
from tdr.model.publication import Publication
from tdr.model.text import counted, visible
from tdr.model.values import Claim, Reference
from tdr.render import Terminal
from tdr.render.citations import vancouver
from tdr.render.terminal.browse.dialogs import ANY, KeyHelp, Picker, Prompt
from tdr.render.terminal.card import claim_card
from tdr.render.terminal.lines import STANDING_MARKS, STYLES, marked_id

_MAX_CLAIMS = 1000
"""The number of claims that the list shows; filters narrow longer lists."""

_MAX_HITS = 100
"""The number of hits that the list shows; marking their words takes most of the time."""

_SEARCH_DELAY = 0.1
"""Seconds after the last key before the search starts."""

_FILTER_KEYS: Mapping[str, str] = {
    entry.short[1]: name for name, entry in FILTERS.items() if entry.short
} | {"s": "standing", "S": "source"}
"""Key -> filter: the letter of the option, where there is one."""

_EXIT_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
"""Signals that end a process unless it handles them."""

_SHOWN_KEYS = ("c", "k", "a")
"""Keys of filters that the footer shows; it has no room for all."""


_LETTER_ACTIONS = frozenset(("search", "keys", "quit", "filter", "clear", "open", "copy", "export"))
"""Actions whose keys are letters or signs."""

# The application handles such a key before it looks at the next one, which the dialog that this
# one opens may be waiting for.
_priority = partial(Binding, priority=True)


@dataclass(frozen=True, slots=True)
class ExternalActions:
    """What the screen has the program do: open addresses, save claims.

    `open` opens web addresses and returns whether it could; `save` writes claims to a file in the
    format of its ending and raises TdrError; `endings` are those that it accepts.
    """

    open: Callable[[Sequence[str]], bool]
    save: Callable[[Sequence[Claim], str], None]
    endings: Sequence[str]


class Card(VerticalScroll):
    """The pane with the card of a claim, which is drawn again when the width changes."""

    class Resized(Message):
        """The width has changed."""

    def on_resize(self) -> None:
        self.post_message(self.Resized())


class Browser(App[int]):
    """The application: it reads the evidence itself, and writes only through `ExternalActions`."""

    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = "#claims"  # before the first key, which may come before the screen is drawn
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (70, "-wide")]  # noqa: RUF012 - an attribute there
    CSS = """
    #conditions { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    #message { height: auto; max-height: 3; }
    OptionList { border: none; padding: 0; scrollbar-size-vertical: 1;
                 text-wrap: nowrap; text-overflow: ellipsis; }
    #card { padding: 0 0 0 1; scrollbar-size-vertical: 1; border-left: solid ansi_default; }
    .-wide #claims { width: 2fr; max-width: 76; height: 1fr; }
    .-wide #card { width: 3fr; height: 1fr; }
    .-narrow #body { layout: vertical; }
    .-narrow #claims { height: 2fr; }
    .-narrow #card { height: 3fr; border-left: none; border-top: solid ansi_default; }
    #card:focus { border-left: heavy ansi_default; }
    OptionList > .option-list--option-highlighted {
        color: ansi_black !important; background: ansi_white !important; }
    Browser:nocolor .option-list--option-highlighted { text-style: bold underline !important; }
    Browser:nocolor .input--cursor { text-style: underline !important; }
    ModalScreen { align: center middle; }
    .dialog { width: 72; max-width: 95%; height: auto; max-height: 90%;
              border: round ansi_default; padding: 0 1; }
    .dialog OptionList { max-height: 18; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        _priority("slash", "search", "Search", key_display="/"),
        _priority("question_mark", "keys", "Keys", key_display="?"),
        _priority("q", "quit", "Quit"),
        *(
            _priority(key, f"filter({name!r})", name.capitalize(), show=key in _SHOWN_KEYS)
            for key, name in _FILTER_KEYS.items()
        ),
        _priority("x", "clear", "Clear", tooltip="Take all filters and words away"),
        _priority("o", "open", "Open", tooltip="Open the paper in the browser"),
        _priority("y", "copy", "Copy", tooltip="Copy the citation"),
        _priority("e", "export", "Export", tooltip="Write the claims of the list to a file"),
        Binding("ctrl+c", "interrupt", show=False, priority=True),  # in dialogs, too
        Binding("ctrl+z", "suspend_process", show=False),
        Binding("escape", "leave", show=False),
        Binding("space", "in_card('page_down')", show=False),
        Binding("b", "in_card('page_up')", show=False),
        *(
            Binding(key, f"in_list({action!r})", show=False)
            for key, action in (
                ("down", "cursor_down"),
                ("up", "cursor_up"),
                ("pagedown", "page_down"),
                ("pageup", "page_up"),
            )
        ),
    ]

    def __init__(
        self, evidence: Evidence, question: Question, actions: ExternalActions, terminal: Terminal
    ) -> None:
        super().__init__(ansi_color=True)
        self.theme = "ansi-dark"  # the colours of the terminal, on its own background
        self._evidence, self._actions, self._terminal = evidence, actions, terminal
        self.question = question
        self.answer = Answer((), 0, {})
        self._waiting: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="conditions")
        yield Input(
            self.question.words,
            id="words",
            placeholder="/ to search in any words",
            max_length=MAX_QUERY,
            compact=True,
            select_on_focus=False,
        )
        with Horizontal(id="body"):
            yield OptionList(id="claims", compact=True)
            with Card(id="card"):
                yield Static()
        yield Static(id="message")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self._answer()

    @property
    def _is_there(self) -> bool:
        """Whether the screen is: a search that waits and a new size may come when it is gone."""
        return bool(self.query("#message"))

    # -- answers ----------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "words" and event.value != self.question.words:
            self.question = replace(self.question, words=event.value)
            if self._waiting is not None:
                self._waiting.stop()
            self._waiting = self.set_timer(_SEARCH_DELAY, self._answer)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id == "words":
            self.query_one("#claims").focus()

    def _answer(self) -> None:
        """Show the claims that answer the question, or say why it cannot be answered."""
        if not self._is_there:
            return
        try:
            most = _MAX_HITS if self.question.words else _MAX_CLAIMS
            self.answer = answer(self._evidence, self.question, most)
            message = "; ".join(self.answer.messages)
        except TdrError as error:
            message = _message(error)
        self._show_message(message)
        self._show_conditions()
        claims = self.query_one("#claims", OptionList)
        claims.clear_options()
        marks = self.answer.marks
        claims.add_options(
            [Option(self._line(claim, marks.get(claim.id, ()))) for claim in self.answer.claims]
        )
        claims.highlighted = 0 if self.answer.claims else None
        self._show_card()

    def _show_conditions(self) -> None:
        matched, shown = self.answer.matched, len(self.answer.claims)
        counts = f"{matched} of {len(self._evidence)} claims"
        if shown < matched:
            counts = f"{shown} shown of {counts}"
        phrases = " · ".join(self.question.criteria.phrases())
        line = Text.assemble((counts, "bold"), visible(f"  {phrases or 'no filter'}"))
        self.query_one("#conditions", Static).update(line)

    def _line(self, claim: Claim, marks: Marks) -> Text:
        """A claim in two lines: its cells, then the mechanism."""
        line = Text.assemble((claim.id, "bold"))
        line.append(marked_id(claim, self._terminal.ascii).removeprefix(claim.id))
        for field in ("promotes", "opposes"):
            sign = STYLES[field].mark(self._terminal.ascii)
            for cell in getattr(claim, field):
                line.append(f"  {sign} {visible(cell)}", "red" if field == "promotes" else "green")
        start = len(line) + 1
        line.append("\n" + visible(claim.mechanism))
        if claim.mechanism == visible(claim.mechanism):  # else the offsets are others
            for begin, end in marks:
                line.stylize("bold underline", start + begin, start + end)
        return line

    def on_option_list_option_highlighted(self) -> None:
        self._show_card()

    def on_option_list_option_selected(self) -> None:
        self.query_one("#card").focus()

    def on_card_resized(self) -> None:
        self._show_card()

    def _current(self) -> Claim | None:
        place = self.query_one("#claims", OptionList).highlighted
        if place is None or place >= len(self.answer.claims):
            return None
        return self.answer.claims[place]

    def _show_card(self) -> None:
        if not self._is_there:
            return
        claim, card = self._current(), self.query_one("#card", VerticalScroll)
        text = Text("no claim")
        if claim is not None:
            width = max(card.scrollable_content_region.width, 20)
            terminal = self._terminal.replace(width=width, color=True)
            text = Text.from_ansi(claim_card(claim, self._evidence, terminal))
        card.query_one(Static).update(text)
        card.scroll_home(animate=False)

    # -- keys -------------------------------------------------------------

    def check_action(self, action: str, _: tuple[object, ...]) -> bool | None:
        """Disable the keys that are letters in fields, where they are typed, and in dialogs."""
        disabled = isinstance(self.focused, Input) or self.screen.is_modal
        return None if disabled and action in _LETTER_ACTIONS else True

    def action_interrupt(self) -> None:
        """Exit as SIGINT does: the terminal sends none while it is in raw mode."""
        self.exit(signal.SIGINT)

    def action_search(self) -> None:
        """Go to the field for words to search for."""
        self.screen.set_focus(self.query_one("#words"))  # at once, before the next key

    def action_leave(self) -> None:
        """Go back to the list; in the list, clear the words."""
        claims = self.query_one("#claims")
        if self.focused is claims:
            self.query_one("#words", Input).value = ""
        claims.focus()

    async def action_in_list(self, action: str) -> None:
        """Move in the list, even while words are typed."""
        await self.run_action(action, self.query_one("#claims"))

    async def action_in_card(self, action: str) -> None:
        """Scroll the card, even while the list has the focus."""
        await self.run_action(action, self.query_one("#card"))

    def action_clear(self) -> None:
        """Clear all filters and words."""
        self.question = Question()
        self.query_one("#words", Input).value = ""
        self._answer()

    async def action_filter(self, name: str) -> None:
        """Choose a value of a filter, or remove one."""
        chosen = self.question.criteria.values(name)

        def apply(value: str | None) -> None:
            if value is not None:
                question = self.question
                self.question = (
                    question.without(name) if value == ANY else question.toggled(name, value)
                )
                self._answer()

        offered = choices(self._evidence, self.question, name)
        known = {one.value for one in offered}
        others = tuple(Choice(value, value) for value in chosen if value not in known)
        await self.push_screen(Picker(name.replace("_", " "), (*others, *offered), chosen), apply)

    def _cited(self) -> dict[ReferenceName, Reference]:
        """The references of the claim in the card."""
        claim = self._current()
        names = self._evidence.named([claim]) if claim else ()
        return {name: self._evidence.bibliography[name] for name in names}

    async def action_open(self) -> None:
        """Open the paper of the claim in the browser; one of several is chosen first."""
        links = {one.url: Publication.of(one) for one in self._cited().values()}

        def open_link(link: str | None) -> None:
            if link is None:
                return
            opened = self._actions.open([link])
            self._show_message(
                "opened in the browser" if opened else f"no browser here; see {link}"
            )

        if len(links) == 1:
            open_link(next(iter(links)))
        elif links:
            papers = [Choice(link, vancouver(paper)) for link, paper in links.items()]
            await self.push_screen(Picker("open", papers), open_link)

    def action_copy(self) -> None:
        """Copy the citations of the claim to the clipboard through the terminal (OSC 52)."""
        cited = self._cited()
        texts = [visible(vancouver(Publication.of(one))) for one in cited.values()]
        if cited:
            self.copy_to_clipboard("\n".join(texts) + "\n")
            self._show_message(f"copied, if the terminal lets it: [{'] ['.join(map(str, cited))}]")

    async def action_export(self) -> None:
        """Write the claims of the list to a file, in the format of its ending."""

        def save(name: str | None) -> None:
            if name is None:
                return
            try:
                claims = answer(self._evidence, self.question).claims  # all of them
                self._actions.save(claims, name)
            except TdrError as error:
                self._show_message(_message(error))
            else:
                self._show_message(f"wrote {name}: {counted(len(claims), 'claim')}")

        title = f"write {counted(self.answer.matched, 'claim')} to a file"
        hint = f"endings: {', '.join(self._actions.endings)}"
        await self.push_screen(Prompt(title, "claims.csv", hint), save)

    async def action_keys(self) -> None:
        """Show the keys."""
        signs = [
            plain if self._terminal.ascii else mark for mark, plain, _ in STANDING_MARKS.values()
        ]
        keys = [
            ("/", "search as you type; Esc goes back"),
            *((key, f"filter, as {FILTERS[name].option}") for key, name in _FILTER_KEYS.items()),
            ("x", "take all filters and words away"),
            ("o", "open the paper in the browser"),
            ("y", "copy the citation"),
            ("e", "write the claims of the list to a file"),
            ("↑ ↓ PgUp PgDn", "move in the list"),
            ("space, b", "scroll the card; Enter, Tab go there"),
            ("q", "quit"),
            (" ".join(signs), f"behind an id: {', '.join(STANDING_MARKS)}"),
        ]
        await self.push_screen(KeyHelp(keys))

    def _show_message(self, text: str) -> None:
        self.query_one("#message", Static).update(Text(visible(text)))


def _message(error: TdrError) -> str:
    return "; ".join(
        f"{problem.location.file}: {problem.text}" if problem.location else problem.text
        for problem in error.problems
    )


def browse(
    evidence: Evidence, words: str, criteria: Criteria, actions: ExternalActions, terminal: Terminal
) -> int | None:
    """Show the screen until the user leaves it; afterwards the terminal is as it was.

    Returns the signal that ended it, if one did; the caller then has to end the process.
    """
    app = Browser(evidence, Question(words, criteria), actions, terminal)
    return asyncio.run(_run(app))


async def _run(app: Browser) -> int | None:
    """Run the application. Textual restores the terminal when it exits, but not when a signal ends
    the process; so signals make it exit."""
    loop = asyncio.get_running_loop()

    def on_signal(number: int) -> None:
        loop.remove_signal_handler(number)  # a second one ends the process at once
        if not os.isatty(0):  # hung up: no terminal to restore, nor to write to
            os.kill(os.getpid(), number)
        app.exit(number)

    for name in _EXIT_SIGNALS:
        number = getattr(signal, name, None)
        # SIGHUP also under nohup: without a terminal the application would try to read for ever.
        if number and (name == "SIGHUP" or signal.getsignal(number) is not signal.SIG_IGN):
            with suppress(NotImplementedError):  # Windows
                loop.add_signal_handler(number, on_signal, number)
    return await app.run_async()
