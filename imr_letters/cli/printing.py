"""How the command line prints: data on standard output, everything else on standard error.

Nothing else prints. What is printed here holds no terminal code, whatever was in the files and names it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import typer
import yaml

from imr_letters.engine import showing
from imr_letters.engine.errors import Finding
from imr_letters.imr.model import Decision


def data(shape: Mapping[str, Any], indent: int | None = None) -> None:
    """Print one JSON object, on a line unless it is indented."""
    text(showing.escaped(shape, indent) + "\n")


def line(words: str, *, err: bool = False) -> None:
    """Print one line for people."""
    typer.echo(showing.line(words), err=err)


def text(words: str, *, err: bool = False) -> None:
    """Print a text of several lines, which ends in a line end."""
    typer.echo(showing.text(words), nl=False, err=err)


def errors(findings: Iterable[Finding]) -> None:
    """Print findings for people."""
    texts = [finding.text() for finding in findings]
    if texts:
        text("\n\n".join(texts) + "\n\n", err=True)


class _Dumper(yaml.SafeDumper):
    """Writes prose in block style, so that it can be read and mended."""


def _string(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _string)


def decision(made: Decision, heading: str = "") -> None:
    """Print a decision as YAML, as decision files are written."""
    if heading:
        line(f"--- # {heading}")
    text(yaml.dump(made.data(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=95))
