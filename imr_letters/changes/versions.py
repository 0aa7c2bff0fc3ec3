"""The two versions that are compared: templates and snippets of a git revision, of a folder, or of the installation.

A version is a copy, because a working folder may change while a comparison runs. Program code of a version is never
run: the letters of both versions are printed by the program that runs now.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imr_letters.engine.errors import InputError, UsageError
from imr_letters.engine.families import LETTER
from imr_letters.engine.families import TEMPLATES as _TEMPLATES
from imr_letters.snippets.snippet import FOLDER as _SNIPPETS
from imr_letters.wording import SHIPPED, Wording

#: Names the version that the program itself brings.
INSTALLED = "installed"

_PACKAGE = "imr_letters"
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Version:
    """Templates and snippets as they were at one time, and whether program code came with them that is not run here."""

    name: str
    wording: Wording
    other_program: bool = False


def default_base(folder: Path) -> str:
    """Return what changes are compared with by default: the last commit where there is one, else the installation."""
    if not (folder / _TEMPLATES).is_dir():
        return INSTALLED
    try:
        found = _git(folder, "ls-tree", "HEAD", "--", _TEMPLATES)
    except (InputError, UsageError):
        return INSTALLED
    return "HEAD" if found.strip() else INSTALLED


def default_new(folder: Path) -> str:
    """Return the version that is looked at by default: the folder itself where it holds templates."""
    return str(folder) if (folder / _TEMPLATES).is_dir() else INSTALLED


@contextmanager
def opened(given: str, folder: Path) -> Iterator[Version]:
    """Give the version that a word names: `installed`, a folder, or a git revision of the repository around `folder`.

    Raises `UsageError` for what is none of these.
    """
    if given == INSTALLED:
        yield Version("the installed version", SHIPPED)
        return
    with tempfile.TemporaryDirectory(prefix="imr-letters-") as place:
        copy = Path(place)
        named = folder / given
        if named.is_dir():
            name, other = f"the folder {given}", _is_other(named / _PACKAGE)
            _copy(named.resolve(), copy)
        else:
            name = _archive(given, folder, copy)
            other = _is_other(copy / _PACKAGE)
        if not (copy / _TEMPLATES).is_dir():
            remedy = "name a folder that holds templates/, a git revision, or installed"
            raise UsageError.of(f"{name} holds no templates", remedy=remedy)
        snippets = copy / _SNIPPETS if (copy / _SNIPPETS).is_dir() else None
        yield Version(name, Wording(copy / _TEMPLATES, snippets), other)


def _copy(source: Path, target: Path) -> None:
    """Copy what a folder holds of a version; a folder of templates alone counts as one."""
    if not (source / _TEMPLATES).is_dir() and any(source.glob(f"*/{LETTER}")):
        shutil.copytree(source, target / _TEMPLATES, symlinks=True, ignore=_special)
        return
    for name in (_TEMPLATES, _SNIPPETS):
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, symlinks=True, ignore=_special)


def _special(folder: str, names: list[str]) -> list[str]:
    """Return what is not copied of a folder: pipes, sockets and devices. A link stays one, and may lead nowhere."""
    paths = [Path(folder, name) for name in names]
    return [path.name for path in paths if not (path.is_symlink() or path.is_file() or path.is_dir())]


def _archive(revision: str, folder: Path, target: Path) -> str:
    """Unpack a git revision; return how it is called."""
    try:
        commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except UsageError:
        message = f'"{revision}" is no folder and no git revision here'
        remedy = "name a folder that holds templates/, a git revision such as HEAD~1, or installed"
        raise UsageError.of(message, remedy=remedy) from None
    sha = commit.decode().strip()
    names = _git(folder, "ls-tree", "--name-only", sha, "--", _TEMPLATES, _SNIPPETS, _PACKAGE).decode().split()
    if _TEMPLATES not in names:
        return f"the revision {revision}"
    with tarfile.open(fileobj=io.BytesIO(_git(folder, "archive", "--format=tar", sha, "--", *names))) as archive:
        for member in archive:
            # Links and what would leave the folder are passed over: no template is one.
            place = (target / member.name).resolve()
            if member.isfile() and place.is_relative_to(target.resolve()):
                place.parent.mkdir(parents=True, exist_ok=True)
                content = archive.extractfile(member)
                assert content is not None
                place.write_bytes(content.read())
    short = sha[:10]
    return short if revision in (sha, short) else f"{revision} ({short})"


def _git(folder: Path, *arguments: str) -> bytes:
    """Return what git says. Raises `InputError` where there is no git, `UsageError` where it refuses."""
    command = ["git", *arguments]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=_SECONDS)  # noqa: S603
    except OSError:
        remedy = "install git, or name a folder instead of a revision"
        raise InputError.of("git, which knows the revision, is missing", remedy=remedy) from None
    except subprocess.TimeoutExpired:
        raise InputError.of(f"git did not answer in {_SECONDS} seconds") from None
    if done.returncode != 0:
        raise UsageError.of("git does not know this revision")
    return done.stdout


def _is_other(program: Path) -> bool:
    """Return whether a folder holds the code of another program than the one that runs."""
    code = _code(program)
    return bool(code) and code != _code(Path(__file__).parents[1])


def _code(program: Path) -> dict[Path, bytes]:
    return {path.relative_to(program): path.read_bytes() for path in program.rglob("*.py")}
