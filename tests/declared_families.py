"""Laws over generated families: random declarations of fields, each with a template made for it.

    python -m tests.declared_families 500

Each family is proved when it loads. Invented decisions of it are printed, read back from the text, and drifted: one
changed character of fixed wording, or of a value, never gives the same decision.
"""

from __future__ import annotations

import random
import sys
import tempfile
from contextlib import suppress
from itertools import islice
from pathlib import Path

from imr_letters import letters
from imr_letters.cover import invented
from imr_letters.engine.errors import LetterError
from imr_letters.wording import Wording, forget

CODECS = {
    "words": "words",
    "prose": "prose",
    "date": "us_date",
    "whole number": "whole_number",
    "amount": "amount",
    "yes or no": "yes_no",
    "list": 'list(", ")',
}
PLACES = ("letter", "case", "member", "plan")
FORMS = ("03/04/2017", "3/4/2017", "March 4, 2017", "4 de marzo de 2017")


def family(seed: int) -> tuple[str, str]:
    """Return `family.toml` and the template of a family."""
    rng = random.Random(seed)  # noqa: S311 - the same in every run
    said = ['title = "Notice of Decision"', 'organization = "Invented Reviews"', 'leave_out = ["*"]', "[forms]"]
    said.append(f'date = "{rng.choice(FORMS)}"')
    printed: list[str] = []
    for number in range(rng.randint(1, 7)):
        name = f"field_{number}"
        if rng.random() < 0.2:
            columns = [_value(rng, f"col_{index}", ("words", "date", "amount", "choice")) for index in range(2)]
            said += [f"[fields.{name}]", 'kind = "table"']
            for index, (lines, _) in enumerate(columns):
                said += [f"[fields.{name}.columns.col_{index}]", *lines]
            inside = "".join(
                f"<p>Column {number} {index} says: {{{{ row.col_{index} | {codec.format(f'col_{index}')} }}}}</p>"
                for index, (_, codec) in enumerate(columns)
            )
            printed.append(
                f"{{% for row in {name} %}}<h3>Row {{{{ loop.index }}}} of {number}:</h3>{inside}{{% endfor %}}"
            )
            continue
        lines, codec = _value(rng, name, (*CODECS, "choice", "pattern"))
        place = rng.choice(PLACES)
        needed = rng.random() < 0.7 or place != "letter"
        path = name if place == "letter" else f"{place}.{name}"
        said += [f"[fields.{name}]", f'place = "{place}"', f"needed = {'true' if needed else 'false'}", *lines]
        words = f"<p>Label of {name.replace('_', ' ')} here: {{{{ {path} | {codec.format(name)} }}}}</p>"
        printed.append(words if needed else f"{{% if {path} %}}{words}{{% endif %}}")
    body = "\n".join(printed)
    return "\n".join(said) + "\n", f"<h1>{{{{ title }}}}</h1>\n{body}\n<p>Sent by {{{{ organization }}}}.</p>\n"


def _value(rng: random.Random, name: str, kinds: tuple[str, ...]) -> tuple[list[str], str]:
    kind = rng.choice(kinds)
    if kind == "choice":
        return ['kind = "choice"', f'choices = {{ one = "First of {name}", two = "Second of {name}" }}'], "{}"
    if kind == "pattern":
        return ['kind = "words"', 'pattern = "[A-Z]{2}-[0-9]{2,4}"', 'example = "AB-123"'], "{}"
    return [f'kind = "{kind}"'], CODECS[kind]


def check(seed: int, folder: Path) -> int:
    """Make a family and hold the laws against it; return how many letters were read."""
    about, template = family(seed)
    (folder / "made").mkdir(parents=True, exist_ok=True)
    (folder / "made" / "family.toml").write_text(about, encoding="utf-8")
    (folder / "made" / "letter.html.jinja").write_text(template, encoding="utf-8")
    forget()
    wording = Wording(folder)
    (made,) = wording.check_templates()
    assert str(made.template.proof).startswith("proved"), (seed, str(made.template.proof))
    rng = random.Random(seed)  # noqa: S311 - the same in every run
    decisions = list(islice(invented(made), 3))
    assert decisions, seed
    for decision in decisions:
        letter = letters.render(decision, None, wording)
        read = letters.parse(letter.text, wording=wording)
        assert read.decision == decision, seed
        assert letters.render(read.decision, None, wording).text == letter.text, seed
        at = rng.randrange(len(letter.text))
        if letter.text[at].isalnum():
            changed = f"{letter.text[:at]}{'x' if letter.text[at] != 'x' else 'y'}{letter.text[at + 1 :]}"
            with suppress(LetterError):
                assert letters.parse(changed, wording=wording).decision != decision, (seed, at)
    return len(decisions)


def main() -> None:
    """Check as many families as asked for."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as folder:
        read = sum(check(seed, Path(folder) / str(seed)) for seed in range(count))
    sys.stdout.write(f"{count} families, {read} letters: each read back to its decision, nothing lost\n")


if __name__ == "__main__":
    main()
