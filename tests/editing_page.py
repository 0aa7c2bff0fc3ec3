"""Walks docs/editing.md: does what it says, step by step, and draws what the terminal shows.

`./run python -m tests.editing_page` redraws the pictures; tests/test_editing_page.py fails when that is needed.
"""

from __future__ import annotations

import html
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "editing.md"
PICTURES = ROOT / "docs" / "pictures"
#: Columns of the terminal in the pictures.
WIDTH = 100
#: What a page cannot show, as it writes it.
_HIDDEN = {"&shy;": "\u00ad"}

_PART = re.compile(
    r"^```(?P<language>\w+)\n(?P<block>.*?)^```$"
    r"|^!\[(?P<alt>[^\n]*?)\]\(pictures/(?P<picture>[\w-]+)\.svg\)$"
    r"|^<!-- ends with (?P<code>\d) -->$"
    r"|^(?P<heading>##+) (?P<title>[^\n]+)$"
    r"|`(?P<file>templates/[\w./-]+\.\w+)`",
    re.MULTILINE | re.DOTALL,
)
_THEME = TerminalTheme((250, 250, 248), (30, 30, 30), [(30, 30, 30)] * 8)
_SVG = """\
<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" xmlns="http://www.w3.org/2000/svg">
<title>{title}</title>
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: {char_height}px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""

#: Runs a command line in the folder of the walk; returns its exit code and all that it said.
Runner = Callable[[list[str]], tuple[int, str]]


@dataclass(frozen=True)
class Shown:
    """A picture of the page: its name, the words next to it, and what the terminal shows."""

    name: str
    alt: str
    terminal: str


def walk(folder: Path, run: Runner, text: str | None = None) -> Iterator[Shown]:
    """Do what the page says in a folder with templates and samples; yield what it shows pictures of.

    Edits under a heading of the third rank are taken back before the next. Fails where an edit finds no place, or a
    command ends with another code than the page has in a comment.
    """
    file, check, sound = "", "", folder / "templates"
    done: tuple[str, int, str] | None = None
    saved = folder.parent / f"{folder.name}-saved"
    told = 0
    for part in _PART.finditer(text if text is not None else PAGE.read_text(encoding="utf-8")):
        if part["file"]:
            file = part["file"]
        elif part["code"]:
            told = int(part["code"])
        elif part["heading"]:
            _ended_well(done)
            if saved.is_dir():
                shutil.rmtree(sound)
                shutil.copytree(saved, sound)
            if part["title"].startswith("The messages"):
                shutil.copytree(sound, saved)
        elif part["language"] == "diff":
            _ended_well(done)
            _edit(folder / file, part["block"])
            done = None
        elif part["language"] == "sh":
            for line in part["block"].splitlines():
                _ended_well(done)
                done = (line, *_do(line, folder, run))
                check = line if " check " in line else check
        elif part["picture"]:
            done = done or (check, *_do(check, folder, run))
            assert done[1] == told, f"{done[0]} ends with {done[1]}, the page says {told}:\n{done[2]}"
            yield Shown(part["picture"], part["alt"], f"$ {done[0]}\n{done[2].rstrip()}\n")
            done, told = None, 0


def _ended_well(done: tuple[str, int, str] | None) -> None:
    assert done is None or done[1] == 0, f"{done}: the page goes on as if nothing were wrong"


def _edit(file: Path, block: str) -> None:
    lines = block.splitlines()
    old = "\n".join(line[2:] for line in lines if line.startswith("- "))
    new = "\n".join(line[2:] for line in lines if line.startswith("+ "))
    for written, meant in _HIDDEN.items():
        new = new.replace(written, meant)
    words = file.read_text(encoding="utf-8")
    assert words.count(old) == 1, f"{file} holds {words.count(old)} times: {old}"
    file.write_text(words.replace(old, new), encoding="utf-8")


def _do(line: str, folder: Path, run: Runner) -> tuple[int, str]:
    program, *arguments = shlex.split(line)
    if program == "imr-letters":
        code, said = run(arguments)
        return code, re.sub(r"\(\d+ ms\)", "(12 ms)", said)
    if program == "mkdir":
        (folder / arguments[0]).mkdir()
    else:
        assert (program, arguments[0]) == ("cp", "-r"), line
        shutil.copytree(folder / arguments[1], folder / arguments[2] / arguments[1])
    return 0, ""


def drawn(shown: Shown) -> str:
    """Return the picture of a terminal."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    command, _, said = shown.terminal.partition("\n")
    console.print(Text(command, style="bold"), Text(said.rstrip("\n")), sep="\n")
    code = _SVG.replace("{title}", html.escape(shown.alt).replace("{", "{{").replace("}", "}}"))
    return console.export_svg(title="", theme=_THEME, code_format=code, unique_id=shown.name)


def words(svg: str) -> str:
    """Return the words in a picture, and what it is called; nothing of how it is drawn."""
    found = re.findall(r"<(?:text|title)\b[^>]*>(.*?)</(?:text|title)>", svg, re.DOTALL)
    return "\n".join(" ".join(html.unescape(each).split()) for each in found if each.strip())


def prepared(folder: Path) -> Path:
    """Put into a folder what the page begins with."""
    for name in ("templates", "samples"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def main() -> None:
    """Redraw the pictures of the page."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = prepared(Path(temporary) / "editor")

        def run(arguments: list[str]) -> tuple[int, str]:
            program = Path(sys.executable).with_name("imr-letters")
            environment = os.environ | {"COLUMNS": str(WIDTH), "NO_COLOR": "1"}
            done = subprocess.run(  # noqa: S603
                [program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
            )
            return done.returncode, done.stdout + done.stderr

        made = {shown.name: drawn(shown) for shown in walk(folder, run)}
    PICTURES.mkdir(exist_ok=True)
    for path in PICTURES.glob("*.svg"):
        if path.stem not in made:
            path.unlink()
    for name, svg in made.items():
        (PICTURES / f"{name}.svg").write_text(svg, encoding="utf-8")
    sys.stdout.write(f"{len(made)} pictures are in {PICTURES}\n")


if __name__ == "__main__":
    main()
