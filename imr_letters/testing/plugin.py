"""The pytest plugin: the fixtures `letter_snapshot`, `letter_templates` and `letter_snippets`.

pytest loads this module at every start in an environment that has imr-letters, so it imports nothing but pytest until
a test asks for a fixture.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from imr_letters.testing.snapshot import LetterSnapshot

_FOLDERS = {
    "letter_templates": "folder of the letter families that are tested; the shipped ones without",
    "letter_snippets": "folder of their rationale library; the shipped one without",
}
_TOLERANCE = "share of a page's dots that may differ from its snapshot, from 0 to 1"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--letter-templates` and its like, which also stand in the project's settings."""
    group = parser.getgroup("imr-letters", "letters")
    for name, about in _FOLDERS.items():
        group.addoption(f"--{name.replace('_', '-')}", dest=name, metavar="FOLDER", default=None, help=about)
        parser.addini(name, about, default="")
    parser.addini("letter_page_tolerance", _TOLERANCE, default="")


@pytest.fixture(scope="session")
def letter_templates(pytestconfig: pytest.Config) -> Path | None:
    """The folder of templates that are tested, from `--letter-templates` or the setting `letter_templates`."""
    return _folder(pytestconfig, "letter_templates")


@pytest.fixture(scope="session")
def letter_snippets(pytestconfig: pytest.Config) -> Path | None:
    """The folder of the rationale library, from `--letter-snippets` or the setting `letter_snippets`."""
    return _folder(pytestconfig, "letter_snippets")


@pytest.fixture
def letter_snapshot(
    request: pytest.FixtureRequest, letter_templates: Path | None, letter_snippets: Path | None
) -> LetterSnapshot:
    """Compare letters with those that were kept: letter_snapshot(decision, "text", "html", "pdf")."""
    if not request.config.pluginmanager.hasplugin("syrupy"):
        raise pytest.UsageError("letter_snapshot needs syrupy: install imr-letters[testing]")
    from imr_letters.testing import snapshot
    from imr_letters.wording import Wording

    given = str(request.config.getini("letter_page_tolerance"))
    return snapshot.LetterSnapshot(
        request.getfixturevalue("snapshot"),
        wording=Wording(letter_templates, letter_snippets),
        tolerance=tolerance(given) if given else snapshot.TOLERANCE,
    )


def _folder(config: pytest.Config, name: str) -> Path | None:
    """Return a folder: an option's is below the folder pytest was called in, a setting's below that of its file."""
    option, setting = config.getoption(name), config.getini(name)
    given = config.invocation_params.dir / option if option else config.rootpath / setting if setting else None
    if given is not None and not given.is_dir():
        raise pytest.UsageError(f"{name}: there is no folder {given}")
    return given


def tolerance(given: str) -> float:
    """Return the setting `letter_page_tolerance`. Raises `UsageError` for what is no share."""
    try:
        value = float(given)
    except ValueError:
        value = -1
    if not 0 <= value <= 1:
        raise pytest.UsageError(f"letter_page_tolerance is {given!r}; it must be a number from 0 to 1, such as 0.0005")
    return value
