"""The programs that tests run: a missing one is a failure in CI, and nothing else skips a test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import conftest
from tests.conftest import ROOT, needs, programs


def test_a_program_that_is_there_is_found() -> None:
    assert Path(needs("git")).is_file()


@pytest.mark.parametrize(("in_ci", "ending"), [(True, pytest.fail.Exception), (False, pytest.skip.Exception)])
def test_a_missing_program_fails_in_ci_and_skips_elsewhere(
    in_ci: bool, ending: type[BaseException], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(conftest, "IN_CI", in_ci)
    for program, (package, _) in programs().items():
        with pytest.raises(ending, match=f"^{program} is not on this machine; install Debian's {package},"):
            needs(program)


def test_other_names_of_a_program_are_looked_up_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "google-chrome"
    other.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert needs("chromium") == str(other)


def skips(path: Path) -> Iterator[str]:
    """Yield the calls that skip a test on their own, except those for a system of another kind."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        call = ast.unparse(node) if isinstance(node, ast.Call) else ""
        if re.match(r"pytest\.(skip|importorskip|mark\.skip|mark\.skipif)\b", call) and "sys.platform" not in call:
            yield call


def test_tests_are_skipped_in_one_place() -> None:
    """By `needs` and the mark `corpus`, so that CI skips nothing but the real letters."""
    files = {path for path in (ROOT / "tests").glob("*.py") if path.name != "conftest.py"}
    assert {path.name: found for path in sorted(files) if (found := list(skips(path)))} == {}
