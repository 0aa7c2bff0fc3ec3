"""A headless Chromium for tests, driven over a pipe: no port, no driver, no package."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, BinaryIO

#: Debian's name and that of others.
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)

Data = dict[str, Any]


class Tab:
    """One page in a browser, spoken to in Chrome's DevTools protocol."""

    def __init__(self, out: BinaryIO, into: BinaryIO) -> None:
        self._out, self._into = out, into
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
        data = bytearray()
        while (byte := self._into.read(1)) != b"\0":
            assert byte, "the browser went away"
            data += byte
        found: Data = json.loads(data)
        return found

    def open(self, file: Path) -> None:
        """Open a page and wait until it is there."""
        self._send("Page.navigate", url=file.as_uri())
        while self._receive().get("method") != "Page.loadEventFired":
            pass

    def evaluate(self, script: str) -> Any:
        """Return what a script, or its promise, comes to."""
        answer = self._send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release a key."""
        text = {"text": key} if len(key) == 1 else {}
        self._send("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        self._send("Input.dispatchKeyEvent", type="keyUp", key=key)

    def prefer(self, scheme: str) -> None:
        """Prefer light or dark colours."""
        self._send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def resize(self, width: int, height: int) -> None:
        """Make the window another size."""
        self._send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def picture(self, *, whole: bool = False) -> bytes:
        """Return what the window shows, or the whole page, as PNG."""
        answer = self._send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(answer["data"])

    def violations(self) -> list[tuple[str, str]]:
        """Return what axe-core finds at fault: the rule and the element."""
        self._send("Page.setBypassCSP", enabled=True)
        self.evaluate(resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8") + "; 0")
        found = self.evaluate(
            "axe.run().then(found => found.violations.flatMap(each => each.nodes.map(node => [each.id, node.html])))"
        )
        return [(rule, element) for rule, element in found]


@contextlib.contextmanager
def browser() -> Iterator[Tab]:
    """Give a page of a browser of its own."""
    here, there = os.pipe(), os.pipe()

    def hand_over() -> None:  # Chromium reads from descriptor 3 and writes to 4
        first, second = os.dup(here[0]), os.dup(there[1])
        os.dup2(first, 3)
        os.dup2(second, 4)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"]
        command += [f"--user-data-dir={profile}", "--no-first-run", "--disable-extensions", "--disable-dev-shm-usage"]
        process = subprocess.Popen(  # noqa: S603
            [*command, "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(3, 4),
            preexec_fn=hand_over,
        )
        os.close(here[0])
        os.close(there[1])
        try:
            with os.fdopen(here[1], "wb") as out, os.fdopen(there[0], "rb") as into:
                yield Tab(out, into)
        finally:
            process.kill()
            process.wait()
