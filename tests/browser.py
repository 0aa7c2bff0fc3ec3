"""A headless Chromium for tests, driven over a pipe: no port, no driver, no package."""

from __future__ import annotations

import base64
import contextlib
import io
import itertools
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, BinaryIO

from tests.conftest import needs

#: Headless, for root too, and silent: Chromium asks no server for updates, lists or accounts.
FLAGS = """--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-extensions
--disable-quic --disable-background-networking --disable-component-update --disable-sync
--remote-debugging-pipe""".split()

#: What browsers do something for by themselves, such as moving the focus, needs a code as well.
KEY_CODES = {"Tab": 9, "Enter": 13}

Data = dict[str, Any]


class Tab:
    """One page in a browser, spoken to in Chrome's DevTools protocol."""

    def __init__(self, out: BinaryIO, into: io.BufferedReader) -> None:
        self._out, self._into = out, into
        self._received = b""
        self._ids = itertools.count(1)
        self._session = ""
        target = self._send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._send("Page.enable")

    def _send(self, method: str, **parameters: Any) -> Data:
        number = next(self._ids)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._out.write(json.dumps(message).encode() + b"\0")
        self._out.flush()
        while True:
            answer = self._receive()
            if answer.get("id") == number:
                assert "error" not in answer, answer
                found: Data = answer["result"]
                return found

    def _receive(self) -> Data:
        while b"\0" not in self._received:
            more = self._into.read1(1 << 16)
            assert more, "the browser ended"
            self._received += more
        message, _, self._received = self._received.partition(b"\0")
        found: Data = json.loads(message)
        return found

    def open(self, file: Path) -> None:
        """Open a page and wait until it is there."""
        self.visit(file.as_uri())

    def visit(self, url: str) -> None:
        """Open an address and wait until its page is there."""
        self._send("Page.navigate", url=url)
        while self._receive().get("method") != "Page.loadEventFired":
            pass

    def show(self, page: str) -> None:
        """Show a page that is given as text."""
        frame = self._send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self._send("Page.setDocumentContent", frameId=frame, html=page)

    def evaluate(self, script: str) -> Any:
        """Return the value of a script, or of its promise."""
        answer = self._send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release a key."""
        text = {"text": "\r" if key == "Enter" else key} if len(key) == 1 or key == "Enter" else {}
        code = {"windowsVirtualKeyCode": KEY_CODES[key]} if key in KEY_CODES else {}
        self._send("Input.dispatchKeyEvent", type="keyDown", key=key, **text, **code)
        self._send("Input.dispatchKeyEvent", type="keyUp", key=key, **code)

    def type(self, words: str) -> None:
        """Type words into the element that has the focus."""
        self._send("Input.insertText", text=words)

    def wait(self, script: str, seconds: float = 30.0) -> None:
        """Wait until a script has a value that counts as true."""
        end = time.monotonic() + seconds
        while not self.evaluate(script):
            assert time.monotonic() < end, f"{script} did not come true"
            time.sleep(0.02)

    def prefer(self, scheme: str) -> None:
        """Prefer light or dark colors."""
        self._send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def resize(self, width: int, height: int) -> None:
        """Give the window another size."""
        self._send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def picture(self, *, whole: bool = False) -> bytes:
        """Return what the window shows, or the whole page, as PNG."""
        answer = self._send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(answer["data"])

    def pdf(self, *, tagged: bool) -> bytes:
        """Return the page as the browser prints it, on the paper that its style asks for."""
        answer = self._send("Page.printToPDF", generateTaggedPDF=tagged, preferCSSPageSize=True, printBackground=True)
        return base64.b64decode(answer["data"])

    def violations(self) -> list[tuple[str, str]]:
        """Return the violations that axe-core finds: the rule and the element."""
        self._send("Page.setBypassCSP", enabled=True)
        self.evaluate(resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8") + "; 0")
        found = self.evaluate(
            "axe.run().then(found => found.violations.flatMap(each => each.nodes.map(node => [each.id, node.html])))"
        )
        return [(rule, element) for rule, element in found]


@contextlib.contextmanager
def browser() -> Iterator[Tab]:
    """Start a browser of its own and yield its page; skip the test where there is no Chromium."""
    chromium = needs("chromium")
    here, there = os.pipe(), os.pipe()

    def connect() -> None:  # Chromium reads from descriptor 3 and writes to 4
        first, second = os.dup(here[0]), os.dup(there[1])
        os.dup2(first, 3)
        os.dup2(second, 4)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(  # noqa: S603
            [chromium, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(3, 4),
            preexec_fn=connect,
        )
        os.close(here[0])
        os.close(there[1])
        try:
            with os.fdopen(here[1], "wb") as out, os.fdopen(there[0], "rb") as into:
                yield Tab(out, into)
        finally:
            process.kill()
            process.wait()
