"""The commands on the samples, and on decisions that are invented to try a template with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imr_letters import cover, samples
from imr_letters.cli import printing
from imr_letters.cli.arguments import Templates
from imr_letters.english.wordlists import counted
from imr_letters.wording import Wording

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


@app.callback(invoke_without_command=True, epilog="Example: imr-letters samples --check")
def remake(
    context: typer.Context,
    only_check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail where a letter is out of date.")
    ] = False,
) -> None:
    """Regenerate the text letters in samples/letters from the sample decisions."""
    if context.invoked_subcommand is not None:
        return
    stale = samples.remake(check=only_check)
    for path in stale:
        printing.line(f"regenerated: {path}")
    printing.line(f"{len(samples.decisions())} sample letters are up to date")


@app.command(epilog="Example: imr-letters samples generate --cover dwc-2015 -o decisions")
def generate(
    name: Annotated[str, typer.Option("--cover", metavar="FAMILY", help="The family whose template to exercise.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the decisions.")],
    templates: Templates = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file that differs.")] = False,
) -> None:
    """Invent a small set of decisions that exercises every branch of a template, each loop with none, one and many."""
    made = cover.cover(Wording(templates).family(name))
    for path in cover.save(made, output, replace=replace):
        printing.line(str(path))
    for branch in made.missed:
        printing.line(f"no invented decision takes {branch.where}: {branch.when}", err=True)
    branches = sum(len(each) for _, each in made.decisions)
    printing.line(f"{counted(len(made.decisions), 'decision')} take {counted(branches, 'branch')} of {name}", err=True)
    raise typer.Exit(int(bool(made.missed)))
