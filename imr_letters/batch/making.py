"""What workers do with decisions: identify them, make their letters, and publish these."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from imr_letters import letters
from imr_letters.batch import inputs, origins, rows
from imr_letters.batch.rows import Row
from imr_letters.batch.store import Published, Store, StoreError, differs
from imr_letters.batch.work import Job, One, Result, Task, aside, place, shard, stopped
from imr_letters.engine.errors import ConflictError, ImrLettersError
from imr_letters.imr.form import outcome_of
from imr_letters.lint import Scope, lint
from imr_letters.media import table as media


def sight(job: Job, tasks: Sequence[Task]) -> list[Result]:
    """Return which record each is: by its number alone where that can be seen, as in JSON, otherwise as `identify`."""
    return shard(job, tasks, sight_one)


def sight_one(job: Job, task: Task) -> Result:
    """Return the number of a decision without looking at the rest of it."""
    with contextlib.suppress(ValueError, TypeError, LookupError, RecursionError):
        number = json.loads(inputs.decision(task.ref))["case"]["number"]
        if rows.is_number(number):
            return Result("done", number, {"id": number})
    return identify_one(job, task)


def identify(job: Job, tasks: Sequence[Task]) -> list[Result]:
    """Return which record each is, and where letters are there already, what its letter would be made from."""
    return shard(job, tasks, identify_one)


def identify_one(job: Job, task: Task) -> Result:
    """Read a decision and return id and digest."""
    decision = job.wording.loads(inputs.decision(task.ref), task.ref.where, job.family)
    own = rows.decision_digest(decision)
    row: Row = {"id": rows.record_id(decision, own), "input": own}
    if job.known:
        with contextlib.suppress(ImrLettersError):  # it will be raised again when the letter is made
            normal = job.wording.phrases_of(decision).normal(decision)[1]
            family = job.family or job.wording.family_of(normal).name
            digest = rows.decision_digest(normal)
            row["recipe"] = origins.recipe(normal, family, job.wording, digest)
            row["media"] = {name: origins.medium(name, family, job.wording) for name in job.media}
    return Result("done", row["id"], row)


def render(job: Job, tasks: Sequence[Task]) -> list[Result]:
    """Make letters and publish them; what is reported as done survives a loss of power."""
    return render_with(render_one, job, tasks)


def render_with(one: One, job: Job, tasks: Sequence[Task]) -> list[Result]:
    """Do so in another way, which tests have."""
    results = shard(job, tasks, one)
    store = place(job.out, job.mode)
    try:
        with store.ahead({name: data for result in results for name, data in result.files.items()}):
            results = [_published(store, job, *pair) for pair in zip(tasks, results, strict=True)]
        store.settle()
    except StoreError as error:
        return [stopped(error, task) for task in tasks]
    return results


def render_one(job: Job, task: Task) -> Result:
    """Make the letters of a record in all media."""
    try:
        decision = job.wording.loads(inputs.decision(task.ref), task.ref.where, job.family)
    except ImrLettersError as error:
        # A record of which only the number was read is named as one of which nothing could be read.
        return aside(error, task.id if task.input else "")
    own = rows.decision_digest(decision)
    if (task.input or own) != own or rows.record_id(decision, own) != task.id:
        return Result("aside", task.id, code="changed")
    letter = letters.render(decision, job.family, job.wording)
    found = lint(letter.decision, scope=Scope(letter.family, job.wording, advice=False))
    if job.lint and (errors := [finding for finding in found if finding.severity == "error"]):
        return Result("aside", task.id, code="lint", findings=tuple(rows.bare(errors)))
    noticed = Counter(finding.code for finding in found)
    noticed["vocabulary"] = len(job.wording.form_of(letter.decision).outside_vocabularies(letter.decision))
    normal = own if letter.decision == decision else rows.decision_digest(letter.decision)
    recipe = origins.recipe(letter.decision, letter.family, job.wording, normal)
    row: Row = {
        "version": rows.VERSION,
        "id": task.id,
        "input": own,
        **recipe,
        "program": origins.program(),
        "outputs": {},
        **rows.counts(letter.decision),
        "outcome": outcome_of(letter.decision) or "",
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
            **_writer(name, data),
            **origins.medium(name, letter.family, job.wording),
        }
    return Result("done", task.id, row, files=files)


def _writer(medium: str, data: bytes) -> dict[str, str]:
    """Return which of the writers of a medium made a file, where it has several."""
    writer = media.READ[medium].writer
    return {"writer": writer(data)} if writer else {}


def _published(store: Store, job: Job, task: Task, result: Result) -> Result:
    """Put the letters of a record in their places, and return what came of it."""
    if not result.files:
        return result
    try:
        detail = _publish(store, result.files, task.others, replace=job.replace)
    except ConflictError as error:
        return replace(aside(error, task.id), code="conflict")
    return replace(result, files={}, detail=detail)


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
