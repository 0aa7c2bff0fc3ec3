"""The command line: arguments, printing, exit codes."""

from __future__ import annotations

import json
import os
import sys
from collections import UserDict
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from imr_letters import doctor, letters, samples
from imr_letters.cli import lint as lint_commands
from imr_letters.cli import printing
from imr_letters.cli.arguments import (
    JSON_VERSION,
    AsJson,
    FamilyName,
    Files,
    NoLint,
    Snippets,
    Templates,
    To,
    content,
    dicts,
    each_file,
    shown,
)
from imr_letters.engine.errors import ConflictError, ImrLettersError, UsageError
from imr_letters.engine.files import write
from imr_letters.explaining import explain as explain_family
from imr_letters.imr.model import schema as decision_schema
from imr_letters.imr.records import loads, looks_like_decision
from imr_letters.lint import Scope, lint_source
from imr_letters.media import table as media
from imr_letters.wording import Wording

#: Commands, and groups of commands, that stand in a module of this package.
_COMMANDS = {"diff": "changes", "mail": "publish", "publish": "publish"}
_GROUPS = {
    "snippets": "snippets",
    "draft": "draft",
    "template": "template",
    "samples": "sampling",
    "lint": "lint",
    "batch": "batch",
}


class _Commands(UserDict[str, Any]):
    """The commands by name; what stands in a module is imported when it is first asked for."""

    def __getitem__(self, name: str) -> TyperCommand | TyperGroup:
        if self.data[name] is None:
            group = typer.main.get_group(import_module(f"{__name__}.{(_COMMANDS | _GROUPS)[name]}").app)
            self.data[name] = group.commands[name] if name in _COMMANDS else group
            self.data[name].name = name
        found: TyperCommand | TyperGroup = self.data[name]
        return found


class _Program(TyperGroup):
    """The program: no command waits for the import of what only others need."""

    def __init__(self, *, commands: Mapping[str, Any], **given: Any) -> None:
        super().__init__(commands=None, **given)
        self.commands = _Commands({**dict.fromkeys(_COMMANDS), **commands, **dict.fromkeys(_GROUPS)})


