"""The commands of drafting: arguments, questions at the terminal, printing."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from imr_letters.cli import printing
from imr_letters.cli.arguments import AsJson, FamilyName, NoLint, Snippets, Templates, To, dicts
from imr_letters.draft import fill as filling
from imr_letters.draft import finish as finishing
from imr_letters.draft import preview as previews
from imr_letters.draft import questionnaire, start
from imr_letters.draft import schema as schemas
from imr_letters.draft import status as statuses
from imr_letters.draft.answers import AnswerError
from imr_letters.draft.draft import Draft
from imr_letters.draft.file import check_same
from imr_letters.draft.questions import ROLES
from imr_letters.engine.errors import ImrLettersError, UsageError
from imr_letters.engine.files import write
from imr_letters.engine.records.loading import read_bytes
from imr_letters.english.wordlists import counted
from imr_letters.media import table as media
from imr_letters.snippets import Snippet as Offer
from imr_letters.wording import Wording

app = typer.Typer(
    help="Draft decisions: from a form, a referral worksheet or a similar case, question by question.",
    epilog="Example: imr-letters draft new -o draft.yaml",
    no_args_is_help=True,
)


class RoleName(StrEnum):
    """Who answers."""

    reviewer = "reviewer"
    nurse = "nurse"
    operations = "operations"


DraftPath = Annotated[Path, typer.Argument(metavar="FILE", help="The draft.", show_default=False)]


@app.command(epilog="Example: imr-letters draft new --from referrals.xlsx -o drafts")
def new(
    output: Annotated[Path, typer.Option("--output", "-o", help="Draft to write; of a worksheet, the folder.")],
    source: Annotated[
        Path | None, typer.Option("--from", help="Worksheet (CSV, XLSX), decision, or letter to start from.")
    ] = None,
    mapping_file: Annotated[
        Path | None, typer.Option("--mapping", help="File that names the worksheet's columns.")
    ] = None,
    schema: Annotated[
        Path | None, typer.Option("--schema", help="Place of the schema for editors, instead of beside the draft.")
    ] = None,
    items: Annotated[int, typer.Option("--items", min=1, max=50, help="How many disputed items there are.")] = 1,
    keep_case: Annotated[
        bool,
        typer.Option("--keep-case", help="Go on with the same case: keep its header, parties and documents, too."),
    ] = False,
    family: FamilyName = None,
    templates: Templates = None,
    snippets: Snippets = None,
) -> None:
    """Write a new draft with every question, or one for each case of a worksheet."""
    if source is not None:
        from imr_letters.worksheets import is_worksheet

        if is_worksheet(source):
            _take(source, output, mapping_file, schema)
    if mapping_file is not None:
        remedy = "add --from WORKSHEET"
        raise UsageError.of("a mapping names the columns of a worksheet", remedy=remedy)
    reference = schemas.reference(output, schema or output.parent / schemas.NAME)
    if source is None:
        made = questionnaire.text(items=items, schema_path=reference)
    else:
        decision = start.known(source, statuses.Target(family, Wording(templates, snippets)))
        made = start.text(decision, keep_case=keep_case, schema_path=reference)
        if not keep_case and decision.parties is not None:
            message = "parties, recipients and documents were left out: they belong to the other case"
            printing.line(f"{message}; --keep-case keeps them", err=True)
    start.save(made, output, schema)
    printing.line(f"{output}: imr-letters draft fill asks its questions", err=True)


def _take(source: Path, output: Path, mapping_file: Path | None, schema: Path | None) -> None:
    from imr_letters.worksheets import take

    done = take(source, output, mapping_file, schema)
    printing.errors(done.findings)
    printing.line(f"{counted(len(done.drafts), 'draft')} in {output}", err=True)
    if done.rejected:
        printing.line(
            f"{counted(done.rejected, 'row')} not taken, each with the reason in {done.rejected_file}: "
            "mend it and give it to draft new again",
            err=True,
        )
    raise typer.Exit(4 if done.conflicts else 3 if done.rejected else 0)


@app.command("mapping", epilog="Example: imr-letters draft mapping referrals.xlsx > mapping.toml")
def mapping_(
    worksheet: Annotated[Path, typer.Argument(help="The worksheet.", show_default=False)],
    sheet: Annotated[str | None, typer.Option("--sheet", help="Sheet of an XLSX file with several.")] = None,
) -> None:
    """Print a starting mapping file for a worksheet, made from its header."""
    from imr_letters.worksheets import open_sheet, starting_file

    opened = open_sheet(worksheet, sheet)
    printing.errors(opened.notes)
    printing.text(starting_file(opened))


@app.command(epilog="Example: imr-letters draft status drafts/*.yaml --role nurse")
def status(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The drafts.", show_default=False)],
    role: Annotated[RoleName | None, typer.Option("--role", help="Only what this role answers.")] = None,
    as_json: AsJson = False,
    family: FamilyName = None,
    templates: Templates = None,
    snippets: Snippets = None,
) -> None:
    """List what is missing or doubtful in drafts, by role, and where to write it."""
    worst = 0
    for file in files:
        try:
            found = statuses.status(_read(file), statuses.Target(family, Wording(templates, snippets)))
        except ImrLettersError as error:
            findings = error.at(str(file)).findings
            worst = max(worst, error.exit_code)
            if as_json:
                printing.data({"version": statuses.VERSION, "source": str(file), "findings": dicts(findings)})
            else:
                printing.errors(findings)
            continue
        found = [each for each in found if role is None or role.value in each.roles]
        complete = not any(each.blocks for each in found)
        worst = max(worst, int(not complete))
        if as_json:
            open_ = [each.as_dict() for each in found]
            printing.data({"version": statuses.VERSION, "source": str(file), "complete": complete, "open": open_})
        else:
            _print_status(file, found)
    raise typer.Exit(worst)


def _read(file: Path) -> Draft:
    return Draft.read(read_bytes(file), str(file))


def _print_status(file: Path, found: list[statuses.Open]) -> None:
    if not found:
        printing.line(f"{file}: complete")
        return
    blocking = sum(each.blocks for each in found)
    doubtful = f"{len(found) - blocking} doubtful" if len(found) > blocking else ""
    said = [f"{blocking} open" if blocking else "complete", doubtful]
    printing.line(f"{file}: {', '.join(filter(None, said))}")
    for role in ROLES:
        mine = [each for each in found if each.roles[0] == role]
        if mine:
            printing.line("")
            printing.line(f"{role}:")
        for each in mine:
            finding = each.finding
            also = f" (also {', '.join(each.roles[1:])})" if each.roles[1:] else ""
            place = f"{finding.source}:{finding.line}"
            sort = "stops the letter" if each.sort == "doubtful" and each.blocks else each.sort
            rule = f" [{finding.code}]" if each.by_lint else ""
            words = ": ".join(filter(None, (place, sort, finding.field, finding.message)))
            printing.line(f"  {words}{rule}{also}")
            if finding.remedy:
                printing.line(f"      remedy: {finding.remedy}")


@app.command(epilog="Example: imr-letters draft finish draft.yaml -o decision.yaml")
def finish(
    file: DraftPath,
    output: Annotated[Path, typer.Option("--output", "-o", help="Decision file to write, .yaml or .json.")],
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file that differs.")] = False,
    no_lint: NoLint = None,
    family: FamilyName = None,
    templates: Templates = None,
    snippets: Snippets = None,
) -> None:
    """Write the decision of a finished draft; of an unfinished one, list what it lacks."""
    target = statuses.Target(family, Wording(templates, snippets))
    decision, found = finishing.decision(_read(file), target, lint=not (no_lint or "").strip())
    if decision is None:
        _print_status(file, found)
        raise typer.Exit(1)
    printing.errors(each.finding for each in found)
    if any(each.blocks for each in found):
        printing.line(f"{file}: finished although lint finds errors: {no_lint}", err=True)
    finishing.save(decision, file, output, replace=replace)
    printing.line(f"{output}: finished", err=True)


@app.command(epilog="Example: imr-letters draft preview draft.yaml --to pdf -o preview.pdf --watch")
def preview(
    file: DraftPath,
    to: To = "text",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write.")] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep the preview in step with the draft; Ctrl-C ends.")
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file that differs.")] = False,
    family: FamilyName = None,
    templates: Templates = None,
    snippets: Snippets = None,
) -> None:
    """Show the letter of a draft as it stands; what is missing stands in it as a question."""
    medium = media.named(to)
    if not medium.shown and output is None:
        raise UsageError.of(f"a {medium.title} cannot be shown here", remedy=f"add -o preview{medium.suffix}")
    target = statuses.Target(family, Wording(templates, snippets))
    if output is not None:
        check_same(file, output)

    def show(data: bytes, again: bool) -> None:
        if output is None:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            write(output, data, replace=again or replace or previews.may_replace(output))

    if not watch:
        show(previews.preview(_read(file), to, target), False)
        return
    shown = False
    with contextlib.suppress(KeyboardInterrupt):
        for each in previews.watch(file, to, target):
            if isinstance(each, ImrLettersError):
                printing.errors(each.at(str(file)).findings)
            else:
                show(each, shown)
                shown = True
                printing.line(f"{output or file}: up to date", err=True)


class _Closed(Exception):  # noqa: N818 - no error: the window was closed
    """The terminal is gone, or the process is asked to end."""


class _Back(Exception):  # noqa: N818 - no error: the person said back
    """The person wants to see the question before once more."""


class _Stop(Exception):  # noqa: N818 - no error: the person said quit
    """The person stops for now."""


class _Terminal:
    """Reads lines; a closed window interrupts the reading, never a saving."""

    def __init__(self) -> None:
        self._closing = False
        self._reading = False
        self._typed: Callable[[], str] = str
        #: What was typed of a line whose reading was interrupted; known where lines can be edited.
        self.partial = ""
        if sys.stdin.isatty():
            with contextlib.suppress(ImportError):
                import readline  # editing, and lines longer than a terminal gives

                readline.set_auto_history(False)
                self._typed = readline.get_line_buffer

    def closed(self, number: int, frame: FrameType | None) -> None:
        """Take note of a signal; stop waiting for a line."""
        del number, frame
        self._closing = True
        if self._reading:
            raise _Closed

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Listen to the signals of a window that closes."""
        names = [name for name in ("SIGHUP", "SIGTERM") if hasattr(signal, name)]
        before = {name: signal.signal(getattr(signal, name), self.closed) for name in names}
        try:
            yield
        finally:
            for name, handler in before.items():
                signal.signal(getattr(signal, name), handler)

    def line(self, prompt: str = "> ") -> str:
        """Return a line without its end. Raises `_Closed` when there are no more."""
        self.partial = ""
        self._reading = True  # from here on a signal interrupts: set first, so that none comes unnoticed
        try:
            if self._closing:
                raise _Closed
            return input(prompt)
        except (EOFError, OSError, UnicodeDecodeError):
            raise _Closed from None
        except (KeyboardInterrupt, _Closed):
            self.partial = self._typed()
            raise
        finally:
            self._reading = False


