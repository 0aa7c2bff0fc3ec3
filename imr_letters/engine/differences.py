"""In what two decisions differ, field by field."""

from __future__ import annotations

from collections.abc import Iterator


def differences(given: object, read: object, path: str = "") -> Iterator[tuple[str, object, object]]:
    """Yield path and both values for everything in which two decisions' data differ."""
    given, read = _plain(given), _plain(read)
    if isinstance(given, dict) and isinstance(read, dict):
        for name in [*given, *(name for name in read if name not in given)]:
            yield from differences(given.get(name), read.get(name), f"{path}.{name}" if path else str(name))
    elif isinstance(given, list) and isinstance(read, list) and len(given) == len(read):
        for index, (left, right) in enumerate(zip(given, read, strict=True)):
            yield from differences(left, right, f"{path}[{index}]")
    elif given != read:
        yield path, given, read


def _plain(value: object) -> object:
    if hasattr(value, "model_dump"):
        return value.model_dump(exclude_defaults=True)
    return list(value) if isinstance(value, tuple) else value
