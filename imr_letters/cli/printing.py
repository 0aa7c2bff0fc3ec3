"""How the command line prints: data on standard output, everything else on standard error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import typer
import yaml

from imr_letters.engine.errors import Finding
from imr_letters.imr.model import Decision


def data(shape: Mapping[str, Any]) -> None:
    """Print one JSON object on a line."""
    typer.echo(json.dumps(shape, ensure_ascii=False))


def errors(findings: Iterable[Finding]) -> None:
    """Print findings for people."""
    texts = [finding.text() for finding in findings]
    if texts:
        typer.echo("\n\n".join(texts) + "\n", err=True)


class _Dumper(yaml.SafeDumper):
    """Writes prose in block style, so that it can be read and mended."""


def _string(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _string)


def decision(made: Decision, heading: str = "") -> None:
    """Print a decision as YAML, as decision files are written."""
    if heading:
        typer.echo(f"--- # {heading}")
    typer.echo(yaml.dump(made.data(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=95), nl=False)
