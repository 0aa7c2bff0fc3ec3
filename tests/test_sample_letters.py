"""The letters of the samples as they were reviewed: what a change of templates, stylesheets or codecs does to them.

New or changed wording: `./run pytest tests/test_sample_letters.py --snapshot-update`, then read the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from imr_letters import samples
from imr_letters.testing.snapshot import LetterSnapshot

SAMPLES = [pytest.param(path, id=path.stem) for path in samples.decisions()]


@pytest.mark.parametrize("path", SAMPLES)
def test_letter(path: Path, letter_snapshot: LetterSnapshot) -> None:
    letter_snapshot(path, "text", "html")


#: One of each family, and one of several pages.
@pytest.mark.parametrize("path", [each for each in SAMPLES if str(each.id)[:2] in ("03", "08")])
def test_pages(path: Path, letter_snapshot: LetterSnapshot) -> None:
    letter_snapshot(path, "pdf")