@app.command(epilog="Example: imr-letters draft fill draft.yaml --role reviewer")
def fill(
    file: DraftPath,
    role: Annotated[RoleName | None, typer.Option("--role", help="Ask only what this role answers.")] = None,
    family: FamilyName = None,
    templates: Templates = None,
    snippets: Snippets = None,
) -> None:
    """Ask for what a draft lacks, one question after the other; every answer is saved before the next question.

    An empty answer skips a question, ? shows help, back returns to the question before, quit stops. Prose ends with
    a line that holds only a dot. An answer that is interrupted or refused is kept, marked as unfinished.
    """
    session = filling.Session(file, role.value if role else None, statuses.Target(family, Wording(templates, snippets)))
    terminal = _Terminal()
    with terminal.listening(), contextlib.suppress(_Stop):
        try:
            while (ask := session.ask()) is not None:
                _ask(session, ask, terminal)
        except _Closed:
            with contextlib.suppress(OSError):
                printing.text("\nall answers so far are saved\n", err=True)
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            printing.text(
                "\nwhat was typed is kept; an answer that was interrupted is marked as unfinished\n", err=True
            )
            raise typer.Exit(130) from None
    found = session.open()
    printing.line("")
    _print_status(file, found)
    raise typer.Exit(int(any(each.blocks for each in found)))


