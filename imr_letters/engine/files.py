"""Write files atomically: a file appears complete or does not appear, and nothing different is overwritten unasked.

Files hold medical records, so a new one may be read and written by its owner alone. That is different where a mode is
asked for, and where the folder has a setting of its own: a set-group-ID bit shares its files with its group as the
folder itself is shared, a default ACL says who may read them. A file that replaces another keeps the other's mode.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from imr_letters.engine.errors import ConflictError, EngineError, InputError

#: The mode of a new file, and of a new folder.
_FILE, _FOLDER = 0o600, 0o700
#: The setting by which a folder says who may read new files in it.
_ACL = "system.posix_acl_default"
_NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
_NO_WAITING: int = getattr(os, "O_NONBLOCK", 0)


def write(
    path: Path,
    data: bytes,
    *,
    replace: bool = False,
    durable: bool = True,
    like: Path | None = None,
    mode: int | None = None,
) -> None:
    """Write a file by way of a temporary one in the same folder; an identical file is left as it is.

    The file gets the mode that is asked for; otherwise a new one gets that of `like`, where that is given. Without
    `durable` the disk is not waited for: after thousands of files, wait for it once.

    Raises `ConflictError` where a different file is there and `replace` is not asked for, `InputError` where the
    place cannot be written.
    """
    try:
        if path.is_dir():
            raise ConflictError.of("is a folder", source=str(path), remedy="name a file in it")
        if path.exists() and not path.is_file():
            raise ConflictError.of("is a device or a pipe", source=str(path), remedy="name a plain file")
        if _holds(path, data):
            if mode is not None:
                path.chmod(mode)
            return
        make_folder(path.parent, mode)
        if mode is None:
            mode = mode_of(path) or (mode_of(like) if like else None)
        with Pending(path.with_name(f".imr-{uuid.uuid4().hex}"), mode) as pending:
            pending.write(data)
            if durable:
                pending.sync()
            try:
                pending.place(path, replace=replace)
            except FileExistsError:
                remedy = "--replace writes over it"
                raise ConflictError.of("is there already and differs", source=str(path), remedy=remedy) from None
    except OSError as error:
        raise unwritable(path, error) from None


def unwritable(path: Path, error: OSError) -> InputError:
    """Return the error for a file that cannot be written."""
    remedy = "make room there, or write to another disk" if error.errno in FULL else "check the place and its rights"
    return InputError.of(f"cannot be written: {said(error)}", source=str(path), code="output", remedy=remedy)


#: What the system says when there is no room for what is to be written.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def said(error: OSError) -> str:
    """Return why a file cannot be read or written, in words; a full disk is called that."""
    return "the disk is full" if error.errno in FULL else (error.strerror or type(error).__name__).lower()


def opened(path: Path, *, follow: bool = True) -> BinaryIO:
    """Open a plain file for reading. A pipe, socket or device is refused at once instead of being waited for.

    Raises `InputError` for these, for a folder, and without `follow` for a link; `OSError` as `open` does.
    """
    _check_plain(path, (path.stat() if follow else path.lstat()).st_mode)
    flags = os.O_RDONLY | _NO_WAITING | (0 if follow else _NO_FOLLOW)
    file = os.fdopen(os.open(path, flags), "rb")
    try:
        _check_plain(path, os.fstat(file.fileno()).st_mode)  # it may be another one by now
    except InputError:
        file.close()
        raise
    return file


def check_sort(path: Path) -> None:
    """Refuse what is there and is neither a plain file nor a folder. Raises `InputError`."""
    if path.exists() and not path.is_dir():
        _check_plain(path, path.stat().st_mode)


def _check_plain(path: Path, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        raise InputError.of("is a folder", source=str(path), remedy="name a file")
    if stat.S_ISLNK(mode):
        raise InputError.of("is a link, which is not followed", source=str(path), remedy="put the file itself there")
    kind = "a pipe" if stat.S_ISFIFO(mode) else "a socket" if stat.S_ISSOCK(mode) else "a device"
    remedy = "name a plain file, or give - and its content on standard input where a command takes that"
    raise InputError.of(f"is {kind}, not a plain file", source=str(path), remedy=remedy)


def inside(path: Path, folder: Path) -> Path:
    """Return a path that must be in a folder, links followed. Raises `InputError` where it leads out of it."""
    if not path.resolve().is_relative_to(folder.resolve()):
        remedy = "put the file itself there instead of a link"
        raise InputError.of(f"leads out of the folder {folder.name}", source=str(path), remedy=remedy)
    return path


def make_folder(path: Path, mode: int | None = None) -> None:
    """Make a folder and those above it that are missing; nothing changes for those that are there.

    `mode` is that of its files: who may read these may list the folder.
    """
    if path.is_dir():
        return
    make_folder(path.parent, mode)
    setting = _setting(path.parent)
    asked = mode if mode is not None else setting
    try:
        path.mkdir(_FOLDER if asked is None else _folder_mode(asked))
    except FileExistsError:
        return
    if asked is not None and (mode is not None or not _has_acl(path)):
        path.chmod(stat.S_IMODE(path.stat().st_mode) | _folder_mode(asked))


def _folder_mode(mode: int) -> int:
    """Return the mode of a folder whose files have this mode."""
    return _FOLDER | mode | (mode & 0o444) >> 2


def _setting(folder: Path) -> int | None:
    """Return the mode that a folder's own setting gives to new files; None where it has none."""
    about = folder.stat().st_mode
    if _has_acl(folder):
        return 0o666  # of which the system takes what the list does not grant
    return _FILE | about & 0o060 if about & stat.S_ISGID else None


