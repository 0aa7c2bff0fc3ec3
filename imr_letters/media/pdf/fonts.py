"""The fonts that letters are drawn with: files of their packages, not whatever the machine happens to have."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from imr_letters.engine.errors import EngineError


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise EngineError.of(f"the font package {name} is not installed")
    return Path(spec.origin).parent / "files"


_SERIF = _package("font_source_serif_pro")
_SANS = _package("font_source_sans_pro")
_DEJAVU = Path("/usr/share/fonts/truetype/dejavu")

#: Regular and bold of each face.
SERIF = (_SERIF / "SourceSerifPro-Regular.ttf", _SERIF / "SourceSerifPro-Bold.ttf")
SANS = (_SANS / "SourceSansPro-Regular.ttf", _SANS / "SourceSansPro-Bold.ttf")
#: Check boxes, Armenian and other characters the faces above lack (Debian package fonts-dejavu-core).
FALLBACK = (_DEJAVU / "DejaVuSans.ttf", _DEJAVU / "DejaVuSans-Bold.ttf")

#: What a stylesheet calls the faces. Not the fonts' own names: an installed font may bear those too.
FAMILIES = {"Letter Serif": SERIF, "Letter Sans": SANS, "Letter Fallback": FALLBACK}

_FACE = '@font-face {{ font-family: "{family}"; font-weight: {weight}; src: url("{url}") }}\n'


def _files() -> dict[str, Path]:
    return {f"font:{file.name}": file for files in FAMILIES.values() for file in files}


def stylesheet() -> str:
    """Return the rules that bind the names of `FAMILIES` to the addresses of `contents`."""
    return "".join(
        _FACE.format(family=family, weight=weight, url=f"font:{file.name}")
        for family, files in FAMILIES.items()
        for file, weight in zip(files, ("normal", "bold"), strict=True)
    )


@cache
def contents() -> dict[str, bytes]:
    """Return the font files by the addresses that `stylesheet` gives them."""
    try:
        return {url: file.read_bytes() for url, file in _files().items()}
    except OSError as error:
        raise EngineError.of(
            f"a font that letters are drawn with is missing: {error.filename}",
            remedy="apt-get install fonts-dejavu-core; reinstall the packages of this project",
        ) from error
