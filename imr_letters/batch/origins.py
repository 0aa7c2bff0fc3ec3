"""What a letter is made from beside its decision: digests of templates, stylesheet and snippets, and the engine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import metadata
from typing import Any

from imr_letters.batch.rows import canonical, digest
from imr_letters.imr.model import Decision
from imr_letters.lint import all_rules
from imr_letters.media import table as media
from imr_letters.wording import Wording


@cache
def program() -> str:
    """Return the version of this program."""
    return metadata.version("imr-letters")


@cache
def templates(family: str, wording: Wording) -> str:
    """Return one digest for all files that a family's wording stands in."""
    chosen = wording.family(family)
    names = [*chosen.template.grammar.files, f"{family}/family.toml"]
    return digest(canonical({name: digest(chosen.content(name)) for name in names}))


@cache
def stylesheet(family: str, wording: Wording) -> str:
    """Return one digest for what a family's letters look like: stylesheet and letterhead."""
    chosen = wording.family(family)
    looks = {
        "css": chosen.css,
        "logo": digest(chosen.logo) if chosen.logo else None,
        "lines": list(chosen.about.letterhead.lines),
    }
    return digest(canonical(looks))


@cache
def engine(medium: str) -> str:
    """Return the fingerprint of what draws the letters in a medium; empty where their words are all there is."""
    draws = media.named(medium).engine
    return draws() if draws else ""


def used_snippets(decision: Decision, wording: Wording) -> dict[str, str]:
    """Return by id and version the digest of the file of each snippet that a decision in normal form uses."""
    known = wording.library
    items = getattr(decision, "items", ())  # a letter family may have none, or no rationales that name snippets
    used = {(use.snippet, use.version) for item in items for use in getattr(item, "uses", ())}
    return {f"{id_}/{version}": digest(known.get(id_, version).source.encode()) for id_, version in sorted(used)}


def recipe(decision: Decision, family: str, wording: Wording, own: str) -> dict[str, Any]:
    """Return what a letter of a decision in normal form, and of that digest, is made from; the medium aside."""
    return {
        "decision": own,
        "family": family,
        "templates": templates(family, wording),
        "snippets": used_snippets(decision, wording),
    }


def everything(wording: Wording, *, made_in: Sequence[str]) -> str:
    """Return one digest for all that letters of any decision are made from beside it."""
    parts = {
        "program": program(),
        "engines": {name: engine(name) for name in made_in},
        "families": {name: [templates(name, wording), stylesheet(name, wording)] for name in wording.families},
        "rules": [rule.code for rule in all_rules()],
        "snippets": {snippet.name: digest(snippet.source.encode()) for snippet in wording.library},
    }
    return digest(canonical(parts))


def medium(name: str, family: str, wording: Wording) -> dict[str, Any]:
    """Return what a medium adds to that."""
    drawn_by = engine(name)
    return {"stylesheet": stylesheet(family, wording), "engine": drawn_by} if drawn_by else {}
