"""The child process that reads one foreign PDF: run by `pdf_reader.ask_guard`, as a script, never imported.

Its input is a line of JSON (what to read, the name, the limits, the search path of modules), then the file's bytes;
its output is lines of plain JSON. It loads only the reader and what that needs: the package's front door, with every
letter family behind it, would cost four times as much as reading a letter.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
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
    from imr_letters.media.pdf import reader as pdf_reader

    data, name, ours = sys.stdin.buffer.read(), settings["name"], settings["ours"]
    lines: list[object]
    try:
        if settings["job"] == "attachment":
            from imr_letters.media.pdf import attachment as pdf_attachment

            found = [*pdf_attachment.records(*pdf_attachment.read_here(data, ours=ours))]
        elif settings["job"] == "parts":
            from imr_letters.media.pdf import parts as pdf_parts

            found = [*pdf_parts.read_here(data, ours=ours).items()]
        else:
            found = [*pdf_reader.records(pdf_reader.read_here(data, name, ours=ours, layout=True))]
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
