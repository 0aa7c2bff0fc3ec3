"""Room on Python's stack, so that deep calls cost the same wherever they begin."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")

#: Places on the stack that are asked for, of eight bytes: CPython then takes a mebibyte, and half of that is left.
_ROOM = 70_000


def roomy(do: Callable[_P, _R]) -> Callable[_P, _R]:
    """Have a function and all that it calls use one piece of memory for their frames.

    CPython keeps frames in pieces of 16 KiB and gives a piece back to the system as soon as its last frame returns.
    A loop whose calls cross from one piece to the next has memory mapped and unmapped every time: layout, whose calls
    go deep, took up to a sixth longer for it, and how much depended on nothing but how deep its caller stood. A piece
    that is taken for a frame of this size has room for the frames below it as well. It is address space: memory is
    used as far as it is written to.
    """

    def within(*args: _P.args, **named: _P.kwargs) -> _R:
        return do(*args, **named)

    within.__code__ = within.__code__.replace(co_stacksize=_ROOM)
    return wraps(do)(within)
