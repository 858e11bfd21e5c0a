"""The program's first moments: signals and streams are put in order before anything is imported.

Run with `tdr`, or `python -P -m tdr` (without `-P` Python would import modules from
the current directory, which may be somebody else's).
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys


def _die_of_signals() -> None:
    """Let Ctrl-C and a closed pipe end the process as the system does for any other tool.

    A signal that the parent had ignored (nohup, a background job) stays ignored.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def _occupy_standard_streams() -> frozenset[int]:
    """Open /dev/null in place of closed standard streams, so that no file of ours becomes one.

    Returns the descriptors that were closed.
    """
    closed = set()
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            closed.add(descriptor)
            os.open(os.devnull, os.O_RDWR)
    return frozenset(closed)


# Starting makes a hundred thousand objects and no garbage; looking through them again and
# again would take a tenth of a short command's time.
gc.set_threshold(100_000)
_die_of_signals()
_CLOSED = _occupy_standard_streams()


def run() -> None:
    """Run the command line and end the process with its exit code."""
    from tdr.cli.boundary import main  # after signals and streams are in order

    code = main(sys.argv[1:], closed=_CLOSED)
    # All output is written and checked by now. Leaving without the interpreter's own
    # clean-up saves a tenth of a short command's time, and cannot fail any more; what
    # was registered to be done at the end is done.
    atexit._run_exitfuncs()
    os._exit(code)


if __name__ == "__main__":
    run()