def _has_acl(folder: Path) -> bool:
    try:
        return bool(os.getxattr(folder, _ACL))
    except (OSError, AttributeError):
        return False


def create(path: Path, mode: int | None = None) -> int:
    """Make a file that was not there, with the rights of a new one, and return it open. Raises `OSError`."""
    asked = _setting(path.parent) if mode is None else mode
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_FOLLOW, _FILE if asked is None else asked)
    if asked is not None and (mode is not None or not _has_acl(path.parent)):
        os.fchmod(file, asked)  # gives back what the umask took, while the file is empty
    return file


def open_own(path: Path, mode: int | None = None, *, flags: int = 0) -> int:
    """Open a file of the program's own for reading and writing, made where it is missing; no link is followed.

    Raises `InputError` for what is not a plain file of one name, `OSError` where it cannot be opened.
    """
    while True:
        try:
            _check_plain(path, path.lstat().st_mode)
            file = os.open(path, os.O_RDWR | _NO_WAITING | _NO_FOLLOW | flags)
        except FileNotFoundError:
            with contextlib.suppress(FileExistsError):  # another process made it meanwhile
                os.close(create(path, mode))
            continue
        about = os.fstat(file)
        if about.st_nlink > 1:
            os.close(file)
            remedy = "remove that name, or this file"
            message = "has a second name (a hard link), which would be written over as well"
            raise InputError.of(message, source=str(path), remedy=remedy)
        return file


class Pending:
    """A file that is not in its place yet. At the end of a `with` it is removed, unless it was placed.

    `mode` is for the file of which it is a copy, or which it is going to replace.
    """

    def __init__(self, path: Path, mode: int | None = None) -> None:
        self._path: Path | None = path
        self._file = create(path, mode)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        os.close(self._file)
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()

    def write(self, data: bytes) -> None:
        """Add bytes."""
        write_all(self._file, data)

    def start_sync(self) -> None:
        """Have the disk begin to write, where the system can: what waits for it later waits less."""
        with contextlib.suppress(AttributeError, OSError):
            os.posix_fadvise(self._file, 0, 0, os.POSIX_FADV_DONTNEED)

    def sync(self) -> None:
        """Wait until the bytes are on the disk."""
        os.fsync(self._file)

    def place(self, target: Path, *, replace: bool) -> None:
        """Move the file to its place. Raises `FileExistsError` where one is and `replace` is not asked for."""
        assert self._path is not None
        if replace:
            self._path.replace(target)
            self._path = None
            return
        try:
            target.hardlink_to(self._path)  # unlike a rename, never takes the place of another
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            if target.is_symlink() or target.exists():
                raise FileExistsError from None
            self._path.replace(target)
            self._path = None


def write_all(file: int, data: bytes) -> None:
    """Write bytes to an open file, however many the system takes at a time."""
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def mode_of(path: Path) -> int | None:
    """Return who may read and write a file; None where there is none."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        return None


def sync_folder(path: Path) -> None:
    """Wait until a folder's entries are on the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def lock_file(file: int, *, shared: bool) -> bool:
    """Lock a file without waiting; the system takes the lock back when the process ends. Return whether it is held."""
    module: Any
    try:
        import fcntl as module
    except ImportError:
        message = "batches need the file locks of Unix, which this system lacks"
        raise EngineError.of(message, remedy="run them on Linux or macOS") from None
    try:
        module.flock(file, (module.LOCK_SH if shared else module.LOCK_EX) | module.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def claimed(path: Path, mode: int | None = None) -> Iterator[BinaryIO]:
    """Open an empty file of a fixed name that this process alone writes; it is removed unless it was moved meanwhile.

    Raises `BlockingIOError` where another process writes it.
    """
    make_folder(path.parent, mode)
    while True:
        file = os.fdopen(open_own(path, mode), "r+b")
        if not lock_file(file.fileno(), shared=False):
            file.close()
            raise BlockingIOError
        if _is_at(file, path):
            break
        file.close()  # it was moved between opening and locking
    file.truncate(0)
    if mode is not None:
        path.chmod(mode)
    try:
        yield file
    finally:
        if _is_at(file, path):
            path.unlink()
        with contextlib.suppress(OSError):  # of what could not be written; what was, was flushed before
            file.close()


def _is_at(file: BinaryIO, path: Path) -> bool:
    """Return whether a path names this very file."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def same(one: Path, other: Path) -> bool:
    """Return whether two files are there and hold the same bytes."""
    if not (one.exists() and other.exists()) or one.stat().st_size != other.stat().st_size:
        return False
    with opened(one) as left, opened(other) as right:
        while piece := left.read(1 << 20):
            if piece != right.read(1 << 20):
                return False
    return True


def _holds(path: Path, data: bytes) -> bool:
    """Return whether a file holds these bytes; it is read only where it has as many."""
    return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data
