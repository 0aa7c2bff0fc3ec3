"""Batches on an object store, by the protocol of S3: conditions, leases, faults and kills."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from imr_letters import batch
from imr_letters.batch import addresses, work
from imr_letters.batch.objects import Objects
from imr_letters.batch.store import StoreError
from imr_letters.engine.errors import ConflictError, InputError
from tests.batches import HERE, decisions, jsonl, made, tree
from tests.conftest import ROOT, Run
from tests.object_store import BUCKET, Server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    with pytest.MonkeyPatch.context() as patched:
        for name, value in server.environment.items():
            patched.setenv(name, value)
        if not _driver().exists(BUCKET):  # what moto holds is the process's
            _driver().mkdir(BUCKET)
        yield server
        _driver().clear_instance_cache()
        work.place.cache_clear()
    server.close()


@pytest.fixture
def out(server: Server, request: pytest.FixtureRequest) -> str:
    """A place for letters, of this test alone."""
    server.seen.clear()
    return f"s3://{BUCKET}/{request.node.name.partition('[')[0]}"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return jsonl(tmp_path / "decisions.jsonl", decisions(6))


def _driver() -> Any:
    return addresses.filesystem("s3://")[0]


def objects(out: str) -> dict[str, bytes]:
    """Return what must come out the same every time."""
    store, root = addresses.filesystem(out)
    store.invalidate_cache()
    found = {name.removeprefix(f"{root}/"): store.cat_file(name) for name in store.find(root)}
    return {name: data for name, data in sorted(found.items()) if not name.startswith(".batch/")}


def at_once(tasks: list[Callable[[], object]]) -> list[object]:
    """Return what each task returns, or the refusal it raises; all begin together."""
    gate = threading.Barrier(len(tasks))
    found: list[object] = [None] * len(tasks)

    def go(number: int) -> None:
        gate.wait()
        try:
            found[number] = tasks[number]()
        except ConflictError as error:
            found[number] = error

    threads = [threading.Thread(target=go, args=(number,)) for number in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_two_writers_of_a_letter_one_wins_and_the_other_is_told(server: Server, out: str) -> None:
    for number in range(12):
        name = f"{number}.txt"
        letters = [b"one" * 2_000, b"other" * 2_000, b"one" * 2_000]
        found = at_once(
            [lambda data=data, name=name: Objects(out).publish(name, data, replace=False) for data in letters]  # type: ignore[misc]
        )
        assert found.count("new") == 1
        won = letters[found.index("new")]
        assert Objects(out).read(name) == won
        for data, told in zip(letters, found, strict=True):
            assert told in ("new", "same") if data == won else isinstance(told, ConflictError)
    puts = [(path, status) for method, path, condition, status in server.seen if condition == "*" and method == "PUT"]
    assert len(puts) == 36
    assert sorted(path for path, status in puts if status == 200) == sorted({path for path, _ in puts})


def test_of_many_batches_one_takes_over_a_place(out: str) -> None:
    store, root = addresses.filesystem(out)
    held = {"own": "x", "process": 1, "host": "elsewhere", "time": time.time() - 400}
    store.pipe_file(f"{root}/.batch/lease-00000004", json.dumps(held).encode())
    assert not Objects(out).is_locked()
    ended = threading.Event()
    holding = threading.Semaphore(0)

    def hold() -> str:
        with Objects(out).lock():
            holding.release()
            ended.wait(20)
            return "held"

    def other() -> str:
        try:
            return hold()
        finally:
            refused.release()

    refused = threading.Semaphore(0)

    def end() -> None:
        holding.acquire()
        for _ in range(4):
            refused.acquire()
        assert Objects(out).is_locked()
        ended.set()

    found = at_once([other, other, other, other, other, end])
    assert found.count("held") == 1
    assert sum("another batch is at work here (process" in str(each) for each in found) == 4
    assert not Objects(out).is_locked()
    with Objects(out).lock():
        assert len(store.ls(f"{root}/.batch", detail=False)) == 1


def test_a_lease_whose_number_was_given_before_is_none(out: str) -> None:
    """A batch that was suspended while others came and went does not begin next to the one that holds the place."""
    with Objects(out).lock():
        pass
    slow, seen = Objects(out), Objects(out).lease.paths()
    with Objects(out).lock():
        pass
    with Objects(out).lock():
        looks = iter([seen])
        real = slow.lease.paths
        slow.lease.paths = lambda: next(looks, None) or real()  # type: ignore[method-assign]
        with pytest.raises(ConflictError), slow.lock():
            pass
        assert Objects(out).is_locked()


def test_an_answer_that_is_lost_changes_nothing(server: Server, out: str, source: Path, tmp_path: Path) -> None:
    """The driver asks again and hears that the object is there: it is its own."""
    lost: set[str] = set()

    def once(method: str, path: str) -> str:
        wanted = method == "PUT" and ("lease-" in path or "CM16-0000003" in path or "manifest" in path)
        if not wanted or path in lost:
            return ""
        lost.add(path)
        return "lose"

    with server.planned(once):
        done = batch.render([str(source)], out, ["text"], HERE)
    assert (done.made, done.exit_code, len(lost)) == (6, 0, 3)
    made(source, tmp_path / "out")
    assert objects(out) == tree(tmp_path / "out")


def test_a_store_that_fails_leaves_what_can_be_resumed(server: Server, out: str, tmp_path: Path, source: Path) -> None:
    """Every single writing of a small batch is refused once, and all after it; then the store works again."""
    jsonl(source, decisions(1))
    made(source, tmp_path / "out")
    for number in range(1, 100):
        left = number

        def refuse(method: str, _: str) -> str:
            nonlocal left
            left -= method in ("PUT", "DELETE")
            return "refuse" if left < 1 and method in ("PUT", "DELETE") else ""

        place = f"{out}-{number}"
        told = ""
        with server.planned(refuse):
            try:
                batch.render([str(source)], place, ["text"], HERE)
            except StoreError as error:
                told = str(error)
        if not told and left > 0:
            break
        # Removing an old lease, and writing the last lines of the journal and of the lease, may fail: all is done then.
        assert "cannot be written: permission denied" in told or number > 7
        assert batch.render([str(source)], place, ["text"], HERE).exit_code == 0
        assert objects(place) == tree(tmp_path / "out")
    assert number > 8


def test_a_killed_batch_is_resumed(out: str, tmp_path: Path) -> None:
    source = jsonl(tmp_path / "in.jsonl", decisions(30))
    command = [sys.executable, "-m", "tests.crash_campaign", "--drive", str(source), out]
    driver = subprocess.Popen(command, cwd=ROOT)  # noqa: S603
    deadline = time.monotonic() + 60
    store = Objects(out)
    while sum(name.endswith(".txt") for name in store.names()) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    driver.kill()
    driver.wait()
    assert sum(name.endswith(".txt") for name in store.names()) < 30
    assert batch.status(out)["state"] == "interrupted"
    assert batch.render([str(source)], out, ["text"], HERE).letters == 30
    made(source, tmp_path / "undisturbed")
    assert objects(out) == tree(tmp_path / "undisturbed")


def test_all_commands_work_on_a_store(out: str, source: Path, run: Run, tmp_path: Path) -> None:
    data = list(decisions(6))
    jsonl(source, data)
    addresses.filesystem(out)[0].put_file(str(source), f"{out}-in/day/decisions.jsonl")
    assert batch.render([f"{out}-in"], out, ["text"], HERE).made == 6
    assert batch.render([f"{out}-in"], out, ["text"], HERE).kept == 6
    first = objects(out)
    data[3]["clinical_summary"] = "Another summary."
    jsonl(source, data)
    assert batch.render([str(source)], out, ["text"], HERE).exit_code == 4
    assert batch.render([str(source)], out, ["text"], HERE, replace_letters=True).replaced == 1
    assert [name for name in objects(out) if name.startswith("superseded/CM16-0000003-")]
    assert batch.verify(out, HERE).shape() == {"letters": 6, "sound": 6, "faults": []}
    assert json.loads(run("batch", "report", out, "--json").out)["reconciles"] is True
    assert run("batch", "status", out).text.startswith("finished: 6 letters are there")
    for suffix in ("jsonl", "csv", "parquet"):
        table = f"{out}-tables/table.{suffix}"
        assert batch.parse([out], table, HERE).read == 6
        assert batch.parse([out], str(tmp_path / f"table.{suffix}"), HERE).read == 6
        assert objects(f"{out}-tables")[f"table-items.{suffix}"] == (tmp_path / f"table-items.{suffix}").read_bytes()
        assert objects(f"{out}-tables")[f"table.{suffix}"] == (tmp_path / f"table.{suffix}").read_bytes()
    assert batch.render([f"{out}-tables/table.parquet"], out, ["text"], HERE).kept == 6
    assert len(objects(out)) == len(first) + 1


def test_what_is_wrong_with_a_store_is_told_in_words(
    server: Server, out: str, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(given: str, place: str) -> str:
        with pytest.raises((InputError, StoreError)) as raised:
            batch.render([given], place, ["text"], HERE)
        return str(raised.value)

    assert "s3://none/out/: cannot be written: no such file" in told(str(source), "s3://none/out")
    assert f"{out}/in.jsonl: no such file\n" in told(f"{out}/in.jsonl", out)
    with server.planned(lambda *_: "refuse"):
        assert f"{out}/: cannot be written: permission denied" in told(str(source), out)
    _driver().clear_instance_cache()
    work.place.cache_clear()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    assert "cannot be written: NoCredentialsError" in told(str(source), out)
    _driver().clear_instance_cache()
