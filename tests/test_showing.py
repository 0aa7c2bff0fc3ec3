"""Nothing that is printed or logged can play tricks on a terminal or a spreadsheet, or give a secret away."""

from __future__ import annotations

import ast
import csv
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imr_letters import batch, load, samples
from imr_letters.engine.errors import InputError
from imr_letters.engine.showing import escaped, guarded, line, masked, text, unguarded
from imr_letters.engine.text import is_accepted
from imr_letters.wording import shipped
from tests import batches
from tests.batches import jsonl
from tests.conftest import ROOT, Outcome, Run

#: What terminals do things at, or show as something else.
ESCAPES = {
    "red": "\x1b[31m",
    "clear the screen": "\x1b[2J",
    "up a line": "\x1b[1A\x1b[2K",
    "to the corner": "\x1b[H",
    "reverse": "\x1b[7m",
    "invisible": "\x1b[8m",
    "title of the window": "\x1b]0;all good\x07",
    "title, ended by ST": "\x1b]2;all good\x1b\\",
    "link": "\x1b]8;;http://example.org\x1b\\here\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;cm0gLXJm\x07",
    "answer back": "\x1b[c",
    "report the title": "\x1b[21t",
    "other screen": "\x1b[?1049h",
    "bracketed paste": "\x1b[200~",
    "mouse": "\x1b[?1000h",
    "resize": "\x1b[8;1;1t",
    "device control": "\x1bPq\x1b\\",
    "privacy message": "\x1b^x\x1b\\",
    "application command": "\x1b_Gx\x1b\\",
    "reset": "\x1bc",
    "other letters": "\x1b(0",
    "key": "\x1b[0;59p",
    "escape alone": "\x1b",
    "CSI of C1": "\x9b31m",
    "OSC of C1": "\x9d0;all good\x9c",
    "DCS of C1": "\x90q\x9c",
    "next line of C1": "\x85",
    "bell": "\x07",
    "backspace": "ok\x08\x08",
    "carriage return": "x\rgood",
    "new line": "x\nall good: identical",
    "vertical tab": "\x0b",
    "form feed": "\x0c",
    "shift out": "\x0e",
    "delete": "\x7f",
    "right to left override": "\u202egood",
    "right to left isolate": "\u2067good\u2069",
    "right to left mark": "\u200f",
    "zero width": "\u200b",
    "byte order mark": "\ufeff",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "tag": "\U000e0041",
    "no letter at all": "\udcff",
}
_DECISION = sorted(samples.DECISIONS.glob("*.yaml"))[0]


def _check(done: Outcome) -> None:
    said = done.out.decode() + done.err
    assert [char for char in said if not (char.isprintable() or char == "\n")] == []
    assert not re.search("(?m)^all good", said)  # no line of its own
    assert "Traceback" not in said


def _one_of(name: str, *choices: Any) -> Any:
    """Return one of several, another for the next escape: all with all would take a minute."""
    return choices[list(ESCAPES).index(name) % len(choices)]


@pytest.mark.parametrize("name", ESCAPES)
def test_no_file_name_reaches_the_terminal_as_it_is(run: Run, tmp_path: Path, name: str) -> None:
    file = f"a{ESCAPES[name]}b.yaml".replace("/", "|")
    for words in (["parse", file], ["batch", "render", f"{file}.jsonl", "-o", "out"]):
        done = run(*words)
        _check(done)
        assert (done.code, "b.yaml" in done.err) == (5, True)
    done = run("lint", "--json", file)
    _check(done)
    assert json.loads(done.out)["source"] == line(file)
    shutil.copy(_DECISION, os.path.join(tmp_path, file))  # noqa: PTH118 - a name that is none of Unicode
    _check(run(_one_of(name, "lint", "verify", "publish"), file))


