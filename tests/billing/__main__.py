"""Make the letter of every ruling and read it back, from text and from PDF; print what came of it as JSON."""

from __future__ import annotations

import json
import sys

from imr_letters.engine.choice import family_for
from imr_letters.engine.families import Family
from imr_letters.engine.letter import Letter
from imr_letters.engine.parse import parse
from imr_letters.engine.records.loading import load
from imr_letters.engine.render import render
from imr_letters.engine.template.compiled import view
from imr_letters.media.medium import Printable
from imr_letters.media.table import READ, prepared
from tests.billing.form import FORM, HERE, Ruling, families


def printable(letter: Letter[Ruling], family: Family[Ruling]) -> Printable:
    return Printable(
        family.about.title,
        letter.blocks,
        family,
        created=None,
        make_body=lambda: family.template.html(view(letter.decision)),
        make_attachment=lambda: json.dumps(letter.decision.data()).encode(),
    )


def main() -> None:
    known = families()
    found = []
    for path in sorted((HERE / "rulings").glob("*.yaml")):
        ruling = load(FORM, path)
        family = family_for(ruling, FORM, known)
        letter = render(ruling, family)
        files = {name: medium.write(printable(letter, family)) for name, medium in READ.items()}
        readings = {name: parse(prepared(data, name).source, known) for name, data in files.items()}
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
