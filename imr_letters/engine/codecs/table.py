"""Codecs by name: what a template may print values with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from imr_letters.engine.codecs.base import Codec
from imr_letters.engine.text import refused


class Codecs(Mapping[str, type[Codec]]):
    """Codecs by the name templates know them by. Immutable."""

    def __init__(self, *codecs: type[Codec]) -> None:
        self._codecs = {each.name: each for each in codecs}
        self._made: dict[tuple[str, ...], Codec] = {}

    def __getitem__(self, name: str) -> type[Codec]:
        return self._codecs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._codecs)

    def __len__(self) -> int:
        return len(self._codecs)

    def make(self, name: str, *arguments: str) -> Codec:
        """Return the codec of a name with the arguments a template gives it; the same one for the same arguments.

        Raises `ValueError` for arguments it does not take.
        """
        found = self._made.get((name, *arguments))
        if found is None:
            for argument in arguments:
                fault = refused(argument)
                if fault:
                    raise fault
            try:
                found = self._codecs[name](*arguments)
            except TypeError:
                raise ValueError(f"the codec {name} does not take {len(arguments)} arguments") from None
            self._made[name, *arguments] = found
        return found

    def printing(self, kind: str) -> list[type[Codec]]:
        """Return the codecs that print a kind of value."""
        return [each for each in self._codecs.values() if each.kind == kind]

    @property
    def with_arguments(self) -> list[str]:
        """Examples of the codecs that take arguments, as templates write them: `list(", ")`."""
        return [
            f"{each.name}({', '.join(map(_quoted, each.example_arguments))})"
            for each in self._codecs.values()
            if each.example_arguments
        ]


def _quoted(argument: str) -> str:
    return f'"{argument}"'
