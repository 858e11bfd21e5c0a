"""A process that has loaded the program, waits, and copies itself when a run is asked for.

A copy has streams, signals, limits and a directory of its own, as a program has that a user starts,
without the time that Python needs to start. The process of the tests itself is never copied: it may
have threads, and it is large.

`python -m tests.forkserver SOCKET` is the server; it ends with its stdin. Tests ask it
by `Running`, shells by tests/shelltdr.py. What the variable TDR_TESTS_SHIPPED names is what comes
with the program then.
"""

from __future__ import annotations

import marshal
import os
import pickle
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial


class Running:
    """A run that the server was asked for."""

    def __init__(
        self,
        server: str,
        argv: Sequence[str],
        streams: Sequence[int],
        env: Mapping[str, str],
        cwd: str,
        before: Sequence[Callable[[], object]] = (),
    ) -> None:
        """Start it with these descriptors as stdin, stdout and stderr.

        The copy calls `before` as its last act before it is the program: it can close streams,
        set limits or become another user.
        """
        acts = pickle.dumps(list(before)) if before else b""
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(server)
        socket.send_fds(self._socket, [b"3"], list(streams))
        self._socket.sendall(marshal.dumps((list(argv), dict(env), cwd, acts)))
        self._answers = self._socket.makefile("r")
        self.pid = int(self._answers.readline())

    def wait(self) -> int:
        """Its exit code; a signal that killed it is a negative one, as in subprocess."""
        with self._socket, self._answers:
            self._socket.shutdown(socket.SHUT_WR)
            return int(self._answers.readline())


def serve(name: str) -> None:
    """Answer until stdin ends, which is when the tests do."""
    import gc
    import selectors

    with socket.socket(socket.AF_UNIX) as listening, selectors.DefaultSelector() as events:
        listening.bind(name)
        listening.listen(64)
        _load_what_commands_load()
        gc.collect()
        gc.freeze()
        gc.disable()
        os.write(1, b"ready\n")
        happened = partial(events.register, events=selectors.EVENT_READ)
        happened(0, data=None)
        happened(listening, data=None)
        while ready := {key.fd: key for key, _ in events.select()}:
            if 0 in ready:
                break
            for key in ready.values():
                if key.fileobj is listening:
                    connection, _ = listening.accept()
                    happened(connection, data=(connection, _start(connection)))
                    continue
                connection, pid = key.data
                events.unregister(key.fileobj)
                if key.fileobj is connection:  # somebody waits: until then it can be sent signals
                    happened(os.pidfd_open(pid), data=key.data)  # of Linux, as /dev/full is
                    continue
                os.close(key.fd)
                with connection, suppress(BrokenPipeError):
                    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                    connection.sendall(f"{code}\n".encode())
    with suppress(ChildProcessError):
        while True:
            os.wait()


def _load_what_commands_load() -> None:
    """Load it once and not in every copy."""
    from pathlib import Path

    from tdr.cli.boundary import main

    evidence = str(Path(__file__).parent / "data" / "minimal")
    streams = [os.dup(descriptor) for descriptor in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    for argv in (
        ["list", "-o", "table"], ["search", "x"], ["check", evidence], ["stats", "-o", "json"],
        ["matrix"], ["fmt", "--check"], ["--help"], ["--version"], ["cite"], ["refs"], ["steps"],
        ["show", "che-001", "-o", "table"], ["sql"],
    ):  # fmt: skip
        main(["--no-cache", "--evidence", evidence, *argv])  # a test may count index files
    for descriptor, stream in zip((1, 2), streams, strict=True):
        os.dup2(stream, descriptor)
        os.close(stream)
    os.close(nowhere)


def _start(connection: socket.socket) -> int:
    """Start the program in a copy of this process, and tell its number."""
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    with connection.makefile("rb") as request:
        argv, env, cwd, acts = marshal.load(request)
    # Until it is the program, whose first lines see to signals, the copy takes none.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    pid = os.fork()
    if pid == 0:
        _be_the_program(argv, env, cwd, acts, streams)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    for stream in streams:
        os.close(stream)
    with suppress(BrokenPipeError):
        connection.sendall(f"{pid}\n".encode())
    return pid


def _ship(evidence: str) -> None:
    """Let this evidence be what comes with the program: there may be less of it to read."""
    from pathlib import Path

    from tdr.read import files

    files.shipped_path = lambda: Path(evidence)


def _be_the_program(
    argv: list[str],
    env: dict[str, str],
    cwd: str,
    acts: bytes,
    streams: list[int],
) -> None:
    import io
    import traceback

    try:
        # What Python itself does at its start:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        os.environ.clear()
        os.environ.update(env)
        os.chdir(cwd)
        for descriptor, stream in enumerate(streams):
            os.dup2(stream, descriptor)
        os.closerange(3, 1024)
        sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False))
        sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), "utf-8")
        for act in pickle.loads(acts) if acts else ():
            act()
        if comes := env.get("TDR_TESTS_SHIPPED"):
            _ship(comes)
        sys.modules.pop("tdr.__main__", None)
        from tdr.__main__ import run  # its first lines put signals and streams in order

        signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())
        sys.argv = ["tdr", *argv]
        run()
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(99)


if __name__ == "__main__":
    serve(sys.argv[1])
