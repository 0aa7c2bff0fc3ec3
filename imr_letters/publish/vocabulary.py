"""What the search for identifiers knows of words: degrees, titles, relations, and the words of the field itself."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from imr_letters.english import wordlists
from imr_letters.english.names import skeleton
from imr_letters.imr import vocabulary
from imr_letters.wording import SHIPPED

_WORD = re.compile(r"[^\W\d_]+")


@cache
def listed(name: str) -> frozenset[str]:
    """Return the words of a list in `publish.toml`, as they are compared."""
    text = resources.files("imr_letters.publish").joinpath("publish.toml").read_text(encoding="utf-8")
    return frozenset(tomllib.loads(text)[name].replace("-", "").split())


@cache
def hosts() -> tuple[frozenset[str], frozenset[str]]:
    """Return the hosts of web addresses that are sources and not people, and the endings of such hosts."""
    text = resources.files("imr_letters.publish").joinpath("publish.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return frozenset(table["sources"].split()), frozenset(table["endings"].split())


def is_ordinary(word: str) -> bool:
    """Return whether a word is in a vocabulary: of the field, of the letters' wording, or of plain English."""
    bones = skeleton(word)
    return bones in _ordinary() or (len(bones) > 3 and bones.endswith("s") and bones[:-1] in _ordinary())


def is_of_medicine(word: str) -> bool:
    """Return whether a word names a sign, a test, a drug or a device, although it may be called after somebody."""
    bones = skeleton(word)
    return bones in listed("eponyms") or bones in listed("products") or bones in _of_the_field()


def is_first_name(word: str) -> bool:
    """Return whether a word is a common first name."""
    return skeleton(word) in listed("first_names")


@cache
def _ordinary() -> frozenset[str]:
    found = listed("ordinary") | listed("eponyms") | listed("products") | listed("roles") | _of_the_field()
    found |= {skeleton(word) for name in ("function", "formula", "body", "negative", "source") for word in _list(name)}
    return found | {skeleton(word) for text in _wording() for word in _WORD.findall(text)}


@cache
def _of_the_field() -> frozenset[str]:
    tables: list[Any] = [vocabulary.treatment_words(), vocabulary.treatment_categories()]
    return frozenset(skeleton(word) for text in _strings(tables) for word in _WORD.findall(text) if len(word) > 2)


def _list(name: str) -> frozenset[str]:
    return wordlists.words(name)


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for name, inner in data.items():
            yield str(name)
            yield from _strings(inner)
    elif isinstance(data, list | tuple):
        for inner in data:
            yield from _strings(inner)


def _wording() -> Iterator[str]:
    """Yield the words of the shipped templates, of the snippets, and of what the program knows of the field."""
    for folder, pattern in ((SHIPPED.templates_folder, "*.jinja"), (SHIPPED.snippets_folder, "*.md")):
        for path in sorted(Path(folder).rglob(pattern)):
            yield path.read_text(encoding="utf-8")
    yield resources.files("imr_letters.imr").joinpath("vocabulary.toml").read_text(encoding="utf-8")
