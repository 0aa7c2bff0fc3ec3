"""The work on one record, and on a shard of records: what worker processes and the workers of a cluster run.

A shard is the unit of work, a record the unit of loss: what goes wrong with one is told of it alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from imr_letters import letters
from imr_letters.batch import inputs, origins, rows
from imr_letters.batch.inputs import Ref
from imr_letters.batch.places import store_at
from imr_letters.batch.rows import Row
from imr_letters.batch.store import Published, Store, StoreError, differs
from imr_letters.engine.errors import (
    ConflictError,
    EngineError,
    Finding,
    ImrLettersError,
    SnippetError,
    TemplateError,
    UsageError,
)
from imr_letters.imr.model import Decision
from imr_letters.imr.records import loads
from imr_letters.imr.unknown import outside_vocabularies
from imr_letters.lint import Scope, lint
from imr_letters.media import table as media
from imr_letters.wording import SHIPPED, Wording
from imr_letters.workers.limits import TOO_BIG, limits


@dataclass(frozen=True, slots=True)
class Job:
    """What a batch does, told once for all its records. Small and plain: it travels to every worker."""

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


@dataclass(frozen=True, slots=True)
class Task:
    """One record to work on."""

    ref: Ref
    id: str = ""
    #: The digest of its decision; not yet known where it was told by its number alone.
    input: str = ""
    #: Names of letters of the same record that another content made.
    others: tuple[str, ...] = ()
    #: The row of a letter that is checked.
    row: Row = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
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


One = Callable[[Job, Task], Outcome]
Shard = Callable[[Job, Sequence[Task]], list[Outcome]]


def shard(job: Job, tasks: Sequence[Task], one: One) -> list[Outcome]:
    """Work on records one after the other; return what came of each, in their order."""
    return [attempt(job, task, one) for task in tasks]


def attempt(job: Job, task: Task, one: One) -> Outcome:
    """Work on a record within its limits; whatever goes wrong becomes its outcome."""
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
        return Outcome("aside", task.id, code="too-big")
    except Exception as error:  # noqa: BLE001 - a fault of ours in one record must not cost the others theirs
        # What the error says may quote the record: only its kind and its place are told.
        place = traceback.extract_tb(error.__traceback__)[-1]
        told = {"code": type(error).__name__, "line": place.lineno or 0, "field": Path(place.filename).name}
        return Outcome("aside", task.id, code="fault", findings=(told,))


def aside(error: ImrLettersError, id_: str) -> Outcome:
    """Return the outcome of a record that is set aside for an error."""
    code = error.findings[0].code if error.findings else "fault"
    return Outcome("aside", id_, code=code, findings=tuple(rows.bare(error.findings)))


def stopped(error: ImrLettersError, task: Task) -> Outcome:
    """Return the outcome that stops a batch."""
    found = tuple(finding.as_dict() for finding in error.findings)
    return Outcome("stop", task.id, findings=found, detail=type(error).__name__)


def stop_error(outcome: Outcome) -> ImrLettersError:
    """Return the error that an outcome of kind `stop` tells of."""
    kinds: dict[str, type[ImrLettersError]] = {
        each.__name__: each for each in (StoreError, EngineError, TemplateError, SnippetError, UsageError)
    }
    return kinds[outcome.detail](*(Finding.from_dict(dict(each)) for each in outcome.findings))


@cache
def place(address: str) -> Store:
    """Return the store of an address, opened once in a process."""
    return store_at(address)


def warm(job: Job) -> None:
    """Make ready what every record needs. What is wrong with it, the first record says."""
    with contextlib.suppress(ImrLettersError):
        for house in job.wording.families.values():
            _ = house.template.automaton
        letter = letters.render(_SAMPLE, job.family, job.wording)
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


def sight(job: Job, tasks: Sequence[Task]) -> list[Outcome]:
    """Tell which record each is: by its number alone where that can be seen, as in JSON, otherwise as `identify`."""
    return shard(job, tasks, sight_one)


def sight_one(job: Job, task: Task) -> Outcome:
    """Return the number of a decision without looking at the rest of it."""
    with contextlib.suppress(ValueError, TypeError, LookupError, RecursionError):
        number = json.loads(inputs.decision(task.ref))["case"]["number"]
        if rows.is_number(number):
            return Outcome("done", number, {"id": number})
    return identify_one(job, task)


def identify(job: Job, tasks: Sequence[Task]) -> list[Outcome]:
    """Tell which record each is, and where letters are there already, what its letter would be made from."""
    return shard(job, tasks, identify_one)


def identify_one(job: Job, task: Task) -> Outcome:
    """Read a decision and return id and digest."""
    decision = loads(inputs.decision(task.ref), task.ref.where)
    own = rows.decision_digest(decision)
    row: Row = {"id": rows.record_id(decision, own), "input": own}
    if job.known:
        with contextlib.suppress(ImrLettersError):  # it will be raised again, and told, when the letter is made
            normal = job.wording.library.normal(decision)[1]
            family = job.family or job.wording.family_of(normal).name
            digest = rows.decision_digest(normal)
            row["recipe"] = origins.recipe(normal, family, job.wording, digest)
            row["media"] = {name: origins.medium(name, family, job.wording) for name in job.media}
    return Outcome("done", row["id"], row)


def render(job: Job, tasks: Sequence[Task]) -> list[Outcome]:
    """Make letters and publish them; what is told as done outlives a loss of power."""
    return render_with(render_one, job, tasks)


def render_with(one: One, job: Job, tasks: Sequence[Task]) -> list[Outcome]:
    """Do so in another way, which tests have."""
    outcomes = shard(job, tasks, one)
    store = place(job.out)
    try:
        with store.ahead({name: data for outcome in outcomes for name, data in outcome.files.items()}):
            outcomes = [_published(store, job, *pair) for pair in zip(tasks, outcomes, strict=True)]
        store.settle()
    except StoreError as error:
        return [stopped(error, task) for task in tasks]
    return outcomes


def render_one(job: Job, task: Task) -> Outcome:
    """Make the letters of a record in all media."""
    try:
        decision = loads(inputs.decision(task.ref), task.ref.where)
    except ImrLettersError as error:
        # Who was told by his number alone has no other name than one who could not be told at all.
        return aside(error, task.id if task.input else "")
    own = rows.decision_digest(decision)
    if (task.input or own) != own or rows.record_id(decision, own) != task.id:
        return Outcome("aside", task.id, code="changed")
    letter = letters.render(decision, job.family, job.wording)
    found = lint(letter.decision, scope=Scope(letter.family, job.wording, advice=False))
    if job.lint and (errors := [finding for finding in found if finding.severity == "error"]):
        return Outcome("aside", task.id, code="lint", findings=tuple(rows.bare(errors)))
    noticed = Counter(finding.code for finding in found)
    noticed["vocabulary"] = len(outside_vocabularies(letter.decision))
    outcomes = [item.outcome for item in letter.decision.items]
    normal = own if letter.decision == decision else rows.decision_digest(letter.decision)
    recipe = origins.recipe(letter.decision, letter.family, job.wording, normal)
    row: Row = {
        "version": rows.VERSION,
        "id": task.id,
        "input": own,
        **recipe,
        "program": origins.program(),
        "outputs": {},
        "items": len(outcomes),
        "upheld": outcomes.count("upheld"),
        "overturned": outcomes.count("overturned"),
        "outcome": letter.decision.outcome,
        "findings": {code: count for code, count in sorted(noticed.items()) if count},
    }
    files: dict[str, bytes] = {}
    for name in job.media:
        file = rows.stem(task.id, own) + media.READ[name].suffix
        data = files[file] = letter.to(name)
        row["outputs"][name] = {
            "name": file,
            "digest": rows.digest(data),
            "bytes": len(data),
            **media.READ[name].counted(data),
            **origins.medium(name, letter.family, job.wording),
        }
    return Outcome("done", task.id, row, files=files)


def _published(store: Store, job: Job, task: Task, outcome: Outcome) -> Outcome:
    """Put the letters of a record in their places, and return what came of it."""
    if not outcome.files:
        return outcome
    try:
        detail = _publish(store, outcome.files, task.others, replace=job.replace)
    except ConflictError as error:
        return replace(aside(error, task.id), code="conflict")
    return replace(outcome, files={}, detail=detail)


def _publish(store: Store, files: Mapping[str, bytes], others: Sequence[str], *, replace: bool) -> Published:
    """Put the letters of a record in their places: all or, where one is refused, none."""
    if not replace:
        for name, data in files.items():
            if store.read(name) not in (None, data):
                raise differs(name)
    for name in others:  # kept before anything else happens
        store.supersede(name)
    states = {store.publish(name, data, replace=replace) for name, data in files.items()}
    for name in others:
        store.remove(name)
    if others or "replaced" in states:
        return "replaced"
    return "new" if "new" in states else "same"


def check(job: Job, tasks: Sequence[Task]) -> list[Outcome]:
    """Hold letters against their rows of the manifest, and verify them."""
    return shard(job, tasks, check_one)


def check_one(job: Job, task: Task) -> Outcome:
    """Read each file of a letter again: its digest, its decision, and the letter rendered from that."""
    found: list[Finding] = []
    row = task.row
    store = place(job.out)
    for _, output in sorted(row["outputs"].items()):
        file = output["name"]
        if rows.id_of_name(file) != row["id"]:  # and so it is no path to somewhere else
            found.append(_fault("other-manifest", "the manifest names a file that is no letter of this record", ""))
            continue
        data = store.read(file)
        if data is None:
            found.append(_fault("missing-file", "the letter is not there", file))
            continue
        if rows.digest(data) != output["digest"]:
            found.append(_fault("other-bytes", "the file is not the one that was made", file))
        given = letters.prepared(data, file)
        try:
            found += [each for each in letters.verify(given, wording=job.wording) if each.severity == "error"]
            decision = letters.parse(given, wording=job.wording).decision
        except ImrLettersError as error:
            found += [each.at(file) for each in error.findings]
            continue
        outcomes = [item.outcome for item in decision.items]
        counts = {
            "items": len(outcomes),
            "upheld": outcomes.count("upheld"),
            "overturned": outcomes.count("overturned"),
        }
        if rows.digest(rows.canonical(decision.data())) != row["decision"]:
            found.append(
                _fault("other-decision", "the letter tells another decision than the one it was made from", file)
            )
        if any(row[key] != count for key, count in counts.items()):
            found.append(_fault("other-counts", "the manifest counts other outcomes", file))
        for what, count in given.medium.counted(data).items():
            if output.get(what) != count:
                found.append(_fault(f"other-{what}", f"the manifest counts other {what}", file))
    told = tuple({**each, "file": finding.source} for finding in found for each in rows.bare([finding]))
    return Outcome("done", task.id, {"id": task.id}, findings=told)


def _fault(code: str, message: str, file: str) -> Finding:
    return Finding(code, "error", message, source=file)


def plain(outcome: Outcome) -> dict[str, Any]:
    """Return the row of a record that was set aside."""
    return {"id": outcome.id, "code": outcome.code, "findings": list(outcome.findings)}
