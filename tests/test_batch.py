"""Batches: every letter exactly once; a manifest that says what each came from."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
import yaml

from imr_letters import batch, loads, parse, render
from imr_letters.batch import Options, rows, work
from imr_letters.batch.folder import Folder
from imr_letters.batch.places import store_at
from imr_letters.engine.errors import ConflictError, InputError
from imr_letters.wording import Wording, forget
from tests.batches import HERE, decisions, jsonl, made, manifest, tree
from tests.conftest import ROOT, Run


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return jsonl(tmp_path / "decisions.jsonl", decisions(12))


def test_decisions_come_from_folders_jsonl_and_parquet(tmp_path: Path, source: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    data = list(decisions(12))
    folder = tmp_path / "folder"
    (folder / "more").mkdir(parents=True)
    for number, each in enumerate(data):
        if number % 2:
            (folder / f"{number}.json").write_text(json.dumps(each, indent=2), encoding="utf-8")
        else:
            text = yaml.safe_dump(each, sort_keys=False, allow_unicode=True)
            (folder / "more" / f"{number}.yaml").write_text(text, encoding="utf-8")
    (folder / "notes.md").write_text("no decision")
    columns = [{name: each[name] for name in ("case", "reviewer", "clinical_summary")} for each in data]
    texts = [{"number": number, "decision": json.dumps(each)} for number, each in enumerate(data)]
    nested = [{**column, "items": each["items"]} for column, each in zip(columns, data, strict=True)]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(texts), tmp_path / "texts.parquet", row_group_size=5)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(nested), tmp_path / "nested.parquet")
    assert made(source, tmp_path / "lines").made == 12
    expected = tree(tmp_path / "lines")
    for name in ("folder", "texts.parquet", "nested.parquet"):
        assert made(tmp_path / name, tmp_path / f"out-{name}").made == 12
        assert tree(tmp_path / f"out-{name}") == expected


def test_addresses_of_fsspec_are_input_and_output(tmp_path: Path, source: Path) -> None:
    import fsspec

    made(source, tmp_path / "out")
    store = fsspec.filesystem("memory")
    store.pipe_file("/in/decisions.jsonl", source.read_bytes())
    try:
        for out in ("memory://out", f"file://{tmp_path}/again"):
            done = batch.render(["memory://in/decisions.jsonl"], out, ["text"], HERE)
            assert (done.made, done.exit_code) == (12, 0)
            assert batch.render(["memory://in"], out, ["text"], HERE).kept == 12
            assert batch.verify(out, HERE).sound == 12
            assert batch.report(out)["reconciles"]
        assert tree(tmp_path / "again") == tree(tmp_path / "out")
        inside = {name.removeprefix("/out/"): store.cat_file(name) for name in store.find("/out")}
        shared = {name: data for name, data in inside.items() if not name.startswith(".batch/")}
        assert shared == tree(tmp_path / "out")
    finally:
        store.rm("/", recursive=True)


def test_input_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        made(tmp_path / "none.jsonl", tmp_path / "out")


def test_one_bad_record_does_not_cost_the_others_theirs(tmp_path: Path, source: Path) -> None:
    with source.open("a") as file:
        file.write('{"case": {"number": "x"}, "John Smith": 1}\n\n{"nothing\n{"decision": null}\n')
    done = made(source, tmp_path / "out")
    assert (done.made, len(done.aside), done.exit_code) == (12, 3, 3)
    told = (tmp_path / "out" / "set-aside.jsonl").read_text()
    assert "John" not in told
    assert "?" in told
    assert done.places[done.aside[0]["id"]][0].startswith(f"{source} line 1")
    assert batch.report(str(tmp_path / "out"))["reconciles"]


def test_a_letter_is_made_once(tmp_path: Path, source: Path) -> None:
    out = tmp_path / "out"
    assert made(source, out).made == 12
    before = {path: path.stat().st_mtime_ns for path in out.iterdir() if path.suffix == ".txt"}
    first = tree(out)
    assert made(source, out).kept == 12
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert tree(out) == first
    for row in manifest(out):
        name = row["outputs"]["text"]["name"]
        assert name == f"{row['id']}-{row['input'][:16]}.txt"
        assert rows.decision_digest(parse(out / name).decision) == row["decision"]


def test_a_letter_that_was_lost_is_made_again(tmp_path: Path, source: Path) -> None:
    out = tmp_path / "out"
    made(source, out)
    first = tree(out)
    victim = out / manifest(out)[3]["outputs"]["text"]["name"]
    victim.unlink()
    (out / "journal.jsonl").unlink()
    assert (made(source, out).made, tree(out)) == (1, first)


def test_another_content_is_refused_and_with_replace_the_old_one_is_kept(tmp_path: Path, source: Path) -> None:
    out = tmp_path / "out"
    made(source, out)
    first = tree(out)
    (old,) = (path for path in out.iterdir() if path.name.startswith("CM16-0000003-"))
    data = list(decisions(12))
    data[3]["clinical_summary"] = "Another summary."
    jsonl(source, data)
    refused = made(source, out)
    assert (refused.exit_code, refused.kept) == (4, 11)
    assert refused.refused == [{"id": "CM16-0000003", "code": "conflict", "findings": []}]
    assert {name: tree(out)[name] for name in first if name.endswith(".txt")} == {
        name: data for name, data in first.items() if name.endswith(".txt")
    }
    replaced = made(source, out, replace_letters=True)
    assert (replaced.exit_code, replaced.replaced, replaced.kept) == (0, 1, 11)
    assert not old.exists()
    (kept,) = (out / "superseded").iterdir()
    assert kept.read_bytes() == first[old.name]
    assert len([row for row in manifest(out) if row["id"] == "CM16-0000003"]) == 1
    assert batch.verify(str(out), HERE).sound == 12
    assert made(source, out, replace_letters=True).kept == 12


def test_other_wording_is_another_content(tmp_path: Path, source: Path) -> None:
    import shutil

    out = tmp_path / "out"
    made(source, out)
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    file = tmp_path / "templates" / "dwc-2015" / "family.toml"
    file.write_text(file.read_text() + "\n")  # no wording, but the closure is another
    options = Options(jobs=0, wording=Wording(tmp_path / "templates"))
    done = batch.render([str(source)], str(out), ["text"], options)
    assert (done.kept, done.exit_code) == (12, 0)  # rendered again, and the same bytes
    file = tmp_path / "templates" / "shared" / "determination.html.jinja"
    file.write_text(file.read_text().replace("CLINICAL CASE SUMMARY", "CLINICAL SUMMARY"))
    options = Options(jobs=0, wording=Wording(tmp_path / "." / "templates"))
    work.place.cache_clear()
    from imr_letters.batch import origins

    forget()
    origins.templates.cache_clear()
    assert batch.render([str(source)], str(out), ["text"], options).exit_code == 4
    done = batch.render([str(source)], str(out), ["text"], options, replace_letters=True)
    assert (done.replaced, done.exit_code) == (12, 0)
    assert len(list((out / "superseded").iterdir())) == 12


def test_a_record_given_twice_is_made_once_and_two_contents_are_refused(tmp_path: Path, source: Path) -> None:
    data = list(decisions(12))
    jsonl(tmp_path / "more.jsonl", [data[0], {**data[1], "clinical_summary": "Another."}])
    done = batch.render([str(source), str(tmp_path / "more.jsonl")], str(tmp_path / "out"), ["text"], HERE)
    assert (done.given, done.duplicates, done.made, done.exit_code) == (14, 2, 11, 4)
    assert [row["code"] for row in done.refused] == ["given-twice"]
    assert batch.report(str(tmp_path / "out"))["reconciles"]


def test_records_without_a_case_number_are_known_by_their_content(tmp_path: Path, source: Path) -> None:
    data = list(decisions(3))
    for each in data:
        del each["case"]
    jsonl(source, data)
    assert made(source, tmp_path / "out").made == 3
    assert all(row["id"].startswith("unnumbered-") for row in manifest(tmp_path / "out"))
    assert made(source, tmp_path / "out").kept == 3


def test_another_medium_is_added(tmp_path: Path, source: Path) -> None:
    jsonl(source, decisions(1))
    made(source, tmp_path / "both", "pdf,text")
    made(source, tmp_path / "out", "text")
    assert made(source, tmp_path / "out", "pdf").made == 1
    assert made(source, tmp_path / "out", "pdf,text").kept == 1
    ours, theirs = tree(tmp_path / "out"), tree(tmp_path / "both")
    del ours["batch.json"], theirs["batch.json"]
    assert ours == theirs
    (row,) = manifest(tmp_path / "out")
    (pdf,) = (path for path in (tmp_path / "out").iterdir() if path.suffix == ".pdf")
    assert row["outputs"]["pdf"]["pages"] >= 2
    assert rows.digest(pdf.read_bytes()) == row["outputs"]["pdf"]["digest"]
    assert pdf.read_bytes() == render(loads(source.read_bytes())).pdf()


def test_two_batches_do_not_work_on_one_folder(tmp_path: Path, source: Path, run: Run) -> None:
    out = tmp_path / "out"
    with store_at(str(out)).lock():
        outcome = run("batch", "render", source, "-o", out, "--to", "text", "--jobs", "1")
        assert outcome.code == 4
        assert f"another batch is at work here (process {os.getpid()} on " in outcome.err
    assert (out / ".batch" / "lock").exists()  # a stale one is in nobody's way
    made(source, out)


def test_a_new_batch_waits_for_the_workers_of_a_killed_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imr_letters.batch.folder.PATIENCE", 0.1)
    folder = Folder(tmp_path / "out")
    with folder.lock():
        held = folder.join()
    assert held is not None
    with pytest.raises(ConflictError, match="workers of one that was killed"), folder.lock():
        pass
    held.close()
    with folder.lock():
        pass


def test_a_lease_of_an_object_store_ends_with_its_process_or_its_time() -> None:
    import fsspec

    store = store_at("memory://leased")
    memory = fsspec.filesystem("memory")
    with store.lock(), pytest.raises(ConflictError), store_at("memory://leased").lock():
        pass
    own = {"own": "x", "process": os.getppid(), "host": __import__("socket").gethostname(), "time": time.time()}
    for held, free in (
        ({}, False),
        ({"time": time.time() - 400}, True),
        ({"process": 4_000_000}, True),
        ({"process": os.getpid()}, True),
    ):
        memory.pipe_file("/leased/.batch/lease-00000007", json.dumps({**own, **held}).encode())
        assert store.is_locked() is not free
    memory.rm("/leased", recursive=True)


def test_errors_of_lint_set_a_record_aside_and_warnings_are_counted(tmp_path: Path, source: Path) -> None:
    data = list(decisions(3))
    data[1]["items"][0]["outcome"] = "overturned"  # which the rationale denies
    data[2]["reviewer"]["certifications"] = ["Lumbar Astrology"]
    done = made(jsonl(source, data), tmp_path / "out")
    assert (done.made, done.exit_code) == (2, 3)
    [aside] = done.aside
    assert (aside["id"], aside["code"]) == ("CM16-0000001", "lint")
    assert aside["findings"] == [{"code": "outcome-conclusion", "field": "items[0].rationale"}]
    assert [row["findings"] for row in manifest(tmp_path / "out")] == [{}, {"specialty-known": 1, "vocabulary": 1}]
    assert batch.verify(str(tmp_path / "out"), HERE).faults == []


def test_a_reason_lets_letters_with_errors_be_made_and_is_written_down(tmp_path: Path, source: Path) -> None:
    data = list(decisions(2))
    data[1]["items"][0]["outcome"] = "overturned"
    options = Options(jobs=0, no_lint="agreed with the medical director")
    done = batch.render([str(jsonl(source, data))], str(tmp_path / "out"), ["text"], options)
    assert (done.made, done.exit_code) == (2, 0)
    assert [row["findings"] for row in manifest(tmp_path / "out")] == [{}, {"outcome-conclusion": 1}]
    about = json.loads((tmp_path / "out" / "batch.json").read_text())
    assert about["no_lint"] == "agreed with the medical director"
    assert made(source, tmp_path / "out").kept == 2
    # What the next batch was asked for takes its place there, but not in the journal.
    begun = [event for event in rows.events(store_at(str(tmp_path / "out"))) if event["event"] == "begin"]
    assert [event.get("no_lint") for event in begun] == ["agreed with the medical director", None]
