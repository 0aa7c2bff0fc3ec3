"""The commands on letters and decisions: render, parse, verify, schema."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from imr_letters import letters, verification
from imr_letters.cli import printing
from imr_letters.cli.arguments import (
    JSON_VERSION,
    MEDIA_NAMES,
    MEDIUM_HELP,
    NOT_PROVEN,
    AsJson,
    FamilyName,
    Files,
    Mode,
    NoLint,
    Snippets,
    Templates,
    content,
    dicts,
    each_file,
    shown,
)
from imr_letters.cli.lint import may_leave
from imr_letters.engine.errors import ConflictError, ImrLettersError, UsageError
from imr_letters.engine.files import write
from imr_letters.imr.form import FORM, outcome_of
from imr_letters.imr.model import schema as decision_schema
from imr_letters.imr.records import looks_like_decision
from imr_letters.lint import Scope, lint_source
from imr_letters.media import table as media
from imr_letters.wording import Wording

app = typer.Typer()

#: What `verify` ends with.
VERDICTS: dict[verification.Verdict, int] = {
    "identical": 0,
    "words identical, pages not proven": NOT_PROVEN,
    "differs": 1,
}


@app.command(epilog="Example: imr-letters render decision.yaml --to pdf -o letter.pdf")
def render(
    files: Files,
    to: Annotated[
        str | None, typer.Option(metavar=MEDIA_NAMES, help=f"{MEDIUM_HELP} Else from the ending of -o.")
    ] = None,
    family: FamilyName = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write, or a folder for several; - is standard output."),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file that differs.")] = False,
    draft: Annotated[
        bool, typer.Option("--draft", help="Stamp every page of a PDF as a draft, which lint does not stop.")
    ] = False,
    no_lint: NoLint = None,
    mode: Mode = None,
    templates: Templates = None,
    snippets: Snippets = None,
) -> None:
    """Render decisions to letters. Each letter is read back to its own decision before it is written.

    Lint findings are printed; a decision with errors is not rendered.
    """
    into_folder = output is not None and (len(files) > 1 or output.is_dir())
    to_stdout = output is None or str(output) == "-"
    medium = media.for_file(None if into_folder or to_stdout else output, to)
    if draft and not medium.stamps:
        stamped = " or ".join(f"--to {each.name}" for each in media.MEDIA if each.stamps)
        raise UsageError.of(f"a {medium.title} cannot be stamped as a draft", remedy=f"add {stamped}")
    if to_stdout and len(files) > 1:
        raise UsageError.of("several letters need a folder", remedy="add -o FOLDER")
    if to_stdout and not medium.shown and sys.stdout.isatty():
        raise UsageError.of(f"a {medium.title} cannot be shown here", remedy=f"add -o letter{medium.suffix}")

    wording = Wording(templates, snippets)
    targets: set[Path] = set()

    def one(file: str) -> int:
        given, name = content(file), shown(file)
        letter = letters.render(wording.loads(given, name, family), family, wording)
        found = lint_source(given, name, Scope(family, wording, advice=False), is_decision=True)
        if not may_leave(found, "it is stamped as a draft" if draft else no_lint, name):
            return 1
        data = letter.to(medium.name, draft=draft)
        if to_stdout:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            return 0
        assert output is not None
        stem = "letter" if file == "-" else Path(file).stem
        target = output / (stem + medium.suffix) if into_folder else output
        if target in targets or (file != "-" and target.exists() and target.samefile(file)):
            remedy = "choose another place with -o"
            raise ConflictError.of("would write over another file of this command", source=str(target), remedy=remedy)
        targets.add(target)
        write(target, data, replace=replace, mode=mode)
        return 0

    each_file(files, one)


@app.command(epilog="Example: imr-letters parse letter.pdf > decision.yaml")
def parse(
    files: Files,
    as_json: AsJson = False,
    family: FamilyName = None,
    accept_drift: Annotated[
        bool, typer.Option("--accept-drift", help="Read letters whose fixed wording differs; report it.")
    ] = False,
    templates: Templates = None,
    snippets: Snippets = None,
) -> None:
    """Read letters (text or PDF) into decisions, printed as YAML; what was noticed goes to standard error."""
    wording = Wording(templates, snippets)

    def one(file: str) -> int:
        try:
            reading = letters.parse(content(file), family, wording, name=shown(file), accept_drift=accept_drift)
        except ImrLettersError as error:
            if as_json:
                printing.data(
                    {
                        "version": JSON_VERSION,
                        "source": shown(file),
                        "findings": dicts(error.at(shown(file)).findings),
                    }
                )
                return error.exit_code
            raise
        if as_json:
            printing.data(
                {
                    "version": JSON_VERSION,
                    "source": shown(file),
                    "family": reading.family,
                    "outcome": outcome_of(reading.decision),
                    "decision": reading.decision.data(),
                    "findings": dicts(reading.findings),
                }
            )
        else:
            printing.decision(reading.decision, shown(file) if len(files) > 1 else "")
            printing.errors(reading.findings)
        return int(any(finding.severity == "error" for finding in reading.findings))

    each_file(files, one)


@app.command(epilog="Example: imr-letters verify letters/*.pdf decision.yaml")
def verify(
    files: Files,
    as_json: AsJson = False,
    family: FamilyName = None,
    templates: Templates = None,
    snippets: Snippets = None,
) -> None:
    """Check that nothing is lost: a letter is read and rendered again, a decision rendered and read again.

    Exit codes: 0 identical; 6 words identical, pages not proven; 1 differs; 5 unreadable.
    """
    wording = Wording(templates, snippets)

    def one(file: str) -> int:
        data = content(file)
        given = looks_like_decision(data, file, wording.forms)
        decision = wording.loads(data, shown(file), family) if given else None
        try:
            findings = letters.verify(decision or data, family, wording, name=shown(file))
            verdict = verification.verdict(findings)
            code = VERDICTS[verdict]
        except ImrLettersError as error:
            findings, verdict, code = list(error.at(shown(file)).findings), "differs", error.exit_code
        if as_json:
            printing.data(
                {
                    "version": JSON_VERSION,
                    "source": shown(file),
                    "identical": code == 0,
                    "verdict": verdict,
                    "findings": dicts(findings),
                }
            )
            return code
        printing.errors(findings)
        kind = "decision and its letter" if decision else "letter and its decision rendered again"
        said = {0: f"{kind} are identical", NOT_PROVEN: verdict}.get(code, f"{kind} DIFFER")
        printing.line(f"{shown(file)}: {said}")
        return code

    each_file(files, one)


@app.command(epilog="Example: imr-letters schema > decision.schema.json")
def schema(family: FamilyName = None, templates: Templates = None) -> None:
    """Print the JSON Schema of decision files.

    With --family, it is that of the fields that the family declares.
    """
    form = Wording(templates).family(family).form if family else FORM
    printing.data(decision_schema(form.model), indent=2)
