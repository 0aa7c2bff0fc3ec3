"""The command line: arguments, printing, exit codes."""

from __future__ import annotations

import os
import sys
from collections import UserDict
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from imr_letters.cli import printing
from imr_letters.engine.errors import ImrLettersError

#: The module of this package that holds a command.
_COMMANDS = {
    "render": "letters",
    "parse": "letters",
    "verify": "letters",
    "mail": "publish",
    "publish": "publish",
    "diff": "changes",
    "families": "families",
    "check": "families",
    "explain": "families",
    "schema": "letters",
    "doctor": "machine",
    "demo": "machine",
}
#: The module that is a group of commands.
_GROUPS = {
    "snippets": "snippets",
    "draft": "draft",
    "template": "template",
    "samples": "sampling",
    "lint": "lint",
    "batch": "batch",
}


class _Commands(UserDict[str, Any]):
    """The commands by name; the module of one is imported when the command is first asked for."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(_COMMANDS | _GROUPS))

    def __getitem__(self, name: str) -> TyperCommand | TyperGroup:
        if self.data[name] is None:
            group = typer.main.get_group(import_module(f"{__name__}.{(_COMMANDS | _GROUPS)[name]}").app)
            self.data[name] = group.commands[name] if name in _COMMANDS else group
            self.data[name].name = name
        found: TyperCommand | TyperGroup = self.data[name]
        return found


class _Program(TyperGroup):
    """The program: no command waits for the import of what only others need."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = _Commands()


app = typer.Typer(
    cls=_Program,
    callback=lambda: None,  # makes it a group, although no command is registered here
    help="Independent Medical Review determination letters, both ways: a decision becomes a letter, and the letter "
    "becomes the same decision.",
    epilog="Exit codes: 0 all good; 1 findings; 2 usage; 3 part of a batch failed; 4 would overwrite something else; "
    "5 input unreadable.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def main() -> None:
    """Run the command line; errors the user can mend are printed without a traceback."""
    try:
        app()
    except ImrLettersError as error:
        printing.errors(error.findings)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever reads our output has read enough; Python must not complain about it while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
