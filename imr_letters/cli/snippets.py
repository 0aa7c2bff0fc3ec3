"""The commands on the rationale library."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imr_letters import letters
from imr_letters.cli import printing
from imr_letters.cli.arguments import JSON_VERSION, AsJson, Files, Snippets, Templates, content, each_file, shown
from imr_letters.engine.files import write
from imr_letters.imr.model import Decision
from imr_letters.snippets import Snippet
from imr_letters.snippets.search import by_words
from imr_letters.wording import Wording

if TYPE_CHECKING:
    from imr_letters.mining import Recurring

app = typer.Typer(
    help="The library of approved wording for rationales.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

SnippetName = Annotated[str, typer.Argument(metavar="ID", help="Name of the snippet.", show_default=False)]


def _row(snippet: Snippet) -> str:
    return f"{snippet.id}  {snippet.version}  {snippet.about.status}  {snippet.about.argues_for}  {snippet.about.title}"


def _data(snippet: Snippet) -> dict[str, object]:
    return {
        "version": JSON_VERSION,
        "snippet": snippet.id,
        "snippet_version": snippet.version,
        **snippet.about.model_dump(mode="json", exclude_none=True),
        "words": snippet.body,
    }


def _print(snippets: list[Snippet], *, as_json: bool) -> None:
    for snippet in snippets:
        if as_json:
            printing.data(_data(snippet))
        else:
            printing.line(_row(snippet))


Every = Annotated[bool, typer.Option("--all", help="Also drafts, and versions that are retired.")]


@app.command("list", epilog="Example: imr-letters snippets list --all")
def list_(
    every: Every = False,
    as_json: AsJson = False,
    snippets: Snippets = None,
) -> None:
    """List the snippets: name, version, status, the outcome they argue for, title."""
    known = Wording(snippets=snippets).library
    _print(list(known) if every else known.current(), as_json=as_json)


@app.command(epilog="Example: imr-letters snippets show opioid-standing-caution")
def show(
    name: SnippetName,
    version: Annotated[
        int | None, typer.Argument(help="Its version; the newest one without.", show_default=False)
    ] = None,
    as_json: AsJson = False,
    snippets: Snippets = None,
) -> None:
    """Print a snippet: what is said about it, what is asked when it is used, and its words."""
    snippet = Wording(snippets=snippets).library.get(name, version)
    if as_json:
        printing.data(_data(snippet))
    else:
        printing.text(snippet.source)


@app.command(epilog="Example: imr-letters snippets check --snippets rationale_snippets")
def check(snippets: Snippets = None, templates: Templates = None) -> None:
    """Check that every snippet can be printed and read back, and that no two can print the same words."""
    known = Wording(templates, snippets).check_snippets()
    printing.line(f"{len(known)} versions of {len({each.id for each in known})} snippets: no two print the same words")


@app.command(epilog="Example: imr-letters snippets search opioid function")
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="Words.", show_default=False)],
    every: Every = False,
    as_json: AsJson = False,
    snippets: Snippets = None,
) -> None:
    """Find snippets by words of their title, treatments and wording; the best first."""
    known = list(Wording(snippets=snippets).library) if every else Wording(snippets=snippets).library.current()
    found = by_words(" ".join(words), known)
    _print(found, as_json=as_json)
    raise typer.Exit(int(not found))


@app.command("used-in", epilog="Example: imr-letters snippets used-in decisions/*.yaml letters/*.pdf")
def used_in(files: Files, as_json: AsJson = False, snippets: Snippets = None) -> None:
    """Tell which snippets decisions and letters use, with how many items and in which files."""
    items: dict[tuple[str, int], int] = defaultdict(int)
    sources: dict[tuple[str, int], list[str]] = defaultdict(list)

    wording = Wording(snippets=snippets)

    def one(file: str) -> int:
        for item in letters.decision_of(content(file), wording, name=shown(file)).items:
            for used in {(use.snippet, use.version) for use in item.uses}:
                items[used] += 1
                if shown(file) not in sources[used]:
                    sources[used].append(shown(file))
        return 0

    try:
        each_file(files, one)
    finally:
        for (snippet, version), count in sorted(items.items()):
            places = sources[snippet, version]
            if as_json:
                shape = {"snippet": snippet, "snippet_version": version, "items": count, "sources": places}
                printing.data({"version": JSON_VERSION, **shape})
            else:
                printing.line(f"{snippet}  {version}  {count} item{'s' if count > 1 else ''}  {', '.join(places)}")


@app.command(epilog="Example: imr-letters snippets mine letters/*.pdf --save proposals")
def mine(
    files: Files,
    least: Annotated[int, typer.Option(min=2, help="In how many letters a passage must stand.")] = 3,
    save: Annotated[
        Path | None, typer.Option("--save", help="Folder to write each passage to, as a draft of a snippet.")
    ] = None,
    reviewer: Annotated[
        str, typer.Option("--reviewer", help="The role that is to approve the drafts.")
    ] = "Medical director",
    as_json: AsJson = False,
    snippets: Snippets = None,
) -> None:
    """Find passages that recur in the rationales of letters and decisions and are no snippets yet.

    What differs between near-identical passages is proposed as variables.
    """
    from imr_letters import mining

    wording = Wording(snippets=snippets)
    known = wording.library
    decisions: list[tuple[str, Decision]] = []

    def one(file: str) -> int:
        decisions.append((shown(file), letters.decision_of(content(file), wording, name=shown(file))))
        return 0

    try:
        each_file(files, one)
    finally:
        found = mining.mine(decisions, least=least, library=known)
        for passage in found:
            if as_json:
                printing.data({"version": JSON_VERSION, **_passage(passage)})
            else:
                counts = f"{passage.letters} letters, {passage.items} items"
                outcomes = f"{passage.upheld} upheld, {passage.overturned} overturned"
                printing.line(f"{counts}: {outcomes}")
                printing.text(textwrap.indent(textwrap.fill(passage.text, 91), "    ") + "\n\n")
        if save is not None:
            taken = {snippet.id for snippet in known}
            for name, words in mining.drafts(found, reviewer=reviewer, start=date.today(), taken=taken):
                write(save / name, words.encode())
            printing.line(f"{len(found)} drafts are in {save}/", err=True)


def _passage(passage: Recurring) -> dict[str, object]:
    return {
        "text": passage.text,
        "letters": passage.letters,
        "items": passage.items,
        "upheld": passage.upheld,
        "overturned": passage.overturned,
        "chapters": dict(passage.chapters),
        "variables": [
            {"name": slot.name, "kind": slot.kind, "choices": list(slot.choices), "seen": len(slot.values)}
            for slot in passage.variables
        ],
        "sources": list(passage.sources),
    }
