"""Comparing texts character by character."""

from __future__ import annotations

from itertools import product

import pytest

from imr_letters.engine.text import differ_in_one

SHORT = ["".join(letters) for size in range(5) for letters in product("ab", repeat=size)]


def near(word: str, *, swaps: bool) -> set[str]:
    """Return a word and all that differ from it by one character, found by trying."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    found = {word} | {left + right[1:] for left, right in cuts if right}
    found |= {left + letter + right for left, right in cuts for letter in "ab"}
    found |= {left + letter + right[1:] for left, right in cuts if right for letter in "ab"}
    if swaps:
        found |= {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    return found


@pytest.mark.parametrize("swaps", [False, True])
def test_two_texts_differ_in_one_character_or_in_more(swaps: bool) -> None:
    for one in SHORT:
        assert {other for other in SHORT if differ_in_one(one, other, swaps=swaps)} == near(one, swaps=swaps) & {*SHORT}
