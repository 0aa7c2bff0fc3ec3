"""Links, pipes, sockets and devices: nothing outside a folder is read or written, and nothing is waited for."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from imr_letters import batch, samples
from imr_letters.batch.folder import Folder
from imr_letters.batch.store import StoreError
from imr_letters.engine.errors import InputError, SnippetError, TemplateError
from imr_letters.engine.files import inside, open_own, opened
from imr_letters.media.medium import LARGEST
from imr_letters.wording import Wording, shipped
from tests import batches
from tests.batches import decisions, jsonl
from tests.conftest import Run

OUTSIDE = "words of another folder"
_DECISION = sorted(samples.DECISIONS.glob("*.yaml"))[0]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "elsewhere" / "secret"
    path.parent.mkdir()
    path.write_text(OUTSIDE, encoding="utf-8")
    return path


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    shutil.copytree(shipped("templates"), tmp_path / "templates")
    return tmp_path / "templates"


def _named(templates: Path) -> None:
    about = templates / "dwc-2015" / "family.toml"
    about.write_text(about.read_text(encoding="utf-8") + '\n[letterhead]\nlogo = "mark.svg"\n', encoding="utf-8")


def _everything(templates: Path) -> None:
    """Read all that a family's letters are made with."""
    family = Wording(templates).family("dwc-2015")
    assert family.template
    assert family.css
    assert family.logo


@pytest.mark.parametrize(
    "name",
    [
        "dwc-2015/added.css",
        "dwc-2015/letter.css",
        "dwc-2015/mark.svg",
        "dwc-2015/family.toml",
        "dwc-2015/letter.html.jinja",
        "shared/letter.css",
        "dwc-2015",
    ],
)
@pytest.mark.parametrize("relative", [True, False])
def test_a_link_that_leads_out_of_the_templates_is_refused(
    templates: Path, secret: Path, name: str, relative: bool
) -> None:
    _named(templates)
    place = templates / name
    target: Path = secret
    if place.is_dir():
        target = Path(shutil.move(place, secret.parent / place.name))
    place.unlink(missing_ok=True)
    place.symlink_to(os.path.relpath(target, place.parent) if relative else target)
    with pytest.raises(TemplateError, match="leads out of the folder") as refused:
        _everything(templates)
    assert OUTSIDE not in str(refused.value)


def test_a_link_within_the_templates_is_followed(templates: Path) -> None:
    sheet = templates / "shared" / "letter.css"
    sheet.rename(templates / "shared" / "looks.css")
    sheet.symlink_to("looks.css")
    assert Wording(templates).family("dwc-2015").css == Wording().family("dwc-2015").css


def test_a_snippet_outside_the_library_is_refused(tmp_path: Path) -> None:
    library = shutil.copytree(shipped("rationale_snippets"), tmp_path / "library")
    first = sorted(library.glob("*/1.md"))[0]
    shutil.move(first, tmp_path / "1.md")
    first.symlink_to(tmp_path / "1.md")
    with pytest.raises(SnippetError, match="leads out of the folder"):
        assert Wording(None, library).library


def test_a_record_outside_the_folder_of_a_batch_is_refused(tmp_path: Path, secret: Path) -> None:
    day = tmp_path / "day"
    day.mkdir()
    shutil.copy(_DECISION, day / "a.yaml")
    (day / "b.yaml").symlink_to("a.yaml")
    (day / "c.yaml").symlink_to(secret)
    with pytest.raises(InputError, match="leads out of the folder"):
        batches.made(day, tmp_path / "out")
    (day / "c.yaml").unlink()
    assert batches.made(day, tmp_path / "out").letters == 1


#: What is put into the folder of a batch, as a link to a place outside.
_FOLDERS = [".batch", ".batch/tmp", "superseded"]
_FILES = [
    ".batch/lock",
    ".batch/workers.lock",
    "journal.jsonl",
    "manifest.jsonl",
    "set-aside.jsonl",
    "batch.json",
    "LETTER",
]
#: By name and whether the link is a hard one, which folders do not have.
_LINKED = [*((name, False) for name in _FOLDERS + _FILES), *((name, True) for name in _FILES)]


