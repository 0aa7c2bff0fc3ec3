"""Files are written atomically, nothing different is overwritten unasked, and nobody gains rights."""

from __future__ import annotations

import os
import resource
import signal
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from imr_letters.engine.errors import ConflictError, InputError
from imr_letters.engine.files import claimed, mode_of, same, write
from tests.conftest import ROOT, attach


@pytest.fixture
def umask() -> Iterator[Callable[[int], int]]:
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o027, 0o077])
def test_a_new_file_is_its_owners_alone_whatever_the_umask(
    tmp_path: Path, umask: Callable[[int], int], mask: int
) -> None:
    umask(mask)
    write(tmp_path / "new" / "letter.txt", b"a letter")
    write(tmp_path / "new" / "shared.txt", b"a letter", mode=0o644)
    modes = [mode_of(tmp_path / "new" / name) for name in ("letter.txt", "shared.txt", ".")]
    assert modes == [0o600, 0o644, 0o700]


def test_a_folder_with_a_default_list_of_rights_says_who_may_read(tmp_path: Path, umask: Callable[[int], int]) -> None:
    umask(0o077)
    attach(tmp_path, "system.posix_acl_default", _acl(owner=6, group=4, others=0))
    write(tmp_path / "new" / "letter.txt", b"a letter")
    assert mode_of(tmp_path / "new" / "letter.txt") == 0o640


def _acl(**rights: int) -> bytes:
    """Return a list of rights as Linux keeps it."""
    tags = {"owner": 0x01, "group": 0x04, "others": 0x20}
    entries = [struct.pack("<HHI", tags[who], may, 0xFFFFFFFF) for who, may in rights.items()]
    return struct.pack("<I", 2) + b"".join(entries)


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o640, 0o666])
def test_a_file_that_replaces_another_keeps_its_mode(tmp_path: Path, umask: Callable[[int], int], mode: int) -> None:
    umask(0o027)
    path = tmp_path / "letter.txt"
    write(path, b"a letter")
    path.chmod(mode)
    write(path, b"another letter", replace=True)
    assert (path.read_bytes(), mode_of(path)) == (b"another letter", mode)


def test_a_file_may_have_the_readers_of_another(tmp_path: Path, umask: Callable[[int], int]) -> None:
    umask(0o022)
    write(tmp_path / "draft.yaml", b"a draft")
    (tmp_path / "draft.yaml").chmod(0o600)
    write(tmp_path / "draft.yaml.mine", b"my version", like=tmp_path / "draft.yaml")
    write(tmp_path / "alone", b"my version", like=tmp_path / "not there")
    assert mode_of(tmp_path / "draft.yaml.mine") == 0o600
    assert mode_of(tmp_path / "alone") == 0o600


def test_nothing_sets_the_umask() -> None:
    """It belongs to the whole process: files that another thread makes meanwhile would be open to everybody."""
    for path in (ROOT / "imr_letters").rglob("*.py"):
        assert "umask(" not in path.read_text(encoding="utf-8"), path


def test_an_identical_file_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    write(path, b"a letter")
    before = path.stat()
    write(path, b"a letter")
    write(path, b"a letter", replace=True)
    assert path.stat() == before


@pytest.mark.parametrize("links", [True, False], ids=["hard-links", "no-hard-links"])
def test_a_different_file_is_never_overwritten_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _no_links)
    path = tmp_path / "new" / "letter.txt"
    write(path, b"a letter")
    with pytest.raises(ConflictError, match="is there already and differs"):
        write(path, b"b letter")
    assert path.read_bytes() == b"a letter"
    assert [each.name for each in path.parent.iterdir()] == ["letter.txt"]


def _no_links(*_: object, **__: object) -> None:
    raise PermissionError


def test_of_many_who_write_a_file_at_once_one_does(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    start = threading.Barrier(8)
    refused: list[int] = []

    def one(number: int) -> None:
        start.wait()
        try:
            write(path, f"letter {number}".encode(), durable=False)
        except ConflictError:
            refused.append(number)

    for _ in range(20):
        refused.clear()
        threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (written,) = set(range(8)) - set(refused)
        assert path.read_bytes() == f"letter {written}".encode()
        assert [each.name for each in tmp_path.iterdir()] == ["letter.txt"]
        path.unlink()


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    write(path, b"a letter")
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(InputError, match="cannot be written: file too large"):
            write(path, b"x" * 2000, replace=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == b"a letter"
    assert list(tmp_path.iterdir()) == [path]


def test_folders_pipes_and_links_to_nowhere_are_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("nowhere")
    for name, why in (("folder", "is a folder"), ("pipe", "is a device or a pipe"), ("link", "is there already")):
        with pytest.raises(ConflictError, match=why):
            write(tmp_path / name, b"a letter")
    for name in ("folder", "pipe"):
        with pytest.raises(ConflictError):
            write(tmp_path / name, b"a letter", replace=True)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder", "link", "pipe"]


def test_a_claimed_file_is_written_by_one_and_removed_unless_it_was_moved(tmp_path: Path) -> None:
    part, place = tmp_path / "new" / "table.part", tmp_path / "new" / "table"
    part.parent.mkdir()
    part.write_bytes(b"left by a process that was killed")
    with claimed(part, 0o600) as file:
        file.write(b"rows")
        file.flush()
        with pytest.raises(BlockingIOError), claimed(part):
            pass
        part.replace(place)
        with claimed(part) as other:  # the name is free again, and the first must leave the second alone
            other.write(b"other rows")
    assert (place.read_bytes(), mode_of(place)) == (b"rows", 0o600)
    assert list(part.parent.iterdir()) == [place]


def test_a_claim_leaves_alone_what_another_put_at_its_name(tmp_path: Path) -> None:
    part = tmp_path / "table.part"
    with claimed(part):
        part.unlink()
        part.write_bytes(b"of another")
    assert part.read_bytes() == b"of another"


def test_two_files_are_the_same_only_if_both_are_there(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"a" * (1 << 20) + b"b")
    assert not same(one, other)
    other.write_bytes(b"a" * (1 << 20) + b"c")
    assert not same(one, other)
    other.write_bytes(one.read_bytes())
    assert same(one, other)
