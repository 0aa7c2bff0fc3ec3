"""The documents say what the program does: commands, examples, messages, codes, tags and rooms."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from textwrap import indent
from typing import get_args

import pytest
import typer
from typer.core import TyperCommand

from imr_letters.cli import app
from imr_letters.engine import errors
from imr_letters.engine.matching import drift
from imr_letters.engine.template.markup import ATTRIBUTES, BLOCKS, CELLS, CONTAINERS, INLINE, VOID
from imr_letters.imr.form import FORM
from imr_letters.wording import forget
from tests import readme_picture
from tests.conftest import ROOT, Run
from tests.test_floors import FLOORS

README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").glob("*.md"))
SNIPPETS = ROOT / "rationale_snippets" / "README.md"
PAGES = [README, SNIPPETS, *DOCS, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
#: Where the messages that the documents quote come from.
MESSAGES = ROOT / "tests" / "__snapshots__" / "test_cases"

_whole = typer.main.get_command(app)
assert isinstance(_whole, typer.core.TyperGroup)
GROUP: typer.core.TyperGroup = _whole


def _commands(group: typer.core.TyperGroup, path: str) -> Iterator[tuple[str, TyperCommand]]:
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            assert command.help
            yield from _commands(command, f"{path}{name} ")
        else:
            assert isinstance(command, TyperCommand)
            yield path + name, command


#: Every command by all of its name, such as "snippets list".
COMMANDS = dict(_commands(GROUP, ""))
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
TEMPLATES = ROOT / "docs" / "templates.md"
PROGRAM = re.compile(r"(?:\$ )?(?:\./run )?imr-letters ")
#: Calls that make a finding; its code is their first argument.
MAKERS = {"Finding", "_at_line", "_finding", "_found", "CutOff", "note", "refused", "refusal", "_refused"}


def blocks(page: Path, language: str) -> list[str]:
    """Return the code blocks of a language in a page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with samples and templates, as a checkout has them."""
    for name in ("samples", "templates", "rationale_snippets"):
        shutil.copytree(ROOT / name, tmp_path / name)
    forget()
    yield tmp_path
    forget()


def test_the_picture_of_the_readme_shows_the_letter_as_it_is() -> None:
    assert readme_picture.kept() == readme_picture.made_of(), "out of date: ./run python -m tests.readme_picture"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_documented(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    assert f"Example: imr-letters {name}" in (command.epilog or "")
    assert any(f"imr-letters {name}" in page.read_text(encoding="utf-8") for page in (README, SNIPPETS, *DOCS))


def test_the_commands_of_the_readme_work(folder: Path, run: Run) -> None:
    lines = [line for each in ("console", "sh") for block in blocks(README, each) for line in block.splitlines()]
    said = ""
    commands = 0
    for line in lines:
        if PROGRAM.match(line):
            said = _execute(PROGRAM.sub("", line), folder, run)
            commands += 1
        elif line.startswith("$ "):
            said = ""  # another program's command
        elif said and line != "...":
            assert line in said.splitlines(), f"the README shows {line!r}"
    assert commands >= len(GROUP.commands)


def _execute(line: str, folder: Path, run: Run) -> str:
    words, _, target = line.partition(" > ")
    outcome = run(*shlex.split(words))
    assert outcome.code == 0, f"{line}: {outcome.err}"
    if target:
        (folder / target).write_bytes(outcome.out)
    return outcome.text


def test_the_python_of_the_readme_works(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (source,) = blocks(README, "python")
    monkeypatch.chdir(folder)
    exec(compile(source, str(README), "exec"), {})  # noqa: S102


def test_the_decision_of_the_document_is_one(folder: Path, run: Run) -> None:
    """And its guidelines and requests, put in place of its own, are some too."""
    whole, *parts = blocks(ROOT / "docs" / "decisions.md", "yaml")
    guidelines = [indent(part, " " * 6) for part in parts if part.startswith("basis:")]
    requests = [indent(part, " " * 4).lstrip() for part in parts if part.startswith("request:")]
    assert len(guidelines) == len(requests) == 2
    own = "      basis: none_cited\n"
    assert own in whole
    texts = [whole, *(whole.replace(own, part) for part in guidelines)]
    texts += [re.sub("(?m)^  - request: .*\n", f"  - {part}", whole) for part in requests]
    for text in texts:
        (folder / "decision.yaml").write_text(text, encoding="utf-8")
        assert run("verify", "decision.yaml").code == 0, text


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.stem)
def test_the_messages_of_the_documents_are_real(page: Path) -> None:
    real = "\n".join(path.read_text(encoding="utf-8") for path in sorted(MESSAGES.glob("*.txt")))
    for quoted in blocks(page, "text"):
        assert quoted in real, f"no case has this message:\n{quoted}"


def test_the_codes_of_findings_are_documented() -> None:
    """All but those of templates and snippets, whose messages are explained instead."""
    table = (ROOT / "docs" / "reading.md").read_text(encoding="utf-8").partition("\n## Codes\n")[2]
    documented = {code for cell in re.findall(r"(?m)^\| (`.*?) \|", table) for code in re.findall("`(.*?)`", cell)}
    assert documented == {*get_args(drift.DepartureKind), *_codes()}


def _codes() -> Iterator[str]:
    """Yield the code of every finding that is made, by a maker or by `of` of an error."""
    own = {
        each.__name__: each.code
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.ImrLettersError)
    }
    for path in sorted((ROOT / "imr_letters").rglob("*.py")):
        if path.parent.name in ("template", "checks", "snippets"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            maker = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if maker in MAKERS and len(node.args) > 1 and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)
            if maker in ("finding_at", "finding_in"):
                given = [each.value for each in node.keywords if each.arg == "code"]
                yield from (str(each.value) for each in given if isinstance(each, ast.Constant))
            kind = getattr(getattr(node.func, "value", None), "id", "")
            if maker == "of" and kind in own:
                given = [each.value for each in node.keywords if each.arg == "code"]
                yield str(given[0].value) if given and isinstance(given[0], ast.Constant) else own[kind]


def rows(page: Path, heading: str) -> list[list[str]]:
    """Return the first cells of the table under a heading: of each row, the words in code."""
    table = page.read_text(encoding="utf-8").partition(f"| {heading} |")[2].partition("\n\n")[0]
    return [re.findall("`(.*?)`", line.split("|")[1]) for line in table.splitlines()[2:]]


def test_the_table_of_rooms_is_that_of_the_code() -> None:
    """Every folder with code, and every module directly in the package."""
    package = ROOT / "imr_letters"
    modules = {path.stem for path in package.glob("*.py")} - {"__init__"}
    folders = {f"{path.parent.relative_to(package)}/" for path in package.glob("*/**/__init__.py")}
    listed = [room for row in rows(CONTRIBUTING, "room") for room in row]
    wrong = sorted({*listed} ^ (modules | folders))
    assert not wrong, f"CONTRIBUTING.md, Where things are: has too many or lacks {', '.join(wrong)}"


def test_the_table_of_rooms_goes_up_from_the_ground() -> None:
    floors = {room: number for number, each in enumerate(FLOORS) for room in each}
    listed = [room for row in rows(CONTRIBUTING, "room") for room in row]
    for lower, upper in pairwise(listed):
        assert floors[lower.partition("/")[0]] <= floors[upper.partition("/")[0]], (
            f"CONTRIBUTING.md, Where things are: {upper} comes after {lower}, and is below it in tests/test_floors.py"
        )


def test_the_places_that_contributors_are_sent_to_are_there() -> None:
    named = re.findall(r"`((?:[\w.-]+/)+(?:[\w-]+\.\w+)?)`", CONTRIBUTING.read_text(encoding="utf-8"))
    assert len(named) > 50
    assert [name for name in named if not ((ROOT / name).exists() or (ROOT / "imr_letters" / name).exists())] == []


def test_every_tag_of_the_document_is_allowed_and_every_allowed_tag_is_there() -> None:
    allowed = [BLOCKS.keys(), CELLS, INLINE, VOID, CONTAINERS]
    assert list(map(set, rows(TEMPLATES, "tags"))) == list(map(set, allowed))
    (line,) = re.findall(r"(?m)^\*\*Attributes\*\* of tags: (.*)\.$", TEMPLATES.read_text(encoding="utf-8"))
    assert set(re.findall("`(.*?)`", line)) == ATTRIBUTES


def test_every_codec_is_documented() -> None:
    documented = [words.partition("(")[0] for row in rows(TEMPLATES, "codec") for words in row]
    assert sorted(documented) == sorted(FORM.codecs)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        if link.startswith("https://"):
            continue
        name, _, heading = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        titles = re.findall(r"(?m)^#+ (.+)$", target.read_text(encoding="utf-8")) if heading else []
        assert not heading or heading in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
