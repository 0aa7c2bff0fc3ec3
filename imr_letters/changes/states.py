"""The two states that are compared: templates and snippets of a git revision, of a folder, or of the installation.

A state is a copy that stands still: a working folder may change while a comparison runs.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imr_letters.engine.errors import InputError, UsageError
from imr_letters.engine.families import LETTER
from imr_letters.wording import SHIPPED, Wording

#: Names the state that the program itself brings.
INSTALLED = "installed"

_TEMPLATES, _SNIPPETS, _PACKAGE = "templates", "rationale_snippets", "imr_letters"
#: What of the program decides how values are printed.
_CODECS = tuple(f"{_PACKAGE}/{name}" for name in ("codecs", "data/vocabulary.toml", "model/vocabulary.py", "text.py"))
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class State:
    """Templates and snippets as they stood at one time.

    `program` is the folder of a program whose codecs are others than this one's; letters of such a state are printed
    by that program. Where it cannot, because it is older than this comparison, `old_program` says so.
    """

    name: str
    templates: Path
    snippets: Path
    program: Path | None = None
    old_program: bool = False

    @property
    def wording(self) -> Wording:
        """What its letters are made with."""
        return Wording(self.templates, self.snippets)


def default_base(folder: Path) -> str:
    """Return what changes are compared with unless told: the last commit where there is one, else the installation."""
    if not (folder / _TEMPLATES).is_dir():
        return INSTALLED
    try:
        found = _git(folder, "ls-tree", "HEAD", "--", _TEMPLATES)
    except (InputError, UsageError):
        return INSTALLED
    return "HEAD" if found.strip() else INSTALLED


def default_new(folder: Path) -> str:
    """Return the state that is looked at unless told: the folder itself where it holds templates."""
    return str(folder) if (folder / _TEMPLATES).is_dir() else INSTALLED


@contextmanager
def opened(given: str, folder: Path) -> Iterator[State]:
    """Give the state that a word names: `installed`, a folder, or a git revision of the repository around `folder`.

    Raises `UsageError` for what is none of these.
    """
    if given == INSTALLED:
        yield State("the installed version", SHIPPED.templates_folder, SHIPPED.snippets_folder)
        return
    with tempfile.TemporaryDirectory(prefix="imr-letters-") as place:
        copy = Path(place)
        named = folder / given
        if named.is_dir():
            name = f"the folder {given}"
            _copy(named.resolve(), copy)
        else:
            name = _archive(given, folder, copy)
        if not (copy / _TEMPLATES).is_dir():
            remedy = "name a folder that holds templates/, a git revision, or installed"
            raise UsageError.of(f"{name} holds no templates", remedy=remedy)
        snippets = copy / _SNIPPETS if (copy / _SNIPPETS).is_dir() else SHIPPED.snippets_folder
        other = (copy / _PACKAGE).is_dir() and _digest(copy) != _digest(Path(__file__).parents[2])
        able = other and (copy / _PACKAGE / "impact" / "foreign.py").exists()
        yield State(name, copy / _TEMPLATES, snippets, copy if able else None, old_program=other and not able)


def _copy(source: Path, target: Path) -> None:
    """Copy what a folder holds of a state; a folder of templates alone counts as one."""
    if not (source / _TEMPLATES).is_dir() and any(source.glob(f"*/{LETTER}")):
        shutil.copytree(source, target / _TEMPLATES)
        return
    unwanted = shutil.ignore_patterns("__pycache__")
    for name in (_TEMPLATES, _SNIPPETS):
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, ignore=unwanted)
    if (source / _PACKAGE).is_dir() and _digest(source) != _digest(Path(__file__).parents[2]):
        shutil.copytree(source / _PACKAGE, target / _PACKAGE, ignore=unwanted)


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


def _digest(root: Path) -> str:
    """Tell programs apart by what prints values."""
    found = hashlib.sha256()
    for name in _CODECS:
        place = root / name
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.is_file() and file.suffix in (".py", ".toml", ".txt"):
                found.update(f"{file.relative_to(root)}\0".encode() + file.read_bytes() + b"\0")
    return found.hexdigest()


#: How another program is asked to print letters.
FOREIGN = (sys.executable, "-m", f"{_PACKAGE}.impact.foreign")
