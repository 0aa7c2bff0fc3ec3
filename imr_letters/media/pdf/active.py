"""What a PDF could show or do in addition to its pages: scripts, actions, notes, form fields, layers, attachments.

PDF/A forbids most of it, and no letter of ours has any: what a person sees could change after it was verified.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from imr_letters.media.pdf.metadata import ATTACHMENT

SCRIPT = "a script"
_IN_THE_CATALOG = {
    "/OpenAction": "an action on opening",
    "/AA": "actions of its own",
    "/AcroForm": "form fields",
    "/OCProperties": "layers that can be switched off",
    "/Collection": "a collection of files",
}
_ON_A_PAGE = {"/AA": "actions of a page", "/Annots": "notes, stamps or links on a page"}
_SCRIPTS = frozenset({"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition"})


def active(pdf: Any) -> list[str]:
    """Return what an opened PDF holds that could show or do something in addition to its pages, in words."""
    return list(dict.fromkeys(_found(pdf)))


def _found(pdf: Any) -> Iterator[str]:
    import pikepdf

    root = pdf.Root
    yield from (words for key, words in _IN_THE_CATALOG.items() if key in root)
    for page in pdf.pages:
        yield from (words for key, words in _ON_A_PAGE.items() if page.obj.get(key))
    names = root.get("/Names")
    if isinstance(names, pikepdf.Dictionary) and "/JavaScript" in names:
        yield SCRIPT
    if set(pdf.attachments) - {ATTACHMENT}:
        yield "another attachment"
    todo = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary | pikepdf.Array)]
    while todo:
        each = todo.pop()
        if isinstance(each, pikepdf.Dictionary) and ("/JS" in each or str(each.get("/S", "")) in _SCRIPTS):
            yield SCRIPT
        inside = each.values() if isinstance(each, pikepdf.Dictionary) else each
        todo += [kid for kid in inside if isinstance(kid, pikepdf.Dictionary | pikepdf.Array) and not kid.is_indirect]