@pytest.mark.parametrize(("name", "hard"), _LINKED)
def test_nothing_outside_the_folder_of_a_batch_changes(tmp_path: Path, name: str, hard: bool) -> None:
    """The link is refused, or replaced by a file; what it names stays as it was."""
    source, out = jsonl(tmp_path / "in.jsonl", decisions(2)), tmp_path / "out"
    batches.made(source, out)
    letter = min(out.glob("*.txt")).name
    place = out / name.replace("LETTER", letter)
    outside = tmp_path / "outside"
    if name in _FOLDERS:
        outside.mkdir()
        (outside / "thesis.txt").write_text("years of work")
        shutil.rmtree(place, ignore_errors=True)
        place.symlink_to(outside)
    else:
        outside.write_bytes(place.read_bytes() if name.endswith(".jsonl") else b"years of work")
        place.unlink()
        (place.hardlink_to if hard else place.symlink_to)(outside)
    before = {path: path.read_bytes() for path in (outside, *outside.rglob("*")) if path.is_file()}
    changed = jsonl(tmp_path / "changed.jsonl", ({**each, "clinical_summary": "Other."} for each in decisions(2)))
    found = []
    for given in (source, changed):
        try:
            batches.made(given, out, replace_letters=True)
        except StoreError as error:
            found.append(str(error))
    assert all("link" in each for each in found)
    assert {path: path.read_bytes() for path in (outside, *outside.rglob("*")) if path.is_file()} == before


def test_a_link_in_the_folder_of_temporary_files_is_removed_and_not_followed(tmp_path: Path) -> None:
    source, out, outside = jsonl(tmp_path / "in.jsonl", decisions(1)), tmp_path / "out", tmp_path / "outside"
    outside.mkdir()
    (outside / "thesis.txt").write_text("years of work")
    (out / ".batch" / "tmp").mkdir(parents=True)
    (out / ".batch" / "tmp" / "left").symlink_to(outside)
    batches.made(source, out)
    assert (outside / "thesis.txt").read_text() == "years of work"
    assert list((out / ".batch" / "tmp").iterdir()) == []


def test_a_worker_does_not_follow_a_link_to_its_lock(tmp_path: Path) -> None:
    (tmp_path / ".batch").mkdir()
    (tmp_path / ".batch" / "workers.lock").symlink_to(tmp_path / "made")
    with pytest.raises(StoreError, match="is a link"):
        Folder(tmp_path).join()
    assert not (tmp_path / "made").exists()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _folder(path: Path) -> None:
    path.mkdir()


_KINDS: dict[str, Callable[[Path], None]] = {"pipe": _pipe, "socket": _socket, "device": _device, "folder": _folder}

