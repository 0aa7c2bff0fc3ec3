"""An S3 server on this machine (moto), which decides one request after the other, and can fail as planned."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

#: What to do with a request: let it pass (""), refuse it, or do it and lose the answer.
Plan = Callable[[str, str], str]

BUCKET = "letters"
_DENIED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
_FAILED = b"<?xml version='1.0'?><Error><Code>InternalError</Code><Message>We are sorry</Message></Error>"


class Server:
    """Speaks S3. A condition and the writing that hangs on it are one step, as with the stores that promise it."""

    def __init__(self) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
        from werkzeug.serving import make_server

        class Quiet(MotoRequestHandler):
            def log(self, *_: Any) -> None:
                """Say nothing."""

        self._app = DomainDispatcherApplication(create_backend_app)
        self._one_at_a_time = threading.Lock()
        self.plan: Plan | None = None
        #: Method, path, condition and status of each request.
        self.seen: list[tuple[str, str, str, int]] = []
        self._server = make_server("127.0.0.1", 0, self._serve, threaded=True, request_handler=Quiet)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._server.port}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "2",
        }

    def _serve(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        told: list[Any] = []
        with self._one_at_a_time:
            plan = self.plan(method, path) if self.plan else ""
            if plan == "refuse":
                environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
                told, body = ["403 Forbidden", [("Content-Type", "application/xml")]], [_DENIED]
            else:
                body = list(self._app(environ, lambda *words: told.extend(words)))
            if plan == "lose":
                told, body = ["500 Internal Server Error", [("Content-Type", "application/xml")]], [_FAILED]
            condition = environ.get("HTTP_IF_NONE_MATCH", "")
            self.seen.append((method, path, condition, int(told[0].split()[0])))
        start(*told)
        return body

    @contextmanager
    def planned(self, plan: Plan) -> Iterator[None]:
        """Deal with requests as planned."""
        self.plan = plan
        try:
            yield
        finally:
            self.plan = None

    def close(self) -> None:
        """Serve no longer."""
        self._server.shutdown()
        self._server.server_close()
