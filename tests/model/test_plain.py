"""Values of the program's own tables."""

from __future__ import annotations

from tdr.model.plain import Plain


class Door(Plain):
    name: str
    width: int = 1
    open: bool = False


def test_fields_are_given_by_position_or_by_name_and_the_rest_is_as_declared() -> None:
    door = Door("front", open=True)
    assert (door.name, door.width, door.open) == ("front", 1, True)


def test_one_is_replaced_by_another_that_differs_in_some_fields() -> None:
    door = Door("front", 2)
    wide = door.replace(width=3)
    assert (wide.name, wide.width, wide.open, door.width) == ("front", 3, False, 2)
