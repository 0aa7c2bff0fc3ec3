"""What the tests share: the command line in this process, the real letters, the families."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pikepdf
import pytest
from hypothesis import HealthCheck, settings

from imr_letters.cli import main
from imr_letters.engine.letter import Source
from imr_letters.engine.parse import parse
from imr_letters.imr.form import Reading
from imr_letters.media import text as text_medium
from imr_letters.wording import SHIPPED
from tests import pdfs

ROOT = Path(__file__).parents[1]

#: The families of the published determination: they print any decision, without parties. `tests/mailing.py` is for
#: the family that needs more.
PUBLISHED = sorted(name for name, each in SHIPPED.families.items() if not each.about.needs)

settings.register_profile(
    "suite", max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
settings.register_profile("campaign", max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("IMR_LETTERS_HYPOTHESIS", "suite"))


#: In CI a program that is missing is a failure: a check that was not made must not look like one that passed.
IN_CI = os.environ.get("CI", "").lower() in ("1", "true")


def programs() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return, by program, the Debian package that has it and the other names it goes by: `.ci/programs`, read."""
    lines = (ROOT / ".ci" / "programs").read_text(encoding="utf-8").splitlines()
    entries = [line.split() for line in lines if line and not line.startswith("#")]
    return {name: (package, tuple(others)) for package, name, *others in entries}


def needs(program: str) -> str:
    """Return the path of a program that a test runs. Without it the test is skipped, or fails if CI=true."""
    package, others = programs()[program]
    for name in (program, *others):
        if found := shutil.which(name):
            return found
    missing = f"{program} is not on this machine; install Debian's {package}, as .ci/run does"
    if IN_CI:
        pytest.fail(missing, pytrace=False)
    pytest.skip(missing)


def attach(folder: Path, name: str, value: bytes) -> None:
    """Give a folder an attribute; the test is skipped where the file system keeps none, in CI too."""
    try:
        os.setxattr(folder, name, value)
    except (AttributeError, OSError):
        pytest.skip(f"this file system does not keep {name}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what reads real letters where there are none: they are private, so CI may lack them too."""
    if item.get_closest_marker("corpus") and corpus() is None:
        pytest.skip("IMR_LETTERS_CORPUS names no folder of real letters")


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()


Run = Callable[..., Outcome]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run the command line as a user would, in a folder of its own."""

    def command(*arguments: str | Path, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "argv", ["imr-letters", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("COLUMNS", "100")
        monkeypatch.setenv("NO_COLOR", "1")
        capfdbinary.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Outcome(code, out, err.decode())

    return command


def without_tags(pdf: bytes) -> bytes:
    """Return a PDF as a program writes it that knows no tags."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        for key in ("/StructTreeRoot", "/MarkInfo"):
            if key in file.Root:
                del file.Root[key]
        out = io.BytesIO()
        file.save(out)
        return out.getvalue()


def corpus() -> Path | None:
    """Return the folder of real letters, if one is named."""
    name = os.environ.get("IMR_LETTERS_CORPUS")
    return Path(name) if name and Path(name).is_dir() else None


def real_letters() -> list[Path]:
    """Return the real letters, if there are any here."""
    folder = corpus()
    return sorted([*folder.glob("seeds/*.txt"), *folder.glob("*/*.pdf")]) if folder else []


@cache
def real_source(path: Path) -> Source:
    """Return what is read of a real letter, in this process: a guarded one for each takes a while."""
    data = path.read_bytes()
    return pdfs.read_here(data, path.name) if path.suffix == ".pdf" else text_medium.source(data, path.name)


@cache
def real_reading(path: Path) -> Reading:
    """Return the reading of a real letter."""
    return parse(real_source(path), list(SHIPPED.families.values()))
