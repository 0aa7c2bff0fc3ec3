"""The command line: arguments, printing, exit codes."""

from __future__ import annotations

import os
import sys
from collections import UserDict
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

import imr_letters
from imr_letters.engine import showing
from imr_letters.engine.errors import ImrLettersError

#: By name: the module of this package that holds a command, and what the list of commands says of it.
_COMMANDS = {
    "render": (
        "letters",
        "Render decisions to letters. Each letter is read back to its own decision before it is written.",
    ),
    "parse": (
        "letters",
        "Read letters (text or PDF) into decisions, printed as YAML; what was noticed goes to standard error.",
    ),
    "verify": (
        "letters",
        "Check that nothing is lost: a letter is read and rendered again, a decision rendered and read again.",
    ),
    "mail": ("publish", "Make the mailed letters of decisions, one for each recipient with an address."),
    "publish": (
        "publish",
        "Make the public edition of decisions or mailed letters: no party, claim, provider or document list.",
    ),
    "diff": (
        "changes",
        "Show what a change of templates, snippets or looks does to letters: which change, why, and what it weighs.",
    ),
    "families": ("families", "List the letter families and when their wording was in force."),
    "check": ("families", "Prove that each letter of a family can be read back to one decision only."),
    "explain": (
        "families",
        "Print what a family's letters are made of, in order: fixed words, values, choices, repetitions.",
    ),
    "schema": ("letters", "Print the JSON Schema of decision files."),
    "studio": (
        "studio",
        "Draft in the browser: open the drafts of a folder on this machine, with the letter next to the questions.",
    ),
    "doctor": ("machine", "Tell what this machine has and lacks, and how to get what is missing."),
    "demo": (
        "machine",
        "Render the invented samples to text and PDF, read the letters back, and say whether they are identical.",
    ),
}
#: Likewise the modules that are groups of commands.
_GROUPS = {
    "snippets": ("snippets", "The library of approved wording for rationales."),
    "draft": (
        "draft",
        "Draft decisions: from a form, a referral worksheet or a similar case, question by question.",
    ),
    "template": ("template", "Start letter families, and see what of a template is exercised."),
    "samples": ("sampling", "Regenerate the text letters in samples/letters from the sample decisions."),
    "lint": (
        "lint",
        "Look for what is wrong with determinations: lint FILE... checks decisions, drafts, letters and PDFs.",
    ),
    "batch": ("batch", "A day's letters at once: rendered exactly once, or read into a table."),
}


class _Commands(UserDict[str, Any]):
    """The commands by name; the module of one is imported when the command is first asked for."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(_COMMANDS | _GROUPS))

    def __getitem__(self, name: str) -> TyperCommand | TyperGroup:
        if self.data[name] is None:
            module, _ = (_COMMANDS | _GROUPS)[name]
            group = typer.main.get_group(import_module(f"{__name__}.{module}").app)
            self.data[name] = group.commands[name] if name in _COMMANDS else group
            self.data[name].name = name
        found: TyperCommand | TyperGroup = self.data[name]
        return found


class _Program(TyperGroup):
    """The program: no command, nor the list of commands, waits for the import of what only others need."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = _Commands()

    def format_help(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]  # typer's own click
        """Print the list of commands, with what is said of each here."""
        self.commands = {name: TyperCommand(name, help=said) for name, (_, said) in (_COMMANDS | _GROUPS).items()}
        super().format_help(ctx, formatter)

    def make_context(self, *args: Any, **given: Any) -> Any:
        """Read the words of the command line."""
        with _shown_plainly():
            return super().make_context(*args, **given)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that they name."""
        with _shown_plainly():
            return super().invoke(ctx)


#: What is raised for a command line that makes no sense; its message quotes that.
_Usage: Any = typer.BadParameter.__mro__[1]


@contextmanager
def _shown_plainly() -> Iterator[None]:
    """Clean the message of such an error, as every other printed line is."""
    try:
        yield
    except _Usage as error:
        error.message = showing.line(error.message)
        raise


app = typer.Typer(
    cls=_Program,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Independent Medical Review determination letters, both ways: a decision becomes a letter, and the letter "
    "becomes the same decision.",
    epilog="Exit codes: 0 all good; 1 findings; 2 usage; 3 part of a batch failed; 4 would overwrite something else; "
    "5 input unreadable; 6 words identical, pages not proven.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _show_version(asked: bool) -> None:
    if asked:
        from imr_letters.cli import printing

        printing.line(f"imr-letters {imr_letters.__version__}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; errors the user can correct are printed without a traceback."""
    try:
        app()
    except ImrLettersError as error:
        from imr_letters.cli import printing

        printing.errors(error.findings)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever reads our output has read enough; Python must not complain about it while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
