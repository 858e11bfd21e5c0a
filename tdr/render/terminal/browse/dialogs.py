"""The dialogs of `tdr browse`: choose a value, enter a file name, show the keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tdr.ask.browse import Choice
from tdr.model.errors import near
from tdr.model.text import visible

ANY = ""
"""The result of a Picker for no particular value."""


class Picker(ModalScreen[str | None]):
    """Choose a value from a list that typing narrows; None if the dialog is left."""

    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back"),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], chosen: Collection[str] = ()) -> None:
        super().__init__()
        self._title, self._choices, self._chosen = title, choices, chosen

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Text(visible(self._title))
            dialog.border_subtitle = "Enter · Esc"
            yield Input(placeholder="type to narrow", compact=True)
            values = OptionList(compact=True)
            values.can_focus = False
            yield values

    def on_mount(self) -> None:
        self._fill("")

    def on_input_changed(self, event: Input.Changed) -> None:
        self._fill(event.value.strip())

    def on_input_submitted(self) -> None:
        self.query_one(OptionList).action_select()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)

    def action_move(self, by: int) -> None:
        """Move in the list while the text field keeps the focus."""
        values = self.query_one(OptionList)
        if values.option_count:
            position = (values.highlighted or 0) + by
            values.highlighted = max(0, min(position, values.option_count - 1))

    def _fill(self, words: str) -> None:
        values = self.query_one(OptionList)
        values.clear_options()
        ranks = ((one.rank(words) if words else 0, one) for one in self._choices)
        fitting = [(rank, one) for rank, one in ranks if rank is not None]
        # Chosen values come first, so that they are easily removed.
        fitting.sort(key=lambda ranked: (ranked[1].value not in self._chosen, ranked[0]))
        if self._chosen and not words:
            values.add_option(Option(Text("any"), id=ANY))
        shown = [one for _, one in fitting]
        if words and not shown:
            shown = self._similar(words)
            hint = f"no such value{'; similar:' if shown else ''}"
            values.add_option(Option(Text(hint, "dim"), disabled=True))
        values.add_options([Option(self._line(one, not words), id=one.value) for one in shown])
        values.action_first()

    def _similar(self, words: str) -> list[Choice]:
        """The values with the names nearest to the words, each once."""
        forms = {form.casefold(): one for one in self._choices for form in (one.label, *one.forms)}
        return list(dict.fromkeys(forms[form] for form in near(words.casefold(), forms, 3, 0.6)))

    def _line(self, choice: Choice, whole: bool) -> Text:
        chosen = choice.value in self._chosen
        count = "" if choice.claims is None else f"{choice.claims:4}"
        inset = "  " * (0 if chosen else choice.depth * whole)
        return Text(f"{'*' if chosen else ' '}{count} {inset}{visible(choice.label)}")


class Prompt(ModalScreen[str | None]):
    """Enter a line of text; None if the dialog is left."""

    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Back")]

    def __init__(self, title: str, value: str, hint: str) -> None:
        super().__init__()
        self._title, self._value, self._hint = title, value, hint

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Text(visible(self._title))
            dialog.border_subtitle = "Enter · Esc"
            yield Input(self._value, compact=True)
            yield Static(Text(visible(self._hint), "dim"))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)


class KeyHelp(ModalScreen[None]):
    """The keys and what they do."""

    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "dismiss")]

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        width = max(len(key) for key, _ in self._keys)
        lines = "\n".join(f"{key:<{width}}  {meaning}" for key, meaning in self._keys)
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = "Keys"
            dialog.border_subtitle = "Esc"
            yield Static(Text(lines))
