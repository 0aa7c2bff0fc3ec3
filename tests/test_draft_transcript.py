"""One working day: a worksheet of five invented cases becomes drafts, decisions, PDFs, and the same decisions again.

The questions are answered through a pseudo-terminal, as a person would, in processes of their own.
"""

from __future__ import annotations

import contextlib
import csv
import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from imr_letters import api, load
from imr_letters.draft.draft import Draft
from imr_letters.draft.questions import parse
from imr_letters.draft.status import status
from tests.conftest import Run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")

REQUESTS = [
    "Acupuncture, 6 additional sessions",
    "Norco 10/325mg #60",
    "Repeat MRI of the lumbar spine",
    "TENS unit, purchase | TENS unit, 30 day rental",
    "Physical therapy, left knee, 8 visits",
]


def _at_terminal() -> None:
    """Have Ctrl-C reach a process, also where it was begun in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """A program at a pseudo-terminal."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.seen = ""
        self._own, theirs = pty.openpty()
        environment = {**os.environ, "TERM": "dumb", "COLUMNS": "200", "NO_COLOR": "1"}
        program = "import sys; from imr_letters.cli import main; sys.argv[0] = 'imr-letters'; main()"
        command = [sys.executable, "-c", program, *arguments]
        self.process = subprocess.Popen(  # noqa: S603 - the program under test
            command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            preexec_fn=_at_terminal,
        )  # fmt: skip
        os.close(theirs)

    def expect(self, words: str) -> None:
        """Wait until the program has said something."""
        while words not in self.seen:
            assert self._read(), f"{words!r} was not said, but:\n{self.seen}"
        self.seen = self.seen.partition(words)[2]

    def say(self, line: str) -> None:
        """Answer once the program asks."""
        self.expect("> ")
        os.write(self._own, f"{line}\r".encode())

    def type(self, line: str) -> None:
        """Write a further line of prose."""
        self.expect("  ")
        os.write(self._own, f"{line}\r".encode())

    def interrupt(self, half: str) -> int:
        """Type the beginning of an answer, press Ctrl-C, and return what the program ends with."""
        self.expect("> ")
        os.write(self._own, half.encode())
        self.expect(half)
        while self.process.poll() is None:  # as in `close`
            time.sleep(0.05)
            os.write(self._own, b"\x03")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(1)
        return self.end()

    def close(self, number: int) -> int:
        """Send a signal until the program ends, and return what it ends with.

        Python notices a signal that comes between a prompt and the wait for a line only when the wait ends, so that one
        sent the moment the prompt is seen may need a second.
        """
        while self.process.poll() is None:
            os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(1)
        return self.end()

    def end(self) -> int:
        """Return what the program ends with."""
        while self._read():
            pass
        os.close(self._own)
        return self.process.wait(60)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._own], [], [], 60)
        assert ready, f"nothing was said for a minute after:\n{self.seen}"
        try:
            data = os.read(self._own, 65536)
        except OSError:  # the other side is closed
            return False
        self.seen += data.decode(errors="replace")
        return bool(data)


def worksheet(path: Path) -> None:
    header = ["Case Number", "Priority", "Date Assigned", "DOI", "Decision Date", "UR Denial Date"]
    header += ["Application Received", "Disputed Treatment", "CA Guideline"]
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(header)
        for number, request in enumerate(REQUESTS, start=1):
            dates = ["01/05/2017", "2016-02-03", "02/01/2017", "42724", "12/28/2016"]
            rows.writerow([f"CM16-090020{number}", "Standard", *dates, request, "none"])


def test_from_a_worksheet_to_letters_and_back(run: Run, tmp_path: Path) -> None:
    worksheet(tmp_path / "referrals.csv")
    assert run("draft", "new", "--from", "referrals.csv", "-o", "drafts").code == 0
    drafts = sorted((tmp_path / "drafts").glob("*.yaml"))
    assert len(drafts) == 5
    for number, draft in enumerate(drafts):
        questions = draft.read_text().splitlines()
        terminal = Terminal(tmp_path, "draft", "fill", f"drafts/{draft.name}")
        terminal.say("California, Nevada")
        terminal.say("Pain Management")
        terminal.expect("What happened")
        terminal.say("The injured worker is a 45-year-old.")
        terminal.type("")
        terminal.type("The records show: pain, 5/10 #1.")
        terminal.type(".")
        terminal.expect("2 overturned")
        terminal.say("denied")
        terminal.expect("none of the known values")
        terminal.say("1")
        terminal.expect("Which guideline do you rely on?")
        if number == 0:
            terminal.say("")
            terminal.expect("A number takes a snippet")
            terminal.say("1")
            terminal.expect("in the words of the request?")
            terminal.say("Acupuncture, 6 additional sessions")
            terminal.say("12")
        else:
            terminal.say("MTUS Chronic Pain Medical Treatment 2016")
            terminal.expect("Why is the denial")
            terminal.say("No gain in function is recorded.")
            terminal.type("The request is not medically necessary.")
            terminal.type(".")
        assert terminal.end() == 0, terminal.seen
        lines = iter(draft.read_text().splitlines())
        assert all(line in lines for line in questions if "#" in line)  # every question, in its order
        name = f"{draft.stem}-decision.yaml"
        assert run("draft", "finish", f"drafts/{draft.name}", "-o", name).code == 0
        assert run("render", name, "--to", "pdf", "-o", f"{draft.stem}.pdf").code == 0
        decision = load(tmp_path / name)
        assert api.parse(tmp_path / f"{draft.stem}.pdf").decision == decision
        assert ("snippet" in (tmp_path / name).read_text()) == (number == 0)
    shown = load(tmp_path / "CM16-0900204-decision.yaml").items[0].request
    assert not isinstance(shown, str)