#: Commands that read the file FILE; TEMPLATES and SNIPPETS are folders that hold it.
_COMMANDS = [
    "render FILE",
    "parse FILE",
    "verify FILE",
    "lint check FILE",
    "publish FILE",
    "mail FILE -o OUT",
    "batch render FILE -o OUT",
    "batch parse FILE -o OUT/t.csv",
    "draft status FILE",
    "draft new -o OUT/d.yaml --from FILE",
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder by a short name, which that of a socket has to be."""
    monkeypatch.chdir(tmp_path)
    return Path()


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("command", _COMMANDS)
def test_what_is_no_plain_file_is_refused_at_once(here: Path, run: Run, kind: str, command: str) -> None:
    """Nobody writes into the pipe: a command that waited for it would never end."""
    for suffix in (".yaml", ".pdf", ".jsonl"):
        _KINDS[kind](here / f"f{suffix}")
        words = [word.replace("FILE", f"f{suffix}").replace("OUT", "out") for word in command.split()]
        done = run(*words)
        if kind != "folder":
            assert (done.code, "not a plain file" in done.err) == (5, True), (words, done)
        assert done.code in (2, 5)
        assert "Traceback" not in done.err


@pytest.mark.parametrize("kind", [kind for kind in _KINDS if kind != "folder"])
@pytest.mark.parametrize("name", ["added.css", "family.toml", "letter.html.jinja", "mark.svg"])
def test_a_part_of_a_template_is_a_plain_file(templates: Path, here: Path, kind: str, name: str) -> None:
    _named(templates)
    place = here / "templates" / "dwc-2015" / name
    place.unlink(missing_ok=True)
    _KINDS[kind](place)
    with pytest.raises(TemplateError, match=r"not a plain file|leads out of the folder"):
        _everything(templates)


@pytest.mark.parametrize("name", ["LETTER", "journal.jsonl", "manifest.jsonl", ".batch/lock", ".batch/workers.lock"])
def test_a_pipe_in_the_folder_of_a_batch_is_refused(tmp_path: Path, name: str) -> None:
    source, out = jsonl(tmp_path / "in.jsonl", decisions(1)), tmp_path / "out"
    batches.made(source, out)
    place = out / name.replace("LETTER", min(out.glob("*.txt")).name)
    place.unlink()
    os.mkfifo(place)
    with pytest.raises(StoreError, match="is a pipe"):
        batches.made(source, out)
    if name.endswith(".jsonl"):
        with pytest.raises(StoreError, match="is a pipe"):
            batch.report(str(out))


def test_standard_input_has_a_limit(tmp_path: Path) -> None:
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(LARGEST + 1)
    with big.open("rb") as given:
        done = subprocess.run([*batches.PROGRAM, "render", "-"], stdin=given, capture_output=True, check=False)  # noqa: S603
    assert done.returncode == 5
    assert b"standard input: is larger than" in done.stderr


def test_a_file_that_leads_out_of_a_folder_through_another_link_is_refused(tmp_path: Path, secret: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "up").symlink_to("..")
    (folder / "chain").symlink_to("up/elsewhere/secret")
    for name in ("chain", "up/elsewhere/secret", "../elsewhere/secret"):
        with pytest.raises(InputError, match="leads out"):
            inside(folder / name, folder)
    with pytest.raises(InputError, match="is a link"):
        opened(folder / "chain", follow=False)
    with pytest.raises(InputError, match="is a link"):
        open_own(folder / "chain")
    assert secret.read_text(encoding="utf-8") == OUTSIDE


def _modes(folder: Path) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {"files": set(), "folders": set()}
    for path in (folder, *folder.rglob("*")):
        found["folders" if path.is_dir() else "files"].add(stat.S_IMODE(path.stat().st_mode))
    return found


@pytest.mark.parametrize(
    ("mode", "files", "folders"), [(None, 0o600, 0o700), ("640", 0o640, 0o750), ("0664", 0o664, 0o775)]
)
def test_what_commands_write_is_for_those_who_were_asked_for(
    tmp_path: Path, run: Run, mode: str | None, files: int, folders: int
) -> None:
    asked = ["--mode", mode] if mode else []
    source, new = jsonl(tmp_path / "in.jsonl", decisions(2)), tmp_path / "new"
    changed = jsonl(tmp_path / "changed.jsonl", ({**each, "clinical_summary": "Other."} for each in decisions(2)))
    for words in (
        ["render", _DECISION, "-o", new / "a" / "letter.txt"],
        ["batch", "render", source, "-o", new / "b" / "out", "--to", "text", "-j", "1"],
        ["batch", "render", changed, "-o", new / "b" / "out", "--to", "text", "-j", "1", "--replace"],
        ["batch", "parse", new / "b" / "out", "-o", new / "c" / "table.csv", "-j", "1"],
        ["publish", _DECISION, "--yes", "--to", "text", "-o", new / "d"],
    ):
        done = run(*words, *asked)
        assert done.code == 0, (words, done.err)
    assert _modes(new) == {"files": {files}, "folders": {folders}}


@pytest.mark.parametrize("mode", ["0640x", "999", "755", "040", "17640", "-1", ""])
def test_a_mode_that_is_none_is_refused(tmp_path: Path, run: Run, mode: str) -> None:
    assert run("render", _DECISION, "-o", tmp_path / "letter.txt", "--mode", mode).code == 2


def test_a_folder_that_its_group_shares_shares_its_new_files(tmp_path: Path, run: Run) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2770)
    assert run("render", _DECISION, "-o", shared / "sub" / "letter.txt").code == 0
    batches.made(jsonl(tmp_path / "in.jsonl", decisions(1)), shared / "out")
    assert _modes(shared) == {"files": {0o660}, "folders": {0o2770}}
