"""A process that has the program imported and forks a child that runs it, again and again.

Starting an interpreter takes longer than a sync. What is forked here is a process of its own,
with its own sockets, files and locks, that runs the program's entry point on a command line, and
dies like any other.

One request a line on standard input, as JSON: ``argv`` and ``out`` (a file for all output). The
answers: ``pid N`` when the child runs, ``end CODE`` when it ended (negative: by that signal). It
is buried only when the next line comes: until then nobody else can have its number.
"""

import gc
import json
import os
import sys

from adapters import registry
from sync.cli import main


def become(request: dict) -> None:
    """Turn this process into the program; does not return."""
    out = os.open(request["out"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.argv = ["followthrough", *request["argv"]]
    code = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def serve() -> None:
    """Until standard input ends."""
    # What a command imports only when it is run, children would import again and again.
    for name in ("alembic.command", "sqlalchemy.dialects.sqlite", "alembic.runtime.migration"):
        __import__(name)
    registry.installed()
    gc.collect()
    gc.freeze()
    requests, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.dup(1)
    os.write(answers, b"ready\n")
    while line := requests.readline():
        pid = os.fork()
        if pid == 0:
            os.close(answers)
            try:
                become(json.loads(line))
            finally:
                os._exit(70)
        os.write(answers, f"pid {pid}\n".encode())
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        os.write(answers, b"ended\n")
        requests.readline()
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.write(answers, f"end {code}\n".encode())


if __name__ == "__main__":
    serve()
