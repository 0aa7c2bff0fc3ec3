"""The pages of the studio and what their script asks for; the guard has let through whatever comes here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from imr_letters.draft import edits
from imr_letters.draft.fill import words_of
from imr_letters.draft.preview import MARK
from imr_letters.draft.questions import ROLES, Question, paths, type_at
from imr_letters.engine.errors import ConflictError, ImrLettersError, InputError, UsageError
from imr_letters.engine.fields import Leaf
from imr_letters.engine.paths import FieldPath, dotted
from imr_letters.imr.vocabulary import mtus_chapters, specialties, states
from imr_letters.media import html
from imr_letters.studio.desk import Desk, field, question_of
from imr_letters.studio.folder import CaseFolder
from imr_letters.studio.guard import FRAME_POLICY

_STATIC = {"studio.js": "text/javascript", "studio.css": "text/css"}
_SECTIONS = {"case": "Case", "reviewer": "Reviewer", "clinical_summary": "Clinical case summary"}
_STATUS = {ConflictError: 409, InputError: 404, UsageError: 422}


class Studio:
    """The pages over one folder. `csrf` is what every write must name."""

    def __init__(self, folder: CaseFolder) -> None:
        self._folder = folder
        self._desks: dict[str, Desk] = {}
        self.csrf = ""
        self._pages = Environment(
            loader=PackageLoader("imr_letters.studio", "pages"), autoescape=True, undefined=StrictUndefined
        )

    def app(self) -> Starlette:
        """Return the routes."""
        return Starlette(
            routes=[
                Route("/", self.cases),
                Route("/static/{name}", self.static),
                Route("/draft/{name}", self.draft),
                Route("/draft/{name}/letter", self.letter),
                Route("/draft/{name}/state", self.state),
                Route("/draft/{name}/letter.pdf", self.pdf),
                Route("/draft/{name}/snippets", self.snippets),
                Route("/new", self._write(self.new), methods=["POST"]),
                Route("/draft/{name}/answer", self._write(self.answer), methods=["POST"]),
                Route("/draft/{name}/items", self._write(self.items), methods=["POST"]),
                Route("/draft/{name}/pick", self._write(self.pick), methods=["POST"]),
                Route("/draft/{name}/own-words", self._write(self.own_words), methods=["POST"]),
                Route("/draft/{name}/undo", self._write(self.undo), methods=["POST"]),
                Route("/draft/{name}/finish", self._write(self.finish), methods=["POST"]),
            ],
            exception_handlers={ImrLettersError: _refused, KeyError: _malformed, ValueError: _malformed},
        )

    def _desk(self, request: Request) -> Desk:
        name = request.path_params["name"]
        file = self._folder.file(name)
        if name not in self._desks:
            self._desks[name] = Desk(file, self._folder.target)
        return self._desks[name]

    def _write(self, work: Callable[[Request, dict[str, Any]], Response]) -> Callable[[Request], Any]:
        """Return a route that does some work with the JSON object of a request, off the loop."""

        async def route(request: Request) -> Response:
            try:
                data = json.loads(await request.body())
            except (ClientDisconnect, RecursionError):
                return JSONResponse({"message": "the request did not come whole"}, 400)
            if not isinstance(data, dict):
                return JSONResponse({"message": "the request holds no fields"}, 400)
            return await run_in_threadpool(work, request, data)

        return route

    def _page(self, name: str, /, **values: Any) -> HTMLResponse:
        return HTMLResponse(self._pages.get_template(name).render(csrf=self.csrf, **values))

    def cases(self, request: Request) -> Response:
        """Show the list of cases."""
        del request
        return self._page("cases.html.jinja", rows=self._folder.rows(), folder=self._folder.path.name)

    def static(self, request: Request) -> Response:
        """Send the script or the stylesheet."""
        name = request.path_params["name"]
        if name not in _STATIC:
            raise InputError.of("is not there", source=name)
        return Response(_static(name), media_type=_STATIC[name])

    def draft(self, request: Request) -> Response:
        """Show a draft: its questions, and the letter next to them."""
        desk = self._desk(request)
        with desk.lock:
            fields = list(_fields(desk))
            sections = [
                (title, [each for each in fields if each["path"].split(".")[0] == name])
                for name, title in _SECTIONS.items()
            ]
            count = max(1, len(desk.draft.value(("items",)) or []))
            items = [[each for each in fields if each["path"].startswith(f"items[{at}]")] for at in range(count)]
            known = [f"MTUS {name} {year}" for name, years in mtus_chapters().items() for year in years]
            return self._page(
                "draft.html.jinja",
                name=request.path_params["name"],
                title=desk.draft.value(("case", "number")) or request.path_params["name"],
                sections=[each for each in sections if each[1]],
                items=items,
                roles=ROLES,
                lists={"guidelines": known, "states": sorted(states()), "specialties": sorted(specialties())},
            )

    def letter(self, request: Request) -> Response:
        """Show the letter of a draft, for the frame next to its questions."""
        body, css = self._desk(request).letter()
        page = html.page(f'<p><b>{MARK}</b></p><div id="letter">{body}</div>', title=MARK, css=css)
        return HTMLResponse(page, headers={"content-security-policy": FRAME_POLICY})

    def state(self, request: Request) -> Response:
        """Send the letter and what is open."""
        return JSONResponse(_state(self._desk(request)))

    def pdf(self, request: Request) -> Response:
        """Send the letter as it is, as a PDF."""
        return Response(self._desk(request).pdf(), media_type="application/pdf")

    def snippets(self, request: Request) -> Response:
        """Send the snippets that suit an item, or that hold the words of a search."""
        desk = self._desk(request)
        found = desk.offers(int(request.query_params["item"]), request.query_params.get("q", "")[:200])
        shown = [
            {
                "id": each.id,
                "version": each.version,
                "title": each.about.title,
                "argues": each.about.argues_for,
                "words": words_of(each),
            }
            for each in found
        ]
        return JSONResponse(shown)

    def new(self, request: Request, data: dict[str, Any]) -> Response:
        """Add a draft with every question."""
        del request
        return JSONResponse({"name": self._folder.add(str(data["name"]).strip(), 1)})

    def answer(self, request: Request, data: dict[str, Any]) -> Response:
        """Save what was typed in a field."""
        desk = self._desk(request)
        with desk.lock:
            saved = desk.answer(field(str(data["path"])), str(data["words"]), str(data["base"]))
            if saved.theirs is not None:
                message = "this field was changed elsewhere meanwhile; your words are kept in a file next to the draft"
                return JSONResponse({"message": message, "theirs": saved.theirs}, 409)
            answer = {"words": saved.words, "fault": saved.fault, "notes": list(saved.notes)}
            return JSONResponse({**_state(desk), **answer})

    def items(self, request: Request, data: dict[str, Any]) -> Response:
        """Add, move or take out an item."""
        desk = self._desk(request)
        at, kind = int(data["item"]), data["do"]
        count = len(desk.draft.value(("items",)) or [])
        if kind not in ("add", "remove", "up", "down") or not 0 <= at <= count:
            raise ValueError(kind)
        if kind == "add":
            desk.change_items(lambda draft: edits.item_added(draft, at))
        elif kind == "remove":
            desk.change_items(lambda draft: edits.item_removed(draft, at))
        else:
            desk.change_items(lambda draft: edits.item_moved(draft, at, at + (1 if kind == "down" else -1)))
        return JSONResponse({})

    def pick(self, request: Request, data: dict[str, Any]) -> Response:
        """Take a snippet for a rationale."""
        self._desk(request).pick(int(data["item"]), str(data["id"]), int(data["version"]))
        return JSONResponse({})

    def own_words(self, request: Request, data: dict[str, Any]) -> Response:
        """Turn the snippets of a rationale into own words."""
        self._desk(request).own_words(int(data["item"]))
        return JSONResponse({})

    def undo(self, request: Request, data: dict[str, Any]) -> Response:
        """Return to the state before the last change."""
        del data
        return JSONResponse({"undone": self._desk(request).undo()})

    def finish(self, request: Request, data: dict[str, Any]) -> Response:
        """Write the decision and the letter."""
        desk = self._desk(request)
        made, open_ = desk.finish(replace=data.get("replace") is True, reason=str(data.get("reason", "")))
        by_lint = bool(open_) and all(each.by_lint for each in open_ if each.blocks)
        return JSONResponse({"made": made, "by_lint": by_lint, **_state(desk)})


@cache
def _static(name: str) -> bytes:
    return resources.files("imr_letters.studio").joinpath("static", name).read_bytes()


def _state(desk: Desk) -> dict[str, Any]:
    body, _ = desk.letter()
    shown = [
        {
            "at": question_of(each),
            "sort": each.sort,
            "roles": each.roles,
            "message": each.finding.message,
            "remedy": "" if each.sort == "unfinished" else each.finding.remedy,
            "blocks": each.blocks,
        }
        for each in desk.open()
    ]
    return {"letter": body, "open": shown, "version": desk.version}


def _fields(desk: Desk) -> Iterator[dict[str, Any]]:
    """Yield the fields of a page, those of a snippet's variables after the rationale that it is in."""
    for path, question, needed in paths(desk.draft.data):
        yield _field(desk, path, question, needed)


