"""The commands for batches: many letters at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from imr_letters import batch
from imr_letters.batch import Options, Progress
from imr_letters.batch.options import Watch, unwatched
from imr_letters.cli import printing
from imr_letters.cli.arguments import (
    JSON_VERSION,
    PROCESSORS,
    AsJson,
    FamilyName,
    Jobs,
    Mode,
    NoLint,
    Snippets,
    Templates,
)
from imr_letters.media.table import READ
from imr_letters.wording import Wording

app = typer.Typer(
    help="A day's letters at once: rendered exactly once, or read into a table.",
    epilog="Example: imr-letters batch render decisions.jsonl -o letters. Exit codes: 0 all good; 1 faults found; "
    "2 usage; 3 some set aside, the rest is done; 4 a letter of other content is there, or another batch is at work; "
    "5 the place cannot be written, or input not read.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

Inputs = Annotated[
    list[str], typer.Argument(metavar="INPUT...", help="Files, folders or fsspec addresses.", show_default=False)
]
Out = Annotated[str, typer.Argument(metavar="OUT", help="Folder or address of the letters.", show_default=False)]
Seconds = Annotated[float, typer.Option("--seconds", min=0.1, help="Time that one record may take.")]
Memory = Annotated[int, typer.Option("--memory", min=16, help="MiB that one record may take (on Linux).")]

#: Records without a letter that are told one by one.
_MOST_TOLD = 20


@contextmanager
def _watched() -> Iterator[Watch]:
    """Show progress on standard error where that is a terminal: done, rate, time left, set aside."""
    if not sys.stderr.isatty():
        yield unwatched
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[aside]}"),
    ]
    with Bar(*columns, console=Console(stderr=True, no_color="NO_COLOR" in os.environ or None)) as bar:
        known: dict[str, Any] = {}

        def show(progress: Progress) -> None:
            if progress.doing not in known:
                known[progress.doing] = bar.add_task(progress.doing, total=progress.total, rate="", aside="")
            task = known[progress.doing]
            aside = f"{progress.aside} set aside" if progress.aside else ""
            speed = bar.tasks[task].speed
            rate = f"{speed:,.1f} a second" if speed else ""
            bar.update(task, completed=progress.done, total=progress.total, rate=rate, aside=aside)

        yield show


def _tell(rows: Iterable[dict[str, Any]], places: dict[str, list[str]], verb: str) -> None:
    """Tell on standard error which records have no letter: place, id, code and fields; nothing of what they hold."""
    rows = list(rows)
    for row in rows[:_MOST_TOLD]:
        told = [f"{each['code']} {each.get('field', '')}".strip() for each in row["findings"]]
        why = f" ({', '.join(told)})" if told else ""
        printing.line(f"{', '.join(places.get(row['id'], []))}: {verb}: {row['id']}: {row['code']}{why}", err=True)
    if len(rows) > _MOST_TOLD:
        printing.line(f"and {len(rows) - _MOST_TOLD} more: see set-aside.jsonl", err=True)


@app.command(epilog="Example: imr-letters batch render decisions.jsonl -o letters --to pdf,text --jobs 2")
def render(
    inputs: Inputs,
    out: Annotated[str, typer.Option("--output", "-o", help="Folder or address of the letters.")],
    to: Annotated[str, typer.Option("--to", help=f"Media, separated by commas: {', '.join(READ)}.")] = "pdf",
    jobs: Jobs = PROCESSORS,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put changed letters in place of old ones, which are kept.")
    ] = False,
    seconds: Seconds = 60.0,
    memory: Memory = 1024,
    on: Annotated[str | None, typer.Option("--on", help="Cluster to work on: dask://HOST:PORT.")] = None,
    trust_network: Annotated[
        bool, typer.Option("--trust-network", help="The cluster is another machine, and the way there is safe.")
    ] = False,
    no_lint: NoLint = None,
    mode: Mode = None,
    as_json: AsJson = False,
    family: FamilyName = None,
    templates: Templates = None,
    snippets: Snippets = None,
) -> None:
    """Render decisions from folders, JSONL or Parquet; each letter is read back, and published exactly once.

    Run the same command again after anything went wrong: what is there is kept, what is missing is made.
    """
    wording = Wording(templates, snippets)
    options = Options(family, wording, jobs, seconds, memory << 20, on, trust_network, no_lint, mode)
    media = [each.strip() for each in to.split(",") if each.strip()]
    with _watched() as watch:
        done = batch.render(inputs, out, media, options, replace_letters=replace, watch=watch)
    _tell(done.aside, done.places, "set aside")
    _tell(done.refused, done.places, "refused")
    if as_json:
        printing.data({"version": JSON_VERSION, **done.shape()})
    else:
        printing.line(
            f"{done.letters} letters: {done.made} made, {done.kept} there already, {done.replaced} replaced; "
            f"{len(done.aside)} set aside, {len(done.refused)} refused, {done.duplicates} given twice"
        )
    raise typer.Exit(done.exit_code)


@app.command(epilog="Example: imr-letters batch parse letters -o letters.csv --jobs 2")
def parse(
    inputs: Inputs,
    table: Annotated[str, typer.Option("--output", "-o", help="Table to write: .jsonl, .csv or .parquet.")],
    jobs: Jobs = PROCESSORS,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put new tables in place of old ones, which are kept.")
    ] = False,
    accept_drift: Annotated[
        bool, typer.Option("--accept-drift", help="Read letters whose fixed wording differs; report it.")
    ] = False,
    seconds: Seconds = 60.0,
    memory: Memory = 1024,
    mode: Mode = None,
    as_json: AsJson = False,
    family: FamilyName = None,
    templates: Templates = None,
    snippets: Snippets = None,
) -> None:
    """Read letters, text and PDF, into a table with a row for each letter, and one with a row for each item.

    The second table stands beside the first, with -items before the suffix.
    """
    options = Options(family, Wording(templates, snippets), jobs, seconds, memory << 20, mode=mode)
    with _watched() as watch:
        done = batch.parse(inputs, table, options, accept_drift=accept_drift, replace_table=replace, watch=watch)
    _tell(
        [{"id": each["source"], **each} for each in done.unread],
        {each["source"]: [each["source"]] for each in done.unread},
        "not read",
    )
    if as_json:
        printing.data({"version": JSON_VERSION, **done.shape()})
    else:
        printing.line(
            f"{done.read} of {done.letters} letters read: {done.items} items, {done.upheld} upheld, "
            f"{done.overturned} overturned"
        )
    raise typer.Exit(done.exit_code)


@app.command(epilog="Example: imr-letters batch verify letters --jobs 2")
def verify(
    out: Out,
    jobs: Jobs = PROCESSORS,
    seconds: Seconds = 60.0,
    memory: Memory = 1024,
    as_json: AsJson = False,
    templates: Templates = None,
    snippets: Snippets = None,
) -> None:
    """Check all letters of a folder against its manifest: files, digests, decisions, and each rendered again."""
    with _watched() as watch:
        found = batch.verify(out, Options(None, Wording(templates, snippets), jobs, seconds, memory << 20), watch=watch)
    if as_json:
        printing.data({"version": JSON_VERSION, **found.shape()})
    else:
        for fault in found.faults:
            words = [fault.get("file") or fault["id"], fault["code"], fault.get("field", "")]
            printing.line(": ".join(str(each) for each in words if each), err=True)
        printing.line(f"{found.sound} of {found.letters} letters are what the manifest says")
    raise typer.Exit(found.exit_code)


@app.command(epilog="Example: imr-letters batch status letters")
def status(out: Out, as_json: AsJson = False) -> None:
    """Tell where a batch stands: running, finished or interrupted, how many letters there are, since when."""
    found = batch.status(out)
    if as_json:
        printing.data({"version": JSON_VERSION, **found})
        return
    printing.line(f"{found['state']}: {found['letters']} letters are there, {found['set_aside']} set aside")
    printing.line(f"last batch: {found['records']} records, {found['made']} letters made")
    printing.line(f"begun {found['begun']}, last written {found['last']}")


@app.command(epilog="Example: imr-letters batch report letters --json")
def report(out: Out, as_json: AsJson = False) -> None:
    """Print totals of a folder: letters, items, upheld, overturned, set aside; and whether they reconcile."""
    found = batch.report(out)
    if as_json:
        printing.data({"version": JSON_VERSION, **found})
    else:
        for name, value in found.items():
            if isinstance(value, dict):
                for each, count in value.items():
                    printing.line(f"{f'{name}: {each}'.replace('_', ' '):40} {count:>9,}")
            elif not isinstance(value, bool):
                printing.line(f"{name.replace('_', ' '):40} {value:>9,}")
        printing.line(f"the totals {'reconcile' if found['reconciles'] else 'DO NOT reconcile'}")
    raise typer.Exit(int(not found["reconciles"]))
