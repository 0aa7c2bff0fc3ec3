"""The commands on letter families: check, explain, families."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from imr_letters.cli import printing
from imr_letters.cli.arguments import JSON_VERSION, AsJson, Templates
from imr_letters.engine.errors import ImrLettersError
from imr_letters.explaining import explain as explained
from imr_letters.watching import changed
from imr_letters.wording import Wording, forget

app = typer.Typer()


@app.command(epilog="Example: imr-letters check --templates ./templates")
def check(
    family: Annotated[str | None, typer.Argument(help="One family; all without.", show_default=False)] = None,
    templates: Templates = None,
    watch: Annotated[bool, typer.Option("--watch", help="Check again whenever a file is saved, until Ctrl-C.")] = False,
) -> None:
    """Check that the templates can be read back; all faults at once, each with its place and a remedy."""
    wording = Wording(templates)
    if watch:
        _watch(family, wording)
    names = wording.check_templates(family)
    typer.echo(f"{', '.join(names)}: every letter can be read back")


@app.command(epilog="Example: imr-letters explain dwc-2015")
def explain(
    family: Annotated[str, typer.Argument(help="The family.", show_default=False)],
    templates: Templates = None,
) -> None:
    """Print what a family's letters are made of, in order: fixed words, values, choices, repetitions."""
    typer.echo(explained(Wording(templates).family(family)), nl=False)


@app.command("families", epilog="Example: imr-letters families")
def list_(as_json: AsJson = False, templates: Templates = None) -> None:
    """List the letter families and when their wording was in force."""
    for each in Wording(templates).families.values():
        about = each.about
        if as_json:
            printing.data({"version": JSON_VERSION, "family": each.name, **about.model_dump(mode="json")})
        else:
            since, until = about.in_force_from or "...", about.in_force_to or "..."
            typer.echo(f"{each.name}  {since} to {until}  {about.title}, {about.organization}")


def _watch(name: str | None, wording: Wording) -> None:
    """Check again whenever a template is saved, until Ctrl-C."""
    try:
        for _ in changed(wording.templates_folder):
            forget()
            typer.echo(f"--- {time.strftime('%H:%M:%S')}", err=True)
            try:
                names = wording.check_templates(name)
                typer.echo(f"{', '.join(names)}: every letter can be read back")
            except ImrLettersError as error:
                printing.errors(error.findings)
    except KeyboardInterrupt:
        raise typer.Exit from None
