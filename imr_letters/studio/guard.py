"""Who may speak with the studio: this machine's browser, with the cookie that its one-time link gave.

Everything is checked before a request reaches a route, and every answer bears the headers that keep it on its page.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Largest body of a request, in bytes, and the seconds in which it must have come.
LARGEST_BODY = 1_000_000
LONGEST_WAIT = 20.0

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
#: The letter in its frame runs nothing and fetches nothing; its stylesheet is inside it.
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-same-origin"
)
_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "SAMEORIGIN",
}


class Doorkeeper:
    """Lets a request through to the app, or refuses it. `last` is when the last one came that was let through."""

    def __init__(self, app: ASGIApp, port: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._cookie = f"imr-letters-{port}"  # browsers share cookies between ports
        self._session = secrets.token_urlsafe(32)
        self._token = secrets.token_urlsafe(32)
        self._clock = clock
        self.csrf = secrets.token_urlsafe(32)
        self.link = f"http://127.0.0.1:{port}/enter/{self._token}"
        self.last = clock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request of a server."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # there are no sockets; closing one refuses it
            await send({"type": "websocket.close", "code": 1008})
            return
        answer = self._refusal(scope)
        if answer is not None:
            await answer(scope, receive, _with_headers(send))
            return
        self.last = self._clock()
        await self._app(scope, _limited(receive), _with_headers(send))

    def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request that is not let through; None for one that is."""
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        if any(len(each) > 1 for name, each in headers.items() if name != "cookie"):
            return PlainTextResponse("a header is given twice", 400)
        given = {name: each[0] for name, each in headers.items()}
        if given.get("host") not in self._hosts:
            return PlainTextResponse("this name is not served here", 421)
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return PlainTextResponse("this method is not served here", 405)
        if not _fits(given.get("content-length", "0")):
            return PlainTextResponse("the request is too large", 413)
        if scope["path"].startswith("/enter/") and scope["method"] == "GET":
            return self._entered(scope["path"].removeprefix("/enter/"))
        if not self._knows("; ".join(headers.get("cookie", []))):
            return PlainTextResponse("open the link that the terminal shows", 401)
        site = given.get("sec-fetch-site")
        if scope["method"] == "POST":
            sound = (
                given.get("origin") == f"http://{given['host']}"
                and site in (None, "same-origin")
                and given.get("content-type", "").partition(";")[0].strip() == "application/json"
                and _same(given.get("x-csrf", ""), self.csrf)
            )
        else:
            sound = site in (None, "none", "same-origin") and "origin" not in given
        return None if sound else PlainTextResponse("this request does not come from the studio's own page", 403)

    def _entered(self, token: str) -> Response:
        if not self._token or not _same(token, self._token):
            return PlainTextResponse("this link was used already, or is not the one that the terminal shows", 403)
        self._token = ""  # a link that is left in a history opens nothing
        answer = RedirectResponse("/", 303)
        answer.set_cookie(self._cookie, self._session, httponly=True, samesite="strict", path="/")
        return answer

    def _knows(self, header: str) -> bool:
        try:
            found = SimpleCookie(header).get(self._cookie)
        except CookieError:
            return False
        return found is not None and _same(found.value, self._session)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _fits(length: str) -> bool:
    return length.isascii() and length.isdigit() and int(length) <= LARGEST_BODY


def _limited(receive: Receive) -> Receive:
    """Return `receive`, which ends a body that is too large or comes too slowly as if the client had gone."""
    got = 0

    async def limited() -> Message:
        nonlocal got
        try:
            message = await asyncio.wait_for(receive(), LONGEST_WAIT)
        except TimeoutError:
            return {"type": "http.disconnect"}
        got += len(message.get("body", b""))
        return message if got <= LARGEST_BODY else {"type": "http.disconnect"}

    return limited


def _with_headers(send: Send) -> Send:
    async def headed(message: Message) -> None:
        if message["type"] == "http.response.start":
            known = {name.lower() for name, _ in message["headers"]}
            added = {"content-security-policy": _POLICY, **_HEADERS}
            extra = [(name.encode(), value.encode()) for name, value in added.items() if name.encode() not in known]
            message = {**message, "headers": [*message["headers"], *extra]}
        await send(message)

    return headed