#: What is typed at each question, in order, and what it is taken for.
TYPED = [
    ("number", "CM16-0900301"),
    ("priority", "standard"),
    ("assigned_on", "01/05/2017"),
    ("injured_on", "02/03/2016"),
    ("decided_on", "02/01/2017"),
    ("ur_denied_on", "12/20/2016"),
    ("application_received_on", "12/28/2016"),
    ("licensed_in", "California"),
    ("certifications", "Pain Management"),
    ("clinical_summary", "The worker is a 45-year-old."),
    ("request", "Acupuncture, 6 sessions"),
    ("outcome", "upheld"),
    ("claims_administrator_guideline", "none"),
    ("reviewer_guideline", "none"),
    ("rationale", "No gain in function is recorded."),
]


@pytest.mark.parametrize("roles", [["nurse"], pytest.param([], marks=pytest.mark.slow)])
def test_ctrl_c_at_every_prompt_keeps_what_was_typed_as_a_half_answer(
    run: Run, tmp_path: Path, roles: list[str]
) -> None:
    role = [each for name in roles for each in ("--role", name)]
    assert run("draft", "new", "-o", "draft.yaml").code == 0
    draft = tmp_path / "draft.yaml"
    before = ("", "")
    typed = [each for each in TYPED if not role or each[0] == "clinical_summary"]
    for field, words in [*typed, ("", "")]:
        terminal = Terminal(tmp_path, "draft", "fill", "draft.yaml", *role)
        if before[0]:
            terminal.expect(_half(before[1]))  # asked again, and what was typed is shown
            terminal.say(before[1])
            if before[0] in ("clinical_summary", "rationale"):
                terminal.type(".")
        if not field:
            assert terminal.end() == 0
            break
        assert terminal.interrupt(_half(words)) == 130
        document = Draft.read(draft.read_bytes(), "")
        [marked] = document.data["unfinished"]
        assert marked.rpartition(".")[2] == field
        assert document.value(parse(marked)) == _half(words)
        [found] = [each for each in status(document) if each.sort == "unfinished"]
        assert found.blocks
        before = field, words
    assert "unfinished:" not in draft.read_text()
    assert role or run("draft", "finish", "draft.yaml", "-o", "decision.yaml").code == 0


def _half(words: str) -> str:
    return words[: len(words) // 2].strip()


@pytest.mark.parametrize("name", ["SIGHUP", "SIGTERM"])
def test_closing_the_window_loses_nothing(run: Run, tmp_path: Path, name: str) -> None:
    worksheet(tmp_path / "referrals.csv")
    assert run("draft", "new", "--from", "referrals.csv", "-o", "drafts").code == 0
    draft = tmp_path / "drafts" / "CM16-0900202.yaml"
    terminal = Terminal(tmp_path, "draft", "fill", f"drafts/{draft.name}")
    terminal.say("California")
    terminal.say("Pain Management")
    terminal.expect("What happened")
    terminal.say("The first line.")
    terminal.type("And a second one.")
    terminal.expect("second one.")
    terminal.expect("  ")  # the next line is waited for
    assert terminal.close(getattr(signal, name)) == 1
    data = Draft.read(draft.read_bytes(), draft.name).data
    assert data["reviewer"]["certifications"] == ["Pain Management"]
    assert data["clinical_summary"] == "The first line.\nAnd a second one."
    [half] = [each for each in status(Draft.read(draft.read_bytes(), "")) if each.path == ("clinical_summary",)]
    assert half.sort == "unfinished"
    assert [path.name for path in draft.parent.iterdir() if path.name.startswith(".")] == []