@pytest.mark.parametrize("name", ESCAPES)
def test_no_field_option_or_template_reaches_it_either(run: Run, tmp_path: Path, name: str) -> None:
    code = ESCAPES[name]
    if "no letter" not in name:
        (tmp_path / "d.json").write_text(json.dumps({f"a{code}b": code, "case": f"x{code}"}), encoding="utf-8")
        done = run(*_one_of(name, ["render", "d.json"], ["lint", "d.json", "--sarif"], ["lint", "d.json", "--json"]))
        _check(done)
        assert done.code == 5
    given_ = _one_of(name, [f"--a{code}"], [f"a{code}"], ["render", f"--x{code}"], ["lint", "d", "--off", f"x{code}"])
    done = run(*given_)
    _check(done)
    assert done.code in (2, 5)
    if code.isprintable() or "no letter" in name:
        return
    about = tmp_path / "templates" / "dwc-2015" / "family.toml"
    about.parent.mkdir(parents=True)
    shutil.copy(shipped("templates") / "dwc-2015" / "letter.html.jinja", about.parent)
    key = _one_of(name, "title", "organization", f'"x{json.dumps(code)[1:-1]}"')
    other = {"title": "title", "organization": "organization"} | {key: f"good{code}words"}
    about.write_text("\n".join(f"{each} = {json.dumps(said)}" for each, said in other.items()), encoding="utf-8")
    done = run("families", "--templates", "templates")
    _check(done)
    assert done.code in (0, 1)  # white space is folded, all else refused


def test_only_one_module_prints() -> None:
    for path in (ROOT / "imr_letters").rglob("*.py"):
        called = {ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                  if isinstance(node, ast.Call)}  # fmt: skip
        printing = called & {"print", "typer.echo", "sys.stdout.write", "sys.stderr.write"}
        if path.name == "child.py":  # only this program reads what it writes
            printing -= {"sys.stdout.write"}
        assert not printing or path.name == "printing.py", path


def test_every_character_of_a_letter_is_shown_as_it_is() -> None:
    accepted = "".join(char for char in map(chr, range(sys.maxunicode + 1)) if is_accepted(char))
    assert text(accepted) == accepted


@given(st.text())
def test_what_is_shown_has_no_other_length_and_nothing_unseen(given_: str) -> None:
    assert len(text(given_)) == len(given_)
    assert all(char.isprintable() or char == "\n" for char in text(given_))
    assert line(given_).isprintable()


@given(
    st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)), st.none() | st.just(1)
)
def test_json_is_the_same_data_without_anything_unseen(data: object, indent: int | None) -> None:
    written = escaped(data, indent)
    assert json.loads(written) == data
    assert all(char.isprintable() or char == "\n" for char in written)


