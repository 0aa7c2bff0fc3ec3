"""One call that tries a decision both ways."""

from __future__ import annotations

from pathlib import Path

from imr_letters.engine.errors import ImrLettersError, LetterError, RenderError, SnippetError, TemplateError
from imr_letters.imr.model import Decision
from imr_letters.letters import RenderedLetter, parse, render
from imr_letters.media import html
from imr_letters.wording import Wording


def assert_round_trip(
    decision: Decision,
    family: str | None = None,
    *,
    templates: Path | None = None,
    snippets: Path | None = None,
    pdf: bool = False,
) -> RenderedLetter:
    """Assert that a decision's letter says that decision and no other, as text, as HTML and if asked as PDF.

    The text letter is read back to the decision and rendered again to the character, the page of HTML shows the same
    blocks, and the pages of the PDF read back to the decision too. Returns the letter. `templates` and `snippets` are
    folders to use instead of the shipped ones.

    Raises `AssertionError` with the message that an editor would get, `EngineError` where no PDF can be made.
    """
    wording = Wording(templates, snippets)
    try:
        letter = render(decision, family, wording)
        read = parse(letter.text, letter.family, wording).decision
        _same(read, letter.decision, "the text letter")
        again = render(read, letter.family, wording)
        if again.text != letter.text:
            raise AssertionError("the decision read from the text letter is rendered to another letter")
        if html.blocks(letter.html) != [block.text for block in letter.letter.blocks]:
            raise AssertionError("the page of HTML does not show the blocks of the letter")
        if pdf:
            read = parse(letter.pdf(), letter.family, wording).decision
            _same(read, letter.decision, "the PDF")
    except (RenderError, LetterError, TemplateError, SnippetError) as error:
        raise AssertionError(_told(error)) from error
    return letter


def _told(error: ImrLettersError) -> str:
    return f"{len(error.findings)} finding{'s' if len(error.findings) > 1 else ''}\n\n{error}"


def _same(read: Decision, given: Decision, source: str) -> None:
    if read != given:
        fields = [name for name in type(given).model_fields if getattr(read, name) != getattr(given, name)]
        raise AssertionError(f"{source} reads back to another decision; what differs: {', '.join(fields)}")
