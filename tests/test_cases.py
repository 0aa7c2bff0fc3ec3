"""Faulty input and the full message each gets. A case is a TOML file in `tests/cases`; adding one adds a test.

A case changes something sound. `replace` is a list of [old, new] pairs, each old text found at least once.

* `cases/templates`: changes templates; `file` says which (below templates/), `add` maps names of new files to their
  text. What is snapshot is the message of loading `family` (dwc-2015 unless given).
* `cases/accepted`: changes templates in the same way, to what every letter of `family` is proved to be read back from.
* `cases/decisions`: changes a sample decision `base`, or gives all of a file as `text`, named `name`; the command is
  `render`, or what `command` says.
* `cases/letters`: changes a sample letter `base`, or gives `text`; the command is `parse`, or what `command` says.
  `cut` keeps only so many characters. `times` repeats the text.
* `cases/snippets`: changes the only file of the library `cases/snippets-base`, or gives all of it as `text`; `add` maps
  names of more files to their text. What is snapshot is the message of loading the library.

The snapshot holds the exit code and everything on standard error. New or changed wording: `./run pytest
tests/test_cases.py --snapshot-update`, then read the difference.
"""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from imr_letters import api
from imr_letters.engine.errors import SnippetError, TemplateError
from imr_letters.snippets import read_library
from imr_letters.wording import Wording, forget
from tests.conftest import ROOT, Run

CASES = ROOT / "tests" / "cases"


class TextFile(SingleFileSnapshotExtension):
    """One readable file for each snapshot."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TextFile)


def cases(kind: str) -> list[Any]:
    return [pytest.param(path, id=path.stem) for path in sorted((CASES / kind).glob("*.toml"))]


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def changed(text: str, case: dict[str, Any]) -> str:
    for old, new in case.get("replace", []):
        assert old in text, f"the case changes {old!r}, which is not there"
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("path", cases("templates"))
def test_template(path: Path, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    case = read(path)
    root = _templates_of(case, tmp_path)
    with pytest.raises(TemplateError) as raised:
        api.check(case.get("family", "dwc-2015"), templates=root)
    assert str(raised.value) + "\n" == snapshot


def _templates_of(case: dict[str, Any], tmp_path: Path) -> Path:
    """Return a folder with the shipped families, changed as a case says."""
    root = tmp_path / "templates"
    shutil.copytree(ROOT / "templates", root)
    if "file" in case:
        file = root / case["file"]
        file.write_text(changed(file.read_text(encoding="utf-8"), case), encoding="utf-8")
    for name, text in case.get("add", {}).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    forget()
    return root


@pytest.mark.parametrize("path", cases("accepted"))
def test_template_that_is_proved(path: Path, tmp_path: Path) -> None:
    case = read(path)
    name = case.get("family", "dwc-2015")
    family = Wording(_templates_of(case, tmp_path)).family(name)
    assert family.template.proof.doubt == ""


@pytest.mark.parametrize("path", cases("snippets"))
def test_snippet(path: Path, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    case = read(path)
    root = tmp_path / "rationale_snippets"
    shutil.copytree(CASES / "snippets-base", root)
    file = root / "rest-after-sprain" / "1.md"
    file.write_text(case.get("text") or changed(file.read_text(encoding="utf-8"), case), encoding="utf-8")
    for name, text in case.get("add", {}).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    with pytest.raises(SnippetError) as raised:
        read_library(root)
    assert str(raised.value) + "\n" == snapshot


@pytest.mark.parametrize("path", cases("decisions"))
def test_decision(path: Path, tmp_path: Path, run: Run, snapshot: SnapshotAssertion) -> None:
    case = read(path)
    name = case.get("name", "decision.yaml")
    base = (ROOT / "samples" / "decisions" / f"{case['base']}.yaml").read_text() if "base" in case else case["text"]
    (tmp_path / name).write_bytes(changed(base, case).encode() if isinstance(base, str) else bytes(base))
    arguments = [argument.replace("FILE", name) for argument in case.get("command", ["render", "FILE"])]
    outcome = run(*arguments)
    assert outcome.code != 0
    assert outcome.out == b""
    assert f"exit {outcome.code}\n{outcome.err}" == snapshot


@pytest.mark.parametrize("path", cases("letters"))
def test_letter(path: Path, tmp_path: Path, run: Run, snapshot: SnapshotAssertion) -> None:
    case = read(path)
    name = case.get("name", "letter.txt")
    base = (ROOT / "samples" / "letters" / f"{case['base']}.txt").read_text() if "base" in case else case["text"]
    text = changed(base if isinstance(base, str) else bytes(base).decode("latin-1"), case)
    text = text[: case.get("cut", len(text))] * case.get("times", 1)
    (tmp_path / name).write_bytes(text.encode(case.get("encoding", "utf-8" if isinstance(base, str) else "latin-1")))
    arguments = [argument.replace("FILE", name) for argument in case.get("command", ["parse", "FILE"])]
    outcome = run(*arguments)
    assert outcome.code != 0
    assert outcome.out == b""
    assert f"exit {outcome.code}\n{outcome.err}" == snapshot