def _ask(session: filling.Session, ask: filling.Ask, terminal: _Terminal) -> None:
    """Ask one question until it is answered or skipped."""
    offers = session.offers(ask) if ask.rationale else []
    _show(ask, offers)
    typed: list[str] = []
    while True:
        try:
            words = _words(ask, offers, terminal, typed)
        except (_Closed, KeyboardInterrupt):
            session.keep(ask, "\n".join([*typed, *filter(None, [terminal.partial])]))
            raise
        except _Back:
            if session.back():
                return
            printing.line("This is the first question.")
            continue
        if words is None:
            session.skip(ask)
            return
        try:
            if offers and words.isdigit():
                session.pick(ask, _chosen(offers, words))
            else:
                for note in session.answer(ask, words):
                    printing.line(f"Note: {note}")
            return
        except AnswerError as error:
            kept = "" if offers and words.isdigit() else " It is kept, marked as unfinished."
            printing.line(f"This answer {error}.{kept} Once more:")
            typed.clear()


def _show(ask: filling.Ask, offers: list[Offer]) -> None:
    printing.text(f"\nQuestion {ask.number} of {ask.of}\n")
    if ask.about:
        printing.text(f"{ask.about}\n")
    if ask.fault:
        printing.line(f"(the answer so far: {ask.fault})")
    if ask.so_far:
        printing.text("".join(f"  | {line}\n" for line in ask.so_far.splitlines()))
    printing.line(ask.words)
    for number, choice in enumerate(ask.choices, start=1):
        printing.line(f"  {number} {choice}")
    if offers:
        printing.line("A number takes a snippet, ? and a number shows its words:")
    for number, snippet in enumerate(offers, start=1):
        printing.line(f"  {number} {snippet.about.title} ({snippet.id}, version {snippet.version})")
    if ask.prose:
        printing.line("Prose over several lines; a line with only a dot ends it.")
    if ask.prose and ask.so_far:
        printing.line("Begin with a line that holds only + to continue the answer so far.")
    if ask.default:
        printing.line(f"An empty answer takes: {ask.default}")


