"""What shells call `tdr` in tests: `python -IS tests/shelltdr.py SOCKET ARGUMENT...`.

It asks the server of copies (tests/forkserver.py) for a run and ends as that does. The suite starts
hundreds of it, so it imports what is built into Python: `socket` and `pickle` take twice the time
that all the rest does.
"""

from __future__ import annotations

import _signal
import _socket
import marshal
import os
import sys

server, *argv = sys.argv[1:]
asked = _socket.socket(_socket.AF_UNIX)
asked.connect(server)
streams = b"".join(descriptor.to_bytes(4, sys.byteorder) for descriptor in (0, 1, 2))
asked.sendmsg([b"3"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
asked.sendall(marshal.dumps((argv, dict(os.environ), os.getcwd(), b"")))
asked.shutdown(_socket.SHUT_WR)
answer = b""
while more := asked.recv(64):
    answer += more
_, code = map(int, answer.split())
if code < 0:
    _signal.signal(-code, _signal.SIG_DFL)
    os.kill(os.getpid(), -code)
os._exit(code)
