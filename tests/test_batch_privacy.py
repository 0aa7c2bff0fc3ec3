"""Nothing of a letter leaves its file: marked words in every field, every command, then a search everywhere."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from imr_letters import batch, load, samples
from imr_letters.batch import Options
from tests import poison
from tests.batches import jsonl
from tests.conftest import Outcome, Run
from tests.crash_campaign import descendants

MARK = "Zqxj"


def marked(value: Any, number: int) -> Any:
    """Return data with a marked word in every text that is free."""
    if isinstance(value, dict):
        fixed = ("number", "priority", "outcome", "basis", "chapter", "year", "pages", "snippet", "version", "values")
        return {
            key: each if key in fixed or key.endswith("_on") else marked(each, number) for key, each in value.items()
        }
    if isinstance(value, list):
        return [marked(each, number) for each in value]
    return f"{value} {MARK}{number}" if isinstance(value, str) and "," not in value[:90] else value


def records() -> list[dict[str, Any]]:
    found = []
    for number, path in enumerate(samples.decisions()):
        if path.stem[:2] not in ("01", "03", "07", "08", "13"):
            continue
        data = marked(load(path).data(), number)
        if "case" in data:
            data["case"]["number"] = f"CM16-{number:07}"
        found.append(data)
    return found


class Sight:
    """Everything that can be seen of processes and temporary files while a block runs."""

    def __init__(self, temporary: Path) -> None:
        self.seen: set[bytes] = set()
        self._temporary = temporary
        self._ended = threading.Event()

    def __enter__(self) -> Sight:
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.05):
            for pid in [os.getpid(), *descendants(os.getpid())]:
                for name in ("cmdline", "comm", "environ"):
                    with contextlib.suppress(OSError):
                        self.seen.add(Path(f"/proc/{pid}/{name}").read_bytes())
            for path in self._temporary.rglob("*"):
                self.seen.add(str(path).encode())
                with contextlib.suppress(OSError):
                    if path.suffix not in (".ttf", ".otf"):
                        self.seen.add(path.read_bytes())


@pytest.fixture
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("t")  # a short name: it holds sockets
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_no_marked_word_is_found_outside_the_letters(
    tmp_path: Path,
    temporary: Path,
    run: Run,
    caplog: pytest.LogCaptureFixture,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    caplog.set_level(logging.DEBUG)
    out, told = tmp_path / "out", []
    source = jsonl(tmp_path / "in.jsonl", records())
    changed = jsonl(tmp_path / "changed.jsonl", [{**each, "clinical_summary": f"{MARK}."} for each in records()])
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "1.yaml").write_text(f"{MARK}: x\ncase: {MARK}\nitems: {MARK} # {MARK}\n")
    (bad / "2.json").write_text(json.dumps({**records()[0], f"{MARK}.a b[1]": {MARK: [MARK]}, "reviewer": [MARK]}))
    (bad / "3.json").write_text(f'{{"{MARK}": "{MARK}')
    (bad / "4.json").write_text(json.dumps({**records()[0], "clinical_summary": f"{MARK}\u202e"}))
    letters = tmp_path / "letters"
    letters.mkdir()

    def command(*words: str | Path) -> Outcome:
        told.append(run("batch", *words))
        return told[-1]

    with Sight(temporary) as sight:
        assert command("render", source, "-o", out, "--to", "text", "-j", "2").code == 0
        assert command("render", source, "-o", tmp_path / "pdfs", "--to", "pdf", "--json", "-j", "2").code == 0
        assert command("render", changed, "-o", out, "--to", "text", "-j", "1", "--json").code == 4
        assert command("render", changed, "-o", out, "--to", "text", "-j", "1", "--replace").code == 0
        assert command("render", bad, "-o", tmp_path / "bad-out", "--to", "text", "-j", "1").code == 3
        assert len(told[-1].err.splitlines()) == 4
        for path in out.glob("*.txt"):
            text = path.read_text()
            (letters / path.name).write_text(text.replace("Final Determination", f"Final {MARK}"))
        (letters / "other.txt").write_text(f"{MARK} {MARK}")
        assert command("parse", letters, "-o", tmp_path / "table.csv", "-j", "1").code == 3
        assert command("parse", letters, "-o", tmp_path / "table.csv", "-j", "1", "--json").code == 3
        assert command("parse", out, "-o", tmp_path / "good.jsonl", "-j", "2").code == 0
        assert command("status", out).code == command("report", out, "--json").code == 0
        first = min(out.glob("*.txt"))
        first.write_text(first.read_text().replace("Priority", MARK))
        assert command("verify", out, "-j", "1").code == 1
        assert command("verify", out, "-j", "1", "--json").code == 1
        assert command("render", tmp_path / "none.jsonl", "-o", out).code == 5
        data = records()
        for number, kind in enumerate((poison.FAULT, poison.CRASH, poison.GROW, poison.HANG)):
            data[number]["clinical_summary"] += f" {kind}"
        poisoned = jsonl(tmp_path / "poison.jsonl", data)
        options = Options(jobs=1, seconds=2, memory=256 << 20)
        done = batch.render([str(poisoned)], str(tmp_path / "poisoned"), ["text"], options, shard=poison.shard)
        assert len(done.aside) == 4
        time.sleep(0.1)
    caught = capfdbinary.readouterr()
    tables = {
        f"{name}{items}{suffix}" for name, suffix in (("table", ".csv"), ("good", ".jsonl")) for items in ("", "-items")
    }
    inputs = {"in.jsonl", "changed.jsonl", "poison.jsonl"}
    held = [caught.out, caught.err, caplog.text.encode(), *sight.seen]
    held += [each.out + each.err.encode() for each in told]
    for path in tmp_path.rglob("*"):
        held.append(str(path).encode())
        own = path.parent in (bad, letters) or path.name in tables | inputs or path.suffix in (".txt", ".pdf")
        if path.is_file() and not own:
            held.append(path.read_bytes())
    found = [each[max(0, each.find(MARK.encode()) - 80) :][:200] for each in held if MARK.encode() in each]
    assert found == []
    assert any(MARK in path.read_text() for path in out.glob("*.txt"))  # the search would have found it
    assert len(sight.seen) > 5
    # What multiprocessing has there, a socket, goes with this process.
    assert [path.name for path in temporary.iterdir() if not path.name.startswith("pymp-")] == []
