"""Read decision files: JSON and YAML, every fault with file, line and field."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from imr_letters.engine.errors import DecisionError, InputError
from imr_letters.engine.fields import WHOLE, FieldType
from imr_letters.engine.records.faults import faults_of
from imr_letters.engine.records.notation import FIELD, Document, dotted, json_document, no_decision, yaml_document
from imr_letters.imr.model.decision import Decision

#: Largest decision file, in bytes.
LARGEST = 8_000_000

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A decision file that may have gaps: what is filled in, the decision if nothing is missing, and where it stands.

    `places` tells by path (`items[0].request`) the line and column, counted from 1, where a field begins.
    """

    data: dict[str, Any]
    decision: Decision | None
    text: str
    places: dict[str, tuple[int, int]]


def load(path: Path) -> Decision:
    """Return the decision of a file. Raises `InputError` or `DecisionError`."""
    return loads(read_bytes(path), str(path))


def read_bytes(path: Path, largest: int = LARGEST) -> bytes:
    """Return a file's bytes. Raises `InputError` for what cannot be opened or is too large."""
    try:
        if path.is_dir():
            raise InputError.of("is a folder", source=str(path), remedy="name a file")
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise InputError.of(reason, source=str(path), remedy="check the name of the file") from None
    if len(data) > largest:
        remedy = "give one letter or decision in each file"
        raise InputError.of(f"is larger than {largest:,} bytes", source=str(path), remedy=remedy, code="too-long")
    return data


def loads(data: bytes | str, name: str = "") -> Decision:
    """Return the decision that JSON or YAML text holds. Raises `InputError` or `DecisionError`."""
    text = _text(data, name)
    return _validated(Decision, WHOLE, _document(text, name), text, name)


def loads_unfinished(data: bytes | str, name: str = "") -> Unfinished:
    """Return what a decision file holds that may have gaps, such as a draft.

    Raises `InputError`, and `DecisionError` for every fault but a missing or an empty field.
    """
    text = _text(data, name)
    document = _document(text, name)
    document.data = _filled(document.data)
    places = {dotted(path): place for path, place in document.places.items()}
    try:
        return Unfinished(document.data, Decision.model_validate(document.data), text, places)
    except ValidationError as error:
        faults = faults_of(error, document, text, name, WHOLE, missing=False)
        if faults:
            raise DecisionError(*faults) from None
        return Unfinished(document.data, None, text, places)


def _filled(data: Any) -> Any:
    """Return data without the fields that hold nothing."""
    if isinstance(data, dict):
        return {key: inner for key, each in data.items() if (inner := _filled(each)) not in (None, "", [])}
    return [_filled(each) for each in data] if isinstance(data, list) else data


def _document(text: str, name: str) -> Document:
    stripped = text.lstrip()
    if not stripped:
        raise InputError.of("is empty", source=name, remedy="give a decision in JSON or YAML", code="empty")
    document = json_document(text, name) if stripped[0] == "{" else yaml_document(text, name)
    if not isinstance(document.data, dict):
        raise DecisionError.of(
            "holds no decision", source=name, line=1, column=1, remedy="see imr-letters schema", code="not-a-decision"
        )
    return document


def loads_yaml(text: str, name: str, model: type[_Model], root: FieldType) -> _Model:
    """Return what YAML text holds, of another model whose fields are those of `root`. Raises `DecisionError`."""
    document = yaml_document(text, name)
    if not isinstance(document.data, dict):
        raise DecisionError.of("holds no fields", source=name, line=1, column=1, remedy="write field: value")
    return _validated(model, root, document, text, name)


def _validated(model: type[_Model], root: FieldType, document: Document, text: str, name: str) -> _Model:
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise DecisionError(*faults_of(error, document, text, name, root)) from None


def looks_like_decision(data: bytes, name: str) -> bool:
    """Tell whether a file holds a decision and not a letter, by its name or by how it begins."""
    suffix = Path(name).suffix.lower()
    if suffix in (".yaml", ".yml", ".json"):
        return True
    begin = data[:20_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return begin.startswith(b"{") or FIELD.search(begin) is not None


def _text(data: bytes | str, name: str) -> str:
    if isinstance(data, bytes):
        if b"%PDF-" in data[:1024]:
            raise no_decision("a PDF", name)
        try:
            data = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise InputError.of(
                "is not UTF-8 text", source=name, line=line, remedy="save it as UTF-8", code="encoding"
            ) from None
    if "\x00" in data:
        raise InputError.of("is not text", source=name, remedy="give a decision in JSON or YAML", code="binary")
    if len(data) > LARGEST:
        raise InputError.of(f"is larger than {LARGEST:,} characters", source=name, code="too-long")
    return data
