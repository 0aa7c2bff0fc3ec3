"""The fonts that letters are drawn with: files of their packages, never whatever the machine happens to have."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from imr_letters.errors import EngineError, Finding


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise EngineError(Finding("engine", "error", f"the font package {name} is not installed"))
    return Path(spec.origin).parent / "files"


_SERIF = _package("font_source_serif_pro")
_SANS = _package("font_source_sans_pro")
_DEJAVU = Path("/usr/share/fonts/truetype/dejavu")

#: Regular and bold of each face.
SERIF = (_SERIF / "SourceSerifPro-Regular.ttf", _SERIF / "SourceSerifPro-Bold.ttf")
SANS = (_SANS / "SourceSansPro-Regular.ttf", _SANS / "SourceSansPro-Bold.ttf")
#: Check boxes, Armenian and other characters the faces above lack (Debian package fonts-dejavu-core).
FALLBACK = (_DEJAVU / "DejaVuSans.ttf", _DEJAVU / "DejaVuSans-Bold.ttf")
