"""The commands on templates: start a family, show what a corpus exercises, check again while editing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from imr_letters import changes, samples
from imr_letters.changes import start
from imr_letters.changes.coverage import Plan, coverage
from imr_letters.changes.trace import printed
from imr_letters.cli import printing
from imr_letters.cli.arguments import JSON_VERSION, AsJson, Templates
from imr_letters.cli.changes import CorpusFolder
from imr_letters.engine.families import LETTER
from imr_letters.english.wordlists import counted
from imr_letters.wording import SHIPPED, Wording

app = typer.Typer(
    help="Start letter families, and see what of a template is exercised.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.command(epilog="Example: imr-letters template new example-2026 --from dwc-2015")
def new(
    name: Annotated[str, typer.Argument(metavar="FAMILY", help="Name of the new family.", show_default=False)],
    source: Annotated[
        str | None, typer.Option("--from", metavar="FAMILY", help="The family to begin with; an empty one without.")
    ] = None,
    templates: Annotated[
        Path, typer.Option("--templates", help="Folder of templates to put it in; made where it is not there.")
    ] = Path("templates"),
    title: Annotated[str | None, typer.Option(help="Title of its letters.")] = None,
    organization: Annotated[str | None, typer.Option(help="The organization that sends them.")] = None,
    in_force_from: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day on which it is used.")
    ] = None,
) -> None:
    """Start a letter family: a copy of another one, from the folder or from the shipped ones, or an empty one."""
    known = Wording(templates).families if any(templates.glob(f"*/{LETTER}")) else {}
    facts = start.NewFamily(title, organization, in_force_from.date() if in_force_from else None)
    if source is None:
        made = start.start_empty(name, templates, facts)
    else:
        made = start.start(name, known.get(source) or SHIPPED.family(source), templates, facts)
    for path in made:
        printing.line(str(path))
    printing.line(f"try it: imr-letters check {name} --templates {templates} --watch", err=True)


@app.command("coverage", epilog="Example: imr-letters template coverage dwc-2015 --corpus decisions")
def coverage_(
    name: Annotated[
        str | None, typer.Argument(metavar="FAMILY", help="One family; all without.", show_default=False)
    ] = None,
    corpus: CorpusFolder = None,
    templates: Templates = None,
    as_json: AsJson = False,
) -> None:
    """Show which branches of a template the letters of a corpus exercise; ends with 1 where one is exercised by none.

    With a family named, every decision that it can print is printed in it.
    """
    wording = Wording(templates)
    chosen = [wording.family(name)] if name else list(wording.families.values())
    entries = changes.gathered(corpus or samples.DECISIONS, wording).entries
    letters = [
        printed(each.decision, wording, name)
        for each in entries
        if name is None or not (chosen[0].lost(each.decision) or chosen[0].missing(each.decision))
    ]
    missed = 0
    for family in chosen:
        found = coverage(Plan(family), letters)
        missed += len(found.missed)
        if as_json:
            printing.data({"version": JSON_VERSION, **found.as_dict()})
            continue
        printing.line(f"{found.family}: {counted(found.letters, 'letter')}")
        for branch, count in found.branches:
            printing.line(f"  {count or 'NONE':>6}  {branch.where}: {branch.when}")
    raise typer.Exit(int(missed > 0))
