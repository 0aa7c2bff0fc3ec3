"""Letters that are not whole: a page lost, doubled, swapped or from another letter is noticed; whole ones are not."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest

from imr_letters import samples
from imr_letters.engine.errors import ImrLettersError
from tests import pdfs
from tests.conftest import without_tags

#: Letters of three pages and more, by their place among the samples.
LONG, OTHER = samples.decisions()[9], samples.decisions()[11]
CODES = {"cut-off", "page-order", "page-repeats", "page-foreign", "page-missing"}


def lose(number: int) -> Callable[[Any], None]:
    return lambda file: file.pages.__delitem__(number)


def swap(file: Any) -> None:
    pages = list(file.pages)
    pages[1], pages[2] = pages[2], pages[1]
    del file.pages[:]
    file.pages.extend(pages)


def foreign(file: Any) -> None:
    with pikepdf.open(io.BytesIO(without_tags(pdfs.sample(OTHER)))) as other:
        file.pages[1] = other.pages[1]


DAMAGES = {
    "first lost": lose(0),
    "middle lost": lose(2),
    "last lost": lose(-1),
    "doubled": lambda file: file.pages.insert(1, file.pages[1]),
    "last doubled": lambda file: file.pages.append(file.pages[-1]),
    "swapped": swap,
    "foreign": foreign,
}


def codes(data: bytes) -> set[str]:
    """Return the codes of what is noticed on the pages, before any form is looked for."""
    try:
        return {finding.code for finding in pdfs.read_guarded(data, seconds=60).findings}
    except ImrLettersError as error:
        return {finding.code for finding in error.findings}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_letter_without_tags_is_noticed(damage: Callable[[Any], None]) -> None:
    with pikepdf.open(io.BytesIO(without_tags(pdfs.sample(LONG)))) as file:
        damage(file)
        out = io.BytesIO()
        file.save(out)
    assert codes(out.getvalue()) & CODES


def test_whole_letters_are_not() -> None:
    for path in (LONG, OTHER):
        whole = pdfs.sample(path)
        assert not codes(whole) & CODES
        assert not codes(without_tags(whole)) & CODES