app = typer.Typer(
    cls=_Program,
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


@app.command(epilog="Example: imr-letters render decision.yaml --to pdf -o letter.pdf")
def render(
    files: Files,
    to: To = "text",
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
    templates: Templates = None,
    snippets: Snippets = None,
) -> None:
    """Render decisions to letters. Each letter is read back to its own decision before it is written.

    What lint finds is told; a decision with errors is not rendered.
    """
    medium = media.named(to)
    if draft and not medium.stamps:
        stamped = " or ".join(f"--to {each.name}" for each in media.MEDIA if each.stamps)
        raise UsageError.of(f"a {medium.title} cannot be stamped as a draft", remedy=f"add {stamped}")
    into_folder = output is not None and (len(files) > 1 or output.is_dir())
    to_stdout = output is None or str(output) == "-"
    if to_stdout and len(files) > 1:
        raise UsageError.of("several letters need a folder", remedy="add -o FOLDER")
    if to_stdout and not medium.shown and sys.stdout.isatty():
        raise UsageError.of(f"a {medium.title} cannot be shown here", remedy=f"add -o letter{medium.suffix}")

    wording = Wording(templates, snippets)
    targets: set[Path] = set()

    def one(file: str) -> int:
        given, name = content(file), shown(file)
        letter = letters.render(loads(given, name), family, wording)
        found = lint_source(given, name, Scope(family, wording, advice=False), is_decision=True)
        if not lint_commands.may_leave(found, "it is stamped as a draft" if draft else no_lint, name):
            return 1
        data = letter.to(to, draft=draft)
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
        write(target, data, replace=replace)
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
                    "outcome": reading.decision.outcome,
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
    """Check both ways: a letter is read and rendered again, a decision rendered and read again; nothing may be lost."""
    wording = Wording(templates, snippets)

    def one(file: str) -> int:
        data = content(file)
        decision = loads(data, shown(file)) if looks_like_decision(data, file) else None
        code = 1
        try:
            findings = letters.verify(decision or data, family, wording, name=shown(file))
            code = int(any(finding.severity == "error" for finding in findings))
        except ImrLettersError as error:
            findings, code = list(error.at(shown(file)).findings), error.exit_code
        if as_json:
            printing.data(
                {
                    "version": JSON_VERSION,
                    "source": shown(file),
                    "identical": code == 0,
                    "findings": dicts(findings),
                }
            )
            return code
        printing.errors(findings)
        kind = "decision and its letter" if decision else "letter and its decision rendered again"
        typer.echo(f"{shown(file)}: {kind} {'are identical' if code == 0 else 'DIFFER'}")
        return code

    each_file(files, one)


@app.command(epilog="Example: imr-letters check --templates ./templates")
def check(
    family: Annotated[str | None, typer.Argument(help="One family; all without.", show_default=False)] = None,
    templates: Templates = None,
    watch: Annotated[bool, typer.Option("--watch", help="Check again whenever a file is saved, until Ctrl-C.")] = False,
) -> None:
    """Check that the templates can be read back; all faults at once, each with its place and a remedy."""
    if watch:
        from imr_letters.cli import template

        template.watch(family, templates)
    names = Wording(templates).check_templates(family)
    typer.echo(f"{', '.join(names)}: every letter can be read back")


@app.command(epilog="Example: imr-letters explain dwc-2015")
def explain(
    family: Annotated[str, typer.Argument(help="The family.", show_default=False)],
    templates: Templates = None,
) -> None:
    """Print what a family's letters are made of, in order: fixed words, values, choices, repetitions."""
    typer.echo(explain_family(Wording(templates).family(family)), nl=False)


@app.command(epilog="Example: imr-letters schema > decision.schema.json")
def schema() -> None:
    """Print the JSON Schema of decision files."""
    typer.echo(json.dumps(decision_schema(), indent=2))


@app.command(epilog="Example: imr-letters families")
def families(as_json: AsJson = False, templates: Templates = None) -> None:
    """List the letter families and when their wording was in force."""
    for each in Wording(templates).families.values():
        about = each.about
        if as_json:
            printing.data({"version": JSON_VERSION, "family": each.name, **about.model_dump(mode="json")})
        else:
            since, until = about.in_force_from or "...", about.in_force_to or "..."
            typer.echo(f"{each.name}  {since} to {until}  {about.title}, {about.organization}")


@app.command("doctor", epilog="Example: imr-letters doctor")
def doctor_() -> None:
    """Tell what this machine has and lacks, and how to get what is missing."""
    checkups = doctor.examine()
    for each in checkups:
        typer.echo(f"{'ok     ' if each.fine else 'MISSING'}  {each.what}: {each.detail}")
        if each.remedy:
            typer.echo(f"         get it: {each.remedy}")
    raise typer.Exit(int(not all(each.fine for each in checkups)))


@app.command(epilog="Example: imr-letters demo")
def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the letters.")] = Path("out"),
) -> None:
    """Render the invented samples to text and PDF, read the letters back, and say whether they are identical."""
    complete = all(each.fine for each in doctor.examine())
    if not complete:
        typer.echo("PDF letters cannot be made on this machine (see imr-letters doctor); text only", err=True)
    differ = False
    for made in samples.demonstrate(output, complete=complete):
        same = len(made.identical) == len(made.files)
        differ = differ or not same
        items = len(made.letter.decision.items)
        count = f"{items} item{'s' if items > 1 else ''}"
        media = " and ".join(made.identical) or "nothing"
        typer.echo(
            f"{made.name} ({made.letter.family}, {count}, {made.letter.decision.outcome}): "
            + (f"identical after reading back {media}" if same else "DIFFERS")
        )
    typer.echo(f"letters are in {output}/")
    raise typer.Exit(int(differ))
