"""The command that shows what a change does to letters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imr_letters import changes, samples
from imr_letters.changes import prints, terminal, webpage
from imr_letters.cli import printing
from imr_letters.cli.arguments import PROCESSORS, AsJson, FamilyName, Jobs
from imr_letters.engine.files import write

CorpusFolder = Annotated[
    Path | None,
    typer.Option("--corpus", help="Folder or file of decisions, JSONL or letters; the samples without."),
]

app = typer.Typer()


@app.command(epilog="Example: imr-letters diff --base HEAD --corpus decisions --html report.html")
def diff(
    base: Annotated[
        str | None,
        typer.Option("--base", help="What was: a git revision, a folder, or installed. The last commit without."),
    ] = None,
    new: Annotated[
        str | None, typer.Option("--new", help="What is: the same. This folder without, where it holds templates/.")
    ] = None,
    corpus: CorpusFolder = None,
    family: FamilyName = None,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Make PDFs of every letter that changes, and compare their pages.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", help="File for the report as a page, with pictures of changed pages.")
    ] = None,
    jobs: Jobs = PROCESSORS,
    as_json: AsJson = False,
) -> None:
    """Show what a change of templates, snippets or looks does to letters: which change, why, and what it weighs.

    Ends with 1 where anything changes, with 0 where nothing does.
    """
    here = Path.cwd()
    with (
        changes.opened(base or changes.default_base(here), here) as old,
        changes.opened(new or changes.default_new(here), here) as now,
    ):
        found = changes.gathered(corpus or samples.DECISIONS, old.wording)
        report = changes.compare(old, now, found, family, jobs)
        if pdf or html is not None:
            report = prints.with_pages(report, found, old, now, every=pdf, jobs=jobs)
    if html is not None:
        write(html, webpage.written(report).encode(), replace=True)
    if as_json:
        printing.data(report.as_dict())
    else:
        printing.text(terminal.written(report))
    raise typer.Exit(report.exit_code)
