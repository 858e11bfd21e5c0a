"""A file that is written is the old one or the new one at every moment."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tdr.edit import lock as locks
from tdr.edit.atomic import EditedFile, editing, write_file, write_together
from tdr.edit.document import YamlFile
from tdr.model.errors import TdrError
from tdr.read.system import machine

OLD, NEW = b"old\n", b"new content\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "chemo.yaml"
    path.write_bytes(OLD)
    return path


def strangers(path: Path) -> list[str]:
    """What else lies in the directory."""
    return sorted(entry.name for entry in path.parent.iterdir() if entry.name != path.name)


def test_the_new_content_replaces_the_old_and_nothing_is_left_behind(file: Path) -> None:
    assert write_file(file, NEW, expected=OLD)
    assert file.read_bytes() == NEW
    assert strangers(file) == []


def test_writing_what_is_there_already_touches_nothing(file: Path) -> None:
    before = os.stat(file)
    assert not write_file(file, OLD, expected=OLD)
    after = os.stat(file)
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("mode", [0o664, 0o600, 0o640, 0o755])
def test_mode_and_owner_are_kept(file: Path, mode: int) -> None:
    os.chmod(file, mode)
    if os.geteuid() == 0:
        os.chown(file, 1234, 2345)
    before = os.stat(file)
    write_file(file, NEW, expected=OLD)
    after = os.stat(file)
    assert stat.S_IMODE(after.st_mode) == mode
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)


def test_a_symbolic_link_is_written_through(file: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.yaml"
    link.symlink_to(Path("..") / file.name)
    write_file(link, NEW, expected=OLD)
    assert link.is_symlink()
    assert os.readlink(link) == os.path.join("..", file.name)
    assert file.read_bytes() == NEW


@pytest.mark.parametrize(
    ("target", "reason"), [("nowhere", "No such file"), ("link.yaml", "symbolic links")]
)
def test_a_broken_or_endless_link_is_refused(tmp_path: Path, target: str, reason: str) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(target)
    with pytest.raises(TdrError, match=reason):
        write_file(link, NEW, expected=OLD)
    assert link.is_symlink()


def test_a_hard_linked_file_is_refused_unless_forced(file: Path, tmp_path: Path) -> None:
    os.link(file, tmp_path / "other")
    with pytest.raises(TdrError, match="hard links"):
        write_file(file, NEW, expected=OLD)
    assert file.read_bytes() == OLD
    write_file(file, NEW, expected=OLD, force=True)
    assert (file.read_bytes(), (tmp_path / "other").read_bytes()) == (NEW, OLD)


def test_a_write_protected_file_is_refused_unless_forced(file: Path) -> None:
    os.chmod(file, 0o444)
    with pytest.raises(TdrError, match="write-protected"):
        write_file(file, NEW, expected=OLD)
    assert file.read_bytes() == OLD
    write_file(file, NEW, expected=OLD, force=True)
    assert file.read_bytes() == NEW
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o444


def test_content_that_changed_since_it_was_read_is_not_overwritten(file: Path) -> None:
    with pytest.raises(TdrError, match=r"changed by something else.*: run it again"):
        write_file(file, NEW, expected=b"what was read\n")
    assert file.read_bytes() == OLD


def test_a_change_at_the_last_moment_is_not_overwritten(file: Path) -> None:
    with editing(file) as held:
        file.write_bytes(b"an editor saved\n")
        with pytest.raises(TdrError, match="changed by something else"):
            held.replace(NEW)
    assert file.read_bytes() == b"an editor saved\n"
    assert strangers(file) == []


def test_a_missing_file_is_created_only_on_request(tmp_path: Path) -> None:
    path = tmp_path / "radio.yaml"
    with pytest.raises(TdrError, match="No such file"), editing(path):
        pass
    with editing(path, create=True) as held:
        assert held.data == b""
        held.replace(NEW)
    assert path.read_bytes() == NEW
    assert strangers(path) == []
    assert os.stat(path).st_nlink == 1


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "radio.yaml"
    with editing(path, create=True) as held:
        path.write_bytes(OLD)
        with pytest.raises(TdrError, match="changed by something else"):
            held.replace(NEW)
    assert path.read_bytes() == OLD


SYSTEM_CALLS = ("open", "write", "fchmod", "fsync", "close", "replace")


@pytest.mark.parametrize("call", SYSTEM_CALLS)
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EFBIG])
def test_a_failing_system_call_leaves_the_old_or_the_new_file(
    file: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    real = getattr(os, call)
    count = 0
    while True:  # fail at the first use, then at the second, ...: until all of them succeed
        count += 1
        seen = 0

        def failing(*args: Any, count: int = count, **kwargs: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen == count:
                if call == "close":
                    real(*args)  # close() reports late errors, but it closes
                raise OSError(code, os.strerror(code))
            return real(*args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(os, call, failing)
            try:
                write_file(file, NEW, expected=OLD)
                failed = False
            except TdrError:
                failed = True
        assert file.read_bytes() in ((OLD, NEW) if failed else (NEW,))
        assert strangers(file) == []
        if seen < count:
            break
        file.write_bytes(OLD)
    assert count > 1


def test_short_writes_are_continued(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, bytes(data)[:3]))
    write_file(file, NEW, expected=OLD)
    assert file.read_bytes() == NEW


def test_the_content_is_on_the_disk_before_it_takes_its_place(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    for name in ("write", "fchmod", "fsync", "replace"):
        real = getattr(os, name)

        def noted(*args: Any, name: str = name, real: Any = real) -> Any:
            order.append(name)
            return real(*args)

        monkeypatch.setattr(os, name, noted)
    write_file(file, NEW, expected=OLD)
    lock, *order = order
    assert lock == "write"
    assert order == ["write", "fchmod", "fsync", "replace", "fsync"]


def test_a_second_writer_waits_for_the_first(file: Path) -> None:
    done: list[str] = []

    def second() -> None:
        with editing(file) as held:
            done.append("second")
            held.replace(held.data + b"2\n")

    with editing(file) as held:
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.1)
        done.append("first")
        held.replace(b"1\n")
    thread.join()
    assert done == ["first", "second"]
    assert file.read_bytes() == b"1\n2\n"


def test_a_lock_that_stays_taken_is_reported(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_TIMEOUT", 0.05)
    lock = file.parent / f".tdr-{file.name}.lock"
    lock.touch()
    with pytest.raises(TdrError, match="if that was killed on another machine"):
        write_file(file, NEW, expected=OLD)
    assert file.read_bytes() == OLD
    assert lock.exists()


def test_a_lock_left_behind_is_cleared_after_a_minute(file: Path) -> None:
    lock = file.parent / f".tdr-{file.name}.lock"
    lock.touch()
    os.utime(lock, (time.time() - 61,) * 2)
    write_file(file, NEW, expected=OLD)
    assert file.read_bytes() == NEW
    assert strangers(file) == []


def test_a_lock_whose_process_of_this_machine_has_ended_is_cleared_at_once(file: Path) -> None:
    lock = file.parent / f".tdr-{file.name}.lock"
    lock.write_text(f"{machine()}-{2**22 + 1}")  # no process has a number as high
    write_file(file, NEW, expected=OLD)
    assert file.read_bytes() == NEW
    assert strangers(file) == []


def test_of_several_files_all_are_written_or_none(file: Path) -> None:
    second, new = file.with_name("radio.yaml"), file.with_name("targeted.yaml")
    second.write_bytes(OLD)
    written = YamlFile(NEW, "e/radio.yaml")
    changes = [(new, b"", written), (file, OLD, written), (second, OLD, written)]
    real = EditedFile.prepared

    def meanwhile(held: EditedFile, data: bytes) -> Any:
        if held.target == second:
            second.write_bytes(b"an editor saved\n")
        return real(held, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EditedFile, "prepared", meanwhile)
        with pytest.raises(TdrError, match="changed by something else"):
            write_together(changes)
    assert (file.read_bytes(), new.exists()) == (OLD, False)
    second.write_bytes(OLD)
    write_together(changes)
    assert {path.read_bytes() for path in (file, second, new)} == {NEW}
    assert strangers(file) == [second.name, new.name]


def test_temporary_files_left_behind_are_removed_after_an_hour(file: Path) -> None:
    old, young = file.parent / ".tdr-0.tmp", file.parent / ".tdr-1.tmp"
    for path, age in ((old, 3700), (young, 60)):
        path.touch()
        os.utime(path, (time.time() - age,) * 2)
    write_file(file, NEW, expected=OLD)
    assert strangers(file) == [".tdr-1.tmp"]


HOLDER = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
from pathlib import Path
from tdr.edit.atomic import editing
import tdr.edit.atomic, os, time
slow = os.fsync
def fsync(descriptor):
    print("syncing", flush=True)
    time.sleep(0.3)
    slow(descriptor)
os.fsync = fsync
with editing(Path(sys.argv[1])) as file:
    file.replace(b"new content\\n")
    time.sleep(10)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_writing_ends_the_process_and_leaves_nothing_behind(
    file: Path, number: int
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(number)
    _, errors = process.communicate()
    assert process.returncode == -number
    assert errors == b""
    assert file.read_bytes() in (OLD, NEW)
    assert strangers(file) == []


def test_a_signal_that_the_parent_ignores_stays_ignored(file: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with editing(file) as held:
            os.kill(os.getpid(), signal.SIGHUP)
            held.replace(NEW)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert file.read_bytes() == NEW


def test_handlers_are_put_back(file: Path) -> None:
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    write_file(file, NEW, expected=OLD)
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == before