#: Addresses, and what of them is shown. The secret of each is the word s3cret.
ADDRESSES = {
    "s3://AKIA:s3cret@bucket/day": "s3://***@bucket/day",
    "s3://AKIA:ab/s3cret+x@bucket/day": "s3://***@bucket/day",
    "s3://AKIA:s3cret": "s3://***",
    "https://user:s3cret@example.org/x.jsonl": "https://***@example.org/x.jsonl",
    "https://s3cret@example.org/x": "https://***@example.org/x",
    "https://user:p@s3cret@example.org/x": "https://***@example.org/x",
    "https://user:s3cret@[::1]:8080/x": "https://***@[::1]:8080/x",
    "ftp://user:s3cret@example.org": "ftp://***@example.org",
    "sftp://user:s3cret@example.org:22/day": "sftp://***@example.org:22/day",
    "HTTPS://USER:s3cret@EXAMPLE.ORG": "HTTPS://***@EXAMPLE.ORG",
    "https://example.org/x?sig=s3cret&sv=1": "https://example.org/x?***",
    "https://example.org/x?sv=1&X-Amz-Signature=s3cret": "https://example.org/x?***",
    "https://example.org/x?s3cret": "https://example.org/x?***",
    "https://example.org/x#token=s3cret": "https://example.org/x#***",
    "https://user:s3cret@example.org/x?key=s3cret": "https://***@example.org/x?***",
    "az://container/x;AccountKey=s3cret": "az://container/x;***",
    "abfs://container:s3cret@account.dfs.core.windows.net/x": "abfs://***@account.dfs.core.windows.net/x",
    "simplecache::s3://AKIA:s3cret@bucket/x": "simplecache::s3://***@bucket/x",
    "dask://user:s3cret@127.0.0.1:8786": "dask://***@127.0.0.1:8786",
    "gs://token:s3cret@bucket": "gs://***@bucket",
    "https://example.org/x?password=s3cret": "https://example.org/x?***",
    "memory://user:s3cret@x": "memory://***@x",
    "memory:///user:s3cret@x": "memory:///***@x",
    "s3:/AKIA:s3cret@bucket": "s3:/***@bucket",
}
_OPEN = [
    "s3://bucket/day/a@b.jsonl",
    "http://localhost:9000/bucket/a@b",
    "abfs://container@account.dfs.core.windows.net/x",
    "file:///data/day",
    "mail a@b: no address",
    "ratio 1::2",
    "C:/data/a:b@c",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_secret_in_an_address_is_masked(run: Run, address: str) -> None:
    assert masked(address) == ADDRESSES[address]
    assert masked(f'cannot read "{address}": no such file, {address}') == (
        f'cannot read "{ADDRESSES[address]}": no such file, {ADDRESSES[address]}'
    )
    error = InputError.of("cannot be read", source=address)
    assert "s3cret" not in str(error) + json.dumps([each.as_dict() for each in error.findings])
    for words in (["parse", address, "--json"], ["lint", address, "--sarif"], ["render", address], ["draft", address]):
        done = run(*words)
        assert done.code in (2, 5)
        assert "s3cret" not in done.text + done.err


@pytest.mark.parametrize("address", _OPEN)
def test_an_address_without_one_is_shown_as_it_is(address: str) -> None:
    assert masked(address) == address


def test_no_secret_is_stored_or_shown_by_a_batch(run: Run, tmp_path: Path) -> None:
    import fsspec

    fsspec.filesystem("memory").pipe("/k:s3cret@day/a.json", json.dumps(load(_DECISION).data()).encode())
    fsspec.filesystem("memory").pipe("/k:s3cret@day/b.json", b"{}")
    place = "memory://k:s3cret@day"
    batches_ = [
        run("batch", "render", place, "-o", "out", "--to", "text", "-j", "1"),
        run("batch", "render", place, "-o", "memory://k:s3cret@out", "--to", "text", "-j", "1"),
        run("batch", "status", "memory://k:s3cret@none"),
        run("batch", "parse", "memory://k:s3cret@out", "-o", "table.csv", "-j", "1"),
    ]
    assert [each.code for each in batches_] == [3, 3, 5, 0]
    shown = "".join(each.text + each.err for each in batches_)
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert "memory:///***@day/b.json" in shown
    assert b"***@out" in stored
    assert "s3cret" not in shown
    assert b"s3cret" not in stored


#: Cells that a spreadsheet would run.
FORMULAS = ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1", '=HYPERLINK("x")', "'=1", "'x"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_of_a_table_is_run(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"
    assert unguarded(guarded(cell)) == cell


@given(st.text(alphabet="=+-@' \t1x"))
def test_a_guarded_cell_comes_back(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell


def test_the_cells_of_a_table_are_guarded(tmp_path: Path) -> None:
    data = {**load(_DECISION).data(), "clinical_summary": "=HYPERLINK(1) was typed."}
    batches.made(jsonl(tmp_path / "in.jsonl", [data]), tmp_path / "out")
    batch.parse([str(tmp_path / "out")], str(tmp_path / "table.csv"), batches.HERE)
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["clinical_summary"] == "'=HYPERLINK(1) was typed."


def test_a_sarif_log_holds_no_value(run: Run, tmp_path: Path) -> None:
    data = load(_DECISION).data()
    data["case"]["injured_on"] = "2031-01-01"
    data["clinical_summary"] += " Zqxj Zqxj"
    (tmp_path / "a.json").write_text(json.dumps(data), encoding="utf-8")
    (tmp_path / "b.json").write_text(json.dumps({**data, "Zqxj": 1, "case": {"number": "Zqxj"}}), encoding="utf-8")
    done = run("lint", "a.json", "b.json", "--sarif")
    results = json.loads(done.out)["runs"][0]["results"]
    assert len(results) > 2
    assert "Zqxj" not in done.text
    assert "2031" not in done.text
