"""The commands of lint."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from imr_letters.cli import printing
from imr_letters.cli.arguments import (
    JSON_VERSION,
    AsJson,
    FamilyName,
    Files,
    Snippets,
    Templates,
    content,
    dicts,
    each_file,
    shown,
)
from imr_letters.engine.errors import Finding, ImrLettersError
from imr_letters.english.wordlists import counted
from imr_letters.lint import Scope, lint_source, rule_named, stops
from imr_letters.lint.page import page
from imr_letters.lint.sarif import sarif
from imr_letters.wording import Wording


class _ShortForm(TyperGroup):
    """Takes `lint FILE...` for `lint check FILE...`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = ["check", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_ShortForm,
    help="Look for what is wrong with determinations: lint FILE... checks decisions, drafts, letters and PDFs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def with_codes(findings: list[Finding]) -> list[Finding]:
    """Return findings whose messages end in the code of the rule, for people."""
    return [replace(each, message=f"{each.message} [{each.code}]") for each in findings]


def _counted(findings: list[Finding]) -> str:
    """Say how many findings there are of each severity."""
    count = Counter(finding.severity for finding in findings)
    parts = [counted(count[each], each) for each in ("error", "warning") if count[each]]
    parts += [f"{count['advice']} of advice"] if count["advice"] else []
    return ", ".join(parts) or "nothing found"


def may_leave(findings: list[Finding], reason: str | None, name: str) -> bool:
    """Tell the errors and warnings of a letter that is rendered, and whether it may leave."""
    printing.errors(with_codes(findings))
    if not stops(findings):
        return True
    if reason is not None and reason.strip():
        printing.line(f"{name}: rendered although lint finds errors: {reason.strip()}", err=True)
        return True
    printing.line(f'{name}: not rendered; correct the errors, or give a reason: --no-lint "reason"', err=True)
    return False


@app.command(epilog="Example: imr-letters lint check decision.yaml letters/*.pdf")
def check(
    files: Files,
    as_json: AsJson = False,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="Print one SARIF 2.1.0 log of all files.")] = False,
    off: Annotated[
        list[str] | None, typer.Option("--off", metavar="CODE", help="Leave a rule out; repeatable.")
    ] = None,
    family: FamilyName = None,
    templates: Templates = None,
    snippets: Snippets = None,
) -> None:
    """Check decisions, drafts, letters and PDFs; `lint FILE...` is short for it. Exit code 1 where there are errors."""
    scope = Scope(family, Wording(templates, snippets), tuple(off or ()))
    logged: list[Finding] = []

    def one(file: str) -> int:
        name = shown(file)
        try:
            findings = lint_source(content(file), name, scope)
            code = int(stops(findings))
        except ImrLettersError as error:
            if not as_json and not as_sarif:
                raise
            findings, code = list(error.at(name).findings), error.exit_code
        logged.extend(findings)
        if as_json:
            printing.data({"version": JSON_VERSION, "source": name, "findings": dicts(findings)})
        elif not as_sarif:
            for finding in with_codes(findings):
                printing.text(finding.text() + "\n\n")
            printing.line(f"{name}: {_counted(findings)}")
        return code

    try:
        each_file(files, one)
    finally:
        if as_sarif:
            printing.data(sarif(logged), indent=1)


@app.command(epilog="Example: imr-letters lint explain outcome-conclusion")
def explain(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Code of the rule.", show_default=False)],
) -> None:
    """Print what a rule asks for, how it judges, where it comes from, and what to do."""
    printing.line(rule_named(code).text())


@app.command(epilog="Example: imr-letters lint rules > docs/rules.md")
def rules() -> None:
    """Print the document of all rules."""
    printing.text(page())
