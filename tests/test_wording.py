"""The wording: what its folders hold, which family fits, and what a process keeps of it."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path

import pytest

from imr_letters.engine.errors import UsageError
from imr_letters.wording import SHIPPED, Wording, forget
from tests.conftest import ROOT


@pytest.fixture
def own(tmp_path: Path) -> Wording:
    """The shipped wording in folders of its own."""
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    shutil.copytree(ROOT / "rationale_snippets", tmp_path / "snippets")
    return Wording(tmp_path / "templates", tmp_path / "snippets")


def test_either_folder_may_be_the_shipped_one(own: Wording) -> None:
    half = Wording(templates=own.templates)
    assert half.library is SHIPPED.library
    assert half.family("dwc-2015").root == own.templates
    other = Wording(snippets=own.snippets)
    assert other.library is own.library is not SHIPPED.library
    assert other.family("dwc-2015").root == SHIPPED.templates_folder


def test_families_draw_on_the_library_of_their_wording(own: Wording) -> None:
    assert all(each.phrases is own.library for each in own.families.values())
    assert SHIPPED.family("dwc-2015").phrases is SHIPPED.library


def test_a_process_reads_folders_once_until_it_is_told_that_they_changed(own: Wording) -> None:
    again = Wording(own.templates, own.snippets)
    assert again == own
    before = own.families, own.library
    assert before[0] is again.families
    assert before[1] is again.library
    forget()
    assert own.families is not before[0]
    assert own.library is not before[1]


def test_a_wording_goes_to_another_process_and_means_the_same_folders_there(
    own: Wording, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert own.templates is not None
    monkeypatch.chdir(own.templates.parent)
    relative = Wording(Path("templates"), Path("snippets"))
    sent = pickle.loads(pickle.dumps(relative.absolute()))  # noqa: S301 - our own bytes
    os.chdir("/")
    assert sent == own
    assert Wording().absolute() == SHIPPED


def test_a_folder_without_families_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no letter family"):
        _ = Wording(tmp_path).families
    with pytest.raises(UsageError, match="there is no folder of templates"):
        _ = Wording(tmp_path / "none").families
    with pytest.raises(UsageError, match="there is no folder of snippets"):
        _ = Wording(snippets=tmp_path / "none").library
    with pytest.raises(UsageError, match="use one of"):
        SHIPPED.family("dwc-1999")