def _chosen(offers: list[Offer], words: str) -> Offer:
    if not 1 <= int(words) <= len(offers):
        raise AnswerError(f"is none of the numbers (write 1 to {len(offers)}, or own words)")
    return offers[int(words) - 1]


def _words(ask: filling.Ask, offers: list[Offer], terminal: _Terminal, typed: list[str]) -> str | None:
    """Return an answer, None for a question that is skipped. `typed` holds its lines as they come."""
    while True:
        line = terminal.line()
        said = line.strip()
        if said == "quit":
            raise _Stop
        if said == "back":
            raise _Back
        if said.startswith("?"):
            shown = said[1:].strip()
            if offers and shown.isdigit() and 1 <= int(shown) <= len(offers):
                printing.text(filling.words_of(offers[int(shown) - 1]) + "\n")
            else:
                ways = "An empty answer skips the question, back returns to the one before, quit stops."
                printing.text(f"{ask.help}\n{ways}\n")
            continue
        if not said and ask.default:
            return ask.default
        if not said or said == ".":
            return None
        if said == "+" and ask.prose and ask.so_far:
            typed += ask.so_far.splitlines()
            line = terminal.line("  ")
        if not ask.prose or (offers and said.isdigit()):
            return said
        break
    while line.strip() != ".":
        typed += line.splitlines() or [""]  # a paste may bring several lines at once
        line = terminal.line("  ")
    return "\n".join(typed)
