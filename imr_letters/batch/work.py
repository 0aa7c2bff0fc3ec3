"""The work on one record, and on a shard of records: what worker processes and the workers of a cluster run.

A shard is the unit of work, a record the unit of loss: what goes wrong with one is reported of it alone.
"""

from __future__ import annotations

import contextlib
import os
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from imr_letters import letters
from imr_letters.batch import rows
from imr_letters.batch.inputs import Ref
from imr_letters.batch.places import store_at
from imr_letters.batch.rows import Row
from imr_letters.batch.store import Store, StoreError
from imr_letters.engine.errors import (
    EngineError,
    Finding,
    ImrLettersError,
    SnippetError,
    TemplateError,
    UsageError,
)
from imr_letters.imr.model import Decision
from imr_letters.lint import Scope, lint
from imr_letters.wording import SHIPPED, Wording
from imr_letters.workers.limits import TOO_BIG, limits


@dataclass(frozen=True, slots=True)
class Job:
    """What a batch does, the same for all its records. Small and plain: it travels to every worker."""

    out: str
    media: tuple[str, ...] = ()
    family: str | None = None
    wording: Wording = SHIPPED
    replace: bool = False
    accept_drift: bool = False
    #: Whether errors of lint keep a letter from being made.
    lint: bool = True
    #: Whether something is there already with which a record may agree.
    known: bool = False
    seconds: float = 60.0
    memory: int = 1 << 30
    #: Whether a record that takes more ends the process; not where that is the only one.
    limited: bool = True
    #: The mode of new files; None leaves it to the folder.
    mode: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One record to work on."""

    ref: Ref
    id: str = ""
    #: The digest of its decision; not yet known where only its number was read.
    input: str = ""
    #: Names of letters of the same record that another content made.
    others: tuple[str, ...] = ()
    #: The row of a letter that is checked.
    row: Row = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one record.

    `stop` says that no further record can be worked on, for a reason that is none of this one's.
    """

    state: Literal["done", "aside", "stop"]
    id: str = ""
    row: Row = field(default_factory=dict)
    code: str = ""
    #: For rows of manifests: codes and fields. For `stop`: whole findings.
    findings: tuple[Row, ...] = ()
    #: For a `stop`, the kind of error; of a letter that was published, whether it is new, the same, or replaced one.
    detail: str = ""
    #: The letters by name of their files, until they are published.
    files: Mapping[str, bytes] = field(default_factory=dict)


One = Callable[[Job, Task], Result]
Shard = Callable[[Job, Sequence[Task]], list[Result]]


def shard(job: Job, tasks: Sequence[Task], one: One) -> list[Result]:
    """Work on records one after the other; return what came of each, in their order."""
    return [attempt(job, task, one) for task in tasks]


def attempt(job: Job, task: Task, one: One) -> Result:
    """Work on a record within its limits; whatever goes wrong becomes its result."""
    try:
        with limits(job.seconds, job.memory) if job.limited else contextlib.nullcontext():
            return one(job, task)
    except (StoreError, EngineError, TemplateError, SnippetError, UsageError) as error:
        return stopped(error, task)
    except ImrLettersError as error:
        return aside(error, task.id)
    except MemoryError:
        if job.limited:
            os._exit(TOO_BIG)  # what is left of the libraries' state is not worth keeping
        return Result("aside", task.id, code="too-big")
    except Exception as error:  # noqa: BLE001 - a fault of ours in one record must not cost the others theirs
        # What the error says may quote the record: only its kind and its place are given.
        place = traceback.extract_tb(error.__traceback__)[-1]
        fault = {"code": type(error).__name__, "line": place.lineno or 0, "field": Path(place.filename).name}
        return Result("aside", task.id, code="fault", findings=(fault,))


def aside(error: ImrLettersError, id_: str) -> Result:
    """Return the result of a record that is set aside for an error."""
    code = error.findings[0].code if error.findings else "fault"
    return Result("aside", id_, code=code, findings=tuple(rows.bare(error.findings)))


def stopped(error: ImrLettersError, task: Task) -> Result:
    """Return the result that stops a batch."""
    found = tuple(finding.as_dict() for finding in error.findings)
    return Result("stop", task.id, findings=found, detail=type(error).__name__)


def stop_error(result: Result) -> ImrLettersError:
    """Return the error that a result of kind `stop` stands for."""
    kinds: dict[str, type[ImrLettersError]] = {
        each.__name__: each for each in (StoreError, EngineError, TemplateError, SnippetError, UsageError)
    }
    return kinds[result.detail](*(Finding.from_dict(dict(each)) for each in result.findings))


@cache
def place(address: str, mode: int | None = None) -> Store:
    """Return the store of an address, opened once in a process; `mode` is that of new files."""
    return store_at(address, mode)


def warm(job: Job) -> None:
    """Make ready what every record needs. What is wrong with it, the first record says."""
    with contextlib.suppress(ImrLettersError):
        for family in job.wording.families.values():
            _ = family.template.automaton
        letter = letters.render(_SAMPLE, job.family, job.wording)
        lint(letter.decision, scope=Scope(letter.family, job.wording, advice=False))
        for medium in job.media:
            letter.to(medium)


#: The smallest letter, to set up fonts and engine with.
_SAMPLE = Decision.model_validate(
    {
        "reviewer": {"licensed_in": ["California"], "certifications": ["Family Practice"]},
        "clinical_summary": "None.",
        "items": [
            {
                "request": "None",
                "outcome": "upheld",
                "claims_administrator_guideline": {"basis": "none_cited"},
                "reviewer_guideline": {"basis": "none_cited"},
                "rationale": "None.",
            }
        ],
    }
)


def plain(result: Result) -> dict[str, Any]:
    """Return the row of a record that was set aside."""
    return {"id": result.id, "code": result.code, "findings": list(result.findings)}
