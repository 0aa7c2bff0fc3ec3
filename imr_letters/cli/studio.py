"""The command of the studio: arguments and printing."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from imr_letters.cli import printing
from imr_letters.cli.arguments import FamilyName, Snippets, Templates
from imr_letters.draft.status import Target
from imr_letters.engine.errors import UsageError
from imr_letters.wording import Wording

app = typer.Typer()


@app.callback()
def _commands() -> None:
    """Keep the command a command of a group, as the list of commands expects."""


@app.command(epilog="Example: imr-letters studio drafts")
def studio(
    folder: Annotated[Path, typer.Argument(help="The folder of drafts.", show_default=False)],
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the link in the browser.")] = True,
    idle: Annotated[int, typer.Option("--idle", min=1, help="Minutes without a request after which it ends.")] = 60,
    family: FamilyName = None,
    templates: Templates = None,
    snippets: Snippets = None,
) -> None:
    """Draft in the browser: open the drafts of a folder on this machine, with the letter next to the questions.

    Everything typed is in the draft's file at once, and the command line can be used at the same time. Only this
    machine's browser can reach it, with the link that is printed; the link works once. Ctrl-C ends it.
    """
    try:
        from imr_letters.studio.server import serve
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        message = "the studio needs Starlette and uvicorn"
        raise UsageError.of(message, remedy='install them: pip install "imr-letters[studio]"') from None

    def ready(link: str) -> None:
        printing.line(link)
        if browser:
            webbrowser.open(link)

    serve(folder, Target(family, Wording(templates, snippets)), idle=idle * 60, ready=ready)
