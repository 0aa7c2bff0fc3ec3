"""What is done to a draft: a question answered or left half answered, an item added, moved or taken out.

A half answer is in its field as it was typed, and the draft names the field in its list `unfinished`. No decision has
such a field: while the list is there, nothing takes the draft for a finished one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from imr_letters.draft.draft import Draft
from imr_letters.draft.questions import order, parse, type_at
from imr_letters.engine.errors import DecisionError
from imr_letters.engine.fields import Listing
from imr_letters.engine.paths import FieldPath, dotted

#: The field of a draft that names those whose answers are not finished.
UNFINISHED = "unfinished"


def answers(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a draft's data without the list of what is unfinished."""
    return {name: value for name, value in data.items() if name != UNFINISHED}


def unfinished(data: Mapping[str, Any]) -> list[FieldPath]:
    """Return the fields whose answers are marked as unfinished."""
    named = data.get(UNFINISHED)
    return [parse(name) for name in named if isinstance(name, str)] if isinstance(named, list) else []


def answered(draft: Draft, path: FieldPath, value: Any) -> Draft:
    """Return the draft with a finished answer; None empties the field. Raises `DecisionError` as `with_value` does."""
    if value is not None or draft.value(path) is not None:
        draft = draft.with_value(path, value, order)
    return _marked(draft, [each for each in unfinished(draft.data) if each != path])


def kept(draft: Draft, path: FieldPath, words: str) -> Draft:
    """Return the draft with an answer as it was typed, marked as unfinished.

    Raises `DecisionError` as `with_value` does.
    """
    draft = draft.with_value(path, words.strip("\r\n"), order)
    return _marked(draft, list(dict.fromkeys([*unfinished(draft.data), path])))


def item_added(draft: Draft, at: int) -> Draft:
    """Return the draft with an empty item before the one at that place, or at the end."""
    items = type_at(("items",))
    assert isinstance(items, Listing)
    empty = dict.fromkeys(items.fields)
    return _moved_marks(draft.with_entry(("items", at), empty, order), lambda place: place + (place >= at))


def item_removed(draft: Draft, at: int) -> Draft:
    """Return the draft without an item."""
    edited = draft.without(("items", at), order)
    return _moved_marks(edited, lambda place: None if place == at else place - (place > at))


def item_moved(draft: Draft, at: int, to: int) -> Draft:
    """Return the draft with an item at another place."""
    count = len(draft.value(("items",)) or [])
    places = list(range(count))
    edited = draft.with_moved(("items", at), to, order)
    places.insert(to, places.pop(at))
    return _moved_marks(edited, lambda place: places.index(place) if place < count else place)


def _moved_marks(draft: Draft, moved: Callable[[int], int | None]) -> Draft:
    """Return the draft with the marks of its items where the items went; a mark goes with an item taken out."""
    marks: list[FieldPath] = []
    for path in unfinished(draft.data):
        place = moved(path[1]) if path[0] == "items" and len(path) > 1 and isinstance(path[1], int) else -1
        if place is not None:
            marks.append(path if place < 0 else (path[0], place, *path[2:]))
    return _marked(draft, marks)


def _marked(draft: Draft, paths: list[FieldPath]) -> Draft:
    if paths == unfinished(draft.data):
        return draft
    if paths:
        return draft.with_value((UNFINISHED,), [dotted(path) for path in paths], order)
    try:
        return draft.without((UNFINISHED,), order)
    except DecisionError:  # in a draft that is one group in brackets
        return draft.with_value((UNFINISHED,), None, order)
