"""The studio as tests use it: a server in a process of its own, on a folder of drafts."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from tests.browser import Tab


class Served:
    """A studio that is running: its process, where it is, and its one-time link."""

    def __init__(self, process: subprocess.Popen[str], link: str) -> None:
        self.process = process
        self.link = link
        self.host = urlsplit(link).netloc
        self.origin = f"http://{self.host}"

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | list[tuple[str, str]] | None = None,
        body: bytes | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """Make one request as it is given, with nothing added but its length."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        given = list(headers.items()) if isinstance(headers, dict) else list(headers or ())
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in given:
            connection.putheader(name, value)
        if body is not None and not any(name.lower() in ("content-length", "transfer-encoding") for name, _ in given):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        connection.close()
        return found

    def enter(self) -> dict[str, str]:
        """Use the link, and return the headers with which the page of the studio writes."""
        status, headers, _ = self.ask("GET", urlsplit(self.link).path, {"Host": self.host})
        assert status == 303, status
        cookie = headers["set-cookie"].partition(";")[0]
        _, _, page = self.ask("GET", "/", {"Host": self.host, "Cookie": cookie})
        csrf = re.search(rb'name="csrf" content="([^"]+)"', page)
        assert csrf
        return {
            "Host": self.host,
            "Cookie": cookie,
            "Origin": self.origin,
            "Sec-Fetch-Site": "same-origin",
            "X-CSRF": csrf[1].decode(),
            "Content-Type": "application/json",
        }


@contextlib.contextmanager
def studio(folder: Path, *options: str) -> Iterator[Served]:
    """Serve a folder for the time of a test."""
    program = "import sys; from imr_letters.cli import main; sys.argv[0] = 'imr-letters'; main()"
    command = [sys.executable, "-c", program, "studio", str(folder), "--no-browser", *options]
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "300"}
    process = subprocess.Popen(  # noqa: S603 - the program under test
        command, stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert process.stdout is not None
        yield Served(process, process.stdout.readline().strip())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr] # as above


def opened(page: Tab, served: Served, draft: str) -> None:
    """Open a draft in the browser and wait until its letter and its list are there."""
    page.visit(f"{served.origin}/draft/{draft}")
    page.wait("document.body?.dataset.ready === 'yes'")


def saved(page: Tab) -> None:
    """Wait until what was typed is in the file."""
    page.wait("/^saved/.test(document.getElementById('saved').textContent)")


def focus(page: Tab, name: str) -> None:
    """Put the focus on a field by pressing Tab until it is there."""
    for _ in range(80):
        if page.evaluate("document.activeElement.id") == name:
            return
        page.press("Tab")
    raise AssertionError(f"the focus does not come to {name}")


def value(page: Tab, name: str, words: str) -> None:
    """Put words into a field as typing does, all at once."""
    page.evaluate(
        f"(() => {{ const field = document.getElementById({json.dumps(name)}); field.focus(); "
        f"field.value = {json.dumps(words)}; field.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()"
    )
