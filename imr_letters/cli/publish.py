"""The commands for letters that are sent: mailed ones, one for each recipient, and the public edition."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from imr_letters import letters
from imr_letters.cli import lint as lint_commands
from imr_letters.cli import printing
from imr_letters.cli.arguments import (
    JSON_VERSION,
    AsJson,
    Files,
    Mode,
    NoLint,
    Snippets,
    Templates,
    To,
    content,
    each_file,
    shown,
)
from imr_letters.engine.errors import ConflictError, Finding, RenderError, UsageError
from imr_letters.engine.files import write
from imr_letters.imr.model import Decision, for_recipients
from imr_letters.lint import Scope, lint_source
from imr_letters.media import table as media
from imr_letters.publish import MARKS, Confirmation, Edition, Replacement, edition, page, remaining
from imr_letters.wording import Wording

Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Folder to write to; one public letter also to a file.")
]
Replace = Annotated[bool, typer.Option("--replace", help="Write over a file that differs.")]


app = typer.Typer()


@app.command(epilog="Example: imr-letters mail decision.yaml -o outgoing")
def mail(
    files: Files,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the letters.")],
    to: To = "pdf",
    replace: Replace = False,
    no_lint: NoLint = None,
    mode: Mode = None,
    templates: Templates = None,
    snippets: Snippets = None,
) -> None:
    """Make the mailed letters of decisions, one for each recipient with an address.

    The files are named by case number and capacity, never by a person.
    """
    medium = media.named(to)
    wording = Wording(templates, snippets)

    def one(file: str) -> int:
        given = content(file)
        decision = wording.loads(given, shown(file))
        mailed = [each for each in for_recipients(decision) if getattr(each, "addressee", None) is not None]
        if not mailed:
            message = "no recipient has an address, so there is nobody to send a letter to"
            remedy = "give address to those who get a copy by mail; docs/mailing.md shows how"
            raise RenderError(Finding("field-needed", "error", message, field="recipients[].address", remedy=remedy))
        made = [(_mail_name(each), letters.render(each, wording=wording)) for each in mailed]
        found = lint_source(given, shown(file), Scope(wording=wording, advice=False), is_decision=True)
        if not lint_commands.may_leave(found, no_lint, shown(file)):
            return 1
        for name, letter in made:
            target = output / f"{name}{medium.suffix}"
            write(target, letter.to(to), replace=replace, mode=mode)
            printing.line(str(target))
        unsent = [str(index) for index, each in enumerate(decision.recipients or ()) if each.address is None]
        if unsent and decision.addressee is None:
            fields = ", ".join(f"recipients[{index}]" for index in unsent)
            printing.line(f"{shown(file)}: no letter for {fields}: no address", err=True)
        return 0

    each_file(files, one)


def _mail_name(decision: Decision) -> str:
    """Return a file name of case number, place among the recipients and capacity."""
    case, to = decision.case, decision.addressee
    index, capacity = next(
        (number, each.capacity)
        for number, each in enumerate(decision.recipients or (), start=1)
        if to is not None and (each.name, each.organization) == (to.name, to.organization)
    )
    return f"{case.number if case else 'letter'}-{index}-{capacity.replace('_', '-')}"


@app.command(epilog="Example: imr-letters publish decision.yaml -o public --confirmed-by 'Privacy officer'")
def publish(
    files: Files,
    output: Output = None,
    to: To = "pdf",
    confirmed_by: Annotated[
        str | None,
        typer.Option("--confirmed-by", metavar="ROLE", help="Role of the person who looked at every replacement."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="You looked at every replacement.")] = False,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep",
            metavar="N[=WHY]",
            help="Leave the words of this number of the list: they do not identify anyone; repeatable.",
        ),
    ] = None,
    withhold: Annotated[
        list[str] | None,
        typer.Option("--withhold", metavar="WORDS", help="Withhold these words too, such as a nickname; repeatable."),
    ] = None,
    review: Annotated[
        Path | None,
        typer.Option("--review", metavar="PAGE", help="Also write an HTML page to look at; it holds what is withheld."),
    ] = None,
    as_json: AsJson = False,
    replace: Replace = False,
    mode: Mode = None,
    templates: Templates = None,
    snippets: Snippets = None,
) -> None:
    """Make the public edition of decisions or mailed letters: no party, claim, provider or document list.

    Identifiers in the prose are replaced by a visible mark. Without --confirmed-by or --yes only the list of
    replacements is shown, with the words left that are in no vocabulary (exit code 1). Before a file is written, it is
    read back and searched for what was withheld; the confirmation is written next to it.
    """
    medium = media.named(to)
    confirmed = (confirmed_by or "").strip() or ("yes" if yes else None)
    if confirmed and output is None:
        raise UsageError.of("the public letters need a place", remedy="add -o FOLDER")
    if (keep or review) and len(files) > 1:
        message = "--keep and --review are for one file"
        raise UsageError.of(message, remedy="give one file at a time")
    kept = dict(map(_numbered, keep or ()))
    written: dict[Path, Decision] = {}
    wording = Wording(templates, snippets)

    def one(file: str) -> int:
        decision = letters.decision_of(content(file), wording, name=shown(file))
        made = edition(decision, keep=kept, withhold=withhold or (), wording=wording)
        count = len(made.replacements) + len(made.doubts)
        unknown = [number for number in kept if not 0 < number <= count]
        if unknown:
            raise UsageError.of(f"the list has no number {unknown[0]}", remedy=f"its numbers go from 1 to {count}")
        target = None
        if confirmed and output is not None:
            target = output if _is_file(output, files) else output / f"{made.name}{medium.suffix}"
            made.check_name(target)
            if written.setdefault(target, made.decision) != made.decision:
                message = "would write over another public letter of this command"
                raise ConflictError.of(message, source=str(target), remedy="give each case one file")
            letter = made.to(to)
            write(target, letter, replace=replace, mode=mode)
            Confirmation(made, confirmed, datetime.now(UTC)).write(target, letter, replace=replace, mode=mode)
        if review is not None:
            write(review, page(made).encode(), replace=True)
        if as_json:
            printing.data(_shape(shown(file), made, target, confirmed))
        else:
            _print(shown(file), made, target, confirmed)
        return 0 if confirmed else 1

    each_file(files, one)


def _numbered(given: str) -> tuple[int, str]:
    """Return number and reason of what `--keep` says."""
    number, _, why = given.partition("=")
    if not number.strip().isascii() or not number.strip().isdigit():
        message = f'--keep needs a number of the list, and may give a reason: expected 3 or "3=WHY", found "{given}"'
        raise UsageError.of(message, remedy="the list is printed without --confirmed-by")
    return int(number), why.strip()


def _is_file(output: Path, files: list[str]) -> bool:
    return len(files) == 1 and not output.is_dir() and output.suffix in {each.suffix for each in media.MEDIA}


def _shape(source: str, made: Edition, target: Path | None, confirmed: str | None) -> dict[str, object]:
    """Return what `--json` prints: never the words that are withheld."""
    return {
        "version": JSON_VERSION,
        "source": source,
        "output": str(target) if target else None,
        "confirmed_by": confirmed,
        "replacements": [
            {
                "number": each.number,
                "field": each.field,
                "paragraph": each.paragraph,
                "kind": each.kind,
                "kept": each.kept,
            }
            for each in made.replacements
        ],
        "doubts": [
            {"number": each.number, "field": each.field, "paragraph": each.paragraph, "kept": each.kept}
            for each in made.doubts
        ],
        "remaining": [
            {"field": each.field, "paragraph": each.paragraph, "count": each.count} for each in remaining(made)
        ],
    }


def _print(source: str, made: Edition, target: Path | None, confirmed: str | None) -> None:
    # The withheld words are for the eyes of the person at the terminal; what goes to a file or a pipe has none.
    seen = sys.stdout.isatty()
    count = len(made.replacements)
    printing.line(f"{source}: {count or 'no'} replacement{'s' if count != 1 else ''}")
    for each in made.replacements:
        printing.line(f"  {each.number}  {each.place}: {_said(each, seen=seen)}")
    for doubt in made.doubts:
        words = f': "{doubt.words}"' if seen else ""
        state = "kept as it is" if doubt.kept else "left, and found by the proof"
        printing.line(f"  {doubt.number}  {doubt.place}: {state}: {doubt.what}{words}")
    rest = remaining(made)
    if rest:
        what = f"{len(rest)} capitalized words and numbers are left that are in no vocabulary"
        printing.line(f"{source}: {what}" + ("" if seen else "; --review PAGE shows them"))
    for left in rest if seen else ():
        times = f" ({left.count} times)" if left.count > 1 else ""
        printing.line(f"  {left.words}{times}: {left.field}, paragraph {left.paragraph}: ...{left.context}...")
    if target is not None:
        printing.line(f"{target}: public edition, confirmed by {confirmed}")
    else:
        remedy = "look at each place and at the letter; then add -o FOLDER --confirmed-by ROLE"
        printing.line(f"{source}: nothing is written before a person has confirmed the list", err=True)
        printing.line(f"remedy: {remedy}", err=True)


def _said(each: Replacement, *, seen: bool) -> str:
    kind = f"{each.kind}, kept as it is" if each.kept else each.kind
    if not seen:
        return kind
    return f'{kind}: "{each.words}"' + ("" if each.kept else f" -> {MARKS[each.kind]}")
