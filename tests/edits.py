"""Edits of templates, snippets and looks, as data, and the small corpus that they are tried on.

An edit is a TOML file in `tests/cases/edits`:

* `change` is a list of [file, old, new]; `add` maps names of new files to their text, `remove` lists files. They change
  the version `tests/cases/edits-base`.
* `pdf` also compares pages, of two of the letters.
* `causes` are the cards of the report in order, each "kind, place, how, effect, number of letters"; `letters` are those
  that change, by fate. `when`, `approval`, `old`, `pages`, `missed`, `refused` and `counterexample` are further things
  that the report tells.
"""

from __future__ import annotations

import shutil
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from imr_letters import changes
from imr_letters.changes import prints
from imr_letters.changes.report import Report
from imr_letters.imr.model import Decision, OwnText, SnippetUse
from imr_letters.testing.factories import make_case, make_decision, make_item, make_reviewer
from imr_letters.wording import forget
from tests.conftest import ROOT

CASES = ROOT / "tests" / "cases" / "edits"
BASE = ROOT / "tests" / "cases" / "edits-base"


@cache
def corpus() -> changes.Corpus:
    """Return the letters that edits are tried on."""
    old = make_case(20, decided_on=date(2016, 11, 4))
    snippet = SnippetUse(snippet="rest-after-sprain", version=1, values={"treatment": "brace"})
    decisions: dict[str, Decision] = {
        "upheld": make_decision(),
        "overturned": make_decision(outcome="overturned", number=1),
        "mixed": make_decision(items=2, outcome="mixed", number=2),
        "no-case": make_decision(case=None, number=3),
        "expedited": make_decision(case=make_case(4, priority="expedited"), outcome="overturned", number=4),
        "two-states": make_decision(reviewer=make_reviewer(5, licensed_in=("California", "Nevada")), number=5),
        "snippet": make_decision(items=[make_item(rationale=(OwnText(text="He rested."), snippet))], number=6),
        "three": make_decision(items=3, number=7),
        "old": make_decision(case=old),
        "old-spine": make_decision(case=old, reviewer=make_reviewer(subspecialty="Spine Surgery")),
    }
    return changes.Corpus(tuple(changes.Entry(name, each) for name, each in decisions.items()), ())


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def edited(case: dict[str, Any], folder: Path) -> Path:
    """Write the edited version into a folder."""
    shutil.copytree(BASE, folder)
    for name, old, new in case.get("change", []):
        file = folder / name
        text = file.read_text(encoding="utf-8")
        assert old in text, f"the case changes {old!r}, which is not in {name}"
        file.write_text(text.replace(old, new), encoding="utf-8")
    for name, text in case.get("add", {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for name in case.get("remove", []):
        (folder / name).unlink()
    return folder


def compared(case: dict[str, Any], folder: Path) -> Report:
    """Return the report on an edit."""
    there = edited(case, folder / "edited")
    forget()
    with changes.opened(str(BASE), ROOT) as old, changes.opened(str(there), ROOT) as new:
        if not case.get("pdf"):
            return changes.compare(old, new, corpus())
        few = changes.Corpus(tuple(each for each in corpus().entries if each.name in ("upheld", "mixed")), ())
        return prints.with_pages(changes.compare(old, new, few), few, old, new, every=True)


def told(report: Report) -> dict[str, Any]:
    """Return what a case says of a report, as far as the report has it."""
    fates: dict[str, list[str]] = {}
    for letter in report.compared:
        fates.setdefault(letter.fate, []).append(letter.name)
    cards = report.cards
    found: dict[str, Any] = {
        "causes": [
            f"{card.edit.kind}, {card.edit.where}, {card.edit.how}, {card.effect}, {len(card.touched)}"
            for card in cards
        ],
        "letters": fates,
        "when": [f"{', '.join(card.when)}" for card in cards if card.when],
        "approval": sorted({each.area for card in cards for each in card.weights}),
        "old": [len(report.old_letters.unread), len(report.old_letters.different)],
        "pages": [f"{each.letter} {each.kind} {each.before} {each.after}" for each in report.pages],
        "missed": len(report.missed),
        "refused": sorted({each.code for each in report.refused}),
    }
    return found
