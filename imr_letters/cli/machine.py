"""The commands that try out a machine: doctor, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imr_letters import doctor, samples
from imr_letters.cli import printing

app = typer.Typer()


@app.command("doctor", epilog="Example: imr-letters doctor")
def doctor_() -> None:
    """Tell what this machine has and lacks, and how to get what is missing."""
    checkups = doctor.examine()
    for each in checkups:
        printing.line(f"{'ok     ' if each.fine else 'MISSING'}  {each.what}: {each.detail}")
        if each.remedy:
            printing.line(f"         get it: {each.remedy}")
    raise typer.Exit(int(not all(each.fine for each in checkups)))


@app.command(epilog="Example: imr-letters demo")
def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the letters.")] = Path("out"),
) -> None:
    """Render the invented samples to text and PDF, read the letters back, and say whether they are identical."""
    complete = all(each.fine for each in doctor.examine())
    if not complete:
        printing.line("PDF letters cannot be made on this machine (see imr-letters doctor); text only", err=True)
    differ = False
    for made in samples.demonstrate(output, complete=complete):
        same = len(made.identical) == len(made.files)
        differ = differ or not same
        items = len(made.letter.decision.items)
        count = f"{items} item{'s' if items > 1 else ''}"
        media = " and ".join(made.identical) or "nothing"
        printing.line(
            f"{made.name} ({made.letter.family}, {count}, {made.letter.decision.outcome}): "
            + (f"identical after reading back {media}" if same else "DIFFERS")
        )
    printing.line(f"letters are in {output}/")
    raise typer.Exit(int(differ))
