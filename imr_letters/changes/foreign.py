"""Print decisions with this program's codecs, for a comparison that another version of the program makes.

Run as `python -m imr_letters.changes.foreign TEMPLATES SNIPPETS`, it reads lines of JSON and answers each with a line:
that is all that two versions have to agree on.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from imr_letters.changes.corpus import Entry
from imr_letters.changes.states import FOREIGN, State
from imr_letters.changes.trace import Printed, printed
from imr_letters.engine.errors import EngineError
from imr_letters.imr.model import Decision


def print_all(entries: Sequence[Entry], state: State, family: str | None) -> list[Printed]:
    """Return the letters of a state that has a program of its own. Raises `EngineError` where that program fails."""
    assert state.program is not None
    lines = [
        json.dumps({"decision": each.decision.data(), "family": family or each.family}, ensure_ascii=False)
        for each in entries
    ]
    done = subprocess.run(  # noqa: S603
        [*FOREIGN, str(state.templates), str(state.snippets)],
        input="\n".join(lines).encode(),
        capture_output=True,
        check=False,
        cwd=state.program,
        env={**os.environ, "PYTHONPATH": str(state.program)},
    )
    answers = done.stdout.decode().splitlines()
    if done.returncode != 0 or len(answers) != len(entries):
        message = f"the program of {state.name} did not print the letters"
        remedy = "compare with a folder that holds only templates/ and rationale_snippets/"
        raise EngineError.of(message, remedy=remedy)
    return [Printed.from_dict(json.loads(answer)) for answer in answers]


def main(arguments: Sequence[str]) -> None:
    """Answer each line of standard input."""
    state = State("", Path(arguments[0]), Path(arguments[1]))
    for line in sys.stdin.buffer:
        shape = json.loads(line)
        letter = printed(Decision.model_validate(shape["decision"]), state, shape["family"])
        sys.stdout.write(json.dumps(letter.as_dict()) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