def _field(desk: Desk, path: FieldPath, question: Question, needed: bool) -> dict[str, Any]:
    kind = type_at(path)
    assert isinstance(kind, Leaf)
    value = desk.draft.value(path)
    blocks = value if isinstance(value, list) and kind.kind == "rationale" else []
    snippets = [at for at, block in enumerate(blocks) if isinstance(block, dict) and "snippet" in block]
    return {
        "path": dotted(path),
        "item": path[1] if path[0] == "items" else None,
        "label": question.label,
        "ask": question.ask,
        "form": question.form,
        "roles": question.roles,
        "needed": needed,
        "kind": kind.kind,
        "choices": kind.choices,
        "value": "" if snippets else desk.words(path),
        "printed": desk.printed(path) if snippets else "",
        "variables": [each for at in snippets for each in _variables(desk, (*path, at), question)],
    }


def _variables(desk: Desk, block: FieldPath, question: Question) -> Iterator[dict[str, Any]]:
    snippet = desk.snippet(block)
    for each in snippet.about.variables if snippet else ():
        path = (*block, "values", each.name)
        yield {
            "path": dotted(path),
            "label": each.question,
            "roles": question.roles,
            "needed": each.required,
            "choices": each.choices,
            "value": desk.words(path),
        }


def _refused(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, ImrLettersError)
    said = "; ".join(" - ".join(filter(None, (each.message, each.remedy))) for each in error.findings)
    return JSONResponse({"message": said}, _STATUS.get(type(error), 422))


def _malformed(request: Request, error: Exception) -> Response:
    del request, error
    return JSONResponse({"message": "the request is not one that a page of the studio makes"}, 400)
