"""The commands on letter families: check, explain, families."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated

import typer

from imr_letters.cli import printing
from imr_letters.cli.arguments import JSON_VERSION, AsJson, Templates
from imr_letters.engine.errors import ImrLettersError
from imr_letters.explaining import explain as explained
from imr_letters.imr.form import Family
from imr_letters.watching import changed
from imr_letters.wording import Wording, forget

app = typer.Typer()


@app.command(epilog="Example: imr-letters check --templates ./templates")
def check(
    family: Annotated[str | None, typer.Argument(help="One family; all without.", show_default=False)] = None,
    templates: Templates = None,
    watch: Annotated[bool, typer.Option("--watch", help="Check again whenever a file is saved, until Ctrl-C.")] = False,
) -> None:
    """Prove that each letter of a family can be read back to one decision only.

    All faults are shown at once, each with its place, a letter that two decisions would print, and a remedy. Warnings
    name fixed words that would keep ordinary words out of a decision, and two families that can read one letter
    differently.
    """
    wording = Wording(templates)
    if watch:
        _watch(family, wording)
    _report(wording.check_templates(family))
    printing.errors(wording.check_between(family))


@app.command(epilog="Example: imr-letters explain dwc-2015")
def explain(
    family: Annotated[str, typer.Argument(help="The family.", show_default=False)],
    templates: Templates = None,
) -> None:
    """Print what a family's letters are made of, in order: fixed words, values, choices, repetitions.

    Below that, see which words each value may not hold, because the letters print them as fixed text.
    """
    printing.text(explained(Wording(templates).family(family)))


@app.command("families", epilog="Example: imr-letters families")
def list_(as_json: AsJson = False, templates: Templates = None) -> None:
    """List the letter families and when their wording was in force."""
    for each in Wording(templates).families.values():
        about = each.about
        if as_json:
            printing.data({"version": JSON_VERSION, "family": each.name, **about.model_dump(mode="json")})
        else:
            since, until = about.in_force_from or "...", about.in_force_to or "..."
            printing.line(f"{each.name}  {since} to {until}  {about.title}, {about.organization}")
            if about.unproved is not None:
                printing.line(f"  not proved that each letter has one reading; accepted: {about.unproved.reason}")


def _report(families: Sequence[Family]) -> None:
    """Print what was proved of each family, and its warnings."""
    from imr_letters.media.pdf import typeset
    from imr_letters.media.pdf.typeset.supported import declared_outside

    proved = [each.name for each in families if not each.template.proof.doubt]
    if proved:
        printing.line(f"{', '.join(proved)}: every letter can be read back")
    for each in families:
        if typeset.TYPESETS and (reason := declared_outside(each.css)):
            printing.line(f"{each.name}: WeasyPrint makes its PDF letters, not the typesetter: {reason}")
        printing.errors(each.template.warnings)
        printing.line(f"  {each.name}: {each.template.proof}")
        if each.template.proof.doubt and each.about.unproved is not None:
            printing.line(f"    accepted in family.toml: {each.about.unproved.reason}")


def _watch(name: str | None, wording: Wording) -> None:
    """Check again whenever a template is saved, until Ctrl-C."""
    try:
        for _ in changed(wording.templates_folder):
            forget()
            printing.line(f"--- {time.strftime('%H:%M:%S')}", err=True)
            try:
                _report(wording.check_templates(name))
                printing.errors(wording.check_between(name))
            except ImrLettersError as error:
                printing.errors(error.findings)
    except KeyboardInterrupt:
        raise typer.Exit from None
