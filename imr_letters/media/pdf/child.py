"""The child process that reads one foreign PDF: run by `guard.ask`, as a script, never imported.

Its input is a line of JSON (which module reads it, the name, the limits, the search path of modules), then the
file's bytes; its output is lines of plain JSON. It loads only that module and what it needs: the package's front door,
with every letter family behind it, would cost four times as much as reading a letter.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path


def main() -> None:
    """Read the PDF on standard input within the limits it comes with."""
    settings = json.loads(sys.stdin.buffer.readline())
    _limit(settings["seconds"], settings["memory"])
    sys.path[:] = settings["path"]
    folder = Path(__file__).parents[2]
    spec = spec_from_file_location("imr_letters", folder / "__init__.py", submodule_search_locations=[str(folder)])
    assert spec is not None
    sys.modules["imr_letters"] = module_from_spec(spec)  # found, and not run

    from imr_letters.engine.errors import ImrLettersError

    data = sys.stdin.buffer.read()
    lines: list[object]
    try:
        module = import_module(f"imr_letters.media.pdf.{settings['module']}")
        found = [*module.records(data, settings["name"], ours=settings["ours"])]
    except ImrLettersError as error:
        lines = [["refused", type(error).__name__], *(["finding", finding.as_dict()] for finding in error.findings)]
    else:
        lines = [["read", ""], *found]
    for line in [*lines, ["end", ""]]:
        sys.stdout.write(f"{json.dumps(line)}\n")


def _limit(seconds: float, memory: int) -> None:
    """Limit this process's time and memory where the system can; it leaves no core file with a letter in it."""
    try:
        import resource
    except ImportError:  # not a Unix: the parent's clock is the only limit
        return
    whole = int(seconds) + 1
    for kind, limit in (
        (resource.RLIMIT_CPU, whole),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(OSError, ValueError):  # some systems have no such limit, or a stricter one
            resource.setrlimit(kind, (limit, limit))


if __name__ == "__main__":
    main()
