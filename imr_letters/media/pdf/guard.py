"""Have a PDF from outside read in a child process of limited time and memory, so that this process never dies of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from imr_letters.engine.errors import EngineError, Finding, InputError, LetterError
from imr_letters.media.medium import LARGEST, PreparedSource
from imr_letters.media.pdf import limits
from imr_letters.media.pdf.limits import refusal
from imr_letters.media.pdf.opening import FAULTS

#: What a child answers: plain records, in order.
Answer = list[tuple[str, Any]]

_T = TypeVar("_T")

#: The child's script.
_CHILD = Path(__file__).with_name("child.py")
#: What the end by a limit of processor time looks like, where the system has such limits.
_OUT_OF_TIME = {-int(each) for each in (getattr(signal, "SIGXCPU", None), getattr(signal, "SIGKILL", None)) if each}


def ask(
    module: str,
    given: PreparedSource,
    understood: Callable[[Answer], _T],
    *,
    seconds: float = 10.0,
    memory: int = 1_000_000_000,
) -> _T:
    """Have the function `records` of a module of this room called in a child; return what its answer means.

    `memory` is in bytes of address space. Raises what the child raised, and `InputError` of the codes "too-slow" and
    "crashed" where it does not answer.
    """
    name, data = given.name, given.data
    if len(data) > LARGEST:
        limits.scan(data, name)
    if not sys.executable:
        message = "this Python does not know its own path, so no PDF from outside can be read safely"
        raise EngineError.of(message, remedy="run it with a plain python")
    settings = {
        "module": module,
        "name": name,
        "ours": given.provenance == "ours",
        "seconds": seconds,
        "memory": memory,
        "path": [str(Path(each).resolve()) for each in sys.path],
    }
    command = [sys.executable, "-I", str(_CHILD)]
    order = f"{json.dumps(settings)}\n".encode("ascii") + data
    slow = f"takes longer than {seconds:g} seconds to read, which no letter does"
    try:
        done = subprocess.run(  # noqa: S603 - this Python and a script of this package
            command, input=order, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise refusal("too-slow", slow, name) from None
    if done.returncode in _OUT_OF_TIME:
        raise refusal("too-slow", slow, name)
    try:
        answer = [(key, value) for key, value in map(json.loads, done.stdout.splitlines())]
        if done.returncode != 0 or answer[-1][0] != "end":
            raise _crashed(name)
        (kind, error), *rest = answer[:-1]
        if kind != "refused":
            return understood(rest)
        findings = [Finding.from_dict(value) for _, value in rest]
    except FAULTS:
        raise _crashed(name) from None
    raise (LetterError if error == "LetterError" else InputError)(*findings)


def _crashed(name: str) -> InputError:
    return refusal("crashed", "makes the PDF reader crash or run out of memory", name)
