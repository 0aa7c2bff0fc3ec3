"""The table of media: a copy of the program gets one more medium, by one file and one row."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from imr_letters import load, loads, render, samples
from imr_letters.engine.errors import UsageError
from imr_letters.media import table
from imr_letters.media.medium import Medium
from tests.conftest import ROOT

SAMPLE = samples.decisions()[2]

#: The file of a medium whose letters are text, upside down.
TOY = """
from imr_letters.media import text

MARK = b"upside down\\n"


def write(letter):
    return MARK + text.compose(letter.blocks)[::-1].encode()


def recognise(data):
    return "ours" if data.startswith(MARK) else None


def read(given):
    return text.source(given.data.removeprefix(MARK).decode()[::-1], given.name)
"""
ROW = 'Medium("toy", "toy letter", (".toy",), toy.write, toy.read, toy.recognise),'

#: Runs commands one after the other in one process, which starts once; prints what each said.
RUN = """
import contextlib, io, json, sys
from imr_letters.cli import main
for sys.argv[1:] in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.suppress(SystemExit):
        main()
    print(json.dumps(said.getvalue()))
"""

SNAPSHOT = f"""
from pathlib import Path

def test_toy(letter_snapshot):
    letter_snapshot(Path({str(SAMPLE)!r}), "toy")
"""


class Program:
    """A copy of the program with a toy medium, in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "work"
        self.folder.mkdir()
        for name in ("imr_letters", "templates", "rationale_snippets"):
            shutil.copytree(ROOT / name, root / name)
        media = root / "imr_letters" / "media"
        (media / "toy.py").write_text(TOY, encoding="utf-8")
        known = (media / "table.py").read_text(encoding="utf-8")
        end = "\n)\n\n#: Media that are read back"
        assert end in known
        known = known.replace(end, f"\n    {ROW}{end}").replace("import html, pdf, text", "import html, pdf, text, toy")
        (media / "table.py").write_text(known, encoding="utf-8")
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_"))}
        self._environment = {**mine, "PYTHONPATH": str(root)}

    def run(self, *commands: list[str]) -> list[str]:
        said = self.python("-c", RUN, json.dumps(commands))
        return [json.loads(line) for line in said.splitlines()]

    def python(self, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 - this Python
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def test_one_file_and_one_row_make_a_medium(tmp_path: Path) -> None:
    program = Program(tmp_path)
    sample, letter = str(SAMPLE), "letter.toy"
    said = program.run(
        ["render", sample, "--to", "toy", "-o", letter],
        ["parse", letter],
        ["verify", letter],
        ["batch", "render", sample, "-o", "letters", "--to", "toy,text", "-j", "1"],
        ["batch", "parse", "letters", "-o", "table.csv", "-j", "1"],
        ["batch", "verify", "letters", "-j", "1"],
    )
    assert (program.folder / letter).read_text(encoding="utf-8").startswith("upside down\n")
    assert loads(said[1]) == render(load(SAMPLE)).decision
    assert said[2] == f"{letter}: letter and its decision rendered again are identical\n"
    assert "1 letters: 1 made" in said[3]
    assert {path.suffix for path in (program.folder / "letters").glob("CM*")} == {".toy", ".txt"}
    assert "2 of 2 letters read" in said[4]
    assert "1 of 1 letters are what the manifest says" in said[5]
    # And it has snapshots, which are compared.
    (program.folder / "test_toy.py").write_text(SNAPSHOT, encoding="utf-8")
    assert "1 snapshot generated" in program.python("-m", "pytest", "-q", "--snapshot-update")
    assert [path.name for path in program.folder.rglob("*.toy") if "__snapshots__" in path.parts] == ["test_toy.toy"]
    assert "1 snapshot passed" in program.python("-m", "pytest", "-q")


def test_no_two_media_share_a_name_or_an_ending() -> None:
    assert len({medium.name for medium in table.MEDIA}) == len(table.MEDIA)
    endings = [suffix for medium in table.MEDIA for suffix in medium.suffixes]
    assert len(set(endings)) == len(endings)


@pytest.mark.parametrize("medium", table.MEDIA, ids=lambda medium: medium.name)
def test_what_is_written_is_recognised_and_read(medium: Medium) -> None:
    letter = render(load(SAMPLE))
    given = table.prepared(letter.to(medium.name))
    if medium.read is None:
        assert given.medium is table.TEXT
    else:
        assert given.medium is medium
        assert list(given.source.blocks) == [block.text for block in letter.letter.blocks]


def test_a_medium_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(UsageError, match=r'there is no medium "word"\nremedy: text, html, pdf'):
        render(load(SAMPLE)).to("word")
