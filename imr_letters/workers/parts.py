"""Tasks in parts: what a worker takes at once, and what came of each task."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

R = TypeVar("R")

#: Attempts at a task, the first with others and the last alone.
ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Done(Generic[R]):
    """What came of the task of an index, after how many attempts."""

    index: int
    result: R
    attempts: int


@dataclass(frozen=True, slots=True)
class Lost:
    """A task of which nothing came, and why: `crashed`, `too-slow`, `too-big`, or `fault` with the error."""

    index: int
    code: str
    attempts: int
    error: Exception | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class TaskPart:
    """The tasks by index that a worker takes at once, and the attempt this is."""

    indices: tuple[int, ...]
    attempt: int = 1

    def done(self, results: Sequence[R]) -> Iterator[Done[R]]:
        """Yield what came of each task."""
        for index, result in zip(self.indices, results, strict=True):
            yield Done(index, result, self.attempt)

    def failed(self, waiting: deque[TaskPart], code: str, error: Exception | None = None) -> Iterator[Lost]:
        """Put each task back by itself, before all that wait; yield the one that was tried alone already."""
        if self.attempt < ATTEMPTS or len(self.indices) > 1:
            waiting.extendleft(TaskPart((index,), self.attempt + 1) for index in self.indices)
        else:
            yield Lost(self.indices[0], code, self.attempt, error)


def parts(count: int, most: int, workers: int = 1) -> deque[TaskPart]:
    """Return tasks by index in parts: of at most so many, and ever fewer towards the end, to keep all workers busy."""
    found: deque[TaskPart] = deque()
    begin = 0
    while begin < count:
        end = begin + max(1, min(most, (count - begin) // (2 * workers)))
        found.append(TaskPart(tuple(range(begin, end))))
        begin = end
    return found


_Found = TypeVar("_Found", bound=Done[Any] | Lost)


def in_order(found: Iterable[_Found]) -> Iterator[_Found]:
    """Yield what came of tasks in the tasks' order; what comes early is kept meanwhile."""
    early: dict[int, _Found] = {}
    due = 0
    for each in found:
        early[each.index] = each
        while due in early:
            yield early.pop(due)
            due += 1
