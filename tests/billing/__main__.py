"""Make the letter of every ruling and read it back, from text and from PDF; print what came of it as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from imr_letters.engine.choice import family_for
from imr_letters.engine.letter import Letter, Source
from imr_letters.engine.parse import parse
from imr_letters.engine.records.loading import load
from imr_letters.engine.render import render
from imr_letters.engine.template.compiled import view
from imr_letters.media import html, text
from imr_letters.media.pdf import reader, writer
from tests.billing.form import FORM, HERE, Ruling, families


def _text(letter: Letter[Ruling]) -> Source:
    return text.read(text.write(letter.blocks))


def _pdf(letter: Letter[Ruling]) -> Source:
    family = next(each for each in families() if each.name == letter.family)
    page = html.page(family.template.html(view(letter.decision)), title=family.about.title)
    attachment = json.dumps(letter.decision.data()).encode()
    return reader.read(writer.write(page, family.css, title=family.about.title, created=None, attachment=attachment))


MEDIA: dict[str, Callable[[Letter[Ruling]], Source]] = {"text": _text, "pdf": _pdf}


def main() -> None:
    known = families()
    found = []
    for path in sorted((HERE / "rulings").glob("*.yaml")):
        ruling = load(FORM, path)
        letter = render(ruling, family_for(ruling, FORM, known))
        readings = {name: parse(written(letter), known) for name, written in MEDIA.items()}
        found.append(
            {
                "ruling": path.stem,
                "family": letter.family,
                "blocks": [block.text for block in letter.blocks],
                "read back": {name: reading.decision == ruling for name, reading in readings.items()},
                "families": sorted({reading.family for reading in readings.values()}),
                "findings": sorted({finding.message for each in readings.values() for finding in each.findings}),
            }
        )
    modules = sorted(name for name in sys.modules if name.startswith("imr_letters."))
    sys.stdout.write(json.dumps({"letters": found, "modules": modules}, indent=1))


if __name__ == "__main__":
    main()
