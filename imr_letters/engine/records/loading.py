"""Read the data files of a review program: JSON and YAML, every fault with file, line and field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from imr_letters.engine.errors import DecisionError, InputError
from imr_letters.engine.fields import Group
from imr_letters.engine.files import opened, said
from imr_letters.engine.form import D, Form
from imr_letters.engine.paths import dotted
from imr_letters.engine.records.faults import faults_of
from imr_letters.engine.records.notation import Notation, NotYamlError, read_json, read_yaml

#: Largest file, in bytes.
LARGEST = 8_000_000

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Unfinished(Generic[D]):
    """A decision file that may have gaps: what is filled in, the decision if nothing is missing, and where it stands.

    `places` gives by path (`charges[0].label`) the line and column, counted from 1, where a field begins.
    """

    data: dict[str, Any]
    decision: D | None
    text: str
    places: dict[str, tuple[int, int]]
    form: Form[D]


def load(form: Form[D], path: Path) -> D:
    """Return the decision of a file. Raises `InputError` or `DecisionError`."""
    return loads(form, read_bytes(path), str(path))


def read_bytes(path: Path, largest: int = LARGEST) -> bytes:
    """Return a file's bytes. Raises `InputError` for what cannot be opened or is too large."""
    try:
        with opened(path) as file:
            return read_limited(file, str(path), largest)
    except OSError as error:
        raise InputError.of(said(error), source=str(path), remedy="check the name of the file") from None


def read_limited(file: BinaryIO, name: str, largest: int = LARGEST) -> bytes:
    """Return what is left of an open file. Raises `InputError` where it is too large."""
    data = file.read(largest + 1)
    if len(data) > largest:
        remedy = "give one letter or decision in each file"
        raise InputError.of(f"is larger than {largest:,} bytes", source=name, remedy=remedy, code="too-long")
    return data


def loads(form: Form[D], data: bytes | str, name: str = "") -> D:
    """Return the decision that JSON or YAML text holds. Raises `InputError` or `DecisionError`."""
    text = _text(form, data, name)
    return _validated(form.model, form.root, _read(form, text, name), text, name, form.schema)


def loads_unfinished(form: Form[D], data: bytes | str, name: str = "") -> Unfinished[D]:
    """Return what a decision file holds that may have gaps, such as a draft.

    Raises `InputError`, and `DecisionError` for every fault but a missing or an empty field.
    """
    text = _text(form, data, name)
    notation = _read(form, text, name)
    notation.data = _filled(notation.data)
    places = {dotted(path): place for path, place in notation.places.items()}
    try:
        return Unfinished(notation.data, form.model.model_validate(notation.data), text, places, form)
    except ValidationError as error:
        faults = faults_of(error, notation, text, name, form.root, schema=form.schema, missing=False)
        if faults:
            raise DecisionError(*faults) from None
        return Unfinished(notation.data, None, text, places, form)


def _filled(data: Any) -> Any:
    """Return data without the fields that hold nothing."""
    if isinstance(data, dict):
        return {key: inner for key, each in data.items() if (inner := _filled(each)) not in (None, "", [])}
    return [_filled(each) for each in data] if isinstance(data, list) else data


def _read(form: Form[D], text: str, name: str) -> Notation:
    stripped = text.lstrip()
    if not stripped:
        raise InputError.of("is empty", source=name, remedy=f"give {form.subject} in JSON or YAML", code="empty")
    if stripped[0] == "{":
        notation = read_json(text, name)
    else:
        try:
            notation = read_yaml(text, name)
        except NotYamlError:
            if not _begins_with_field(form, text.encode()):
                raise something_else(form, "another text", name) from None
            raise
    if not isinstance(notation.data, dict):
        raise DecisionError.of(
            f"holds no {form.noun}", source=name, line=1, column=1, remedy=f"see {form.schema}", code="not-a-decision"
        )
    return notation


def loads_yaml(text: str, name: str, model: type[_Model], root: Group, *, schema: str) -> _Model:
    """Return what YAML text holds, of another model whose fields are those of `root`. Raises `DecisionError`.

    `schema` is what messages name as the description of its fields.
    """
    notation = read_yaml(text, name)
    if not isinstance(notation.data, dict):
        raise DecisionError.of("holds no fields", source=name, line=1, column=1, remedy="write field: value")
    return _validated(model, root, notation, text, name, schema)


def _validated(model: type[_Model], root: Group, notation: Notation, text: str, name: str, schema: str) -> _Model:
    try:
        return model.model_validate(notation.data)
    except ValidationError as error:
        raise DecisionError(*faults_of(error, notation, text, name, root, schema=schema)) from None


def looks_like_record(form: Form[D], data: bytes, name: str) -> bool:
    """Return whether a file holds a decision and not a letter, by its name or by how it begins."""
    suffix = Path(name).suffix.lower()
    if suffix in (".yaml", ".yml", ".json"):
        return True
    begin = data[:20_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return begin.startswith(b"{") or _begins_with_field(form, begin)


def _begins_with_field(form: Form[D], data: bytes) -> bool:
    """Return whether a line begins with a field of a decision file in YAML."""
    names = "|".join(map(re.escape, form.published.fields))
    return re.search(rf"(?m)^(?:{names}):".encode(), data) is not None


def something_else(form: Form[D], what: str, name: str) -> InputError:
    """Return the refusal of what is no decision file."""
    remedy = f"give {form.subject} file; imr-letters parse makes one of a letter"
    return InputError.of(f"is {what}, not {form.subject} file", source=name, remedy=remedy, code="not-a-decision")


def _text(form: Form[D], data: bytes | str, name: str) -> str:
    if isinstance(data, bytes):
        try:
            data = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise InputError.of(
                "is not UTF-8 text", source=name, line=line, remedy="save it as UTF-8", code="encoding"
            ) from None
    if "\x00" in data:
        raise InputError.of("is not text", source=name, remedy=f"give {form.subject} in JSON or YAML", code="binary")
    if len(data) > LARGEST:
        raise InputError.of(f"is larger than {LARGEST:,} characters", source=name, code="too-long")
    return data
