"""The commands on batches: verify, report, status, parse; the terminal and the document."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from imr_letters import batch, load, samples
from imr_letters.batch import Options, rows
from imr_letters.batch.places import store_at
from imr_letters.cli.batch import app
from imr_letters.engine.errors import ConflictError, EngineError, UsageError
from tests.batches import HERE, PROGRAM, decisions, jsonl, made, manifest
from tests.conftest import ROOT, Run

ON = Options(on="dask://127.0.0.1:1")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return jsonl(tmp_path / "decisions.jsonl", decisions(12))


def test_verify_finds_what_is_not_as_the_manifest_says(tmp_path: Path, source: Path, run: Run) -> None:
    out = tmp_path / "out"
    made(source, out)
    assert run("batch", "verify", out, "--jobs", "1").text == "12 of 12 letters are what the manifest says\n"
    names = [row["outputs"]["text"]["name"] for row in manifest(out)]
    (out / names[0]).unlink()
    text = (out / names[1]).read_text()
    (out / names[1]).write_text(text.replace("This is record 1.", "This is record 9."))
    (out / names[2]).write_text(text.replace("Priority", "Priorty"))
    (out / "CM16-9999999-0123456789abcdef.txt").write_text(text)
    outcome = run("batch", "verify", out, "--jobs", "1")
    assert outcome.code == 1
    assert outcome.text == "9 of 12 letters are what the manifest says\n"
    assert set(outcome.err.splitlines()) >= {
        f"{names[0]}: missing-file",
        f"{names[1]}: other-bytes",
        f"{names[1]}: other-decision",
        "CM16-9999999-0123456789abcdef.txt: unknown-file",
    }
    assert f"{names[2]}" in outcome.err


def test_report_and_status_tell_totals(tmp_path: Path, run: Run) -> None:
    out = tmp_path / "out"
    assert run("batch", "status", out).code == 5
    assert run("batch", "report", out).code == 5
    outcome = run("batch", "render", ROOT / "samples" / "decisions", "-o", out, "--to", "text", "--json", "-j", "1")
    assert outcome.code == 0
    shape = json.loads(outcome.out)
    known = [load(path) for path in samples.decisions()]
    assert (shape["version"], shape["given"], shape["made"]) == (1, len(known), len(known))
    found = json.loads(run("batch", "report", out, "--json").out)
    items = [item for decision in known for item in decision.items]
    assert found["items"] == len(items)
    assert found["upheld"] == sum(item.outcome == "upheld" for item in items)
    assert found["letters"] == len(known)
    assert found["reconciles"] is True
    assert "the totals reconcile" in run("batch", "report", out).text
    journal = found["journal"]
    assert (journal["batches"], journal["interrupted"], journal["tried_again"]) == (1, 0, 0)
    assert journal["made"] == journal["attempts"] == len(known)
    assert 0 < journal["seconds"] < 60
    assert json.loads(run("batch", "status", out, "--json").out)["state"] == "finished"
    assert run("batch", "status", out).text.startswith(f"finished: {len(known)} letters are there, 0 set aside\n")


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("manifest.jsonl", lambda row: row.pop("items")),
        ("manifest.jsonl", lambda row: row["outputs"]["text"].pop("name")),
        ("manifest.jsonl", lambda row: row["findings"].update(x="one")),
        ("set-aside.jsonl", lambda row: row.pop("code")),
        ("batch.json", lambda about: about.update(given="one")),
        ("journal.jsonl", lambda event: event.update(at="yesterday")),
        ("journal.jsonl", lambda event: event.pop("event")),
        ("journal.jsonl", lambda event: event.update(event="letter", row={"id": "x"})),
    ],
)
def test_what_a_batch_wrote_and_another_changed_is_refused_in_words(
    tmp_path: Path, run: Run, name: str, changed: Callable[[Any], object]
) -> None:
    out = tmp_path / "out"
    (tmp_path / "no-decision.json").write_text("{}")
    batch.render(
        [str(jsonl(tmp_path / "one.jsonl", decisions(1))), str(tmp_path / "no-decision.json")], str(out), ["text"], HERE
    )
    assert run("batch", "report", out).code == 0
    first, *rest = [(out / name).read_text()] if name == "batch.json" else (out / name).read_text().splitlines()
    data = json.loads(first)
    changed(data)
    (out / name).write_text("\n".join([json.dumps(data), *rest]) + "\n")
    outcome = run("batch", "report", out)
    assert outcome.code == 5
    assert re.match(rf"{name}(:1: is no row of a batch|: is not as a batch wrote it)\n", outcome.err)
    (out / name).write_text("no JSON\n")
    assert run("batch", "report", out).code == (5 if name != "journal.jsonl" else 0)  # there, a line may be torn


def test_the_manifest_says_what_a_letter_came_from(tmp_path: Path) -> None:
    out = tmp_path / "out"
    made(ROOT / "samples" / "decisions", out)
    found = manifest(out)
    assert [row["id"] for row in found] == sorted(row["id"] for row in found)
    keys = (
        "version id input decision family templates snippets program outputs items upheld overturned outcome findings"
    )
    assert all(list(row) == keys.split() for row in found)
    used = {name for row in found for name in row["snippets"]}
    for name in used:
        file = ROOT / "rationale_snippets" / f"{name}.md"
        assert all(
            rows.digest(file.read_bytes()) == row["snippets"].get(name, rows.digest(file.read_bytes())) for row in found
        )


def test_letters_become_tables_of_every_kind(tmp_path: Path, source: Path, run: Run) -> None:
    import csv

    import pyarrow.parquet

    out = tmp_path / "out"
    made(source, out)
    (out / "notes.txt").write_text("Nothing of a letter.")
    tables: list[list[tuple[Any, ...]]] = []
    for name in ("table.jsonl", "table.csv", "table.parquet"):
        outcome = run("batch", "parse", out, "-o", tmp_path / "tables" / name, "--jobs", "1")
        assert outcome.code == 3
        assert "notes.txt: not read" in outcome.err
        assert outcome.text == "12 of 13 letters read: 12 items, 12 upheld, 0 overturned\n" or "items" in outcome.text
    folder = tmp_path / "tables"
    assert sorted(path.name for path in folder.iterdir()) == [
        f"table{items}.{suffix}" for items in ("-items", "") for suffix in ("csv", "jsonl", "parquet")
    ]
    lines = [json.loads(line) for line in (folder / "table.jsonl").read_text().splitlines()]
    cells = list(csv.DictReader((folder / "table.csv").open(encoding="utf-8", newline="")))
    columns = pyarrow.parquet.read_table(folder / "table.parquet").to_pylist()
    for row, cell, column in zip(lines, cells, columns, strict=True):
        assert list(row) == list(cell) == list(column)
        assert (row["number"] or "") == cell["number"] == (column["number"] or "")
        assert (row["clinical_summary"] or "") == cell["clinical_summary"] == (column["clinical_summary"] or "")
        if row["decision"]:
            assert json.loads(cell["decision"]) == json.loads(column["decision"]) == row["decision"]
            assert column["decided_on"].isoformat() == row["decided_on"] == cell["decided_on"]
    assert [row["error"] for row in lines if row["error"]] == ["not-a-letter"]
    tables = [
        [
            (row["number"], row["item"], row["rationale"])
            for row in map(json.loads, (folder / "table-items.jsonl").open())
        ]
    ]
    tables.append(
        [
            (row["number"], row["item"], row["rationale"])
            for row in pyarrow.parquet.read_table(folder / "table-items.parquet").to_pylist()
        ]
    )
    assert tables[0] == tables[1]
    # A table is input again, and gives the same letters.
    (out / "notes.txt").unlink()
    (folder / "superseded").mkdir()
    (folder / "superseded" / "table-0123456789abcdef.jsonl").write_text("of a former day")
    for suffix in ("csv", "jsonl", "parquet"):
        (folder / f"table-items.{suffix}").unlink()
    assert batch.render([str(folder)], str(out), ["text"], HERE).letters == 12
    for name in ("table.jsonl", "table.parquet"):
        done = batch.render([str(folder / name)], str(out), ["text"], HERE)
        assert (done.kept, len(done.aside)) == (12, 1)


def test_a_table_is_whole_and_never_written_over_unasked(tmp_path: Path, source: Path) -> None:
    made(source, tmp_path / "out")
    table = tmp_path / "table.csv"
    batch.parse([str(tmp_path / "out")], str(table), HERE)
    batch.parse([str(tmp_path / "out")], str(table), HERE)
    table.write_text("mine")
    with pytest.raises(ConflictError):
        batch.parse([str(tmp_path / "out")], str(table), HERE)
    assert table.read_text() == "mine"
    for _ in range(2):
        batch.parse([str(tmp_path / "out")], str(table), HERE, replace_table=True)
        assert table.read_text().startswith("source,")
        assert sorted(path.name for path in tmp_path.glob("*table*")) == ["table-items.csv", "table.csv"]
        (kept,) = (tmp_path / "superseded").iterdir()
        assert kept.name == f"table-{rows.digest(b'mine')[:16]}.csv"
        assert kept.read_text() == "mine"
    with pytest.raises(UsageError, match="JSONL, CSV or Parquet"):
        batch.parse([str(tmp_path / "out")], str(tmp_path / "table.xls"), HERE)
    assert list(tmp_path.glob(".*")) == []


def test_nothing_is_said_where_no_terminal_is(tmp_path: Path, source: Path, run: Run) -> None:
    outcome = run("batch", "render", source, "-o", tmp_path / "out", "--to", "text", "-j", "1")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.text.startswith("12 letters: 12 made, 0 there already")


def test_progress_is_shown_on_a_terminal(tmp_path: Path, source: Path) -> None:
    import pty

    command = [*PROGRAM, "batch", "render", str(source), "-o", "out", "--to", "text", "-j", "1"]
    master, terminal = pty.openpty()
    environment = {**os.environ, "NO_COLOR": "1", "TERM": "xterm", "COLUMNS": "100"}
    done = subprocess.Popen(  # noqa: S603
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=terminal, env=environment
    )
    os.close(terminal)
    shown = b""
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    assert done.wait() == 0
    assert b"letters" in shown
    assert b"12/12" in shown
    assert b"\x1b[3" not in shown  # no colours


def test_faults_of_usage(tmp_path: Path, source: Path, run: Run) -> None:
    out = tmp_path / "out"
    assert run("batch", "render", source, "-o", out, "--to", "html").code == 2
    assert run("batch", "render", source, "-o", out, "--to", "text", "--family", "dwc-1999", "-j", "1").code == 2
    assert run("batch", "render", source, "-o", out, "--on", "dask://10.0.0.1:8786").code == 2
    assert run("batch", "render", source, "-o", out, "--on", "slurm://here:1").code == 2
    assert run("batch", "parse", out, "-o", "table.xls", "-j", "1").code == 2


def test_every_command_and_option_of_the_document_is_one() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    page = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
    lines = re.findall(r"(?m)^imr-letters batch (\w+) (.*)$", page)
    assert {name for name, _ in lines} == set(group.commands)
    for name, command in group.commands.items():
        assert command.help
        assert f"Example: imr-letters batch {name} " in (command.epilog or "")
        known = {option for each in command.params for option in each.opts}
        used = {word for other, words in lines if other == name for word in words.split() if word.startswith("-")}
        assert used <= known


@pytest.mark.parametrize("name", ["fsspec", "pyarrow.parquet", "distributed"])
def test_an_extra_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    table = tmp_path / "parquet" / "in.parquet"
    table.parent.mkdir()
    table.write_bytes(b"")
    uses: dict[str, Callable[[], object]] = {
        "fsspec": lambda: store_at("s3://bucket/out"),
        "pyarrow.parquet": lambda: made(table, tmp_path / "out"),
        "distributed": lambda: batch.render([str(tmp_path / "none.json")], str(tmp_path / "out"), ["text"], ON),
    }
    with pytest.raises(EngineError, match=r"is missing\nremedy: pip install 'imr-letters\["):
        uses[name]()
